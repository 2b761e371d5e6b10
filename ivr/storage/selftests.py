"""The line's trials in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, insert, select, update

from ivr.callflow.requests import OrderState
from ivr.services.selftest_store import (
    CheckState,
    ReadinessCheck,
    RunState,
    SeenCall,
    SelftestRun,
)
from ivr.storage import models
from ivr.storage.models import Call, Customer, RingAttempt, Ticket

_Run = models.SelftestRun
_Check = models.ReadinessCheck
_RUN = select(*(getattr(_Run, each.name) for each in fields(SelftestRun)))
_CHECK = select(*(getattr(_Check, each.name) for each in fields(ReadinessCheck)))
_ITS_CALL = (_Run.channel == Call.channel) & (_Run.provider_call_id == Call.provider_call_id)


class SqlSelftests:
    """The store of runs over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, run: SelftestRun) -> None:
        """Planned."""
        self._connection.execute(insert(_Run).values(asdict(run)))

    def lock(self, run_id: str) -> SelftestRun:
        """Raises LookupError."""
        found = self._list(_RUN.where(_Run.id == run_id).with_for_update())
        if not found:
            raise LookupError(f"no self-test {run_id}")
        return found[0]

    def change(self, run_id: str, **columns: Any) -> None:
        """Write columns."""
        self._connection.execute(update(_Run).where(_Run.id == run_id).values(columns))

    def running(self) -> SelftestRun | None:
        """The newest, should there be two."""
        query = _RUN.where(_Run.state == RunState.RUNNING).order_by(_Run.due_at.desc())
        return next(iter(self._list(query.limit(1))), None)

    def latest(self, limit: int) -> Sequence[SelftestRun]:
        """By the instant they were meant for."""
        return self._list(_RUN.order_by(_Run.due_at.desc(), _Run.id.desc()).limit(limit))

    def is_one(self, call_id: str) -> bool:
        """By the call's own name at its channel."""
        query = select(exists().where(Call.id == call_id, _ITS_CALL))
        return bool(self._connection.scalar(query))

    def seen(self, run: SelftestRun, number: str) -> SeenCall | None:
        """The call, and the first moments of the test technician's legs."""
        legs = select(func.min(RingAttempt.started_at), func.min(RingAttempt.answered_at))
        query = (
            select(Call.id, Call.received_at, Customer.number, Call.ordered_at, Call.order_state)
            .outerjoin(Customer, Customer.id == Call.customer_id)
            .where(Call.channel == run.channel, Call.provider_call_id == run.provider_call_id)
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        call_id, received_at, customer, ordered_at, order = row
        his = legs.where(RingAttempt.call_id == call_id, RingAttempt.number == number)
        rung_at, answered_at = self._connection.execute(his).one()
        ordered = ordered_at if order == OrderState.ORDERED else None
        return SeenCall(call_id, received_at, customer, ordered, rung_at, answered_at)

    def end_tickets(self, at: datetime) -> None:
        """Only those that a run has opened."""
        ours = select(Call.ticket_number).join(_Run, _ITS_CALL)
        query = update(Ticket).where(
            Ticket.number.in_(ours.where(Call.ticket_number.is_not(None))),
            Ticket.rehearsal.is_(True),
            Ticket.over_at.is_(None),
        )
        self._connection.execute(query.values(over_at=at))

    def _list(self, query: Select[Any]) -> list[SelftestRun]:
        return [_run(row) for row in self._connection.execute(query)]


class SqlReadiness:
    """The store of tries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, check: ReadinessCheck) -> None:
        """Intended."""
        self._connection.execute(insert(_Check).values(asdict(check)))

    def find(self, check_id: str) -> ReadinessCheck | None:
        """One try."""
        return self._one(_CHECK.where(_Check.id == check_id))

    def lock(self, check_id: str) -> ReadinessCheck | None:
        """For this transaction."""
        return self._one(_CHECK.where(_Check.id == check_id).with_for_update())

    def change(self, check_id: str, **columns: Any) -> None:
        """Write columns."""
        self._connection.execute(update(_Check).where(_Check.id == check_id).values(columns))

    def list_for(self, technician_id: int, starts_at: datetime) -> Sequence[ReadinessCheck]:
        """Mostly one."""
        his = _CHECK.where(_Check.technician_id == technician_id, _Check.starts_at == starts_at)
        rows = self._connection.execute(his.order_by(_Check.asked_at, _Check.id))
        return [_check(row) for row in rows]

    def latest(self, technician_id: int) -> ReadinessCheck | None:
        """The newest."""
        his = _CHECK.where(_Check.technician_id == technician_id)
        return self._one(his.order_by(_Check.asked_at.desc(), _Check.id.desc()).limit(1))

    def _one(self, query: Select[Any]) -> ReadinessCheck | None:
        row = self._connection.execute(query).one_or_none()
        return _check(row) if row is not None else None


def _check(row: Row[Any]) -> ReadinessCheck:
    return ReadinessCheck(**row._asdict() | {"state": CheckState(row.state)})


class TrialStores:
    """Both, as a part of the unit of work."""

    __slots__ = ()
    connection: Connection

    @property
    def selftests(self) -> SqlSelftests:
        """Calls of the line to itself."""
        return SqlSelftests(self.connection)

    @property
    def readiness(self) -> SqlReadiness:
        """Telephones tried before a duty."""
        return SqlReadiness(self.connection)


def _run(row: Any) -> SelftestRun:
    return SelftestRun(**row._asdict() | {"state": RunState(row.state)})
