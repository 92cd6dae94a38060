"""What a person calls the values that cannot be copied."""

from types import FunctionType
from typing import Dict, List, Set, Tuple

from .capture import Capture
from .comms import COMM
from .known import Known
from .ledger import Ledger, Root

_address = id


class LostNames:
    """Of one capture that has run."""

    def __init__(self, known: Known, ledger: Ledger, capture: Capture) -> None:
        self._pieces, self._book, self._capture = known.pieces, ledger.book, capture

    def by_name(self) -> Dict[str, Set[Tuple[int, str]]]:
        """What the user is to be told: under each name, what it lost, each by address and reason."""
        found: Dict[str, Set[Tuple[int, str]]] = {}
        for piece in self._capture.final_pieces():
            for root, part in piece.lost:
                for name in self.of(root):
                    found.setdefault(name, set()).add((_address(part.value), part.reason))
        return found

    def of(self, root: Root) -> List[str]:
        """What a person calls a root: for a definition or a comm, the names that lead to it."""
        if root[0] == COMM:
            piece = self._capture.piece_at(root)
            return [r[1:] for r in (piece.roots if piece is not None else ()) if r[0] == "n"] or [self._pieces.name_of(root)]
        if root[0] != "d":
            return [self._pieces.name_of(root)]
        target = int(root[1:])
        names = [r[1:] for p in self._capture.final_pieces() for r in p.roots
                 if r[0] == "n" and target in self._reachable(p.definitions)]
        return names or [self._pieces.name_of(root)]

    def _reachable(self, numbers: Set[int]) -> Set[int]:
        reached: Set[int] = set()
        pending = list(numbers)
        while pending:
            number = pending.pop()
            if number in reached:
                continue
            reached.add(number)
            if number in self._capture.parts:
                pending.extend(self._capture.parts[number].mentioned)
            definition = self._book.get(number)
            if isinstance(definition, FunctionType):
                pending.extend(self._book.cells(definition))
            piece = self._capture.piece_at(f"d{number}")
            if piece is not None:
                pending.extend(piece.definitions)
        return reached

