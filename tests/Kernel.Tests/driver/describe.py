"""A namespace as text, so that those of two processes can be compared: values, types, and what is the same object.

Independent of the code under test: it shares nothing with it.
"""

import enum
import re
import sys
import types

_ATOMS = (int, float, complex, str, bytes, bool, type(None), type(Ellipsis), type(NotImplemented), slice, range)
_IPYTHON = {"In", "Out", "_ih", "_oh", "_dh", "get_ipython", "exit", "quit", "open", "__builtin__", "__builtins__",
            "__name__", "__doc__", "__package__", "__loader__", "__spec__"}
_SKIPPED_CLASS_KEYS = {"__dict__", "__weakref__", "_abc_impl", "__slotnames__", "__module__", "__doc__"}


def describe(shell, without=()):
    """All names of the user, each with a description of its value, and what is beside the namespace."""
    walk = Walk(shell.user_ns)
    lines = []
    for name in sorted(shell.user_ns):
        if name not in _IPYTHON and name not in without:
            lines.append(f"{name} = {walk.of(shell.user_ns[name])}")
    for key, value in sorted(shell.user_ns["_oh"].items()) if "_" not in without else ():
        lines.append(f"Out[{key}] = {walk.of(value)}")
    lines.append(f"In = {shell.user_ns['In']!r}")
    return lines


