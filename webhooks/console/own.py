"""One's own login: password, second factor, language; and forms that were kept."""

import json

import segno
from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.roles import Role
from ivr.services.passwords import PasswordRefusedError
from ivr.services.people import LANGUAGES
from ivr.services.people_store import PersonRecord
from webhooks.console.access import allowed, current_person, current_visit
from webhooks.console.ground import blueprint
from webhooks.console.pages import render, words
from webhooks.console.words import translator
from webhooks.container import pikett


@blueprint.get("/own")
@allowed(*Role, unfinished=True)
def own() -> AnyResponse:
    """What can be changed, and what has still to be set up."""
    return _page()


@blueprint.post("/own/password")
@allowed(*Role, unfinished=True)
def own_password() -> AnyResponse:
    """Afterwards he logs in anew, everywhere."""
    form, record = request.form, _record()
    new = form.get("new_password", "")
    if new != form.get("new_password_again", ""):
        return _page(400, {"new_password_again": "password.differs"})
    try:
        changed = pikett().people.choose_password(
            record, form.get("old_password", ""), new, pikett().clock.now()
        )
    except PasswordRefusedError as error:
        return _page(400, {"new_password": error.key})
    if not changed:
        return _page(400, {"old_password": "password.wrong"})
    flash(words()("password.changed"))
    return redirect(url_for("console.login"))


@blueprint.post("/own/second-factor")
@allowed(*Role, unfinished=True)
def own_second_factor() -> AnyResponse:
    """The first code of a new authenticator."""
    confirmed = pikett().people.confirm_authenticator(
        _record(), request.form.get("code", ""), pikett().clock.now()
    )
    if not confirmed:
        return _page(400, {"code": "factor.wrong"})
    flash(words()("factor.confirmed"))
    return redirect(url_for("console.home"))


@blueprint.post("/own/language")
@allowed(*Role, unfinished=True)
def own_language() -> AnyResponse:
    """Of all pages."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    pikett().people.set_language(_record(), language, pikett().clock.now())
    flash(translator(language)("own.language_changed"))
    return redirect(url_for("console.own"))


@blueprint.get("/drafts/<int:draft_id>")
@allowed(*Role)
def draft(draft_id: int) -> AnyResponse:
    """What was typed, to be sent again; works without a script."""
    kept = pikett().drafts.waiting(current_person().id, pikett().clock.now())
    found = next((each for each in kept if each.id == draft_id), None)
    if found is None:
        abort(404)
    return render("console/draft.html", draft=found, fields=json.loads(found.form_json))


@blueprint.post("/drafts/<int:draft_id>")
@allowed(*Role)
def discard_draft(draft_id: int) -> AnyResponse:
    """Throw it away."""
    pikett().drafts.remove(current_person().id, draft_id)
    return redirect(url_for("console.home"))


def _page(status: int = 200, wrong: dict[str, str] | None = None) -> AnyResponse:
    record = _record()
    picture = secret = ""
    if not record.totp_confirmed:
        address, secret = pikett().people.pending_authenticator(record, pikett().clock.now())
        picture = segno.make(address, error="m").svg_data_uri(scale=5, dark="#000", light="#fff")
    values = {"record": record, "picture": picture, "secret": secret, "wrong": wrong or {}}
    return render("console/own.html", status, languages=LANGUAGES, **values)


def _record() -> PersonRecord:
    visit = current_visit()
    if visit is None:
        abort(403)
    return visit.record
