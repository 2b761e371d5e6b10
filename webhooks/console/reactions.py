"""Promised reactions that were kept and missed, month by month."""

from datetime import date, datetime

from flask import Response, request

from ivr.contracts.commitments import Standing
from ivr.contracts.windows import local_time
from ivr.people.roles import Role
from webhooks.console.access import allowed
from webhooks.console.ground import blueprint
from webhooks.console.pages import render
from webhooks.console.tickets import ticket_address
from webhooks.container import pikett

ORDER = (Standing.KEPT, Standing.MISSED, Standing.OPEN, Standing.ENDED)


@blueprint.get("/reactions")
@allowed(Role.LEAD, Role.ADMIN)
def reactions() -> Response:
    """This month, or the one that is asked for."""
    now = pikett().clock.now()
    month = _asked() or local_time(now).date()
    found = pikett().reactions.of_month(month, now)
    return render(
        "console/reactions.html",
        month=f"{month:%Y-%m}",
        found=found,
        order=ORDER,
        name=_name,
        address=ticket_address,
    )


def _asked() -> date | None:
    try:
        return datetime.strptime(request.args.get("month", ""), "%Y-%m").date()  # noqa: DTZ007
    except ValueError:
        return None


def _name(source: str) -> str:
    """A plan's own name."""
    plan = pikett().plans.get(source.removeprefix("plan:"))
    return plan.name if plan is not None else source
