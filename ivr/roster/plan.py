"""The rules of the roster, and the duties that they make.

A rotation gives a place (a level and a rank within it) to its participants one after the other, each
for the same number of days from hand-over to hand-over; within restricted hours only, where it has
them. A rotation of one with hours is a weekly rule. A duty that was written by hand is a rule too. An
override puts somebody else, or nobody, into a place for a span; the newest wins. A swap that both
agreed to is an override. An absence changes nobody's duty: it is a problem until somebody solves it,
because a gap that nobody decided on would be worse than a telephone that may not answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from ivr.roster.duty import Shift, Source
from ivr.roster.hunt import Level
from ivr.roster.walltime import Span, Week, hours_between, instant, local, without


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who can have a duty; who is disabled has none.

    `has_failed_phone` is true while the last try to ring one of his telephones failed at the carrier.
    """

    id: int
    name: str
    has_verified_phone: bool = True
    disabled: bool = False
    has_failed_phone: bool = False


@dataclass(frozen=True, slots=True)
class Rotation:
    """`starts_on` is the date of the first hand-over, so it sets the weekday of a weekly rotation.

    `ends_on` is the date of the hand-over with which it ends, None for never.
    """

    id: int
    name: str
    level: Level
    participants: tuple[int, ...]
    starts_on: date
    days: int = 7
    hand_over: time = time(8)
    rank: int = 1
    ends_on: date | None = None
    hours: Week | None = None

    @property
    def place(self) -> tuple[Level, int]:
        """What it fills."""
        return self.level, self.rank


@dataclass(frozen=True, slots=True)
class Override:
    """`technician_id` instead of whoever has this place, or nobody. `swap_id` where two agreed."""

    id: int
    level: Level
    rank: int
    starts_at: datetime
    ends_at: datetime
    technician_id: int | None
    note: str = ""
    swap_id: int | None = None

    @property
    def place(self) -> tuple[Level, int]:
        """What is changed."""
        return self.level, self.rank

    @property
    def span(self) -> Span:
        """When."""
        return Span(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away. `uid` is its name in the calendar that it was imported from."""

    id: int
    technician_id: int
    starts_at: datetime
    ends_at: datetime
    note: str = ""
    uid: str = ""

    @property
    def span(self) -> Span:
        """When."""
        return Span(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Plan:
    """All rules of a roster. `fixed` are the duties that were written by hand."""

    members: Mapping[int, Member] = field(default_factory=dict)
    rotations: tuple[Rotation, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    fixed: tuple[Shift, ...] = ()

    def name(self, technician_id: int) -> str:
        """Of a member."""
        return self.members[technician_id].name


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the published roster. Without a technician it says that nobody has this place."""

    technician_id: int | None
    level: Level
    rank: int
    starts_at: datetime
    ends_at: datetime
    source: Source


def shifts_between(plan: Plan, starts_at: datetime, ends_at: datetime) -> tuple[Shift, ...]:
    """Everybody's duties within a span, cut to it, by beginning and then in ringing order."""
    span = Span(starts_at, ends_at)
    fixed = (each for shift in plan.fixed for each in _cut_shift(shift, plan.overrides, span))
    made = (_shift(plan, each) for each in entries_between(plan, starts_at, ends_at))
    found = [each for each in (*fixed, *made) if each is not None and _works(plan, each)]
    return tuple(sorted(found, key=_order))


def entries_between(plan: Plan, starts_at: datetime, ends_at: datetime) -> tuple[Entry, ...]:
    """What the rules make of a span, to be published beside the duties written by hand."""
    span = Span(starts_at, ends_at)
    rotated = (each for rotation in plan.rotations for each in _rotated(plan, rotation, span))
    return (*rotated, *_overridden(plan.overrides, span))


def masked(shifts: Iterable[Shift], overrides: Iterable[Override]) -> list[Shift]:
    """Shifts without the spans in which somebody else, or nobody, has their place."""
    known = tuple(overrides)
    kept = []
    for shift in shifts:
        span = Span(shift.starts_at, shift.ends_at)
        own = shift.source is Source.OVERRIDE
        kept += [shift] if own else list(_cut_shift(shift, known, span))
    return kept


def turns(rotation: Rotation, span: Span) -> Iterator[tuple[int, Span]]:
    """Whose turn it is when, in the turns that meet a span, hours not regarded."""
    if not rotation.participants:
        return
    length = timedelta(days=rotation.days)
    passed = local(span.starts_at).date() - rotation.starts_on
    number = max(0, passed // length - 1)
    last = instant(rotation.ends_on, rotation.hand_over) if rotation.ends_on else span.ends_at
    while (turn := _turn(rotation, number)).starts_at < min(span.ends_at, last):
        ending = min(turn.ends_at, last) if rotation.ends_on else turn.ends_at
        whole = Span(turn.starts_at, ending)
        if whole.meets(span):
            yield rotation.participants[number % len(rotation.participants)], whole
        number += 1


def _turn(rotation: Rotation, number: int) -> Span:
    first = rotation.starts_on + timedelta(days=number * rotation.days)
    following = first + timedelta(days=rotation.days)
    return Span(instant(first, rotation.hand_over), instant(following, rotation.hand_over))


def _rotated(plan: Plan, rotation: Rotation, span: Span) -> Iterator[Entry]:
    holes = [each.span for each in plan.overrides if each.place == rotation.place]
    for technician_id, turn in turns(rotation, span):
        asked = turn.within(span)
        if asked is None or plan.members[technician_id].disabled:
            continue
        hours = [asked] if rotation.hours is None else hours_between(rotation.hours, asked)
        for piece in (left for each in hours for left in without(each, holes)):
            yield Entry(technician_id, *rotation.place, *piece.ends, Source.ROTATION)


def _overridden(overrides: tuple[Override, ...], span: Span) -> Iterator[Entry]:
    for each in overrides:
        asked = each.span.within(span)
        if asked is None:
            continue
        newer = [
            other.span for other in overrides if other.place == each.place and other.id > each.id
        ]
        for piece in without(asked, newer):
            yield Entry(each.technician_id, *each.place, *piece.ends, Source.OVERRIDE)


def _cut_shift(shift: Shift, overrides: tuple[Override, ...], span: Span) -> Iterator[Shift]:
    asked = Span(shift.starts_at, shift.ends_at).within(span)
    holes = [each.span for each in overrides if each.place == shift.place]
    for piece in without(asked, holes) if asked is not None else ():
        yield replace(shift, starts_at=piece.starts_at, ends_at=piece.ends_at)


def _shift(plan: Plan, entry: Entry) -> Shift | None:
    if entry.technician_id is None:
        return None
    key = entry.technician_id
    ends = (entry.starts_at, entry.ends_at)
    return Shift(key, plan.name(key), entry.level, entry.rank, *ends, entry.source)


def _works(plan: Plan, shift: Shift) -> bool:
    return not plan.members[shift.technician_id].disabled


def _order(shift: Shift) -> tuple[datetime, int, int, int]:
    level = list(Level).index(shift.level)
    return shift.starts_at, level, shift.rank, shift.technician_id
