"""The page of a ticket, reached by a signed link in a mail: facts and the message to listen to."""

from flask import Blueprint, Response, abort, render_template, send_file

from ivr.contracts.windows import local_time
from ivr.services.records import TicketView
from webhooks.container import pikett

blueprint = Blueprint(
    "tickets",
    __name__,
    url_prefix="/tickets",
    template_folder="templates",
    static_folder="static",
)


@blueprint.get("/<token>")
def show(token: str) -> str:
    """What is known of the ticket."""
    view = _view(token)
    opened = f"{local_time(view.opened_at):%d.%m.%Y %H:%M}"
    return render_template("ticket.html", ticket=view, token=token, opened=opened)


@blueprint.get("/<token>/messages/<int:recording_id>.wav")
def message(token: str, recording_id: int) -> Response:
    """A message of this ticket, with seeking."""
    files = {recording.id: recording.file for recording in _view(token).recordings}
    name = files.get(recording_id)
    if name is None:
        abort(404)
    path = pikett().settings.path("recordings", name)
    if not path.is_file():
        abort(404)
    response = send_file(path, mimetype="audio/wav", conditional=True)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _view(token: str) -> TicketView:
    number = pikett().links.read_ticket(token)
    if number is None:
        abort(404)
    with pikett().storage.reading() as uow:
        try:
            return uow.tickets.view(number)
        except LookupError:
            abort(404)
