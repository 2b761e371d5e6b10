"""A ticket on the technician's screen: listen, take, react in one tap, pass on."""

from collections.abc import Callable

from flask import Response, abort, flash, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.callflow.prompts import Language
from ivr.contracts.faults import MAX_TEXT
from ivr.numbers.caller_id import international
from ivr.services.callback_wishes import Standing
from ivr.services.corrections import may_correct
from ivr.services.customer_page import CustomerTicket
from ivr.services.ticket_files import Technician
from ivr.services.work import Hand, NobodyElseError, TakenMeanwhileError, TicketOverError
from ivr.services.work_pages import TicketPage
from webhooks.console.access import Role, allowed, audit, current_person
from webhooks.console.audit_words import story_days
from webhooks.console.pages import render, words
from webhooks.console.technician.figures import time_left
from webhooks.console.technician.ground import blueprint, own_technician, page_or_404
from webhooks.console.words import Translate
from webhooks.container import pikett

ACTIONS = ("take", "react", "pass_on")
Told = tuple[str, str]
"""What is said to him afterwards: a colour and a text."""


@blueprint.get("/tickets/<int:number>")
@allowed(*Role)
def ticket(number: int) -> Response:
    """The desk sees where it stands and nothing technical; an admin reads."""
    page = page_or_404(number)
    audit("looked_at", f"ticket {number}")
    return show(page)


@blueprint.get("/tickets/<int:number>/messages/<int:recording_id>.wav")
@allowed(Role.TECHNICIAN, Role.LEAD, Role.DESK)
def message(number: int, recording_id: int) -> Response:
    """What the caller said, with seeking."""
    page = page_or_404(number)
    if is_beginning():
        audit("message_heard", f"ticket {number}", f"recording {recording_id}")
    return send_message(page, recording_id)


@blueprint.post("/tickets/<int:number>/<any(take, react, pass_on):action>")
@allowed(Role.TECHNICIAN, Role.LEAD)
def act(number: int, action: str) -> AnyResponse:
    """One tap."""
    page_or_404(number)
    own = own_technician()
    if own is None:
        abort(403)
    category, text = perform(action, number, own, words(), audit)
    flash(text, category)
    return redirect(url_for("technician.ticket", number=number))


def perform(
    action: str, number: int, own: Technician, t: Translate, note: Callable[[str, str, str], None]
) -> Told:
    """Do it and write it down; whatever stands in the way is told in words."""
    app, form = pikett(), request.form
    hand = Hand(number, own, form.get("seen", ""), app.clock.now())
    typed = " ".join(form.get("text", "").split())[:MAX_TEXT]
    said = "".join(letter for letter in typed if letter.isprintable())
    try:
        if action == "take":
            app.ticket_work.take(hand)
            told = t("tech.told.taken")
        elif action == "react":
            app.ticket_work.react(hand, said or t("tech.reaction_text"))
            told = t("tech.told.reacted")
        else:
            said = app.ticket_work.pass_on(hand, said)
            told = t("tech.told.passed_on", name=said)
    except TakenMeanwhileError as error:
        return "warning", t("tech.told.meanwhile", name=error.name)
    except TicketOverError:
        return "warning", t("tech.told.over")
    except NobodyElseError:
        return "warning", t("tech.told.nobody")
    note(AUDITED[action], f"ticket {number}", said)
    return "success", told


AUDITED = {"take": "ticket_taken", "react": "first_reaction", "pass_on": "ticket_passed_on"}


def is_beginning() -> bool:
    """Whether a player begins; the further parts of the same message are not told again."""
    return request.headers.get("Range", "bytes=0-").startswith("bytes=0-")


def send_message(page: TicketPage | CustomerTicket, recording_id: int) -> Response:
    """A message of this ticket and of no other."""
    files = {recording.id: recording.file for recording in page.recordings}
    name = files.get(recording_id)
    path = pikett().settings.path("recordings", name) if name else None
    if path is None or not path.is_file():
        abort(404)
    response = send_file(path, mimetype="audio/wav", conditional=True)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def show(page: TicketPage, status: int = 200) -> Response:
    """The ticket as whoever has logged in may see it."""
    person, own, number = current_person(), own_technician(), page.file.number
    app = pikett()
    technical = person.role is not Role.DESK
    customer = person.role in (Role.DESK, Role.LEAD)
    return render(
        "technician/ticket.html",
        status,
        page=page,
        left=time_left(page.due, page.standing, app.clock.now()),
        own=own if technical else None,
        technical=technical,
        days=story_days(number, words()) if technical else (),
        hears=person.role is not Role.ADMIN,
        deletes=person.role in (Role.LEAD, Role.ADMIN),
        documented=person.role in (Role.TECHNICIAN, Role.LEAD),
        addresses={
            action: url_for("technician.act", number=number, action=action) for action in ACTIONS
        },
        sound=lambda recording: url_for(
            "technician.message", number=number, recording_id=recording.id
        ),
        form_key=None,
        handover=_handover_address(page, own, person.role),
        **_forms(page, own if technical else None),
        **(_customer_link(page) if customer else {"customer_link": None}),
        standing=_callback_of(number) if own and technical else None,
        third=app.third_level.view(page, app.clock.now()) if technical else None,
        shown=international,
    )


def _forms(page: TicketPage, own: Technician | None) -> dict[str, str | None]:
    """To close it, and to correct that."""
    number = page.file.number
    corrects = may_correct(page, current_person(), own)
    return {
        "closing": url_for("technician.close", number=number) if own else None,
        "correcting": url_for("technician.correct", number=number) if corrects else None,
    }


def _customer_link(page: TicketPage) -> dict[str, object]:
    """To copy, or in a mail that is written already."""
    number, language = page.file.number, page.file.language or Language.DE
    return {
        "customer_link": pikett().links.customer(number),
        "customer_mail": pikett().mail_text.customer_link(number, language),
    }


def _callback_of(number: int) -> Standing:
    return pikett().callback_wishes.of_technician(number, pikett().clock.now())


def _handover_address(page: TicketPage, own: Technician | None, role: Role) -> str | None:
    """For a lead, and for a technician who has accepted the ticket (B.11)."""
    if page.file.location_id is None:
        return None
    if role is Role.LEAD:
        return url_for("technician.edit_handover", location_id=page.file.location_id)
    if role is Role.TECHNICIAN and own is not None and page.was_taken_by(own.name):
        return url_for("technician.handover", number=page.file.number)
    return None
