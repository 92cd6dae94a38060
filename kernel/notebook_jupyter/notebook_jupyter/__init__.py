"""Kernels of the notebook platform in a Jupyter server of one's own.

- ``provisioner``: a kernel provisioner of jupyter_client, with which a kernelspec starts its kernels on the platform.
- ``address``: where the platform is, and the token to show it.
- ``rest``: its REST calls, with the standard library alone.
- ``server``: a plug-in for Jupyter Server 2 that uses the platform by ``--gateway-url``; ``gateway_socket`` is what it does.
"""
