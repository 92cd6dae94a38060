"""The state of one kernel process, whichever role it has: what the kernel's own code talks to."""

from typing import Any, Dict, List, Optional, Tuple

from .applier import Applied, FetchBlob, StateApplier
from .change import StateChange
from .comms import COMM, TARGET
from .ledger import Ledger
from .patience import Patience
from .tracker import StateTracker


class KernelState:
    """Executor or standby. Made when the kernel is assigned, before its first cell."""

    def __init__(self, shell: Any, origin: str, is_warm: bool = False, patience: Optional[Patience] = None) -> None:
        """``origin`` names this server in the errors of values that do not come along. A warm standby keeps the
        changes as bytes and applies them when it is needed. ``patience`` hears of captures that take long."""
        self._ledger = Ledger(shell, origin)
        self._tracker = StateTracker(self._ledger, patience or Patience(lambda what, seconds: None))
        self._applier = StateApplier(self._ledger)
        self._is_warm = is_warm
        self._waiting: List[Tuple[bytes, FetchBlob]] = []
        self._is_executor = False

    @property
    def pickled_roots(self) -> int:
        """How many roots captures have pickled so far: what they cost, apart from the machine."""
        return self._tracker.pickled_roots

    @property
    def sequence(self) -> int:
        """The number of the last change that was captured or applied here."""
        return self._ledger.sequence

    def begin(self) -> None:
        """Before a cell: this process is the executor from now on."""
        self.catch_up()
        if not self._is_executor:
            self._is_executor = True
            self._applier.release()
            self._tracker.adopt()
            self._ledger.comms.close_unusable()
        self._tracker.begin()

    def capture(self, everything: bool = False) -> StateChange:
        """After a cell, whether it failed or not. ``everything`` looks at all names, also untouched ones."""
        return self._tracker.capture(everything)

    def touch_comm(self, comm_id: Any, target: Any = None) -> bool:
        """A message of a comm came or went: the next capture looks at what it leads to, and at what its target does.
        Returns whether it had better look at everything: what the comm's end runs may be gone with the comm."""
        self._tracker.touch([f"{COMM}{comm_id}", f"{TARGET}{target}"])
        return self._ledger.comms.has_end(comm_id)

    def tell_closed(self, comm_id: str) -> None:
        """Tells clients that a comm is not, or not any more."""
        self._ledger.comms.tell_closed(comm_id)

    def snapshot(self) -> StateChange:
        """All there is; right after a capture."""
        return self._tracker.snapshot()

    def start_over(self) -> None:
        """After a capture that failed: nothing counts as shipped any more, so that the next one looks at everything."""
        self._ledger.forget()
        self._tracker.forget()

    def blobs_needed(self, inline: bytes) -> Dict[bytes, int]:
        """The blobs that ``apply`` will ask for, each with its length. Raises StateFormatError as ``apply`` does."""
        return self._applier.blobs_needed(inline)

    def apply(self, inline: bytes, fetch_blob: FetchBlob) -> Optional[Applied]:
        """In a standby. None where a warm one has put it aside."""
        self._is_executor = False
        if self._is_warm:
            self._waiting.append((inline, fetch_blob))
            return None
        return self._applier.apply(inline, fetch_blob)

    def catch_up(self) -> List[Applied]:
        """Applies what a warm standby has put aside."""
        waiting, self._waiting = self._waiting, []
        return [self._applier.apply(inline, fetch) for inline, fetch in waiting]
