"""The database locked or gone in the middle of a call: an apology and the desk, then on as before.

On Asterisk the conversation leaves the caller to the dialplan's fallback, which needs nothing of
ours; on Twilio the answer itself apologises and dials the desk.
"""

import io
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.exc import SQLAlchemyError

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsTimedOut
from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.callflow.support_session import State
from ivr.callflow.technician_leg import State as LegState
from ivr.callflow.verbs import DialLeg
from ivr.storage import database as database_module
from ivr.storage import unit_of_work
from tests.service.captured_logs import captured_logs
from tests.service.conftest import CUSTOMER, Contents, OpenLine, Telephone, contents, legs_of
from tests.service.crew import crew
from tests.service.troubles import (
    LOCKED,
    TROUBLES,
    Asterisk,
    Bounded,
    Trouble,
    Twilio,
    make_trouble,
    nothing,
)

PATIENCE = {"sqlite": 0.3, "postgresql": 1}
"""Seconds, instead of five: the tests have no more patience than this."""
SLACK = 3
"""Seconds in which everything else of a conversation is done, on a busy machine too."""
SOON = Bounded(1 + SLACK)
CALLERS = 30
"""More than there are connections in the pool."""
DESK = "+41440009009"


@pytest.fixture(autouse=True)
def logs() -> Iterator[io.StringIO]:
    """Logged as in an installation."""
    with captured_logs() as stream:
        yield stream


@pytest.fixture(params=TROUBLES)
def trouble_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(trouble_name: str) -> str:
    """The kind of database the trouble is with; takes the place of the shared fixture."""
    return trouble_name.split(maxsplit=1)[0]


@pytest.fixture
def app(database: str, monkeypatch: pytest.MonkeyPatch, open_line: OpenLine) -> Application:
    """An impatient line."""
    for module in (database_module, unit_of_work):
        monkeypatch.setattr(module, "PATIENCE_SECONDS", PATIENCE[database])
    return open_line()


@pytest.fixture
def trouble(
    trouble_name: str, app: Application, request: pytest.FixtureRequest
) -> Iterator[Trouble]:
    made = make_trouble(trouble_name, app, request)
    yield made
    made.ends()


@pytest.mark.rule("B.15", "P.10")
def test_asterisk_gets_the_fallback_and_can_go_on(app: Application, trouble: Trouble) -> None:
    """The key 1 meets a database that is not there; told again afterwards, it orders."""
    stored: list[Contents] = []

    def begins() -> None:
        stored.append(contents(app))
        trouble.begins()

    asterisk = Asterisk(app, "1 1 -", key=begins)
    assert SOON(asterisk.turn) == "fallback"
    trouble.ends()
    assert [contents(app)] == stored
    assert asterisk.turn() == "dial"
    assert app.calls.current(asterisk.call_id).state == State.RINGING_TECHNICIANS


@pytest.mark.rule("B.15", "P.10")
def test_asterisk_gets_the_fallback_at_once(app: Application, trouble: Trouble) -> None:
    """A call that comes in meanwhile; there is no trace of it, and the next one is as always."""
    stored = contents(app)
    trouble.begins()
    asterisk = Asterisk(app, "1 -")
    assert SOON(asterisk.turn) == "fallback"
    trouble.ends()
    assert contents(app) == stored
    assert asterisk.turn() == "dial"


def _rung(app: Application, asterisk: Asterisk) -> DialLeg:
    assert asterisk.turn() == "dial"
    (leg,) = legs_of(app.calls.current(asterisk.call_id))
    return leg


def test_asterisk_connects_nobody_by_mistake(app: Application, trouble: Trouble) -> None:
    """Who presses 1 now is not connected: the acceptance could not be stored."""
    asterisk = Asterisk(app, "1 -")
    attempt = _rung(app, asterisk).attempt_id
    variables = SOON(partial(asterisk.screen, attempt, trouble.begins))
    assert variables["PIKETT_ACCEPTED"] == ""
    trouble.ends()
    _nobody_has_accepted(app, asterisk.call_id, attempt)
    assert asterisk.screen(attempt, nothing)["PIKETT_ACCEPTED"] == "1"


