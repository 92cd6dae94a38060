"""Pickles roots together, and makes sure that one bad value costs only itself.

But for a value whose ``__reduce__`` does not return: a pass is the user's code on the user's thread, and nothing that is
safe there ends it (a thread cannot be ended, and an error raised into it could come anywhere in the user's code). Then
the capture does not end either, and the kernel has to be restarted, as after any other loop that cannot be interrupted.
"""

import hashlib
import io
import pickle
import sys
import threading
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set, Tuple

from . import definitions
from .blocks import Blocks, Cutter
from .book import CELL, CLASS, FUNCTION, NAMESPACE
from .comms import COMM, TARGET
from .ledger import Ledger, Root
from .lost import Lost
from .patience import Patience
from .pickling import GroupPickler, LostPart, owners_of, reason_of

_PLAIN = frozenset({int, float, str, bytes, bool, type(None), complex})
_DEEP_STACK_BYTES = 512 * 1024 * 1024
_DEEP_RECURSION = 60_000


class Piece(NamedTuple):
    """Some roots, pickled together."""

    roots: Tuple[Root, ...]
    payload: bytes
    digest: bytes
    memories: List[Tuple[memoryview, bool]]
    blocks: List[Blocks]
    owners: Set[Any]
    definitions: Set[int]
    lost: List[Tuple[Root, LostPart]]
    keep: List[Any]


class Parts(NamedTuple):
    """What makes a function or class, and what wires a class, pickled."""

    made: bytes
    wiring: bytes
    digest: bytes
    mentioned: Set[int]


class Gone(Exception):
    """A root has no value any more."""


