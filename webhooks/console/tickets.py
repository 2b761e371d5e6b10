"""The list of tickets."""

from flask import Response, current_app, request, url_for

from ivr.callflow.requests import TicketKind
from ivr.contracts.faults import Phase
from ivr.contracts.windows import local_time
from ivr.people.roles import Role
from ivr.services.listing import ListQuery, Page, TicketRow
from webhooks.console.access import allowed, current_person
from webhooks.console.ground import blueprint
from webhooks.console.lists import (
    Cell,
    Choice,
    Column,
    Listing,
    ListRequest,
    looked_at,
    render_list,
)
from webhooks.console.pages import words
from webhooks.container import pikett

TICKET_PAGE = "technician.ticket"
"""The endpoint of a ticket's own page, for those who work on it."""


def ticket_address(number: int) -> str:
    """Empty for whoever has no page of it."""
    page = current_app.view_functions.get(TICKET_PAGE)
    if current_person().role not in getattr(page, "roles", ()):
        return ""
    return url_for(TICKET_PAGE, number=number)


def _customer(row: TicketRow) -> Cell:
    if row.customer_number is None:
        return Cell("")
    address = url_for("console.customer", number=row.customer_number)
    return Cell(f"{row.customer_number} {row.customer_name}", address)


def _plan(row: TicketRow) -> str:
    plan = pikett().plans.get(row.plan_id or "")
    return plan.name if plan else row.plan_id or ""


def _due(row: TicketRow) -> Cell:
    if row.due_at is None:
        return Cell("")
    late = row.over_at is None and row.due_at < pikett().clock.now()
    return Cell(f"{local_time(row.due_at):%d.%m.%Y %H:%M}", tone="danger" if late else "")


def _state(row: tuple[TicketRow, Phase]) -> Cell:
    """In the words of the ticket's own page."""
    ticket, phase = row
    shown = words()(f"tech.phase.{phase}")
    if ticket.rehearsal:
        return Cell(f"{shown} ({words()('list.rehearsal')})", tone="secondary")
    return Cell(shown, tone="secondary" if ticket.over_at is not None else "primary")


LISTING = Listing(
    "tickets",
    (
        Column("number", lambda row: Cell(str(row[0].number), ticket_address(row[0].number)), True),
        Column("opened", lambda row: f"{local_time(row[0].opened_at):%d.%m.%Y %H:%M}"),
        Column("kind", lambda row: words()(f"kind.{row[0].kind}")),
        Column("customer", lambda row: _customer(row[0])),
        Column("location", lambda row: row[0].location_name or ""),
        Column("plan", lambda row: _plan(row[0])),
        Column("due", lambda row: _due(row[0]), sortable=True),
        Column("state", _state),
    ),
    (
        Choice("state", ("open", "all"), ("list.state_open", "list.state_all")),
        Choice("kind", ("", *TicketKind), ("list.all", *[f"kind.{each}" for each in TicketKind])),
    ),
)


@blueprint.get("/tickets")
@allowed(*Role)
def tickets() -> Response:
    """Open ones, or all."""
    asked = ListRequest.parse(request.args, ("number", "due"), "-number", ("state", "kind"))
    looked_at(LISTING, asked)
    return render_list(LISTING, asked, _fetch)


def _fetch(query: ListQuery) -> Page[tuple[TicketRow, Phase]]:
    with pikett().storage.reading() as uow:
        found = uow.lists.tickets(query)
    phases = pikett().work_pages.phases([row.number for row in found.rows])
    return Page([(row, phases[row.number]) for row in found.rows], found.total)
