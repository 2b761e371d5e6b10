"""Somebody's own page of the roster: his duties, swaps, and his private calendar addresses."""

from datetime import timedelta

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.roles import Role
from ivr.services.roster_input import RosterRefusedError
from ivr.services.roster_store import Scope, SwapState
from ivr.services.roster_swaps import Answer, back_of, given_of
from webhooks.console.access import allowed, current_person
from webhooks.console.pages import render, words
from webhooks.console.roster import blueprint
from webhooks.console.roster_words import CONTEXT
from webhooks.container import pikett

__all__ = ["blueprint"]

AHEAD = timedelta(days=90)
MOST_DUTIES = 30
_FIELDS = ("person", "from", "to", "back_from", "back_to")
_EVERYBODY = (Role.TECHNICIAN, Role.LEAD, Role.ADMIN)


@blueprint.get("/own")
@allowed(*_EVERYBODY)
def own() -> Response:
    """His duties and what others ask of him."""
    return _page()


@blueprint.post("/own/swaps")
@allowed(*_EVERYBODY)
def ask_swap() -> AnyResponse:
    """He asks; nothing changes yet."""
    typed = {field: request.form.get(field, "") for field in _FIELDS}
    person, app = current_person(), pikett()
    if person.technician_id is None:
        return _page(400, typed=typed, wrong={"person": "roster.error.not_on_roster"})
    try:
        app.swaps.ask(person.technician_id, typed, person, app.clock.now())
    except RosterRefusedError as error:
        return _page(400, typed=typed, wrong={error.field: error.key})
    flash(words()("roster.swap.sent"))
    return redirect(url_for("roster.own"))


@blueprint.post("/own/swaps/<int:swap_id>")
@allowed(*_EVERYBODY)
def answer_swap(swap_id: int) -> AnyResponse:
    """The other agrees or refuses, or who asked withdraws."""
    person, app = current_person(), pikett()
    said = request.form.get("answer", "")
    if said not in (SwapState.AGREED, SwapState.REFUSED, SwapState.WITHDRAWN):
        abort(400)
    try:
        given = Answer(swap_id, person.technician_id or 0, SwapState(said))
        app.swaps.answer(given, person, app.clock.now())
    except RosterRefusedError as error:
        flash(words()(error.key), "danger")
    else:
        flash(words()(f"roster.swap.told.{said}"))
    return redirect(url_for("roster.own"))


@blueprint.post("/own/feeds/<scope>")
@allowed(*_EVERYBODY)
def change_feed(scope: str) -> AnyResponse:
    """A new address, or none; the one before ends."""
    if scope not in tuple(Scope):
        abort(404)
    person, app = current_person(), pikett()
    change = app.feeds.revoke if request.form.get("remove") else app.feeds.renew
    change(person, Scope(scope), app.clock.now())
    flash(words()("roster.feed.changed"))
    return redirect(url_for("roster.own"))


def _page(
    status: int = 200,
    /,
    *,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    app, person = pikett(), current_person()
    now, key = app.clock.now(), current_person().technician_id
    plan = app.rosters.plan(now)
    duties = app.rosters.published_of(key, now) if key is not None else []
    members = plan.members.values()
    return render(
        "roster/own.html",
        status,
        on_roster=key is not None,
        duties=[each for each in duties if each.starts_at < now + AHEAD][:MOST_DUTIES],
        swaps=app.swaps.list_of(key, now) if key is not None else [],
        absences=[each for each in plan.absences if each.technician_id == key],
        key=key,
        plan=plan,
        names=sorted(each.name for each in members if not each.disabled and each.id != key),
        feeds=[(scope.value, app.feeds.address(person, scope)) for scope in Scope],
        given_of=given_of,
        back_of=back_of,
        typed={"swap": typed or {}},
        wrong={"swap": wrong or {}},
        **CONTEXT,
    )
