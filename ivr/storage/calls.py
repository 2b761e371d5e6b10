"""Calls and turns in the database.

This is the hot path of the line: statements are built once and executed on the connection, without
object identity bookkeeping.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.callflow import codec
from ivr.errors import AlreadyStoredError
from ivr.services.desk_records import CHANNEL
from ivr.services.records import (
    CallRecord,
    CallSummary,
    LogEntry,
    NewCall,
    StoredTurn,
)
from ivr.storage.models import Call, RingAttempt, Turn

_INSERT_CALL = insert(Call)
_INSERT_TURN = insert(Turn)
_FIND = select(Call.id).where(
    Call.channel == bindparam("channel"), Call.provider_call_id == bindparam("provider_call_id")
)
_CALL_OF_ATTEMPT = select(RingAttempt.call_id).where(RingAttempt.id == bindparam("leg_id"))
_LOCK = (
    select(Call.id)
    .where(Call.id == func.coalesce(_CALL_OF_ATTEMPT.scalar_subquery(), bindparam("leg_id")))
    .with_for_update(key_share=True)
)
_GET = select(
    Call.id,
    Call.channel,
    Call.rehearsal,
    Call.clock_shift_seconds,
    Call.received_at,
    Call.caller_number,
    Call.customer_id,
    Call.location_id,
    Call.contract_id,
    Call.ticket_number,
    Call.accepted_attempt,
    Call.ended_at,
    Call.ordered_at,
    Call.window_open_at_answer,
).where(Call.id == bindparam("call_id"))
_SUMMARY = select(Call.result, Call.order_state, Call.identified_by, Call.ticket_number).where(
    Call.id == bindparam("call_id")
)
_TURN = select(
    Turn.leg_id,
    Turn.number,
    Turn.call_id,
    Turn.flow,
    Turn.at,
    Call.rehearsal,
    Turn.session,
    Turn.verbs,
).join(Call, Call.id == Turn.call_id)
_LATEST = _TURN.where(Turn.leg_id == bindparam("leg_id")).order_by(Turn.number.desc()).limit(1)
_ONE = _TURN.where(Turn.leg_id == bindparam("leg_id"), Turn.number == bindparam("number"))
_NOTE = update(Call).where(Call.id == bindparam("noted_id"))
"""Sets the columns that are given with it."""
_ACCEPT = (
    update(Call)
    .where(
        Call.id == bindparam("call_id"),
        Call.accepted_attempt.is_(None),
        Call.ended_at.is_(None),
    )
    .values(accepted_attempt=bindparam("attempt_id"))
)
_RELEASE = (
    update(Call)
    .where(Call.id == bindparam("call_id"), Call.accepted_attempt == bindparam("attempt_id"))
    .values(accepted_attempt=None)
)


class SqlCalls:
    """The call store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, call: NewCall) -> None:
        """Store a new call."""
        self._insert(_INSERT_CALL, asdict(call))

    def find_id(self, channel: str, provider_call_id: str) -> str | None:
        """Our id of a carrier's call."""
        found: str | None = self._connection.execute(
            _FIND, {"channel": channel, "provider_call_id": provider_call_id}
        ).scalar()
        return found

    def get(self, call_id: str) -> CallRecord:
        """The call record."""
        row = self._connection.execute(_GET, {"call_id": call_id}).one_or_none()
        if row is None:
            raise LookupError(f"no call {call_id}")
        return CallRecord(*tuple(row))

    def summary(self, call_id: str) -> CallSummary:
        """How it ended."""
        row = self._connection.execute(_SUMMARY, {"call_id": call_id}).one_or_none()
        if row is None:
            raise LookupError(f"no call {call_id}")
        return CallSummary(*row)

    def lock(self, leg_id: str) -> None:
        """PostgreSQL locks the row; a SQLite writer already has the database for itself."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK, {"leg_id": leg_id})

    def latest_turn(self, leg_id: str) -> StoredTurn | None:
        """The newest turn of a leg."""
        return _turn(self._connection.execute(_LATEST, {"leg_id": leg_id}).one_or_none())

    def find_turn(self, leg_id: str, number: int) -> StoredTurn | None:
        """One turn of a leg."""
        return _turn(
            self._connection.execute(_ONE, {"leg_id": leg_id, "number": number}).one_or_none()
        )

    def list_turns(self, call_id: str) -> Sequence[StoredTurn]:
        """All turns with their logs."""
        rows = self._connection.execute(
            _TURN.add_columns(Turn.events)
            .where(Turn.call_id == call_id)
            .order_by(Turn.at, Turn.leg_id, Turn.number)
        ).all()
        return [_turn_with_log(row) for row in rows]

    def add_turn(self, turn: StoredTurn) -> None:
        """Store an answered turn; the primary key makes it happen once."""
        self._insert(
            _INSERT_TURN,
            {
                "leg_id": turn.leg_id,
                "number": turn.number,
                "call_id": turn.call_id,
                "flow": turn.flow,
                "at": turn.at,
                "events": _log_to_json(turn.log),
                "session": codec.to_json(turn.session),
                "verbs": codec.to_json(turn.verbs),
            },
        )

    def note(self, call_id: str, **columns: Any) -> None:
        """Write columns of the call record."""
        self._connection.execute(_NOTE, columns | {"noted_id": call_id})

    def accept(self, call_id: str, attempt_id: str) -> bool:
        """One conditional update decides who was first."""
        parameters = {"call_id": call_id, "attempt_id": attempt_id}
        return self._connection.execute(_ACCEPT, parameters).rowcount == 1

    def release(self, call_id: str, attempt_id: str) -> None:
        """The accepted leg was lost before the bridge."""
        self._connection.execute(_RELEASE, {"call_id": call_id, "attempt_id": attempt_id})

    def list_open_since(self, before: datetime) -> Sequence[str]:
        """Calls that were never closed. A rehearsal's times are moved by its shift.

        One that only the service desk knows of ends with its card.
        """
        query = select(Call.id, Call.received_at, Call.clock_shift_seconds).where(
            Call.ended_at.is_(None),
            Call.channel != CHANNEL,
            Call.rehearsal | (Call.received_at < before),
        )
        return [
            call_id
            for call_id, received_at, shift in self._connection.execute(query)
            if received_at - timedelta(seconds=shift) < before
        ]

    def _insert(self, statement: Any, values: dict[str, Any]) -> None:
        try:
            self._connection.execute(statement, values)
        except IntegrityError as error:
            raise AlreadyStoredError(str(error.orig)) from error


def _log_to_json(log: tuple[LogEntry, ...]) -> str:
    entries = [
        {"state": entry.state, "event": entry.event, "next": entry.next, "did": entry.did}
        for entry in log
    ]
    return json.dumps(entries, separators=(",", ":"), ensure_ascii=False)


def _log_from_json(text: str) -> tuple[LogEntry, ...]:
    return tuple(
        LogEntry(entry["state"], entry["event"], entry["next"], tuple(entry["did"]))
        for entry in json.loads(text)
    )


def _turn(row: Sequence[Any] | None) -> StoredTurn | None:
    if row is None:
        return None
    *head, session, verbs = row
    return StoredTurn(*[*head, codec.from_json(session), codec.from_json(verbs)])


def _turn_with_log(row: Sequence[Any]) -> StoredTurn:
    *head, session, verbs, events = row
    decoded = [codec.from_json(session), codec.from_json(verbs), _log_from_json(events)]
    return StoredTurn(*[*head, *decoded])
