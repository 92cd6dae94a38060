"""Finds what a cell changed.

1. What the cell *touched*: the global names in the code that ran and in the functions it could call, and every name
   that has another value than before.
2. Each touched root is pickled; on the way, the functions and classes that it leads to are touched too, with the names
   that they mention, and so are the groups with which it turns out to share an object.
3. Pieces that share objects are joined into groups. A group whose pickle and memory are what was last shipped is not
   shipped again.

So the cost follows what is touched. Names that are not are looked at once, by address.
"""

import gc
import itertools
import operator
import signal
import sys
import threading
from types import CodeType, FunctionType
from typing import Any, Dict, FrozenSet, Iterable, List, Optional, Set, Tuple

from . import numpy_support, reducers, torch_support
from .book import CLASS, FUNCTION
from .change import StateChange
from .ledger import Group, Ledger, Root
from .lost import Lost
from .names import NameCache
from .pieces import Gone, Parts, Piece, Pieces
from .writing import ChangeWriter, write_snapshot

_address = id
_REFERENTS_MAX = 2000


class StateTracker:
    """The executor's side. Not for several threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._names = NameCache()
        self._pieces = Pieces(ledger, self._names_in_namespace)
        self._codes: List[CodeType] = []
        self._known_names: List[str] = []
        self._known_addresses: List[int] = []
        self._known_outputs: Dict[int, int] = {}
        self._told: Dict[str, Set[Tuple[int, str]]] = {}
        self._imports: Set[str] = set()
        self._namespace_names: Dict[int, Set[str]] = {}
        self._is_armed = False
        reducers.register_shell(ledger.shell)
        self._watch()

    @property
    def pickled_roots(self) -> int:
        """How many roots were pickled so far: what capturing costs, in a unit that does not depend on the machine."""
        return self._pieces.pickled_roots

    def begin(self) -> None:
        """Before a cell."""
        self._codes.clear()
        self._is_armed = True

    def adopt(self) -> None:
        """A standby's process goes on as the executor: what it has now is what was shipped."""
        self._ledger.book.loosen()
        names, addresses = self._scan()
        self._known_names, self._known_addresses = names, addresses
        self._known_outputs = {k: _address(v) for k, v in self._outputs().items()}
        for group in self._ledger.groups.values():
            for name in group.lost:
                self._told.setdefault(name, set()).add((0, group.lost[name]))

    def capture(self, everything: bool = False) -> StateChange:
        """After a cell: what it changed. The change's memory is the live values': use it before the next cell runs."""
        self._is_armed = False
        with _Undisturbed():
            numpy_support.install()
            torch_support.install()
            work = _Work(self, self._ledger, everything)
            dropped = self._ledger.book.take_dead()
            deleted = work.seed(dropped)
            work.run()
            return self._write(work, deleted, dropped)

    def snapshot(self) -> StateChange:
        """All that was shipped, as it is now, for a process that has nothing. Call it right after a capture."""
        with _Undisturbed():
            return write_snapshot(self._ledger, self._pieces, self._imports)

    def _watch(self) -> None:
        """Notes the code that the shell runs, which is what cells and magics come to."""
        shell = self._ledger.shell
        run_code = shell.run_code

        def noting(code_obj: Any, *arguments: Any, **options: Any) -> Any:
            if self._is_armed and isinstance(code_obj, CodeType):
                self._codes.append(code_obj)
            return run_code(code_obj, *arguments, **options)

        shell.run_code = noting

    def _write(self, work: "_Work", deleted: List[str], dropped: List[int]) -> StateChange:
        ledger = self._ledger
        pieces = work.final_pieces()
        writer = ChangeWriter(ledger, ledger.known_blobs() if any(piece.blocks for piece in pieces) else set())
        gone: Set[int] = set()
        for piece in pieces:
            self._write_piece(work, writer, piece, gone)
        for root in work.vanished:
            number = ledger.group_of.get(root)
            if number is not None:
                gone.add(number)
                ledger.remove(number)
        for number in sorted(work.parts):
            parts = work.parts[number]
            if ledger.definition_parts.get(number) != parts.digest:
                ledger.definition_parts[number] = parts.digest
                writer.add_definition(number, parts)
        ledger.sequence += 1
        lost, newly = self._lost(work)
        return writer.finish(ledger.environment.changes(), imports=sorted(work.imports), deleted=deleted,
                             dropped=list(dropped), gone=sorted(gone), lost=lost, newly_lost=newly)

    def _write_piece(self, work: "_Work", writer: ChangeWriter, piece: Piece, gone: Set[int]) -> None:
        """Ships a piece unless it is what was last shipped."""
        ledger = self._ledger
        numbers = {ledger.group_of[root] for root in piece.roots if root in ledger.group_of}
        old = ledger.groups[next(iter(numbers))] if len(numbers) == 1 else None
        if old is not None and old.roots != piece.roots:
            old = None
        is_same = old is not None and old.digest == piece.digest and old.memories == piece.blocks
        for number in numbers:
            ledger.remove(number)
        if old is None:
            gone |= numbers
        number = old.number if old is not None else ledger.next_group
        lost = {name: part.reason for root, part in piece.lost for name in work.names_for(root)}
        ledger.put(Group(number, piece.roots, piece.digest, piece.blocks, piece.owners, lost))
        if not is_same:
            writer.add_group(number, piece, old.memories if old is not None else [], lost)

    def _lost(self, work: "_Work") -> Tuple[Dict[str, str], List[str]]:
        lost: Dict[str, str] = {}
        for group in self._ledger.groups.values():
            if group.lost:
                lost.update(group.lost)
        newly: List[str] = []
        for name, parts in work.lost_by_name().items():
            told = self._told.get(name, set())
            if any(part not in told and (0, part[1]) not in told for part in parts):
                newly.append(name)
            self._told[name] = parts
        for name in [n for n in self._told if n not in lost]:
            del self._told[name]
        return lost, newly

    def _outputs(self) -> Dict[int, Any]:
        return {k: v for k, v in (self._ledger.shell.user_ns.get("_oh") or {}).items() if type(k) is int}

    def _scan(self) -> Tuple[List[str], List[int]]:
        space = self._ledger.shell.user_ns
        return list(space), list(map(_address, space.values()))

    def _names_in_namespace(self, number: int) -> FrozenSet[str]:
        return frozenset(self._namespace_names.get(number, ()))


