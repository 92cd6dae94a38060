"""Applies changes to a standby, in the order in which they were made.

1. Directory, paths and environment, which imports may need; then the imports.
2. Definitions are made, then wired: now instances can be loaded.
3. Groups are loaded, those of definitions first. Each gets new objects, and every root of a group is set, so that no
   two roots can come to disagree about what they share. Large memory whose group kept its form is changed in place.
4. What is left, with the random states last: loading may use them up.
"""

import sys
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Tuple

from . import definitions
from .blocks import Blocks, changed
from .book import CELL, CLASS, NAMESPACE
from .comms import COMM, TARGET
from .change import Received, StateFormatError
from .environment import FIRST, IMPORTED, LAST
from .ledger import Group, Ledger
from .lost import Lost
from .pickling import reason_of
from .stubs import module as import_module
from .unpickling import GroupUnpickler

FetchBlob = Callable[[bytes], Any]


class MissingBlobError(LookupError):
    """A blob is not to be had: the values that need it become placeholders."""


class Applied(NamedTuple):
    """What came of it."""

    sequence: int
    lost: Dict[str, str]  # names that are placeholders here because of this change, each with the reason
    problems: List[str]  # parts of the environment that could not be set


class StateApplier:
    """The standby's side."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._live: Dict[Tuple[int, int], memoryview] = {}  # large memory by group and slot

    def apply(self, inline: bytes, fetch_blob: FetchBlob) -> Applied:
        """Applies one change. ``fetch_blob`` gives the bytes of a blob by its digest, having compared the two, or raises
        MissingBlobError.

        Raises StateFormatError, and then has changed nothing, when the bytes are no change, or one of another Python.
        """
        received = Received(inline)
        header = received.header
        self._check(header)
        return _Application(self._ledger, self._live, received, fetch_blob).run()

    def blobs_needed(self, inline: bytes) -> Dict[bytes, int]:
        """The blobs that applying the change will ask for, each with its length."""
        received = Received(inline)
        self._check(received.header)
        needed: Dict[bytes, int] = {}

        def need(blocks: Blocks, indices: Iterable[int]) -> None:
            needed.update((blocks.digest(i), blocks.length(i)) for i in indices)

        def need_part(place: List[Any]) -> None:
            if len(place) != 2:
                need(*received.blocks(place, []))

        for _, _, made, wiring, _ in received.header["definitions"]:
            need_part(made)
            need_part(wiring)
        for number, _, payload, places, digest, _ in received.header["groups"]:
            old = None if received.header["snapshot"] else self._ledger.groups.get(number)
            olds = old.memories if old is not None else []
            found = [received.blocks(place, olds) for *place, _ in places]
            news = [blocks for blocks, _ in found]
            is_patch = old is not None and old.digest.hex() == digest and _fit(self._live, number, olds, news)
            if not is_patch:
                need_part(payload)
            for slot, blocks in enumerate(news):
                need(blocks, changed(blocks, olds[slot] if is_patch else None))
        return needed

    def release(self) -> None:
        """The process becomes the executor: its arrays' memory is the user's alone."""
        self._live.clear()

    def _check(self, header: Dict[str, Any]) -> None:
        theirs, ours = header["python"], list(sys.version_info[:2])
        if theirs != ours:
            raise StateFormatError(f"the state is of Python {theirs[0]}.{theirs[1]}, this is {ours[0]}.{ours[1]}: "
                                   "a kernel's replicas need the same")
        expected = self._ledger.sequence + 1
        if not header["snapshot"] and header["sequence"] != expected:
            raise StateFormatError(f"expected change {expected}, found {header['sequence']}")


class _Application:
    """One change being applied."""

    def __init__(self, ledger: Ledger, live: Dict[Tuple[int, int], memoryview], received: Received,
                 fetch: FetchBlob) -> None:
        self._ledger, self._live, self._received, self._fetch = ledger, live, received, fetch
        self._header = received.header
        self._origin = self._header["origin"]
        self._lost: Dict[str, str] = {}

    def run(self) -> Applied:
        ledger, header = self._ledger, self._header
        if header["snapshot"]:
            self._forget_all()
        environment = header["env"]
        problems = ledger.environment.apply(environment, FIRST)
        for name in header["imports"]:
            import_module(name)  # one that is missing is missed where it is used
        problems += ledger.environment.apply(environment, IMPORTED)
        self._make_definitions()
        for name in header["deleted"]:
            ledger.shell.user_ns.pop(name, None)
        for number in header["gone"]:
            self._forget_group(number)
        for number, roots, payload, places, digest, lost in sorted(header["groups"], key=_definitions_first):
            self._load_group(number, tuple(roots), payload, places, bytes.fromhex(digest), lost)
        _sort(ledger.shell.user_ns["_oh"])
        for number in header["dropped"]:
            ledger.book.drop(number)
            ledger.definition_parts.pop(number, None)
        ledger.next_group = max(ledger.next_group, header["next"][0])
        ledger.book.next_number = max(ledger.book.next_number, header["next"][1])
        ledger.environment.apply_history(environment.get("history"))
        problems += ledger.environment.apply(environment, LAST)
        ledger.sequence = header["sequence"]
        return Applied(ledger.sequence, self._lost, problems)

    def _forget_all(self) -> None:
        ledger = self._ledger
        for root in list(ledger.group_of):
            if root[0] == "n":
                ledger.shell.user_ns.pop(root[1:], None)
        for number in list(ledger.groups):
            self._forget_group(number)
        for number in list(ledger.book.numbers()):
            ledger.book.drop(number)
        ledger.shell.user_ns["_oh"].clear()

    def _forget_group(self, number: int) -> None:
        group = self._ledger.groups.get(number)
        if group is None:
            return
        for root in group.roots:
            if root[0] == "o":
                self._ledger.shell.user_ns["_oh"].pop(int(root[1:]), None)
            elif root[0] in (COMM, TARGET):
                self._ledger.comms.drop(root)
        for slot in range(len(group.memories)):
            self._live.pop((number, slot), None)
        self._ledger.remove(number)

    def _make_definitions(self) -> None:
        book = self._ledger.book
        wirings = []
        for number, kind, made, wiring, digest in sorted(self._header["definitions"]):
            part = self._read(made)
            self._ledger.definition_parts[number] = bytes.fromhex(digest)
            definitions.make(book, number, kind, part)
            if kind == CLASS:
                wirings.append((number, wiring))
        for number, wiring in wirings:
            finalizer = definitions.wire(book.get(number), self._read(wiring))
            if finalizer is not None:
                book.finalizers[number] = finalizer

    def _read(self, place: List[Any]) -> Any:
        return GroupUnpickler(self._bytes(place), self._definition, _no_memory, [], self._origin).load()

    def _definition(self, number: int) -> Any:
        """A definition by its number; one that is made out of turn is made now."""
        book = self._ledger.book
        found = book.get(number)
        if found is not None:
            return found
        for other, kind, made, _, _ in self._header["definitions"]:
            if other == number:
                definitions.make(book, number, kind, self._read(made))
                return book.get(number)
        raise LookupError(f"definition {number} is not here")

    def _load_group(self, number: int, roots: Tuple[str, ...], payload: List[Any], places: List[Any], digest: bytes,
                    lost: Dict[str, str]) -> None:
        ledger = self._ledger
        old = ledger.groups.get(number)
        olds = old.memories if old is not None else []
        memories: List[Blocks] = []
        changes: List[List[int]] = []
        for *place, _ in places:
            blocks, indices = self._received.blocks(place, olds)
            memories.append(blocks)
            changes.append(indices)
        self._lost.update(lost)
        try:
            if old is not None and old.digest == digest and self._patch(number, old.memories, memories):
                pass
            else:
                self._replace(number, roots, payload, places, memories)
        except BaseException as e:  # what a pickle calls is the user's code; a blob may be missing
            self._lose(roots, reason_of(e))
        ledger.remove(number)
        ledger.put(Group(number, roots, digest, memories, set(), lost))

    def _patch(self, number: int, olds: List[Blocks], news: List[Blocks]) -> bool:
        """Changes large memory where it is. False when that is not all there is to do."""
        if not _fit(self._live, number, olds, news):
            return False
        fetched = [(self._live[number, slot], i * new.block, self._blob(new, i))
                   for slot, (old, new) in enumerate(zip(olds, news)) for i in changed(new, old)]
        for memory, offset, content in fetched:
            memory[offset:offset + len(content)] = content
        return True

    def _replace(self, number: int, roots: Tuple[str, ...], payload: List[Any], places: List[Any],
                 memories: List[Blocks]) -> None:
        live: Dict[int, memoryview] = {}

        def read_into(slot: int, memory: memoryview) -> None:
            blocks = memories[slot]
            for i in range(blocks.count):
                memory[i * blocks.block:i * blocks.block + blocks.length(i)] = self._blob(blocks, i)
            live[slot] = memory

        for slot in range(len(memories)):
            self._live.pop((number, slot), None)
        sizes = [(blocks.size, place[-1]) for blocks, place in zip(memories, places)]
        values = GroupUnpickler(self._bytes(payload), self._definition, read_into, sizes, self._origin).load()
        for slot, memory in live.items():
            if not places[slot][-1]:
                self._live[number, slot] = memory
        for root, value in sorted(zip(roots, values), key=lambda pair: pair[0]):
            self._set(root, value)

    def _set(self, root: str, value: Any) -> None:
        kind, key = root[0], root[1:]
        space, book = self._ledger.shell.user_ns, self._ledger.book
        if kind == "n":
            space[key] = value
            if isinstance(value, Lost):
                self._lost.setdefault(key, "it is a placeholder")
        elif kind == "o":
            space["_oh"][int(key)] = value
        elif kind in (COMM, TARGET):
            self._ledger.comms.put(root, value)
        elif value is not None:
            number = int(key)
            if book.get(number) is None:  # a cell or namespace that no function has asked for yet
                of = CELL if isinstance(value, tuple) else NAMESPACE
                (definitions.cell_in if of == CELL else definitions.namespace_in)(book, number)
            definitions.fill(book.kind(number), book.get(number), value)

    def _lose(self, roots: Tuple[str, ...], reason: str) -> None:
        for root in roots:
            if root[0] != "d":
                what = {"n": root[1:], "o": f"Out[{root[1:]}]"}.get(root[0], "what clients speak to")
                self._set(root, Lost(what, reason, self._origin))
                self._lost[what] = reason

    def _bytes(self, place: List[Any]) -> Any:
        if len(place) == 2:
            return self._received.part(place)
        blocks, _ = self._received.blocks(place, [])
        return b"".join(self._blob(blocks, i) for i in range(blocks.count))

    def _blob(self, blocks: Blocks, index: int) -> Any:
        digest = blocks.digest(index)
        content = self._fetch(digest)
        if len(content) != blocks.length(index):
            raise MissingBlobError(f"blob {digest.hex()[:12]} has another length")
        return content


def _sort(outputs: Dict[Any, Any]) -> None:
    """``Out`` in the order of its cells, whichever group came first."""
    if any(type(key) is not int for key in outputs):
        return  # the user's own doing, and then the user's order
    items = sorted(outputs.items())
    if [key for key, _ in items] != list(outputs):
        outputs.clear()
        outputs.update(items)


def _definitions_first(group: List[Any]) -> int:
    kinds = {root[0] for root in group[1]}
    return 0 if kinds == {"d"} else 1 if "d" in kinds else 2


def _fit(live: Dict[Tuple[int, int], memoryview], number: int, olds: List[Blocks], news: List[Blocks]) -> bool:
    """Whether a group's large memory is here and keeps its sizes."""
    return len(olds) == len(news) and all((number, slot) in live and old.size == new.size
                                          for slot, (old, new) in enumerate(zip(olds, news)))


def _no_memory(slot: int, memory: memoryview) -> None:
    raise StateFormatError("a definition has no large memory")
