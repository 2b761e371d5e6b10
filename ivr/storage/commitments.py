"""Commitments and facts of tickets in the database. Both are written once and never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    bindparam,
    func,
    insert,
    select,
    update,
)

from ivr.contracts.commitments import Promise
from ivr.contracts.faults import Fact, Phase, Statement
from ivr.contracts.plans import Clock, FirstReaction, ReactionKind
from ivr.contracts.reaction import Commitment, Deadline
from ivr.contracts.ticket_states import ENDS
from ivr.services.contract_stores import Promised
from ivr.storage import models
from ivr.storage.models import Ticket, TicketFact

PROMISE_COLUMNS = (
    models.Commitment.source,
    models.Commitment.kind,
    models.Commitment.hours,
    models.Commitment.clock,
    models.Commitment.started_at,
    models.Commitment.due_at,
    models.Commitment.next_business_day,
    models.Commitment.rule,
    models.Commitment.calendar_version,
    models.Commitment.plan_id,
)
_PROMISE = (
    select(*PROMISE_COLUMNS)
    .where(models.Commitment.ticket_number == bindparam("number"))
    .order_by(models.Commitment.id)
)
_STATEMENTS = (
    select(TicketFact.at, TicketFact.author, TicketFact.fact, TicketFact.value, TicketFact.reason)
    .where(TicketFact.ticket_number == bindparam("number"))
    .order_by(TicketFact.id)
)
_LOCK = (
    select(Ticket.number)
    .where(Ticket.number == bindparam("number"))
    .with_for_update(key_share=True)
)


def _said_at(fact: Fact, order: ColumnElement[int]) -> ScalarSelect[datetime]:
    said = select(TicketFact.at).where(
        TicketFact.ticket_number == models.Commitment.ticket_number, TicketFact.fact == fact.value
    )
    return said.order_by(order).limit(1).correlate(models.Commitment).scalar_subquery()


_PROMISED = (
    select(
        models.Commitment.ticket_number,
        models.Commitment.source,
        models.Commitment.due_at,
        _said_at(Fact.FIRST_REACTION, TicketFact.id.asc()),
        _said_at(Fact.PROBLEM, TicketFact.id.desc()),
    )
    .join(Ticket, Ticket.number == models.Commitment.ticket_number)
    .where(Ticket.rehearsal.is_(False), models.Commitment.due_at.is_not(None))
    .order_by(models.Commitment.ticket_number, models.Commitment.id)
)
"""The first reaction of all counts, and the newest hand-over; see `ivr.contracts.faults`."""


class SqlCommitments:
    """The commitment store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, ticket_number: int, promises: Sequence[Promise]) -> None:
        """Store what a new ticket promises."""
        rows = [_values(each) | {"ticket_number": ticket_number} for each in promises]
        if rows:
            self._connection.execute(insert(models.Commitment), rows)
            self._note_due(ticket_number)

    def _note_due(self, ticket_number: int) -> None:
        """The earliest promise sets the alarm (K-16), and is what lists are sorted by."""
        earliest = select(func.min(models.Commitment.due_at)).where(
            models.Commitment.ticket_number == ticket_number
        )
        query = update(Ticket).where(Ticket.number == ticket_number)
        self._connection.execute(query.values(due_at=earliest.scalar_subquery()))

    def list_of(self, ticket_number: int) -> Sequence[Promise]:
        """In the order in which they were given."""
        rows = self._connection.execute(_PROMISE, {"number": ticket_number}).all()
        return [promise_of(row) for row in rows]

    def list_promised(self, since: datetime, until: datetime) -> Sequence[Promised]:
        """Rehearsals are none."""
        query = _PROMISED.where(Ticket.opened_at >= since, Ticket.opened_at < until)
        rows = self._connection.execute(query)
        return [
            Promised(number, source, due, reacted, handed_over)
            for number, source, due, reacted, handed_over in rows
            if due is not None
        ]


class SqlFacts:
    """The fact store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, ticket_number: int) -> None:
        """PostgreSQL locks the row; a SQLite writer already has the database for itself."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK, {"number": ticket_number})

    def add(self, ticket_number: int, statements: Sequence[Statement]) -> None:
        """Store what was said."""
        rows = [
            {
                "ticket_number": ticket_number,
                "at": each.at,
                "author": each.author,
                "fact": each.fact.value,
                "value": each.value,
                "reason": each.reason,
            }
            for each in statements
        ]
        self._connection.execute(insert(TicketFact), rows)
        for each in statements:
            if each.fact is Fact.PHASE:
                self._note_phase(ticket_number, each)

    def _note_phase(self, ticket_number: int, said: Statement) -> None:
        """What is over leaves the list of open tickets; said to be in work again, it comes back."""
        over_at = said.at if Phase(said.value) in ENDS else None
        query = update(Ticket).where(Ticket.number == ticket_number)
        self._connection.execute(query.values(over_at=over_at))

    def list_of(self, ticket_number: int) -> Sequence[Statement]:
        """In the order in which it was said."""
        rows = self._connection.execute(_STATEMENTS, {"number": ticket_number}).all()
        return [
            Statement(at, author, Fact(fact), value, reason)
            for at, author, fact, value, reason in rows
        ]


def _values(promise: Promise) -> dict[str, Any]:
    given, deadline = promise.commitment, promise.deadline
    return {
        "source": str(given.source),
        "kind": given.reaction.kind.value,
        "hours": given.reaction.hours,
        "clock": given.clock.value,
        "started_at": promise.started_at,
        "due_at": deadline.due,
        "next_business_day": deadline.next_business_day,
        "rule": deadline.rule,
        "calendar_version": deadline.calendar_version,
        "plan_id": promise.plan_id,
    }


def promise_of(row: Sequence[Any]) -> Promise:
    """A promise from `PROMISE_COLUMNS`."""
    source, kind, hours, clock, started_at, due_at, day, rule, calendar_version, plan_id = row
    reaction = FirstReaction(ReactionKind(kind), hours)
    return Promise(
        commitment=Commitment(source, reaction, Clock(clock)),
        started_at=started_at,
        deadline=Deadline(reaction.kind, due_at, day, rule, source, calendar_version),
        plan_id=plan_id,
    )
