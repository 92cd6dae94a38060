"""What a cell changed, as bytes; and bytes, as the state of another process.

    state = KernelState(shell, origin="gpu-2")
    state.begin()                          # before a cell
    change = state.capture()               # after it: change.newly_lost, change.lost
    inline, blobs = change.encode()        # the log's entry, and large memory by SHA-256
    state.apply(inline, fetch_blob)        # in a standby; the next begin() makes it the executor
    inline, blobs = state.snapshot().encode()

``pickling`` says what travels how, ``tracker`` what is looked at, ``applier`` in which order things are put together.
"""

from .applier import Applied, MissingBlobError
from .change import Blob, Encoded, StateChange, StateFormatError
from .kernel_state import KernelState
from .lost import LostValueError
from .patience import Patience

__all__ = ["Applied", "Blob", "Encoded", "KernelState", "LostValueError", "MissingBlobError", "Patience",
           "StateChange", "StateFormatError"]
