"""Cuts large memory into blocks, each named by the SHA-256 of its content: the name under which the chunk stores keep it.

Memory that was cut before has mostly the same content. ``Cutter`` finds it by fingerprints, several times as fast as it
could be named again. Both give up the interpreter lock, so all cores take part. No copy of the old content is kept.
"""

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Dict, List, NamedTuple, Optional

from .fingerprints import Fingerprints, find_fingerprints

THRESHOLD = 64 * 1024  # bytes from which a value is cut into blocks and kept out of the log
DIGEST_SIZE = 32
_BLOCK_MAX = 1024 * 1024
_BLOCKS_WANTED = 4096
_PARALLEL_FROM = 8 * 1024 * 1024
_NAMES_MAX = 64 * 1024  # that a cutter remembers: of 4 GiB in the smallest blocks, of 64 GiB in the largest


class Blocks(NamedTuple):
    """The names of a memory's blocks."""

    size: int  # bytes
    block: int  # bytes in each block but the last
    digests: bytes  # DIGEST_SIZE for each block

    @property
    def count(self) -> int:
        """How many blocks there are."""
        return len(self.digests) // DIGEST_SIZE

    def digest(self, index: int) -> bytes:
        """The name of one."""
        return self.digests[index * DIGEST_SIZE:(index + 1) * DIGEST_SIZE]

    def length(self, index: int) -> int:
        """The bytes in one."""
        return min(self.block, self.size - index * self.block)


def block_size(size: int) -> int:
    """Small blocks for small memory, so that one per cent of change ships about that; at most some thousand blocks."""
    block = THRESHOLD
    while block < _BLOCK_MAX and block * _BLOCKS_WANTED < size:
        block *= 2
    return block


def cut(memory: memoryview) -> Blocks:
    """Hashes all blocks of a contiguous memory of bytes."""
    block = block_size(memory.nbytes)
    return _cut(memory, block, lambda i: hashlib.sha256(memory[i * block:(i + 1) * block]).digest())


class Cutter:
    """Cuts memory again and again, and hashes only the blocks whose content it has not met before."""

    def __init__(self) -> None:
        self._fingerprints: Optional[Fingerprints] = None
        self._is_looked_for = False
        self._names: Dict[bytes, bytes] = {}  # fingerprint -> SHA-256, the oldest first

    def cut(self, memory: memoryview) -> Blocks:
        """As the function, which it leaves it to without numpy: then there is no large memory that changes in place."""
        if not self._is_looked_for:  # not before it is needed, and never before a fork: the key is this process's own
            self._fingerprints, self._is_looked_for = find_fingerprints(), True
        fingerprints, numpy = self._fingerprints, sys.modules.get("numpy")
        if fingerprints is None or not hasattr(numpy, "frombuffer"):
            return cut(memory)
        address = numpy.frombuffer(memory, "u1").__array_interface__["data"][0]
        names, size, block = self._names, memory.nbytes, block_size(memory.nbytes)

        def name_of(i: int) -> bytes:
            place, length = address + i * block, min(block, size - i * block)
            fingerprint = fingerprints.of(place, length)
            name = names.get(fingerprint)
            if name is None:
                name = hashlib.sha256(memory[i * block:(i + 1) * block]).digest()
                if fingerprints.of(place, length) == fingerprint:  # else a thread of the user's has just changed it
                    names[fingerprint] = name
            return name

        blocks = _cut(memory, block, name_of)
        for oldest in list(names)[:max(0, len(names) - _NAMES_MAX)]:
            del names[oldest]
        return blocks


def changed(new: Blocks, old: Optional[Blocks]) -> List[int]:
    """The blocks that differ; all of them when the two cannot be compared."""
    if old is None or (old.size, old.block) != (new.size, new.block):
        return list(range(new.count))
    if new.digests == old.digests:
        return []
    return [i for i in range(new.count) if new.digest(i) != old.digest(i)]


def _cut(memory: memoryview, block: int, name_of: Callable[[int], bytes]) -> Blocks:
    size = memory.nbytes
    count = (size + block - 1) // block
    if size < _PARALLEL_FROM:
        return Blocks(size, block, b"".join(map(name_of, range(count))))
    workers = min(_cores(), 8)
    step = (count + workers * 4 - 1) // (workers * 4)
    with ThreadPoolExecutor(workers) as pool:
        parts = pool.map(lambda first: b"".join(map(name_of, range(first, min(first + step, count)))),
                         range(0, count, step))
        return Blocks(size, block, b"".join(parts))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
