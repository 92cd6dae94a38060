"""What stands for a value that could not come along: it says so when it is used, and costs nothing else.

A placeholder must survive everything that moves values about (assignment, containers, unpickling, garbage collection),
and must fail on everything that looks at one. So all that Python's syntax can do with a value raises.
"""

from typing import Any, Callable


class LostValueError(RuntimeError):
    """A value was used that did not come along from the server that had it. The text says which and why."""


class Lost:
    """Stands for a lost value."""

    def __init__(self, what: str, reason: str, origin: str) -> None:
        fields = object.__getattribute__(self, "__dict__")
        fields.update(what=what, reason=reason, origin=origin)

    def __setstate__(self, state: Any) -> None:
        """Nothing: a placeholder has no use for the state of what it stands for."""

    def __getattr__(self, name: str) -> Any:
        raise lost_error(self)

    def __setattr__(self, name: str, value: Any) -> None:
        raise lost_error(self)


def lost_error(lost: Lost) -> LostValueError:
    """The error of a use of the value."""
    what, reason, origin = describe(lost)
    return LostValueError(f"{what} was on server {origin} and could not be copied: {reason}")


def describe(lost: Lost) -> "tuple[str, str, str]":
    """What is lost, why, and where it was."""
    fields = object.__getattribute__(lost, "__dict__")
    return fields.get("what", "a value"), fields.get("reason", "unknown"), fields.get("origin", "unknown")


def missing_class(module: str, name: str, reason: str, origin: str) -> type:
    """A class whose instances are placeholders: takes the place of one that cannot be imported here."""

    def fill(self: Lost, *_: Any, **__: Any) -> None:
        Lost.__init__(self, f"an object of {module}.{name}", reason, origin)

    def new(cls: type, *_: Any, **__: Any) -> Lost:
        lost = object.__new__(cls)
        fill(lost)
        return lost

    return type(name, (Lost,), {"__new__": new, "__init__": fill, "append": _ignore, "extend": _ignore,
                                "__setitem__": _ignore})


def _ignore(self: Lost, *_: Any) -> None:
    """Unpickling fills containers in these ways."""


def _raising(name: str) -> Callable[..., Any]:
    def use(self: Lost, *_: Any, **__: Any) -> Any:
        raise lost_error(self)

    use.__name__ = name
    return use


_USES = """
    repr str bytes format bool call len iter next contains getitem setitem delitem delattr enter exit aenter aexit
    await aiter anext lt le eq ne gt ge neg pos abs invert int float complex index round trunc floor ceil fspath
    array copy deepcopy reversed length_hint dir
""".split() + [
    prefix + name
    for name in "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
    for prefix in ("", "r", "i")
]
for _name in _USES:
    setattr(Lost, f"__{_name}__", _raising(f"__{_name}__"))
Lost.__hash__ = _raising("__hash__")  # type: ignore[method-assign, assignment]
