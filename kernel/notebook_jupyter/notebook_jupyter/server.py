"""A plug-in for Jupyter Server 2.6 and later that uses the platform by ``--gateway-url``: how its browsers' sockets reach the gateway.

    jupyter lab --gateway-url=URL --ServerApp.kernel_websocket_connection_class=notebook_jupyter.server.GatewayChannels

Jupyter Server's own gateway client takes at most 10 MiB in a message, loses binary buffers, and leaves sockets behind. This
one hands every message on as it came, and keeps the browser's socket open while the gateway is restarted.
"""

from typing import Any, Dict

from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.services.kernels.connection.base import BaseKernelWebsocketConnection
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.utils import url_path_join
from tornado.escape import url_escape
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClosedError

from .gateway_socket import ANY_SIZE, GatewaySocket, Message

BROWSER_MESSAGE_BYTES_MAX = 512 << 20


class GatewayChannels(BaseKernelWebsocketConnection):
    """The channels of one browser's socket to one kernel."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # A server without a gateway has its kernels here, and is served as without the plug-in.
        if not GatewayClient.instance().gateway_enabled:
            return ZMQChannelsWebsocketConnection(*args, **kwargs)
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Before the handshake with the browser, which fixes the limit. A user's own setting counts more.
        self.websocket_handler.settings.setdefault("websocket_max_message_size", BROWSER_MESSAGE_BYTES_MAX)

    async def connect(self) -> None:
        self.websocket_handler.set_nodelay(True)
        self._socket = GatewaySocket(self._request, self.websocket_handler.selected_subprotocol, self._deliver, self._ended, self.log)
        self._socket.open()

    def disconnect(self) -> None:  # called, not awaited
        if getattr(self, "_socket", None) is not None:
            self._socket.close()

    def handle_incoming_message(self, incoming_msg: Message) -> None:
        self._socket.send(incoming_msg)

    def handle_outgoing_message(self, stream: str, outgoing_msg: Any) -> None:
        raise NotImplementedError("messages of the gateway are handed on whole")

    def _request(self) -> HTTPRequest:
        client = GatewayClient.instance()
        url = url_path_join(client.ws_url or "", client.kernels_endpoint, url_escape(self.kernel_id), "channels")
        arguments: Dict[str, Any] = client.load_connection_args()
        return HTTPRequest(f"{url}?session_id={url_escape(self.session_id)}&{ANY_SIZE}", **arguments)

    async def _deliver(self, message: Message) -> None:
        await self.websocket_handler.write_message(message, binary=isinstance(message, bytes))

    def _ended(self, code: int, reason: str) -> None:
        try:
            self.websocket_handler.close(code, reason)
        except WebSocketClosedError:
            pass  # it has gone by itself
