"""Makes a waiting process the kernel of a user."""

import os
import sys
import time
from typing import Any, Dict

from .state.history import number_history


def assign(kernel: Any, content: Dict[str, Any]) -> None:
    """Takes over session, environment and working directory. Raises OSError when the directory cannot be entered.

    The directory comes first: when it fails, nothing else has changed.
    """
    directory = content.get("working_directory")
    if directory:
        _work_in(os.path.expanduser(directory))
        visited = kernel.shell.user_ns["_dh"]  # as the shell of a kernel that began there has it: ``%cd -0`` leads back
        visited[:] = [type(entry)(os.getcwd()) for entry in visited[:1]]
    environment = content.get("environment") or {}
    os.environ.update(environment)
    if "TZ" in environment:
        time.tzset()
    kernel.session.session = content["session"]
    kernel.session.kernel_id = content["kernel_id"]
    number_history(kernel.shell.history_manager, content.get("incarnation", 1))
    if content.get("username"):
        kernel.session.username = content["username"]


def _work_in(directory: str) -> None:
    before = os.getcwd()
    os.chdir(directory)
    if sys.path and sys.path[0] == before:
        sys.path[0] = os.getcwd()
