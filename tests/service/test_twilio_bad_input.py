"""Twilio's requests with odd fields, odd callers and turns that are not there: always 200."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog

from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.players.twilio_player import RECORDING, SignedClient, TwilioPlayer
from tests.service.captured_logs import captured_logs
from tests.service.ready import with_all_sounds
from tests.service.twilio_line import (
    DESK,
    FORM,
    PUBLIC,
    Line,
    assert_safe,
    calls_stored,
    header,
    rings,
)
from tests.story import FOLDER, load_story, outcome
from webhooks.app import create_app

Logs = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def logs() -> Iterator[Logs]:
    """What is logged meanwhile."""
    with structlog.testing.capture_logs() as logs:
        yield logs


def failures(logs: Logs) -> Logs:
    """What the outer boundary had to catch."""
    return [entry for entry in logs if entry["event"] == "twilio_failed"]


SIDS = ["", "CA", "CA" + "g" * 32, "'; --", "CA" + "1" * 500, "CA" + "1" * 32 + "\n"]


@pytest.mark.parametrize("sid", SIDS)
def test_a_call_without_a_proper_sid_still_reaches_the_desk(sid: str, app: Application) -> None:
    assert_safe(SignedClient(app).post("/twilio/voice", CallSid=sid, From="+41440001001"))
    assert not calls_stored(app)


@pytest.mark.rule("B.15")
def test_a_call_without_any_sid_still_reaches_the_desk(app: Application) -> None:
    form = {name: text for name, text in FORM.items() if name != "CallSid"}
    headers = header(f"{PUBLIC}/twilio/voice", form)
    answer = create_app(app).test_client().post("/twilio/voice", data=form, headers=headers)
    assert answer.status_code == 200
    assert_safe(ET.fromstring(answer.text))


def test_the_end_of_a_call_of_nobody_changes_nothing(app: Application) -> None:
    client = SignedClient(app)
    for status in ("completed", "nonsense", ""):
        assert client.post("/twilio/status", CallStatus=status) is None
        assert client.post(f"/twilio/leg-status/{'0' * 20}", CallStatus=status) is None
    assert not calls_stored(app)


@pytest.mark.parametrize("turn", ["0", "7", "9" * 30])
def test_a_turn_of_nobody_reaches_the_desk_and_a_leg_of_nobody_is_let_go(
    turn: str, app: Application
) -> None:
    client = SignedClient(app)
    for wait in ("keys", "played", "recorded", "dialled"):
        assert_safe(client.post(f"/twilio/turn/{'0' * 20}/{turn}/{wait}", Digits="1"))
        document = client.post(f"/twilio/leg/{'0' * 20}/{turn}/{wait}", Digits="1")
        assert document is not None
        assert [verb.tag for verb in document] == ["Hangup"]


def test_a_telephone_that_nobody_rang_is_let_go(app: Application) -> None:
    document = SignedClient(app).post(f"/twilio/leg/{'0' * 20}")
    assert document is not None
    assert [verb.tag for verb in document] == ["Hangup"]


@pytest.mark.parametrize("turn", [5, 99999, 10**30])
def test_a_future_turn_repeats_what_the_caller_was_told_last(
    turn: int, app: Application, clock: FrozenClock
) -> None:
    line = Line(app, clock)
    told = line.go("Redirect")
    call_id = calls_stored(app)[0][0]
    again = line.client.post(f"/twilio/turn/{call_id}/{turn}/keys", Digits="1")
    assert again is not None
    assert ET.tostring(again) == ET.tostring(told)
    assert rings(line.go("Gather", Digits="0")) == DESK


def test_a_wait_that_does_not_fit_or_does_not_exist_reaches_the_desk(
    app: Application, clock: FrozenClock
) -> None:
    """And changes nothing: the caller's own answer still counts."""
    line = Line(app, clock).asked()
    address = line.address("Gather").removesuffix("keys")
    for wait in ("played", "recorded", "dialled", "nonsense"):
        assert_safe(line.client.post(address + wait, Digits="1"))
    assert line.go("Gather", Digits="1").find("Gather") is not None


@pytest.mark.rule("B.15")
def test_a_webhook_that_comes_again_is_answered_again_and_changes_nothing(
    app: Application, clock: FrozenClock
) -> None:
    line = Line(app, clock)
    heard, confirm = line.address("Redirect"), line.asked().address("Gather")
    first = ET.tostring(line.go("Gather", Digits="1"))
    line.client.post(heard)
    for address in (confirm, "/twilio/voice", confirm):
        again = line.client.post(address, From="+41440001001", Digits="2")
        assert again is not None
        assert ET.tostring(again) == first
    assert [call_id for call_id, _, _ in calls_stored(app)] == ["0" * 19 + "1"]


