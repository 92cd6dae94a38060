"""The pipe between agent and zygote: one JSON object a line, both ways."""

import json
import os
from typing import Any, Dict, Iterator

MAX_LINE_BYTES = 1 << 20


class ControlPipe:
    """Reads orders from one descriptor, writes events to another."""

    def __init__(self, orders: int, events: int) -> None:
        self.orders = orders
        self.events = events
        self._partial = b""

    def read(self) -> Iterator[Dict[str, Any]]:
        """The orders that are there now. Raises EOFError when the agent is gone."""
        chunk = os.read(self.orders, 1 << 16)
        if not chunk:
            raise EOFError
        *lines, self._partial = (self._partial + chunk).split(b"\n")
        if len(self._partial) > MAX_LINE_BYTES:
            raise ValueError(f"an order is longer than {MAX_LINE_BYTES} bytes")
        for line in lines:
            if line:
                yield json.loads(line)

    def write(self, **event: Any) -> None:
        """Tells the agent. One write of less than PIPE_BUF bytes, so events of several processes never mix."""
        os.write(self.events, json.dumps(event).encode() + b"\n")

    def close_orders(self) -> None:
        """In a child: orders are the zygote's."""
        os.close(self.orders)

    def close_events(self) -> None:
        """In a child, before any user's code runs: it has said what it had to say."""
        os.close(self.events)
