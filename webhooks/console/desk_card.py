"""One card: what it shows, and what each of its buttons does."""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.callflow.prompts import Language
from ivr.consent.chain import digest
from ivr.desk.card import FIELDS, Check, Missing, Writing, callback_number, wait
from ivr.desk.questions import MAX_CODES, MIN_QUESTIONS, Question, read
from ivr.numbers.caller_id import international
from ivr.services.desk import NotReadyError, writing_of
from ivr.services.desk_board import seconds_since
from ivr.services.desk_records import Agent, FoundCustomer
from ivr.services.desk_sight import Sight
from webhooks.console.access import audit, current_person
from webhooks.console.desk_told import if_asked, say, spoken_language, ticket_link
from webhooks.console.pages import render, words
from webhooks.console.words import texts
from webhooks.container import pikett

LATER = {Missing.TOO_SOON, Missing.CALLBACK}
"""Passes by itself, or is typed and sent by the very button, so it can be pressed already."""

NO_OFFER = (Missing.CUSTOMER, Missing.LOCATION, Missing.CONTRACT)
"""Without these there is nothing to offer; said where the offer would stand."""

DONE_ASKING = ("questions", "explained", "call_out")
"""Buttons that mean that every question has been put."""

KEEPING = ("save", "search")
"""Buttons that only keep what was typed."""

Button = Callable[[str, Agent], object]


def sight_of(card_id: str) -> Sight:
    """The card, or a page that says there is none."""
    try:
        return pikett().desk.view(card_id)
    except LookupError:
        abort(404)


def note(action: str, card_id: str, detail: str = "") -> None:
    """Into the audit log, under the number of the card and of the customer it has by now."""
    sight = sight_of(card_id)
    customer = f", {sight.customer.number}" if sight.customer else ""
    audit(action, f"card {sight.card.number or '–'}{customer}", detail)


def page(
    sight: Sight,
    status: int = 200,
    *,
    asked: str = "",
    typed: Writing | None = None,
    wrong: dict[str, str] | None = None,
    conflicts: tuple[str, ...] = (),
) -> Response:
    """The card; `typed` is what the browser sent and is not stored."""
    stored = writing_of(sight.card)
    values = {
        "was": stored,
        "writing": typed or stored,
        "fields": FIELDS,
        "wrong": wrong or {},
        "conflicts": conflicts,
        "asked": asked,
        "found": _found(sight, asked),
        "languages": list(Language),
        "place_names": {
            str(place.id): place.name
            for place in (sight.customer.locations if sight.customer else ())
        },
        "shown_number": international(number) if (number := sight.call.caller_number) else "",
    }
    values |= glance_values(sight, None) | settled_values(sight) | _steps(sight)
    return render("desk/card.html", status, **values)


def settled_values(sight: Sight) -> dict[str, Any]:
    """What came of the card, and what the caller is told; anew when the search comes to something."""
    return {
        "say": say(sight),
        "say_language": spoken_language(sight),
        "order": pikett().desk_withdrawals.running(sight.card.id),
        "can_change": sight.card.closed_at is None,
        "ticket_link": ticket_link,
    }


def _steps(sight: Sight) -> dict[str, Any]:
    """What the agent does next: check, read out, wait, ask, order, or take back."""
    is_open = not sight.is_decided
    failed = sight.card.check_result is Check.FAILED
    asks = is_open and not sight.facts.ordered_by_phone
    return {
        "is_open": is_open,
        "asks": asks,
        "reads": asks and sight.conditions is not None and not failed,
        "hint": _hint(sight) if asks else None,
        "if_asked": if_asked(sight),
        "marks": read(sight.card.answers),
        "can_ask": len(sight.questions) >= MIN_QUESTIONS,
        "tries": max(MAX_CODES - sight.card.wrong_codes, 0),
        "wait": ceil(wait(sight.facts, sight.at).total_seconds()),
        "ask": texts(sight.notice.language)["desk.ask_agreed"] if sight.notice else "",
        "is_possible": not set(sight.missing) - LATER,
    }


def _hint(sight: Sight) -> str | None:
    """Why there is no offer; one sentence, and the only one about it."""
    if sight.card.check_result is Check.FAILED:
        return "desk.missing_check_failed"
    if sight.conditions is not None:
        return None
    found = [each for each in sight.missing if each in NO_OFFER]
    return f"desk.offer_needs_{found[0]}" if found else "desk.offer_none_help"


def _found(sight: Sight, asked: str) -> Sequence[FoundCustomer]:
    """What was searched for, else whose number it is."""
    if asked:
        return pikett().desk.search(asked)
    return () if sight.customer is not None else pikett().desk.suggest(sight.card.id)


def glance_values(sight: Sight, version: str | None) -> dict[str, Any]:
    """What the page asks for again and again; `version` is what it was made of."""
    person = current_person()
    agent = Agent(person.id, person.name)
    shown = version or str(sight.card.version)
    is_changed = shown != str(sight.card.version) and sight.card.changed_by != person.name
    line = pikett().desk_board.line(sight.standing, ended=sight.call.ended_at is not None)
    others = pikett().desk.see(sight.card.id, agent)
    waiting = [each for each in pikett().desk_duty.waiting() if each.id != sight.card.id]
    search = sight.search_for_caller
    known = (search, sight.disturbances)
    return {
        "sight": sight,
        "card": sight.card,
        "line": line,
        "seconds": seconds_since(sight.standing, pikett().clock.now()),
        "others": others,
        "waiting": waiting,
        "taken_by": sight.card.taken_name if sight.card.taken_by != person.id else None,
        "version": shown,
        "is_changed": is_changed,
        "is_told": pikett().desk_duty.duty(agent) is not None,
        "searched": f"{search.state}" if search is not None else "",
        "seen": digest(repr((line, others, waiting, is_changed, sight.card.outcome, known)))[:16],
    }


