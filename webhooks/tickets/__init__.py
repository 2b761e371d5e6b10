"""The page of a ticket, reached by a signed link in a mail: facts and the message to listen to."""

from flask import Blueprint, Response, abort, send_file, url_for

from ivr.services.people_audit import DESK_LINK, by_link
from ivr.services.records import TicketView
from webhooks.console.access import current_visit
from webhooks.console.technician.tickets import is_beginning
from webhooks.console.words import wanted_language
from webhooks.container import pikett
from webhooks.tickets import links

blueprint = Blueprint("tickets", __name__, url_prefix="/tickets", template_folder="templates")


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """What is known of the ticket, in its reader's language, and the way to its page."""
    view = _view(token)
    _note(view, "looked_at", "")
    return links.page(
        "ticket.html",
        _language(),
        ticket=view,
        token=token,
        login_needed=not links.is_logged_in(),
        address=url_for("technician.ticket", number=view.number),
    )


@blueprint.get("/<token>/messages/<int:recording_id>.wav")
def message(token: str, recording_id: int) -> Response:
    """A message of this ticket, with seeking."""
    view = _view(token)
    files = {recording.id: recording.file for recording in view.recordings}
    name = files.get(recording_id)
    if name is None:
        abort(404)
    path = pikett().settings.path("recordings", name)
    if not path.is_file():
        abort(404)
    if is_beginning():
        _note(view, "message_heard", f"recording {recording_id}")
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


def _language() -> str:
    """Of whoever has logged in, else what the browser asks for."""
    visit = current_visit()
    if visit is None or visit.expired:
        return wanted_language()
    return visit.person.language


def _note(view: TicketView, action: str, detail: str) -> None:
    """Each use is written down, with the name of whoever has logged in."""
    visit, app = current_visit(), pikett()
    person = visit.person if visit is not None and not visit.expired else None
    told = by_link(DESK_LINK, links.device_of_request(), detail)
    app.audit.write(person, action, f"ticket {view.number}", told, app.clock.now())
