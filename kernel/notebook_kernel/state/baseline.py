"""What the user's code made of what its server gave it: environment variables, module search path, working directory.

Servers differ in these, and hold secrets in them. So no replica is told what another server has: it is told what the
user's code has *edited* since the kernel was made, and applies that to what it has itself. An edit stays one when it
happens to agree with what some server has: the next executor may be another.
"""

import os
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

from .search_path import NO_EDITS, PathEdits, edited, edits_of

# What the platform sets itself, for each cell, on each server.
_NOT_OURS = frozenset({"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "JPY_PARENT_PID", "JPY_SESSION_NAME"})


class Variables:
    """Environment variables: by name the value that the user's code has set, None where it has deleted one."""

    def __init__(self, shell: Any) -> None:
        self._baseline = dict(os.environ)
        self._read: Any = None
        self._edits: Dict[str, Optional[str]] = {}

    def read(self, shell: Any) -> Dict[str, Optional[str]]:
        """The edits so far."""
        before, self._read = self._read, _variables()
        if self._read != before:
            now = dict(os.environ)
            for name in {*now, *self._baseline, *self._edits} - _NOT_OURS:
                if name in self._edits or now.get(name) != self._baseline.get(name):
                    self._edits[name] = now.get(name)
        return dict(self._edits)

    def write(self, shell: Any, edits: Dict[str, Optional[str]]) -> None:
        """Applies edits. A variable that is no longer edited gets back what this server had."""
        before, self._edits = self._edits, dict(edits)
        self._read = None
        for name in (*before, *edits):
            value = edits[name] if name in edits else self._baseline.get(name)
            if value is None:
                os.environ.pop(name, None)
            elif os.environ.get(name) != value:
                os.environ[name] = value


class SearchPath:
    """``sys.path``. The server's own entries stay, unless the user's code has removed them by name."""

    def __init__(self, shell: Any) -> None:
        self._baseline = self._result = _path()
        self._edits = NO_EDITS

    def read(self, shell: Any) -> List[Any]:
        """The edits so far, as JSON has it."""
        now = _path()
        if now != self._result:
            self._edits, self._result = edits_of(self._baseline, now, self._edits), now
        removed, order, added, is_reordered = self._edits
        return [removed, order, list(map(list, added)), is_reordered]

    def write(self, shell: Any, edits: List[Any]) -> None:
        """Applies edits."""
        removed, order, added, is_reordered = edits
        self._edits = PathEdits(removed, order, list(map(tuple, added)), is_reordered)
        self._result = edited(self._baseline, self._edits)
        if _path() != self._result:  # equal entries of the user's own kinds of string are left alone
            sys.path[:] = self._result


class WorkingDirectory:
    """The working directory; empty where the user's code is where it began."""

    def __init__(self, shell: Any) -> None:
        self._baseline = self._result = _directory()
        self._edit = ""

    def read(self, shell: Any) -> Optional[str]:
        """The directory to which the user's code has gone; None when it is gone."""
        now = _directory()
        if now is not None and now != self._result:
            self._edit, self._result = "" if now == self._baseline else now, now
        return self._edit if now is not None else None

    def write(self, shell: Any, edit: str) -> None:
        """Goes there. Raises OSError where this server has no such directory: it is not forgotten for that."""
        self._edit = edit
        try:
            os.chdir(edit or self._baseline or ".")
        finally:
            self._result = _directory()


class VisitedDirectories:
    """``_dh``, in which IPython notes the directories: how many of the first ones are as they were, and the others."""

    def __init__(self, shell: Any) -> None:
        self._baseline = _visited(shell)

    def read(self, shell: Any) -> List[Any]:
        """The edits so far."""
        now = _visited(shell)
        kept = 0
        while kept < min(len(now), len(self._baseline)) and now[kept] == self._baseline[kept]:
            kept += 1
        return [kept, now[kept:]]

    def write(self, shell: Any, edits: List[Any]) -> None:
        """Applies edits."""
        kept, others = edits
        shell.user_ns["_dh"][:] = [Path(d) for d in (*self._baseline[:kept], *others)]


def _variables() -> Dict[Any, Any]:
    """Only to be compared: undecoded where ``os`` has them so, which costs a hundredth."""
    return dict(getattr(os.environ, "_data", os.environ))


def _path() -> List[str]:
    return list(map(str, sys.path))


def _directory() -> Optional[str]:
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return None


def _visited(shell: Any) -> List[str]:
    return list(map(str, shell.user_ns.get("_dh") or []))
