"""Which object each name of a namespace is bound to, so that every name with another value is found, whoever set it.

Names are set by cells, but also by magics, libraries and threads, so all names are looked at after each cell; this
must cost nothing that a user with ten thousand names could notice. So one reading is two runs of addresses, copied out
of tuples as plain memory, and two readings are compared as bytes. It holds no value: what the user drops is freed.
"""

import ctypes
import itertools
import operator
import struct
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

_WIDTH = struct.calcsize("P")
_CHUNK = 512 * _WIDTH  # bytes compared at a time


class Bindings(NamedTuple):
    """A namespace at one moment."""

    names: Tuple[Any, ...]
    name_addresses: bytes
    value_addresses: bytes

    def until(self, later: "Bindings") -> Tuple[List[Any], List[Any]]:
        """The names with another value, or a first one, and the names that are gone.

        A name whose value was freed while another object came to lie at the same address looks unchanged: names that
        code mentions are looked at in any case.
        """
        same = min(_common(self.name_addresses, later.name_addresses), len(self.value_addresses) // _WIDTH,
                   len(later.value_addresses) // _WIDTH)
        changed = [self.names[i] for i in _different(self.value_addresses, later.value_addresses, same)]
        before, now = self._from(same), later._from(same)
        changed += [name for name, address in now.items() if before.get(name) != address]
        return changed, [name for name in before if name not in now]

    def _from(self, first: int) -> Dict[Any, int]:
        return dict(zip(self.names[first:], struct.unpack_from(f"{len(self.value_addresses) // _WIDTH - first}P",
                                                               self.value_addresses, first * _WIDTH)))


NOTHING = Bindings((), b"", b"")


def read_bindings(space: Dict[Any, Any]) -> Bindings:
    """As it is now."""
    names = tuple(space)
    return Bindings(names, _addresses(names), _addresses(tuple(space.values())))


def _copied(values: Tuple[Any, ...]) -> bytes:
    # The items of an object of variable size follow its fixed part: that is what ``__basicsize__`` is the size of.
    return ctypes.string_at(id(values) + tuple.__basicsize__, len(values) * _WIDTH)


def _packed(values: Sequence[Any]) -> bytes:
    return struct.pack(f"{len(values)}P", *map(id, values))


def _choose() -> Any:
    """The fast way where it gives what the plain one gives: on another kind of Python it might not."""
    probe = (_choose, None, "a", 2.5, _choose)
    is_layout_known = tuple.__itemsize__ == _WIDTH and probe.__sizeof__() >= tuple.__basicsize__ + len(probe) * _WIDTH
    return _copied if is_layout_known and _copied(probe) == _packed(probe) else _packed


def _common(a: bytes, b: bytes) -> int:
    """How many addresses two runs have in common at their beginning."""
    shorter = min(len(a), len(b))
    for start in range(0, shorter, _CHUNK):
        end = min(start + _CHUNK, shorter)
        if a[start:end] != b[start:end]:
            return next(_unequal(a, b, start, end))
    return shorter // _WIDTH


def _different(a: bytes, b: bytes, count: int) -> List[int]:
    """At which of the first places two runs differ."""
    found: List[int] = []
    for start in range(0, count * _WIDTH, _CHUNK):
        end = min(start + _CHUNK, count * _WIDTH)
        if a[start:end] != b[start:end]:
            found += _unequal(a, b, start, end)
    return found


def _unequal(a: bytes, b: bytes, start: int, end: int) -> Any:
    form = f"{(end - start) // _WIDTH}P"
    are_unequal = map(operator.ne, struct.unpack_from(form, a, start), struct.unpack_from(form, b, start))
    return itertools.compress(range(start // _WIDTH, end // _WIDTH), are_unequal)


_addresses = _choose()
