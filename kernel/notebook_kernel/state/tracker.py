"""Finds what a cell changed.

What the cell touched is pickled, in groups of what shares objects (``capture``). A group whose pickle and memory are what
was last shipped is not shipped again. So the cost follows what is touched; of names that are not, only the addresses
of their values are looked at, all at once (``bindings``).
"""

from types import CodeType
from typing import Any, Dict, Iterable, List, Set, Tuple

from . import numpy_support, reducers, torch_support
from . import traits as _traits  # noqa: F401  its reductions
from .capture import Capture
from .change import StateChange
from .known import Known
from .ledger import Group, Ledger, Root
from .naming import LostNames
from .patience import Patience
from .pieces import Piece
from .writing import ChangeWriter, write_snapshot


class StateTracker:
    """The executor's side. Not for several threads; nothing may interrupt it."""

    def __init__(self, ledger: Ledger, patience: Patience) -> None:
        self._ledger = ledger
        self._patience = patience
        self._known = Known(ledger, patience)
        self._is_armed = False
        reducers.register_shell(ledger.shell)
        self._watch()

    @property
    def pickled_roots(self) -> int:
        """How many roots were pickled so far: what capturing costs, in a unit that does not depend on the machine."""
        return self._known.pieces.pickled_roots

    def begin(self) -> None:
        """Before a cell."""
        self._known.codes.clear()
        self._is_armed = True

    def adopt(self) -> None:
        """A standby's process goes on as the executor: what it has now is what was shipped."""
        self._ledger.book.loosen()
        self._known.take_bindings()
        self._known.take_outputs()
        self._known.adopt_comms()
        for name, reason in self._ledger.lost().items():
            self._known.told.setdefault(name, set()).add((0, reason))

    def touch(self, roots: Iterable[Root]) -> None:
        """The next capture looks at these, whatever has run."""
        self._known.touched.update(roots)

    def forget(self) -> None:
        """Nothing counts as looked at any more."""
        self._known.forget()

    def capture(self, everything: bool = False) -> StateChange:
        """After a cell: what it changed. The change's memory is the live values': use it before the next cell runs."""
        self._is_armed = False
        self._patience.begin()
        numpy_support.install()
        torch_support.install()
        capture = Capture(self._known, self._ledger, everything)
        dropped = self._ledger.book.take_dead()
        deleted = capture.seed(dropped)
        capture.run()
        return self._write(capture, deleted, dropped)

    def snapshot(self) -> StateChange:
        """All that was shipped, as it is now, for a process that has nothing. Call it right after a capture."""
        return write_snapshot(self._ledger, self._known.pieces, self._known.imports)

    def _watch(self) -> None:
        """Notes the code that the shell runs, which is what cells and magics come to."""
        shell = self._ledger.shell
        run_code = shell.run_code

        def noting(code_obj: Any, *arguments: Any, **options: Any) -> Any:
            if self._is_armed and isinstance(code_obj, CodeType):
                self._known.codes.append(code_obj)
            return run_code(code_obj, *arguments, **options)

        shell.run_code = noting

    def _write(self, capture: Capture, deleted: List[str], dropped: List[int]) -> StateChange:
        ledger = self._ledger
        pieces, names = capture.final_pieces(), LostNames(self._known, ledger, capture)
        writer = ChangeWriter(ledger, ledger.known_blobs() if any(piece.blocks for piece in pieces) else set())
        gone: Set[int] = set()
        for piece in pieces:
            self._write_piece(names, writer, piece, gone)
        for root in capture.vanished:
            number = ledger.group_of.get(root)
            if number is not None:
                gone.add(number)
                ledger.remove(number)
        for number in sorted(capture.parts):
            parts = capture.parts[number]
            if ledger.definition_parts.get(number) != parts.digest:
                ledger.definition_parts[number] = parts.digest
                writer.add_definition(number, parts)
        ledger.sequence += 1
        lost, newly = self._lost(names)
        change = writer.finish(ledger.environment.changes(), imports=sorted(capture.imports), deleted=deleted,
                               dropped=list(dropped), gone=sorted(gone), lost=lost, newly_lost=newly)
        if change.is_empty:  # nobody applies it: the next one has its number
            ledger.sequence -= 1
        return change

    def _write_piece(self, names: LostNames, writer: ChangeWriter, piece: Piece, gone: Set[int]) -> None:
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
        lost = {name: part.reason for root, part in piece.lost for name in names.of(root)}
        ledger.put(Group(number, piece.roots, piece.digest, piece.blocks, piece.owners, lost))
        if not is_same:
            writer.add_group(number, piece, old.memories if old is not None else [], lost)

    def _lost(self, names: LostNames) -> Tuple[Dict[str, str], List[str]]:
        lost = self._ledger.lost()
        newly: List[str] = []
        for name, parts in names.by_name().items():
            told = self._known.told.get(name, set())
            if any(part not in told and (0, part[1]) not in told for part in parts):
                newly.append(name)
            self._known.told[name] = parts
        for name in [n for n in self._known.told if n not in lost]:
            del self._known.told[name]
        return lost, newly
