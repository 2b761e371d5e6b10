"""Contracts and tickets for tests, made by the services that make real ones."""

from datetime import date, datetime
from typing import Any

from ivr.bootstrap import Application
from ivr.callflow.requests import OpenTicket, TicketKind
from ivr.contracts.agreements import AgreementKind
from ivr.contracts.commitments import Promise
from ivr.services.context import Context
from ivr.services.contracts import Contracts, ContractView, Wanted
from ivr.services.faults import Faults
from tests.fakes import MONDAY_TEN
from tests.service.conftest import Telephone

YEAR = date(2026, 1, 1)
PRO, PRO_CUSTOMER = "+41440001009", "11009"
PLAN_CALLERS = {
    "premium": "+41440001001",
    "pro_plus": "+41440001004",
    "pro": PRO,
    "basic_plus": "+41440001010",
    "basic": "+41440001013",
}


def contracts(app: Application) -> Contracts:
    return Contracts(app.storage, app.plans)


def agree(
    app: Application,
    customer: str,
    kind: AgreementKind,
    starts_on: date = YEAR,
    locations: tuple[str, ...] | None = None,
    **terms: Any,
) -> ContractView:
    return contracts(app).add(customer, kind, Wanted(starts_on, locations, terms), MONDAY_TEN)


def open_ticket(
    app: Application,
    kind: TicketKind = TicketKind.ORDER,
    caller: str = PRO,
    at: datetime = MONDAY_TEN,
    ordered_at: datetime | None = None,
) -> int:
    """A ticket of a call that was identified by its number; it is opened at `at`."""
    call_id = Telephone(app, f"{kind}-{caller}", at, caller).begin().call_id
    with app.storage.writing() as uow:
        if ordered_at is not None:
            uow.calls.note(call_id, ordered_at=ordered_at)
        call = uow.calls.get(call_id)
        request = OpenTicket(kind, call.customer_id, call.location_id)
        opened = app._tickets.open(Context(uow, call_id, call_id, at), request)
    return int(opened.number)


def promised(app: Application, number: int) -> list[Promise]:
    state = Faults(app.storage).state(number, MONDAY_TEN)
    return [promise for promise, _ in state.promises]


def dues(app: Application, number: int) -> dict[str, datetime | None]:
    """Due times by source."""
    return {each.commitment.source: each.deadline.due for each in promised(app, number)}
