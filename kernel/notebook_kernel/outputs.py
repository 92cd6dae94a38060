"""How a cell's outputs leave the process: at once, and on the thread that has them.

ipykernel hands each message to a thread of its own, which works when the cell's thread lets it: mostly when the cell is
over. And it flushes both streams three times for each cell, of which each waits for that thread.
"""

import os
import struct
import threading
from typing import Any, Iterable, Optional, Set

import zmq
from ipykernel.iostream import IOPubThread, OutStream

from .memory import WORTH_IT_BYTES, MemorySocket, is_worth_it

_COMM_TOPIC = b"comm-"  # and the comm's id
_BESIDE = 1 << 63  # of a number: there is memory beside the message, a part lies in it
COPIED_BYTES = 1 << 16  # a message up to this costs less to copy than to hand over


class DirectOutputs(IOPubThread):
    """Sends a message where it is made. Each is one ZMQ frame (see :func:`packed`): a send is one call into ZMQ then, so
    that neither an interrupt nor a signal handler that prints can leave half a message behind."""

    memory: Optional[MemorySocket] = None

    def __init__(self, socket: Any, *args: Any, **options: Any) -> None:
        self.sending = threading.RLock()  # again by its own thread: a signal handler's, between two messages
        self._spoken: Set[str] = set()
        self._next_waits = False
        self._waiting: Optional[bytes] = None
        os.register_at_fork(after_in_child=self._begin_in_child)
        super().__init__(socket, *args, **options)

    def take_spoken(self) -> Set[str]:
        """The comms that have sent messages since the last call."""
        spoken, self._spoken = self._spoken, set()
        return spoken

    def hold_next(self) -> None:
        """The next message leaves just before the one after it, or at :meth:`release`: two that leave together wake each
        of the threads and processes on their way once."""
        with self.sending:
            self._next_waits = self._waiting is None and not self.closed and self.socket.type == zmq.PUB

    def release(self) -> None:
        """Nothing waits any longer, and the next message leaves at once."""
        with self.sending:
            self._next_waits = False
            if self._waiting is not None:
                self.socket.send(self._waiting)
                self._waiting = None  # an interrupt just before this has it sent again, which is better than never

    def send_multipart(self, parts: Any, *args: Any, **options: Any) -> None:
        if parts[0].startswith(_COMM_TOPIC):
            self._spoken.add(parts[0][len(_COMM_TOPIC):].decode("utf-8", "replace"))
        if self.closed or self.socket.type != zmq.PUB:  # newer versions read from the socket too, on the thread
            super().send_multipart(parts, *args, **options)
        else:
            self._really_send(parts, *args, **options)

    def _really_send(self, parts: Any, *args: Any, **options: Any) -> None:
        if self.closed or not self._is_master_process():
            super()._really_send(parts, *args, **options)
            return
        with self.sending:
            message = (self._beside_memory(parts) if self.memory and is_worth_it(parts) else None) or packed(parts)
            if self._next_waits:
                self._next_waits, self._waiting = False, message
                return
            self.release()
            self.socket.send(message, copy=len(message) <= COPIED_BYTES)

    def _beside_memory(self, parts: Any) -> Optional[bytes]:
        """The message without its large parts, which are at the agent already; None when they cannot be."""
        parts = [memoryview(part) for part in parts]
        number = self.memory.give(part for part in parts if part.nbytes >= WORTH_IT_BYTES)
        if number is None:
            return None
        lengths = (part.nbytes | (_BESIDE if part.nbytes >= WORTH_IT_BYTES else 0) for part in parts)
        numbers = struct.pack(f"<{len(parts) + 2}Q", len(parts) | _BESIDE, number, *lengths)
        return b"".join((numbers, *(part for part in parts if part.nbytes < WORTH_IT_BYTES)))

    def _begin_in_child(self) -> None:
        self.sending = threading.RLock()  # the other one may be held by a thread that is not here
        self._waiting = None  # the parent's


class DirectStream(OutStream):
    """A standard stream whose flush sends what there is, and waits for no other thread."""

    _process = os.getpid()

    def flush(self) -> None:
        if self.pub_thread is not None:
            self._flush()

    def _flush(self) -> None:
        with self.pub_thread.sending:  # or text could overtake what the timer's thread has taken and not yet sent
            super()._flush()

    def _is_master_process(self) -> bool:
        """As ipykernel's, without asking the operating system: it is called twice for each line that is printed."""
        return self._process == self._master_pid

    @classmethod
    def _begin_in_child(cls) -> None:
        cls._process = os.getpid()


os.register_at_fork(after_in_child=DirectStream._begin_in_child)


def packed(parts: Iterable[Any]) -> bytes:
    """The parts of a message as one: how many, the length of each (64-bit little-endian numbers), and their bytes."""
    parts = [memoryview(part) for part in parts]
    numbers = struct.pack(f"<{len(parts) + 1}Q", len(parts), *(part.nbytes for part in parts))
    return b"".join((numbers, *parts))  # copied once
