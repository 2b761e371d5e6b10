"""The service desk's pages: the board of calls, and the card of one call.

A card is one form; each of its buttons sends the whole form, so that whatever was typed is kept by
every step. Without JavaScript nothing is missing but the second by second.
"""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.callflow.prompts import Language
from ivr.consent.chain import digest
from ivr.people.roles import Role
from ivr.services.desk_records import Agent
from webhooks.console import desk_card
from webhooks.console.access import allowed, audit, current_person, current_visit
from webhooks.console.addresses import page_before
from webhooks.console.desk_told import ticket_link
from webhooks.console.pages import page_language, render, words
from webhooks.container import pikett

ROLES = (Role.DESK, Role.LEAD, Role.ADMIN)
POLL_SECONDS = 1

blueprint = Blueprint("desk", __name__, url_prefix="/console/desk", template_folder="templates")


@blueprint.get("")
@allowed(*ROLES)
def board() -> Response:
    """Calls in progress, the field for the number of a card, and the search for a direct call."""
    asked = request.args.get("q", "")
    audit("looked_at", "desk board", asked[:80])
    found = pikett().desk.search(asked)
    return render("desk/board.html", asked=asked, found=found, **_shown())


@blueprint.get("/calls")
@allowed(*ROLES)
def calls() -> Response:
    """The calls alone, for the board that asks every second; nothing if nothing has changed."""
    values = _shown()
    if opened := pikett().desk_duty.arrived(agent(), values["ready"]):
        desk_card.note("desk_took", opened)
        return _to_card(opened)
    if values["seen"] in request.if_none_match or request.args.get("seen") == values["seen"]:
        return _unchanged(values["seen"])
    response = render("desk/calls.html", **values)
    response.set_etag(values["seen"])
    return response


def _shown() -> dict[str, Any]:
    """The calls, and who takes them; `seen` stays the same as long as only seconds pass."""
    board, ready = pikett().desk_board.board(), pikett().desk_duty.ready(agent())
    disturbances = pikett().desk_disturbances.current(Language(page_language()))
    people = [(each.person_id, each.name) for each in ready]
    return {
        "board": board,
        "disturbances": disturbances,
        "ready": ready,
        "is_ready": any(each.person_id == agent().id for each in ready),
        "seen": digest(repr((board.digest, people, disturbances)))[:32],
        "ticket_link": ticket_link,
    }


def _to_card(card_id: str) -> Response:
    """htmx opens the page; anybody else's next look at the board shows the card as his."""
    return Response(status=204, headers={"HX-Redirect": url_for("desk.card", card_id=card_id)})


def _unchanged(seen: str) -> Response:
    """htmx leaves its page alone at 204; everybody else knows 304."""
    response = Response(status=204 if request.headers.get("HX-Request") else 304)
    response.set_etag(seen)
    return response


@blueprint.post("/ready")
@allowed(*ROLES)
def ready() -> AnyResponse:
    """His own switch: does he take calls here now?"""
    is_on = request.form.get("ready") == "on"
    pikett().desk_duty.switch(agent(), ready=is_on)
    audit("desk_ready" if is_on else "desk_away", "desk board")
    return redirect(
        (page_before() if "stay" in request.form else None) or url_for("desk.board"), 303
    )


@blueprint.get("/duty")
@allowed(*ROLES)
def duty() -> Response:
    """The head of every page asks for it: that keeps whoever takes calls ready, and rings there."""
    values = _duty_values(is_board="board" in request.args)
    if values is None:
        return render("desk/off_duty.html")
    if request.headers.get("HX-Request") and values["seen"] == request.args.get("seen"):
        return Response(status=204)
    return render("desk/duty.html", duty=values)


@blueprint.app_context_processor
def _head() -> dict[str, Any]:
    """`desk_duty()` for the head of any page of the console."""
    return {"desk_duty": _head_duty}


def _head_duty() -> dict[str, Any] | None:
    visit = current_visit()
    if visit is None or visit.expired or visit.unfinished or visit.person.role not in ROLES:
        return None
    return _duty_values(is_board=request.endpoint == "desk.board")


def _duty_values(*, is_board: bool) -> dict[str, Any] | None:
    """None for whoever does not take calls. The board shows the calls itself."""
    found = pikett().desk_duty.duty(agent())
    if found is None:
        return None
    return {
        "is_ready": found.is_ready,
        "lapsed_at": found.lapsed_at,
        "ringing": () if is_board else found.ringing,
        "waiting": () if is_board else found.waiting,
        "is_board": is_board,
        "seen": digest(repr((found, is_board)))[:16],
    }


@blueprint.post("/<card_id>/take")
@allowed(*ROLES)
def take(card_id: str) -> AnyResponse:
    """It was he who answered; the first who says so has the card, the others see who."""
    desk_card.sight_of(card_id)
    other = pikett().desk_duty.take(card_id, agent())
    if other is not None:
        flash(words()("desk.taken_by_other", name=other), "warning")
        return redirect(url_for("desk.board"), 303)
    desk_card.note("desk_took", card_id)
    return redirect(url_for("desk.card", card_id=card_id), 303)


@blueprint.get("/card")
@allowed(*ROLES)
def by_number() -> AnyResponse:
    """The card that a whisper named: whoever heard it has the call, unless somebody has said so."""
    number = request.args.get("number", "").strip()
    card_id = pikett().desk.find(number)
    if card_id is None:
        flash(words()("desk.no_card", number=number[:10]), "warning")
        return redirect(url_for("desk.board"))
    pikett().desk_duty.take(card_id, agent())
    return redirect(url_for("desk.card", card_id=card_id))


@blueprint.post("/direct")
@allowed(*ROLES)
def direct() -> AnyResponse:
    """A card for a caller who dialled the desk itself."""
    chosen = request.form.get("customer", "")
    try:
        card_id = pikett().desk.open_direct(int(chosen) if chosen.isdecimal() else None, agent())
    except LookupError:
        abort(404)
    desk_card.note("desk_opened", card_id)
    return redirect(url_for("desk.card", card_id=card_id), 303)


@blueprint.get("/<card_id>")
@allowed(*ROLES)
def card(card_id: str) -> Response:
    """Everything about one call."""
    sight = desk_card.sight_of(card_id)
    desk_card.note("looked_at", card_id)
    return desk_card.page(sight, asked=request.args.get("q", ""))


@blueprint.post("/<card_id>")
@allowed(*ROLES)
def act(card_id: str) -> AnyResponse:
    """One button of the card."""
    desk_card.sight_of(card_id)
    return desk_card.act(card_id, agent())


@blueprint.get("/<card_id>/glance")
@allowed(*ROLES)
def glance(card_id: str) -> Response:
    """What changes by itself: the call, who else is here, whether somebody has changed the card."""
    ready, sight = pikett().desk_duty.ready(agent()), desk_card.sight_of(card_id)
    is_free = sight.is_decided and "typed" not in request.args
    if is_free and (opened := pikett().desk_duty.arrived(agent(), ready)):
        desk_card.note("desk_took", opened)
        return _to_card(opened)
    values = desk_card.glance_values(sight, request.args.get("version"))
    if request.headers.get("HX-Request") and values["seen"] == request.args.get("seen"):
        return Response(status=204)
    if request.args.get("searched") != values["searched"]:
        values |= desk_card.settled_values(sight) | {"is_news": True}
    return render("desk/glance.html", **values)


def agent() -> Agent:
    """Who has logged in, as the desk's services know him."""
    person = current_person()
    return Agent(person.id, person.name)
