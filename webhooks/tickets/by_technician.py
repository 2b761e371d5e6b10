"""A technician's own link: the ticket without a password, to listen, take, react and pass on.

It names him, so whatever is done by it is done in his name and written down as his. Closing the case
and the hand-over document need his login. Somebody else who has logged in is sent to his own page.
"""

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.links import LinkExpiredError
from ivr.services.work_pages import Holder, TicketPage
from webhooks.console.access import current_visit
from webhooks.console.technician.figures import time_left
from webhooks.console.technician.tickets import ACTIONS, is_beginning, perform, send_message
from webhooks.console.words import translator, wanted_language
from webhooks.container import pikett
from webhooks.tickets import links

blueprint = Blueprint("technician_link", __name__, url_prefix="/t")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A living link with what it opens."""

    token: str
    page: TicketPage
    holder: Holder

    def note(self, action: str, subject: str, detail: str) -> None:
        """Each use is written down with his name."""
        by = f"signed link of {self.holder.technician.name}"
        told = f"{by}: {detail}" if detail else by
        pikett().audit.write(self.holder.person, action, subject, told, pikett().clock.now())


@blueprint.get("/<token>")
def show(token: str) -> AnyResponse:
    """The ticket, and what was done last."""
    opened = _open(token)
    if not isinstance(opened, _Opened):
        return opened
    opened.note("looked_at", f"ticket {opened.page.file.number}", "")
    return _shown(opened, 200)


@blueprint.get("/<token>/messages/<int:recording_id>.wav")
def message(token: str, recording_id: int) -> AnyResponse:
    """What the caller said, with seeking."""
    opened = _open(token)
    if not isinstance(opened, _Opened):
        return opened
    if is_beginning():
        number = opened.page.file.number
        opened.note("message_heard", f"ticket {number}", f"recording {recording_id}")
    return send_message(opened.page, recording_id)


@blueprint.post("/<token>/<any(take, react, pass_on):action>")
def act(token: str, action: str) -> AnyResponse:
    """One tap, from this link's own page only."""
    opened = _open(token)
    if not isinstance(opened, _Opened):
        return opened
    own = opened.holder.technician
    t = translator(own.language)
    if not links.is_own_form(token):
        return _shown(opened, 400, ("warning", t("tech.told.form")))
    told = perform(action, opened.page.file.number, own, t, opened.note)
    session["link_told"] = [token, *told]
    return redirect(url_for("technician_link.show", token=token))


def _open(token: str) -> _Opened | Response:
    """What the link opens, or a page that says why it opens nothing."""
    app, language = pikett(), wanted_language()
    try:
        link = app.links.read_technician(token)
    except LinkExpiredError:
        return links.dead_link(language, "tech.dead.expired", 410)
    if link is None:
        return links.dead_link(language, "tech.dead.unknown", 404)
    holder = app.work_pages.holder(link.technician_id)
    if holder is None:
        return links.dead_link(language, "tech.dead.gone", 410)
    page = app.work_pages.page(link.ticket, app.clock.now())
    if page is None:
        return links.dead_link(language, "tech.dead.unknown", 404)
    opened = _Opened(token, page, holder)
    return _forwarded(opened) or opened


def _forwarded(opened: _Opened) -> Response | None:
    """Somebody else has logged in here: he has a page of his own for this ticket."""
    visit = current_visit()
    own = opened.holder.technician
    if visit is None or visit.expired or visit.person.technician_id == own.id:
        return None
    number = opened.page.file.number
    opened.note("link_refused", f"ticket {number}", f"opened by {visit.person.login}")
    address = url_for("technician.ticket", number=number)
    language = visit.person.language
    return links.dead_link(language, "tech.dead.forwarded", 410, name=own.name, address=address)


def _shown(opened: _Opened, status: int, told: tuple[str, str] | None = None) -> Response:
    page, own, number = opened.page, opened.holder.technician, opened.page.file.number
    kept = session.get("link_told")
    if told is None and kept and kept[0] == opened.token:
        told = (kept[1], kept[2])
        session.pop("link_told")
    browser = links.browser_of_request()
    response = links.page(
        "technician/ticket.html",
        own.language,
        status,
        page=page,
        left=time_left(page.due, page.standing, pikett().clock.now()),
        own=own,
        technical=True,
        told=told,
        addresses={
            action: url_for("technician_link.act", token=opened.token, action=action)
            for action in ACTIONS
        },
        sound=lambda recording: url_for(
            "technician_link.message", token=opened.token, recording_id=recording.id
        ),
        form_key=pikett().links.form_key(opened.token, browser),
        handover=None,
        closing=url_for("technician.close", number=number),
        customer_link=None,
    )
    address = url_for("technician_link.show", token=opened.token)
    return links.remember_browser(response, browser, address)