ODD_DIGITS = ["A", "D", "12*#", "*", "#", "1" * 500, "١", "²", "１", "1\n", "\0", "hangup", " 1"]


@pytest.mark.rule("B.13")
@pytest.mark.parametrize("digits", ODD_DIGITS)
def test_odd_keys_never_order_and_never_fail(
    digits: str, app: Application, clock: FrozenClock, logs: Logs
) -> None:
    line = Line(app, clock).asked()
    for _ in range(3):
        document = line.go("Gather", Digits=digits)
    assert rings(document) == DESK
    assert failures(logs) == []
    assert outcome(app, calls_stored(app)[0][0])[2] == "none"


ODD_CODES = ["7", "#", "110011234567", "99999000000", "11001²23456", "1" * 500, "*#", "\0"]


@pytest.mark.rule("K-20")
@pytest.mark.parametrize("code", ODD_CODES)
def test_odd_support_codes_are_refused_like_any_other(
    code: str, app: Application, logs: Logs
) -> None:
    client = SignedClient(app)
    document = client.post("/twilio/voice", From="anonymous")
    for digits in ("1", code, code, code):
        assert document is not None
        gather = document.find("Gather")
        assert gather is not None
        document = client.post(gather.attrib["action"], Digits=digits)
    assert rings(document) == DESK
    assert failures(logs) == []


CALLERS = [
    ("+41440001001", "+41440001001"),
    ("anonymous", None),
    ("Anonymous", None),
    ("+266696687", None),
    ("266696687", None),
    ("+7378742833", None),
    ("+2562533", None),
    ("client:+41440001001", "+41440001001"),
    ("client:x", None),
    ("client:anonymous", None),
    ("sip:+41440001001@sip.example", "+41440001001"),
    ("sip:evil@sip.example", None),
    ("+41440001100", None),
    ("", None),
    ("x" * 500, None),
    ('"><Dial>+1900555</Dial>', None),
    ("+41440001001\r\nX: y", None),
    ("+4144000100\0", None),
    ("٠٤٤٠٠٠١٠٠١", None),
]


@pytest.mark.rule("A.73", "B.5", "Q10")
@pytest.mark.parametrize(("caller", "number"), CALLERS)
def test_whatever_stands_for_a_caller_is_answered(
    caller: str, number: str | None, app: Application
) -> None:
    document = SignedClient(app).post("/twilio/voice", From=caller)
    assert document is not None
    assert (document.find("Gather") is None) == (number is not None)
    ((_, kept, raw),) = calls_stored(app)
    assert kept == number
    assert "\0" not in raw
    assert "anonymous" not in raw.lower()


ODD_SECONDS = ["", "-1", "²", "nonsense", "9" * 500, "0"]
ODD_STATUS = ["nonsense", "", "completed", "answered", "COMPLETED", "x" * 1000]


@pytest.mark.parametrize(("status", "seconds"), list(zip(ODD_STATUS, ODD_SECONDS, strict=True)))
def test_an_odd_end_of_a_dial_without_an_acceptance_rings_the_next(
    status: str, seconds: str, app: Application, clock: FrozenClock
) -> None:
    line = Line(app, clock).ordered()
    assert rings(line.document) == "+41440009001"
    document = line.go("Dial", DialCallStatus=status, DialCallDuration=seconds)
    assert rings(document) == "+41440009002"


@pytest.mark.parametrize("seconds", ODD_SECONDS)
def test_a_message_of_an_odd_length_is_too_short(
    seconds: str, app: Application, clock: FrozenClock
) -> None:
    line = Line(app, clock).asked()
    line.go("Gather", Digits="4")
    document = line.go("Record", RecordingUrl=RECORDING, RecordingDuration=seconds, Digits="#")
    assert document.find("Record") is not None


def test_whatever_becomes_of_a_recording_is_only_noted(app: Application, logs: Logs) -> None:
    client = SignedClient(app)
    for status in ("completed", "absent", "failed", "nonsense", ""):
        fields = {"RecordingStatus": status, "RecordingUrl": RECORDING}
        assert client.post("/twilio/recording", **fields) is None
    assert failures(logs) == []


@pytest.mark.rule("B.7", "B.11")
@pytest.mark.parametrize("name", ["unknown_with_code", "english_location", "wrong_code_to_desk"])
def test_no_document_and_no_log_holds_a_pin(
    name: str, app: Application, clock: FrozenClock
) -> None:
    story = load_story(FOLDER / f"{name}.yaml")
    del app.observer
    player = TwilioPlayer(with_all_sounds(app), clock, story)
    with captured_logs() as logs:
        player.play()
    written = [*player.client.documents, logs.getvalue()]
    assert "transition" in written[-1]
    codes = [word for word in story.keys.split() if len(word) == 11 and word.isdigit()]
    assert codes
    assert not any(code in text or code[5:] in text for code in codes for text in written)
