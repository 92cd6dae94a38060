"""One capture under way: from what the cell touched to the groups that are to be looked at.

1. What the cell *touched*: the global names in the code that ran and in the functions it could call, and every name
   that has another value than before.
2. Each touched root is pickled; on the way, the functions and classes that it leads to are touched too, with the names
   that they mention, and so are the groups with which it turns out to share an object.
3. Pieces that share objects are joined into groups.
"""

import gc
import sys
from types import CodeType, FunctionType
from typing import Any, Dict, Iterable, List, Optional, Set, Tuple

from .book import CLASS, FUNCTION
from .known import Known
from .ledger import Ledger, Root
from .lost import Lost
from .pieces import Gone, Parts, Piece

_REFERENTS_MAX = 2000


class Capture:
    """One capture under way."""

    def __init__(self, known: Known, ledger: Ledger, everything: bool) -> None:
        self._known, self._ledger, self._book = known, ledger, ledger.book
        self._everything = everything
        self._pending: List[Tuple[Root, ...]] = []
        self._seen: Set[Root] = set()
        self._definitions_seen: Set[int] = set()
        self._rebound: Set[Root] = set()
        self._codes_seen: Set[int] = set()
        self._pieces: Dict[Root, Piece] = {}
        self.parts: Dict[int, Parts] = {}
        self.imports: Set[str] = set()
        self.vanished: List[Root] = []

    def seed(self, dropped: Iterable[int]) -> List[str]:
        """Puts the roots that the cell touched on the list. Returns the names that it deleted."""
        known, ledger = self._known, self._ledger
        for number in dropped:
            root = f"d{number}"
            ledger.definition_parts.pop(number, None)
            known.namespace_names.pop(number, None)
            self._leave(root)
        changed, removed = known.take_bindings()
        deleted = [n for n in removed if f"n{n}" in ledger.group_of]
        for name in deleted:
            self._leave(f"n{name}")
        space = ledger.shell.user_ns
        for name in changed:
            if name in space and ledger.is_tracked(name, space[name]):
                self._rebound.add(f"n{name}")
                self._want(f"n{name}")
        shown, unshown = known.take_outputs()
        for key in shown:
            self._rebound.add(f"o{key}")
            self._want(f"o{key}")
        for key in unshown:
            self._leave(f"o{key}")
        opened, closed = known.take_comms()
        for root in opened:
            self._rebound.add(root)
            self._want(root)
        for root in closed:
            self._leave(root)
        for root in known.touched:
            if root in ledger.group_of:
                self._want(root)
        known.touched.clear()
        for code in known.codes:
            self._touch_code(code)
        for cls in ledger.book.classes_with_finalizers():
            if isinstance(cls.__del__, FunctionType):
                self._touch_code(cls.__del__.__code__)
        if self._everything:
            self._touch_all()
        return deleted

    def run(self) -> None:
        """Pickles until nothing more turns out to be touched, and joins what shares objects."""
        while True:
            while self._pending:
                self._take(self._pending.pop())
            joined = _joined(self._pieces.values())
            if not joined:
                return
            for roots in joined:
                self._pickle(roots)

    def final_pieces(self) -> List[Piece]:
        """All groups that were looked at."""
        return list({id(p): p for p in self._pieces.values()}.values())

    def piece_at(self, root: Root) -> Optional[Piece]:
        """The group that has the root, if it was looked at."""
        return self._pieces.get(root)

    def _leave(self, root: Root) -> None:
        """A root is gone: what was grouped with it may no longer belong together."""
        number = self._ledger.group_of.get(root)
        if number is None:
            return
        self.vanished.append(root)
        for other in self._ledger.groups[number].roots:
            if other != root:
                self._rebound.add(other)
                self._want(other)

    def _want(self, root: Root) -> None:
        if root not in self._seen:
            self._pending.append((root,))

    def _touch_all(self) -> None:
        ledger = self._ledger
        for name, value in list(ledger.shell.user_ns.items()):
            if ledger.is_tracked(name, value):
                self._want(f"n{name}")
        for key in self._known.outputs_now():
            self._want(f"o{key}")
        for root in self._known.comms_now():
            self._want(root)
        for number in list(self._book.numbers()):
            self._touch_definition(number)

    def _touch_code(self, code: CodeType, into: Optional[Set[str]] = None) -> None:
        if into is None:
            if id(code) in self._codes_seen:
                return
            self._codes_seen.add(id(code))
        found = self._known.names.of(code)
        self._note_imports(found.imports)
        if into is not None:
            into |= found.names
            return
        if found.reaches_all and not self._everything:
            self._everything = True
            self._touch_all()
        space = self._ledger.shell.user_ns
        for name in found.names:
            if name in ("Out", "_oh"):
                for key in self._known.outputs_now():
                    self._want(f"o{key}")
            elif name in space and self._ledger.is_tracked(name, space[name]):
                self._want(f"n{name}")

    def _note_imports(self, imports: Iterable[Tuple[str, int]]) -> None:
        for name, level in imports:
            if level == 0 and name in sys.modules and name not in self._known.imports:
                self.imports.add(name)
                self._known.imports.add(name)

    def _touch_definition(self, number: int) -> None:
        definition = self._book.get(number)
        if number in self._definitions_seen or definition is None:
            return
        self._definitions_seen.add(number)
        kind = self._book.kind(number)
        if kind in (FUNCTION, CLASS):
            parts = self.parts[number] = self._known.pieces.parts_of(number)
            for other in parts.mentioned:
                self._touch_definition(other)
        if kind == FUNCTION:
            self._touch_function(number, definition)
        self._want(f"d{number}")

    def _touch_function(self, number: int, function: FunctionType) -> None:
        where = self._book.globals_of(function)
        if where is None:
            self._touch_code(function.__code__)
        elif isinstance(where, int):
            wanted = self._known.namespace_names.setdefault(where, {"__name__"})
            self._touch_code(function.__code__, wanted)
            if f"d{where}" not in self._seen:
                self._want(f"d{where}")
            elif f"d{where}" in self._pieces:
                self._pickle(self._pieces[f"d{where}"].roots)
        for cell in self._book.cells(function):
            self._touch_definition(cell)

    def _take(self, unit: Tuple[Root, ...]) -> None:
        root = unit[0]
        if root in self._seen:
            return
        number = self._ledger.group_of.get(root)
        roots = self._ledger.groups[number].roots if number is not None else (root,)
        if any(r in self._rebound for r in roots):
            for other in roots:
                if other != root:
                    self._want(other)
            roots = (root,)
        self._pickle(roots)

    def _pickle(self, roots: Tuple[Root, ...]) -> None:
        self._seen.update(roots)
        try:
            piece = self._known.pieces.make(roots)
        except Gone:
            alive = tuple(r for r in roots if self._is_alive(r))
            self.vanished.extend(r for r in roots if r not in alive)
            if not alive:
                return
            piece = self._known.pieces.make(alive)
        for root in piece.roots:
            self._pieces[root] = piece
        for number in (*piece.definitions, *(int(root[1:]) for root in piece.roots if root[0] == "d")):
            self._touch_definition(number)
        for owner in piece.owners:
            group = self._ledger.owner_group.get(owner)
            if group is not None:
                for root in self._ledger.groups[group].roots:
                    self._want(root)
        for _, part in piece.lost:
            if not isinstance(part.value, Lost):
                self._look_behind(part.value)

    def _is_alive(self, root: Root) -> bool:
        try:
            self._known.pieces.value(root)
            return True
        except Gone:
            return False

    def _look_behind(self, value: Any) -> None:
        """What cannot be pickled can still change other values: a generator its arguments, a file nothing."""
        seen = {id(value)}
        pending = [value]
        while pending and len(seen) < _REFERENTS_MAX:
            obj = pending.pop()
            if isinstance(obj, (type, type(sys))):
                continue
            code = getattr(obj, "gi_code", None) or getattr(obj, "cr_code", None) or getattr(obj, "ag_code", None) \
                if type(obj).__name__ in ("generator", "coroutine", "async_generator") else None
            if code is not None:
                self._touch_code(code)
            if isinstance(obj, FunctionType):
                number = self._book.number_of(obj)
                if number is not None:
                    self._touch_definition(number)
                continue
            group = self._ledger.owner_group.get(id(obj))
            if group is not None:
                for root in self._ledger.groups[group].roots:
                    self._want(root)
            for other in gc.get_referents(obj):
                if id(other) not in seen and other is not self._ledger.shell.user_ns:
                    seen.add(id(other))
                    pending.append(other)


def _joined(pieces: Iterable[Piece]) -> List[Tuple[Root, ...]]:
    """The pieces that share objects, as roots to be pickled together."""
    leader: Dict[int, int] = {}
    by_address = {id(p): p for p in pieces}

    def find(key: int) -> int:
        while leader.setdefault(key, key) != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    first_by_owner: Dict[Any, int] = {}
    for key, piece in by_address.items():
        for owner in piece.owners:
            other = first_by_owner.setdefault(owner, key)
            if other != key:
                leader[find(key)] = find(other)
    together: Dict[int, List[Root]] = {}
    for key, piece in by_address.items():
        together.setdefault(find(key), []).extend(piece.roots)
    return [tuple(sorted(roots)) for key, roots in together.items() if len(roots) > len(by_address[key].roots)]
