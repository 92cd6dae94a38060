"""Signals that come while the thread that runs cells is about to wait, or waits in its event loop."""

import os
import signal
import threading
import time
from typing import Any

_NUDGE = signal.SIGURG  # nobody minds it; with a handler it ends a system call, and Python goes on with what it was at
_NUDGES_S = (0.02, 0.2)  # after a signal; the second is for a machine that is busy


def wake_on_signals(loop: Any) -> None:
    """Has a thread watch for signals.

    Python runs a signal's handler between two steps of the main thread. A loop that waits for sockets does not come to
    its next step, and a signal that comes just before a system call, such as that of ``time.sleep``, does not end it.
    """
    found, told = os.pipe()
    os.set_blocking(told, False)
    signal.signal(_NUDGE, _nothing)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)  # a full pipe wakes as well
    threading.Thread(target=_watch, args=(found, threading.get_ident(), loop), name="signals", daemon=True).start()


def _watch(found: int, main: int, loop: Any) -> None:
    while True:
        if set(os.read(found, 1 << 12)) <= {_NUDGE}:
            continue
        loop.add_callback(_nothing)
        for pause in _NUDGES_S:
            time.sleep(pause)
            signal.pthread_kill(main, _NUDGE)


def _nothing(*_: Any) -> None:
    """To be woken was all."""
