"""A month at a glance: a row for each place, a cell for each day, and what is not staffed in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from ivr.roster.duty import Shift
from ivr.roster.hunt import Level
from ivr.roster.problems import Required, gaps
from ivr.roster.walltime import DAY, Span, each_day, instant


@dataclass(frozen=True, slots=True)
class Cell:
    """One place on one day: who has it, and when nobody has although somebody must."""

    day: date
    shifts: tuple[Shift, ...]
    gaps: tuple[Span, ...]
    whole: Span

    @property
    def pieces(self) -> list[tuple[Span, Shift | None]]:
        """In order of time; None where nobody is there."""
        known: list[tuple[Span, Shift | None]] = [(gap, None) for gap in self.gaps]
        known += [(Span(each.starts_at, each.ends_at), each) for each in self.shifts]
        return sorted(known, key=lambda piece: piece[0].starts_at)


@dataclass(frozen=True, slots=True)
class Row:
    """One place through the month."""

    level: Level
    rank: int
    cells: tuple[Cell, ...]


def span_of_month(first: date) -> Span:
    """From midnight to midnight at the provider's place."""
    following = (first.replace(day=28) + 4 * DAY).replace(day=1)
    return Span(instant(first.replace(day=1), time(0)), instant(following, time(0)))


def month_rows(
    shifts: Sequence[Shift], required: Sequence[Required], month: Span, since: Span
) -> list[Row]:
    """In ringing order. Gaps are looked for within `since` only: the past cannot be mended."""
    places = {each.place for each in shifts} | {(each.level, 1) for each in required}
    ordered = sorted(places, key=lambda place: (list(Level).index(place[0]), place[1]))
    missing, days, rows, told = gaps(required, shifts, since), each_day(month), [], set()
    for level, rank in ordered:
        own = [each for each in shifts if each.place == (level, rank)]
        found = [Span(*each.ends) for each in missing if each.level is level]
        lacking = [] if level in told else found  # shown once, in the first row of its level
        told.add(level)
        cells = (_cell(day, whole, own, lacking) for day, whole in days)
        rows.append(Row(level, rank, tuple(cells)))
    return rows


def _cell(day: date, whole: Span, shifts: Sequence[Shift], missing: Sequence[Span]) -> Cell:
    there = [each for each in shifts if Span(each.starts_at, each.ends_at).meets(whole)]
    gaps = [part for each in missing if (part := each.within(whole)) is not None]
    return Cell(day, tuple(there), tuple(gaps), whole)