def _nobody_has_accepted(app: Application, call_id: str, attempt: str) -> None:
    assert app.calls.current(attempt).state == LegState.DECIDING
    with app.storage.reading() as uow:
        assert uow.calls.get(call_id).accepted_attempt is None


def test_asterisk_tells_the_end_of_a_bridge_once_more(app: Application, trouble: Trouble) -> None:
    asterisk = Asterisk(app, "1 -")
    asterisk.screen(_rung(app, asterisk).attempt_id, nothing)
    app.clock.advance(60)  # type: ignore[attr-defined]
    stored = contents(app)
    dial_ended = (asterisk.channel.variables["PIKETT_TURN"], "ANSWER", "60", "")
    trouble.begins()
    assert SOON(partial(asterisk.turn, *dial_ended)) == "fallback"
    trouble.ends()
    assert contents(app) == stored
    assert asterisk.turn(*dial_ended) == "done"
    _is_closed(app, asterisk.call_id, "bridged")


def _is_closed(app: Application, call_id: str, result: str) -> None:
    assert app.calls.current(call_id).over
    with app.storage.reading() as uow:
        assert uow.calls.summary(call_id).result == result


@pytest.mark.rule("B.15")
def test_a_message_that_cannot_be_stored_is_kept(app: Application, trouble: Trouble) -> None:
    """What the caller said on Asterisk becomes a ticket when the database is back."""
    asterisk = Asterisk(app, "4 message:12", message=trouble.begins)
    assert SOON(asterisk.turn) == "fallback"
    trouble.ends()
    (kept,) = app.settings.path("spool").iterdir()
    os.utime(kept, (0, 0))
    app.upkeep.round(app.clock.now())
    _is_closed(app, asterisk.call_id, "message")
    rows = contents(app)
    assert (len(rows["ticket"]), len(rows["recording"])) == (1, 1)
    assert not list(app.settings.path("spool").iterdir())


@pytest.mark.rule("B.15", "P.10")
def test_twilio_apologises_and_can_go_on(app: Application, trouble: Trouble) -> None:
    twilio = Twilio(app)
    action = twilio.question()
    stored = contents(app)
    trouble.begins()
    _apologises_and_rings_the_desk(app, SOON(partial(twilio.press, action)))
    trouble.ends()
    assert contents(app) == stored
    assert twilio.press(action).find("Gather") is not None
    assert app.calls.current(twilio.call_id).state == State.MAY_WITHDRAW


def _apologises_and_rings_the_desk(app: Application, document: ET.Element) -> None:
    said = [say.text for say in document.iter("Say")]
    words = (PromptKey.APOLOGY, PromptKey.CONNECTING_DESK)
    assert said[:2] == [app.catalogue.text(prompt(key, Language.DE)) for key in words]
    assert [number.text for number in document.findall("Dial/Number")] == [DESK]


@pytest.mark.rule("B.15", "P.10")
def test_twilio_apologises_at_once(app: Application, trouble: Trouble) -> None:
    stored = contents(app)
    trouble.begins()
    twilio = Twilio(app)
    _apologises_and_rings_the_desk(app, SOON(twilio.begin))
    trouble.ends()
    assert contents(app) == stored
    assert twilio.begin().find("Redirect") is not None


def test_twilio_connects_nobody_by_mistake(app: Application, trouble: Trouble) -> None:
    """Neither who picks up now nor who presses 1 now: their leg is let go."""
    twilio = Twilio(app)
    twilio.press(twilio.question())
    waiting = app.calls.current(twilio.call_id)
    passed = DigitsTimedOut(app.clock.now() + timedelta(seconds=30))
    (rung,) = legs_of(app.calls.report(waiting.leg_id, waiting.turn, passed))
    address = f"/twilio/leg/{rung.attempt_id}"
    action = twilio.action(twilio.post(address))
    trouble.begins()
    for request in (partial(twilio.post, address), partial(twilio.press, action)):
        assert [verb.tag for verb in SOON(request)] == ["Hangup"]
    trouble.ends()
    _nobody_has_accepted(app, twilio.call_id, rung.attempt_id)


