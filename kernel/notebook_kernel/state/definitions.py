"""How a definition is taken apart, and made again or changed in place.

Each has up to three parts, because definitions refer to each other in circles and values are made with their help:
what is needed to *make* it, the functions to *wire* into a class before any instance is loaded (a set of instances
needs their ``__hash__``), and its *state*, which belongs to a group of values like any other.
"""

import abc
import enum
import marshal
import sys
import types
import weakref
from types import CellType, CodeType, FunctionType
from typing import Any, Dict, List, Tuple

from .book import CELL, CLASS, FUNCTION, NAMESPACE, Book, importable

_NOT_STATE = frozenset({"__dict__", "__weakref__", "_abc_impl", "__slots__", "__slotnames__"})
_MEMBER_OWN = frozenset({"_value_", "_name_", "__objclass__", "_sort_order_"})
_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)
_ENUM_OWN = frozenset({
    "_member_names_", "_member_map_", "_value2member_map_", "_unhashable_values_", "_member_type_", "_value_repr_",
    "_new_member_", "_use_args_", "_flag_mask_", "_singles_mask_", "_all_bits_", "_boundary_", "_inverted_",
    "__new__", "__new_member__", "__reduce_ex__", "_hashable_values_", "_unhashable_values_map_", "_use_args_"})


def make_part(book: Book, kind: str, definition: Any, codes: Dict[int, Any]) -> Any:
    """What is needed to make it: holds other definitions only."""
    if kind == FUNCTION:
        return _code_bytes(definition.__code__, codes), definition.__name__, book.globals_of(definition), \
            book.cells(definition)
    if kind == CLASS:
        own = definition.__dict__
        members = None
        if isinstance(definition, enum.EnumMeta):
            members = [(name, member._value_) for name, member in definition.__members__.items()]
        first = {key: own[key] for key in ("__module__", "__slots__", "__orig_bases__") if key in own}
        first["__qualname__"] = definition.__qualname__
        return type(definition), definition.__name__, definition.__bases__, first, members
    return None


def wire_part(definition: type) -> Dict[str, Any]:
    """A class's functions, by attribute."""
    return {key: value for key, value in definition.__dict__.items() if _is_wiring(value) and _travels(definition, key, value)}


def state_part(kind: str, definition: Any, wanted: "frozenset[str]" = frozenset()) -> Any:
    """The rest."""
    if kind == FUNCTION:
        f = definition
        return f.__name__, f.__qualname__, f.__module__, f.__doc__, f.__defaults__, f.__kwdefaults__ or None, \
            dict(f.__annotations__) or None, dict(f.__dict__) or None
    if kind == CLASS:
        own = definition.__dict__
        data = {k: v for k, v in own.items() if not _is_wiring(v) and _travels(definition, k, v)}
        extras = None
        if isinstance(definition, enum.EnumMeta):
            extras = {name: {k: v for k, v in member.__dict__.items() if k not in _MEMBER_OWN}
                      for name, member in definition.__members__.items()}
        registered = _registered(definition)
        return data, [k for k in own if _travels(definition, k, own[k])], extras, registered
    if kind == CELL:
        try:
            return (definition.cell_contents,)
        except ValueError:  # an empty cell
            return ()
    return {name: definition[name] for name in wanted if name in definition}


def made_for(kind: str, state: Any) -> "set[int]":
    """The addresses of what a state part consists of and nobody else holds."""
    made = {id(state)}
    if kind == FUNCTION:
        made |= {id(state[6]), id(state[7])}
    elif kind == CLASS:
        made |= {id(part) for part in state} | {id(extra) for extra in (state[2] or {}).values()}
    return made


def make(book: Book, number: int, kind: str, part: Any) -> None:
    """Makes a definition in a standby, or changes the one that is there."""
    known = book.get(number)
    if kind == FUNCTION:
        _make_function(book, number, known, *part)
    elif kind == CLASS and known is None:
        book.adopt(number, CLASS, _make_class(*part))
    elif kind == CLASS and known.__bases__ != part[2]:
        known.__bases__ = part[2]


def wire(definition: type, functions: Dict[str, Any]) -> Any:
    """Gives a class its functions, but for its finalizer, which is returned: a standby drops objects as changes come
    in, and must not run the user's code for it."""
    for name, value in functions.items():
        if name != "__del__":
            type.__setattr__(definition, name, value)
    return functions.get("__del__")


