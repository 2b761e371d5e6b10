"""Is a window open, and when does it open next?

Windows are local wall times at the provider's place (Europe/Zurich); holidays close or shorten them
for every plan that says so (Q4). Wall times are turned into instants date by date, so both DST nights
come out right, and from then on only UTC is compared. A wall time that comes twice is its first
coming; one that never comes is the instant the clock was put forward at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.hours import WHOLE_DAY, Hours, ServiceWindow, is_always_open

PROVIDER_ZONE = ZoneInfo("Europe/Zurich")
YEARS = range(2000, 2100)
"""What somebody may mean by a date; the arithmetic of later ones has an end."""

LOOKAHEAD = timedelta(days=30)
"""No calendar closes a plan for longer; a search beyond it means the plan has no day at all."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WindowState:
    """The window as evaluated at one instant.

    `opens_at` is given only while it is closed, `closes_at` only while it is open and will close.
    `calendar_known` is False where holidays count and nobody has seeded the year: say so loudly.
    """

    open: bool
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    holiday: str | None = None
    calendar_known: bool = True

    def is_open_at(self, at: datetime) -> bool:
        """The same window a little later in the same call, without asking the calendar again."""
        if self.open:
            return self.closes_at is None or at < self.closes_at
        return self.opens_at is not None and at >= self.opens_at


@dataclass(frozen=True, slots=True)
class Span:
    """A window of one date as two UTC instants, half-open."""

    opens: datetime
    closes: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.opens <= at < self.closes


def assess_window(plan: Hours, calendar: HolidayCalendar, at: datetime) -> WindowState:
    """State of the plan's window at the aware instant `at`."""
    local = local_time(at)
    known = is_calendar_known(plan, calendar, local.date(), local.date())
    if any(at in span for span in _spans_around(plan, calendar, at)):
        return WindowState(open=True, closes_at=_closing(plan, calendar, at), calendar_known=known)
    opens_at = next_opening(plan, calendar, at)
    until = local_time(opens_at or at).date()
    return WindowState(
        open=False,
        opens_at=opens_at,
        holiday=_holiday_at(plan, calendar, local),
        calendar_known=is_calendar_known(plan, calendar, local.date(), until),
    )


def is_in_office_hours(office_hours: Hours, calendar: HolidayCalendar, at: datetime) -> bool:
    """Whether the provider's own office is staffed at the aware instant `at` (Q18)."""
    return any(at in span for span in _spans_around(office_hours, calendar, at))


def is_calendar_known(plan: Hours, calendar: HolidayCalendar, first: date, last: date) -> bool:
    """False where holidays count for the plan and the table lacks a year of the span."""
    return not plan.closed_on_public_holidays or calendar.covers_from(first, last)


def next_opening(plan: Hours, calendar: HolidayCalendar, after: datetime) -> datetime | None:
    """First instant strictly after `after` at which a window opens, or None if none ever does."""
    spans = spans_from(plan, calendar, after)
    return next((span.opens for span in spans if span.opens > after), None)


def spans_from(plan: Hours, calendar: HolidayCalendar, at: datetime) -> Iterator[Span]:
    """The spans that end after `at`, in order; ends where none comes for LOOKAHEAD."""
    day = local_time(at).date() - _DAY
    last_open = day
    while day - last_open <= LOOKAHEAD:
        for span in spans_on(plan, calendar, day):
            last_open = day
            if span.closes > at:
                yield span
        day += _DAY


def spans_on(plan: Hours, calendar: HolidayCalendar, day: date) -> tuple[Span, ...]:
    """The windows that belong to one local date, as instants."""
    return tuple(_span(day, window) for window in windows_on(plan, calendar, day))


