"""The service desk's cards in the database."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ivr.callflow.requests import OrderState
from ivr.desk.card import Check, Outcome
from ivr.errors import AlreadyStoredError
from ivr.services.desk_records import (
    CHANNEL,
    Agent,
    CardRecord,
    CardSummary,
    FoundCustomer,
    NewCard,
    OpenCard,
    Presence,
    RunningOrder,
)
from ivr.storage.desk_board import SqlDeskBoard
from ivr.storage.desk_duty import SqlDeskDuty
from ivr.storage.models import (
    Call,
    Customer,
    DeskCard,
    DeskPresence,
    Location,
    PhoneNumber,
    Ticket,
)

_COLUMNS = [getattr(DeskCard, name) for name in CardRecord.__dataclass_fields__]
_OPEN = DeskCard.closed_at.is_(None)
MOST_RUNNING = 5
_RECENT = (
    select(
        DeskCard.id,
        DeskCard.number,
        DeskCard.opened_at,
        Call.clock_shift_seconds,
        Call.rehearsal,
        DeskCard.outcome,
        Customer.name,
        Call.ticket_number,
        Call.order_state,
        Ticket.over_at,
    )
    .join(Call, Call.id == DeskCard.call_id)
    .outerjoin(Customer, Customer.id == DeskCard.customer_id)
    .outerjoin(Ticket, Ticket.number == Call.ticket_number)
    .where(_OPEN)
    .order_by(DeskCard.opened_at.desc(), DeskCard.id)
)
_FRESH = {
    "version": 1,
    "changed_by": "",
    "check_result": Check.NONE,
    "preconditions_met": False,
    "outcome": Outcome.OPEN,
    "caller_name": "",
    "callback_number": "",
    "words": "",
}


class SqlDesk(SqlDeskBoard, SqlDeskDuty):
    """The desk's store over one connection."""

    def __init__(self, connection: Connection) -> None:
        SqlDeskBoard.__init__(self, connection)
        SqlDeskDuty.__init__(self, connection)
        self._connection = connection

    def add(self, card: NewCard) -> None:
        """Store a new card."""
        self._connection.execute(insert(DeskCard), asdict(card) | _FRESH)

    def get(self, card_id: str) -> CardRecord:
        """Raises LookupError."""
        found = self._find(DeskCard.id == card_id)
        if found is None:
            raise LookupError(f"no card {card_id}")
        return found

    def find_of_call(self, call_id: str) -> CardRecord | None:
        """The card of a call."""
        return self._find(DeskCard.call_id == call_id)

    def _find(self, where: Any) -> CardRecord | None:
        row = self._connection.execute(select(*_COLUMNS).where(where)).one_or_none()
        if row is None:
            return None
        held = row._asdict()
        held["check_result"] = Check(held["check_result"])
        held["outcome"] = Outcome(held["outcome"])
        return CardRecord(**held)

    def find_open(self, number: int) -> str | None:
        """The open card of this number."""
        query = select(DeskCard.id).where(DeskCard.number == number, _OPEN)
        found: str | None = self._connection.execute(query).scalar()
        return found

    def open_numbers(self) -> AbstractSet[int]:
        """Numbers that are taken."""
        rows = self._connection.execute(select(DeskCard.number).where(_OPEN))
        return {number for (number,) in rows if number is not None}

    def last_number(self) -> int | None:
        """Of the newest card."""
        query = select(DeskCard.number).order_by(DeskCard.opened_at.desc(), DeskCard.id).limit(1)
        found: int | None = self._connection.execute(query).scalar()
        return found

    def change(self, card_id: str, changed_by: str, **columns: Any) -> None:
        """Write columns of a card; its version rises."""
        values = columns | {"changed_by": changed_by, "version": DeskCard.version + 1}
        self._connection.execute(update(DeskCard).where(DeskCard.id == card_id).values(**values))

    def close(self, card_ids: Sequence[str], at: datetime) -> None:
        """These cards are over; who looked at them is forgotten."""
        presence = delete(DeskPresence).where(DeskPresence.card_id.in_(card_ids))
        self._connection.execute(presence)
        closed = update(DeskCard).where(DeskCard.id.in_(card_ids)).values(closed_at=at)
        self._connection.execute(closed)

    def list_open(self) -> Sequence[OpenCard]:
        """Every card that is open; a rehearsal's times are moved back by its shift."""
        query = (
            select(
                DeskCard.id,
                DeskCard.call_id,
                Call.channel,
                DeskCard.opened_at,
                Call.ended_at,
                Call.clock_shift_seconds,
            )
            .join(Call, Call.id == DeskCard.call_id)
            .where(_OPEN)
        )
        return [
            OpenCard(id_, call_id, channel == CHANNEL, _real(at, shift), _real(ended, shift))
            for id_, call_id, channel, at, ended, shift in self._connection.execute(query)
        ]

    def list_recent(self, limit: int) -> Sequence[CardSummary]:
        """Open cards, the newest first."""
        rows = self._connection.execute(_RECENT.limit(limit))
        found = [
            CardSummary(*row[:5], Outcome(row[5]), *row[6:9], row[9] is not None) for row in rows
        ]
        return sorted(found, key=lambda card: card.real_opened_at, reverse=True)

    def list_running(self, customer_id: int, call_id: str) -> Sequence[RunningOrder]:
        """Orders of the customer that stand, rehearsals and this call apart, the newest first."""
        query = (
            select(Ticket.number, Call.ordered_at)
            .join(Call, Call.id == Ticket.call_id)
            .where(
                Ticket.customer_id == customer_id,
                Ticket.over_at.is_(None),
                Ticket.rehearsal.is_(False),
                Ticket.call_id != call_id,
                Call.order_state == OrderState.ORDERED,
            )
        )
        rows = self._connection.execute(query.order_by(Ticket.number.desc()).limit(MOST_RUNNING))
        return [RunningOrder(number, at) for number, at in rows if at is not None]

    def search(self, text: str, limit: int) -> Sequence[FoundCustomer]:
        """Customers by a part of the name or a place, or the beginning of number or telephone."""
        part, start = f"%{_escaped(text)}%", f"{_escaped(text)}%"
        by_phone = select(PhoneNumber.customer_id).where(
            PhoneNumber.number.like(f"%{_digits(text)}%")
        )
        by_place = select(Location.customer_id).where(Location.name.ilike(part, escape="\\"))
        tests = [
            Customer.name.ilike(part, escape="\\"),
            Customer.number.like(start, escape="\\"),
            Customer.id.in_(by_place),
            *([Customer.id.in_(by_phone)] if len(_digits(text)) >= 6 else []),
        ]
        query = select(Customer.id, Customer.number, Customer.name).where(or_(*tests))
        rows = self._connection.execute(query.order_by(Customer.name, Customer.id).limit(limit))
        found = rows.all()
        places = self._places([row.id for row in found])
        return [FoundCustomer(*row, places.get(row.id, "")) for row in found]

    def _places(self, customer_ids: Sequence[int]) -> dict[int, str]:
        query = select(Location.customer_id, Location.name).where(
            Location.customer_id.in_(customer_ids)
        )
        named: dict[int, list[str]] = {}
        for customer_id, name in self._connection.execute(query.order_by(Location.id)):
            named.setdefault(customer_id, []).append(name)
        return {key: ", ".join(names) for key, names in named.items()}

    def see(self, card_id: str, agent: Agent, at: datetime) -> None:
        """This agent has the card before him."""
        mine = (DeskPresence.card_id == card_id, DeskPresence.person_id == agent.id)
        seen = update(DeskPresence).where(*mine).values(name=agent.name, seen_at=bindparam("at"))
        if self._connection.execute(seen, {"at": at}).rowcount == 0:
            row = {"card_id": card_id, "person_id": agent.id, "name": agent.name, "seen_at": at}
            try:
                self._connection.execute(insert(DeskPresence), row)
            except IntegrityError as error:
                raise AlreadyStoredError(str(error.orig)) from error

    def list_present(self, card_id: str) -> Sequence[Presence]:
        """Who had it before him, and when last, by name."""
        query = select(DeskPresence.person_id, DeskPresence.name, DeskPresence.seen_at)
        rows = self._connection.execute(
            query.where(DeskPresence.card_id == card_id).order_by(DeskPresence.name)
        )
        return [Presence(*row) for row in rows]


def _real(at: datetime | None, shift: float) -> Any:
    return at - timedelta(seconds=shift) if at is not None else None


def _escaped(text: str) -> str:
    """What somebody typed means itself, also where it looks like a pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _digits(text: str) -> str:
    """Of a telephone number as somebody types it, without the prefixes."""
    kept = "".join(character for character in text if character in "0123456789")
    return kept.lstrip("0").removeprefix("41")
