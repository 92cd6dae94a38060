"""Objects with traits, such as widgets: their observers travel, which traitlets' own pickling drops.

What observes a trait because its class says so is there again as soon as the object is made: where the class can be
imported. One of the notebook's may not be complete yet at that moment, so its observers travel with each object. What
the user's code has added (``observe``, ``link``, ``interact``) is state like any other.
"""

import logging
import sys
from typing import Any, Dict

from traitlets import HasTraits
from traitlets.traitlets import EventHandler, HasDescriptors
from traitlets.utils.sentinel import Sentinel

from . import stubs
from .book import importable
from .pickling import FAMILIES, REDUCERS, GroupPickler, no_owner

_OWN_WAYS = ("__getstate__", "__setstate__", "__reduce__", "__reduce_ex__")
_MADE_ANEW = ("_trait_notifiers", "_trait_validators", "_cross_validation_lock")


def reduce_traits(pickler: GroupPickler, obj: Any) -> Any:
    """Of an object whose class leaves it to traitlets how it is copied."""
    kind = type(obj)
    if any(getattr(kind, name) is not getattr(HasTraits, name) for name in _OWN_WAYS):
        return NotImplemented
    state = obj.__getstate__()
    for name in _MADE_ANEW:
        state.pop(name, None)
    validators = {name: validator for name, validator in obj._trait_validators.items() if _travels(validator)}
    observers = _observers(obj)
    made = [state, state["_trait_values"], validators, observers, *observers.values()]
    made.extend(some for by_type in observers.values() for some in by_type.values())
    pickler.not_owners.update(map(id, made))  # copies, which hold each other for as long as this pass takes
    return new_object, (kind,), (state, observers, validators), None, None, set_state


def _observers(obj: Any) -> Dict[Any, Any]:
    found: Dict[Any, Any] = {}
    for name, by_type in obj._trait_notifiers.items():
        for kind, observers in by_type.items():
            some = [observer for observer in observers if _travels(observer)]
            if some:
                found.setdefault(name, {})[kind] = some
    return found


def _travels(handler: Any) -> bool:
    return not isinstance(handler, EventHandler) or not importable(getattr(handler, "this_class", None))


def new_object(cls: Any) -> Any:
    """An object whose own ``__new__`` and ``__init__`` have run once, where it was made."""
    return HasDescriptors.__new__(cls)


def set_state(obj: Any, state: Any) -> None:
    """Fills it in; nobody is told of a change."""
    fields, observers, validators = state
    obj.__dict__.update(fields)
    for by_type in obj._trait_notifiers.values():  # what a class of the notebook had before this change of it
        for kind, present in by_type.items():
            by_type[kind] = [observer for observer in present if not _travels(observer)]
    for name, by_type in observers.items():
        for kind, some in by_type.items():
            obj._trait_notifiers.setdefault(name, {}).setdefault(kind, []).extend(some)
    obj._trait_validators.update(validators)


def _sentinel(pickler: GroupPickler, value: Any) -> Any:
    module = sys.modules.get(value.module)
    return (stubs.constant, (value.module, value.name)) if getattr(module, value.name, None) is value else NotImplemented


REDUCERS[Sentinel] = _sentinel
FAMILIES.append((HasTraits, reduce_traits))
no_owner(logging.Logger)  # they travel by name
