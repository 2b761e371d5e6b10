"""Calls of the line's own over Twilio: every request fits Twilio's description, every fault is met."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.bootstrap import Application
from ivr.callflow.facts import PageResult
from ivr.services.outbound import OutboundCall, OutboundError, Telephone
from ivr.services.reports import DialStatus
from ivr.telephony.pace import Pace
from ivr.telephony.twilio_calls import TwilioTelephone
from ivr.telephony.twilio_http import open_client
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.lab.fake_twilio import FakeTwilio, check_documented, check_form
from tests.lab.processes import free_port
from tests.service.paged import Pager
from tests.service.twilio_fake import with_twilio
from tests.wiring import TWILIO

ANNA = "+41440009001"
CALL = OutboundCall("a1", ANNA, 25, 120, "alert_call")


@pytest.fixture
def wired(
    data_dir: Path, clock: FrozenClock, notebook: Notebook
) -> Iterator[tuple[Application, FakeTwilio]]:
    with with_twilio(data_dir, clock=clock, ids=CountedIds(), observer=notebook) as both:
        yield both


@pytest.fixture
def app(wired: tuple[Application, FakeTwilio]) -> Application:
    return wired[0]


@pytest.fixture
def twilio(wired: tuple[Application, FakeTwilio]) -> FakeTwilio:
    return wired[1]


@pytest.fixture
def telephone(app: Application) -> Telephone:
    (telephone,) = app.telephones
    return telephone


@pytest.fixture
def pager(app: Application) -> Pager:
    return Pager(app)


def place(pager: Pager) -> str:
    """A page is placed; its id."""
    page = pager.page()
    (telephone,) = pager.app.telephones
    telephone.place(replace(CALL, id=page))
    return page


# What is asked of Twilio ----------------------------------------------------------------------------


def test_a_call_is_asked_for_with_everything_that_bounds_it(
    telephone: Telephone, twilio: FakeTwilio
) -> None:
    sid = telephone.place(CALL)
    call = twilio.calls[sid]
    base = "https://pikett.example/twilio"
    assert {name: values[0] for name, values in call.form.items()} == {
        "To": ANNA,
        "From": "+41440001100",
        "Url": f"{base}/page/a1",
        "Method": "POST",
        "FallbackUrl": f"{base}/page/a1/again",
        "FallbackMethod": "POST",
        "StatusCallback": f"{base}/page-status/a1",
        "StatusCallbackEvent": "completed",
        "StatusCallbackMethod": "POST",
        "Timeout": "25",
        "TimeLimit": "120",
    }
    assert telephone.name == "twilio"


def test_it_can_be_asked_for_and_ended(telephone: Telephone, twilio: FakeTwilio) -> None:
    sid = telephone.place(CALL)
    twilio.rings(twilio.calls[sid])
    assert telephone.is_up("a1", sid) is True
    telephone.hang_up("a1", sid)
    assert twilio.calls[sid].status == "canceled"
    assert telephone.is_up("a1", sid) is False
    telephone.hang_up("a1", sid)


def test_a_call_that_twilio_does_not_know_is_over(telephone: Telephone) -> None:
    unknown = "CA" + "f" * 32
    assert telephone.is_up("a1", unknown) is False
    telephone.hang_up("a1", unknown)


def test_without_a_sid_nobody_can_tell_and_nothing_is_sent(
    telephone: Telephone, twilio: FakeTwilio
) -> None:
    for sid in (None, "", "CA1", "../Messages"):
        assert telephone.is_up("a1", sid) is None
        telephone.hang_up("a1", sid)
    assert twilio.requests == []


@pytest.mark.parametrize("number", ["201", "117", "+0", "", "+41440009001;ext=1", "client:anna"])
def test_only_numbers_are_rung(number: str, telephone: Telephone, twilio: FakeTwilio) -> None:
    """An extension can be reached by the other telephone."""
    with pytest.raises(OutboundError) as caught:
        telephone.place(replace(CALL, number=number))
    assert caught.value.retry
    assert twilio.requests == []


# Faults ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "retry"),
    [
        (429, 20429, True),
        (500, 20500, True),
        (401, 20003, True),
        (400, 21215, True),
        (400, 21211, False),
        (400, 21214, False),
    ],
)
def test_what_twilio_refuses_is_one_error_without_the_number(
    status: int, code: int, retry: bool, telephone: Telephone, twilio: FakeTwilio
) -> None:
    twilio.refusals[ANNA] = (status, code)
    with pytest.raises(OutboundError) as caught:
        telephone.place(CALL)
    assert caught.value.retry is retry
    assert str(caught.value) == f"Twilio answered {status}, code {code}"


def test_a_broken_twilio_is_an_error_and_no_answer(
    telephone: Telephone, twilio: FakeTwilio
) -> None:
    sid = telephone.place(CALL)
    twilio.broken = True
    with pytest.raises(OutboundError):
        telephone.place(CALL)
    with pytest.raises(OutboundError):
        telephone.hang_up("a1", sid)
    assert telephone.is_up("a1", sid) is None


def test_a_twilio_that_is_not_there_is_an_error(app: Application) -> None:
    nowhere = open_client(
        TWILIO["account_sid"], TWILIO["auth_token"], f"http://127.0.0.1:{free_port()}"
    )
    telephone = TwilioTelephone(nowhere, "+41440001100", "https://pikett.example", Pace(100))
    with pytest.raises(OutboundError) as caught:
        telephone.place(CALL)
    assert caught.value.retry
    assert telephone.is_up("a1", "CA" + "1" * 32) is None


def test_a_twilio_that_does_not_answer_is_waited_for_so_long(twilio: FakeTwilio) -> None:
    client = open_client(TWILIO["account_sid"], TWILIO["auth_token"], twilio.url)
    client.http_client.timeout = 0.2
    twilio.slow_seconds = 1.0
    telephone = TwilioTelephone(client, "+41440001100", "https://pikett.example", Pace(100))
    with pytest.raises(OutboundError) as caught:
        telephone.place(CALL)
    assert str(caught.value) == "Twilio: ReadTimeout"


def test_a_wrong_token_is_an_error(twilio: FakeTwilio) -> None:
    client = open_client(TWILIO["account_sid"], "wrong", twilio.url)
    telephone = TwilioTelephone(client, "+41440001100", "https://pikett.example", Pace(100))
    with pytest.raises(OutboundError):
        telephone.place(CALL)
    assert twilio.calls == {}


# One a second ---------------------------------------------------------------------------------------


def test_one_call_a_second_whoever_asks() -> None:
    slept: list[float] = []
    pace = Pace(1, clock=lambda: 100.0, sleep=slept.append)
    for _ in range(4):
        pace.wait()
    assert slept == [1.0, 2.0, 3.0]


def test_what_was_not_used_is_not_saved_up() -> None:
    now, slept = [0.0], list[float]()
    pace = Pace(2, clock=lambda: now[0], sleep=slept.append)
    pace.wait()
    now[0] = 60.0
    for _ in range(3):
        pace.wait()
    assert slept == [0.5, 1.0]


def test_who_would_wait_too_long_is_sent_to_the_other_telephone() -> None:
    pace = Pace(1, longest_wait=2, clock=lambda: 0.0, sleep=lambda _: None)
    for _ in range(3):
        pace.wait()
    with pytest.raises(OutboundError) as caught:
        pace.wait()
    assert caught.value.retry


def test_threads_share_the_pace(app: Application, twilio: FakeTwilio) -> None:
    """Eight at once, ten a second: Twilio never gets two in a tenth."""
    client = open_client(TWILIO["account_sid"], TWILIO["auth_token"], twilio.url)
    telephone = TwilioTelephone(client, "+41440001100", "https://pikett.example", Pace(10))
    callers = [
        threading.Thread(target=telephone.place, args=(replace(CALL, id=f"a{n}"),))
        for n in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(10)
    asked = sorted(call.asked_at for call in twilio.calls.values())
    assert len(asked) == 8
    assert asked[-1] - asked[0] > 0.6


# What Twilio asks of us -----------------------------------------------------------------------------


def test_1_takes_the_case(pager: Pager, twilio: FakeTwilio) -> None:
    page = place(pager)
    call = twilio.the_call()
    twilio.picks_up(call, "1")
    assert pager.results_of(page) == [PageResult.TAKEN]
    assert pager.ends_of(page) == [DialStatus.ANSWERED]
    assert "Muster AG" in call.documents[0]
    assert "Der Fall gehört jetzt Ihnen" in call.documents[-1]


@pytest.mark.parametrize(
    ("keys", "result"),
    [
        ("2", PageResult.PASSED_ON),
        ("4", PageResult.DEFERRED),
        ("93#1", PageResult.TAKEN),
        ("9999", PageResult.NO_KEY),
        ("", PageResult.NO_KEY),
    ],
    ids=["passes on", "five minutes", "wrong keys first", "only wrong keys", "voicemail"],
)
def test_whatever_else_is_pressed(
    keys: str, result: PageResult, pager: Pager, twilio: FakeTwilio
) -> None:
    page = place(pager)
    twilio.picks_up(twilio.the_call(), keys)
    assert pager.results_of(page) == [result]
    assert pager.ends_of(page) == [DialStatus.ANSWERED]


def test_whoever_hangs_up_has_taken_nothing(pager: Pager, twilio: FakeTwilio) -> None:
    page = place(pager)
    twilio.picks_up(twilio.the_call(), hangs_up=True)
    assert pager.results_of(page) == [PageResult.HUNG_UP]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("busy", DialStatus.BUSY),
        ("no-answer", DialStatus.NO_ANSWER),
        ("failed", DialStatus.FAILED),
        ("canceled", DialStatus.CANCELLED),
    ],
)
def test_who_is_not_reached_is_told_of(
    word: str, status: DialStatus, pager: Pager, twilio: FakeTwilio
) -> None:
    page = place(pager)
    twilio.end(twilio.the_call(), word)
    assert pager.ends_of(page) == [status]
    assert pager.results_of(page) == []


@pytest.mark.parametrize("address", ["/page/", "/leg/"], ids=["the first", "after a key"])
def test_an_answer_that_fails_is_asked_for_again(
    address: str, pager: Pager, twilio: FakeTwilio
) -> None:
    """Anything but 2xx lets Twilio ask the fallback address; there the alert goes on."""
    page = place(pager)
    sound, webhook = pager.app.calls._executors, twilio.webhook
    failed: list[str] = []

    def fails_once(url: str, form: object, signature: str) -> tuple[int, str]:
        if address in url and not failed:
            failed.append(url)
            pager.app.calls._executors = dict.fromkeys(sound, _fails)
        answer = webhook(url, form, signature)  # type: ignore[arg-type]
        pager.app.calls._executors = sound
        return answer

    twilio.webhook = fails_once  # type: ignore[assignment]
    call = twilio.the_call()
    twilio.picks_up(call, "11")
    assert (len(failed), call.fallbacks) == (1, 1)
    assert pager.results_of(page) == [PageResult.TAKEN]


def _fails(*_: object) -> None:
    raise RuntimeError("the database is away")


def test_an_alert_that_fails_twice_lets_go(pager: Pager, twilio: FakeTwilio) -> None:
    """No apology, no desk: the escalation goes on by its own clock."""
    place(pager)
    pager.app.calls._executors = dict.fromkeys(pager.app.calls._executors, _fails)
    call = twilio.the_call()
    twilio.picks_up(call, "1")
    assert "Dial" not in call.documents[-1]
    assert "<Hangup" in call.documents[-1]
    assert pager.results == []


def test_a_page_of_nobody_is_let_go(pager: Pager, twilio: FakeTwilio) -> None:
    (telephone,) = pager.app.telephones
    telephone.place(replace(CALL, id="guessed"))
    call = twilio.the_call()
    twilio.picks_up(call, "1")
    assert [document.count("<Hangup") for document in call.documents] == [1]
    assert pager.results == []


def test_an_unsigned_page_is_refused(pager: Pager, twilio: FakeTwilio) -> None:
    page = place(pager)
    form = {"AccountSid": TWILIO["account_sid"], "CallStatus": "completed"}
    for path in (f"page/{page}", f"page/{page}/again", f"page-status/{page}", "text-status/1"):
        status, _ = twilio.webhook(f"https://pikett.example/twilio/{path}", form, "guessed")
        assert status == 403
    assert (pager.results, pager.ends) == ([], [])


# The checker itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"From": []}, "From is missing"),
        ({"Timout": ["25"]}, "Timout is unknown"),
        ({"Timeout": ["25.0"]}, "Timeout='25.0'"),
        ({"Method": ["PUT"]}, "Method='PUT'"),
        ({"Url": ["/twilio/page/a1"]}, "Url='/twilio/page/a1'"),
        ({"Url": ["https://my_host/x"]}, "Url='https://my_host/x'"),
        ({"To": [ANNA, ANNA]}, "To comes 2 times"),
        ({"Timeout": ["601"]}, "Timeout above 600"),
        ({"StatusCallbackEvent": ["completed", "busy"]}, "event busy"),
        ({"To": ["0440009001"]}, "To is not E.164"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_fake_finds_what_the_description_forbids(
    change: dict[str, list[str]], problem: str, telephone: Telephone, twilio: FakeTwilio
) -> None:
    form = dict(twilio.calls[telephone.place(CALL)].form) | change
    form = {name: values for name, values in form.items() if values}
    path = "/2010-04-01/Accounts/{AccountSid}/Calls.json"
    operation = twilio._description["paths"][path]["post"]
    assert [*check_form(operation, form, twilio._description), *check_documented(form)] == [problem]
