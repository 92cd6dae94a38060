"""Reductions of what pickle refuses, or gets wrong, in the standard library."""

import datetime
import decimal
import fractions
import functools
import gc
import io
import pathlib
import re
import sys
import threading
import types
import typing
import uuid
import weakref
from typing import Any

from . import stubs
from .pickling import REDUCERS, GroupPickler, by_name, no_owner


def _module(pickler: GroupPickler, module: Any) -> Any:
    name = module.__name__
    if sys.modules.get(name) is module:
        return stubs.module, (name,)
    space = {k: v for k, v in module.__dict__.items() if k not in ("__builtins__", "__loader__", "__spec__")}
    return types.ModuleType, (name,), space


def _cell(pickler: GroupPickler, cell: Any) -> Any:
    number = pickler.book.number_of(cell)
    if number is None:
        return pickler.lose(cell, "cannot pickle a closure cell by itself")
    pickler.definitions.add(number)
    pickler.not_owners.add(id(cell))
    return stubs.definition, (number,)


def _property(pickler: GroupPickler, value: property) -> Any:
    return stubs.prop, (value.fget, value.fset, value.fdel, value.__doc__)


def _method_wrapper(pickler: GroupPickler, value: Any) -> Any:
    return type(value), (value.__func__,)


def _method(pickler: GroupPickler, method: types.MethodType) -> Any:
    """By the name that the class has for it, which need not be the function's own: that of a decorator may be left."""
    function, owner = method.__func__, method.__self__
    name = getattr(function, "__name__", None)
    if isinstance(owner, type) or (name and getattr(type(owner), name, None) is function):
        return NotImplemented
    for cls in type(owner).__mro__:
        for name, value in cls.__dict__.items():
            if value is function:
                return getattr, (owner, name)
    return types.MethodType, (function, owner)


def _lru_cache(pickler: GroupPickler, value: Any) -> Any:
    options = value.cache_parameters()
    named = _importable_wrapper(value)
    extra = {k: v for k, v in value.__dict__.items() if k != "__wrapped__"}
    return named or (stubs.lru_cache, (value.__wrapped__, options["maxsize"], options["typed"]), extra)


def _importable_wrapper(value: Any) -> Any:
    module = getattr(value, "__module__", None)
    if not module or module == "__main__":
        return None
    found = getattr(sys.modules.get(module), value.__qualname__, None)
    return (stubs.constant, (module, value.__qualname__)) if found is value else None


def _cached_property(pickler: GroupPickler, value: Any) -> Any:
    return stubs.cached_property, (value.func, value.attrname)


def _dict_view(kind: str) -> Any:
    return lambda pickler, value: (stubs.view, (kind, next(o for o in gc.get_referents(value) if isinstance(o, dict))))


def _weak_reference(pickler: GroupPickler, value: Any) -> Any:
    target = value()
    return (stubs.weak, (target,)) if target is not None else (stubs.dead_weak, ())


def _weak_proxy(pickler: GroupPickler, value: Any) -> Any:
    try:
        return stubs.weak_proxy, (value.__repr__.__self__,)  # a method of what it stands for knows that
    except ReferenceError:
        return pickler.lose(value, "what this weak reference stood for is gone")


def _lock(kind: str, is_free: Any) -> Any:
    def reduce(pickler: GroupPickler, value: Any) -> Any:
        if not is_free(value):
            return pickler.lose(value, "cannot pickle a lock that is held")
        return stubs.lock, (kind,)

    return reduce


def _rlock_is_free(lock: Any) -> bool:
    return "unlocked" in repr(lock)


def _proxy(pickler: GroupPickler, value: Any) -> Any:
    return stubs.proxy, (value.copy(),)


def _file(pickler: GroupPickler, value: Any) -> Any:
    if not getattr(value, "closed", False):
        return NotImplemented if isinstance(value, (io.StringIO, io.BytesIO)) else \
            pickler.lose(value, f"cannot pickle '{type(value).__name__}' object: it is an open file")
    return stubs.closed_file, (type(value).__name__, getattr(value, "name", None), getattr(value, "mode", "r"))


def _type_variable(pickler: GroupPickler, value: Any) -> Any:
    if value.__module__ != "__main__":
        return NotImplemented
    pickler.not_owners.add(id(value))
    return stubs.type_variable, (value.__name__, value.__constraints__, value.__bound__, value.__covariant__,
                                 value.__contravariant__)


def _install() -> None:
    REDUCERS.update({
        types.ModuleType: _module,
        types.CellType: _cell,
        types.MethodType: _method,
        property: _property,
        staticmethod: _method_wrapper,
        classmethod: _method_wrapper,
        functools._lru_cache_wrapper: _lru_cache,  # type: ignore[attr-defined]
        functools.cached_property: _cached_property,
        type({}.keys()): _dict_view("keys"),
        type({}.values()): _dict_view("values"),
        type({}.items()): _dict_view("items"),
        weakref.ref: _weak_reference,
        weakref.ProxyType: _weak_proxy,
        weakref.CallableProxyType: _weak_proxy,
        weakref.WeakKeyDictionary: lambda p, v: (weakref.WeakKeyDictionary, (dict(v.items()),)),
        weakref.WeakValueDictionary: lambda p, v: (weakref.WeakValueDictionary, (dict(v.items()),)),
        weakref.WeakSet: lambda p, v: (weakref.WeakSet, (list(v),)),
        type(threading.Lock()): _lock("Lock", lambda lock: not lock.locked()),
        type(threading.RLock()): _lock("RLock", _rlock_is_free),
        types.MappingProxyType: _proxy,
        typing.TypeVar: _type_variable,
        **{kind: _file for kind in (io.StringIO, io.BytesIO, io.TextIOWrapper, io.BufferedReader, io.BufferedWriter,
                                    io.BufferedRandom, io.FileIO)},
    })
    no_owner(datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone, decimal.Decimal,
             fractions.Fraction, uuid.UUID, pathlib.PurePosixPath, pathlib.PosixPath, re.Pattern, types.CellType,
             types.GenericAlias)


_install()


def stream(pickler: GroupPickler, value: Any) -> Any:
    """The process's own streams travel by name."""
    for name in ("stdout", "stderr", "stdin"):
        if getattr(sys, name) is value:
            pickler.not_owners.add(id(value))
            return stubs.constant, ("sys", name)
    return _file(pickler, value)


def of_shell(pickler: GroupPickler, value: Any) -> Any:
    """So does the shell."""
    pickler.not_owners.add(id(value))
    return stubs.shell, ()


def register_shell(shell: Any) -> None:
    """Called once the shell and its streams are there."""
    REDUCERS[type(shell)] = of_shell
    for name in ("stdout", "stderr"):
        REDUCERS[type(getattr(sys, name))] = stream  # a terminal's or a file's type, or ipykernel's own