class Walk:
    """Numbers objects in the order in which it meets them."""

    def __init__(self, user_ns):
        self.user_ns = user_ns
        self.numbers = {}
        self.keep = []

    def of(self, value):
        kind = type(value)
        if kind in _ATOMS:
            return repr(value)
        if kind is frozenset:
            return "frozenset" + repr(sorted(self.of(v) for v in value))
        if kind.__module__ in ("decimal", "fractions", "datetime", "re", "uuid", "pathlib"):
            return scrub(repr(value))
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(value, (numpy.generic, numpy.dtype, numpy.ufunc)):
            return f"{kind.__qualname__} {value!r}"  # immutable, as numbers are: sharing one is no aliasing
        for name in ("stdin", "stdout", "stderr"):
            if value is getattr(sys, name):
                return f"sys.{name}"
        if kind.__module__ == "logging":
            return f"logger {getattr(value, 'name', '')}"
        if kind is tuple:
            return "(" + ", ".join(self.of(v) for v in value) + ",)"
        if kind is types.ModuleType and value.__name__ in sys.modules:
            return f"module {value.__name__}"
        if isinstance(value, type) and not self.is_users(value):
            return f"class {value.__module__}.{value.__qualname__}"
        if isinstance(value, enum.Enum):
            return f"{self.of(type(value))}.{value.name}"
        if id(value) in self.numbers:
            return f"@{self.numbers[id(value)]}"
        number = self.numbers[id(value)] = len(self.numbers)
        self.keep.append(value)
        return f"#{number} {kind.__module__}.{kind.__qualname__} {self.content(value, kind)}"

    def is_users(self, cls):
        found = sys.modules.get(cls.__module__)
        for part in cls.__qualname__.split("."):
            found = getattr(found, part, None)
        return cls.__module__ == "__main__" or (found is not cls and bool(cls.__flags__ & (1 << 9)))

    def content(self, value, kind):
        module = kind.__module__.split(".")[0]
        if isinstance(value, types.FunctionType):
            return self.function(value)
        if isinstance(value, type):
            return self.cls(value)
        if isinstance(value, (staticmethod, classmethod)):
            return self.of(value.__func__)
        if kind is property:
            return self.of((value.fget, value.fset, value.fdel))
        if isinstance(value, types.MethodType):
            return self.of((value.__self__, value.__func__))
        if kind is types.CellType:
            try:
                return self.of(value.cell_contents)
            except ValueError:
                return "empty"
        if module == "numpy":
            return self.numpy(value)
        if module == "torch" and hasattr(value, "detach"):
            return self.tensor(value)
        if module == "pandas":
            return scrub(repr(value)) + repr(getattr(value, "dtypes", ""))
        if module == "matplotlib":
            return ""
        if module == "weakref" and hasattr(value, "items"):
            return self.of(dict(value.items()))
        if module in ("IPython", "ipykernel"):
            return ""
        return self.instance(value, kind)

    def instance(self, value, kind):
        parts = []
        if isinstance(value, (list, tuple)) or kind.__name__ == "deque":
            parts.append("[" + ", ".join(self.of(v) for v in value) + "]")
        elif isinstance(value, dict):
            parts.append("{" + ", ".join(f"{self.of(k)}: {self.of(v)}" for k, v in value.items()) + "}")
        elif isinstance(value, (set, frozenset)):
            parts.append("{" + ", ".join(sorted(repr(v) if type(v) in _ATOMS else type(v).__qualname__ for v in value)) + "}")
        elif isinstance(value, _ATOMS + (bytearray,)):
            parts.append(repr(value))
        own = getattr(value, "__dict__", None)
        if isinstance(own, dict):
            mine = {k: v for k, v in own.items() if not (kind.__module__.startswith("torch.optim") and k[0] == "_")}
            parts.append(", ".join(f"{k}={self.of(v)}" for k, v in sorted(mine.items())))
        for cls in kind.__mro__:
            slots = cls.__dict__.get("__slots__", ())
            for slot in (slots,) if isinstance(slots, str) else slots:
                if slot not in ("__dict__", "__weakref__") and hasattr(value, slot):
                    parts.append(f"{slot}={self.of(getattr(value, slot))}")
        if not parts and kind.__module__ != "__main__":
            parts.append(scrub(repr(value)))
        return f"of {self.of(kind)} " + " ".join(parts) if kind.__module__ == "__main__" else " ".join(parts)

    def function(self, f):
        closure = tuple(f.__closure__ or ())
        return (f"{f.__qualname__} {self.code(f.__code__)} defaults {self.of(f.__defaults__)} {self.of(f.__kwdefaults__)}"
                f" closure {self.of(closure)} dict {self.of(sorted(f.__dict__.items()))}"
                f" annotations {self.of(sorted(f.__annotations__.items(), key=lambda i: i[0]))} doc {f.__doc__!r}"
                f" live globals {f.__globals__ is self.user_ns}")

    def code(self, code):
        consts = [self.code(c) if isinstance(c, types.CodeType) else repr(c) for c in code.co_consts
                  if not isinstance(c, frozenset)]
        return f"<{code.co_name} {code.co_code.hex()} {code.co_names} {consts}>"

    def cls(self, cls):
        own = {k: v for k, v in cls.__dict__.items()
               if k not in _SKIPPED_CLASS_KEYS
               and not isinstance(v, (types.MemberDescriptorType, types.GetSetDescriptorType))}
        if isinstance(cls, enum.EnumMeta):
            own = {k: v for k, v in own.items() if not k.startswith("_")}
            own["members"] = [(n, m._value_) for n, m in cls.__members__.items()]
        return f"{cls.__qualname__} bases {self.of(cls.__bases__)} " + \
            ", ".join(f"{k}={self.of(v)}" for k, v in sorted(own.items()))

    def numpy(self, value):
        import numpy

        if not isinstance(value, numpy.ndarray):
            return scrub(repr(value))
        base = value.base
        shared = self.of(base) if type(base) is numpy.ndarray and sys.getrefcount(base) > 3 else ""
        return f"{value.dtype!r} {value.shape} {scrub(repr(value.tolist()))} writeable {value.flags.writeable} base {shared}"

    def tensor(self, value):
        address = ("storage", value.detach().storage().data_ptr())
        storage = self.numbers.setdefault(address, len(self.numbers))
        gradient = value.grad if value.is_leaf else None
        return f"{value.dtype} {tuple(value.shape)} {value.tolist()} storage {storage} gradient {self.of(gradient)}"


def scrub(text):
    """Without addresses."""
    return re.sub(r"0x[0-9a-fA-F]+", "0x", text)
