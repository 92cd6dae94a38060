"""Has a signal wake the event loop.

A cell that awaits is interrupted by a callback that ipykernel's signal handler gives the loop. But the loop sleeps in a
system call that goes on after the handler (PEP 475), and would look at its callbacks only when the next message comes.
"""

import os
import signal
from typing import Any


def wake_on_signals(loop: Any) -> None:
    """From now on. On the main thread, which handles signals; ``loop`` is tornado's."""
    heard, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)  # a full pipe wakes as well
    loop.add_handler(heard, lambda fd, _: os.read(fd, 4096), loop.READ)
