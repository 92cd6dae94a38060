"""Pickles a group of values with pickle 5: definitions by number, large memory beside the stream, and notes on what it met.

It first lets the C pickler do nearly everything. Only when that fails is the group pickled again *with care*: every
object's own reduction is tried here, and one that fails, whatever it raises, is replaced by a placeholder.
"""

import copyreg
import io
import pickle
import sys
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set, Tuple

from . import stubs
from .blocks import THRESHOLD
from .book import CLASS, FUNCTION, Book, importable
from .lost import Lost, describe

Reducer = Callable[["GroupPickler", Any], Any]
# Sharing one of these is no aliasing: nobody can tell two equal ones from one, or they travel by name or number.
_NO_OWNERS: Set[type] = {
    str, bytes, int, float, complex, bool, type(None), tuple, frozenset, range, slice, type(Ellipsis),
    FunctionType, type, ModuleType, BuiltinFunctionType, CodeType,
}


class LostPart(NamedTuple):
    """What could not be pickled."""

    value: Any
    reason: str


class GroupPickler(pickle.Pickler):
    """One pass over one group."""

    def __init__(self, file: Any, book: Book, what: str, origin: str, careful: bool) -> None:
        memories: List[Tuple[memoryview, bool]] = []  # and whether the loader reads it in order
        # The callback must not hold the pickler: in a circle of references the memo would keep the user's values alive.
        super().__init__(file, 5, buffer_callback=lambda buffer: _keep_small(buffer, memories))
        self.book = book
        self.what = what
        self.origin = origin
        self.careful = careful
        self.memories = memories
        self.definitions: Set[int] = set()
        self.lost: List[LostPart] = []
        self.not_owners: Set[int] = set()
        self.extra_owners: Set[Any] = set()
        self.keep: List[Any] = []  # made for this pass; alive for as long as the memories are read
        self.top: Any = None
        self.storages: Dict[int, Any] = {}

    def reducer_override(self, obj: Any) -> Any:
        """Called by the C pickler for all but the plain built-in types."""
        kind = type(obj)
        reducer = REDUCERS.get(kind)
        if reducer is not None:
            return reducer(self, obj)
        if issubclass(kind, type):
            return reduce_class(self, obj)
        if issubclass(kind, Lost):
            what, reason, origin = describe(obj)
            self.lost.append(LostPart(obj, reason))
            return stubs.lost, (what, reason, origin)
        named = by_name(obj, kind)
        if named is not None:
            self.not_owners.add(id(obj))
            return named
        for family, reducer in FAMILIES:
            if issubclass(kind, family):
                reduced = reducer(self, obj)
                if reduced is not NotImplemented:
                    return reduced
        if kind.__module__ == "__main__" and isinstance(kind.__new__, FunctionType):
            return self._without_new(obj, kind)
        if _answers_for_all_names(kind):
            return self._with_plain_state(obj)
        return self._carefully(obj) if self.careful else NotImplemented

    def _without_new(self, obj: Any, kind: type) -> Any:
        reduced = self._carefully(obj)
        if isinstance(reduced, tuple) and reduced[0] is copyreg.__newobj__ and len(reduced[1]) == 1:  # type: ignore[attr-defined]
            return (stubs.bare, *reduced[1:])
        return reduced

    def _with_plain_state(self, obj: Any) -> Any:
        reduced = self._carefully(obj)
        if isinstance(reduced, tuple) and len(reduced) > 2 and reduced[2] is not None:
            return (*(*reduced, None, None)[:5], stubs.set_plain_state)
        return reduced

    def add_memory(self, memory: memoryview) -> int:
        """Large memory to travel beside the stream; returns its slot."""
        self.memories.append((memory, False))
        return len(self.memories) - 1

    def lose(self, obj: Any, reason: str) -> Any:
        """The reduction of a placeholder in the value's stead."""
        self.lost.append(LostPart(obj, reason))
        what = self.what if obj is self.top else f"a part of {self.what}"
        return stubs.lost, (what, reason, self.origin)

    def _carefully(self, obj: Any) -> Any:
        try:
            registered = copyreg.dispatch_table.get(type(obj))
            reduced = registered(obj) if registered is not None else obj.__reduce_ex__(5)
            if isinstance(reduced, str):
                return NotImplemented if _is_global(obj, reduced) else self.lose(obj, f"{reduced} is not to be found")
            return _checked(reduced)
        except RecursionError:
            raise  # it says nothing about this value: all of it is tried once more with a deep stack
        except BaseException as e:  # a reduction is the user's code, and may raise anything
            return self.lose(obj, reason_of(e))


