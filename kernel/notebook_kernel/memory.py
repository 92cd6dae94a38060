"""Large parts of messages as memory that is handed to the agent, and taken from it, beside the ZMQ sockets.

Memory without a name (memfd) is filled, sealed against any change, and sent with a number over a Unix socket; a message
names the number afterwards. Nothing is left of it when either process dies. Where the socket is not there, as without an
agent, everything goes through ZMQ.
"""

import ctypes
import fcntl
import itertools
import mmap
import os
import socket
import struct
import threading
from typing import Any, Dict, Iterable, List, Optional, Sequence

WORTH_IT_BYTES = 1 << 20  # smaller parts travel with their message
MARK = b"memory:"  # how a frame begins that the agent puts before a message of which the buffers are in memory
_ALIGNMENT = 64  # of each buffer from the agent
_MOST_UNCLAIMED = 16
_NUMBER = struct.Struct("<Q")
_SEALS = 1 | 2 | 4 | 8  # F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE
_POPULATE_READ = 22  # MADV_POPULATE_READ, since Linux 5.14
_ADD_SEALS = 1033  # F_ADD_SEALS; this and the seals have names from Python 3.8 on, in builds of some systems alone


class MemorySocket:
    """The kernel process's end."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
            self._socket.setblocking(False)
        except OSError:
            self._socket.close()
            raise
        self._process = os.getpid()
        self._sent = itertools.count(1)
        self._claiming = threading.Lock()
        self._unclaimed: Dict[int, int] = {}  # descriptors by number, oldest first

    def give(self, parts: Iterable[Any]) -> Optional[int]:
        """Hands over parts, one after another; None when that cannot be now, and the number of the memory else."""
        if os.getpid() != self._process:
            return None  # a fork: the socket is its parent's
        try:
            memory = os.memfd_create("jupyter-message", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        except OSError:
            return None
        try:
            for part in parts:
                rest = memoryview(part).cast("B")
                _bring(rest)
                while rest:
                    rest = rest[os.write(memory, rest):]
            fcntl.fcntl(memory, _ADD_SEALS, _SEALS)
            number = next(self._sent)
            socket.send_fds(self._socket, [_NUMBER.pack(number)], [memory])
            return number
        except OSError:
            return None  # no memory, or an agent that does not keep up
        finally:
            os.close(memory)

    def take(self, frame: bytes) -> List[memoryview]:
        """The buffers that a frame of the agent's names: the number of the memory, and the length of each."""
        number, *lengths = struct.unpack(f"<{(len(frame) - len(MARK)) // _NUMBER.size}Q", frame[len(MARK):])
        memory = self._claim(number)
        try:
            # Private: what a notebook writes into a buffer is its own, as in one that came through ZMQ.
            mapped = memoryview(mmap.mmap(memory, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE))
        finally:
            os.close(memory)
        buffers, start = [], 0
        for length in lengths:
            if start + length > len(mapped):
                raise ValueError(f"buffers of {lengths} bytes do not fit into memory of {len(mapped)}")
            buffers.append(mapped[start:start + length])
            start = -(-(start + length) // _ALIGNMENT) * _ALIGNMENT
        return buffers

    def _claim(self, number: int) -> int:
        with self._claiming:
            while number not in self._unclaimed:
                data, descriptors, _, _ = socket.recv_fds(self._socket, _NUMBER.size, 1)
                if len(data) != _NUMBER.size or len(descriptors) != 1:
                    raise ValueError(f"a message names memory {number}, which did not come before it")
                self._unclaimed[_NUMBER.unpack(data)[0]] = descriptors[0]
                if len(self._unclaimed) > _MOST_UNCLAIMED:
                    os.close(self._unclaimed.pop(next(iter(self._unclaimed))))
            return self._unclaimed.pop(number)


_madvise = ctypes.CDLL(None).madvise
_madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def _bring(part: memoryview) -> None:
    """Has the system bring memory that nobody has touched yet, all at once. A write finds it missing page by page, and
    begins again for each: 200 MB of zeros that were never looked at take three times as long. An older system does not
    know how, which does no harm."""
    if not part.nbytes:
        return  # it may have no address
    view = (ctypes.c_void_p * 16)()  # a Py_buffer: its first field is the address, and it has 10 or so
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(part), view, 0)
    try:
        start = view[0] - view[0] % mmap.PAGESIZE
        _madvise(start, view[0] + part.nbytes - start, _POPULATE_READ)
    finally:
        ctypes.pythonapi.PyBuffer_Release(view)


def connect(connection_file_ip: str) -> Optional[MemorySocket]:
    """The socket that belongs to a connection over Unix sockets; None where there is none."""
    try:
        return MemorySocket(f"{connection_file_ip}-6")
    except OSError:
        return None


def is_worth_it(parts: Sequence[Any]) -> bool:
    """Whether one of the parts is large."""
    return any(memoryview(part).nbytes >= WORTH_IT_BYTES for part in parts)
