"""A state change as bytes: what goes into the log inline, and large memory as blobs named by their SHA-256.

    inline = magic "NBST" | version u8 | length of the header u32 LE | SHA-256 of what follows
             | header, JSON in UTF-8 | body

Every part that the header names is ``[offset, length]`` in the body, or, from 64 KiB on, blocks:
``[offset, count, size, block, base]``, where the body holds at the offset the digests of all blocks (``base`` null) or,
for each block that differs from those of slot ``base`` of the group's last version, its index u32 LE and its digest.
"""

import hashlib
import json
import struct
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from .blocks import DIGEST_SIZE, THRESHOLD, Blocks, changed, cut

MAGIC, VERSION = b"NBST", 1
_HEAD = struct.Struct("<4sBI32s")
_PATCH = struct.Struct("<I32s")
_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class StateFormatError(ValueError):
    """The bytes are no state change that this version can read."""


class Blob(NamedTuple):
    """Large memory. The view is valid until the next cell runs."""

    digest: bytes  # SHA-256 of the content
    content: memoryview


class Encoded(NamedTuple):
    """What leaves the process."""

    inline: bytes
    blobs: List[Blob]  # those that the standbys have not been sent already


class StateChange(NamedTuple):
    """What one cell changed, or all that there is."""

    header: Dict[str, Any]
    body: bytes
    blobs: List[Blob]
    large: List[str]  # names with values among the blobs

    @property
    def is_empty(self) -> bool:
        """Whether standbys need nothing of it."""
        return not any(self.header[key] for key in ("groups", "definitions", "deleted", "dropped", "env", "imports", "gone"))

    @property
    def lost(self) -> Dict[str, str]:
        """All names with a value, or a part of one, that cannot be copied, each with the reason."""
        return dict(self.header["lost"])

    @property
    def newly_lost(self) -> Dict[str, str]:
        """Those that no earlier change has named: to be told to the user, once."""
        return {name: self.header["lost"][name] for name in self.header["newly_lost"]}

    def encode(self) -> Encoded:
        """To bytes."""
        header = _JSON.encode(self.header).encode("utf-8", "surrogatepass")
        rest = header + self.body
        return Encoded(_HEAD.pack(MAGIC, VERSION, len(header), hashlib.sha256(rest).digest()) + rest, self.blobs)


class BodyWriter:
    """Collects parts, and the blobs that are not known yet."""

    def __init__(self, known: Set[bytes]) -> None:
        self._parts: List[bytes] = []
        self._length = 0
        self._known = known
        self.blobs: List[Blob] = []

    def add(self, part: bytes) -> List[Any]:
        """A part's place; its content becomes blobs when it is large."""
        if len(part) < THRESHOLD:
            return self._place(part)
        memory = memoryview(part)
        return self.add_blocks(cut(memory), memory, None, None)

    def add_blocks(self, blocks: Blocks, memory: memoryview, old: Optional[Blocks], slot: Optional[int]) -> List[Any]:
        """Large memory's place; as a patch where the standbys have its last version."""
        patched = old is not None and (old.size, old.block) == (blocks.size, blocks.block)
        indices = changed(blocks, old)
        for i in indices:
            digest = blocks.digest(i)
            if digest not in self._known:
                self._known.add(digest)
                self.blobs.append(Blob(digest, memory[i * blocks.block:i * blocks.block + blocks.length(i)]))
        if patched and len(indices) * _PATCH.size < len(blocks.digests):
            offset, _ = self._place(b"".join(_PATCH.pack(i, blocks.digest(i)) for i in indices))
            return [offset, len(indices), blocks.size, blocks.block, slot]
        offset, _ = self._place(blocks.digests)
        return [offset, blocks.count, blocks.size, blocks.block, None]

    def body(self) -> bytes:
        """All parts."""
        return b"".join(self._parts)

    def _place(self, part: bytes) -> List[Any]:
        offset = self._length
        self._parts.append(part)
        self._length += len(part)
        return [offset, len(part)]


class Received:
    """A change as it came: checked against its own lengths before anything is believed."""

    def __init__(self, inline: bytes) -> None:
        if len(inline) < _HEAD.size:
            raise StateFormatError(f"a state change has at least {_HEAD.size} bytes, this one has {len(inline)}")
        magic, version, length, digest = _HEAD.unpack_from(inline)
        if magic != MAGIC or version != VERSION:
            raise StateFormatError(f"expected {MAGIC!r} version {VERSION}, found {magic!r} version {version}")
        end = _HEAD.size + length
        if end > len(inline):
            raise StateFormatError(f"the header ends at {end}, the change at {len(inline)}")
        if hashlib.sha256(memoryview(inline)[_HEAD.size:]).digest() != digest:
            raise StateFormatError("the change is damaged: its content is not what its digest says")
        self.header: Dict[str, Any] = json.loads(inline[_HEAD.size:end].decode("utf-8", "surrogatepass"))
        self._body = memoryview(inline)[end:]

    def part(self, place: List[Any]) -> memoryview:
        """An inline part."""
        offset, length = place
        if offset < 0 or length < 0 or offset + length > len(self._body):
            raise StateFormatError(f"a part at {offset} of {length} bytes is outside the body of {len(self._body)}")
        return self._body[offset:offset + length]

    def blocks(self, place: List[Any], olds: List[Blocks]) -> Tuple[Blocks, List[int]]:
        """Large memory's block names, and which blocks differ from what is here."""
        offset, count, size, block, slot = place
        if slot is None:
            digests = bytes(self.part([offset, count * DIGEST_SIZE]))
            if block <= 0 or count != (size + block - 1) // block:
                raise StateFormatError(f"{count} blocks of {block} bytes are not {size} bytes")
            return Blocks(size, block, digests), list(range(count))
        if not 0 <= slot < len(olds) or (olds[slot].size, olds[slot].block) != (size, block):
            raise StateFormatError("a change of large memory whose last version is not here")
        old = olds[slot]
        merged = bytearray(old.digests)
        indices = []
        for i, digest in _PATCH.iter_unpack(self.part([offset, count * _PATCH.size])):
            if i >= old.count:
                raise StateFormatError(f"block {i} of {old.count}")
            merged[i * DIGEST_SIZE:(i + 1) * DIGEST_SIZE] = digest
            indices.append(i)
        return Blocks(size, block, bytes(merged)), indices