def _answers_for_all_names(kind: type) -> bool:
    """Whether it has a ``__getattr__``, which unpickling would ask for ``__setstate__`` before there is anything to answer from."""
    return hasattr(kind, "__getattr__") and not hasattr(kind, "__setstate__") \
        and kind.__reduce_ex__ is object.__reduce_ex__ and kind.__reduce__ is object.__reduce__


def _keep_small(buffer: pickle.PickleBuffer, memories: List[Tuple[memoryview, bool]]) -> bool:
    raw = buffer.raw()
    if raw.nbytes < THRESHOLD:
        return True  # into the stream
    memories.append((raw.toreadonly(), True))
    return False


def reason_of(error: BaseException) -> str:
    """One line."""
    try:
        text = str(error)
    except BaseException:  # the user's exceptions have the user's __str__
        text = ""
    if isinstance(error, TypeError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def reduce_class(pickler: GroupPickler, cls: Any) -> Any:
    """By import where that gives the same class, by number where it was defined in the notebook."""
    pickler.not_owners.add(id(cls))  # also where its metaclass is not ``type``, as with numpy's types
    if importable(cls) or cls in (type(None), type(Ellipsis), type(NotImplemented)):
        return NotImplemented
    if not cls.__flags__ & (1 << 9):  # not made by a class statement
        return by_name(cls, type(sys.modules["types"]), "types") or pickler.lose(cls, f"cannot pickle {cls!r}")
    number = pickler.book.register(cls, CLASS)
    pickler.definitions.add(number)
    return stubs.definition, (number,)


def reduce_function(pickler: GroupPickler, function: Any) -> Any:
    """As a class."""
    if importable(function):
        return NotImplemented
    number = pickler.book.register(function, FUNCTION)
    pickler.definitions.add(number)
    pickler.not_owners.add(id(function))
    return stubs.definition, (number,)


def by_name(obj: Any, kind: type, module_name: Optional[str] = None) -> Any:
    """A reduction to the name that a library has for the value: for a sentinel it is the only one that is right."""
    module_name = module_name or kind.__module__
    if module_name in ("builtins", "__main__"):
        return None
    names = _names_in(module_name)
    name = names.get(id(obj)) if names else None
    if name is None or getattr(sys.modules.get(module_name), name, None) is not obj:
        return None
    return stubs.constant, (module_name, name)


_names_by_module: Dict[str, Tuple[int, Dict[int, str]]] = {}


def _names_in(module_name: str) -> Dict[int, str]:
    module = sys.modules.get(module_name)
    space = getattr(module, "__dict__", None)
    if space is None:
        return {}
    known = _names_by_module.get(module_name)
    if known is None or known[0] != len(space):
        known = _names_by_module[module_name] = (len(space), {id(v): k for k, v in space.items()})
    return known[1]


def _is_global(obj: Any, name: str) -> bool:
    module = getattr(obj, "__module__", None)
    found: Any = sys.modules.get(module or "")
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is obj and module != "__main__"


def _checked(reduced: Any) -> Any:
    if not isinstance(reduced, tuple) or not 2 <= len(reduced) <= 6:
        raise TypeError("__reduce__ must return a string or tuple")
    if not callable(reduced[0]) or not isinstance(reduced[1], tuple):
        raise TypeError("__reduce__ must return a callable and its arguments")
    parts = list(reduced)
    for i in (3, 4):
        if len(parts) > i and parts[i] is not None:
            parts[i] = iter(list(parts[i]))  # what its iteration raises is to be raised here
    return tuple(parts)


def owners_of(pickler: GroupPickler) -> Set[Any]:
    """The addresses of the mutable objects that the pickler met and that somebody else holds."""
    owners = set(pickler.extra_owners)
    kinds, count = _NO_OWNERS, sys.getrefcount
    memo = pickler.memo.copy()
    for address, (_, obj) in memo.items():
        # Up to four references are ours: such an object was made by a reduction, and will be gone.
        if type(obj) not in kinds and count(obj) > 4:
            owners.add(address)
    return owners - pickler.not_owners


REDUCERS: Dict[type, Reducer] = {FunctionType: reduce_function}
FAMILIES: List[Tuple[type, Reducer]] = []  # of a class and what is derived from it; one may leave it to the next


def no_owner(*kinds: type) -> None:
    """These are values, and shared as such."""
    _NO_OWNERS.update(kinds)
