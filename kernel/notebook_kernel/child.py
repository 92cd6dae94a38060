"""From a fresh fork to a running kernel: everything that a process inherits and a kernel must not."""

import asyncio
import ctypes
import os
import random
import signal
import string
import sys
from typing import Dict, List, NamedTuple

from .control import ControlPipe

PR_SET_PDEATHSIG = 1


class ForkOrder(NamedTuple):
    """What a child is to be."""

    id: str
    connection_file: str
    zygote: int  # the process that forked it


class ExecOrder(NamedTuple):
    """What a child is to be that is no kernel of ours."""

    argv: List[str]
    environment: Dict[str, str]
    directory: str
    zygote: int  # the process that forked it


EXIT_NOT_STARTED = 127  # as shells have it


def become_program(order: ExecOrder, control: ControlPipe) -> None:
    """Becomes another program. What it says goes to the agent's log, and the control pipe ends here: it is not inherited."""
    _die_with(order.zygote)
    control.close_orders()
    os.setsid()
    _reset_signals()
    try:
        environment = {name: string.Template(value).safe_substitute(os.environ) for name, value in order.environment.items()}
        if order.directory:
            _enter(os.path.expanduser(order.directory))
        os.execvpe(order.argv[0], order.argv, {**os.environ, **environment})
    except (OSError, ValueError) as e:
        print(f"{order.argv[0]} cannot be started: {e}", file=sys.stderr, flush=True)
        os._exit(EXIT_NOT_STARTED)


def _enter(directory: str) -> None:
    try:
        os.chdir(directory)
    except OSError as e:  # it works where the agent does, as a kernel of ours
        print(f"cannot work in {directory}: {e}", file=sys.stderr, flush=True)


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
    from .signatures import remember_signatures

    read_dates_quickly()
    remember_signatures()

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
