"""Says that a capture takes long, and at what it is: nobody should wonder why a kernel is busy whose cell is over.

A capture has no limit of its own. Half of one would be none, and what its cell did would be lost.
"""

import time
from typing import Callable

LIMIT_S = 5.0


class Patience:
    """Of one kernel process. ``tell`` gets what is being looked at and the seconds so far, once for each capture."""

    def __init__(self, tell: Callable[[str, float], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._clock = tell, clock
        self._began = 0.0
        self._is_told = True

    def begin(self) -> None:
        """A capture begins."""
        self._began = self._clock()
        self._is_told = False

    def look(self, at: Callable[[], str]) -> None:
        """It is under way."""
        if self._is_told:
            return
        seconds = self._clock() - self._began
        if seconds >= LIMIT_S:
            self._is_told = True
            self._tell(at(), seconds)