class _Undisturbed:
    """No interrupt in the middle: the cell is over, and half a capture is none."""

    def __enter__(self) -> None:
        self._before = None
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, signal.SIG_IGN)

    def __exit__(self, *_: Any) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)


class _Work:
    """One capture under way."""

    def __init__(self, tracker: StateTracker, ledger: Ledger, everything: bool) -> None:
        self._tracker, self._ledger, self._book = tracker, ledger, ledger.book
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
        tracker, ledger = self._tracker, self._ledger
        for number in dropped:
            root = f"d{number}"
            ledger.definition_parts.pop(number, None)
            tracker._namespace_names.pop(number, None)
            self._leave(root)
        names, addresses = tracker._scan()
        changed, removed = _differences(tracker._known_names, tracker._known_addresses, names, addresses)
        tracker._known_names, tracker._known_addresses = names, addresses
        deleted = [n for n in removed if f"n{n}" in ledger.group_of]
        for name in deleted:
            self._leave(f"n{name}")
        space = ledger.shell.user_ns
        for name in changed:
            if ledger.is_tracked(name, space[name]):
                self._rebound.add(f"n{name}")
                self._want(f"n{name}")
        outputs = tracker._outputs()
        if len(outputs) != len(tracker._known_outputs) or any(f"n{n}" in self._rebound for n in ("_",)):
            now = {k: _address(v) for k, v in outputs.items()}
            for key in now:
                if tracker._known_outputs.get(key) != now[key]:
                    self._rebound.add(f"o{key}")
                    self._want(f"o{key}")
            for key in tracker._known_outputs:
                if key not in now:
                    self._leave(f"o{key}")
            tracker._known_outputs = now
        for code in tracker._codes:
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
            joined = self._joined()
            if not joined:
                return
            for roots in joined:
                self._pickle(roots)

    def final_pieces(self) -> List[Piece]:
        """All groups that were looked at."""
        return list({id(p): p for p in self._pieces.values()}.values())

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
        for key in self._tracker._outputs():
            self._want(f"o{key}")
        for number in list(self._book.numbers()):
            self._touch_definition(number)

    def _touch_code(self, code: CodeType, into: Optional[Set[str]] = None) -> None:
        if into is None:
            if id(code) in self._codes_seen:
                return
            self._codes_seen.add(id(code))
        found = self._tracker._names.of(code)
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
                for key in self._tracker._outputs():
                    self._want(f"o{key}")
            elif name in space and self._ledger.is_tracked(name, space[name]):
                self._want(f"n{name}")

    def _note_imports(self, imports: Iterable[Tuple[str, int]]) -> None:
        for name, level in imports:
            if level == 0 and name in sys.modules and name not in self._tracker._imports:
                self.imports.add(name)
                self._tracker._imports.add(name)

    def _touch_definition(self, number: int) -> None:
        definition = self._book.get(number)
        if number in self._definitions_seen or definition is None:
            return
        self._definitions_seen.add(number)
        kind = self._book.kind(number)
        if kind in (FUNCTION, CLASS):
            parts = self.parts[number] = self._tracker._pieces.parts_of(number)
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
            wanted = self._tracker._namespace_names.setdefault(where, {"__name__"})
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
            piece = self._tracker._pieces.make(roots)
        except Gone:
            alive = tuple(r for r in roots if self._is_alive(r))
            self.vanished.extend(r for r in roots if r not in alive)
            if not alive:
                return
            piece = self._tracker._pieces.make(alive)
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
            self._tracker._pieces.value(root)
            return True
        except Gone:
            return False

    def lost_by_name(self) -> Dict[str, Set[Tuple[int, str]]]:
        """What the user is to be told: under each name, what it lost, each by address and reason."""
        found: Dict[str, Set[Tuple[int, str]]] = {}
        for piece in self.final_pieces():
            for root, part in piece.lost:
                for name in self.names_for(root):
                    found.setdefault(name, set()).add((_address(part.value), part.reason))
        return found

    def names_for(self, root: Root) -> List[str]:
        """What a person calls a root: for a definition, the names that lead to it."""
        if root[0] != "d":
            return [self._tracker._pieces.name_of(root)]
        target = int(root[1:])
        names = [r[1:] for p in self.final_pieces() for r in p.roots
                 if r[0] == "n" and target in self._reachable(p.definitions)]
        return names or [self._tracker._pieces.name_of(root)]

    def _reachable(self, numbers: Set[int]) -> Set[int]:
        reached: Set[int] = set()
        pending = list(numbers)
        while pending:
            number = pending.pop()
            if number in reached:
                continue
            reached.add(number)
            if number in self.parts:
                pending.extend(self.parts[number].mentioned)
            definition = self._book.get(number)
            if isinstance(definition, FunctionType):
                pending.extend(self._book.cells(definition))
            piece = self._pieces.get(f"d{number}")
            if piece is not None:
                pending.extend(piece.definitions)
        return reached

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

    def _joined(self) -> List[Tuple[Root, ...]]:
        """The pieces that share objects, as roots to be pickled together."""
        leader: Dict[int, int] = {}
        pieces = {id(p): p for p in self._pieces.values()}

        def find(key: int) -> int:
            while leader.setdefault(key, key) != key:
                leader[key] = leader[leader[key]]
                key = leader[key]
            return key

        first_by_owner: Dict[Any, int] = {}
        for key, piece in pieces.items():
            for owner in piece.owners:
                other = first_by_owner.setdefault(owner, key)
                if other != key:
                    leader[find(key)] = find(other)
        together: Dict[int, List[Root]] = {}
        for key, piece in pieces.items():
            together.setdefault(find(key), []).extend(piece.roots)
        return [tuple(sorted(roots)) for key, roots in together.items() if len(roots) > len(pieces[key].roots)]


def _differences(old_names: List[str], old_addresses: List[int], names: List[str],
                 addresses: List[int]) -> Tuple[List[str], List[str]]:
    """The names with another value, or a first one, and the names that are gone."""
    count = len(old_names)
    if names[:count] == old_names:
        changed = list(itertools.compress(old_names, map(operator.ne, old_addresses, addresses)))
        return changed + names[count:], []
    before = dict(zip(old_names, old_addresses))
    now = dict(zip(names, addresses))
    return [n for n in names if before.get(n) != now[n]], [n for n in old_names if n not in now]
