"""Ring attempts in the database."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update

from ivr.callflow.facts import AttemptResult
from ivr.roster.hunt import AcceptBy, Level
from ivr.services.records import AttemptRecord
from ivr.storage.models import Call, RingAttempt

_COLUMNS = (
    RingAttempt.id,
    RingAttempt.call_id,
    RingAttempt.position,
    RingAttempt.technician_id,
    RingAttempt.name,
    RingAttempt.level,
    RingAttempt.number,
    RingAttempt.language,
    RingAttempt.accept,
    RingAttempt.ring_seconds,
    RingAttempt.started_at,
    RingAttempt.engaged_until,
    RingAttempt.result,
    RingAttempt.ended_at,
    RingAttempt.accepted_at,
)
_GET = select(*_COLUMNS).where(RingAttempt.id == bindparam("attempt_id"))
_OF_CALL = (
    select(*_COLUMNS)
    .where(RingAttempt.call_id == bindparam("call_id"), RingAttempt.escalation_id.is_(None))
    .order_by(RingAttempt.position)
)
_ENGAGED = select(
    exists().where(
        RingAttempt.technician_id == bindparam("technician_id"),
        RingAttempt.engaged_until > bindparam("at"),
        RingAttempt.ended_at.is_(None),
        RingAttempt.call_id == Call.id,
        Call.rehearsal == bindparam("rehearsal"),
    )
)


_LEASE = (
    select(func.max(RingAttempt.engaged_until))
    .join(Call, Call.id == RingAttempt.call_id)
    .where(
        RingAttempt.technician_id == bindparam("his"),
        RingAttempt.engaged_until > bindparam("now"),
        RingAttempt.ended_at.is_(None),
        Call.rehearsal.is_(False),
    )
)
_INSERT = insert(RingAttempt)
_MARK = update(RingAttempt).where(RingAttempt.id == bindparam("marked_id"))
"""Sets the columns that are given with it."""


class SqlAttempts:
    """The attempt store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, attempt: AttemptRecord) -> None:
        """Store a new attempt."""
        self._connection.execute(_INSERT, asdict(attempt))

    def get(self, attempt_id: str) -> AttemptRecord:
        """One attempt."""
        row = self._connection.execute(_GET, {"attempt_id": attempt_id}).one_or_none()
        if row is None:
            raise LookupError(f"no ring attempt {attempt_id}")
        return _attempt(row)

    def list_of(self, call_id: str) -> Sequence[AttemptRecord]:
        """The attempts of a call."""
        rows = self._connection.execute(_OF_CALL, {"call_id": call_id}).all()
        return [_attempt(row) for row in rows]

    def is_engaged(self, technician_id: int, at: datetime, *, rehearsal: bool) -> bool:
        """True while an unended attempt's lease lasts; rehearsals only see rehearsals."""
        parameters = {"technician_id": technician_id, "at": at, "rehearsal": rehearsal}
        return bool(self._connection.execute(_ENGAGED, parameters).scalar())

    def lease_end(self, technician_id: int, at: datetime) -> datetime | None:
        """When he is free at the latest, whatever is heard of his calls; None: he is."""
        found: datetime | None = self._connection.scalar(_LEASE, {"his": technician_id, "now": at})
        return found

    def mark(
        self,
        attempt_id: str,
        result: AttemptResult,
        *,
        answered_at: datetime | None = None,
        accepted_at: datetime | None = None,
        engaged_until: datetime | None = None,
        ended_at: datetime | None = None,
        bridge_seconds: int | None = None,
    ) -> None:
        """Write result and the instants that are given."""
        given: dict[str, Any] = {
            "answered_at": answered_at,
            "accepted_at": accepted_at,
            "engaged_until": engaged_until,
            "ended_at": ended_at,
            "bridge_seconds": bridge_seconds,
        }
        values = {name: value for name, value in given.items() if value is not None}
        self._connection.execute(_MARK, values | {"result": result, "marked_id": attempt_id})


def _attempt(row: Sequence[Any]) -> AttemptRecord:
    found = AttemptRecord(*row)
    return replace(
        found,
        level=Level(found.level),
        accept=AcceptBy(found.accept),
        result=AttemptResult(found.result),
    )
