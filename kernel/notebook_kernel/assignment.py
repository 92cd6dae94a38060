"""Makes a waiting process the kernel of a user."""

import os
import time
from typing import Any, Dict


def assign(kernel: Any, content: Dict[str, Any]) -> None:
    """Takes over session, environment and working directory. Raises OSError when the directory cannot be entered.

    The directory comes first: when it fails, nothing else has changed. ``sys.path`` needs no care: as in any kernel
    its entry for the working directory is the empty string.
    """
    directory = content.get("working_directory")
    if directory:
        os.chdir(os.path.expanduser(directory))
    environment = content.get("environment") or {}
    os.environ.update(environment)
    if "TZ" in environment:
        time.tzset()
    kernel.session.session = content["session"]
    if content.get("username"):
        kernel.session.username = content["username"]
