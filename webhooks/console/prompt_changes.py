"""What is done with versions of a prompt: published, withdrawn, taken back, confirmed, discarded."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import abort, flash, request
from werkzeug.wrappers import Response as AnyResponse

from ivr.contracts.windows import local_time, parse_moment
from ivr.people.roles import Role
from ivr.services.prompt_records import EntryDetail, PromptRefusedError, Reason
from webhooks.console.access import allowed, current_person
from webhooks.console.ground import blueprint
from webhooks.console.pages import words
from webhooks.console.prompt_page import detail_of, prompt_page, to_prompt, version_of
from webhooks.console.prompt_words import refused
from webhooks.container import pikett


@blueprint.post("/prompts/<key>/<language>/<action>")
@allowed(Role.ADMIN)
def change_prompt(key: str, language: str, action: str) -> AnyResponse:
    """Publish, withdraw, go back, reset, confirm or discard."""
    detail = detail_of(key, language)
    if action not in _ACTIONS:
        abort(404)
    try:
        _ACTIONS[action](detail)
    except PromptRefusedError as error:
        scheduled = action == "publish" and request.form.get("then") == "at"
        place = f"publish-{request.form.get('version')}" if scheduled else "page"
        return prompt_page(detail, 400, wrong={place: refused(error.reasons)})
    return to_prompt(key, language, request.form.get("words", ""))


def _publish(detail: EntryDetail) -> None:
    version = version_of(detail, request.form.get("version", type=int))
    then = request.form.get("then", "now")
    from_at = wanted_at() if then == "at" else None
    pikett().prompts.publish(version, current_person(), from_at)
    tell(then, version, from_at)


def _confirm(detail: EntryDetail) -> None:
    version = version_of(detail, request.form.get("version", type=int))
    number = pikett().prompts.confirm(version, current_person())
    flash(words()("prompts.done.confirmed", number=number))


def _discard(detail: EntryDetail) -> None:
    version = version_of(detail, request.form.get("version", type=int))
    pikett().prompts.discard(version, current_person())
    flash(words()("prompts.done.discarded", number=version))


def _withdraw(detail: EntryDetail) -> None:
    number = request.form.get("publication", type=int)
    if number not in {each.id for each in detail.publications}:
        raise PromptRefusedError(Reason("no_such_publication"))
    pikett().prompts.withdraw(number or 0, current_person())
    flash(words()("prompts.done.withdrawn"))


def _roll_back(detail: EntryDetail) -> None:
    said, entry = request.form.get("words", ""), detail.entry
    before = pikett().prompts.roll_back(
        entry.key, entry.language, said, current_person(), seen=_seen()
    )
    key = "prompts.done.back" if before is not None else _reset_key(said)
    flash(words()(key, number=before))


def _reset(detail: EntryDetail) -> None:
    said, entry = request.form.get("words", ""), detail.entry
    pikett().prompts.reset(entry.key, entry.language, said, current_person(), seen=_seen())
    flash(words()(_reset_key(said)))


_ACTIONS: Mapping[str, Callable[[EntryDetail], None]] = {
    "publish": _publish,
    "withdraw": _withdraw,
    "roll-back": _roll_back,
    "reset": _reset,
    "confirm": _confirm,
    "discard": _discard,
}


def _seen() -> int | None:
    """The version in use on the page whose button was pressed."""
    return request.form.get("seen", type=int)


def _reset_key(said: str) -> str:
    return "prompts.done.synthesised" if said else "prompts.done.reset"


def wanted_at() -> datetime:
    """The provider's wall time, as browsers send it."""
    try:
        wanted = parse_moment(request.form.get("from_at", "").strip())
    except ValueError:
        raise PromptRefusedError(Reason("from_at")) from None
    if wanted < pikett().clock.now():
        raise PromptRefusedError(Reason("in_the_past"))
    return wanted


def tell(then: str, number: int, from_at: datetime | None) -> None:
    """What happened to the version."""
    if from_at is not None:
        at = f"{local_time(from_at):%d.%m.%Y %H:%M}"
        flash(words()("prompts.done.at", number=number, at=at))
    else:
        flash(words()(f"prompts.done.{'draft' if then == 'draft' else 'now'}", number=number))
