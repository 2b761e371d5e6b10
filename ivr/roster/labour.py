"""What labour law says of being on call (ArGV 1 art. 14; B.16): the roster warns and never forbids.

At most 7 days in any 4 weeks. Where staff is short and somebody is called out on average at most 5
times a month, 14. Whoever has had as many has two weeks free. A day of on-call is 24 hours from the
beginning of a duty, by the clock on the wall: a week from Monday to Monday is seven, a night is one.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from ivr.roster.duty import Shift
from ivr.roster.hunt import RINGING
from ivr.roster.problems import Problem, ProblemKind
from ivr.roster.walltime import DAY, Span, instant, local, merged

FOUR_WEEKS = 28
MOST_DAYS = 7
MOST_DAYS_IF_SHORT = 14
MOST_CALL_OUTS = 5
FREE_DAYS = 14


@dataclass(frozen=True, slots=True)
class LabourRules:
    """`call_outs` is the average a month of each technician, where it is known."""

    staff_short: bool = False
    call_outs: Mapping[int, float] = field(default_factory=dict)

    def limit(self, technician_id: int) -> int:
        """Days in four weeks."""
        few = self.call_outs.get(technician_id, 0.0) <= MOST_CALL_OUTS
        return MOST_DAYS_IF_SHORT if self.staff_short and few else MOST_DAYS


def labour_warnings(shifts: Sequence[Shift], rules: LabourRules, since: datetime) -> list[Problem]:
    """At most one of each kind for each person, and only of days from `since` on.

    `shifts` reach back four weeks before `since`, or what was before it is not counted.
    """
    found = []
    for technician_id, name in sorted({(each.technician_id, each.name) for each in shifts}):
        days = on_call_days(each for each in shifts if each.technician_id == technician_id)
        for kind, first, count, limit in _warnings(days, rules, technician_id, local(since).date()):
            ends = (instant(first, time(0)), instant(first + DAY, time(0)))
            found.append(Problem(kind, *ends, None, technician_id, name, count, limit))
    return found


def on_call_days(shifts: Iterator[Shift]) -> list[date]:
    """The dates that count, in order; duties that touch are one."""
    ringing = (each for each in shifts if each.level in RINGING)
    days: set[date] = set()
    for duty in merged(Span(each.starts_at, each.ends_at) for each in ringing):
        first, last = (local(at).replace(tzinfo=None) for at in (duty.starts_at, duty.ends_at))
        begun = 0
        while begun == 0 or first + begun * DAY < last:
            days.add((first + begun * DAY).date())
            begun += 1
    return sorted(days)


def _warnings(
    days: Sequence[date], rules: LabourRules, technician_id: int, since: date
) -> Iterator[tuple[ProblemKind, date, int, int]]:
    limit = rules.limit(technician_id)
    counted = [(day, _in_four_weeks(days, index)) for index, day in enumerate(days)]
    many = [(count, day) for day, count in counted if count > limit and day >= since]
    if many:
        most = max(count for count, _ in many)
        busy = rules.staff_short and limit == MOST_DAYS and most <= MOST_DAYS_IF_SHORT
        kind = ProblemKind.LAW_CALL_OUTS if busy else ProblemKind.LAW_DAYS
        yield kind, many[0][1], most, limit
    for (day, count), (following, then) in pairwise(counted):
        early = DAY < following - day <= timedelta(days=FREE_DAYS)
        if count >= limit and early and then <= limit and following >= since:
            yield ProblemKind.LAW_REST, following, (following - day).days - 1, FREE_DAYS
            return


def _in_four_weeks(days: Sequence[date], index: int) -> int:
    """Days of on-call in the four weeks that end with this one."""
    oldest = days[index] - timedelta(days=FOUR_WEEKS - 1)
    return index + 1 - bisect_left(days, oldest)
