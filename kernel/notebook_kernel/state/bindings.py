"""Which object each name of a namespace is bound to, so that every name with another value is found, whoever set it.

Names are set by cells, but also by magics, libraries and threads, so all names are looked at after each cell; this
must cost nothing that a user with ten thousand names could notice. So two readings of the dictionary's own table
(``tables``) are compared as bytes, and only where they differ is anything looked at one by one. No value is held: what
the user drops is freed. Names are, so that a name's address stays its own.
"""

from itertools import compress, islice
from operator import ne
from typing import Any, Dict, List, Optional, Tuple

from .tables import EMPTY, WIDTH, Table, TableReader, read_along

_MANY, _FEW = 1024, 32  # entries compared at a time


class Bindings:
    """Of one namespace, as they were when they were last taken."""

    def __init__(self) -> None:
        self._reader: Optional[TableReader] = None
        self._table = EMPTY
        self._names: List[Any] = []  # of each entry; None where it was deleted

    def take(self, space: Dict[Any, Any]) -> Tuple[List[Any], List[Any]]:
        """The names with another value than at the last call, or a first one, and the names that are gone.

        A name whose value was freed while another object came to lie at the same address looks unchanged: names that
        code mentions are looked at in any case.
        """
        if self._reader is None or self._reader.space is not space:
            self._reader = TableReader(space)
        before, self._table = self._table, self._reader.read()
        found = self._in_order(before, self._table)
        return found if found is not None else self._anew(before)

    def _in_order(self, before: Table, now: Table) -> Optional[Tuple[List[Any], List[Any]]]:
        """What changed, where each entry of before is where it was. None where it is not."""
        if now.words != before.words or now.count < before.count:
            return None
        changed: List[Any] = []
        gone: List[int] = []
        for i, old_name, name in _different(before, now):
            if name == old_name:
                changed.append(self._names[i])
            elif name == 0:
                gone.append(i)
            else:
                return None
        added = self._added(before.count, now)
        if added is None:
            return None
        removed = [self._names[i] for i in gone]
        for i in gone:
            self._names[i] = None
        self._names += added
        space = self._reader.space  # type: ignore[union-attr]
        return changed + [name for name in added if name is not None], [name for name in removed if name not in space]

    def _added(self, first: int, now: Table) -> Optional[List[Any]]:
        """The names of the entries from a place on. None when they are others by now."""
        if first == now.count:
            return []
        addresses = now.words_of(first, now.count)[now.words - 2::now.words]
        names = iter(list(islice(reversed(self._reader.space), len(addresses) - addresses.count(0)))[::-1])  # type: ignore[union-attr]
        added = [next(names, None) if address else None for address in addresses]
        return added if all(id(name) == address for name, address in zip(added, addresses) if address) else None

    def _anew(self, before: Table) -> Tuple[List[Any], List[Any]]:
        """What changed, by names: the dictionary was laid out anew."""
        space = self._reader.space  # type: ignore[union-attr]
        old = _values(before, self._names)
        names = self._added(0, self._table)
        if names is None:  # another thread came between: it is read as it can be, and all that differs looked at again
            self._table, names = read_along(space)
        self._names = names
        new = _values(self._table, names)
        return [name for name, value in new.items() if old.get(name) != value], [n for n in old if n not in space]


def _values(table: Table, names: List[Any]) -> Dict[Any, int]:
    return {name: value for name, value in zip(names, table.words_of(0, table.count)[table.words - 1::table.words])
            if value}


def _different(before: Table, now: Table) -> List[Tuple[int, int, int]]:
    """The entries of before that differ, each with the addresses of its name then and now."""
    found: List[Tuple[int, int, int]] = []
    width = before.words
    for many in _unequal(before, now, range(0, before.count, _MANY), _MANY):
        for few in _unequal(before, now, range(many, min(many + _MANY, before.count), _FEW), _FEW):
            last = min(few + _FEW, before.count)
            old, new = before.words_of(few, last), now.words_of(few, last)
            for at in sorted({word // width for word in compress(range(len(old)), map(ne, old, new))}):
                name = at * width + width - 2
                found.append((few + at, old[name], new[name]))
    return found


def _unequal(before: Table, now: Table, firsts: range, length: int) -> List[int]:
    """The beginnings of those runs of entries that differ."""
    old, new, size = before.memory, now.memory, before.words * WIDTH
    step, end = length * size, before.start + before.count * size
    moved = now.start - before.start
    found: List[int] = []
    start = before.start + firsts.start * size
    for first in firsts:
        stop = min(start + step, end)
        if old[start:stop] != new[start + moved:stop + moved]:
            found.append(first)
        start = stop
    return found
