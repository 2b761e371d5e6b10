"""The customer's link: where his ticket stands, what he ordered, what he said, and room for more."""

from flask import Blueprint, Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.links import LinkExpiredError
from ivr.numbers.caller_id import international
from ivr.services.callback_wishes import WishRefusedError
from ivr.services.callbacks import TooLateError
from ivr.services.customer_page import CustomerTicket, NoteRefusedError, TooManyNotesError
from webhooks.console.technician.tickets import is_beginning, send_message
from webhooks.console.words import LANGUAGES, wanted_language
from webhooks.container import pikett
from webhooks.tickets import links

blueprint = Blueprint(
    "customer", __name__, url_prefix="/c", template_folder="templates", static_folder=None
)


@blueprint.get("/<token>")
def show(token: str) -> AnyResponse:
    """His ticket."""
    found = _open(token)
    if not isinstance(found, CustomerTicket):
        return found
    _note(found, "looked_at", "")
    told = session.pop("customer_told", None)
    return _shown(found, token, 200, told=told == token)


@blueprint.get("/<token>/messages/<int:recording_id>.wav")
def message(token: str, recording_id: int) -> AnyResponse:
    """What he said."""
    found = _open(token)
    if not isinstance(found, CustomerTicket):
        return found
    if is_beginning():
        _note(found, "message_heard", f"recording {recording_id}")
    return send_message(found, recording_id)


@blueprint.post("/<token>/notes")
def add(token: str) -> AnyResponse:
    """Something he wants to add; what cannot be taken stays in the form."""
    found = _open(token)
    if not isinstance(found, CustomerTicket):
        return found
    typed = request.form.get("text", "")
    if not links.is_own_form(token):
        return _shown(found, token, 400, typed=typed, problem="cust.error.form")
    try:
        pikett().customer_pages.add_note(found.file.number, typed, pikett().clock.now())
    except NoteRefusedError as error:
        status = 429 if isinstance(error, TooManyNotesError) else 422
        return _shown(found, token, status, typed=typed, problem=error.key)
    _note(found, "note_added", "")
    session["customer_told"] = token
    return redirect(url_for("customer.show", token=token))


@blueprint.post("/<token>/callback")
def wish(token: str) -> AnyResponse:
    """Call me back, under a number that is on file."""
    found = _open(token)
    if not isinstance(found, CustomerTicket):
        return found
    if not links.is_own_form(token):
        return _shown(found, token, 400, wrong="callback.error.form")
    app, number = pikett(), found.file.number
    phone, now = request.form.get("phone", ""), app.clock.now()
    try:
        app.callback_wishes.wish(number, phone, _language(found), now)
    except WishRefusedError as error:
        return _shown(found, token, 422, wrong=error.key)
    _note(found, "callback_wished", "")
    return _back(token, "callback.told.wished")


@blueprint.post("/<token>/callback/cancel")
def cancel(token: str) -> AnyResponse:
    """Free until a technician has accepted; the telephones stop."""
    found = _open(token)
    if not isinstance(found, CustomerTicket):
        return found
    if not links.is_own_form(token):
        return _shown(found, token, 400, wrong="callback.error.form")
    try:
        pikett().callbacks.cancel(found.file.number, pikett().clock.now())
    except TooLateError:
        return _shown(found, token, 409, wrong="callback.error.too_late")
    _note(found, "callback_cancelled", "")
    return _back(token, "callback.told.cancelled")


def _back(token: str, told: str) -> AnyResponse:
    session["callback_told"] = [token, told]
    return redirect(url_for("customer.show", token=token))


def _said(token: str) -> str:
    """What was done last by this link, said once."""
    kept = session.get("callback_told")
    if not kept or kept[0] != token:
        return ""
    session.pop("callback_told")
    return str(kept[1])


def _open(token: str) -> CustomerTicket | Response:
    """What the link opens, or a page that says why it opens nothing."""
    app, language = pikett(), wanted_language()
    try:
        number = app.links.read_customer(token)
    except LinkExpiredError:
        return links.dead_link(language, "cust.dead.expired", 410)
    found = app.customer_pages.page(number, app.clock.now()) if number is not None else None
    if found is None:
        return links.dead_link(language, "cust.dead.unknown", 404)
    return found


def _note(found: CustomerTicket, action: str, detail: str) -> None:
    """Nobody of ours: the log says by which link."""
    by = "signed link of the customer"
    told = f"{by}: {detail}" if detail else by
    now = pikett().clock.now()
    pikett().audit.write(None, action, f"ticket {found.file.number}", told, now)


def _shown(
    found: CustomerTicket,
    token: str,
    status: int,
    *,
    typed: str = "",
    problem: str = "",
    told: bool = False,
    wrong: str = "",
) -> Response:
    browser = links.browser_of_request()
    response = links.page(
        "customer/page.html",
        _language(found),
        status,
        found=found,
        typed=typed,
        problem=problem,
        told=told,
        wrong=wrong,
        line=international(pikett().settings.line.number),
        **_callback(found, token),
        adding=url_for("customer.add", token=token),
        sound=lambda recording: url_for("customer.message", token=token, recording_id=recording.id),
        form_key=pikett().links.form_key(token, browser),
    )
    return links.remember_browser(response, browser, url_for("customer.show", token=token))


def _callback(found: CustomerTicket, token: str) -> dict[str, object]:
    app = pikett()
    return {
        "said": _said(token),
        "standing": app.callback_wishes.of_customer(found.file.number, app.clock.now()),
        "wishing": url_for("customer.wish", token=token),
        "cancelling": url_for("customer.cancel", token=token),
        "shown": international,
    }


def _language(found: CustomerTicket) -> str:
    """The one he ordered in, else his own."""
    spoken = found.consents[-1].language if found.consents else found.file.language
    return spoken if spoken in LANGUAGES else wanted_language()
