"""Technicians and duties in the database, as every call reads them: one query by an index."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select

from ivr.roster.duty import Shift, Source
from ivr.roster.hunt import RINGING, Level
from ivr.roster.plan import Override, masked
from ivr.services.records import DutyRecord
from ivr.services.ticket_files import Technician as Known
from ivr.storage.models import RosterAbsence, RosterEntry, Technician

_ORDER = {level.value: number for number, level in enumerate(Level)}
_PRESENT = (
    select(
        Technician.id,
        Technician.name,
        Technician.number,
        Technician.email,
        Technician.language,
        RosterEntry.level,
        RosterEntry.rank,
        RosterEntry.source,
        Technician.disabled_at,
    )
    .outerjoin_from(RosterEntry, Technician, RosterEntry.technician_id == Technician.id)
    .where(RosterEntry.starts_at <= bindparam("at"), RosterEntry.ends_at > bindparam("at"))
    .order_by(case(_ORDER, value=RosterEntry.level, else_=99), RosterEntry.rank, RosterEntry.id)
)

MOST_SHIFTS = 500
ENTRIES = (
    RosterEntry.id,
    RosterEntry.technician_id,
    Technician.name,
    RosterEntry.level,
    RosterEntry.rank,
    RosterEntry.starts_at,
    RosterEntry.ends_at,
    RosterEntry.source,
)
_WORKING = (RosterEntry.technician_id == Technician.id) & Technician.disabled_at.is_(None)
_SHIFTS = (
    select(
        ENTRIES[0], Technician.id, *ENTRIES[2:]
    )  # who is disabled is nobody, also in an override
    .outerjoin_from(RosterEntry, Technician, _WORKING)
    .where(
        RosterEntry.ends_at > bindparam("at"),
        RosterEntry.level.in_([level.value for level in RINGING]),
    )
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
        first: dict[int, DutyRecord] = {}
        for duty in self.list_present(at):
            if duty.level in RINGING:
                first.setdefault(duty.technician_id, duty)
        return list(first.values())

    def list_present(self, at: datetime) -> Sequence[DutyRecord]:
        """Who has a duty of any level, each level in ringing order; nobody twice in a level."""
        rows = self._connection.execute(_PRESENT, {"at": at}).all()
        taken = {(row.level, row.rank) for row in rows if row.source == Source.OVERRIDE}
        first: dict[tuple[int, str], DutyRecord] = {}
        for row in rows:
            hidden = row.source != Source.OVERRIDE and (row.level, row.rank) in taken
            if row.id is not None and row.disabled_at is None and not hidden:
                duty = DutyRecord(*row[:5], Level(row.level))
                first.setdefault((row.id, row.level), duty)
        return list(first.values())

    def has_technician(self, name: str) -> bool:
        """True if there is a technician of this name."""
        query = select(Technician.id).where(Technician.name == name).limit(1)
        return self._connection.execute(query).first() is not None

    def is_disabled(self, technician_id: int) -> bool:
        """Or was deleted."""
        query = select(Technician.id).where(Technician.id == technician_id)
        query = query.where(Technician.disabled_at.is_(None))
        return self._connection.execute(query).first() is None

    def find_technician(self, technician_id: int) -> Known | None:
        """Somebody who works here."""
        query = select(Technician.id, Technician.name, Technician.email, Technician.language)
        row = self._connection.execute(query.where(Technician.id == technician_id)).one_or_none()
        return Known(*row) if row is not None else None

    def is_absent(self, technician_id: int, at: datetime) -> bool:
        """By any absence of his."""
        query = select(RosterAbsence.id).where(
            RosterAbsence.technician_id == technician_id,
            RosterAbsence.starts_at <= at,
            RosterAbsence.ends_at > at,
        )
        return self._connection.execute(query.limit(1)).first() is not None

    def list_shifts(self, at: datetime) -> Sequence[Shift]:
        """The duties from now on of everybody whom a call rings."""
        return shifts_of(self._connection.execute(_SHIFTS, {"at": at}).all())

    def lock(self) -> None:
        """One lock for all: two calls that ring the same people in another order would deadlock.

        A SQLite writer already has the database for itself.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK)


def shifts_of(rows: Iterable[Any]) -> list[Shift]:
    """Rows of the published roster as duties: what was written by hand gives way to overrides."""
    shifts, overrides = [], []
    for id_, technician_id, name, level, rank, starts_at, ends_at, source in rows:
        place, ends = (Level(level), rank), (starts_at, ends_at)
        if source == Source.OVERRIDE:
            overrides.append(Override(id_, *place, *ends, technician_id))
        if technician_id is not None:
            shifts.append(Shift(technician_id, name, *place, *ends, Source(source)))
    return masked(shifts, overrides)
