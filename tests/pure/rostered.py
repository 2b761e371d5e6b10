"""Rosters for tests: members, rotations, and instants by the clock on the wall."""

from datetime import date, datetime, time
from typing import Any

from ivr.roster.duty import Shift
from ivr.roster.hunt import Level
from ivr.roster.plan import Absence, Member, Override, Plan, Rotation
from ivr.roster.walltime import Span, Week, instant, local

ANNA, LUCA, CHLOE = 1, 2, 3
MEMBERS = {1: Member(1, "Anna"), 2: Member(2, "Luca"), 3: Member(3, "Chloé")}
NIGHTS: Week = (((time(18), time(8)),),) * 5 + (((time(0), time(0)),),) * 2


def at(text: str) -> datetime:
    """A wall time in Zurich, the first where it comes twice."""
    moment = datetime.fromisoformat(text)
    return instant(moment.date(), moment.time())


def span(first: str, last: str) -> Span:
    return Span(at(first), at(last))


def rotation(*people: int, starts: str = "2026-11-02", **given: Any) -> Rotation:
    """Weekly from a Monday, unless something else is said."""
    known: dict[str, Any] = {"id": 1, "name": "R", "level": Level.ON_DUTY} | given
    return Rotation(
        participants=people or (ANNA, LUCA), starts_on=date.fromisoformat(starts), **known
    )


def override(first: str, last: str, who: int | None, key: int = 1, **given: Any) -> Override:
    known: dict[str, Any] = {"level": Level.ON_DUTY, "rank": 1} | given
    return Override(key, starts_at=at(first), ends_at=at(last), technician_id=who, **known)


def absence(who: int, first: str, last: str) -> Absence:
    return Absence(1, who, at(first), at(last))


def plan(*rotations: Rotation, **given: Any) -> Plan:
    return Plan(**({"members": MEMBERS, "rotations": rotations} | given))


def shown(shifts: tuple[Shift, ...]) -> list[str]:
    """`Anna 2026-11-02 08:00 - 2026-11-09 08:00`."""
    return [
        f"{each.name} {local(each.starts_at):%Y-%m-%d %H:%M} - {local(each.ends_at):%Y-%m-%d %H:%M}"
        for each in shifts
    ]
