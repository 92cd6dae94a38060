"""The definitions that executor and standbys know by number: functions, classes, closure cells, foreign namespaces.

A value never holds a copy of a definition. It refers to it by number, so that an instance shipped in a late cell is an
instance of the class shipped in an early one, and a function's globals are the live namespace. A definition that
changes is changed in place on every server.

While a process executes, the book must not keep a definition alive that the user has dropped: functions and classes
are held weakly, cells and namespaces are found through a living function that has them. A standby holds all strongly
until the executor says that they are gone.
"""

import sys
import weakref
from types import FunctionType
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

FUNCTION, CLASS, CELL, NAMESPACE = "function", "class", "cell", "namespace"


class Entry:
    """One definition. Cells and namespaces have holders: functions, by number, and how to get at it from there."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.strong: Any = None
        self.weak: Optional["weakref.ref[Any]"] = None
        self.address = 0
        self.holders: Dict[int, int] = {}  # function's number -> index in its closure (-1: its globals)
        self.holds: List[int] = []  # of a function: the cells and the namespace that are found through it


class Book:
    """Numbers for definitions, and definitions for numbers."""

    def __init__(self, user_ns: Dict[str, Any]) -> None:
        self.user_ns = user_ns
        self.next_number = 1
        self.finalizers: Dict[int, Any] = {}  # of classes, held back in a standby
        self._entries: Dict[int, Entry] = {}
        self._number_by_address: Dict[int, int] = {}
        self._classes: Set[int] = set()
        self._dead: List[int] = []

    def __contains__(self, number: int) -> bool:
        return number in self._entries

    def numbers(self) -> Iterator[int]:
        """All that are alive, in the order of their creation: a base comes before what is derived from it."""
        return iter(sorted(n for n in self._entries if self.get(n) is not None))

    def kind(self, number: int) -> str:
        """One of the four."""
        return self._entries[number].kind

    def get(self, number: int) -> Any:
        """The definition, None when it is gone."""
        entry = self._entries.get(number)
        if entry is None:
            return None
        if entry.strong is not None:
            return entry.strong
        if entry.weak is not None:
            return entry.weak()
        for holder, index in entry.holders.items():
            function = self.get(holder)
            if function is not None:
                return function.__globals__ if index < 0 else function.__closure__[index]
        return None

    def number_of(self, definition: Any) -> Optional[int]:
        """Its number if it has one."""
        number = self._number_by_address.get(id(definition))
        return number if number is not None and self.get(number) is definition else None

    def register(self, definition: Any, kind: str) -> int:
        """Its number, a new one if need be; also for what it is made of."""
        number = self.number_of(definition)
        if number is not None:
            return number
        if kind == CLASS:
            for part in (*definition.__bases__, type(definition)):
                if not importable(part):
                    self.register(part, CLASS)
            number = self.number_of(definition)
            if number is not None:
                return number
        number = self._take_number()
        entry = self._entries[number] = Entry(kind)
        if kind == CLASS:
            self._classes.add(number)
        self._hold_weakly(number, entry, definition)
        return number

    def adopt(self, number: int, kind: str, definition: Any) -> None:
        """In a standby: the executor's number for what was made here."""
        entry = self._entries[number] = Entry(kind)
        if kind == CLASS:
            self._classes.add(number)
        entry.strong = definition
        entry.address = id(definition)
        self._number_by_address[id(definition)] = number
        self.next_number = max(self.next_number, number + 1)

    def drop(self, number: int) -> None:
        """In a standby: the executor has no use for it any more."""
        entry = self._entries.pop(number, None)
        self._classes.discard(number)
        self.finalizers.pop(number, None)
        if entry is not None and entry.strong is not None:
            self._number_by_address.pop(id(entry.strong), None)

    def loosen(self) -> None:
        """A standby becomes the executor: from now on only the user's names keep definitions alive."""
        for number, finalizer in self.finalizers.items():
            if self.get(number) is not None:
                type.__setattr__(self.get(number), "__del__", finalizer)
        self.finalizers.clear()
        held = [(number, entry) for number, entry in self._entries.items() if entry.strong is not None]
        for number, entry in held:
            if entry.kind in (FUNCTION, CLASS):
                self._hold_weakly(number, entry, entry.strong)
        for number, entry in held:
            if not entry.holders and entry.weak is None:
                self._dead.append(number)
            entry.strong = None

    def classes_with_finalizers(self) -> List[Any]:
        """Their code runs without being called."""
        classes = [self.get(number) for number in sorted(self._classes)]
        return [c for c in classes if c is not None and "__del__" in c.__dict__]

    def take_dead(self) -> List[int]:
        """The numbers of what is gone since the last call."""
        gone: List[int] = []
        while self._dead:
            number = self._dead.pop()
            entry = self._entries.pop(number, None)
            self._classes.discard(number)
            if entry is None:
                continue
            gone.append(number)
            if self._number_by_address.get(entry.address) == number:
                del self._number_by_address[entry.address]
            for held in entry.holds:
                other = self._entries.get(held)
                if other is not None:
                    other.holders.pop(number, None)
                    if not other.holders and other.strong is None:
                        self._dead.append(held)
        return gone

    def cells(self, function: FunctionType) -> Tuple[int, ...]:
        """The numbers of a registered function's closure cells."""
        return tuple(self._number_by_address[id(cell)] for cell in function.__closure__ or ())

    def globals_of(self, function: FunctionType) -> Any:
        """Where a function finds its globals: None for the user's namespace, a module's name, or a number."""
        namespace = function.__globals__
        if namespace is self.user_ns:
            return None
        return _module_of(namespace) or self._number_by_address[id(namespace)]

    def _take_number(self) -> int:
        self.next_number += 1
        return self.next_number - 1

    def _hold_weakly(self, number: int, entry: Entry, definition: Any) -> None:
        self._number_by_address[id(definition)] = number
        entry.address = id(definition)
        entry.holds.clear()
        if entry.kind in (FUNCTION, CLASS):
            dead = self._dead
            entry.weak = weakref.ref(definition, lambda _: dead.append(number))
        if entry.kind != FUNCTION:
            return
        parts: List[Tuple[Any, str, int]] = [(c, CELL, i) for i, c in enumerate(definition.__closure__ or ())]
        namespace = definition.__globals__
        if namespace is not self.user_ns and _module_of(namespace) is None:
            parts.append((namespace, NAMESPACE, -1))
        for part, kind, index in parts:
            held = self.number_of(part)
            if held is None:
                held = self._take_number()
                self._entries[held] = Entry(kind)
                self._number_by_address[id(part)] = held
            other = self._entries[held]
            other.address = id(part)
            other.holders[number] = index
            entry.holds.append(held)


def _module_of(namespace: Dict[str, Any]) -> Optional[str]:
    """The name of the module whose namespace it is, if it is one's."""
    name = namespace.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) and name != "__main__" else None
    return name if module is not None and getattr(module, "__dict__", None) is namespace else None


def importable(definition: Any) -> bool:
    """Whether a function or class can be had by importing its module: then it travels as that name."""
    try:
        module_name, path = definition.__module__, definition.__qualname__
        if module_name == "__main__" or not isinstance(module_name, str):
            return False
        found: Any = sys.modules.get(module_name)
        for part in path.split("."):
            found = getattr(found, part)
        return found is definition
    except Exception:  # a metaclass of the user's may raise anything: then it is certainly not importable
        return False

