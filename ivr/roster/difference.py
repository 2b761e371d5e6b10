"""What a change of the rules means for people: which duties are gained and which are lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ivr.roster.duty import Shift
from ivr.roster.hunt import Level
from ivr.roster.walltime import Span, merged, without

Whose = tuple[int, str, Level, int]


@dataclass(frozen=True, slots=True)
class Move:
    """A duty that somebody gains or loses."""

    technician_id: int
    name: str
    level: Level
    rank: int
    span: Span
    gained: bool


def moves(before: Sequence[Shift], after: Sequence[Shift]) -> list[Move]:
    """By time; a duty that stays as it was is not told of."""
    old, new = _by_person(before), _by_person(after)
    found = []
    for whose in old.keys() | new.keys():
        had, has = old.get(whose, []), new.get(whose, [])
        found += [Move(*whose, span, gained=True) for each in has for span in without(each, had)]
        found += [Move(*whose, span, gained=False) for each in had for span in without(each, has)]
    return sorted(found, key=lambda each: (each.span.starts_at, each.gained, each.name))


def joined(shifts: Iterable[Shift]) -> list[Shift]:
    """Duties of one person in one place that touch are one; by beginning."""
    known: list[Shift] = []
    latest: dict[Whose, int] = {}
    for shift in sorted(shifts, key=lambda each: each.starts_at):
        place = latest.get(_whose(shift))
        if place is not None and known[place].ends_at >= shift.starts_at:
            ending = max(known[place].ends_at, shift.ends_at)
            known[place] = replace(known[place], ends_at=ending)
        else:
            latest[_whose(shift)] = len(known)
            known.append(shift)
    return known


def _by_person(shifts: Sequence[Shift]) -> dict[Whose, list[Span]]:
    found: dict[Whose, list[Span]] = {}
    for shift in shifts:
        found.setdefault(_whose(shift), []).append(Span(shift.starts_at, shift.ends_at))
    return {whose: merged(spans) for whose, spans in found.items()}


def _whose(shift: Shift) -> Whose:
    return shift.technician_id, shift.name, shift.level, shift.rank
