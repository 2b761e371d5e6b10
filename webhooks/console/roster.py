"""The roster's pages: a month at a glance, what is wrong, and the rules with their forms."""

from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.roles import Role
from ivr.roster.duty import standing_of
from ivr.roster.walltime import DAY, WEEKDAYS, local
from ivr.roster.week_text import write_week
from ivr.services.roster_changes import AddAbsence, AddOverride, AddRotation, Change, Remove
from ivr.services.roster_input import (
    LEVELS,
    RosterRefusedError,
    read_absence,
    read_override,
    read_rotation,
)
from webhooks.console.access import allowed, current_person
from webhooks.console.pages import render, words
from webhooks.console.roster_words import CONTEXT, looks
from webhooks.container import pikett

blueprint = Blueprint(
    "roster",
    __name__,
    url_prefix="/console/roster",
    template_folder="templates",
    static_folder=None,
)
YEARS = range(2020, 2099)
MOST_MOVES = 40
FIELDS = {
    "rotation": (
        "name",
        "level",
        "rank",
        "people",
        "every",
        "hand_over",
        "starts",
        "until",
        "hours",
    ),
    "override": ("level", "rank", "from", "to", "person", "note"),
    "absence": ("person", "from", "to", "note"),
}
_READERS = {"rotation": read_rotation, "override": read_override, "absence": read_absence}
_CHANGES = {"rotation": AddRotation, "override": AddOverride, "absence": AddAbsence}


@blueprint.get("")
@allowed(Role.TECHNICIAN, Role.LEAD, Role.ADMIN)
def month() -> Response:
    """The month that is asked for, or this one."""
    app = pikett()
    now = app.clock.now()
    today = local(now).date()
    found = app.rosters.month(_month_of(request.args.get("month", ""), today), now)
    return render(
        "roster/month.html",
        month=found,
        standing=standing_of(app.rosters.published(now), now),
        today=today,
        before=(found.first - DAY).replace(day=1),
        after=(found.first.replace(day=28) + 4 * DAY).replace(day=1),
        looks=looks(found.plan.members.values()),
        may_edit=current_person().role is not Role.TECHNICIAN,
        **CONTEXT,
    )


@blueprint.get("/rules")
@allowed(Role.LEAD, Role.ADMIN)
def rules() -> Response:
    """What the roster is made of, and forms for more."""
    return _rules_page()


@blueprint.post("/rules/<kind>")
@allowed(Role.LEAD, Role.ADMIN)
def add_rule(kind: str) -> AnyResponse:
    """Shows first what it would do; stores it once that was confirmed."""
    if kind not in FIELDS:
        abort(404)
    typed = {field: request.form.get(field, "") for field in FIELDS[kind]}
    try:
        return _try(_read(kind, typed), typed)
    except RosterRefusedError as error:
        return _rules_page(400, kind=kind, typed=typed, wrong={error.field: error.key})


@blueprint.post("/rules/<kind>/<int:rule_id>/remove")
@allowed(Role.LEAD, Role.ADMIN)
def remove_rule(kind: str, rule_id: int) -> AnyResponse:
    """The same for a rule that is to go."""
    if kind not in FIELDS:
        abort(404)
    try:
        return _try(Remove(kind, rule_id), {})
    except RosterRefusedError:
        abort(404)


def _read(kind: str, typed: dict[str, str]) -> Change:
    app = pikett()
    with app.storage.reading() as uow:
        wanted = _READERS[kind](uow, typed, app.clock.now())
    change: Change = _CHANGES[kind](wanted)
    return change


def _try(change: Change, typed: dict[str, str]) -> AnyResponse:
    app = pikett()
    now = app.clock.now()
    if request.form.get("confirmed"):
        app.rosters.change(change, current_person(), now)
        flash(words()("roster.stored"))
        return redirect(url_for("roster.rules"))
    preview = app.rosters.preview(change, now)
    values = {"preview": preview, "moves": preview.moves[:MOST_MOVES], "typed": typed}
    more = max(0, len(preview.moves) - MOST_MOVES)
    removing = isinstance(change, Remove)
    return render("roster/preview.html", **values, more=more, removing=removing, **CONTEXT)


def _rules_page(
    status: int = 200,
    /,
    *,
    kind: str = "",
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    app = pikett()
    plan = app.rosters.plan(app.clock.now())
    names = [each.name for each in plan.members.values() if not each.disabled]
    return render(
        "roster/rules.html",
        status,
        plan=plan,
        names=sorted(names),
        levels=LEVELS,
        weekdays=WEEKDAYS,
        write_week=write_week,
        typed={kind: typed or {}},
        wrong={kind: wrong or {}},
        **CONTEXT,
    )


def _month_of(text: str, today: date) -> date:
    """This month for whatever is no month."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today
    return first if first.year in YEARS else today
