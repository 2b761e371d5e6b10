"""Public holidays at the provider's own place, as a table.

They differ by district, so they are never computed (B.2): somebody seeds them, year by year, and a
year nobody has seeded is reported (`covers`). The table has a version, which is written beside every
deadline that was worked out with it. A holiday may be a half one: closed from, or until, a wall time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from ivr.contracts.hours import WHOLE_DAY, parse_end, parse_wall_time, since_midnight
from ivr.errors import ConfigurationError

_NEVER_ENDS = 2 * WHOLE_DAY
"""A day that is closed to its end takes the rest of its windows along, past midnight too."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day. Without `closed_from` it is closed from midnight, without `closed_to` to its end."""

    date: date
    name: str
    scope: str
    closed_from: time | None = None
    closed_to: time | None = None

    @property
    def whole_day(self) -> bool:
        """False for a half day, which is a business day still."""
        return self.closed_to is None and self.closed_from in (None, time(0))

    @property
    def closed(self) -> tuple[timedelta, timedelta]:
        """The span it closes, from the midnight its day begins with."""
        start = timedelta(0) if self.closed_from is None else since_midnight(self.closed_from)
        end = _NEVER_ENDS if self.closed_to is None else since_midnight(self.closed_to)
        return start, end

    def closes_at(self, wall: time) -> bool:
        """True for a wall time of its day that it closes."""
        start, end = self.closed
        return start <= since_midnight(wall) < end


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """The holidays of one place; `years` are those it was seeded for, else those it knows a day of."""

    scope: str
    version: str
    holidays: tuple[Holiday, ...]
    years: frozenset[int] = frozenset()
    _by_day: Mapping[date, Holiday] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_day", {holiday.date: holiday for holiday in self.holidays})
        years = self.years or frozenset(holiday.date.year for holiday in self.holidays)
        object.__setattr__(self, "years", years)

    @property
    def title(self) -> str:
        """Place and version, for people."""
        return f"{self.scope or 'no place'}, version {self.version or 'unnamed'}"

    @property
    def names(self) -> Mapping[date, str]:
        """Names by date, half days included."""
        return {day: holiday.name for day, holiday in self._by_day.items()}

    def holiday_on(self, day: date) -> Holiday | None:
        """The holiday of that date, half ones too."""
        return self._by_day.get(day)

    def closes_whole(self, day: date) -> bool:
        """True for a date that no work is done on; a half holiday is a business day (B.4.4)."""
        holiday = self._by_day.get(day)
        return holiday is not None and holiday.whole_day

    def covers(self, day: date) -> bool:
        """False in a year nobody has seeded: then no holiday is known, and that is not "none"."""
        return day.year in self.years

    def covers_from(self, first: date, last: date) -> bool:
        """`covers` for every day of a span, both ends included."""
        return all(year in self.years for year in range(first.year, last.year + 1))


def parse_holidays(document: Mapping[str, Any]) -> HolidayCalendar:
    """Read the parsed `holidays.yaml`; raises ConfigurationError that names the entry.

    An entry may name a `scope` of its own; those of other places are checked, and left out.
    """
    scope = str(document.get("scope", ""))
    holidays = [_parse_holiday(entry, scope) for entry in document.get("holidays") or []]
    years = _parse_years(document.get("years"))
    seen: set[tuple[date, str]] = set()
    for holiday in holidays:
        if (holiday.date, holiday.scope) in seen:
            raise ConfigurationError(f"holidays: {holiday.date} is named twice")
        if years and holiday.date.year not in years:
            raise ConfigurationError(f"holidays: {holiday.date} is in none of the years")
        seen.add((holiday.date, holiday.scope))
    own = tuple(holiday for holiday in holidays if holiday.scope == scope)
    return HolidayCalendar(scope, str(document.get("version", "")), own, years)


def _parse_holiday(entry: Any, scope: str) -> Holiday:
    if not isinstance(entry, Mapping):
        raise ConfigurationError(f"holidays: {entry!r} needs a date and a name")
    day = entry.get("date")
    if not isinstance(day, date) or isinstance(day, datetime) or not entry.get("name"):
        raise ConfigurationError(f"holidays: {dict(entry)!r} needs a date and a name")
    try:
        closed_from = _optional(entry, "closed_from", parse_wall_time)
        closed_to = _optional(entry, "closed_to", parse_end)
    except ValueError as error:
        raise ConfigurationError(f"holidays: {day}: {error}") from error
    holiday = Holiday(
        day, str(entry["name"]), str(entry.get("scope", scope)), closed_from, closed_to
    )
    start, end = holiday.closed
    if end <= start:
        raise ConfigurationError(f"holidays: {day}: closed_to is not after closed_from")
    return holiday


def _optional(entry: Mapping[str, Any], name: str, parse: Any) -> time | None:
    wall: time | None = None if entry.get(name) is None else parse(entry[name])
    return wall


def _parse_years(years: Any) -> frozenset[int]:
    if years is None:
        return frozenset()
    if not isinstance(years, list) or not all(type(year) is int for year in years):
        raise ConfigurationError(f"holidays: years: {years!r} is no list of years")
    return frozenset(years)
