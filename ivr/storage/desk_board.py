"""The calls of the desk's board: a few statements, however many calls there are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from ivr.callflow import codec
from ivr.callflow.facts import AttemptResult
from ivr.desk.board import Ringing
from ivr.roster.hunt import Level
from ivr.roster.waiting import Severity
from ivr.services.desk_records import CallStanding, OpenCalls
from ivr.services.waiting_store import CallPlace
from ivr.storage.models import (
    Call,
    Contract,
    Customer,
    DeskCard,
    Location,
    RingAttempt,
    Ticket,
    Turn,
    WaitingCaller,
)
from ivr.storage.severity import SEVERITY

_SESSION = (
    select(Turn.session)
    .where(Turn.leg_id == Call.id)
    .order_by(Turn.number.desc())
    .limit(1)
    .correlate(Call)
    .scalar_subquery()
)
_CALLS = (
    select(
        Call.id,
        Call.channel,
        Call.received_at,
        Call.clock_shift_seconds,
        Call.rehearsal,
        Customer.name,
        Location.name,
        Contract.plan_id,
        Call.accepted_attempt,
        DeskCard.id,
        DeskCard.number,
        DeskCard.taken_name,
        Ticket.due_at,
        WaitingCaller.since,
        SEVERITY,
        _SESSION,
    )
    .outerjoin(DeskCard, DeskCard.call_id == Call.id)
    .outerjoin(Customer, Customer.id == func.coalesce(DeskCard.customer_id, Call.customer_id))
    .outerjoin(Location, Location.id == func.coalesce(DeskCard.location_id, Call.location_id))
    .outerjoin(Contract, Contract.id == Call.contract_id)
    .outerjoin(Ticket, Ticket.number == Call.ticket_number)
    .outerjoin(WaitingCaller, WaitingCaller.call_id == Call.id)
)
_PLAN = 7
_CHOSEN = (
    select(Call.id, func.count().over().label("total"))
    .outerjoin(DeskCard, DeskCard.call_id == Call.id)
    .outerjoin(WaitingCaller, WaitingCaller.call_id == Call.id)
    .where(Call.ended_at.is_(None))
    .order_by(
        DeskCard.id.is_(None), WaitingCaller.call_id.is_(None), Call.received_at.desc(), Call.id
    )
)
"""Chosen before anything is read that costs more, such as where each call stands."""


class SqlDeskBoard:
    """Reading what is on the line now."""

    def __init__(self, connection: Connection) -> None:
        self._board_connection = connection

    def list_calls(self, limit: int) -> OpenCalls:
        """Calls that are not over, each with the telephones that ring for it, and how many there are.

        Where there are more than `limit`: the desk's own first, then who waits, then the newest.
        """
        chosen = _CHOSEN.limit(limit).subquery()
        query = _CALLS.add_columns(chosen.c.total).join(chosen, chosen.c.id == Call.id)
        rows = self._board_connection.execute(query.order_by(Call.received_at, Call.id)).all()
        total = rows[0].total if rows else 0
        return OpenCalls(self._standings([row[:-1] for row in rows]), total)

    def find_standing(self, call_id: str) -> CallStanding | None:
        """The same for one call, over or not."""
        rows = self._board_connection.execute(_CALLS.where(Call.id == call_id)).all()
        return next(iter(self._standings([row[:] for row in rows])), None)

    def _standings(self, rows: Sequence[Any]) -> list[CallStanding]:
        ringing = self._ringing([row[0] for row in rows])
        standings = [_standing(row) for row in rows]
        return [replace(each, ringing=tuple(ringing.get(each.call_id, ()))) for each in standings]

    def _ringing(self, call_ids: Sequence[str]) -> dict[str, list[Ringing]]:
        query = select(
            RingAttempt.call_id,
            RingAttempt.id,
            RingAttempt.name,
            RingAttempt.level,
            RingAttempt.result,
        ).where(RingAttempt.call_id.in_(call_ids), RingAttempt.ended_at.is_(None))
        found: dict[str, list[Ringing]] = {}
        for call_id, id_, name, level, result in self._board_connection.execute(
            query.order_by(RingAttempt.position)
        ):
            rings = Ringing(id_, name, Level(level), AttemptResult(result))
            found.setdefault(call_id, []).append(rings)
        return found


def _standing(row: Any) -> CallStanding:
    *head, due, waits_since, severity, session = row
    call_id, _, received_at, *_ = head
    plan_id = head[_PLAN]
    place = CallPlace(
        call_id, plan_id, due, waits_since or received_at, severity=Severity(severity)
    )
    known = codec.from_json(session) if session is not None else None
    return CallStanding(*[*head, place, known])
