"""What a kernel process says of itself is the kernel's, which has several processes on several servers."""

from json.encoder import JSONEncoder
from typing import Any, List, NamedTuple, Optional, Tuple

import zmq
from jupyter_client import jsonutil
from jupyter_client.session import DELIM, Session, json_packer
from zmq.eventloop.zmqstream import ZMQStream

from .memory import MARK, MemorySocket
from .outputs import COPIED_BYTES, packed

_encode = JSONEncoder(ensure_ascii=False, allow_nan=False, default=getattr(jsonutil, "json_default", None)).encode


def pack(value: Any) -> bytes:
    """JSON as jupyter_client writes it, which makes an encoder for each part of each message."""
    try:
        return _encode(value).encode("utf8", errors="surrogateescape")
    except (TypeError, ValueError):  # it has a way with what is no JSON
        return json_packer(value)


class KernelSession(Session):
    """As jupyter_client's, but it names no server and no process: these change, and are no user's business. And a reply
    leaves at once, as outputs do, in one ZMQ frame after those that say who is to have it: each frame has its price here,
    in ZMQ and at the agent."""

    kernel_id = ""
    memory: Optional[MemorySocket] = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if self.pack is json_packer:  # not where another form is set
            self.pack = pack

    def send(self, stream: Any, msg_or_type: Any, content: Optional[Any] = None, parent: Optional[Any] = None,
             *more: Any, **options: Any) -> Any:
        """As jupyter_client's. A kernel's usage is that of the process that runs its cells, under the kernel's own name."""
        if msg_or_type == "usage_reply" and content:
            content = {**content, "hostname": self.kernel_id, "pid": 0}
        if isinstance(stream, ZMQStream) and not stream.sending() and not self._asked(parent):
            stream = _AtOnce(stream)
        return super().send(stream, msg_or_type, content, parent, *more, **options)

    def feed_identities(self, msg_list: List[Any], copy: bool = True) -> Tuple[List[bytes], List[Any]]:
        """As jupyter_client's. Where the buffers are in memory, what names them is the last of the message's parts."""
        identities, parts = super().feed_identities(msg_list, copy)
        if self.memory and identities and identities[-1].startswith(MARK):
            parts = [*parts, _Beside(identities.pop())]
        return identities, parts

    def deserialize(self, msg_list: List[Any], content: bool = True, copy: bool = True) -> Any:
        """As jupyter_client's. Buffers in memory are taken once the signature is right, by whoever wants the content too."""
        beside = msg_list[-1] if msg_list and isinstance(msg_list[-1], _Beside) else None
        message = super().deserialize(msg_list[:-1] if beside else msg_list, content, copy)
        if beside and content:
            message["buffers"] = self.memory.take(beside.frame)
        return message

    def _asked(self, parent: Optional[Any]) -> bool:
        """Whether the reply is for ipykernel itself, which starts its debugger by a cell of its own and knows the usual form."""
        return bool(parent) and (parent.get("header") or parent).get("session") == self.session


class _Beside(NamedTuple):
    """Stands for buffers that are in memory."""

    frame: bytes


class _AtOnce:
    """The socket of a stream that has nothing waiting."""

    def __init__(self, stream: ZMQStream) -> None:
        self._stream = stream

    def send_multipart(self, parts: List[Any], *args: Any, **options: Any) -> None:
        if sum(memoryview(part).nbytes for part in parts) <= COPIED_BYTES:
            start = parts.index(DELIM)
            parts = [*parts[:start], packed(parts[start:])]
        socket = self._stream.socket
        socket.send_multipart(parts, *args, **options)
        if socket.events & zmq.POLLIN:  # came meanwhile: the send took its sign, and the stream would wait for the next
            self._stream.io_loop.add_callback(self._stream.flush, zmq.POLLIN)