class Pieces:
    """Makes pieces of roots, and counts what it does."""

    def __init__(self, ledger: Ledger, namespace_names: Any, patience: Patience) -> None:
        self._ledger = ledger
        self._patience = patience
        self._names_in_namespace = namespace_names
        self._codes: Dict[int, Any] = {}
        self._cutter = Cutter()
        self.pickled_roots = 0

    def make(self, roots: Tuple[Root, ...]) -> Piece:
        """Pickles the values of some roots into one stream."""
        try:
            return self._make(roots)
        finally:
            self._patience.look(lambda: self._names(roots))

    def _make(self, roots: Tuple[Root, ...]) -> Piece:
        values = [self.value(root) for root in roots]
        self.pickled_roots += len(roots)
        if len(roots) == 1 and type(values[0]) in _PLAIN:
            payload = pickle.dumps(values, 5)
            return Piece(roots, payload, _digest(payload), [], [], set(), set(), [], [])
        try:
            return self._pickle(roots, values, careful=False)
        except BaseException:  # whatever the user's reductions raise: with care it costs only the value that raises
            pass
        failure: BaseException
        try:
            return self._pickle(roots, values, careful=True)
        except RecursionError as e:
            failure = e
        except BaseException as e:
            failure = e
        if isinstance(failure, RecursionError):
            deep = _with_deep_stack(lambda: self._pickle(roots, values, careful=True))
            if isinstance(deep, Piece):
                return deep
        return self._in_part(roots, values, failure)

    def value(self, root: Root) -> Any:
        """What hangs at a root. Raises Gone."""
        kind, key = root[0], root[1:]
        space = self._ledger.shell.user_ns
        if kind == "d":
            number = int(key)
            definition = self._ledger.book.get(number)
            if definition is None:
                raise Gone(root)
            of = self._ledger.book.kind(number)
            wanted = self._names_in_namespace(number) if of == NAMESPACE else frozenset()
            return definitions.state_part(of, definition, wanted)
        try:
            if kind in (COMM, TARGET):
                return self._ledger.comms.value(root)
            return space[key] if kind == "n" else space["_oh"][int(key)]
        except KeyError:
            raise Gone(root) from None

    def parts_of(self, number: int) -> Parts:
        """What makes and wires a definition."""
        book = self._ledger.book
        kind, definition = book.kind(number), book.get(number)
        mentioned: Set[int] = set()
        made = self._small(definitions.make_part(book, kind, definition, self._codes), number, mentioned)
        wiring = b""
        if kind == CLASS:
            wiring = self._small(definitions.wire_part(definition), number, mentioned)
        mentioned.discard(number)
        return Parts(made, wiring, _digest(made + wiring), mentioned)

    def _small(self, part: Any, number: int, mentioned: Set[int]) -> bytes:
        file = io.BytesIO()
        pickler = GroupPickler(file, self._ledger.book, f"definition {number}", self._ledger.origin, careful=True)
        pickler.dump(part)
        mentioned |= pickler.definitions
        return file.getvalue()

    def _pickle(self, roots: Tuple[Root, ...], values: List[Any], careful: bool) -> Piece:
        what = self._names(roots)
        stream = _Stream(lambda: self._patience.look(lambda: what))
        pickler = GroupPickler(stream, self._ledger.book, what, self._ledger.origin, careful)
        if len(values) == 1:
            pickler.top = values[0]
        pickler.dump(values)
        payload = b"".join(stream.parts)
        owners = owners_of(pickler)
        owners.discard(id(values))
        for root, value in zip(roots, values):
            if root[0] == "d" and value is not None:
                owners -= definitions.made_for(self._ledger.book.kind(int(root[1:])), value)
        blocks = [self._cutter.cut(memory) for memory, _ in pickler.memories]
        lost = [(roots[0], part) for part in pickler.lost]
        if lost and len(roots) > 1:
            lost = [pair for root, value in zip(roots, values) for pair in self._lost_by(root, value)]
        return Piece(roots, payload, _digest(payload), pickler.memories, blocks, owners, pickler.definitions, lost,
                     pickler.keep)

    def _in_part(self, roots: Tuple[Root, ...], values: List[Any], failure: BaseException) -> Piece:
        """Leaves out the roots that fail by themselves."""
        reason = reason_of(failure)
        if isinstance(failure, RecursionError):
            reason = "it is nested too deeply to be pickled"
        lost: List[Tuple[Root, LostPart]] = []
        kept: List[Any] = []
        for root, value in zip(roots, values):
            failed: Optional[str] = reason if len(roots) == 1 else self._fails_alone(root, value)
            if failed is not None:
                lost.append((root, LostPart(value, failed)))
                value = Lost(self.name_of(root), failed, self._ledger.origin)
                if root[0] == "d":
                    value = None
            kept.append(value)
        if not lost:  # they only fail together: none can be blamed, so none travels
            lost = [(root, LostPart(value, reason)) for root, value in zip(roots, values)]
            kept = [Lost(self.name_of(root), reason, self._ledger.origin) if root[0] != "d" else None for root in roots]
        piece = self._pickle(roots, kept, careful=True)
        return piece._replace(lost=lost + [p for p in piece.lost if not isinstance(p[1].value, Lost)])

    def _lost_by(self, root: Root, value: Any) -> List[Tuple[Root, LostPart]]:
        """Which of a group's lost parts one of its roots leads to."""
        try:
            return self._pickle((root,), [value], careful=True).lost
        except BaseException as e:  # as in make
            return [(root, LostPart(value, reason_of(e)))]

    def _fails_alone(self, root: Root, value: Any) -> Optional[str]:
        try:
            self._pickle((root,), [value], careful=True)
            return None
        except BaseException as e:  # as in make
            return reason_of(e)

    def _names(self, roots: Tuple[Root, ...]) -> str:
        return ", ".join(self.name_of(root) for root in roots)

    def name_of(self, root: Root) -> str:
        """What a person calls it."""
        kind, key = root[0], root[1:]
        if kind == "n":
            return key
        if kind == "o":
            return f"Out[{key}]"
        if kind in (COMM, TARGET):
            return self._ledger.comms.title(root)
        definition = self._ledger.book.get(int(key))
        of = self._ledger.book.kind(int(key))
        if of == CELL:
            return "a variable of a closure"
        return getattr(definition, "__name__", None) or ("a function" if of == FUNCTION else of)


class _Stream:
    """What a pickler writes, in the pieces in which it comes; ``on_write`` hears of each."""

    def __init__(self, on_write: Callable[[], None]) -> None:
        self.parts: List[bytes] = []
        self._on_write = on_write

    def write(self, part: bytes) -> None:
        """Called by the pickler, some 64 KiB at a time."""
        self.parts.append(part)
        self._on_write()


def _with_deep_stack(action: Any) -> Any:
    """Runs it where deep structures can be followed: pickling one needs a stack as deep as it."""
    result: List[Any] = []

    def run() -> None:
        try:
            result.append(action())
        except BaseException as e:
            result.append(e)

    size, limit = threading.stack_size(_DEEP_STACK_BYTES), sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(max(limit, _DEEP_RECURSION))
        thread = threading.Thread(target=run, name="notebook-deep-pickle")
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    return result[0]


def _digest(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()
