"""A technician's own link: the ticket without a password, to listen, take, react and pass on.

It names him, so whatever is done by it is done in his name and written down as his, with the kind of
device. Once the ticket is over or somebody else's the link shows and does nothing more and asks for
the login, so that a forwarded one is soon worth nothing. Closing the case and the hand-over document
need the login anyway. Somebody else who has logged in is sent to his own page.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.links import LinkExpiredError
from ivr.services.people_audit import by_link
from ivr.services.work_pages import Holder, TicketPage
from webhooks.console.access import current_visit
from webhooks.console.audit_words import story_days
from webhooks.console.technician.figures import time_left
from webhooks.console.technician.tickets import ACTIONS, is_beginning, perform, send_message
from webhooks.console.words import translator, wanted_language
from webhooks.container import pikett
from webhooks.tickets import links

blueprint = Blueprint("technician_link", __name__, url_prefix="/t")
Told = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A living link with what it opens."""

    token: str
    page: TicketPage
    holder: Holder

    @property
    def ended(self) -> str:
        """Why it opens nothing more, as the key of a text; empty while it does."""
        if self.page.is_over:
            return "tech.ended.over"
        theirs = self.page.responsible not in (None, self.holder.technician.name)
        return "tech.ended.taken" if theirs else ""

    def note(self, action: str, subject: str, detail: str) -> None:
        """Each use is written down with his name."""
        told = by_link(self.holder.technician.name, links.device_of_request(), detail)
        pikett().audit.write(self.holder.person, action, subject, told, pikett().clock.now())


@blueprint.get("/<token>")
def show(token: str) -> AnyResponse:
    """The ticket, and what was done last."""
    opened = _open(token)
    if not isinstance(opened, _Opened):
        return opened
    if opened.ended:
        return _ask_for_login(opened, 200)
    opened.note("looked_at", f"ticket {opened.page.file.number}", "")
    return _shown(opened, 200)


@blueprint.get("/<token>/messages/<int:recording_id>.wav")
def message(token: str, recording_id: int) -> AnyResponse:
    """What the caller said, with seeking."""
    opened = _open(token)
    if not isinstance(opened, _Opened):
        return opened
    if opened.ended:
        return _ask_for_login(opened, 403)
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
    if opened.ended:
        return _ask_for_login(opened, 403)
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


def _ask_for_login(opened: _Opened, status: int) -> Response:
    """What was done last, and the way in; of the ticket nothing but its number."""
    told, number = _told_last(opened), opened.page.file.number
    if told is None:
        opened.note("link_refused", f"ticket {number}", opened.ended.rpartition(".")[2])
    return links.page(
        "technician/link_ended.html",
        opened.holder.technician.language,
        status,
        number=number,
        key=opened.ended,
        name=opened.page.responsible,
        told=told,
        address=url_for("technician.ticket", number=number),
    )


def _told_last(opened: _Opened) -> Told | None:
    kept = session.get("link_told")
    if not kept or kept[0] != opened.token:
        return None
    session.pop("link_told")
    return kept[1], kept[2]


def _addresses(token: str) -> dict[str, Any]:
    return {
        "addresses": {
            action: url_for("technician_link.act", token=token, action=action) for action in ACTIONS
        },
        "sound": lambda recording: url_for(
            "technician_link.message", token=token, recording_id=recording.id
        ),
    }


def _shown(opened: _Opened, status: int, told: Told | None = None) -> Response:
    page, own, number = opened.page, opened.holder.technician, opened.page.file.number
    browser = links.browser_of_request()
    response = links.page(
        "technician/ticket.html",
        own.language,
        status,
        page=page,
        left=time_left(page.due, page.standing, pikett().clock.now()),
        own=own,
        own_page=url_for("technician.ticket", number=number),
        technical=True,
        days=story_days(number, translator(own.language)),
        documented=True,
        hears=True,
        deletes=False,
        told=told or _told_last(opened),
        **_addresses(opened.token),
        form_key=pikett().links.form_key(opened.token, browser),
        handover=None,
        closing=url_for("technician.close", number=number),
        login_needed=not links.is_logged_in(),
        customer_link=None,
    )
    address = url_for("technician_link.show", token=opened.token)
    return links.remember_browser(response, browser, address)