def fill(kind: str, definition: Any, state: Any) -> None:
    """Gives a definition its state."""
    if kind == FUNCTION:
        f = definition
        f.__name__, f.__qualname__, f.__module__, f.__doc__, f.__defaults__, f.__kwdefaults__ = state[:6]
        f.__annotations__ = state[6] or {}
        f.__dict__.clear()
        f.__dict__.update(state[7] or {})
    elif kind == CLASS:
        _fill_class(definition, *state)
    elif kind == CELL:
        if state:
            definition.cell_contents = state[0]
        else:
            _empty(definition)
    else:
        definition.update(state)


def cell_in(book: Book, number: int) -> CellType:
    """The standby's cell of this number, made when it is first asked for."""
    if book.get(number) is None:
        book.adopt(number, CELL, CellType())
    return book.get(number)


def namespace_in(book: Book, number: int) -> Dict[str, Any]:
    """The same for a foreign namespace."""
    if book.get(number) is None:
        book.adopt(number, NAMESPACE, {"__builtins__": __builtins__})
    return book.get(number)


def _make_function(book: Book, number: int, known: Any, code_bytes: bytes, name: str, where: Any,
                   cells: Tuple[int, ...]) -> None:
    code = marshal.loads(code_bytes)
    if known is not None and len(code.co_freevars) == len(known.__closure__ or ()):
        known.__code__ = code
        return
    if where is None:
        namespace = book.user_ns
    elif isinstance(where, str):
        __import__(where)
        namespace = sys.modules[where].__dict__
    else:
        namespace = namespace_in(book, where)
    closure = tuple(cell_in(book, n) for n in cells)
    book.adopt(number, FUNCTION, FunctionType(code, namespace, name, None, closure or None))


def _make_class(meta: type, name: str, bases: Tuple[type, ...], first: Dict[str, Any], members: Any) -> type:
    if members is not None:
        space = meta.__prepare__(name, bases)
        for key, value in [*first.items(), *members]:
            space[key] = value
        return meta.__new__(meta, name, bases, space)  # type: ignore[call-overload]
    # No code of the user's runs here: it ran where the class was defined. A library's metaclass has work to do.
    library_meta = next(m for m in meta.__mro__ if importable(m))
    hooks = _take_hooks(bases)
    try:
        try:
            return library_meta.__new__(meta, name, bases, dict(first))  # type: ignore[call-overload]
        except Exception:  # it refuses what has not all of its attributes yet
            return type.__new__(meta, name, bases, dict(first))
    finally:
        for base, hook in hooks:
            type.__setattr__(base, "__init_subclass__", hook)


def _take_hooks(bases: Tuple[type, ...]) -> List[Tuple[type, Any]]:
    hooks = [(c, c.__dict__["__init_subclass__"]) for c in {c for base in bases for c in base.__mro__}
             if "__init_subclass__" in c.__dict__ and c is not object and not importable(c)]
    for base, _ in hooks:
        type.__delattr__(base, "__init_subclass__")
    return hooks


def _fill_class(definition: type, data: Dict[str, Any], keys: List[str], extras: Any, registered: List[type]) -> None:
    for name, value in data.items():
        type.__setattr__(definition, name, value)
    own = definition.__dict__
    for name in [k for k in own if k not in set(keys) and _travels(definition, k, own[k])]:
        type.__delattr__(definition, name)
    for name, extra in (extras or {}).items():
        definition.__members__[name].__dict__.update(extra)  # type: ignore[attr-defined]
    for subclass in registered:
        abc.ABCMeta.register(definition, subclass)  # type: ignore[arg-type]


def _travels(definition: type, key: str, value: Any) -> bool:
    if key in _NOT_STATE or isinstance(value, _DESCRIPTORS):
        return False
    if isinstance(definition, enum.EnumMeta):
        return key not in _ENUM_OWN and key not in definition._member_map_
    return True


def _is_wiring(value: Any) -> bool:
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    elif type(value) is property:
        return all(part is None or isinstance(part, FunctionType) for part in (value.fget, value.fset, value.fdel))
    return isinstance(value, FunctionType)


def _registered(definition: type) -> List[type]:
    if not isinstance(definition, abc.ABCMeta) or "_abc_impl" not in definition.__dict__:
        return []
    dump = getattr(abc, "_get_dump", None)
    if dump is None:
        return []
    return [c for c in (reference() for reference in dump(definition)[0]) if c is not None]


def _empty(cell: CellType) -> None:
    try:
        del cell.cell_contents
    except ValueError:
        pass  # it is empty


def _code_bytes(code: CodeType, codes: Dict[int, Any]) -> bytes:
    # marshal's output depends on reference counts, so the same code gives different bytes: each is written once.
    key = id(code)
    found = codes.get(key)
    if found is None or found[0]() is not code:
        found = codes[key] = (weakref.ref(code, lambda _: codes.pop(key, None)), marshal.dumps(code))
    return found[1]
