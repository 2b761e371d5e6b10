"""What people type about the roster, read with care; every refusal says which field and why (B.3)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from ivr.contracts.windows import YEARS, parse_moment
from ivr.errors import PikettError
from ivr.roster.hunt import RINGING, Level
from ivr.roster.plan import Absence, Override, Rotation
from ivr.roster.walltime import DAY, WEEKDAYS, Week, is_doubtful, local
from ivr.roster.week_text import parse_week
from ivr.services.stores import UnitOfWork

LEVELS = (*RINGING, Level.CHIEF_TECHNICIAN, Level.CHIEF_DEVELOPER, Level.SUPPLIER)
"""Those that people take turns in; desk and day team are numbers of the settings."""
EVERY = {"daily": 1, "weekly": 7}
MOST_DAYS = 366
MOST_RANK = 9
MAX_NOTE = 200
LONGEST = timedelta(days=400)


class RosterRefusedError(PikettError):
    """Something about the roster is wrong; `field` and `key` say where and what."""

    def __init__(self, field: str, key: str, text: str) -> None:
        self.field, self.key = field, key
        super().__init__(text)


def read_rotation(uow: UnitOfWork, typed: dict[str, str], now: datetime) -> Rotation:
    """`starts` is a date; without one a weekday, or the coming day, from today on."""
    hours = read_hours(typed.get("hours", ""))
    days = _number("every", EVERY.get(typed["every"], typed["every"]), MOST_DAYS)
    rotation = Rotation(
        id=0,
        name=read_note(typed["name"], "name") or typed["level"],
        level=read_level(typed["level"]),
        rank=_number("rank", typed.get("rank") or 1, MOST_RANK),
        participants=_participants(uow, typed["people"]),
        starts_on=_first_day(typed, now),
        days=days,
        hand_over=_wall(typed.get("hand_over") or "08:00"),
        ends_on=_date("until", typed["until"]) if typed.get("until") else None,
        hours=hours,
    )
    if rotation.ends_on is not None and rotation.ends_on <= rotation.starts_on:
        raise RosterRefusedError("until", "roster.error.order", "it ends before it begins")
    return rotation


def read_override(uow: UnitOfWork, typed: dict[str, str], now: datetime) -> Override:
    """Without `person` nobody has the place."""
    starts_at, ends_at = read_span(typed, now)
    person = typed.get("person", "").strip()
    who = read_technician(uow, person, "person") if person else None
    rank = _number("rank", typed.get("rank") or 1, MOST_RANK)
    note = read_note(typed.get("note", ""))
    return Override(0, read_level(typed["level"]), rank, starts_at, ends_at, who, note)


def read_absence(uow: UnitOfWork, typed: dict[str, str], now: datetime) -> Absence:
    """Whole days may be given as dates: until the end of the last one."""
    starts_at, ends_at = read_span(typed, now)
    who = read_technician(uow, typed.get("person", ""), "person")
    return Absence(0, who, starts_at, ends_at, read_note(typed.get("note", "")))


def read_span(
    typed: dict[str, str], now: datetime, first: str = "from", last: str = "to"
) -> tuple[datetime, datetime]:
    """Two moments in order, of which the second is still to come."""
    starts_at, ends_at = read_moment(typed.get(first, ""), first), _end(typed.get(last, ""), last)
    if ends_at <= starts_at:
        raise RosterRefusedError(last, "roster.error.order", "it ends before it begins")
    if ends_at - starts_at > LONGEST:
        raise RosterRefusedError(last, "roster.error.long", "it is longer than 400 days")
    if ends_at <= now:
        raise RosterRefusedError(last, "roster.error.past", "it is over already")
    return starts_at, ends_at


def read_moment(text: str, field: str) -> datetime:
    """A wall time that never comes, or comes twice, is asked back."""
    try:
        at = parse_moment(text.strip())
    except ValueError as error:
        raise RosterRefusedError(field, "roster.error.moment", str(error)) from error
    naive = datetime.fromisoformat(text.strip())
    if naive.tzinfo is None and is_doubtful(naive):
        told = f"{text!r} comes twice, because the clock is put back; write it with its offset, "
        told += (
            f"{naive.isoformat('T', 'minutes')}+02:00 or {naive.isoformat('T', 'minutes')}+01:00"
        )
        raise RosterRefusedError(field, "roster.error.twice", told)
    return at


def read_technician(uow: UnitOfWork, name: str, field: str) -> int:
    """By name; somebody who is disabled gets no duty."""
    found = uow.technicians.find(" ".join(name.split()))
    if found is None:
        text = f"there is no technician {name!r}"
        raise RosterRefusedError(field, "roster.error.technician", text)
    if found.disabled_at is not None:
        raise RosterRefusedError(field, "roster.error.disabled", f"{name} is disabled")
    return found.id


def read_level(text: str) -> Level:
    """One that people take turns in."""
    known = {level.value: level for level in LEVELS}
    if text not in known:
        names = ", ".join(known)
        raise RosterRefusedError("level", "roster.error.level", f"{text!r} is none of {names}")
    return known[text]


def read_hours(text: str) -> Week | None:
    """None for always."""
    try:
        return parse_week(text)
    except ValueError as error:
        raise RosterRefusedError("hours", "roster.error.hours", str(error)) from error


def read_note(text: str, field: str = "note") -> str:
    """One printable line."""
    note = " ".join(text.split())
    if len(note) > (MAX_NOTE if field == "note" else 80) or not (note.isprintable()):
        raise RosterRefusedError(field, "roster.error.note", "at most 200 printable characters")
    return note


def _end(text: str, field: str) -> datetime:
    """A date alone is the end of that day."""
    text = text.strip()
    if len(text) == len("2026-12-24"):
        following = _date(field, text) + DAY
        return read_moment(following.isoformat(), field)
    return read_moment(text, field)


def _participants(uow: UnitOfWork, text: str) -> tuple[int, ...]:
    names = [name for part in text.replace("\n", ",").split(",") if (name := part.strip())]
    if not names:
        raise RosterRefusedError("people", "roster.error.people", "name at least one technician")
    return tuple(read_technician(uow, name, "people") for name in names)


def _first_day(typed: dict[str, str], now: datetime) -> date:
    if typed.get("starts"):
        return _date("starts", typed["starts"])
    today = local(now).date()
    weekday = typed.get("weekday", "")
    if not weekday:
        return today
    if weekday not in WEEKDAYS:
        text = f"{weekday!r} is none of {', '.join(WEEKDAYS)}"
        raise RosterRefusedError("weekday", "roster.error.date", text)
    return today + (WEEKDAYS.index(weekday) - today.weekday()) % 7 * DAY


def _date(field: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise RosterRefusedError(field, "roster.error.date", f"{text!r} is no date, YYYY-MM-DD")
    return day


def _wall(text: str) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or found.second or found.microsecond:
        raise RosterRefusedError("hand_over", "roster.error.wall", f"{text!r} is not HH:MM")
    return found


def _number(field: str, value: Any, most: int) -> int:
    try:
        number = int(value)
    except ValueError:
        number = 0
    if not 1 <= number <= most:
        told = f"{value!r} is no number from 1 to {most}"
        raise RosterRefusedError(field, "roster.error.number", told)
    return number
