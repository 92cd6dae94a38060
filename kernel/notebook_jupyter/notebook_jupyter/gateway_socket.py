"""A WebSocket to a kernel on the gateway, for one browser: what comes is handed on as it came, whatever its size.

It holds for as long as the browser is there. When the gateway is away, or closes it because it is restarted (1012), it is
opened again under the same session, and the gateway goes on where it stopped. Only tornado is needed here.
"""

import asyncio
import collections
import logging
import random
from typing import Any, Awaitable, Callable, Deque, Optional, Sequence, Union

from tornado.httpclient import HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

Message = Union[str, bytes]

MESSAGE_BYTES_MAX = 1 << 40  # the gateway's own limit is the one that counts
ANY_SIZE = "max_message=0"  # said in the query of the handshake: the gateway replaces nothing because it is large
WAITING_BYTES_MAX = 64 << 20
WAITING_MESSAGES_MAX = 1000
PING_SECONDS = 30
RETRY_SECONDS_FIRST = 0.1
RETRY_SECONDS_MOST = 2.0
ABSENT_SECONDS_MOST = 300.0

ENDED = 1000
FAILED = 1011
COME_BACK = 1012
FINAL = {ENDED, 1002, 1003, 1007, 1008, 1009, 1010, FAILED}  # after any other code, and none, the gateway is asked again


class GatewaySocket:
    """One of them.

    :param request: makes the request of a handshake, anew for each, as tokens may change.
    :param subprotocol: what the browser speaks; None for the default form. The gateway speaks the same.
    :param deliver: takes a message for the browser; what it returns is awaited, so that a slow browser is not read ahead of.
    :param ended: told once when it is over, with a close code for the browser and a reason.
    """

    def __init__(
        self,
        request: Callable[[], HTTPRequest],
        subprotocol: Optional[str],
        deliver: Callable[[Message], Awaitable[Any]],
        ended: Callable[[int, str], None],
        log: logging.Logger,
    ) -> None:
        self._request = request
        self._subprotocol = subprotocol
        self._deliver = deliver
        self._ended = ended
        self._log = log
        self._socket: Optional[WebSocketClientConnection] = None
        self._waiting: Deque[Message] = collections.deque()
        self._waiting_bytes = 0
        self._running: Optional["asyncio.Task[None]"] = None

    def open(self) -> None:
        """Begins; messages that are sent before it is open wait."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    def send(self, message: Message) -> None:
        """Sends a message of the browser's; it waits while the gateway is away, and there is a limit to that."""
        if self._running is None:
            return
        if self._socket is not None and not self._waiting:
            try:
                self._socket.write_message(message, binary=isinstance(message, bytes)).add_done_callback(_seen)
                return
            except WebSocketClosedError:
                pass  # it broke just now, and is opened again
        self._waiting.append(message)
        self._waiting_bytes += len(message)
        if len(self._waiting) > WAITING_MESSAGES_MAX or self._waiting_bytes > WAITING_BYTES_MAX:
            self._end(COME_BACK, "the gateway is away, and too much waits for it; connect again")

    def close(self) -> None:
        """Ends it: the browser has gone."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        away_since = loop.time()
        delay = RETRY_SECONDS_FIRST
        while True:
            try:
                socket = await self._connect()
            except HTTPError as e:
                if e.code not in (502, 503, 504, 599):
                    # No kernel of this id any more, or no right to it: the browser asks by REST, and is told.
                    self._end(COME_BACK if e.code == 404 else FAILED, f"the gateway answered {e.code}")
                    return
                self._log.debug("The gateway is not available: %s", e)
            except OSError as e:
                self._log.debug("The gateway does not answer: %s", e)
            else:
                code, reason = await self._serve(socket)
                if code in FINAL:
                    self._end(code, reason)
                    return
                away_since, delay = loop.time(), RETRY_SECONDS_FIRST
                self._log.info("The gateway's WebSocket closed (%s %s): it is opened again", code, reason)
            if loop.time() - away_since > ABSENT_SECONDS_MOST:
                self._end(COME_BACK, "the gateway does not come back")
                return
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))
            delay = min(2 * delay, RETRY_SECONDS_MOST)

    async def _connect(self) -> WebSocketClientConnection:
        connecting = websocket_connect(
            self._request(),
            ping_interval=PING_SECONDS,
            max_message_size=MESSAGE_BYTES_MAX,
            subprotocols=[self._subprotocol] if self._subprotocol else None,
        )
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # tornado cannot take a handshake back: what comes of it is closed.
            connecting.add_done_callback(lambda done: done.exception() is None and done.result().close())
            raise

    async def _serve(self, socket: WebSocketClientConnection) -> Any:
        """Hands messages on until the socket is closed; gives the code and the reason."""
        try:
            while self._waiting:
                message = self._waiting[0]
                await socket.write_message(message, binary=isinstance(message, bytes))
                self._waiting.popleft()
                self._waiting_bytes -= len(message)
            self._socket = socket
            while (message := await socket.read_message()) is not None:
                await self._deliver(message)
        except WebSocketClosedError:
            pass  # by the browser, whose handler closes us, or by the gateway: then there is a code
        finally:
            self._socket = None
            socket.close()
        return socket.close_code, socket.close_reason or ""

    def _end(self, code: int, reason: str) -> None:
        if self._running is None:
            return
        self.close()
        self._ended(code, reason)


def _seen(done: "asyncio.Future[None]") -> None:
    done.cancelled() or done.exception()  # a write that fails is a socket that closes, which its reader notices
