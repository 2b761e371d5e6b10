"""Absences out of an iCal file that somebody else's program wrote.

The file is not trusted. It is looked through before a library reads it: what is too large or nested
and everything that repeats is refused, because a few bytes of recurrence make events without end. Zones
of its own are left out for the same reason: they repeat too, and the library would reckon them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar

from ivr.errors import PikettError
from ivr.roster.walltime import ZONE, instant

MOST_BYTES = 256 * 1024
MOST_EVENTS = 500
MOST_LINE = 4096
LONGEST = timedelta(days=400)
YEARS = range(2000, 2100)
KNOWN = {"VCALENDAR", "VEVENT", "VALARM", "VTIMEZONE", "STANDARD", "DAYLIGHT"}
REPEATS = ("RRULE", "RDATE", "EXRULE")


class CalendarRefusedError(PikettError):
    """The file is no calendar that absences can be taken from; the text says why."""


@dataclass(frozen=True, slots=True)
class AbsenceEvent:
    """An event of the file. `uid` names it in a later version of the same calendar."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str


def read_absences(content: bytes) -> list[AbsenceEvent]:
    """In order of time; cancelled and transparent events are none. Raises CalendarRefusedError."""
    lines = _looked_through(content)
    try:
        calendar = icalendar.Calendar.from_ical("\r\n".join(lines) + "\r\n")
        events = [_absence(each) for each in calendar.walk("VEVENT") if _counts(each)]
    except CalendarRefusedError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise CalendarRefusedError(f"the calendar cannot be read: {_short(error)}") from error
    _refuse_two_of_one_name(events)
    return sorted(events, key=lambda each: (each.starts_at, each.uid))


def _looked_through(content: bytes) -> list[str]:
    """Its lines without zones of its own and without alarms."""
    if len(content) > MOST_BYTES:
        raise CalendarRefusedError(f"the calendar is larger than {MOST_BYTES // 1024} KB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CalendarRefusedError("the calendar is not UTF-8 text") from None
    if "\0" in text:
        raise CalendarRefusedError("the calendar holds characters that no text has")
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    if not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise CalendarRefusedError("this is no iCal file: it does not begin with BEGIN:VCALENDAR")
    return _kept(lines)


def _kept(lines: list[str]) -> list[str]:
    kept: list[str] = []
    inside: list[str] = []
    events = 0
    for line in lines:
        if len(line) > MOST_LINE:
            raise CalendarRefusedError(f"a line is longer than {MOST_LINE} characters")
        name, _, value = line.upper().partition(":")
        if name == "BEGIN":
            _refuse_strange(value.strip(), inside)
            inside.append(value.strip())
            events += value.strip() == "VEVENT"
        elif name.split(";")[0] in REPEATS and inside[-1:] == ["VEVENT"]:
            raise CalendarRefusedError(
                "an event repeats; write each absence as an event of its own"
            )
        if not {"VTIMEZONE", "VALARM"} & set(inside):
            kept.append(line)
        if name == "END" and inside:
            inside.pop()
    if events > MOST_EVENTS:
        raise CalendarRefusedError(f"the calendar has more than {MOST_EVENTS} events")
    return kept


def _refuse_strange(name: str, inside: list[str]) -> None:
    if name not in KNOWN or len(inside) > 2 or name in inside:
        raise CalendarRefusedError(f"{name[:40]!r} is not understood in a calendar of absences")


def _counts(event: Any) -> bool:
    cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    return not cancelled and str(event.get("TRANSP", "")).upper() != "TRANSPARENT"


def _absence(event: Any) -> AbsenceEvent:
    summary = _line(str(event.get("SUMMARY", "")))
    try:
        _refuse_unknown_zone(event)
        starts_at, ends_at = _instant(event.start), _instant(event.end)
    except icalendar.InvalidCalendar as error:
        raise CalendarRefusedError(f"{summary!r}: {_short(error)}") from error
    if starts_at >= ends_at or ends_at - starts_at > LONGEST:
        raise CalendarRefusedError(
            f"{summary!r} ends before it begins, or lasts more than 400 days"
        )
    uid = _line(str(event.get("UID", ""))) or f"{starts_at.isoformat()}/{ends_at.isoformat()}"
    return AbsenceEvent(uid, starts_at, ends_at, summary)


def _refuse_unknown_zone(event: Any) -> None:
    """The library drops a zone it does not know; then the time would be a guess."""
    for name in ("DTSTART", "DTEND"):
        given = event.get(name)
        zone = given.params.get("TZID") if given is not None else None
        if zone and getattr(given.dt, "tzinfo", None) is None:
            raise CalendarRefusedError(f"the time zone {str(zone)[:60]!r} is not known")


def _instant(moment: date) -> datetime:
    """A day without a time begins at midnight; a time without a zone is the provider's."""
    if moment.year not in YEARS:
        raise CalendarRefusedError(f"the year {moment.year} is not between 2000 and 2099")
    if not isinstance(moment, datetime):
        return instant(moment, time(0))
    if moment.tzinfo is None:
        return moment.replace(tzinfo=ZONE).astimezone(UTC)
    return moment.astimezone(UTC)


def _refuse_two_of_one_name(events: list[AbsenceEvent]) -> None:
    names = [each.uid for each in events]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise CalendarRefusedError(f"two events have the same UID {twice!r}")


def _line(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:200]


def _short(error: Exception) -> str:
    return _line(str(error))[:120]
