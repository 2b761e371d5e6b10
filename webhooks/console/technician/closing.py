"""Closing the case: what was found out and done, behind one tap."""

from collections.abc import Mapping

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.contracts.billing import Cause
from ivr.contracts.faults import Category, FaultClass, Mode
from ivr.services.accounts import AccountError
from ivr.services.closing import Outcome, Problems, parse_closing
from ivr.services.ticket_files import Technician
from ivr.services.work import (
    ClosingRefusedError,
    Hand,
    TakenMeanwhileError,
    TicketOverError,
)
from ivr.services.work_pages import TicketPage
from webhooks.console.access import Role, allowed, audit
from webhooks.console.pages import render, words
from webhooks.console.technician.ground import blueprint, own_technician, page_or_404
from webhooks.container import pikett

STEPS = (15, 30, 60)
FIELDS = (
    *("fault_class", "reason", "cause", "minutes", "outcome", "done"),
    *("mode", "category", "material", "problem", "involved"),
)
"""What may be wrong, in the order of the form."""


@blueprint.get("/tickets/<int:number>/close")
@allowed(Role.TECHNICIAN, Role.LEAD)
def close(number: int) -> AnyResponse:
    """The form; a case that is over has none."""
    page, own = page_or_404(number), _own()
    if page.is_over:
        return redirect(url_for("technician.ticket", number=number))
    audit("looked_at", f"ticket {number}")
    return _form(page, own, _begun(page), {}, 200)


@blueprint.post("/tickets/<int:number>/close")
@allowed(Role.TECHNICIAN, Role.LEAD)
def store(number: int) -> AnyResponse:
    """All of it or nothing; what is wrong stands beside its field, and nothing typed is lost."""
    page, own, app, t = page_or_404(number), _own(), pikett(), words()
    closing = parse_closing(request.form, t("tech.reaction_text"))
    hand = Hand(number, own, request.form.get("seen", ""), app.clock.now())
    try:
        phase = app.ticket_work.close(hand, closing)
    except ClosingRefusedError as error:
        return _form(page, own, request.form, error.problems, 422)
    except TakenMeanwhileError as error:
        flash(t("tech.told.meanwhile", name=error.name), "warning")
        return _form(page, own, request.form, {}, 409)
    except TicketOverError:
        flash(t("tech.told.over"), "warning")
        return redirect(url_for("technician.ticket", number=number))
    except AccountError:
        return _form(page, own, request.form, {"minutes": "tech.error.work"}, 422)
    audit("ticket_moved", f"ticket {number}", str(phase))
    flash(t(f"tech.told.{phase}"), "success")
    return redirect(url_for("technician.ticket", number=number))


def _own() -> Technician:
    """Work is somebody's who can be rung."""
    own = own_technician()
    if own is None:
        abort(403)
    return own


def _begun(page: TicketPage) -> Mapping[str, str]:
    """What is chosen before he chooses: what was said before, and the usual."""
    fault = page.state.fault
    return {
        "fault_class": fault.fault_class or "",
        "spof": "yes" if fault.spof else "",
        "cause": fault.cause or "",
        "mode": Mode.REMOTE,
        "category": Category.OTHER,
        "outcome": Outcome.SOLVED,
    }


def _first_minutes(page: TicketPage, own: Technician, typed: Mapping[str, str], most: int) -> int:
    """What was chosen before, else what has passed since he took it."""
    chosen = typed.get("minutes", "")
    if chosen.isascii() and chosen.isdigit() and 0 < int(chosen[:5]) not in STEPS:
        return int(chosen[:5])
    return max(1, min(page.minutes_since_taken(own.name, pikett().clock.now()), most))


def _form(
    page: TicketPage, own: Technician, typed: Mapping[str, str], problems: Problems, status: int
) -> Response:
    now = pikett().clock.now()
    most = page.most_minutes(now)
    begun = _first_minutes(page, own, typed, most) if most is not None else None
    return render(
        "technician/close.html",
        status,
        page=page,
        typed=typed,
        problems=problems,
        fields=FIELDS,
        focus=next((field for field in FIELDS if field in problems), ""),
        minutes=[begun, *(each for each in STEPS if each != begun)] if begun else None,
        most=most,
        choices={"fault_class": FaultClass, "cause": Cause, "mode": Mode, "category": Category},
        seen=typed.get("seen", page.responsible or ""),
    )
