"""Calling the customer through the line: first the technician's own telephone rings, then his."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.services.callback_wishes import WishRefusedError
from webhooks.console.access import Role, allowed, audit
from webhooks.console.pages import words
from webhooks.console.technician.ground import blueprint, own_technician, page_or_404
from webhooks.container import pikett


@blueprint.post("/tickets/<int:number>/call")
@allowed(Role.TECHNICIAN, Role.LEAD)
def call_customer(number: int) -> AnyResponse:
    """Only under a number that is on file, only from his own telephone."""
    page_or_404(number)
    own, t = own_technician(), words()
    if own is None:
        abort(403)
    app = pikett()
    try:
        phone, now = request.form.get("phone", ""), app.clock.now()
        app.callback_wishes.call_customer(number, own, phone, now)
    except WishRefusedError as error:
        flash(t(error.key), "warning")
    else:
        audit("customer_called", f"ticket {number}")
        flash(t("callback.told.calling"), "success")
    return redirect(url_for("technician.ticket", number=number))
