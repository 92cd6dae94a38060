"""ipykernel's own kernel, with what the platform needs to know and to say."""

import inspect
from typing import Any, Dict, Iterator

from ipykernel.ipkernel import IPythonKernel
from traitlets import Float

from .assignment import assign
from .devices import show_devices


class NotebookKernel(IPythonKernel):
    """A stock kernel that waits in a pool until ``notebook_assign`` makes it a user's."""

    control_msg_types = [*IPythonKernel.control_msg_types, "notebook_assign"]

    # ipykernel waits half a millisecond before every reply, so that outputs arrive first. Our agent puts them in
    # order by itself: it holds a reply until the cell's outputs are through.
    _execute_sleep = Float(0.0).tag(config=True)

    _is_assigned = False

    def _abort_queues(self, *_: Any) -> "_Nothing":
        """Nothing. The queue of cells is before this process, and knows which of them a failed one aborts; here only
        the cell after that could be hit, which its user sent knowing of the failure. Awaited by some versions."""
        return _Nothing()

    async def notebook_assign(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """Control message: become the kernel of a user. Once, so that no client of the kernel can repeat it."""
        content = {"status": "ok"}
        try:
            if self._is_assigned:
                raise PermissionError("this process is a kernel already")
            assign(self, parent["content"])
            self._is_assigned = True
        except OSError as e:
            content = {"status": "error", "ename": type(e).__name__, "evalue": str(e)}
        self.session.send(stream, "notebook_assign_reply", content, parent, ident=ident)

    async def execute_request(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """Runs a cell with the devices of its lease."""
        show_devices(parent.get("metadata") or {})
        result = super().execute_request(stream, ident, parent)
        if inspect.isawaitable(result):
            await result


class _Nothing:
    """Can be awaited, and need not be."""

    def __await__(self) -> Iterator[None]:
        return iter(())
