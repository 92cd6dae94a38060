"""Kernel processes, and an agent's side of their sockets."""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import uuid

import zmq
from jupyter_client.session import Session

KERNEL = os.environ["NOTEBOOK_KERNEL"]
LIMIT_S = 60
CHANNELS = {"shell": zmq.DEALER, "iopub": zmq.SUB, "stdin": zmq.DEALER, "control": zmq.DEALER}


def unpacked(message):
    """The parts of an output's message: notebook_kernel.outputs puts them into one."""
    (count,) = struct.unpack_from("<Q", message)
    lengths = struct.unpack_from(f"<{count}Q", message, 8)
    start = 8 * (1 + count)
    ends = [start + sum(lengths[: i + 1]) for i in range(count)]
    return [message[end - length : end] for end, length in zip(ends, lengths)]


class Zygote:
    """Forks kernel processes, as an agent has it do; they end with it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        self._process = subprocess.Popen([sys.executable, "-m", "notebook_kernel.zygote", self.folder], cwd=KERNEL,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._await("ready")

    def fork(self):
        """A kernel's connection and process id."""
        name = uuid.uuid4().hex
        file = os.path.join(self.folder, name + ".json")
        connection = {"transport": "ipc", "ip": os.path.join(self.folder, name[:8]), "key": uuid.uuid4().hex,
                      "signature_scheme": "hmac-sha256", "kernel_name": "", "hb_port": 5,
                      **{f"{channel}_port": i + 1 for i, channel in enumerate(CHANNELS)}}
        with open(file, "w") as out:
            json.dump(connection, out)
        self._process.stdin.write(json.dumps({"op": "fork", "id": name, "connection_file": file}).encode() + b"\n")
        self._process.stdin.flush()
        pid = self._await("forked")["pid"]
        self._await("started")
        return connection, pid

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)  # a kernel that ends may just be writing there

    def _await(self, op):
        while True:
            line = self._process.stdout.readline()
            if not line:
                raise AssertionError(f"the zygote ended before {op}")
            event = json.loads(line)
            if event["op"] == op:
                return event


class Cell:
    """What came of a request on the shell channel."""

    def __init__(self, answers, outputs):
        *self.before, reply = answers  # what the shell channel brought: the reply last
        self.reply, self.content = reply, reply["content"]
        self.buffers = [bytes(buffer) for buffer in reply["buffers"]]
        self.outputs = outputs  # iopub messages of this request, in order
        self.kinds = [message["msg_type"] for message in outputs]

    def stream(self, name):
        return "".join(m["content"]["text"] for m in self.outputs if m["msg_type"] == "stream" and m["content"]["name"] == name)

    @property
    def text(self):
        """The plain text of the result, or what was printed."""
        for message in self.outputs:
            if message["msg_type"] == "execute_result":
                return message["content"]["data"]["text/plain"]
        return self.stream("stdout")

    @property
    def state(self):
        """The state message: its content and its buffers."""
        (message,) = (m for m in self.before if m["msg_type"] == "notebook_state")
        return message["content"], [bytes(buffer) for buffer in message["buffers"]]


