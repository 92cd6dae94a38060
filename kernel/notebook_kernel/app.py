"""ipykernel's own application, set up for a process that waits in a pool."""

import os
from typing import Any

import zmq
from ipykernel import kernelapp
from ipykernel.kernelapp import IPKernelApp
from traitlets import default

from .kernel import NotebookKernel
from .outputs import DirectOutputs, DirectStream


class NotebookKernelApp(IPKernelApp):
    """As ipykernel's, but with our kernel class, and with outputs that are never dropped on their way out."""

    @default("kernel_class")
    def _our_kernel_class(self) -> type:
        return NotebookKernel

    @default("parent_handle")
    def _our_parent(self) -> int:
        return os.getppid()  # not 0, which would mean a kernel that a person started by hand

    @default("outstream_class")
    def _our_streams(self) -> str:
        return f"{DirectStream.__module__}.{DirectStream.__name__}"

    def init_iopub(self, context: Any) -> None:
        """With our class: ipykernel has no setting for it."""
        kernelapp.IOPubThread = DirectOutputs
        super().init_iopub(context)

    def init_poller(self) -> None:
        """Nothing: the operating system ends this process with its parent."""

    def _bind_socket(self, s: Any, port: int) -> int:
        if s.type in (zmq.PUB, zmq.XPUB):
            s.SNDHWM = 0  # ZMQ's default drops what a slow reader has not fetched
        return super()._bind_socket(s, port)
