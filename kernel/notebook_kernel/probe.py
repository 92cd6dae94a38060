"""Says what this Python is, as one line of JSON: the agent asks every Python before it uses it.

Runs as a script and imports nothing that may be missing, so that a Python without ipykernel gets an answer too.
"""

import json
import os
import sys
import sysconfig
from typing import Any, Dict, List, Optional


def version_of(package: str) -> Optional[str]:
    """The installed version of a package, None when there is none."""
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def kernelspec_folders() -> List[str]:
    """Where this Python's Jupyter looks for kernelspecs, first come first served."""
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError:
        folders = [os.path.join(p, "kernels") for p in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if p]
        folders.append(os.path.expanduser("~/.local/share/jupyter/kernels"))
        prefixes = [sys.prefix, "/usr/local", "/usr"]
        return folders + [os.path.join(prefix, "share", "jupyter", "kernels") for prefix in prefixes]
    return jupyter_path("kernels")


def describe() -> Dict[str, Any]:
    """What the agent wants to know."""
    return {
        "executable": sys.executable,
        "version": sysconfig.get_python_version(),
        "supported": sys.version_info >= (3, 9),
        "ipykernel": version_of("ipykernel"),
        "kernelspec_folders": kernelspec_folders(),
    }


if __name__ == "__main__":
    print(json.dumps(describe()))
