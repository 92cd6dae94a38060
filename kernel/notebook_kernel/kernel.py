"""ipykernel's own kernel, with what the platform needs to know and to say."""

import contextlib
import inspect
import sys
from typing import Any, Dict, Iterator, Optional, Tuple

from ipykernel.ipkernel import IPythonKernel
from traitlets import Float

from .assignment import assign
from .devices import show_devices
from .gpu_magics import GpuMagics
from .kept_reply import kept_reply
from .replication import Replication, StateMessage, Uninterrupted, lost_lines
from .wakeup import wake_on_signals

_COMMS = frozenset({"comm_open", "comm_msg", "comm_close"})  # their handlers run the user's code
_AGENTS = frozenset({"notebook_apply", "notebook_capture", "notebook_snapshot"})


class NotebookKernel(IPythonKernel):
    """A stock kernel that waits in a pool until ``notebook_assign`` makes it a user's.

    One that has replicas answers each cell with ``notebook_state`` before its reply, on the shell channel: it is sent at
    once, where a message on iopub waits for another thread. The agent's own requests come on the shell channel too, so
    that they are in order with cells, and leave no trace on iopub.
    """

    msg_types = [*IPythonKernel.msg_types, *sorted(_AGENTS)]
    control_msg_types = [*IPythonKernel.control_msg_types, "notebook_assign"]

    # ipykernel waits half a millisecond before every reply, so that outputs arrive first. Our agent puts them in
    # order by itself: it holds a reply until the cell's outputs are through.
    _execute_sleep = Float(0.0).tag(config=True)

    _is_assigned = False
    _replication: Optional[Replication] = None
    _agent_session: Optional[str] = None
    _is_for_agent = False
    _is_for_cell = False
    _asker: Tuple[Any, Any] = (None, None)  # of the running cell: its stream and identity

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._gpus = GpuMagics(self.shell)
        self.shell.register_magics(self._gpus)
        self.shell.input_transformer_manager.cleanup_transforms.insert(0, self._gpus.without_request)
        self._handle_comm_message = self.shell_handlers["comm_msg"]
        self.shell_handlers["comm_msg"] = self._comm_message

    def start(self) -> None:
        """As ipykernel's, when its event loop is about to run."""
        super().start()
        wake_on_signals(self.io_loop)

    def _abort_queues(self, *_: Any) -> "_Nothing":
        """Nothing. The queue of cells is before this process, and knows which of them a failed one aborts; here only
        the cell after that could be hit, which its user sent knowing of the failure. Awaited by some versions."""
        return _Nothing()

    async def _flush_control_queue(self) -> None:
        """Nothing. The channels have no order between them; ipykernel 6 waits for its control thread before each message."""

    async def notebook_assign(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """Control message: become the kernel of a user. Once, so that no client of the kernel can repeat it."""
        content = {"status": "ok"}
        try:
            if self._is_assigned:
                raise PermissionError("this process is a kernel already")
            assign(self, parent["content"])
            self._is_assigned = True
            self._agent_session = parent["header"]["session"]
            state = parent["content"].get("state")
            if state is not None:
                self._replication = Replication(self.shell, state, self._tell)
        except OSError as e:
            content = {"status": "error", "ename": type(e).__name__, "evalue": str(e)}
        self.session.send(stream, "notebook_assign_reply", content, parent, ident=ident)

    async def execute_request(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """Runs a cell with the devices of its lease."""
        self._gpus.devices = show_devices(parent.get("metadata") or {})
        self._asker = stream, ident
        result = super().execute_request(stream, ident, parent)
        if inspect.isawaitable(result):
            await result

    async def do_execute(self, code: str, silent: bool, store_history: bool = True,
                         user_expressions: Optional[Dict[str, str]] = None, allow_stdin: bool = False,
                         **cell: Any) -> Dict[str, Any]:
        """Runs a cell, and says what it changed."""
        self.iopub_socket.io_thread.release()  # where no input was to be shown, "busy" waits until here
        self._gpus.cell = code
        replication = self._replication
        if replication is None or self._asks_itself():
            return await super().do_execute(code, silent, store_history, user_expressions, allow_stdin, **cell)
        if user_expressions:
            replication.expect_unseen_code()
        replication.begin()
        reply: Optional[Dict[str, Any]] = None
        try:
            reply = await super().do_execute(code, silent, store_history, user_expressions, allow_stdin, **cell)
            return reply
        finally:
            with Uninterrupted():
                self._publish_state(replication, reply)

    def _asks_itself(self) -> bool:
        """Whether the code is ipykernel's own, which starts its debugger in this way and knows of no answer but the reply.
        What it changes goes along with the next cell's."""
        return (self.get_parent("shell").get("header") or {}).get("session") == self.session.session

    def _publish_state(self, replication: Replication, reply: Optional[Dict[str, Any]]) -> None:
        """``reply`` goes along, so that it is known wherever what the cell changed is."""
        parent = self.get_parent("shell")
        message = self._capture(replication)
        if not message.content["empty"]:
            message.content["reply"] = kept_reply(reply, self.session.pack)
        if message.newly_lost:
            self._tell(lost_lines(message.newly_lost))
        if self._gpus.default:
            message.content["cell_default"] = self._gpus.default
        for content, buffers in message.ahead:
            self._answer("notebook_blobs", content, parent, buffers)
        self._answer("notebook_state", message.content, parent, message.buffers)

    def _capture(self, replication: Replication) -> StateMessage:
        spoken = self.iopub_socket.io_thread.take_spoken()
        if spoken:
            replication.touch_comms(spoken)
        return replication.capture()

    def _tell(self, text: str) -> None:
        sys.stderr.flush()  # first what the cell itself has written
        self.session.send(self.iopub_socket, "stream", {"name": "stderr", "text": text},
                          parent=self.get_parent("shell"), ident=self._topic("stream"))

    def _answer(self, kind: str, content: Dict[str, Any], parent: Dict[str, Any], buffers: Any) -> None:
        stream, ident = self._asker
        self.session.send(stream, kind, content, parent=parent, ident=ident, buffers=buffers)

    async def notebook_apply(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """Shell message: a change of another server's process becomes this one's state."""
        content = self._refusal(parent)
        if content is None:
            with self._outputs_to(ident, parent):
                content = self._replication.apply(parent["content"], parent["buffers"])
        self.session.send(stream, "notebook_apply_reply", content, parent, ident=ident)

    async def notebook_capture(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """Shell message: what clients' messages to comms have changed since the last cell."""
        content, buffers = self._refusal(parent), None
        if content is None:
            with self._outputs_to(ident, parent), Uninterrupted():
                message = self._capture(self._replication)
                content, buffers = message.content, message.buffers
        self.session.send(stream, "notebook_capture_reply", content, parent, ident=ident, buffers=buffers)

    def _comm_message(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> Any:
        """As ipykernel's. A client that speaks to what was lost with another server is told so."""
        comm_id = parent["content"].get("comm_id")
        replication = self._replication
        if replication is not None and replication.has_followed and comm_id not in self.comm_manager.comms:
            replication.tell_closed(comm_id)
            return None
        return self._handle_comm_message(stream, ident, parent)

    async def notebook_snapshot(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """Shell message: all there is. Its buffers are live memory: no cell may run before the agent has the reply."""
        content, buffers = self._refusal(parent), None
        if content is None:
            with self._outputs_to(ident, parent):
                message = self._replication.snapshot()
                content, buffers = message.content, message.buffers
        self.session.send(stream, "notebook_snapshot_reply", content, parent, ident=ident, buffers=buffers)

    def set_parent(self, ident: Any, parent: Dict[str, Any], channel: str = "shell") -> None:
        """Outputs belong to the last cell, not to what the agent asks between cells."""
        kind = (parent.get("header") or {}).get("msg_type")
        if channel == "shell":
            self._is_for_agent = kind in _AGENTS
            self._is_for_cell = kind == "execute_request"
            if self._is_for_agent:
                return
        super().set_parent(ident, parent, channel)
        if channel == "shell" and kind in _COMMS and self._replication is not None:
            self._replication.begin_message(parent.get("content") or {})

    def _publish_status(self, status: str, channel: str, parent: Optional[Dict[str, Any]] = None) -> None:
        if self._is_for_agent and channel == "shell":
            return
        if self._is_for_cell and channel == "shell" and status == "busy":
            self.iopub_socket.io_thread.hold_next()  # the cell's input follows at once
        super()._publish_status(status, channel, parent)

    def _refusal(self, parent: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        if self._replication is not None and parent["header"]["session"] == self._agent_session:
            return None
        reason = "only the agent asks this, and only of a kernel that has replicas"
        return {"status": "error", "ename": "PermissionError", "evalue": reason}

    @contextlib.contextmanager
    def _outputs_to(self, ident: Any, parent: Dict[str, Any]) -> Iterator[None]:
        """What the user's code prints while it is pickled or loaded goes where the agent drops it."""
        before = self._parent_ident["shell"], self.get_parent("shell")
        self._flush()
        super().set_parent(ident, parent)
        try:
            yield
        finally:
            self._flush()
            super().set_parent(*before)

    @staticmethod
    def _flush() -> None:
        sys.stdout.flush()
        sys.stderr.flush()


class _Nothing:
    """Can be awaited, and need not be."""

    def __await__(self) -> Iterator[None]:
        return iter(())
