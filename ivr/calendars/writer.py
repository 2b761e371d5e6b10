"""Duties as an iCal calendar. It tells names and places of the chain, and no telephone number."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import icalendar

from ivr.roster.duty import Shift

REFRESH = timedelta(hours=1)
PRODUCT = "-//Pikett//roster//EN"


def write_calendar(
    shifts: Iterable[Shift], title: str, words: Mapping[str, str], now: datetime, *, names: bool
) -> bytes:
    """`words` names the levels; with `names` each event says whose duty it is. Times are UTC."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for shift in shifts:
        calendar.add_component(_event(shift, words, now, names=names))
    return bytes(calendar.to_ical())


def _event(
    shift: Shift, words: Mapping[str, str], now: datetime, *, names: bool
) -> icalendar.Event:
    level = words[shift.level]
    event = icalendar.Event()
    event.add("uid", _uid(shift))
    event.add("dtstamp", now)
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", f"{shift.name}: {level}" if names else level)
    event.add("transp", "TRANSPARENT")
    return event


def _uid(shift: Shift) -> str:
    """The same at every look, so that a calendar knows its events again."""
    told = f"{shift.technician_id}:{shift.level}:{shift.rank}:{shift.starts_at.isoformat()}"
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@pikett"
