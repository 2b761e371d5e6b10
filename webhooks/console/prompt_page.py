"""The page of a prompt in one language: its text, and what is published of it."""

from collections.abc import Mapping, Sequence

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.callflow.prompts import Language
from ivr.contracts.windows import local_time
from ivr.people.roles import Role
from ivr.services.prompt_records import Entry, EntryDetail, Heard, PromptRefusedError, Reason
from ivr.services.recording_calls import NOTE
from ivr.voice.usage import where_used
from webhooks.console.access import allowed
from webhooks.console.ground import blueprint
from webhooks.console.pages import render, words
from webhooks.console.prompt_view import (
    anchor_of,
    history_of,
    lines_of,
    place_of,
)
from webhooks.console.prompt_words import (
    SYMBOLS,
    TONES,
    area_of,
    purpose_of,
    variables_of,
)
from webhooks.container import pikett

Wrong = Mapping[str, Sequence[str]]
"""What was refused, by the form beside which it is told."""
Tried = Mapping[str, object]


@blueprint.get("/prompts/<key>/<language>")
@allowed(Role.ADMIN)
def prompt(key: str, language: str) -> Response:
    """Texts, recordings, history, and forms for more."""
    return prompt_page(detail_of(key, language))


@blueprint.get("/prompts/<key>/<language>/listen")
@allowed(Role.ADMIN)
def hear_prompt(key: str, language: str) -> AnyResponse:
    """The sound of a version, of a sentence as it is synthesised, or of what is in use."""
    detail, version = detail_of(key, language), request.args.get("version", type=int)
    said = request.args.get("words", "")
    try:
        if version is not None:
            heard = pikett().prompts.listen(version_of(detail, version))
        elif said in {each.words for each in detail.sentences}:
            heard = pikett().prompts.preview(said, language)
        else:
            heard = heard_now(detail)
    except PromptRefusedError:
        abort(404)
    return redirect(sound_address(heard))


def heard_now(detail: EntryDetail) -> Heard:
    """The recording in use; else, and where there are several sentences, the text."""
    if detail.recording is not None:
        return pikett().prompts.listen(detail.recording)
    return pikett().prompts.preview(detail.entry.text, detail.entry.language, detail.entry.key)


def sound_address(heard: Heard) -> str:
    """Where a browser fetches it."""
    return pikett().sound_links.path(heard.name)


def detail_of(key: str, language: str) -> EntryDetail:
    """Everything about a prompt; there is no page of one that does not exist."""
    try:
        return pikett().prompts.entry(key, language)
    except PromptRefusedError:
        abort(404)


def to_prompt(key: str, language: str, said: str = "") -> AnyResponse:
    """Its page, with the sentence open that was worked on."""
    return redirect(address_of_prompt(key, language, said))


def address_of_prompt(key: str, language: str, said: str = "", new: int | None = None) -> str:
    """With `new` it is another address than before, so that a script goes there too."""
    at = anchor_of(said) if said else None
    return url_for("console.prompt", key=key, language=language, at=at, new=new, _anchor=at)


def prompt_page(
    detail: EntryDetail,
    status: int = 200,
    *,
    wrong: Wrong | None = None,
    tried: Tried | None = None,
) -> Response:
    """The page; `wrong` stands beside the forms that it names, `tried` is what was listened to."""
    entry, opened = detail.entry, request.args.get("at")
    return render(
        "console/prompt.html",
        status,
        detail=detail,
        entry=entry,
        purpose=purpose_of(entry.key, entry.purpose),
        area=area_of(entry.key),
        variables=variables_of(detail.described, entry.language),
        **_languages(entry),
        **_places(detail),
        by_phone=NOTE,
        said_by=where_used().get(entry.key, ()),
        opened=opened or anchor_of(request.form.get("words", "")),
        uploads=pikett().settings.uploads,
        most=pikett().settings.voice.longest_text,
        symbols=SYMBOLS,
        tones=TONES,
        typed=request.form,
        tried=tried,
        wrong=wrong or {},
    )


def _places(detail: EntryDetail) -> dict[str, object]:
    """Its text, its sentences, and what became of all that was published."""
    now = pikett().clock.now()
    return {
        "text_place": place_of(detail, "", now),
        "places": [place_of(detail, each.words, now) for each in detail.sentences],
        "gone": lines_of(detail, detail.gone, now),
        "numbers": pikett().prompt_numbers.of(detail),
        "history": history_of(detail),
        "earliest": f"{local_time(now):%Y-%m-%dT%H:%M}",
    }


def _languages(entry: Entry) -> dict[str, object]:
    """The same prompt in every language, and which of them differ in being changed."""
    sides = [
        entry if each == entry.language else pikett().prompts.entry(entry.key, each).entry
        for each in Language
    ]
    return {"sides": sides, "elsewhere": _elsewhere(entry, sides)}


def _elsewhere(entry: Entry, sides: Sequence[Entry]) -> str:
    """Where a text was changed in some languages only, which of them are left as shipped."""
    key = "prompts.others_shipped" if entry.changed else "prompts.others_changed"
    t = words()
    named = [t(f"language.{each.language}") for each in sides if each.changed != entry.changed]
    return t(key, languages=", ".join(named)) if named else ""


def version_of(detail: EntryDetail, number: int | None) -> int:
    """One of this prompt's own."""
    if number is None or number not in {each.id for each in detail.versions}:
        raise PromptRefusedError(Reason("no_such_version"))
    return number
