"""The list of customers, and the page of one of them."""

from flask import Response, abort, request, url_for

from ivr.numbers.caller_id import international
from ivr.people.roles import Role
from ivr.services.listing import CustomerRow, ListQuery, Page
from ivr.services.support_codes import UnknownCustomerError
from webhooks.console.access import allowed, audit, current_person
from webhooks.console.ground import blueprint
from webhooks.console.lists import Cell, Column, Listing, ListRequest, looked_at, render_list
from webhooks.console.pages import render
from webhooks.console.tickets import ticket_address
from webhooks.container import pikett


def _number(row: CustomerRow) -> Cell:
    return Cell(row.number, url_for("console.customer", number=row.number))


LISTING = Listing(
    "customers",
    (
        Column("number", _number, sortable=True),
        Column("name", lambda row: row.name, sortable=True),
        Column("places", lambda row: str(row.places)),
        Column("plans", lambda row: ", ".join(plan_name(each) for each in row.plans)),
        Column("language", lambda row: row.language),
    ),
)


@blueprint.get("/customers")
@allowed(Role.DESK, Role.LEAD, Role.ADMIN)
def customers() -> Response:
    """All customers."""
    asked = ListRequest.parse(request.args, ("number", "name"), "number")
    looked_at(LISTING, asked)
    return render_list(LISTING, asked, _fetch)


@blueprint.get("/customers/<number>")
@allowed(*Role)
def customer(number: str) -> Response:
    """What this role may see of a customer; each look is written down."""
    now = pikett().clock.now()
    try:
        facts = pikett().customer_facts.read(number, current_person().role, now)
    except UnknownCustomerError:
        abort(404)
    audit("looked_at", f"customer {number}")
    return render(
        "console/customer.html",
        facts=facts,
        now=now,
        plan_name=plan_name,
        international=international,
        ticket_address=ticket_address,
    )


def plan_name(plan_id: str) -> str:
    """As the contract has it; the id of a plan that is no longer in the file."""
    plan = pikett().plans.get(plan_id)
    return plan.name if plan else plan_id


def _fetch(query: ListQuery) -> Page[CustomerRow]:
    with pikett().storage.reading() as uow:
        return uow.lists.customers(query, pikett().clock.now())