@pytest.mark.parametrize("carrier", [Asterisk, Twilio])
def test_a_caller_who_hangs_up_at_the_desk_is_written_down(
    app: Application, trouble: Trouble, carrier: type
) -> None:
    """The database is back when his call ends."""
    call = _apologised_to(app, trouble, carrier)
    trouble.ends()
    call.ended()
    _is_closed(app, call.call_id, "abandoned")


@pytest.mark.parametrize("carrier", [Asterisk, Twilio])
def test_a_hang_up_that_cannot_be_stored_is_told_later(
    app: Application, trouble: Trouble, carrier: type
) -> None:
    """The database comes back after the call has ended; the worker hears of it then."""
    call = _apologised_to(app, trouble, carrier)
    SOON(call.ended)
    trouble.ends()
    assert not app.calls.current(call.call_id).over
    ended_at = app.clock.now()
    app.upkeep.round(ended_at + timedelta(minutes=10))
    _is_closed(app, call.call_id, "abandoned")
    with app.storage.reading() as uow:
        assert uow.calls.get(call.call_id).ended_at == ended_at.replace(microsecond=0)


def _apologised_to(app: Application, trouble: Trouble, carrier: type) -> Asterisk | Twilio:
    if carrier is Asterisk:
        asterisk = Asterisk(app, "1", key=trouble.begins)
        assert asterisk.turn() == "fallback"
        return asterisk
    twilio = Twilio(app)
    action = twilio.question()
    trouble.begins()
    twilio.press(action)
    return twilio


@pytest.mark.rule("P.10")
@pytest.mark.parametrize("trouble_name", LOCKED, indirect=True)
def test_many_at_once_are_all_told_soon(app: Application, trouble: Trouble) -> None:
    """Whoever has to wait for his turn, or for a connection, waits at most as long again."""
    calls = [Telephone(app, f"call-{number}") for number in range(CALLERS)]
    waiting = [(each, each.wait_for(State.CONFIRMING)) for each in calls]
    answers = [(reply.leg_id, reply.turn, each.answer(reply)) for each, reply in waiting]
    trouble.begins()

    def press(*answer: object) -> None:
        with pytest.raises(SQLAlchemyError):
            app.calls.report(*answer)

    with crew(CALLERS) as together:
        soon = Bounded(2 + SLACK)
        soon(lambda: together([partial(press, *answer) for answer in answers]))


@pytest.mark.rule("P.10")
@pytest.mark.parametrize("trouble_name", LOCKED, indirect=True)
def test_nobody_waits_much_longer_than_five_seconds(
    request: pytest.FixtureRequest, trouble_name: str, open_line: OpenLine
) -> None:
    """With the patience of an installation, on both channels at once."""
    app = open_line()
    trouble = make_trouble(trouble_name, app, request)
    within = Bounded(5 + SLACK)
    asterisk, twilio = Asterisk(app, "1"), Twilio(app)
    action = twilio.question()
    trouble.begins()
    with crew(2) as together:
        jobs = [asterisk.turn, partial(twilio.press, action)]
        next_step, document = within(lambda: together(jobs))
    trouble.ends()
    assert within.took > 4, "this lock was not waited for"
    assert next_step == "fallback"
    _apologises_and_rings_the_desk(app, document)


@pytest.mark.rule("B.11")
def test_the_log_names_the_trouble_and_nobody(
    app: Application, trouble: Trouble, logs: io.StringIO
) -> None:
    """An error with its trace, but neither a number nor what a statement was given."""
    Asterisk(app, "1", key=trouble.begins).turn()
    assert '"event": "agi_failed"' in logs.getvalue()
    assert "sqlalchemy" in logs.getvalue()
    assert CUSTOMER not in logs.getvalue()
