"""The emergency form at /notfall (seed 003): filled in, checked, shown once more, ordered.

It knows no login: the support code proves who sends it. Whatever is wrong, all that was typed is kept
but the PIN, and every answer names the telephone, so that nobody stands at a dead end.
"""

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.wrappers import Response as AnyResponse

from ivr.callflow import codec
from ivr.numbers.caller_id import international
from ivr.services.callback_form import (
    MAX_WORDS,
    QUESTIONS,
    TRAP,
    WORDS,
    Typed,
    parse_form,
    problems_of,
)
from ivr.services.callback_orders import (
    FormExpiredError,
    FormRefusedError,
    PriceChangedError,
    Summary,
    TooManyError,
)
from ivr.services.callback_store import FormRequest
from webhooks.console.session import source_of_request
from webhooks.console.words import LANGUAGES, translator, wanted_language
from webhooks.container import pikett
from webhooks.tickets import links

blueprint = Blueprint(
    "notfall",
    __name__,
    url_prefix="/notfall",
    template_folder="templates",
    static_folder="static",
)
KEPT = "notfall"
MOST_KEPT = 5
"""So many checked forms one browser may have open."""


@blueprint.get("")
def form() -> AnyResponse:
    """Empty, or with what was typed before for whoever wants to change it."""
    before = _summary(request.args.get("change", ""))
    typed = _typed_before(before.request) if isinstance(before, Summary) else Typed()
    return _form(typed, {}, 200)


@blueprint.post("")
def send() -> AnyResponse:
    """What is wrong stands beside its field; a checked form is shown once more before it is ordered."""
    app, typed, now = pikett(), parse_form(request.form), pikett().clock.now()
    if app.emergency_forms.offered(_language(), now) is None:
        return _form(typed, {}, 404)
    if not _is_own():
        return _form(typed, {}, 400, "notfall.error.form")
    if problems := problems_of(typed):
        return _form(typed, problems, 422)
    try:
        checked = app.emergency_forms.check(typed, _language(), source_of_request(), now)
    except FormRefusedError as error:
        status = 429 if isinstance(error, TooManyError) else 422
        return _form(typed, {}, status, error.key)
    session[KEPT] = [*session.get(KEPT, ()), checked][-MOST_KEPT:]
    return redirect(url_for("notfall.confirm", request_id=checked, lang=_language()), 303)


@blueprint.get("/<request_id>")
def confirm(request_id: str) -> AnyResponse:
    """All facts, the price at the button, and the ways back."""
    found = _summary(request_id)
    if not isinstance(found, Summary):
        return found
    if found.request.ticket_number is not None:
        return _to_status(found.request.ticket_number)
    return _confirm(found, 200)


@blueprint.post("/<request_id>")
def decide(request_id: str) -> AnyResponse:
    """Order, or withdraw; a second time it is the same order."""
    found = _summary(request_id, anew=False)
    if not isinstance(found, Summary):
        return found
    if not _is_own():
        return _confirm(found, 400, "notfall.error.form")
    app, now = pikett(), pikett().clock.now()
    if request.form.get("action") == "withdraw" and found.request.ticket_number is None:
        app.emergency_forms.withdraw(request_id, now)
        return _told("notfall.withdrawn", 200)
    try:
        taken = app.emergency_forms.order(request_id, _place(), now)
    except PriceChangedError:
        now_is = _summary(request_id)
        return (
            _confirm(now_is, 409, "notfall.error.price") if isinstance(now_is, Summary) else now_is
        )
    except TooManyError as error:
        return _confirm(found, 429, error.key)
    except FormExpiredError:
        return _told("notfall.expired", 410)
    return _to_status(taken.ticket, already=taken.already)


def _place() -> int | None:
    chosen = request.form.get("location", "")
    return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None


def _summary(request_id: str, *, anew: bool = True) -> Summary | Response:
    """A form that this browser has sent; else a page that says how to begin anew."""
    if request_id not in session.get(KEPT, ()):
        return _told("notfall.expired", 410)
    try:
        return pikett().emergency_forms.summary(request_id, pikett().clock.now(), anew=anew)
    except FormExpiredError:
        return _told("notfall.expired", 410)


def _typed_before(known: FormRequest) -> Typed:
    """The words were put together and stay so; the answers are asked for again."""
    words = {"what": known.words}
    return Typed(name=known.name, email=known.email, phone=international(known.number), words=words)


def _to_status(ticket: int, *, already: bool = False) -> AnyResponse:
    token = pikett().links.customer(ticket).rpartition("/")[2]
    if already:
        session["callback_told"] = [token, "notfall.already"]
    return redirect(url_for("customer.show", token=token), 303)


def _is_own() -> bool:
    """Sent by the page that this browser was shown."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValueError:  # that of wtforms
        return False
    return True


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else wanted_language()


def _form(typed: Typed, problems: Mapping[str, str], status: int, wrong: str = "") -> Response:
    offered = pikett().emergency_forms.offered(_language(), pikett().clock.now())
    if offered is None:
        return _told("notfall.not_offered", 404)
    return _page(
        "emergency/form.html",
        status,
        typed=typed,
        problems=problems,
        wrong=wrong,
        offered=offered,
        questions=QUESTIONS,
        words=WORDS,
        most=MAX_WORDS,
        trap=TRAP,
    )


def _confirm(found: Summary, status: int, wrong: str = "") -> Response:
    """In the language in which it was filled in: its words, as of then, are what is sealed."""
    prompts = codec.from_json(found.request.notice)
    text = " ".join(pikett().catalogue.text(prompt) for prompt in prompts)
    return _page(
        "emergency/confirm.html",
        status,
        found.request.language,
        found=found,
        text=text,
        wrong=wrong,
        number=international(found.request.number),
    )


def _told(key: str, status: int) -> Response:
    return _page("emergency/told.html", status, key=key)


def _page(template: str, status: int, language: str = "", /, **values: object) -> Response:
    language = language or _language()
    settings = pikett().settings
    desk = settings.desk.number
    generate_csrf()
    return links.page(
        template,
        language,
        status,
        **values,
        languages={each: translator(each)("notfall.language") for each in LANGUAGES},
        line=settings.line.number,
        line_shown=international(settings.line.number),
        desk=desk if desk.startswith("+") else "",
        desk_shown=international(desk) if desk.startswith("+") else "",
    )
