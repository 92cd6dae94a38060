"""A browser behind our plug-in for Jupyter Server, without the server: the plug-in's socket to the gateway, with stock tornado.

    relayed_browser.py PACKAGES CHANNELS TOKEN v1|default

PACKAGES is the folder that has notebook_jupyter, CHANNELS the URL of a kernel's WebSocket. Prints "ticking" when a cell is
in the middle of its outputs, so that somebody can end the gateway then, and at last what came of it all as JSON.
"""

import asyncio
import json
import logging
import struct
import sys
import uuid

packages, channels, token, form = sys.argv[1:]
sys.path.insert(0, packages)

from tornado.httpclient import HTTPRequest  # noqa: E402

from notebook_jupyter.gateway_socket import ANY_SIZE, GatewaySocket  # noqa: E402

V1 = "v1.kernel.websocket.jupyter.org"
LIMIT_SECONDS = 60
SESSION = uuid.uuid4().hex
TARGET = """
from ipykernel.comm import Comm
def target(comm, opened):
    @comm.on_msg
    def answer(message):
        comm.send({'lengths': [len(b) for b in message['buffers']]}, buffers=[bytes(message['buffers'][0])])
get_ipython().kernel.comm_manager.register_target('echo', target)
"""


def packed(channel, header, content, buffers):
    texts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    if form == "v1":
        parts = [channel.encode(), *texts, *buffers]
        offsets = [8 * (len(parts) + 2)]
        for part in parts:
            offsets.append(offsets[-1] + len(part))
        return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts)
    message = {"channel": channel, "header": header, "parent_header": {}, "metadata": {}, "content": content}
    if not buffers:
        return json.dumps(message)
    parts = [json.dumps(message).encode(), *buffers]
    offsets = [4 * (len(parts) + 1)]
    for part in parts[:-1]:
        offsets.append(offsets[-1] + len(part))
    return struct.pack(f"!{len(parts) + 1}I", len(parts), *offsets) + b"".join(parts)


def unpacked(frame):
    """Type, parent's id, content and buffers of a message."""
    if form == "v1":
        count = struct.unpack_from("<Q", frame)[0]
        offsets = struct.unpack_from(f"<{count}Q", frame, 8)
        _, header, parent, _, content, *buffers = (frame[start:end] for start, end in zip(offsets, offsets[1:]))
        return json.loads(header)["msg_type"], json.loads(parent).get("msg_id"), json.loads(content), buffers
    buffers = []
    if isinstance(frame, bytes):
        count = struct.unpack_from("!I", frame)[0]
        offsets = [*struct.unpack_from(f"!{count}I", frame, 4), len(frame)]
        frame, *buffers = (frame[start:end] for start, end in zip(offsets, offsets[1:]))
    message = json.loads(frame)
    return message["header"]["msg_type"], message["parent_header"].get("msg_id"), message["content"], buffers


class Browser:
    def __init__(self):
        self.received = asyncio.Queue(1)
        self.socket = GatewaySocket(self.request, V1 if form == "v1" else None, self.received.put, self.ended, logging.getLogger())
        self.socket.open()

    def request(self):
        return HTTPRequest(f"{channels}?session_id={SESSION}&{ANY_SIZE}", headers={"Authorization": f"token {token}"})

    def ended(self, code, reason):
        raise SystemExit(f"the socket ended: {code} {reason}")

    def send(self, kind, content, buffers=()):
        header = {
            "msg_id": uuid.uuid4().hex, "session": SESSION, "username": "", "msg_type": kind, "version": "5.3",
            "date": "2026-01-01T00:00:00.000000Z",
        }
        self.socket.send(packed("shell", header, content, buffers))
        return header["msg_id"]

    def submit(self, code):
        return self.send("execute_request", {"code": code, "silent": False, "store_history": True, "allow_stdin": False})

    async def until(self, wanted):
        while True:
            message = unpacked(await asyncio.wait_for(self.received.get(), LIMIT_SECONDS))
            if wanted(*message):
                return message

    async def outputs(self, code, seen=lambda text: None):
        """The text of a cell's streams, and the lengths of its displays."""
        request, text, displays = self.submit(code), "", []
        while True:
            kind, _, content, _ = await self.until(lambda kind, parent, *_: parent == request)
            if kind == "stream":
                text += content["text"]
                seen(text)
            elif kind == "display_data":
                displays.append(len(content["data"]["text/x-large"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return text, displays


async def main():
    browser = Browser()
    result = {}
    result["stream"] = len((await browser.outputs("import sys; _ = sys.stdout.write('x' * 11_000_000)"))[0])
    _, result["displays"] = await browser.outputs(
        "from IPython.display import display; display({'text/x-large': 'x' * 20_000_000}, raw=True)"
    )

    await browser.outputs(TARGET)
    browser.send("comm_open", {"comm_id": "c", "target_name": "echo", "data": {}})
    browser.send("comm_msg", {"comm_id": "c", "data": {}}, [b"\x80\xff" * 6_000_000, b"\x00"])
    _, _, content, buffers = await browser.until(lambda kind, *_: kind == "comm_msg")
    result["buffers"] = [content["data"]["lengths"], buffers[0] == b"\x80\xff" * 6_000_000]

    told = []

    def tell(text):
        if not told and "4" in text:
            told.append(print("ticking", flush=True))

    text, _ = await browser.outputs("import time\nfor i in range(30): print(i, flush=True); time.sleep(0.1)", tell)
    result["ticks"] = text.split() == [str(i) for i in range(30)]
    browser.socket.close()
    await asyncio.sleep(0)
    print(json.dumps(result), flush=True)


asyncio.run(main())