class Kernel:
    """One kernel process."""

    def __init__(self, zygote, origin="a", objects="", has_state=True, directory="", incarnation=1):
        connection, self.pid = zygote.fork()
        key = connection["key"].encode()
        self.agent, self.client = Session(key=key), Session(key=key)
        self._context = zmq.Context.instance()
        self._sockets = {}
        for channel, kind in CHANNELS.items():
            socket = self._sockets[channel] = self._context.socket(kind)
            socket.linger = 0
            if kind == zmq.SUB:
                socket.subscribe(b"")
                socket.rcvhwm = 0
            socket.connect(f"ipc://{connection['ip']}-{connection[channel + '_port']}")
        content = {"session": uuid.uuid4().hex, "kernel_id": "k", "username": "", "working_directory": directory, "environment": {}, "incarnation": incarnation}
        if has_state:
            content["state"] = {"origin": origin, "objects": objects}
        self._await_iopub()
        assigned = self.ask("notebook_assign", content, channel="control")
        assert assigned["content"]["status"] == "ok", assigned["content"]

    def run(self, code, session=None, idle=True, **options):
        """Runs a cell to its end."""
        message = self.start(code, session, **options)
        return self.end(message, idle)

    def start(self, code, session=None, devices=None, **options):
        """``devices``: those of the cell's lease."""
        metadata = None if devices is None else {"notebook": {"devices": devices}}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
                   "stop_on_error": True, **options}
        return self._send(session or self.client, "execute_request", content, metadata=metadata)

    def end(self, message, idle=True):
        answers = [self._receive("shell", message)]
        while answers[-1]["msg_type"].startswith("notebook_"):
            answers.append(self._receive("shell", message))
        return Cell(answers, self._outputs(message) if idle else [])

    def first_answer(self, message):
        """The first message to a request on the shell channel: its content and its buffers."""
        answer = self._receive("shell", message)
        return answer["content"], [bytes(buffer) for buffer in answer["buffers"]]

    def ask(self, kind, content, buffers=None, channel="shell", session=None):
        """A request of the agent."""
        return self._receive(channel, self._send(session or self.agent, kind, content, buffers, channel))

    def apply(self, cell, **content):
        """Forwards what a cell changed; nothing when that is nothing."""
        state, buffers = cell.state if isinstance(cell, Cell) else cell
        if state["empty"]:
            return None
        return self.ask("notebook_apply", {"blobs_in": state["blobs"], **content}, buffers)["content"]

    def snapshot(self):
        reply = self.ask("notebook_snapshot", {})
        return reply["content"], [bytes(buffer) for buffer in reply["buffers"]]

    def open_comm(self, target, data=None):
        """What a widget's frontend sends. Returns the comm's id."""
        comm = uuid.uuid4().hex
        self.comm("comm_open", comm_id=comm, target_name=target, data=data if data is not None else {})
        return comm

    def comm(self, kind, **content):
        """A client's message to a comm: what came of it on iopub, up to idle."""
        return self._outputs(self._send(self.client, kind, content))

    def comms(self):
        """The open comms."""
        return self.ask("comm_info_request", {}, session=self.client)["content"]["comms"]

    def capture(self):
        """What messages to comms changed since the last cell."""
        reply = self.ask("notebook_capture", {})
        return reply["content"], [bytes(buffer) for buffer in reply["buffers"]]

    def next_output(self, message):
        """The next iopub message of a request."""
        while True:
            output = self._receive("iopub")
            if output["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return output

    def next_debug_event(self, name):
        """The next event of a debugger with this name, whatever it is about."""
        while True:
            output = self._receive("iopub")
            if output["msg_type"] == "debug_event" and output["content"]["event"] == name:
                return output["content"]

    def pending_outputs(self):
        """What is on iopub up to now, whoever's it is: a request of the client's marks the place."""
        message = self._send(self.client, "kernel_info_request", {})
        found = []
        while True:
            output = self._receive("iopub")
            if output["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                found.append(output)
            elif output["content"].get("execution_state") == "idle":
                self._receive("shell", message)
                return found

    def _outputs(self, message):
        outputs = []
        while True:
            output = self.next_output(message)
            if output["content"].get("execution_state") == "idle":
                return outputs
            outputs.append(output)

    def _await_iopub(self):
        """A subscription takes a moment: asks until something comes."""
        deadline = time.monotonic() + LIMIT_S
        while not self._sockets["iopub"].poll(50):
            assert time.monotonic() < deadline, "nothing came on iopub"
            message = self._send(self.client, "kernel_info_request", {})
            self._receive("shell", message)
        while self._sockets["iopub"].poll(50):
            self._receive("iopub")

    def _send(self, session, kind, content, buffers=None, channel="shell", metadata=None):
        return session.send(self._sockets[channel], kind, content, buffers=buffers, metadata=metadata)

    def _receive(self, channel, message=None):
        socket = self._sockets[channel]
        while True:
            if not socket.poll(LIMIT_S * 1000):
                raise AssertionError(f"nothing came on {channel} within {LIMIT_S} s")
            frames = socket.recv_multipart()
            if len(frames) == 1:
                frames = unpacked(frames[0])
            received = self.client.deserialize(self.client.feed_identities(frames)[1])
            if message is None or received["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return received
