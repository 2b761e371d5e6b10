"""The list of alerts."""

from flask import Response, request

from ivr.contracts.faults import FaultClass
from ivr.contracts.windows import local_time
from ivr.people.roles import Role
from ivr.services.alert_records import AlertRecord
from ivr.services.listing import ListQuery, Page
from webhooks.console.access import allowed
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
from webhooks.console.tickets import ticket_address
from webhooks.container import pikett

ALLOWED = (Role.TECHNICIAN, Role.LEAD, Role.ADMIN)
_TONES = {FaultClass.MINOR: "secondary", FaultClass.MAIN: "primary"}


def _class(row: AlertRecord) -> Cell:
    return Cell(
        words()(f"alerts.class_{row.fault_class}"), tone=_TONES.get(row.fault_class, "danger")
    )


def _ticket(row: AlertRecord) -> Cell:
    if row.ticket_number is None:
        return Cell("")
    return Cell(str(row.ticket_number), ticket_address(row.ticket_number))


def _state(row: AlertRecord) -> str:
    """Why nobody is called, where nobody is."""
    t = words()
    if row.resolved_at is not None:
        return t("alerts.resolved", at=f"{local_time(row.resolved_at):%d.%m.%Y %H:%M}")
    if row.held_until is not None:
        return t("alerts.held", until=f"{local_time(row.held_until):%d.%m.%Y %H:%M}")
    return t("alerts.firing") if row.ticket_number is not None else t("alerts.mailed")


LISTING = Listing(
    "alerts",
    (
        Column("at", lambda row: f"{local_time(row.first_at):%d.%m.%Y %H:%M}", sortable=True),
        Column("source", lambda row: row.source, sortable=True),
        Column("title", lambda row: row.title, sortable=True),
        Column("class", _class),
        Column("times", lambda row: str(row.times)),
        Column("ticket", _ticket),
        Column("state", _state),
    ),
    (
        Choice("state", ("firing", "all"), ("alerts.state_firing", "list.state_all")),
        Choice(
            "class", ("", *FaultClass), ("list.all", *[f"alerts.class_{x}" for x in FaultClass])
        ),
    ),
)


@blueprint.get("/alerts")
@allowed(*ALLOWED)
def alerts() -> Response:
    """Those that fire, or all."""
    sorts, filters = ("at", "source", "title"), ("state", "class")
    asked = ListRequest.parse(request.args, sorts, "-at", filters)
    looked_at(LISTING, asked)
    return render_list(LISTING, asked, _fetch)


def _fetch(query: ListQuery) -> Page[AlertRecord]:
    with pikett().storage.reading() as uow:
        return uow.alerts.page(query)
