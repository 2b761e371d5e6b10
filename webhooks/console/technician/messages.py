"""Deleting a caller's message by hand: for good, with a reason, and written down."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.services.message_deletion import DeletionRefusedError
from webhooks.console.access import Role, allowed, current_person
from webhooks.console.pages import words
from webhooks.console.technician.ground import blueprint, page_or_404
from webhooks.container import pikett


@blueprint.post("/tickets/<int:number>/messages/<int:recording_id>/delete")
@allowed(Role.LEAD, Role.ADMIN)
def delete_message(number: int, recording_id: int) -> AnyResponse:
    """Nobody hears it from now on; its sound is removed within seconds."""
    page_or_404(number)
    app, reason = pikett(), request.form.get("reason", "")
    typed = "".join(letter for letter in " ".join(reason.split()) if letter.isprintable())
    try:
        app.message_deletions.delete(number, recording_id, current_person(), typed, app.clock.now())
    except DeletionRefusedError as error:
        flash(words()(error.key), "warning")
    else:
        flash(words()("tech.told.message_deleted"), "success")
    return redirect(url_for("technician.ticket", number=number))
