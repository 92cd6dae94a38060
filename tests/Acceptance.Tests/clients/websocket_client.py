"""jupyter_client's blocking client over a kernel's WebSocket instead of its five ZMQ sockets.

The four channels are queues; everything else (which request has which fields, waiting for readiness) is the stock class's.
"""

import asyncio
import json
import queue
import struct
import threading
import uuid

from jupyter_client import BlockingKernelClient
from jupyter_client.jsonutil import extract_dates, json_default
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

V1 = "v1.kernel.websocket.jupyter.org"
CHANNELS = ("shell", "iopub", "stdin", "control")
PARTS = ("header", "parent_header", "metadata", "content")


def pack(json_value):
    """Dates are datetime objects, as the stock session makes and reads them."""
    return json.dumps(json_value, default=json_default)


class QueueChannel:
    """What the stock client needs of a channel."""

    def __init__(self, name, send):
        self.name, self._send, self._messages = name, send, queue.Queue()

    def send(self, message):
        self._send(self.name, message)

    def is_alive(self):
        return True

    def put(self, message):
        self._messages.put(message)

    async def get_msg(self, timeout=None):
        return self._messages.get(timeout=timeout)

    async def msg_ready(self):
        return not self._messages.empty()

    async def get_msgs(self):
        messages = []
        while not self._messages.empty():
            messages.append(self._messages.get_nowait())
        return messages


class WebSocketKernelClient(BlockingKernelClient):
    def __init__(self, url, token, legacy=False, **options):
        super().__init__(**options)
        self._request = (f"{url}?session_id={uuid.uuid4().hex}", {"Authorization": f"token {token}"})
        self._legacy = legacy
        self._queues = {name: QueueChannel(name, self._write) for name in CHANNELS}

    shell_channel = property(lambda self: self._queues["shell"])
    iopub_channel = property(lambda self: self._queues["iopub"])
    stdin_channel = property(lambda self: self._queues["stdin"])
    control_channel = property(lambda self: self._queues["control"])

    def start_channels(self, *_, **__):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._socket = asyncio.run_coroutine_threadsafe(self._connect(), self._loop).result(30)

    def stop_channels(self):
        self._loop.call_soon_threadsafe(self._socket.close)

    def is_alive(self):
        return True

    async def _connect(self):
        url, headers = self._request
        return await websocket_connect(
            HTTPRequest(url, headers=headers),
            subprotocols=None if self._legacy else [V1],
            max_message_size=1 << 30,
            on_message_callback=self._read,
        )

    def _write(self, channel, message):
        message = {**message, "channel": channel, "buffers": []}
        if self._legacy:
            frame = pack(message)
        else:
            parts = [channel.encode(), *(pack(message[part]).encode() for part in PARTS)]
            offsets = [8 * (len(parts) + 2)]
            for part in parts:
                offsets.append(offsets[-1] + len(part))
            frame = struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts)
        asyncio.run_coroutine_threadsafe(self._send_frame(frame), self._loop).result(30)

    async def _send_frame(self, frame):
        await self._socket.write_message(frame, binary=not self._legacy)

    def _read(self, frame):
        if frame is None:
            return
        if self._legacy:
            message = json.loads(frame)
        else:
            (count,) = struct.unpack_from("<Q", frame)
            offsets = struct.unpack_from(f"<{count}Q", frame, 8)
            parts = [frame[start:end] for start, end in zip(offsets, offsets[1:])]
            header, parent, metadata, content = (json.loads(part) for part in parts[1:5])
            message = {
                "channel": parts[0].decode(), "header": header, "msg_id": header["msg_id"], "msg_type": header["msg_type"],
                "parent_header": parent, "metadata": metadata, "content": content, "buffers": parts[5:],
            }
        for part in ("header", "parent_header"):
            message[part] = extract_dates(message[part])
        self._queues[message["channel"]].put(message)
