"""When to remind somebody of a promised reaction that nobody has given yet.

At a half and at four fifths of its time, and when it is over (B.4). The share counts as the promise
itself does: elapsed time for what runs by the clock, and only the hours of the window for a plan, so
that nobody is woken at night for a ticket that is due at noon.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.commitments import Promise
from ivr.contracts.hours import Hours
from ivr.contracts.plans import Clock
from ivr.contracts.windows import Span, spans_from

SHARES = (Fraction(1, 2), Fraction(4, 5))


def reminders(
    promise: Promise, hours: Hours | None, calendar: HolidayCalendar
) -> tuple[datetime, ...]:
    """The instants (UTC) at which a half, four fifths and all of its time is over.

    `hours` are those of the plan that promises it. Empty for what is never due.
    """
    due = promise.deadline.due
    if due is None:
        return ()
    start = promise.started_at.astimezone(due.tzinfo)
    if hours is None or promise.commitment.clock is Clock.ELAPSED:
        return (*(start + (due - start) * float(share) for share in SHARES), due)
    open_spans = _between(hours, calendar, start, due)
    whole = sum((span.closes - span.opens for span in open_spans), timedelta())
    return (*(_after(open_spans, whole * float(share), due) for share in SHARES), due)


def _between(
    hours: Hours, calendar: HolidayCalendar, start: datetime, due: datetime
) -> Sequence[Span]:
    found = []
    for span in spans_from(hours, calendar, start):
        if span.opens >= due:
            break
        found.append(Span(max(span.opens, start), min(span.closes, due)))
    return found


def _after(spans: Sequence[Span], left: timedelta, due: datetime) -> datetime:
    for span in spans:
        if left <= span.closes - span.opens:
            return span.opens + left
        left -= span.closes - span.opens
    return due
