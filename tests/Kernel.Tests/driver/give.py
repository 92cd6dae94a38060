"""Parts of messages handed over as memory: what is at the other end, as JSON."""

import array
import hashlib
import json
import mmap
import os
import socket
import tempfile

import run  # noqa: F401  sets the path up
from notebook_kernel.memory import MemorySocket

SIZE = (3 << 20) + 12345  # no whole number of pages
PATTERN = bytes(range(256)) * (SIZE // 256 + 1)


def parts():
    anonymous = mmap.mmap(-1, SIZE)  # nobody has touched it
    yield "bytes", [PATTERN[:SIZE]]
    yield "zeros that were never looked at", [bytes(SIZE)]
    yield "the middle of a bytearray", [memoryview(bytearray(PATTERN))[1001:1001 + SIZE]]
    yield "numbers", [array.array("d", range(1 << 18))]
    yield "fresh pages", [memoryview(anonymous)]
    yield "the end of a page", [memoryview(anonymous)[mmap.PAGESIZE - 1:]]
    yield "several, of which one is empty", [PATTERN[:SIZE], array.array("d"), memoryview(PATTERN)[7:SIZE]]


def main():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(folder, "1-6")
        listener.bind(path)
        listener.listen()
        process = MemorySocket(path)
        agent, _ = listener.accept()
        wrong = []
        for name, given in parts():
            number = process.give(given)
            _, descriptors, _, _ = socket.recv_fds(agent, 8, 1)
            with os.fdopen(descriptors[0], "rb") as memory:
                memory.seek(0)
                arrived = hashlib.sha256(memory.read()).digest()
            if number is None or arrived != hashlib.sha256(b"".join(given)).digest():
                wrong.append(name)
    print(json.dumps({"wrong": wrong}))


main()
