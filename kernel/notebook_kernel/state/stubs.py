"""The functions that our pickles call, by name. Those of the first part mean something only to the loader that reads
them, which puts its own in their place (``unpickling``); those of the second part are plain.
"""

import importlib
import types
import weakref
from typing import Any, Callable, Dict

from .lost import Lost


def definition(number: int) -> Any:
    """The function, class, cell or namespace with this number."""
    raise RuntimeError("a state pickle was read by a foreign unpickler")


def memory(slot: int) -> Any:
    """Large memory that travels beside the pickle."""
    raise RuntimeError("a state pickle was read by a foreign unpickler")


def lost(what: str, reason: str, origin: str) -> Lost:
    """The placeholder of a value that could not come along."""
    return Lost(what, reason, origin)


def module(name: str) -> Any:
    """A module, by import; a placeholder when it cannot be imported here. The loader fills in from where it came."""
    try:
        return importlib.import_module(name)
    except BaseException as e:  # a module's code may raise anything, and it costs only this value
        return Lost(f"module {name}", f"cannot import it here: {type(e).__name__}: {e}", "another")


def constant(module_name: str, name: str) -> Any:
    """A value that a library knows by name, such as a sentinel."""
    return getattr(importlib.import_module(module_name), name)


def shell() -> Any:
    """The IPython shell."""
    from IPython import get_ipython

    return get_ipython()


def of_kernel(name: str) -> Any:
    """The kernel of this process, or its comm manager."""
    kernel = shell().kernel
    return kernel if name == "kernel" else getattr(kernel, name)


def lru_cache(function: Callable[..., Any], maxsize: Any, typed: bool) -> Any:
    """A cached function with an empty cache."""
    import functools

    return functools.lru_cache(maxsize, typed)(function)


def cached_property(function: Any, name: str) -> Any:
    """functools.cached_property, whose lock does not travel."""
    import functools

    made = functools.cached_property(function)
    made.attrname = name
    return made


def prop(fget: Any, fset: Any, fdel: Any, doc: Any) -> property:
    """A property."""
    return property(fget, fset, fdel, doc)


def view(kind: str, mapping: Dict[Any, Any]) -> Any:
    """A view of a dictionary."""
    return getattr(mapping, kind)()


def weak(target: Any) -> Any:
    """A weak reference; its callback does not travel."""
    return weakref.ref(target)


def weak_proxy(target: Any) -> Any:
    """A weak reference that stands for its target."""
    return weakref.proxy(target)


def dead_weak() -> Any:
    """A weak reference to what is gone."""
    return weakref.ref(type("Gone", (), {})())


def lock(kind: str) -> Any:
    """A lock that nobody holds."""
    import threading

    return getattr(threading, kind)()


def proxy(mapping: Any) -> Any:
    """A read-only view of a mapping."""
    return types.MappingProxyType(mapping)


def closed_file(kind: str, name: Any, mode: str) -> Any:
    """A file that is closed: what ``with open(...) as f`` leaves behind."""
    import io
    import os

    if kind in ("StringIO", "BytesIO"):
        made: Any = getattr(io, kind)()
    else:
        raw = io.FileIO(os.devnull, "r" if "r" in mode else "w")
        raw.name = name
        made = raw
        if kind != "FileIO":
            made = io.BufferedReader(raw) if "r" in mode else io.BufferedWriter(raw)
        if kind == "TextIOWrapper":
            made = io.TextIOWrapper(made, encoding="utf-8")
            made.mode = mode
    made.close()
    return made


def bare(cls: Any) -> Any:
    """An instance that the user's ``__new__`` has not seen: it has been through it once, where it was made."""
    try:
        return object.__new__(cls)
    except TypeError:  # the class extends a built-in type
        return cls.__new__(cls)


def set_plain_state(obj: Any, state: Any) -> None:
    """Fills in an object without a way of its own, as pickle does, but without asking it."""
    fields, slots = state if isinstance(state, tuple) else (state, None)
    if fields:
        object.__getattribute__(obj, "__dict__").update(fields)
    for name, value in (slots or {}).items():
        object.__setattr__(obj, name, value)


_type_variables: Dict[Any, Any] = {}


def type_variable(name: str, constraints: Any, bound: Any, covariant: bool, contravariant: bool) -> Any:
    """A type variable, the same for the same description."""
    from typing import TypeVar

    key = (name, repr(constraints), repr(bound), covariant, contravariant)
    made = _type_variables.get(key)
    if made is None:
        made = _type_variables[key] = TypeVar(  # type: ignore[misc]
            name, *constraints, bound=bound, covariant=covariant, contravariant=contravariant)
        made.__module__ = "__main__"
    return made
