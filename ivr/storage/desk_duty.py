"""Who at the desk takes calls now, and who took which, in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.callflow.facts import AttemptResult
from ivr.desk.card import Outcome
from ivr.errors import AlreadyStoredError
from ivr.roster.hunt import Level
from ivr.services.desk_records import Agent, Presence, WaitingCard
from ivr.storage.models import Call, DeskCard, DeskPresence, DeskReady, RingAttempt

_AT_DESK = (
    RingAttempt.call_id == DeskCard.call_id,
    RingAttempt.level == Level.SERVICE_DESK,
    RingAttempt.ended_at.is_(None),
)
_UP = (AttemptResult.ANSWERED, AttemptResult.ACCEPTED)
_ANSWERED = exists().where(*_AT_DESK, RingAttempt.result.in_(_UP))
_RINGS = exists().where(*_AT_DESK, RingAttempt.result == AttemptResult.RINGING)
_NOBODYS = (
    select(DeskCard.id, DeskCard.number)
    .join(Call, Call.id == DeskCard.call_id)
    .where(
        DeskCard.closed_at.is_(None),
        DeskCard.taken_by.is_(None),
        DeskCard.outcome == Outcome.OPEN,
        Call.ended_at.is_(None),
    )
    .order_by(DeskCard.opened_at.desc(), DeskCard.id)
)


class SqlDeskDuty:
    """Who is ready and who has what, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._duty_connection = connection

    def be_ready(self, agent: Agent, at: datetime) -> None:
        """He takes calls."""
        mine = update(DeskReady).where(DeskReady.person_id == agent.id)
        seen = mine.values(name=agent.name, seen_at=bindparam("at"))
        if self._duty_connection.execute(seen, {"at": at}).rowcount == 0:
            row = {"person_id": agent.id, "name": agent.name, "seen_at": at}
            try:
                self._duty_connection.execute(insert(DeskReady), row)
            except IntegrityError as error:
                raise AlreadyStoredError(str(error.orig)) from error

    def be_away(self, person_id: int) -> None:
        """He takes none any more."""
        self._duty_connection.execute(delete(DeskReady).where(DeskReady.person_id == person_id))

    def list_ready(self, since: datetime) -> Sequence[Presence]:
        """Who takes calls and was seen since, by name."""
        query = select(DeskReady.person_id, DeskReady.name, DeskReady.seen_at)
        rows = self._duty_connection.execute(
            query.where(DeskReady.seen_at > since).order_by(DeskReady.name, DeskReady.person_id)
        )
        return [Presence(*row) for row in rows]

    def list_waiting(self) -> Sequence[WaitingCard]:
        """Answered calls that are nobody's yet, the newest first."""
        return self._cards(_NOBODYS.where(_ANSWERED))

    def list_ringing(self) -> Sequence[WaitingCard]:
        """Calls that ring the desk now, the newest first."""
        return self._cards(_NOBODYS.where(_RINGS, ~_ANSWERED))

    def _cards(self, query: Any) -> Sequence[WaitingCard]:
        return [WaitingCard(*row) for row in self._duty_connection.execute(query)]

    def take(self, card_id: str, agent: Agent, at: datetime) -> bool:
        """One conditional update decides who was first."""
        free = update(DeskCard).where(DeskCard.id == card_id, DeskCard.taken_by.is_(None))
        taken = free.values(taken_by=agent.id, taken_name=agent.name, taken_at=bindparam("at"))
        return self._duty_connection.execute(taken, {"at": at}).rowcount == 1

    def has_work(self, person_id: int, since: datetime) -> bool:
        """True if he was on an undecided card since."""
        query = (
            select(DeskPresence.card_id)
            .join(DeskCard, DeskCard.id == DeskPresence.card_id)
            .where(
                DeskPresence.person_id == person_id,
                DeskPresence.seen_at > since,
                DeskCard.outcome == Outcome.OPEN,
            )
        )
        return self._duty_connection.execute(query.limit(1)).first() is not None
