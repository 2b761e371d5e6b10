"""Tickets whose calls are over, with a cause and work, ready to be closed."""

import itertools
from datetime import datetime, timedelta

from sqlalchemy import insert

from ivr.bootstrap import Application
from ivr.callflow.requests import OrderState, TicketKind
from ivr.contracts.faults import Category, Mode
from ivr.contracts.worktime import span_of
from ivr.services.account_records import LedgerKind, LedgerName, Work
from ivr.services.records import NewCall, NewTicket
from ivr.storage.models import TicketFact
from tests.fakes import MONDAY_TEN
from tests.service.codes import customer_id

ANNA, LUCA = "Anna Meier", "Luca Bernasconi"
PRO_PLUS = "11005"
CUSTOMER, BASIC, THIRD = "customer_environment", "winet_basic_service", "third_party"
LATER = MONDAY_TEN + timedelta(days=1)
_calls = itertools.count(1)


def add_ticket(
    app: Application,
    customer: str | None = PRO_PLUS,
    *,
    kind: TicketKind = TicketKind.ORDER,
    at: datetime = MONDAY_TEN,
    cause: str | None = CUSTOMER,
    minutes: int = 0,
    rehearsal: bool = False,
    order_state: OrderState = OrderState.ORDERED,
    place: int = 0,
) -> int:
    """A ticket of an order at this instant, and work that begins with it; its number."""
    call_id = f"{next(_calls):020x}"
    with app.storage.writing() as uow:
        call = NewCall(call_id, "asterisk", call_id, rehearsal, 0.0, at, "", None, None)
        uow.calls.add(call)
        key = customer_id(app, customer) if customer else None
        location = contract = None
        if key is not None:
            found = uow.customers.get(key, at.date()).locations[place]
            location, contract = found.id, found.contract_id
        number = uow.tickets.add(NewTicket(kind, call_id, key, location, rehearsal, at))
        ordered_at = at if order_state is OrderState.ORDERED else None
        uow.calls.note(
            call_id,
            customer_id=key,
            location_id=location,
            contract_id=contract,
            ticket_number=number,
            order_state=order_state,
            ordered_at=ordered_at,
        )
    if cause is not None:
        set_cause(app, number, cause)
    if minutes:
        add_work(app, number, minutes, at)
    return number


def set_cause(app: Application, number: int, cause: str, at: datetime = MONDAY_TEN) -> None:
    """A technician has found out."""
    fact = {"ticket_number": number, "at": at, "author": ANNA, "fact": "cause", "value": cause}
    with app.storage.writing() as uow:
        uow.connection.execute(insert(TicketFact), fact)


def work_of(minutes: int, start: datetime = MONDAY_TEN, by: str = ANNA) -> Work:
    """Work from an instant on."""
    return Work(span_of(start, minutes, by), Mode.REMOTE, Category.OTHER, "")


def add_work(
    app: Application, number: int, minutes: int, start: datetime = MONDAY_TEN, by: str = ANNA
) -> None:
    """Work, recorded after it."""
    app.accounts.add_work(number, work_of(minutes, start, by), start + timedelta(days=30))


def units_of(app: Application, customer: str = PRO_PLUS, place: int = 0) -> LedgerName:
    """The ledger of free units of a customer's contract."""
    key = customer_id(app, customer)
    with app.storage.reading() as uow:
        contract = uow.customers.get(key, MONDAY_TEN.date()).locations[place].contract_id
    return LedgerName(key, LedgerKind.FREE_UNITS, contract)


def packages_of(app: Application, customer: str = PRO_PLUS) -> LedgerName:
    """The ledger of a customer's hour packages."""
    return LedgerName(customer_id(app, customer), LedgerKind.PACKAGE_MINUTES)
