"""A dictionary's own table of entries, copied as plain memory: a thousand names in a microsecond.

Looking at entries one by one, even in C, means to touch every name and value for its reference count: most of that time
is waiting for memory. The table alone is in one piece. How it is laid out is CPython's own business, so it is read only
where the version is one whose layout is known, and where a look at a dictionary of ours confirms it. Elsewhere, and for
the rare dictionary that is laid out otherwise, names and values are copied into tuples first.

The table may be gone at any moment, when another thread, a signal handler or a finalizer changes the dictionary. So
finding and copying it is one call into C, in which the interpreter lock is held and no such code can come between.
"""

import ctypes
import gc
import struct
import sys
from array import array
from itertools import repeat
from operator import getitem, sub
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

WIDTH = struct.calcsize("P")
_WORD = "Q" if WIDTH == 8 else "L"
_KNOWN_VERSIONS = frozenset({(3, 11), (3, 12), (3, 13)})
# Of a dictionary: references, type, count, version, *table*, values. Of a table: references, three logarithms and
# kinds, version, room, count, then an index of variable size, then the entries.
_TABLE_AT = 4 * WIDTH
_DICT_SIZE = 6 * WIDTH
_HEADER = struct.Struct("=qBBBxIqq")
_WORDS_BY_KIND = {0: 3, 1: 2}  # hash, name, value; or without the hash, where all names are text


class Table(NamedTuple):
    """The entries of a dictionary at one moment, in the order in which they were made."""

    memory: bytes
    start: int  # where in it the first entry is
    count: int
    words: int  # in an entry; the last two are the addresses of name and value, both 0 where an entry was deleted

    def words_of(self, first: int, last: int) -> Tuple[int, ...]:
        """Those of some entries."""
        form = f"{(last - first) * self.words}P"
        return struct.unpack_from(form, self.memory, self.start + first * self.words * WIDTH)


EMPTY = Table(b"", 0, 0, 2)


class TableReader:
    """Of one dictionary."""

    def __init__(self, space: Dict[Any, Any]) -> None:
        self.space = space
        self._copies = _copies(space) if LAYOUT_IS_KNOWN else None

    def read(self) -> Table:
        """Its table now."""
        if self._copies is None:
            return read_along(self.space)[0]
        is_collecting = gc.isenabled()
        gc.disable()  # a collection inside the call would run finalizers
        try:
            memory = next(self._copies)
        finally:
            if is_collecting:
                gc.enable()
        return in_place(memory) or read_along(self.space)[0]


def in_place(memory: bytes) -> Optional[Table]:
    """The table in a copy; None where it is laid out in a way that is left to the portable reading."""
    if len(memory) < _HEADER.size:
        return None  # one that instances share
    _, _, index_size, kind, _, _, count = _HEADER.unpack_from(memory)
    words = _WORDS_BY_KIND.get(kind)
    start = _HEADER.size + (1 << index_size)
    if words is None or start + count * words * WIDTH > len(memory):
        return None
    return Table(memory, start, count, words)


def _copies(space: Dict[Any, Any]) -> Iterator[bytes]:
    """An iterator without an end: each ``next`` finds the table and copies it, all of it in C."""
    place = (ctypes.c_void_p * 1).from_address(id(space) + _TABLE_AT)
    sizes = map(sub, map(dict.__sizeof__, repeat(space)), repeat(_DICT_SIZE))
    return map(_bytes_at, map(getitem, repeat(place), repeat(0)), sizes)  # type: ignore[call-overload, no-any-return]


def read_along(space: Dict[Any, Any]) -> Tuple[Table, List[Any]]:
    """The same without a look at the dictionary's memory, and the names of its entries."""
    names = tuple(space)
    values = tuple(space.values())
    count = min(len(names), len(values))  # another thread may have come between
    pairs = array(_WORD, bytes(2 * WIDTH * count))
    pairs[0::2] = array(_WORD, map(id, names[:count]))
    pairs[1::2] = array(_WORD, map(id, values[:count]))
    return Table(pairs.tobytes(), 0, count, 2), list(names[:count])


def _knows_layout() -> bool:
    """The version is one that we know, and a look at dictionaries of ours shows what is in them."""
    if sys.implementation.name != "cpython" or sys.version_info[:2] not in _KNOWN_VERSIONS or WIDTH != 8 \
            or dict.__basicsize__ != _DICT_SIZE or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return False
    texts: Dict[Any, Any] = {f"name {i}": object() for i in range(300)}
    for i in range(0, 300, 7):
        del texts[f"name {i}"]
    return all(_is_seen(space) for space in (texts, {**texts, 5: None}))


def _is_seen(space: Dict[Any, Any]) -> bool:
    table = in_place(next(_copies(space)))
    if table is None:
        return False
    words = table.words_of(0, table.count)
    pairs = zip(words[table.words - 2::table.words], words[table.words - 1::table.words])
    return [pair for pair in pairs if pair != (0, 0)] == [(id(name), id(value)) for name, value in space.items()]


_bytes_at = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t)(
    ("PyBytes_FromStringAndSize", ctypes.pythonapi))
LAYOUT_IS_KNOWN = _knows_layout()
