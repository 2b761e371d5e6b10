"""Wall times at the provider's place as instants, and the hours of a week (B.3).

Hand-overs and hours are wall times, so that they stay where people expect them when the clock is
changed: a night lasts an hour less or more, but begins and ends when it always does. A wall time that
comes twice is its first coming; one that never comes is the instant the clock was put forward at.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Zurich")
DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Window = tuple[time, time]
"""From and to; a window that does not end later than it begins ends on the following day."""
Week = tuple[tuple[Window, ...], ...]
"""The windows of each weekday, Monday first."""


@dataclass(frozen=True, slots=True)
class Span:
    """`[starts_at, ends_at)`."""

    starts_at: datetime
    ends_at: datetime

    @property
    def ends(self) -> tuple[datetime, datetime]:
        """Beginning and end."""
        return self.starts_at, self.ends_at

    def meets(self, other: "Span") -> bool:
        """Whether they have a moment in common."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def within(self, other: "Span") -> "Span | None":
        """What both have in common."""
        if not self.meets(other):
            return None
        return Span(max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at))


def local(at: datetime) -> datetime:
    """At the provider's place."""
    return at.astimezone(ZONE)


def instant(day: date, wall: time) -> datetime:
    """When the provider's clock first shows `wall` on `day`, or is put past it."""
    moment = datetime.combine(day, wall.replace(fold=0), ZONE)
    at = moment.astimezone(UTC)
    shown = at.astimezone(ZONE)
    if shown.replace(tzinfo=None) == moment.replace(tzinfo=None):
        return at
    # It never comes; the clock is put forward on the hour.
    return shown.replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def is_doubtful(wall: datetime) -> bool:
    """True for a naive wall time that comes twice: somebody has to say which he means."""
    first, second = wall.replace(fold=0, tzinfo=ZONE), wall.replace(fold=1, tzinfo=ZONE)
    comes = first.astimezone(UTC).astimezone(ZONE).replace(tzinfo=None) == wall.replace(fold=0)
    return comes and first.utcoffset() != second.utcoffset()


def hours_between(week: Week, span: Span) -> list[Span]:
    """The hours of a week within a span, in order; those that touch are one."""
    return merged(found for each in _windows(week, span) if (found := each.within(span)))


def _windows(week: Week, span: Span) -> Iterator[Span]:
    day, last = local(span.starts_at).date() - DAY, local(span.ends_at).date()
    while day <= last:
        for opens, closes in week[day.weekday()]:
            ending = day + DAY if closes <= opens else day
            yield Span(instant(day, opens), instant(ending, closes))
        day += DAY


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order; what touches or overlaps is one, what is empty is none."""
    found: list[Span] = []
    for each in sorted(spans, key=lambda span: (span.starts_at, span.ends_at)):
        if each.starts_at >= each.ends_at:
            continue
        if found and each.starts_at <= found[-1].ends_at:
            found[-1] = Span(found[-1].starts_at, max(found[-1].ends_at, each.ends_at))
        else:
            found.append(each)
    return found


def without(span: Span, holes: Iterable[Span]) -> list[Span]:
    """What is left of a span, in order."""
    cut = [each for each in merged(holes) if each.meets(span)]
    edges = [span.starts_at, *(edge for each in cut for edge in (each.starts_at, each.ends_at))]
    edges.append(span.ends_at)
    pieces = list(pairwise(edges))[::2]
    return [Span(first, last) for first, last in pieces if first < last]


def each_day(of: Span) -> Sequence[tuple[date, Span]]:
    """The local dates that a span touches, each from midnight to midnight: 23, 24 or 25 hours."""
    day, found = local(of.starts_at).date(), []
    while (midnight := instant(day, time(0))) < of.ends_at:
        found.append((day, Span(midnight, instant(day + DAY, time(0)))))
        day += DAY
    return found
