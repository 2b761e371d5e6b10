"""The callers who wait for a technician: whose turn is it, once one of them is free?

Whatever has critical consequences comes before everything (item 14). Then the highest plan, within a
plan a serious interruption, then the earliest due time, then who came first (items 11, 19). Each
caller in this order has a right to the first free one of those he waits for; whoever comes after him
gets what is left. So nobody overtakes, and one technician is never meant for two. How long a caller
waits at most is not decided here: whoever has waited too long leaves the queue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum


class Severity(IntEnum):
    """As far as it matters here: what the class of the fault does to its place."""

    USUAL = 0
    MAJOR = 1
    CRITICAL = 2


NEVER_DUE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """What decides who comes first. `rank` is the plan's, the best is 0; `due` None: never due."""

    rank: int
    due: datetime | None
    since: datetime
    id: str
    severity: Severity = Severity.USUAL

    @property
    def order(self) -> tuple[bool, int, int, datetime, datetime, str]:
        """Sorts; never the same for two."""
        first, due = self.severity is Severity.CRITICAL, self.due or NEVER_DUE
        return not first, self.rank, -self.severity, due, self.since, self.id


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller in the queue, and the technicians he waits for, in his own ringing order."""

    place: Place
    technicians: tuple[int, ...]


def in_order(queue: Iterable[Waiting]) -> list[Waiting]:
    """Who is to be served before whom."""
    return sorted(queue, key=lambda each: each.place.order)


def turns(queue: Iterable[Waiting], free: Sequence[int]) -> Mapping[str, int]:
    """Which of the free technicians each caller is to be offered to; most callers: to none."""
    left, found = list(free), {}
    for each in in_order(queue):
        chosen = next((one for one in each.technicians if one in left), None)
        if chosen is not None:
            left.remove(chosen)
            found[each.place.id] = chosen
    return found


def left_for(place: Place, queue: Iterable[Waiting], free: Sequence[int]) -> tuple[int, ...]:
    """The free technicians on whom nobody in the queue has an earlier right than this place."""
    ahead = [each for each in queue if each.place.order < place.order]
    taken = set(turns(ahead, free).values())
    return tuple(one for one in free if one not in taken)
