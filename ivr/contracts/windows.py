"""Is the plan's window open, and when does it open next?

Windows are local wall times at the provider's place (Europe/Zurich) and half-open: at 12:00:00
and 19:00:00 the line is closed (B.4). Public holidays close every plan that says so (Q4); they
are a table for the provider's own location, never computed at call time (B.2). Instants are aware
datetimes; wall times are turned into instants date by date, so both DST nights come out right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ivr.contracts.plans import Plan, ServiceWindow
from ivr.errors import ConfigurationError

PROVIDER_ZONE = ZoneInfo("Europe/Zurich")
YEARS = range(2000, 2100)
"""What somebody may mean by a date; the arithmetic of later ones has an end."""

LOOKAHEAD_DAYS = 30
"""No calendar closes a plan for longer; a search beyond it means the plan has no day at all."""


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """Public holidays by date, with their name; `scope` says for which place they were seeded."""

    scope: str
    names: Mapping[date, str]

    def closes(self, plan: Plan, day: date) -> bool:
        """True where this plan has no window on `day` because of a holiday."""
        return plan.closed_on_public_holidays and day in self.names


def parse_holidays(document: Mapping[str, Any]) -> HolidayCalendar:
    """Read the parsed `holidays.yaml`; raises ConfigurationError that names the entry."""
    names: dict[date, str] = {}
    for entry in document.get("holidays") or []:
        day = entry.get("date")
        if not isinstance(day, date) or not entry.get("name"):
            raise ConfigurationError(f"holidays: {entry!r} needs a date and a name")
        if day in names:
            raise ConfigurationError(f"holidays: {day} is named twice")
        names[day] = str(entry["name"])
    return HolidayCalendar(str(document.get("scope", "")), names)


@dataclass(frozen=True, slots=True)
class WindowState:
    """The window as evaluated at one instant.

    `opens_at` is given only while it is closed, `closes_at` only while it is open and will close.
    """

    open: bool
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    holiday: str | None = None

    def is_open_at(self, at: datetime) -> bool:
        """The same window a little later in the same call, without asking the calendar again."""
        if self.open:
            return self.closes_at is None or at < self.closes_at
        return self.opens_at is not None and at >= self.opens_at


def assess_window(plan: Plan, calendar: HolidayCalendar, at: datetime) -> WindowState:
    """State of the plan's window at the aware instant `at`."""
    local = local_time(at)
    holiday = calendar.names.get(local.date()) if calendar.closes(plan, local.date()) else None
    wall = local.time().replace(fold=0)
    for window in windows_on(plan, calendar, local.date()):
        if wall in window:
            closes_at = None if plan.always_open else _end(local.date(), window)
            return WindowState(open=True, closes_at=closes_at)
    return WindowState(open=False, opens_at=next_opening(plan, calendar, at), holiday=holiday)


def next_opening(plan: Plan, calendar: HolidayCalendar, after: datetime) -> datetime | None:
    """First instant strictly after `after` at which a window opens, or None if none ever does."""
    for day in _days_from(local_time(after).date()):
        for window in windows_on(plan, calendar, day):
            opens = at_wall_time(day, window.opens)
            if opens > after:
                return opens
    return None


def windows_on(plan: Plan, calendar: HolidayCalendar, day: date) -> tuple[ServiceWindow, ...]:
    """The windows of one local date, in order; none on a closed day."""
    if day.weekday() not in plan.days or calendar.closes(plan, day):
        return ()
    return plan.windows


def local_time(at: datetime) -> datetime:
    """`at` in the provider's zone; naive timestamps are refused, they would be a guess."""
    if at.tzinfo is None:
        raise ValueError(f"naive timestamp {at.isoformat()}: an aware datetime is needed")
    return at.astimezone(PROVIDER_ZONE)


def at_wall_time(day: date, wall: time) -> datetime:
    """The instant at which the provider's clock shows `wall` on `day`."""
    return datetime.combine(day, wall, PROVIDER_ZONE)


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
    instant = moment.replace(tzinfo=PROVIDER_ZONE).astimezone(UTC)
    if local_time(instant).replace(tzinfo=None) != moment:
        raise ValueError(
            f"{text!r} does not exist in {PROVIDER_ZONE}: the clock is put forward over it; "
            "use another time, or give the offset"
        )
    return instant


def _end(day: date, window: ServiceWindow) -> datetime:
    if window.closes is None:
        return at_wall_time(day + timedelta(days=1), time(0))
    return at_wall_time(day, window.closes)


def _days_from(first: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range(LOOKAHEAD_DAYS))
