"""ipykernel's own application, set up for a process that waits in a pool, and for a server of several users."""

import os
from typing import Any

import zmq
from ipykernel import kernelapp
from ipykernel.kernelapp import IPKernelApp
from traitlets import default

from . import memory
from .kernel import NotebookKernel
from .outputs import DirectOutputs, DirectStream
from .session import KernelSession


class NotebookKernelApp(IPKernelApp):
    """As ipykernel's, but with our kernel class, outputs that are never dropped on their way out, and no history on disk."""

    @default("kernel_class")
    def _our_kernel_class(self) -> type:
        return NotebookKernel

    @default("session")
    def _our_session(self) -> KernelSession:
        return KernelSession(parent=self)

    @default("parent_handle")
    def _our_parent(self) -> int:
        return os.getppid()  # not 0, which would mean a kernel that a person started by hand

    @default("outstream_class")
    def _our_streams(self) -> str:
        return f"{DirectStream.__module__}.{DirectStream.__name__}"

    def init_kernel(self) -> None:
        """Without records of what no handler takes: traitlets leaves that to the handlers, and each message has some."""
        super().init_kernel()
        self.log.setLevel(self.log_level)

    def init_iopub(self, context: Any) -> None:
        """With our class: ipykernel has no setting for it."""
        kernelapp.IOPubThread = DirectOutputs
        super().init_iopub(context)
        if self.transport == "ipc":
            self.session.memory = self.iopub_thread.memory = memory.connect(self.ip)

    def load_config_file(self, *arguments: Any, **options: Any) -> None:
        """As ipykernel's. What a kernel ran is its own: a file of the server's would hold the code of all its users, and
        each cell would wait its turn to be written to it. ``In`` and ``%history`` travel with the kernel's state."""
        super().load_config_file(*arguments, **options)
        self.config.HistoryManager.setdefault("hist_file", ":memory:")

    def init_poller(self) -> None:
        """Nothing: the operating system ends this process with its parent."""

    def _bind_socket(self, s: Any, port: int) -> int:
        if s.type in (zmq.PUB, zmq.XPUB):
            s.SNDHWM = 0  # ZMQ's default drops what a slow reader has not fetched
        return super()._bind_socket(s, port)
