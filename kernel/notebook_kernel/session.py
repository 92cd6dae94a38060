"""What a kernel process says of itself is the kernel's, which has several processes on several servers."""

from typing import Any, Optional

from jupyter_client.session import Session


class KernelSession(Session):
    """As jupyter_client's, but it names no server and no process: these change, and are no user's business."""

    kernel_id = ""

    def send(self, stream: Any, msg_or_type: Any, content: Optional[Any] = None, *more: Any, **options: Any) -> Any:
        """As jupyter_client's. A kernel's usage is that of the process that runs its cells, under the kernel's own name."""
        if msg_or_type == "usage_reply" and content:
            content = {**content, "hostname": self.kernel_id, "pid": 0}
        return super().send(stream, msg_or_type, content, *more, **options)