def act(card_id: str, agent: Agent) -> AnyResponse:
    """Keep what was typed, then do what the button says."""
    was, mine = _writing("was_"), _writing("")
    if mine.callback_number.strip() and callback_number(mine.callback_number) is None:
        wrong = {"callback_number": "desk.callback_wrong"}
        return page(sight_of(card_id), 400, typed=mine, wrong=wrong)
    try:
        merged = pikett().desk.save(card_id, agent, was, mine, _preconditions())
        if mine != was:
            note("desk_saved", card_id, ", ".join(_changed(was, mine)))
        if merged.conflicts:
            return page(sight_of(card_id), 409, typed=mine, conflicts=merged.conflicts)
        _keep_marks(card_id, agent)
        _press(card_id, agent)
        if sight_of(card_id).card.taken_by is None:
            pikett().desk_duty.take(card_id, agent)
    except NotReadyError as error:
        for each in error.missing:
            if each is not Missing.CALLBACK:
                flash(words()(f"desk.missing_{each}"), "warning")
        if Missing.CALLBACK in error.missing and _pressed() in ("ticket", "call_out"):
            wrong = {"callback_number": "desk.missing_callback"}
            return page(sight_of(card_id), 400, wrong=wrong)
    return redirect(url_for("desk.card", card_id=card_id, q=_search()), 303)


def _writing(prefix: str) -> Writing:
    return Writing(**{name: request.form.get(prefix + name, "") for name in FIELDS})


def _changed(was: Writing, mine: Writing) -> list[str]:
    """The fields, and not what stands in them."""
    return [name for name in FIELDS if getattr(was, name) != getattr(mine, name)]


def _preconditions() -> bool | None:
    """Both were ticked; None where they are not asked for."""
    if "asks_preconditions" not in request.form:
        return None
    return {"unreachable", "no_maintenance"} <= set(request.form)


def _marks() -> dict[Question, bool]:
    """What is marked as right or wrong."""
    typed = {each: request.form.get(f"answer_{each}") for each in Question}
    return {each: mark == "yes" for each, mark in typed.items() if mark in ("yes", "no")}


def _keep_marks(card_id: str, agent: Agent) -> None:
    """Each button keeps what was marked; the one of the questions has its own words about it."""
    pressed, marks = _pressed(), _marks()
    if not marks or pressed == "questions":
        return
    before = sight_of(card_id).card.check_result
    found = pikett().desk_checks.mark(card_id, agent, marks, final=pressed in DONE_ASKING)
    if found is not before and found is not Check.NONE:
        _note_answers(card_id)


def _note_answers(card_id: str) -> None:
    """The answers, and whether they were enough."""
    card = sight_of(card_id).card
    failed = card.check_result is Check.FAILED
    note("desk_failed" if failed else "desk_questions", card_id, card.answers)


def _search() -> str | None:
    """Typed into the search of the card; Enter there is as good as its button."""
    wanted = request.form.get("q", "").strip()
    return wanted[:80] if wanted and _pressed() in KEEPING else None


def _pressed() -> str:
    """Enter in the code's field sends the first button of the form and means the code."""
    pressed = request.form.get("do", "save")
    return "code" if pressed == "save" and request.form.get("code", "").strip() else pressed


def _press(card_id: str, agent: Agent) -> None:
    pressed = _pressed()
    if pressed in KEEPING:
        return
    name, _, value = pressed.partition(":")
    detail = ""
    if name == "customer" and value.isdecimal():
        _choose(card_id, agent, int(value))
    elif pressed == "code":
        detail = "right" if _check_code(card_id, agent) else "wrong"
    elif pressed == "explained":
        pikett().desk.explain(card_id, agent, request.form.get("notice", ""))
    elif pressed == "questions":
        pikett().desk_checks.answer(card_id, agent, _marks())
        _note_answers(card_id)
        return
    elif pressed in _buttons():
        _buttons()[pressed](card_id, agent)
    else:
        abort(400)
    note(f"desk_{name}", card_id, detail)


def _buttons() -> dict[str, Button]:
    checks, orders = pikett().desk_checks, pikett().desk_orders
    return {
        "failed": checks.fail,
        "call_out": orders.call_out,
        "ticket": orders.take_ticket,
        "withdraw": orders.withdraw,
        "refuse": orders.refuse,
        "resume": orders.resume,
        "alert": orders.alert_again,
        "take_back": pikett().desk_withdrawals.withdraw,
    }


def _choose(card_id: str, agent: Agent, customer_id: int) -> None:
    try:
        pikett().desk.choose_customer(card_id, agent, customer_id)
    except LookupError:
        abort(404)


def _check_code(card_id: str, agent: Agent) -> bool:
    """The card itself says what came of it, in one wording for unknown, wrong and locked (B.7)."""
    return pikett().desk_checks.check_code(card_id, agent, request.form.get("code", ""))