def windows_on(plan: Hours, calendar: HolidayCalendar, day: date) -> tuple[ServiceWindow, ...]:
    """The windows that open on one local date, in order; a half holiday shortens them."""
    windows = plan.week[day.weekday()]
    holiday = calendar.holiday_on(day) if plan.closed_on_public_holidays else None
    if holiday is None:
        return windows
    return tuple(piece for window in windows for piece in window.without(*holiday.closed))


def opening_times(plan: Hours, calendar: HolidayCalendar) -> frozenset[time]:
    """Every wall time at which the plan opens on some day, after a half holiday too."""
    usual = {window.opens for windows in plan.week for window in windows}
    special = {
        window.opens
        for holiday in calendar.holidays
        for window in windows_on(plan, calendar, holiday.date)
    }
    return frozenset(usual | special)


def local_time(at: datetime) -> datetime:
    """`at` in the provider's zone; naive timestamps are refused, they would be a guess."""
    if at.tzinfo is None:
        raise ValueError(f"naive timestamp {at.isoformat()}: an aware datetime is needed")
    return at.astimezone(PROVIDER_ZONE)


def at_wall_time(day: date, wall: time) -> datetime:
    """The UTC instant at which the provider's clock first shows `wall` on `day`, or is put past it."""
    moment = datetime.combine(day, wall.replace(fold=0), PROVIDER_ZONE)
    return _clock_put_forward(moment) or moment.astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """An ISO 8601 moment as a UTC instant; without an offset it is the provider's wall time.

    Of a wall time that comes twice the first is meant. Raises ValueError for one that never comes,
    because the clock was put forward (B.3), and for what is no moment.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not an ISO 8601 date and time") from error
    if moment.year not in YEARS:
        raise ValueError(f"{text!r} is not between {YEARS[0]} and {YEARS[-1]}")
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    after = _clock_put_forward(moment.replace(tzinfo=PROVIDER_ZONE))
    if after is not None:
        before = local_time(after - timedelta(minutes=1))
        raise ValueError(
            f"{text!r} does not exist in {PROVIDER_ZONE}: the clock is put forward over it, from "
            f"{before.isoformat('T', 'minutes')} to {local_time(after).isoformat('T', 'minutes')}; "
            "use one of these or another time, or give the offset"
        )
    return moment.replace(tzinfo=PROVIDER_ZONE).astimezone(UTC)


def _clock_put_forward(moment: datetime) -> datetime | None:
    """For a wall time that never comes: the UTC instant at which the clock was put past it."""
    early, late = moment.replace(fold=1).astimezone(UTC), moment.astimezone(UTC)
    if early >= late:
        return None
    offset = local_time(late).utcoffset()
    while late - early > timedelta(microseconds=1):
        middle = early + (late - early) / 2
        if local_time(middle).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late


def _span(day: date, window: ServiceWindow) -> Span:
    following = window.end >= WHOLE_DAY
    closes = at_wall_time(day + _DAY if following else day, window.closes or time(0))
    return Span(at_wall_time(day, window.opens), closes)


def _spans_around(plan: Hours, calendar: HolidayCalendar, at: datetime) -> Iterator[Span]:
    """Those of the local date, and of the one before, whose night may not be over."""
    today = local_time(at).date()
    for day in (today - _DAY, today):
        yield from spans_on(plan, calendar, day)


def _closing(plan: Hours, calendar: HolidayCalendar, at: datetime) -> datetime | None:
    """The end of the window that is open at `at`, or of those that follow it without a gap."""
    if is_always_open(plan):
        return None
    closes = at
    for span in spans_from(plan, calendar, at):
        if span.opens > closes or closes - at > LOOKAHEAD:
            break
        closes = span.closes
    return closes if closes - at <= LOOKAHEAD else None


def _holiday_at(plan: Hours, calendar: HolidayCalendar, local: datetime) -> str | None:
    if not plan.closed_on_public_holidays:
        return None
    holiday = calendar.holiday_on(local.date())
    wall = local.time().replace(fold=0)
    return holiday.name if holiday is not None and holiday.closes_at(wall) else None
