"""Makes a waiting process the kernel of a user."""

import os
import sys
import time
import zlib
from typing import Any, Dict

from ipykernel import compiler

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
    _name_cells_after(content["session"])
    if content.get("username"):
        kernel.session.username = content["username"]


def _name_cells_after(session: str) -> None:
    """Functions say from which file they are. ipykernel names the files of cells after the process; here they have one
    name on all replicas, so that the source lines of a function are found wherever it is called or looked at."""
    directory = os.path.join(os.path.dirname(compiler.get_tmp_directory()), f"ipykernel_{zlib.crc32(session.encode())}")
    for module in (compiler, sys.modules.get("ipykernel.debugger")):  # the debugger tells its clients where cells are
        if module is not None:
            module.get_tmp_directory = lambda: directory


def _work_in(directory: str) -> None:
    before = os.getcwd()
    os.chdir(directory)
    if sys.path and sys.path[0] == before:
        sys.path[0] = os.getcwd()
