"""Open comms, the widgets behind them, and what answers when a client opens one.

A kernel's comms are state like its names: each one hangs at a root of its own, and leads to its widget, that to its
observers. In another process a comm is made again under its old id, so that clients go on with it, and nobody is told.
One that cannot be made again is closed there: its clients are told.
"""

import sys
from typing import Any, Dict, Set, Tuple

from ipykernel.comm import Comm

from . import stubs
from .lost import Lost
from .pickling import FAMILIES, REDUCERS, GroupPickler

COMM, TARGET = "c", "t"  # kinds of roots: with a comm's id, with a target's name

_CONTROL = "jupyter.widget.control"  # through it a client that was loaded anew asks for all widgets
_FIELDS = ("comm_id", "primary", "target_name", "target_module", "topic", "_open_data", "_close_data", "_msg_callback",
           "_close_callback")
_MADE_ANEW = frozenset({*_FIELDS, "_closed", "kernel", "_trait_values", "_trait_notifiers", "_trait_validators",
                        "_cross_validation_lock"})


class Comms:
    """Those of one kernel process."""

    def __init__(self, shell: Any) -> None:
        self._kernel = getattr(shell, "kernel", None)
        manager = getattr(self._kernel, "comm_manager", None)
        self._comms: Dict[str, Any] = {} if manager is None else manager.comms
        self._targets: Dict[str, Any] = {} if manager is None else manager.targets
        self._brought = dict(self._targets)  # by ipykernel, in each process
        self._unusable: Set[str] = set()  # comms that could not be made again here
        if manager is not None:
            REDUCERS[type(manager)] = lambda pickler, value: _by_shell(pickler, value, "comm_manager")
            REDUCERS[type(self._kernel)] = lambda pickler, value: _by_shell(pickler, value, "kernel")
        _know_classes()

    def now(self) -> Dict[str, int]:
        """The roots that are there, each with the address of what hangs at it."""
        if not self._comms and len(self._targets) == len(self._brought):
            return {}  # the way of most kernels
        _know_classes()
        found = {COMM + name: id(comm) for name, comm in list(self._comms.items())}
        for name, target in list(self._targets.items()):
            if self._brought.get(name) is not target:
                found[TARGET + name] = id(target)
        return found

    def value(self, root: str) -> Any:
        """What hangs at a root. Raises KeyError."""
        return (self._comms if root[0] == COMM else self._targets)[root[1:]]

    def has_end(self, comm_id: Any) -> bool:
        """Whether the user's code runs when a client closes the comm."""
        return getattr(self._comms.get(comm_id), "_close_callback", None) is not None

    def title(self, root: str) -> str:
        """What a person calls it."""
        if root[0] == TARGET:
            return f"what answers comms of {root[1:]}"
        comm = self._comms.get(root[1:])
        widget = _widget_of(comm)
        return f"a {type(widget).__name__}" if widget is not None else f"a comm of {getattr(comm, 'target_name', 'a client')}"

    def put(self, root: str, value: Any) -> None:
        """In a standby: a root has another value."""
        key = root[1:]
        if root[0] == TARGET:
            if isinstance(value, Lost):
                self._targets.pop(key, None)
            else:
                self._targets[key] = value
            return
        if self._comms.get(key) is not value:
            self._release(key)
        if isinstance(value, Lost) or isinstance(value._msg_callback, Lost):
            self._unusable.add(key)
            return
        self._unusable.discard(key)
        self._comms[key] = value
        value._closed = False
        _register(value)

    def drop(self, root: str) -> None:
        """In a standby: a root is gone."""
        if root[0] == TARGET:
            self._targets.pop(root[1:], None)
        else:
            self._unusable.discard(root[1:])
            self._release(root[1:])

    def close_unusable(self) -> None:
        """The process becomes the executor: clients are told what did not come along."""
        for comm_id in sorted(self._unusable):
            self.tell_closed(comm_id)
        self._unusable.clear()

    def tell_closed(self, comm_id: str) -> None:
        """Tells clients that a comm has ended."""
        self._kernel.session.send(self._kernel.iopub_socket, "comm_close", {"comm_id": comm_id, "data": {}},
                                  parent=self._kernel.get_parent("shell"), ident=f"comm-{comm_id}".encode())

    def _release(self, comm_id: str) -> None:
        """Lets a comm go without a word: its finalizer, and its widget's, would tell clients that it is closed."""
        comm = self._comms.pop(comm_id, None)
        if comm is None:
            return
        comm._closed = True
        widget = _widget_of(comm)
        if widget is not None:
            _registry().pop(comm_id, None)
            widget._trait_values["comm"] = None


def _widget_of(comm: Any) -> Any:
    owner = getattr(getattr(comm, "_msg_callback", None), "__self__", None)
    module = sys.modules.get("ipywidgets.widgets.widget")
    return owner if module is not None and isinstance(owner, module.Widget) else None


def _registry() -> Dict[str, Any]:
    """Where ipywidgets finds a widget by its id."""
    module: Any = sys.modules["ipywidgets.widgets.widget"]
    instances = getattr(module, "_instances", None)
    return module.Widget.widgets if instances is None else instances  # before ipywidgets 8


def _register(comm: Any) -> None:
    widget = _widget_of(comm)
    if widget is not None:
        _registry()[comm.comm_id] = widget
    elif comm.target_name == _CONTROL and "ipywidgets.widgets.widget" in sys.modules:
        sys.modules["ipywidgets.widgets.widget"].Widget._control_comm = comm


_known: Set[type] = set()


def _know_classes() -> None:
    for cls in _comm_classes():
        if cls not in _known:
            _known.add(cls)
            FAMILIES.insert(0, (cls, reduce_comm))  # before the objects with traits, which some of them are


def _comm_classes() -> Tuple[type, ...]:
    base = getattr(sys.modules.get("comm.base_comm"), "BaseComm", None)
    return (Comm,) if base is None else (Comm, base)


def reduce_comm(pickler: GroupPickler, comm: Any) -> Any:
    """Of a comm, without the kernel that it is of."""
    state = {name: getattr(comm, name) for name in _FIELDS}
    state.update((name, value) for name, value in comm.__dict__.items() if name not in _MADE_ANEW)
    return new_comm, (type(comm),), state, None, None, set_comm


def new_comm(cls: Any) -> Any:
    """A comm that says nothing, not even when it is dropped."""
    comm = cls.__new__(cls)
    comm._closed = True
    return comm


def set_comm(comm: Any, state: Dict[str, Any]) -> None:
    """Fills it in."""
    for name, value in state.items():
        setattr(comm, name, value)


def _by_shell(pickler: GroupPickler, value: Any, name: str) -> Any:
    pickler.not_owners.add(id(value))
    return stubs.of_kernel, (name,)
