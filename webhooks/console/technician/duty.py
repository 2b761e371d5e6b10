"""Is it me, until when, who is next, and which tickets was I called for?"""

from datetime import timedelta

from flask import Response

from ivr.roster.duty import duty_of
from ivr.services.work_pages import DutyTicket
from webhooks.console.access import Role, allowed, audit
from webhooks.console.pages import render
from webhooks.console.roster_words import until, when
from webhooks.console.technician.figures import time_left
from webhooks.console.technician.ground import blueprint, own_technician
from webhooks.container import pikett

MOST_OVER = 10
SOON = timedelta(days=30)
"""What the roster lacks later than that, somebody will still enter."""
_NOBODY = -1


@blueprint.get("/duty")
@allowed(Role.TECHNICIAN, Role.LEAD)
def duty() -> Response:
    """For whoever cannot be rung himself: who has duty."""
    app, own = pikett(), own_technician()
    now = app.clock.now()
    tickets = app.work_pages.tickets(own, now) if own is not None else []
    if tickets:
        audit("looked_at", "tickets of my duty", f"{len(tickets)}")
    over = [ticket for ticket in tickets if ticket.is_over][:MOST_OVER]
    found = duty_of(app.rosters.published(now), own.id if own is not None else _NOBODY, now)
    return render(
        "technician/duty.html",
        duty=found,
        until=until,
        when=when,
        gap=found.until is not None and found.until < now + SOON,
        own=own,
        open=[(ticket, _left(ticket)) for ticket in tickets if not ticket.is_over],
        over=over,
    )


def _left(ticket: DutyTicket) -> object:
    return time_left(ticket.due, ticket.standing, pikett().clock.now())
