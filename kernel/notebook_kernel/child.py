"""From a fresh fork to a running kernel: everything that a process inherits and a kernel must not."""

import asyncio
import ctypes
import os
import random
import signal
import sys
from typing import NamedTuple

from .control import ControlPipe

PR_SET_PDEATHSIG = 1


class ForkOrder(NamedTuple):
    """What a child is to be."""

    id: str
    connection_file: str
    zygote: int  # the process that forked it


def become_child(order: ForkOrder, control: ControlPipe) -> None:
    """Runs a kernel on the sockets of the connection file until it is shut down."""
    _die_with(order.zygote)
    control.close_orders()
    os.setsid()  # its own process group: an interrupt reaches what the notebook started, and nothing else
    _reset_signals()
    _reseed()
    asyncio.set_event_loop(asyncio.new_event_loop())

    from .app import NotebookKernelApp
    from .dates import read_dates_quickly

    read_dates_quickly()

    # A notebook finds the arguments of a kernel that Jupyter started.
    sys.argv = [_launcher(), "-f", order.connection_file]
    app = NotebookKernelApp.instance()
    app.initialize(sys.argv[1:])
    control.write(op="started", id=order.id)
    control.close_events()
    app.start()


def _die_with(zygote: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:
        os._exit(1)  # the zygote went before the kernel could be told to watch it


def _reset_signals() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _reseed() -> None:
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _launcher() -> str:
    import ipykernel_launcher

    return ipykernel_launcher.__file__ or "ipykernel_launcher"
