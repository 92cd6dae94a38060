"""Between the agent and the state of this kernel: what a cell changed goes out, what other servers' cells changed
comes in.

A failure in here is ours, not the user's: it becomes the text of a message, and the cell's reply leaves all the same.
"""

import signal
import sys
import threading
from _signal import signal as set_handler  # signal's own makes an enum of each handler, or tries to: slow
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional

from .blob_source import BlobSource
from .state import KernelState, Patience, StateChange, StateFormatError


LARGE_NAMES = 20  # most names of large values that are told
MESSAGE_BLOB_BYTES = 64 << 20  # what comes on top goes ahead in messages of its own: no message may be too large for ZMQ's other end


class StateMessage(NamedTuple):
    """A change as the agent gets it."""

    content: Dict[str, Any]
    buffers: List[Any]  # the change, then its blobs in the order of their names; views of live memory
    newly_lost: Dict[str, str]
    ahead: List[Any] = []  # messages before it: names and contents of the blobs that are too many for one


class Replication:
    """One for each kernel that has replicas. On the thread that runs cells only."""

    def __init__(self, shell: Any, settings: Dict[str, Any], tell: Callable[[str], None]) -> None:
        """``tell`` shows the user a line at once."""
        patience = Patience(lambda what, seconds: tell(slow_line(what, seconds)))
        self._state = KernelState(shell, settings["origin"], patience=patience)
        self._objects: Optional[str] = settings.get("objects") or None
        self._ran_unseen = False
        self._is_ahead = False
        self._has_followed = False
        self._failure: Optional[str] = None

    @property
    def has_followed(self) -> bool:
        """Whether this process was a standby once: clients may then speak to what it never had."""
        return self._has_followed

    def expect_unseen_code(self) -> None:
        """Code of the notebook runs beside its cells: the next capture looks at all names."""
        self._ran_unseen = True

    def begin_message(self, content: Dict[str, Any]) -> None:
        """Before a client's message to a comm is handled, which runs the user's code as a cell does."""
        self.begin()
        self._is_ahead = True
        self._ran_unseen |= self._state.touch_comm(content.get("comm_id"), content.get("target_name"))

    def touch_comms(self, comm_ids: Iterable[str]) -> None:
        """These comms spoke, so what is behind them may have changed: the next capture looks at it."""
        for comm_id in comm_ids:
            self._state.touch_comm(comm_id)

    def tell_closed(self, comm_id: str) -> None:
        """Tells clients that a comm is not, or not any more."""
        self._state.tell_closed(comm_id)

    def begin(self) -> None:
        """Before a cell."""
        with Uninterrupted():
            try:
                self._state.begin()
            except Exception as e:
                self._fail(e)

    def capture(self) -> StateMessage:
        """After a cell, and before anything can interrupt."""
        if self._failure is None:
            try:
                change = self._state.capture(self._ran_unseen)
                self._ran_unseen = self._is_ahead = False
                return self._message(change)
            except Exception as e:
                self._fail(e)
        return self._failed()

    def snapshot(self) -> StateMessage:
        """All there is. After a failure: what can be captured now, and then captures go on."""
        with Uninterrupted():
            try:
                if self._failure is not None:
                    self._state.start_over()
                    self._state.begin()
                    self._state.capture(everything=True)
                    self._failure = None
                return self._message(self._state.snapshot(), sys.maxsize)
            except Exception as e:
                self._fail(e)
                return self._failed()

    def apply(self, content: Dict[str, Any], buffers: List[Any]) -> Dict[str, Any]:
        """Content of the reply to a change. Nothing is applied unless all of it can be, nor where a client's message changed
        what is here and nobody else was told: then this is not the state that the change follows."""
        if self._is_ahead:
            reason = "a widget's message changed what is here, and another server went on without that"
            return {"status": "error", "ename": "StateFormatError", "evalue": reason}
        try:
            inline, *blobs = buffers
            names = [bytes.fromhex(name) for name in content.get("blobs_in", [])]
            if len(names) != len(blobs):
                raise StateFormatError(f"{len(blobs)} blobs came with {len(names)} names")
            source = BlobSource(dict(zip(names, blobs)), self._objects)
            with Uninterrupted():
                return self._apply(bytes(inline), source, content.get("accept_missing", False))
        except (ValueError, OSError) as e:  # the bytes are no change, or not the next one
            return {"status": "error", "ename": type(e).__name__, "evalue": str(e)}

    def _apply(self, inline: bytes, source: BlobSource, accept_missing: bool) -> Dict[str, Any]:
        needed = self._state.blobs_needed(inline)
        missing = source.missing(needed)
        if missing and not accept_missing:
            return {"status": "missing", "blobs": _hex(missing), "lengths": [needed[digest] for digest in missing]}
        self._has_followed = True
        applied = self._state.apply(inline, source.fetch)
        if applied is None:
            return {"status": "ok", "sequence": self._state.sequence}
        return {"status": "ok", "sequence": applied.sequence, "lost": applied.lost, "problems": applied.problems}

    def _message(self, change: StateChange, blob_bytes: int = MESSAGE_BLOB_BYTES) -> StateMessage:
        content: Dict[str, Any] = {"sequence": self._state.sequence, "empty": change.is_empty, "blobs": [],
                                   "lost": change.lost}
        if change.is_empty:
            return StateMessage(content, [], change.newly_lost)
        inline, blobs = change.encode()
        *ahead, last = _batches(blobs, blob_bytes)
        content["blobs"] = _hex(blob.digest for blob in last)
        content["large"] = sorted(change.large)[:LARGE_NAMES]
        return StateMessage(
            content, [inline, *(blob.content for blob in last)], change.newly_lost,
            [({"blobs": _hex(blob.digest for blob in batch)}, [blob.content for blob in batch]) for batch in ahead])

    def _failed(self) -> StateMessage:
        return StateMessage({"sequence": self._state.sequence, "empty": True, "blobs": [], "lost": {},
                             "error": self._failure}, [], {})

    def _fail(self, error: Exception) -> None:
        # What the failed capture has seen it will not see again: until all is looked at afresh, nothing can be relied on.
        self._failure = f"{type(error).__name__}: {error}"


class Uninterrupted:
    """No KeyboardInterrupt inside: the cell is over, and half a capture is none."""

    def __enter__(self) -> None:
        self._before: Any = None
        if threading.current_thread() is threading.main_thread():
            # Not SIG_IGN, which processes would inherit that another thread starts meanwhile.
            self._before = set_handler(signal.SIGINT, _ignore)

    def __exit__(self, *_: Any) -> None:
        if self._before is not None:
            set_handler(signal.SIGINT, self._before)


def lost_lines(newly_lost: Dict[str, str]) -> str:
    """What a user is told, once for each name."""
    return "".join(f"[notebook] {name} is not replicated: {reason}; it is lost if this server is\n"
                   for name, reason in newly_lost.items())


def slow_line(what: str, seconds: float) -> str:
    """What a user is told while a cell's reply waits for its capture."""
    return f"[notebook] noting what this cell changed takes long: {seconds:.0f} s so far, and now it is at {what}\n"


def _batches(blobs: List[Any], limit: int) -> List[List[Any]]:
    """The blobs in messages' worths; the last one may be empty."""
    batches: List[List[Any]] = [[]]
    size = 0
    for blob in blobs:
        if size + len(blob.content) > limit:
            batches.append([])
            size = 0
        batches[-1].append(blob)
        size += len(blob.content)
    return batches


def _hex(digests: Iterable[bytes]) -> List[str]:
    return [digest.hex() for digest in digests]


def _ignore(*_: Any) -> None:
    """An interrupt that came too late for its cell."""
