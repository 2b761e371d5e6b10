"""What is wrong with a roster, found days ahead: gaps, telephones that may not ring, absences.

An empty roster is one loud problem, not a silent lack of duties to look at.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.roster.duty import Shift
from ivr.roster.hunt import Level
from ivr.roster.plan import Absence, Plan
from ivr.roster.walltime import Span, Week, hours_between, without


class ProblemKind(StrEnum):
    """What is wrong."""

    EMPTY = "empty"
    GAP = "gap"
    UNVERIFIED = "unverified"
    UNREACHABLE = "unreachable"
    ABSENT = "absent"
    LAW_DAYS = "law_days"
    LAW_REST = "law_rest"
    LAW_CALL_OUTS = "law_call_outs"


@dataclass(frozen=True, slots=True)
class Required:
    """A level that has to be staffed: always, or within the hours of a week."""

    level: Level
    hours: Week | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """`count` and `limit` are days or call-outs where the law sets a limit."""

    kind: ProblemKind
    starts_at: datetime
    ends_at: datetime
    level: Level | None = None
    technician_id: int | None = None
    name: str = ""
    count: int = 0
    limit: int = 0

    @property
    def ends(self) -> tuple[datetime, datetime]:
        """Beginning and end."""
        return self.starts_at, self.ends_at

    @property
    def key(self) -> str:
        """The same for the same problem at another look; a gap is known by its end, which stays."""
        moment = self.ends_at if self.kind is ProblemKind.GAP else self.starts_at
        if self.kind in _KNOWN_BY_PERSON:
            return f"{self.kind}:{self.technician_id or ''}"
        return f"{self.kind}:{self.level or ''}:{self.technician_id or ''}:{moment:%Y%m%dT%H%M}"


_KNOWN_BY_PERSON = (ProblemKind.EMPTY, ProblemKind.UNVERIFIED, ProblemKind.UNREACHABLE)


def problems_of(
    plan: Plan, required: Sequence[Required], shifts: Sequence[Shift], span: Span
) -> list[Problem]:
    """All but those of the law, the most urgent first."""
    if not shifts:
        return [Problem(ProblemKind.EMPTY, span.starts_at, span.ends_at)]
    found = [*gaps(required, shifts, span), *_of_telephones(plan, shifts)]
    found += _absent(plan.absences, shifts)
    return sorted(found, key=lambda each: (each.starts_at, each.kind, each.name))


def gaps(required: Sequence[Required], shifts: Iterable[Shift], span: Span) -> list[Problem]:
    """When a level that has to be staffed is not."""
    known = list(shifts)
    found = []
    for each in required:
        covered = [Span(one.starts_at, one.ends_at) for one in known if one.level is each.level]
        wanted = [span] if each.hours is None else hours_between(each.hours, span)
        left = [gap for part in wanted for gap in without(part, covered)]
        found += [Problem(ProblemKind.GAP, *gap.ends, each.level) for gap in left]
    return found


def _of_telephones(plan: Plan, shifts: Iterable[Shift]) -> Iterator[Problem]:
    """Each person once, with his first duty: never checked, or the carrier could not ring it."""
    told = set()
    for shift in shifts:
        member = plan.members[shift.technician_id]
        if member.id in told:
            continue
        told.add(member.id)
        own = Span(shift.starts_at, shift.ends_at)
        if not member.has_verified_phone:
            yield _of(ProblemKind.UNVERIFIED, shift, own)
        if member.has_failed_phone:
            yield _of(ProblemKind.UNREACHABLE, shift, own)


def _absent(absences: Iterable[Absence], shifts: Iterable[Shift]) -> Iterator[Problem]:
    known = list(absences)
    for shift in shifts:
        own = Span(shift.starts_at, shift.ends_at)
        for absence in known:
            clash = own.within(absence.span)
            if absence.technician_id == shift.technician_id and clash is not None:
                yield _of(ProblemKind.ABSENT, shift, clash)


def _of(kind: ProblemKind, shift: Shift, span: Span) -> Problem:
    return Problem(kind, *span.ends, shift.level, shift.technician_id, shift.name)
