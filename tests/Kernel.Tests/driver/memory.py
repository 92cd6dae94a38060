"""Large memory that is cut again and again: the names are those of a cut from scratch, and little is hashed.

    memory.py SEED COUNT    random changes of random memory, as JSON
"""

import hashlib
import importlib.util
import json
import random
import sys

import run  # noqa: F401  sets the path up
from notebook_kernel.state import blocks

CHANGES = ("nothing", "bit", "sign bits", "swapped words", "swapped blocks", "shorter", "back", "copy")


class Counting:
    """Stands for ``hashlib`` and counts; may change the memory while it is hashed."""

    def __init__(self):
        self.hashed, self.on_hash = 0, lambda: None

    def sha256(self, content):
        self.hashed += 1
        self.on_hash()
        return hashlib.sha256(content)


def change(kind, rng, memory, first):
    words, block = memory.view("u8"), blocks.block_size(memory.nbytes)
    i, j = rng.sample(range(len(words)), 2)
    if kind == "bit":
        memory[rng.randrange(len(memory))] ^= 1 << rng.randrange(8)
    elif kind == "sign bits":
        words[[i, j]] ^= type(words[0])(1 << 63)
    elif kind == "swapped words":
        words[[i, j]] = words[[j, i]]
    elif kind == "swapped blocks":
        memory[:block], memory[block:2 * block] = memory[block:2 * block].copy(), memory[:block].copy()
    elif kind == "shorter":
        return memory[:-8]
    elif kind == "back":
        return first.copy()
    elif kind == "copy":
        return memory.copy()
    return memory


def changes(seed, count, cutter, counting):
    import numpy

    rng, wrong, expected = random.Random(seed), [], 0
    blocks._cores, cores = (lambda: 1), blocks._cores  # so that equal blocks are not hashed twice, by two threads
    for size in (300_000, 9_000_000):  # in order, and in the pool
        first = numpy.frombuffer(rng.randbytes(size), "u1")
        memory, met = first.copy(), set()
        for number in range(count):
            kind = rng.choice(CHANGES) if number else "nothing"
            memory = change(kind, rng, memory, first)
            wanted = blocks.cut(memoryview(memory))
            new = {wanted.digest(i) for i in range(wanted.count)} - met
            before = counting.hashed
            blocks.hashlib = counting
            found = cutter.cut(memoryview(memory).toreadonly())
            blocks.hashlib = hashlib
            if found != wanted or counting.hashed - before > len(new):
                wrong.append(f"seed {seed}, {number}, {kind}: {counting.hashed - before} hashed, {len(new)} new")
            met |= new
            expected += len(new)
    blocks._cores = cores
    return {"wrong": wrong, "hashed": counting.hashed, "new": expected}


def changed_meanwhile(cutter, counting):
    """Memory that changes while it is hashed must not be remembered under the name of what it was."""
    import numpy

    memory = numpy.zeros(100_000, "u1")
    blocks.hashlib = counting
    counting.on_hash = lambda: memory.__setitem__(5, 1)
    cutter.cut(memoryview(memory))
    counting.on_hash = lambda: None
    before, memory[5] = counting.hashed, 0
    found = cutter.cut(memoryview(memory))
    blocks.hashlib = hashlib
    return {"is right": found == blocks.cut(memoryview(memory)), "hashed again": counting.hashed > before}


def without_openssl(memory):
    find, blocks.find_fingerprints = blocks.find_fingerprints, lambda: None
    found = blocks.Cutter().cut(memory)
    blocks.find_fingerprints = find
    return found == blocks.cut(memory)


if __name__ == "__main__":
    if importlib.util.find_spec("numpy") is None:
        print("{}")
    else:
        seed, count = int(sys.argv[1]), int(sys.argv[2])
        print(json.dumps({"changes": changes(seed, count, blocks.Cutter(), Counting()),
                          "meanwhile": changed_meanwhile(blocks.Cutter(), Counting()),
                          "without OpenSSL": without_openssl(memoryview(bytes(200_000)))}))
