"""The line phones itself over Twilio, and a trial call before a duty: requests, keys, ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.services.selftest_store import CheckState, RunState, Step
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.lab.fake_twilio import FakeTwilio
from tests.service.conftest import Telephone, legs_of
from tests.service.trying import CALLER, SELFTEST, only_run, work
from tests.service.twilio_fake import with_twilio
from tests.wiring import TWILIO

BASE = "https://pikett.example/twilio"
SID = "CA" + "e" * 32


@pytest.fixture
def wired(
    data_dir: Path, clock: FrozenClock, notebook: Notebook
) -> Iterator[tuple[Application, FakeTwilio]]:
    given = {"clock": clock, "ids": CountedIds(), "observer": notebook, "selftest": SELFTEST}
    with with_twilio(data_dir, **given) as both:
        yield both


@pytest.fixture
def app(wired: tuple[Application, FakeTwilio]) -> Application:
    return wired[0]


@pytest.fixture
def twilio(wired: tuple[Application, FakeTwilio]) -> FakeTwilio:
    return wired[1]


def placed(app: Application, clock: FrozenClock) -> None:
    app.selftest.plan("twilio", clock.now())
    work(app, clock)


def arrives(app: Application, clock: FrozenClock) -> Telephone:
    """The other end of the call, as the signed webhook of the number tells it."""
    return Telephone(app, SID, clock.now(), CALLER, "twilio")


def test_the_call_is_asked_for_as_the_test_customer(
    app: Application, twilio: FakeTwilio, clock: FrozenClock
) -> None:
    placed(app, clock)
    run, call = only_run(app), twilio.the_call()
    assert (call.first("To"), call.first("From")) == (app.settings.line.number, CALLER)
    assert call.first("Url") == f"{BASE}/selftest/{run.id}"
    assert call.first("FallbackUrl") == f"{BASE}/selftest/{run.id}/again"
    assert call.first("StatusCallback") == f"{BASE}/selftest-status/{run.id}"
    assert int(call.first("TimeLimit")) > app.settings.selftest.within_seconds
    assert run.provider_id == call.sid


def test_the_caller_presses_the_keys_and_stays(
    app: Application, twilio: FakeTwilio, clock: FrozenClock
) -> None:
    placed(app, clock)
    call = twilio.the_call()
    call.status = "in-progress"
    twilio._fetch(call, call.first("Url"))
    (document,) = call.documents
    assert f'digits="{app.settings.selftest.keys}"' in document
    assert f'<Pause length="{app.settings.selftest.within_seconds}"' in document


def test_a_run_that_is_over_or_guessed_presses_nothing(
    app: Application, twilio: FakeTwilio, clock: FrozenClock
) -> None:
    placed(app, clock)
    call = twilio.the_call()
    twilio._fetch(call, f"{BASE}/selftest/guessed")
    assert "digits" not in call.documents[0]
    form = {"AccountSid": TWILIO["account_sid"], "CallStatus": "completed"}
    for path in ("selftest/x", "selftest/x/again", "selftest-status/x"):
        assert twilio.webhook(f"{BASE}/{path}", form, "guessed")[0] == 403


def test_it_passes_and_the_call_is_ended(
    app: Application, twilio: FakeTwilio, clock: FrozenClock
) -> None:
    """The webhook of the number marks the call; the test telephone answers."""
    placed(app, clock)
    call = twilio.the_call()
    call.status = "in-progress"
    form = {"AccountSid": TWILIO["account_sid"], "CallSid": SID, "From": CALLER, "To": "x"}
    assert twilio._post(f"{BASE}/voice", form)[0] == 200
    reply = app.calls.current(app.calls.find("twilio", SID) or "")
    phone = arrives(app, clock)
    while reply.state != State.RINGING_TECHNICIANS:
        phone.at = clock.now()
        reply = app.calls.report(reply.leg_id, reply.turn, phone.answer(reply))
        clock.at = phone.at
    (leg,) = legs_of(reply)
    assert leg.number == SELFTEST["technician"]
    app.calls.begin_leg(leg.attempt_id, clock.now())
    work(app, clock, 3)
    run = only_run(app)
    assert (run.state, run.channel) == (RunState.PASSED, "twilio")
    assert call.status == "completed"


@pytest.mark.parametrize("word", ["busy", "failed", "no-answer", "canceled"])
def test_a_number_that_does_not_lead_to_the_line_fails_at_once(
    word: str, app: Application, twilio: FakeTwilio, clock: FrozenClock, notebook: Notebook
) -> None:
    placed(app, clock)
    twilio.end(twilio.the_call(), word)
    work(app, clock)
    run = only_run(app)
    assert (run.state, run.step) == (RunState.FAILED, Step.ARRIVED)
    assert [what for what, _ in notebook.troubles] == ["selftest_failed"]


def test_an_account_that_refuses_the_caller_number_fails_at_once(
    app: Application, twilio: FakeTwilio, clock: FrozenClock
) -> None:
    twilio.refusals[app.settings.line.number] = (400, 21210)
    placed(app, clock)
    run = only_run(app)
    assert (run.step, run.reason) == (Step.PLACED, "Twilio answered 400, code 21210")


@pytest.mark.parametrize(
    ("keys", "state"),
    [("1", CheckState.CONFIRMED), ("91", CheckState.CONFIRMED), ("", CheckState.NO_KEY)],
)
def test_a_technician_confirms_his_telephone(
    keys: str, state: CheckState, app: Application, twilio: FakeTwilio, clock: FrozenClock
) -> None:
    check_id = app.readiness_watch.check("Anna Meier", clock.now())
    work(app, clock)
    call = twilio.the_call()
    assert call.first("To") == "+41440009001"
    twilio.picks_up(call, keys)
    assert "Drücken Sie eins" in call.documents[0]
    found = app.readiness.find(check_id)
    assert found is not None
    assert found.state is state


def test_a_technician_who_is_busy_is_told_of(
    app: Application, twilio: FakeTwilio, clock: FrozenClock
) -> None:
    check_id = app.readiness_watch.check("Anna Meier", clock.now())
    work(app, clock)
    twilio.end(twilio.the_call(), "busy")
    found = app.readiness.find(check_id)
    assert found is not None
    assert found.state is CheckState.BUSY
