"""Cards of the service desk for tests: calls that reach the desk, and agents at it."""

import itertools
import re
from datetime import datetime, timedelta
from typing import Any

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered, MessageRecorded, RecordingEnd
from ivr.callflow.support_session import State
from ivr.desk.card import Missing, Writing
from ivr.desk.questions import Question
from ivr.services.calls import Reply
from ivr.services.desk import NotReadyError
from ivr.services.desk_records import Agent, CardRecord
from ivr.services.desk_sight import Sight
from ivr.services.reports import DialReport, DialStatus
from tests.service.codes import customer_id
from tests.service.conftest import Telephone, legs_of
from tests.service.console import Browser

MIA, NOAH = Agent(101, "Mia Keller"), Agent(102, "Noah Frei")
PRO, PREMIUM, FRENCH = "+41440001009", "+41440001001", "+41440001010"
UNKNOWN = "+41446681299"
CALL_BACK = "+41446681800"
SUNDAY_NIGHT = datetime.fromisoformat("2026-11-22T22:00:00+01:00")
KEY_DESK = {"number": "+41440009009", "name": "Service-Desk", "accept": "key"}
_calls = itertools.count(1)


def call_desk(app: Application, caller: str = PRO) -> Reply:
    """A caller who asked for the desk; its telephone rings."""
    return to_desk(app, Telephone(app, f"desk-{next(_calls)}", app.clock.now(), caller))


def to_desk(app: Application, telephone: Telephone) -> Reply:
    """From the beginning of the call to the ringing desk."""
    reply = telephone.begin()
    while reply.state != State.RINGING_DESK:
        key = "1" if reply.state == State.CHOOSING_LANGUAGE else "0"
        waits = reply.state == State.HEARING_NOTICE
        report = telephone.answer(reply) if waits else DigitsEntered(telephone.at, key)
        reply = app.calls.report(reply.leg_id, reply.turn, report)
    return reply


def card_of(app: Application, call_id: str) -> CardRecord:
    with app.storage.reading() as uow:
        found = uow.desk.find_of_call(call_id)
    assert found is not None
    return found


def overflow(app: Application, caller: str = PRO) -> str:
    """The card of a fresh call that rings the desk."""
    return card_of(app, call_desk(app, caller).call_id).id


def direct(app: Application, number: str | None = "11009") -> str:
    """The card of a caller who dialled the desk itself and said how to call him back."""
    card_id = app.desk.open_direct(customer_id(app, number) if number else None)
    write(app, card_id, callback_number=CALL_BACK)
    return card_id


def told_ticket(app: Application) -> int:
    """A ticket of a direct call, with everything that the agent typed."""
    card_id = direct(app)
    write(app, card_id, caller_name="Frau <Huber>", words="Telefon tot & still")
    return int(app.desk_orders.take_ticket(card_id, MIA))


TOLD_SHOWN = (
    "Anliegen: „Telefon tot &amp; still“",
    "Frau &lt;Huber&gt;, ",
    f'<a href="tel:{CALL_BACK}">Rückruf +41 44 668 18 00</a>',
)


def explain(app: Application, card_id: str, agent: Agent = MIA) -> None:
    notice = app.desk.view(card_id).notice
    assert notice is not None
    app.desk.explain(card_id, agent, notice.sha256)


def explain_in_full(app: Application, card_id: str, agent: Agent = MIA) -> None:
    """Read out, and the seconds after it waited (B.8)."""
    explain(app, card_id, agent)
    pass_seconds(app, 6)


ALL_RIGHT = dict.fromkeys(Question, True)
MARKED = {f"answer_{each}": "yes" for each in Question}
"""As a browser sends them."""


def ask(app: Application, card_id: str, agent: Agent = MIA) -> None:
    """All questions, answered rightly."""
    app.desk_checks.answer(card_id, agent, ALL_RIGHT)


def answered(app: Application, reply: Reply) -> str:
    """A queue has put the caller through to some agent; his card."""
    app.calls.begin_leg(legs_of(reply)[0].attempt_id, app.clock.now())
    return card_of(app, reply.call_id).id


def unreached(app: Application, name: str) -> Reply:
    """An order by telephone that no technician took: the desk rings."""
    reply = Telephone(app, name).ring()
    at = app.clock.now() + timedelta(seconds=60)
    while reply.state != State.RINGING_DESK:
        report = DialReport(at, DialStatus.NO_ANSWER, 0, {})
        reply = app.calls.report(reply.leg_id, reply.turn, report)
    return reply


def left_words(app: Application, caller: str) -> Reply:
    """Nobody at the desk takes the call, and the caller leaves a message."""
    reply, at = call_desk(app, caller), app.clock.now() + timedelta(seconds=60)
    unheard = DialReport(at, DialStatus.NO_ANSWER)
    reply = app.calls.report(reply.leg_id, reply.turn, unheard)
    words = MessageRecorded(at, "file:words.wav", 6.0, RecordingEnd.KEY)
    return app.calls.report(reply.leg_id, reply.turn, words)


def prepare(app: Application, card_id: str, agent: Agent = MIA) -> Sight:
    """Everything an order needs: questions answered, notice read out, the seconds after it over."""
    ask(app, card_id, agent)
    explain_in_full(app, card_id, agent)
    return app.desk.view(card_id)


def pass_seconds(app: Application, seconds: float) -> None:
    app.clock.at += timedelta(seconds=seconds)  # type: ignore[attr-defined]


def write(app: Application, card_id: str, agent: Agent = MIA, **fields: str) -> None:
    """Keep these fields, whatever was there before."""
    was = Writing()
    app.desk.save(card_id, agent, was, Writing(**fields), None)


def refusal(do: Any, *given: Any) -> tuple[Missing, ...]:
    """What the service says is missing."""
    try:
        do(*given)
    except NotReadyError as error:
        return error.missing
    raise AssertionError("nothing was missing")


def hidden(page: str) -> dict[str, str]:
    """What a browser would send with the form of a card."""
    found = {
        name: value.replace("&#34;", '"')
        for name, value in re.findall(
            r'<textarea hidden name="(was_\w+)">\n([^<]*)</textarea>', page
        )
    }
    notice = re.search(r'name="notice" value="([0-9a-f]{64})"', page)
    language = re.search(r'name="language" value="(\w*)"', page)
    mine = {name.removeprefix("was_"): value for name, value in found.items()}
    return (
        found
        | mine
        | ({"notice": notice[1]} if notice else {})
        | ({"language": language[1]} if language else {})
    )


def press(browser: Browser, card_id: str, do: str, **typed: str) -> Any:
    """A button of the card as its page is now, with what was typed into it."""
    page = browser.get(f"/console/desk/{card_id}").get_data(as_text=True)
    return browser.post(f"/console/desk/{card_id}", hidden(page) | typed | {"do": do})
