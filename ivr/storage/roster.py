"""Technicians and duties in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, select

from ivr.roster.duty import Shift
from ivr.roster.hunt import Level
from ivr.services.records import DutyRecord
from ivr.services.ticket_files import Technician as Known
from ivr.storage.models import RosterEntry, Technician

_ON_DUTY = (
    select(
        Technician.id,
        Technician.name,
        Technician.number,
        Technician.email,
        Technician.language,
        RosterEntry.level,
    )
    .join(RosterEntry, RosterEntry.technician_id == Technician.id)
    .where(RosterEntry.starts_at <= bindparam("at"), RosterEntry.ends_at > bindparam("at"))
    .order_by(
        case((RosterEntry.level == Level.ON_DUTY.value, 0), else_=1),
        RosterEntry.rank,
        RosterEntry.id,
    )
)

MOST_SHIFTS = 500
_SHIFTS = (
    select(
        Technician.id,
        Technician.name,
        RosterEntry.level,
        RosterEntry.rank,
        RosterEntry.starts_at,
        RosterEntry.ends_at,
    )
    .join(RosterEntry, RosterEntry.technician_id == Technician.id)
    .where(RosterEntry.ends_at > bindparam("at"))
    .order_by(RosterEntry.starts_at, RosterEntry.id)
    .limit(MOST_SHIFTS)
)

RESERVATIONS = 0x50494B45
"""The name of the advisory lock; any number that nothing else in the database uses."""

_LOCK = select(func.pg_advisory_xact_lock(RESERVATIONS))


class SqlRoster:
    """The roster store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_on_duty(self, at: datetime) -> Sequence[DutyRecord]:
        """Who is on duty, in ringing order; nobody twice."""
        rows = self._connection.execute(_ON_DUTY, {"at": at}).all()
        first: dict[int, DutyRecord] = {}
        for technician_id, name, number, email, language, level in rows:
            duty = DutyRecord(technician_id, name, number, email, language, Level(level))
            first.setdefault(technician_id, duty)
        return list(first.values())

    def has_technician(self, name: str) -> bool:
        """True if there is a technician of this name."""
        query = select(Technician.id).where(Technician.name == name).limit(1)
        return self._connection.execute(query).first() is not None

    def find_technician(self, technician_id: int) -> Known | None:
        """Somebody who works here."""
        query = select(Technician.id, Technician.name, Technician.email, Technician.language)
        row = self._connection.execute(query.where(Technician.id == technician_id)).one_or_none()
        return Known(*row) if row is not None else None

    def list_shifts(self, at: datetime) -> Sequence[Shift]:
        """Everybody's duties from now on."""
        rows = self._connection.execute(_SHIFTS, {"at": at})
        return [
            Shift(technician_id, name, Level(level), rank, starts_at, ends_at)
            for technician_id, name, level, rank, starts_at, ends_at in rows
        ]

    def lock(self) -> None:
        """One lock for all: two calls that ring the same people in another order would deadlock.

        A SQLite writer already has the database for itself.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK)
