"""Disturbances and maintenance windows: declared, changed and ended on one page."""

from datetime import datetime, timedelta

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.alerts.touching import Scope, ScopeKind
from ivr.callflow.prompts import Language
from ivr.contracts.windows import parse_moment
from ivr.errors import SpeechError
from ivr.services.alert_sources import SourceRefusedError
from ivr.services.disturbances import (
    Declared,
    DisturbanceRefusedError,
    is_named,
    spoken,
    to_be_spoken,
    unnamed,
)
from webhooks.console.access import allowed, audit, current_person
from webhooks.console.alerts import ALLOWED
from webhooks.console.customers import plan_name
from webhooks.console.ground import blueprint
from webhooks.console.pages import render, words
from webhooks.container import pikett

RECENT = timedelta(days=30)


@blueprint.get("/alerts/disturbances")
@allowed(*ALLOWED)
def disturbances() -> Response:
    """What goes on, and forms for more."""
    return _page()


@blueprint.post("/alerts/disturbances")
@allowed(*ALLOWED)
def declare_disturbance() -> AnyResponse:
    """From now on callers hear of it; what cannot be taken stays in the form."""
    app, form = pikett(), request.form
    try:
        declared = Declared(
            title=form.get("title", ""),
            scopes=_scopes(),
            texts=_texts(),
            expected_at=_moment("expected"),
        )
        number = app.disturbances.declare(declared, current_person().name, app.clock.now())
    except DisturbanceRefusedError as error:
        return _page(400, wrong={_field(error.key): error.key}, typed=form.to_dict())
    audit("disturbance_declared", f"disturbance {number}", declared.title)
    _tell_length(number)
    return redirect(url_for("console.disturbances"))


@blueprint.post("/alerts/disturbances/<int:disturbance_id>")
@allowed(*ALLOWED)
def change_disturbance(disturbance_id: int) -> AnyResponse:
    """Other words, another expected end, or its end."""
    app, now = pikett(), pikett().clock.now()
    ending = request.form.get("action") == "end"
    try:
        if ending:
            waiting = app.disturbances.end(disturbance_id, now)
            flash(words()("alerts.ended", waiting=waiting))
        else:
            app.disturbances.update(disturbance_id, _texts(), _moment("expected"), now)
            _tell_length(disturbance_id)
    except DisturbanceRefusedError as error:
        flash(words()(error.key), "danger")
        return redirect(url_for("console.disturbances"))
    action = "disturbance_ended" if ending else "disturbance_changed"
    pikett().audit.write(current_person(), action, f"disturbance {disturbance_id}", "", now)
    return redirect(url_for("console.disturbances"))


@blueprint.post("/alerts/maintenance")
@allowed(*ALLOWED)
def add_maintenance() -> AnyResponse:
    """Alerts of a source ring nobody meanwhile."""
    app, form = pikett(), request.form
    try:
        begins = _moment("begins") or app.clock.now()
        ends = _needed("ends")
        labels = dict(_labels(form.get("labels", "")))
        number = app.alert_sources.add_maintenance(
            form.get("source", ""),
            labels,
            " ".join(form.get("reason", "").split()),
            begins,
            ends,
            current_person().name,
            app.clock.now(),
        )
    except DisturbanceRefusedError as error:
        return _page(400, wrong={_field(error.key): error.key}, typed=form.to_dict())
    except SourceRefusedError:
        return _page(400, wrong={"ends": "alerts.wrong.ends"}, typed=form.to_dict())
    audit("maintenance_declared", f"maintenance {number}", form.get("source", ""))
    flash(words()("alerts.maintenance_added"))
    return redirect(url_for("console.disturbances"))


@blueprint.post("/alerts/maintenance/<int:window_id>/end")
@allowed(*ALLOWED)
def end_maintenance(window_id: int) -> AnyResponse:
    """What still fires rings now."""
    if pikett().alert_sources.end_maintenance(window_id, pikett().clock.now()):
        audit("maintenance_ended", f"maintenance {window_id}")
        flash(words()("alerts.maintenance_over"))
    return redirect(url_for("console.disturbances"))


def _page(
    status: int = 200,
    /,
    *,
    wrong: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    now = pikett().clock.now()
    with pikett().storage.reading() as uow:
        recent = uow.disturbances.list_shown(now - RECENT)
        windows = uow.alerts.list_maintenance(now)
        sources = uow.alerts.list_sources()
    return render(
        "alerts/disturbances.html",
        status,
        current=[each for each in recent if each.is_on(now)],
        past=[each for each in recent if not each.is_on(now)],
        windows=windows,
        sources=sources,
        days=RECENT.days,
        languages=tuple(Language),
        instead={each: pikett().catalogue.text(unnamed(each)) for each in Language},
        is_named=is_named,
        plans={each: plan_name(each) for each in pikett().plans},
        ticked=request.form.getlist("scopes"),
        scope_words=_shown,
        wrong=wrong or {},
        typed=typed or {},
    )


def _scopes() -> list[str]:
    """What was ticked, then customers and services that were named."""
    named = [
        f"{kind}:{word}"
        for kind, field in ((ScopeKind.CUSTOMER, "customers"), (ScopeKind.SERVICE, "services"))
        for word in request.form.get(field, "").replace(",", " ").split()
    ]
    return [*request.form.getlist("scopes"), *named]


def _shown(scope: Scope) -> str:
    """In words: whom a disturbance touches."""
    t = words()
    match scope.kind:
        case ScopeKind.PLAN:
            return t("alerts.scope_plan", plan=plan_name(scope.value))
        case ScopeKind.CUSTOMER:
            return t("alerts.scope_customer", number=scope.value)
        case ScopeKind.SERVICE:
            return t("alerts.scope_service", key=scope.value)
    return t("alerts.scope_all")


def _texts() -> dict[str, str]:
    return {each: request.form.get(f"text_{each}", "") for each in Language}


def _moment(name: str) -> datetime | None:
    """Local wall time, as browsers send it; one that cannot be is asked for again."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return parse_moment(text)
    except ValueError as error:
        raise DisturbanceRefusedError(f"alerts.wrong.{name}", str(error)) from error


def _needed(name: str) -> datetime:
    """A moment that must be there."""
    found = _moment(name)
    if found is None:
        raise DisturbanceRefusedError(f"alerts.wrong.{name}", f"no {name}")
    return found


def _labels(text: str) -> list[tuple[str, str]]:
    """`name=value`, one a line or by commas; values may have spaces in them."""
    parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    pairs = [part.partition("=") for part in parts]
    if not all(name.strip() and mark for name, mark, _ in pairs):
        raise DisturbanceRefusedError("alerts.wrong.labels", "labels are name=value")
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _field(key: str) -> str:
    """The field of the form that a mistake stands beside."""
    named = key.rsplit(".", 1)[-1]
    return {"scope": "scopes", "text": "text_de"}.get(named, named)


def _tell_length(disturbance_id: int) -> None:
    """How long callers listen before they may choose; and its words are made before they call."""
    app = pikett()
    with app.storage.reading() as uow:
        record = uow.disturbances.find(disturbance_id)
    if record is None:
        return
    now = app.clock.now()
    try:
        app.sounds.beforehand(to_be_spoken(record, now))
        seconds = max(app.sounds.seconds(spoken(record, each, now)) for each in Language)
    except SpeechError:
        flash(words()("alerts.unspeakable"), "warning")
    else:
        flash(words()("alerts.declared", seconds=round(seconds)))
