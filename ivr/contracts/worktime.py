"""The minutes a technician worked, and which of them carry the night and Sunday supplement.

Night is 23:00 to 06:00 and Sunday 00:00 to 24:00 at the provider's place; a Sunday night carries
the supplement once. Minutes are real minutes, in the nights of the changing clock too. A minute that
has been started counts, and it counts for the hour and the day in which it was started.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from ivr.contracts.windows import at_wall_time, local_time

NIGHT_STARTS, NIGHT_ENDS = time(23), time(6)
SUNDAY = 6
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Work from `start` until before `end`, of one person; naive timestamps are refused."""

    start: datetime
    end: datetime
    person: str = ""

    def __post_init__(self) -> None:
        local_time(self.start)
        local_time(self.end)
        if self.end.astimezone(UTC) < self.start.astimezone(UTC):
            raise ValueError(f"work ends at {self.end} before it starts at {self.start}")

    @property
    def minutes(self) -> int:
        """Real minutes, the last one counted as soon as it has been started."""
        return _started_minutes(self.start.astimezone(UTC), self.end.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Minutes of one local day, all with the supplement or all without."""

    day: date
    minutes: int
    supplement: bool


def span_of(start: datetime, minutes: int, person: str = "") -> Span:
    """Work of so many real minutes."""
    begin = local_time(start).astimezone(UTC)
    return Span(begin, begin + minutes * MINUTE, person)


def has_supplement(at: datetime) -> bool:
    """Whether the minute that starts at this instant is a night or Sunday minute."""
    local = local_time(at)
    wall = local.time()
    return local.weekday() == SUNDAY or wall >= NIGHT_STARTS or wall < NIGHT_ENDS


def stretches(spans: Iterable[Span]) -> tuple[Stretch, ...]:
    """All work in the order in which it was done, split where the supplement or the day changes."""
    parts = (part for span in joined(spans) for part in _split(span))
    alike = groupby(parts, key=lambda part: (part.day, part.supplement))
    return tuple(
        Stretch(day, total_minutes(group), supplement) for (day, supplement), group in alike
    )


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans of one person that touch become one, so that nobody's minute is counted twice.

    Raises ValueError where they overlap. Two people may work at the same time.
    """
    whole: list[Span] = []
    for _, own in groupby(sorted(spans, key=_by_person), key=lambda span: span.person):
        whole += _joined_of_one(list(own))
    return tuple(sorted(whole, key=lambda span: (span.start.astimezone(UTC), span.person)))


def without_first(parts: Sequence[Stretch], minutes: int) -> tuple[Stretch, ...]:
    """What is left of the work when its first minutes are paid by something else."""
    left: list[Stretch] = []
    for part in parts:
        taken = min(minutes, part.minutes)
        minutes -= taken
        if taken < part.minutes:
            left.append(replace(part, minutes=part.minutes - taken))
    return tuple(left)


def total_minutes(parts: Iterable[Stretch]) -> int:
    """The minutes of all stretches."""
    return sum(part.minutes for part in parts)


def _by_person(span: Span) -> tuple[str, datetime, datetime]:
    return span.person, span.start.astimezone(UTC), span.end.astimezone(UTC)


def _joined_of_one(spans: list[Span]) -> list[Span]:
    whole = spans[:1]
    for span in spans[1:]:
        gap = span.start.astimezone(UTC) - whole[-1].end.astimezone(UTC)
        if gap < timedelta(0):
            raise ValueError(f"work from {span.start} overlaps work until {whole[-1].end}")
        if gap:
            whole.append(span)
        else:
            whole[-1] = replace(whole[-1], end=span.end)
    return whole


def _split(span: Span) -> Iterator[Stretch]:
    cursor, left = span.start.astimezone(UTC), span.minutes
    while left:
        minutes = min(left, _started_minutes(cursor, _next_change(cursor)))
        yield Stretch(local_time(cursor).date(), minutes, has_supplement(cursor))
        cursor += minutes * MINUTE
        left -= minutes


def _next_change(cursor: datetime) -> datetime:
    """The first instant after `cursor` at which the night begins or ends, or the day does."""
    day = local_time(cursor).date()
    walls = ((day, NIGHT_ENDS), (day, NIGHT_STARTS), (day + timedelta(days=1), time(0)))
    changes = (at_wall_time(*wall).astimezone(UTC) for wall in walls)
    return next(change for change in changes if change > cursor)


def _started_minutes(start: datetime, end: datetime) -> int:
    return -((start - end) // MINUTE)
