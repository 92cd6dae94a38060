"""Writes a change's header and body."""

import sys
from typing import Any, Dict, List, Set

from .blocks import Blocks
from .change import BodyWriter, StateChange
from .ledger import Ledger
from .pieces import Gone, Parts, Piece, Pieces


class ChangeWriter:
    """One change in the making."""

    def __init__(self, ledger: Ledger, known_blobs: Set[bytes]) -> None:
        self._ledger = ledger
        self._body = BodyWriter(known_blobs)
        self._groups: List[Any] = []
        self._definitions: List[Any] = []
        self._large: List[str] = []

    def add_group(self, number: int, piece: Piece, olds: List[Blocks], lost: Dict[str, str]) -> None:
        """A group that is new or differs."""
        before = len(self._body.blobs)
        places = [[*self._body.add_blocks(blocks, memory, olds[i] if i < len(olds) else None, i), in_order]
                  for i, ((memory, in_order), blocks) in enumerate(zip(piece.memories, piece.blocks))]
        self._groups.append([number, list(piece.roots), self._body.add(piece.payload), places, piece.digest.hex(), lost])
        if len(self._body.blobs) > before:
            self._large.extend(root[1:] for root in piece.roots if root[0] == "n")

    def add_definition(self, number: int, parts: Parts) -> None:
        """What makes a definition."""
        self._definitions.append([number, self._ledger.book.kind(number), self._body.add(parts.made),
                                  self._body.add(parts.wiring), parts.digest.hex()])

    def finish(self, environment: Dict[str, Any], is_snapshot: bool = False, **lists: Any) -> StateChange:
        """The change."""
        ledger = self._ledger
        header = {
            "sequence": ledger.sequence, "snapshot": is_snapshot, "origin": ledger.origin,
            "python": list(sys.version_info[:2]), "next": [ledger.next_group, ledger.book.next_number],
            "definitions": self._definitions, "groups": self._groups, "env": environment, **lists,
        }
        return StateChange(header, self._body.body(), self._body.blobs, self._large)


def write_snapshot(ledger: Ledger, pieces: Pieces, imports: Set[str]) -> StateChange:
    """All that was shipped so far, in the same groups and under the same numbers; the ledger stays as it is."""
    writer = ChangeWriter(ledger, set())
    lost: Dict[str, str] = {}
    for group in list(ledger.groups.values()):
        try:
            piece = pieces.make(group.roots)
        except Gone:
            continue  # the next change says so
        names = {pieces.name_of(root): part.reason for root, part in piece.lost}
        lost.update(names)
        writer.add_group(group.number, piece, [], names)
    for number in ledger.book.numbers():
        if number in ledger.definition_parts:
            writer.add_definition(number, pieces.parts_of(number))
    return writer.finish(ledger.environment.changes(everything=True), is_snapshot=True, imports=sorted(imports),
                         deleted=[], dropped=[], gone=[], lost=lost, newly_lost=[])
