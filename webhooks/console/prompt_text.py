"""What is written on the page of a prompt: checked, listened to, kept as a draft, published."""

from datetime import datetime

from flask import Response, flash, g, request
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.roles import Role
from ivr.services.prompt_records import EntryDetail, PromptRefusedError, Reason, SavedText
from ivr.wording.templates import LONGER
from webhooks.console.access import allowed, current_person
from webhooks.console.ground import blueprint
from webhooks.console.pages import render
from webhooks.console.prompt_changes import tell, wanted_at
from webhooks.console.prompt_page import (
    Tried,
    detail_of,
    heard_now,
    prompt_page,
    sound_address,
    to_prompt,
)
from webhooks.console.prompt_words import refused, warned
from webhooks.container import pikett


@blueprint.post("/prompts/<key>/<language>/text")
@allowed(Role.ADMIN)
def save_prompt(key: str, language: str) -> AnyResponse:
    """What the button says: check or hear what is written, keep it as a draft, publish it."""
    detail, then = detail_of(key, language), request.form.get("then", "draft")
    if then in _TRIALS:
        g.only_tried = True  # what is kept of a form stays kept
        return _TRIALS[then](detail)
    try:
        from_at = wanted_at() if then == "at" else None
        saved = _saved(detail, from_at or (pikett().clock.now() if then != "draft" else None))
        if then != "draft":
            pikett().prompts.publish(saved.version_id, current_person(), from_at)
    except PromptRefusedError as error:
        return prompt_page(detail, 400, wrong=_beside(error))
    for warning in warned(saved.warnings):
        flash(warning, "warning")
    tell(then, saved.version_id, from_at)
    return to_prompt(key, language)


def _saved(detail: EntryDetail, heard_from: datetime | None) -> SavedText:
    text, note = request.form.get("text", ""), request.form.get("note", "")
    key, language = detail.entry.key, detail.entry.language
    return pikett().prompts.save_text(
        key, language, text, current_person(), note, heard_from=heard_from
    )


def _checked(detail: EntryDetail) -> Response:
    """While somebody types: nothing is spoken."""
    text = request.form.get("text", "")
    reasons = pikett().prompts.check(detail.entry.key, text)
    return render("console/prompt_checked.html", reasons=refused(reasons), length=len(text))


def _heard(detail: EntryDetail) -> Response:
    """The draft beside what is in use, with the seconds of both; as a part of the page if htmx asks."""
    try:
        tried: Tried = _tried(detail)
    except PromptRefusedError as error:
        tried = {"reasons": refused(error.reasons)}
    if request.headers.get("HX-Request"):
        return render("console/prompt_heard.html", tried=tried, plays=True)
    return prompt_page(detail, tried=tried)


def _tried(detail: EntryDetail) -> Tried:
    service, entry = pikett().prompts, detail.entry
    draft = service.preview(request.form.get("text", ""), entry.language, entry.key)
    now = heard_now(detail)
    shipped = service.preview(detail.shipped, entry.language, entry.key)
    longer = draft.seconds > shipped.seconds * LONGER
    values = {"shipped": f"{shipped.seconds:.1f}", "now": f"{draft.seconds:.1f}"}
    return {
        "address": sound_address(draft),
        "draft": draft.seconds,
        "now": now.seconds,
        "warnings": warned([Reason("longer", values)]) if longer else [],
    }


_TRIALS = {"check": _checked, "hear": _heard}


def _beside(error: PromptRefusedError) -> dict[str, list[str]]:
    """A moment that cannot be stands beside its own field."""
    times = [each for each in error.reasons if each.code in ("from_at", "in_the_past")]
    texts = [each for each in error.reasons if each not in times]
    return {"text": refused(texts), "from_at": refused(times)}
