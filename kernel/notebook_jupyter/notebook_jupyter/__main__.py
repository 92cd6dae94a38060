"""What a program runs that takes our kernelspec for one of a local kernel: it says so, and what to do instead."""

import sys

sys.exit(
    "This kernelspec starts kernels on the notebook platform, through a kernel provisioner of jupyter_client 7 or later. "
    "This program ran its command instead, as for a kernel of this machine. "
    "Use './notebook connect --start' and give the program the connection file that it writes."
)
