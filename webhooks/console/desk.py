"""The service desk's pages: the board of calls, and the card of one call.

A card is one form; each of its buttons sends the whole form, so that whatever was typed is kept by
every step. Without JavaScript nothing is missing but the second by second.
"""

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.roles import Role
from ivr.services.desk_board import Board
from ivr.services.desk_records import Agent
from webhooks.console import desk_card
from webhooks.console.access import allowed, audit, current_person
from webhooks.console.pages import render, words
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
    shown = pikett().desk_board.board()
    return render("desk/board.html", board=shown, asked=asked, found=found, at=pikett().clock.now())


@blueprint.get("/calls")
@allowed(*ROLES)
def calls() -> Response:
    """The calls alone, for the board that asks every second; nothing if nothing has changed."""
    shown = pikett().desk_board.board()
    if shown.digest in request.if_none_match or request.args.get("seen") == shown.digest:
        return _unchanged(shown)
    response = render("desk/calls.html", board=shown, at=pikett().clock.now())
    response.set_etag(shown.digest)
    return response


def _unchanged(shown: Board) -> Response:
    """htmx leaves its page alone at 204; everybody else knows 304."""
    response = Response(status=204 if request.headers.get("HX-Request") else 304)
    response.set_etag(shown.digest)
    return response


@blueprint.get("/card")
@allowed(*ROLES)
def by_number() -> AnyResponse:
    """The card that a whisper named."""
    number = request.args.get("number", "").strip()
    card_id = pikett().desk.find(number)
    if card_id is None:
        flash(words()("desk.no_card", number=number[:10]), "warning")
        return redirect(url_for("desk.board"))
    return redirect(url_for("desk.card", card_id=card_id))


@blueprint.post("/direct")
@allowed(*ROLES)
def direct() -> AnyResponse:
    """A card for a caller who dialled the desk itself."""
    chosen = request.form.get("customer", "")
    try:
        card_id = pikett().desk.open_direct(int(chosen) if chosen.isdecimal() else None)
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
    values = desk_card.glance_values(desk_card.sight_of(card_id), request.args.get("version"))
    if request.headers.get("HX-Request") and values["seen"] == request.args.get("seen"):
        return Response(status=204)
    return render("desk/glance.html", **values)


def agent() -> Agent:
    """Who has logged in, as the desk's services know him."""
    person = current_person()
    return Agent(person.id, person.name)
