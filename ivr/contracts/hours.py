"""Opening hours of a week: windows of local wall time by weekday, as a plan or an office has them.

Windows are half-open: at 12:00:00 and 19:00:00 the line is closed (B.4.1). A window whose end is not
after its start reaches past midnight and belongs to the day it opens on: 22:00 to 06:00 of Friday
ends on Saturday morning, whatever Saturday is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Protocol

from ivr.errors import ConfigurationError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY = timedelta(hours=24)
LONGEST_NIGHT = timedelta(hours=16)
"""A window past midnight that is longer is taken for one whose two ends were mixed up."""

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_WALL_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class ServiceWindow:
    """A half-open span of local wall time `[opens, closes)`; `closes` None means 24:00.

    With a `closes` not after `opens` it ends on the day after the one it belongs to.
    """

    opens: time
    closes: time | None

    @property
    def start(self) -> timedelta:
        """From the midnight its day begins with."""
        return since_midnight(self.opens)

    @property
    def end(self) -> timedelta:
        """From the same midnight, so past 24 hours where it ends on the following day."""
        if self.closes is None:
            return WHOLE_DAY
        end = since_midnight(self.closes)
        return end if end > self.start else end + WHOLE_DAY

    def without(self, closed_from: timedelta, closed_to: timedelta) -> "tuple[ServiceWindow, ...]":
        """What is left of it when its day is closed in `[closed_from, closed_to)`."""
        pieces = (
            (self.start, min(self.end, closed_from)),
            (max(self.start, closed_to), self.end),
        )
        return tuple(_window(start, end) for start, end in pieces if start < end)


Week = tuple[tuple[ServiceWindow, ...], ...]
"""The windows of Monday to Sunday, those of each day in order."""


class Hours(Protocol):
    """Whatever is open by weekday: a plan, or the provider's office."""

    @property
    def week(self) -> Week:
        """Seven days, Monday first."""
        ...

    @property
    def closed_on_public_holidays(self) -> bool:
        """Whether the calendar closes or shortens its days."""
        ...


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Hours on their own, such as the provider's `office_hours` (Q18)."""

    week: Week
    closed_on_public_holidays: bool = True


def is_always_open(hours: Hours) -> bool:
    """True for hours that never close (premium, item 3)."""
    whole = (ServiceWindow(time(0), None),)
    return not hours.closed_on_public_holidays and all(day == whole for day in hours.week)


def since_midnight(wall: time) -> timedelta:
    """A wall time as the span from midnight to it."""
    return datetime.combine(_SOME_DAY, wall, UTC) - _SOME_DAY


def parse_hours(entry: Mapping[str, Any], name: str = "office_hours") -> OpeningHours:
    """`days` and `windows`, or `windows_by_day`; raises ConfigurationError that begins with `name`."""
    try:
        return OpeningHours(parse_week(entry), closed_on_holidays(entry))
    except KeyError as error:
        raise ConfigurationError(f"{name}: {error} is missing") from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{name}: {error}") from error


def closed_on_holidays(entry: Mapping[str, Any]) -> bool:
    """Where nothing is said: closed (Q4)."""
    value = entry.get("closed_on_public_holidays")
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"closed_on_public_holidays: {value!r} is neither true nor false")
    return True if value is None else value


def parse_week(entry: Mapping[str, Any]) -> Week:
    """`windows` on each of `days`, and what `windows_by_day` says of single ones instead."""
    special = entry.get("windows_by_day") or {}
    if not isinstance(special, Mapping):
        raise TypeError("windows_by_day names windows by weekday")
    own = {_weekday(name): parse_windows(pairs) for name, pairs in special.items()}
    plain = not own or "days" in entry or "windows" in entry
    days = frozenset(_weekday(name) for name in entry["days"]) if plain else frozenset()
    usual = parse_windows(entry["windows"]) if plain else ()
    week = tuple(own.get(day, usual if day in days else ()) for day in range(len(WEEKDAYS)))
    _refuse_running_into_the_next_day(week)
    return week


def parse_windows(pairs: Sequence[Sequence[str]]) -> tuple[ServiceWindow, ...]:
    """The windows of one day, in order; raises ValueError that names the wrong one."""
    windows = sorted((_parse_window(pair) for pair in pairs), key=lambda window: window.start)
    for window, following in pairwise(windows):
        if following.start < window.end:
            raise ValueError(f"window {following.opens:%H:%M} overlaps the one before it")
    return tuple(windows)


def parse_wall_time(text: object) -> time:
    """HH:MM; raises ValueError for anything else, such as the number YAML makes of an unquoted one."""
    if not isinstance(text, str) or not _WALL_TIME.fullmatch(text):
        raise ValueError(f'{text!r} is no wall time; write it with quotes, as in "08:00"')
    return time.fromisoformat(text)


def _parse_window(pair: Sequence[str]) -> ServiceWindow:
    if isinstance(pair, str) or len(pair) != 2:
        raise ValueError(f'{pair!r} is no window; write ["08:00", "12:00"]')
    opens, closes = pair
    window = ServiceWindow(parse_wall_time(opens), parse_end(closes))
    if window.end > WHOLE_DAY and window.end - window.start > LONGEST_NIGHT:
        raise ValueError(
            f"window {opens} ends before it starts; past midnight it may last "
            f"{LONGEST_NIGHT // timedelta(hours=1)} hours"
        )
    return window


def parse_end(text: object) -> time | None:
    """HH:MM, or None for 24:00."""
    return None if text == "24:00" else parse_wall_time(text)


def _refuse_running_into_the_next_day(week: Week) -> None:
    for day, windows in enumerate(week):
        following = week[(day + 1) % len(week)]
        if windows and following and windows[-1].end - WHOLE_DAY > following[0].start:
            raise ValueError(
                f"window {windows[-1].opens:%H:%M} of {WEEKDAYS[day]} overlaps the first one of "
                f"{WEEKDAYS[(day + 1) % len(week)]}"
            )


def _weekday(name: object) -> int:
    if name not in WEEKDAYS:
        raise ValueError(f"{name!r} is no weekday; use {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(str(name))


def _window(start: timedelta, end: timedelta) -> ServiceWindow:
    return ServiceWindow(_wall(start), None if end == WHOLE_DAY else _wall(end))


def _wall(since: timedelta) -> time:
    return (_SOME_DAY + since).time()
