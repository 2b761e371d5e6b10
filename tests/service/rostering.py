"""A roster for tests of the services: rules as they are typed, and what is read of them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from ivr.bootstrap import Application
from ivr.roster.walltime import Span, local
from ivr.services.roster_changes import AddAbsence, AddOverride, AddRotation, Change
from ivr.services.roster_input import read_absence, read_override, read_rotation
from ivr.storage.database import reading, writing
from ivr.storage.models import RosterEntry

ANNA, LUCA, CHLOE = "Anna Meier", "Luca Bernasconi", "Chloé Favre"
WEEKLY = {"name": "Pikett", "level": "on_duty", "every": "weekly", "people": f"{ANNA}, {LUCA}"}
WEEKLY |= {"starts": "2026-11-16"}
A_YEAR = timedelta(days=365)


def clear(app: Application) -> None:
    """Nobody has duty."""
    with writing(app.storage.engine) as connection:
        connection.execute(delete(RosterEntry))


def rotation(app: Application, **given: str) -> Change:
    with app.storage.reading() as uow:
        return AddRotation(read_rotation(uow, WEEKLY | given, app.clock.now()))


def override(app: Application, first: str, last: str, person: str = "", **given: str) -> Change:
    typed = {"level": "on_duty", "from": first, "to": last, "person": person} | given
    with app.storage.reading() as uow:
        return AddOverride(read_override(uow, typed, app.clock.now()))


def absence(app: Application, person: str, first: str, last: str) -> Change:
    typed = {"person": person, "from": first, "to": last}
    with app.storage.reading() as uow:
        return AddAbsence(read_absence(uow, typed, app.clock.now()))


def change(app: Application, wanted: Change) -> int:
    return app.rosters.change(wanted, None, app.clock.now())


def weekly(app: Application, **given: str) -> int:
    """Anna and Luca week by week, and nothing else."""
    clear(app)
    return change(app, rotation(app, **given))


def on_duty(app: Application, at: datetime) -> list[str]:
    """Whom a call rings."""
    with app.storage.reading() as uow:
        return [each.name for each in uow.roster.list_on_duty(at)]


def shown(app: Application, first: datetime, last: datetime) -> list[str]:
    """`Anna on_duty 1: 23.11. 08:00 - 30.11. 08:00` for each published duty."""
    with app.storage.reading() as uow:
        published = uow.roster_rules.list_published(first, last)
    return [
        f"{each.name.split()[0]} {each.level} {each.rank}: "
        f"{local(each.starts_at):%d.%m. %H:%M} - {local(each.ends_at):%d.%m. %H:%M}"
        for each in published
    ]


def rows(app: Application) -> list[tuple[Any, ...]]:
    """The published roster, row by row."""
    with reading(app.storage.engine) as connection:
        query = select(RosterEntry.__table__).order_by(RosterEntry.starts_at, RosterEntry.id)
        return [tuple(row)[1:] for row in connection.execute(query)]


def coming(app: Application, span: timedelta = A_YEAR) -> Span:
    return Span(app.clock.now(), app.clock.now() + span)
