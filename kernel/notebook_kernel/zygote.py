"""The fork server: imports ipykernel once, forks kernel processes, tells at once when one ends.

The agent holds the other ends of our stdin and stdout (see ``control``). When stdin ends, the agent is gone, however
it went: then every kernel process goes too. There must be no thread, no event loop and no ZMQ context here before a
fork, because none of these survives one.

orders  {"op": "fork", "id", "connection_file"}   {"op": "signal", "id", "signal"}
        {"op": "exec", "id", "argv", "environment", "directory"}: another program, such as a kernel that is not ours
events  {"op": "ready", "pid", "ipykernel"}       {"op": "forked", "id", "pid"}      {"op": "started", "id"}
        {"op": "exited", "id", "pid", "code" or "signal"}                            {"op": "failed", "id"?, "reason"}
"""

import contextlib
import gc
import os
import select
import signal
import sys
from typing import Any, Dict, Optional, Union

from .child import ExecOrder, ForkOrder, become_child, become_program
from .control import ControlPipe

EXIT_NO_IPYKERNEL = 5

ChildOrder = Union[ForkOrder, ExecOrder]


class Zygote:
    """Children by their ids, and the loop that makes and buries them."""

    def __init__(self, control: ControlPipe) -> None:
        self._control = control
        self._pid_by_id: Dict[str, int] = {}
        self._id_by_pid: Dict[int, str] = {}
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._handlers = {"fork": self._fork, "exec": self._exec, "signal": self._signal}

    def serve(self) -> Optional[ChildOrder]:
        """Serves until the agent is gone, and returns None; in a child returns, at once, what the child is to be.

        A child leaves the loop by returning, so that nothing of the zygote is left on its stack when it runs a
        notebook, and it ends as any Python does.
        """
        while True:
            readable, _, _ = select.select([self._control.orders, self._wake_read], [], [])
            if self._wake_read in readable:
                os.read(self._wake_read, 4096)
                self._bury()
            if self._control.orders in readable:
                try:
                    for order in self._control.read():
                        child = self._handlers[order["op"]](order)
                        if child is not None:
                            return child
                except EOFError:
                    self._end_children()
                    return None

    def _fork(self, order: Dict[str, Any]) -> Optional[ForkOrder]:
        threads = len(os.listdir("/proc/self/task"))
        if threads != 1:
            reason = f"{threads} threads run before the fork: something that Python imports at start made them"
            self._control.write(op="failed", id=order["id"], reason=reason)
            return None
        child = ForkOrder(order["id"], order["connection_file"], os.getpid())
        return child if self._is_child(order["id"]) else None

    def _exec(self, order: Dict[str, Any]) -> Optional[ExecOrder]:
        child = ExecOrder(order["argv"], order["environment"], order["directory"], os.getpid())
        if self._is_child(order["id"]):
            return child
        self._control.write(op="started", id=order["id"])  # its sockets are its own affair
        return None

    def _is_child(self, name: str) -> bool:
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            os.close(self._wake_read)
            os.close(self._wake_write)
            return True
        self._pid_by_id[name] = pid
        self._id_by_pid[pid] = name
        self._control.write(op="forked", id=name, pid=pid)
        return False

    def _signal(self, order: Dict[str, Any]) -> None:
        pid = self._pid_by_id.get(order["id"])
        if pid is not None:  # else it has ended, and its pid may be another's
            _signal_group(pid, order["signal"])

    def _bury(self) -> None:
        while self._id_by_pid:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._id_by_pid.pop(pid, None)
            if child is None:
                continue
            del self._pid_by_id[child]
            _kill_left_behind(pid)
            if os.WIFSIGNALED(status):
                self._control.write(op="exited", id=child, pid=pid, signal=os.WTERMSIG(status))
            else:
                self._control.write(op="exited", id=child, pid=pid, code=os.WEXITSTATUS(status))

    def _end_children(self) -> None:
        for pid in self._id_by_pid:
            _signal_group(pid, signal.SIGKILL)


def _signal_group(pid: int, number: int) -> None:
    for send in (os.killpg, os.kill):
        try:
            send(pid, number)
            return
        except ProcessLookupError:
            continue  # not yet the leader of its group, or gone


def _kill_left_behind(group: int) -> None:
    """Ends what a notebook started, once its kernel is gone. Never by process id: that may be another's by now."""
    with contextlib.suppress(OSError):
        os.killpg(group, signal.SIGKILL)


def _warm_up() -> str:
    """Imports what kernel processes need, and returns ipykernel's version."""
    import ipykernel

    from . import app  # noqa: F401

    gc.collect()
    gc.freeze()  # keeps the pages of what was imported shared between the forks
    return ipykernel.__version__


def _take_control() -> ControlPipe:
    """Moves the control pipe off descriptors 0 and 1, which children and prints must not find."""
    control = ControlPipe(os.dup(0), os.dup(1))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return control


def main() -> None:
    """Runs a zygote; in its children, runs a kernel. The argument is the folder to start in."""
    package_folder = os.getcwd()
    control = _take_control()
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.setsid()  # a Ctrl-C on the agent's terminal is the agent's to handle
    if len(sys.argv) > 1:
        os.chdir(sys.argv[1])
    os.environ.pop("JPY_PARENT_PID", None)
    try:
        version = _warm_up()
    except ImportError as e:
        reason = f"{sys.executable} has no usable ipykernel ({e}): install it with '{sys.executable} -m pip install ipykernel'"
        control.write(op="failed", reason=reason)
        sys.exit(EXIT_NO_IPYKERNEL)
    control.write(op="ready", pid=os.getpid(), ipykernel=version)
    order = Zygote(control).serve()
    if isinstance(order, ExecOrder):
        become_program(order, control)
    elif order is not None:
        # As for a kernel that Jupyter starts: first the directory it works in, and nothing of ours.
        sys.path[:] = [os.getcwd(), *(folder for folder in sys.path if folder != package_folder)]
        become_child(order, control)


if __name__ == "__main__":
    main()
