"""Calling the third level from a ticket's page (item 35)."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.contracts.faults import MAX_TEXT
from ivr.services.third_level import ThirdLevelCall, ThirdLevelRefusedError
from webhooks.console.access import Role, allowed, audit, current_person
from webhooks.console.pages import words
from webhooks.console.technician.ground import blueprint, own_technician, page_or_404
from webhooks.container import pikett


@blueprint.post("/tickets/<int:number>/third-level")
@allowed(Role.TECHNICIAN, Role.LEAD, Role.ADMIN)
def call_third_level(number: int) -> AnyResponse:
    """With a reason and a confirmation; whatever stands in the way is told in words."""
    page_or_404(number)
    asked, t = _asked(number), words()
    try:
        names = ", ".join(pikett().third_level.call(asked))
    except ThirdLevelRefusedError as error:
        flash(t(error.key), "warning")
    else:
        audit("third_level_called", f"ticket {number}", f"{names}: {asked.reason}")
        flash(t("third.told", names=names), "success")
    return redirect(url_for("technician.ticket", number=number))


def _asked(number: int) -> ThirdLevelCall:
    form, own = request.form, own_technician()
    typed = " ".join(form.get("reason", "").split())[:MAX_TEXT]
    return ThirdLevelCall(
        number,
        form.get("level", ""),
        "".join(letter for letter in typed if letter.isprintable()),
        own.name if own is not None else current_person().name,
        pikett().clock.now(),
        technician=own is not None,
        confirmed=form.get("confirmed") == "yes",
    )
