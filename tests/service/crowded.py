"""A database as large as any installation of ours becomes: customers, and tickets of all of them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, text

from ivr.bootstrap import Application
from ivr.contracts.faults import Fact
from ivr.storage.models import (
    Call,
    Commitment,
    Customer,
    PhoneNumber,
    Ticket,
    TicketFact,
)
from tests.fakes import MONDAY_TEN

MANY_CUSTOMERS, MANY_TICKETS = 10_000, 100_000
FIRST = "20000"


def crowd(
    app: Application,
    at: datetime = MONDAY_TEN,
    customers: int = MANY_CUSTOMERS,
    tickets: int = MANY_TICKETS,
    every: timedelta = timedelta(minutes=1),
) -> None:
    """Customers 20000, 20001, ... and a ticket every minute until now, one in ten still open.

    They are demo customers: beside real ones the demonstration's people could not log in.
    """
    with app.storage.engine.begin() as connection:
        connection.execute(insert(Customer), [_customer(each, at) for each in range(customers)])
        by_number = text("SELECT id FROM customer WHERE number = :number")
        first = connection.execute(by_number, {"number": FIRST}).scalar_one()
        connection.execute(insert(PhoneNumber), [_phone(first, each) for each in range(customers)])
        calls = [_call(each, at - (tickets - each) * every) for each in range(tickets)]
        connection.execute(insert(Call), calls)
        made = [_ticket(first + each % customers, call) for each, call in enumerate(calls)]
        connection.execute(insert(Ticket), made)
        _promise(connection, tickets)


def _promise(connection: Connection, tickets: int) -> None:
    """What is due was promised; nine in ten had their first reaction, most of them in time."""
    found = select(Ticket.number, Ticket.opened_at, Ticket.due_at).order_by(Ticket.number.desc())
    rows = connection.execute(found.limit(tickets)).all()
    due = [(number, at, by) for number, at, by in rows if by is not None]
    connection.execute(insert(Commitment), [_promised(*each) for each in due])
    reacted = [_reacted(number, at) for number, at, _ in due if number % 10]
    connection.execute(insert(TicketFact), reacted)


def _promised(number: int, at: datetime, by: datetime) -> dict[str, Any]:
    known = {"ticket_number": number, "started_at": at, "due_at": by}
    said = {"source": "plan:pro", "kind": "hours", "hours": 2, "clock": "elapsed"}
    return known | said | {"rule": "hours:2:elapsed", "calendar_version": "", "plan_id": "pro"}


def _reacted(number: int, at: datetime) -> dict[str, Any]:
    said = {"fact": Fact.FIRST_REACTION.value, "value": "yes", "author": "Anna", "reason": None}
    return {"ticket_number": number, "at": at + timedelta(minutes=number % 130)} | said


def _customer(each: int, at: datetime) -> dict[str, object]:
    number = f"{int(FIRST) + each:05}"
    named = {"number": number, "name": f"Firma {each:05} AG", "language": "de"}
    return named | {"demo": True, "created_at": at}


def _phone(first: int, each: int) -> dict[str, object]:
    return {"customer_id": first + each, "number": f"+4144{2000000 + each}"}


def _call(each: int, at: datetime) -> dict[str, Any]:
    key = f"crowd{each:015}"
    return {
        "id": key,
        "channel": "asterisk",
        "provider_call_id": key,
        "rehearsal": False,
        "received_at": at,
        "ended_at": at + timedelta(minutes=2),
        "caller_raw": "",
    }


def _ticket(customer: int, call: dict[str, Any]) -> dict[str, object]:
    each, at = int(call["id"][-15:]), call["received_at"]
    return {
        "kind": "order",
        "call_id": call["id"],
        "customer_id": customer,
        "rehearsal": False,
        "opened_at": at,
        "due_at": at + timedelta(hours=2) if each % 3 else None,
        "over_at": at + timedelta(hours=5) if each % 10 else None,
    }
