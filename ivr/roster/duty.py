"""Is it me, until when, and who comes next? Read from the shifts of the roster."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.roster.hunt import RINGING, Level

FAR = timedelta(days=2 * 365)
"""An end later than that stands for "until further notice"."""


class Source(StrEnum):
    """Where a duty comes from: written by hand, made by a rotation, or put in somebody's place."""

    HAND = "hand"
    ROTATION = "rotation"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Shift:
    """A duty `[starts_at, ends_at)` of one technician."""

    technician_id: int
    name: str
    level: Level
    rank: int
    starts_at: datetime
    ends_at: datetime
    source: Source = Source.HAND

    @property
    def place(self) -> tuple[Level, int]:
        """What he fills: a level and a rank within it."""
        return self.level, self.rank

    def covers(self, at: datetime) -> bool:
        """Whether he is on duty at this instant."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Duty:
    """One technician's duty at an instant.

    `level` None: none now, and `starts_at` is when it begins again. `until` is the end of his duty or,
    where he has none, of whoever is `first`. `after` is who is first then; None is a gap. `others`
    are rung now where the first does not accept, in this order.
    """

    level: Level | None
    first: str | None
    until: datetime | None
    after: str | None
    starts_at: datetime | None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A place in the chain at an instant: whose it is, None where nobody's, and whose it is next."""

    level: Level
    rank: int
    shift: Shift | None
    after: Shift | None

    @property
    def is_handed_over(self) -> bool:
        """Whether the next one begins when this one ends."""
        return (
            self.shift is not None
            and self.after is not None
            and self.after.starts_at <= self.shift.ends_at
        )


def is_open(ends_at: datetime, now: datetime) -> bool:
    """Whether an end is so far away that nobody means the date."""
    return ends_at - now > FAR


def standing_of(shifts: Sequence[Shift], now: datetime) -> list[Standing]:
    """Every place of those whom a call rings, in ringing order; the first of each level always."""
    ringing = [each for each in shifts if each.level in RINGING]
    places = {each.place for each in ringing} | {(level, 1) for level in RINGING}
    found = []
    for level, rank in sorted(places, key=lambda place: (RINGING.index(place[0]), place[1])):
        own = [each for each in ringing if each.place == (level, rank)]
        there: list[Shift | None] = [each for each in own if each.covers(now)]
        coming = [each for each in own if each.starts_at > now]
        after = min(coming, key=lambda each: each.starts_at, default=None)
        found += [Standing(level, rank, each, after) for each in there or [None]]
    return found


def duty_of(shifts: Sequence[Shift], technician_id: int, now: datetime) -> Duty:
    """What the roster says for him; duties that touch are one."""
    mine = [each for each in shifts if each.technician_id == technician_id]
    own = _first(mine, now)
    first = _first(shifts, now)
    shown = own or first
    until = _end(shifts, shown) if shown is not None else None
    after = _first(shifts, until) if until is not None else None
    coming = (each.starts_at for each in mine if each.starts_at > now)
    return Duty(
        own.level if own is not None else None,
        first.name if first is not None else None,
        until,
        after.name if after is not None else None,
        None if own is not None else min(coming, default=None),
        tuple(each.name for each in _chain(shifts, now)[1:]),
    )


def _first(shifts: Iterable[Shift], at: datetime) -> Shift | None:
    """Who is rung first at an instant."""
    return next(iter(_chain(shifts, at)), None)


def _chain(shifts: Iterable[Shift], at: datetime) -> list[Shift]:
    """In ringing order, nobody twice."""
    there = [each for each in shifts if each.covers(at)]
    there.sort(key=lambda each: (each.level is not Level.ON_DUTY, each.rank))
    first: dict[int, Shift] = {}
    for each in there:
        first.setdefault(each.technician_id, each)
    return list(first.values())


def _end(shifts: Sequence[Shift], shift: Shift) -> datetime:
    until = shift.ends_at
    same = [
        (each.technician_id, each.level) == (shift.technician_id, shift.level) for each in shifts
    ]
    for each, his in sorted(zip(shifts, same, strict=True), key=lambda pair: pair[0].starts_at):
        if his and each.starts_at <= until:
            until = max(until, each.ends_at)
    return until
