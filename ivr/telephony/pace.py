"""Not more than so many a second, over all threads of a process."""

import threading
import time
from collections.abc import Callable

from ivr.services.outbound import NotYetError

LONGEST_WAIT_SECONDS = 20.0


class Pace:
    """Whoever comes gets the next free slot; if that is too far off he is sent away at once.

    Twilio would queue what comes faster, for up to a day: a page that rings tomorrow helps nobody.
    """

    def __init__(
        self,
        per_second: float,
        longest_wait: float = LONGEST_WAIT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._apart = 1 / per_second
        self._longest_wait = longest_wait
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at = float("-inf")

    def wait(self) -> None:
        """Until it is our turn; raises NotYetError where that would take too long."""
        wait = self._reserve()
        if wait > 0:
            self._sleep(wait)

    def _reserve(self) -> float:
        """Seconds until the slot that is ours now."""
        with self._lock:
            now = self._clock()
            slot = max(now, self._free_at)
            if slot - now > self._longest_wait:
                raise NotYetError("too many calls wait for Twilio", retry=True)
            self._free_at = slot + self._apart
            return slot - now
