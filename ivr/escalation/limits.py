"""How often one telephone may ring.

Sixteen calls in an hour are enough for a carrier to take the sender for spam. So *different* cases
that want the same telephone are bundled: the call that rings speaks for all of them, and the others
wait for it. The second try of the same case is never held back: whoever missed the first call must
get it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many cases' calls within so many seconds."""

    calls: int
    seconds: int


DEFAULT_LIMITS = (Limit(1, 60), Limit(3, 900), Limit(7, 3600))
"""One a minute, three in a quarter of an hour, seven an hour."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call to a telephone, and the case it was for."""

    at: datetime
    case: int


def allowed_at(
    past: Iterable[PastCall], case: int, now: datetime, limits: Iterable[Limit] = DEFAULT_LIMITS
) -> datetime:
    """When this case may ring the telephone; `now` or earlier means at once.

    `past` are the calls to the telephone, in any order.
    """
    calls = list(past)
    if any(each.case == case for each in calls):
        return now
    times = sorted((each.at for each in calls), reverse=True)
    earliest = now
    for limit in limits:
        if len(times) >= limit.calls:
            free = times[limit.calls - 1] + timedelta(seconds=limit.seconds)
            earliest = max(earliest, free)
    return earliest
