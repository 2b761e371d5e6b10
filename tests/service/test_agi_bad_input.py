"""Odd callers, hostile text, secrets and sounds that are not there, over a real AGI conversation."""

import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from agi_scripts.channel import AgiChannel
from agi_scripts.renderer import AgiRenderer, Folders
from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.callflow.verbs import Dial, DialLeg
from ivr.errors import MalformedRequestError
from ivr.roster.hunt import AcceptBy
from ivr.services.calls import Reply
from ivr.storage.database import reading
from ivr.storage.models import Call
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import SilentSpeaker
from tests.fakes import FrozenClock, Notebook
from tests.players.agi_player import AgiPlayer, CallerKeys
from tests.service import agi_wire
from tests.service.captured_logs import captured_logs
from tests.service.ready import with_all_sounds
from tests.story import FOLDER, load_story, notice_for, outcome

ACCEPTED = load_story(FOLDER / "accepted.yaml")
WITH_CODE = load_story(FOLDER / "unknown_with_code.yaml")
GONE = b"HANGUP\n" + b"511 Command Not Permitted on a dead channel\n" * 3


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Tracebacks are expected here, and slow to print."""
    with structlog.testing.capture_logs():
        yield


def converse(app: Application, environment: str) -> list[str]:
    """The commands of a conversation whose caller hangs up at once."""
    request = f"agi_request: agi://127.0.0.1/x\n{environment}\n"
    return agi_wire.converse(app, request.encode() + GONE).splitlines()


def call_from(
    app: Application, caller: str, **variables: str
) -> tuple[str | None, str | None, str]:
    """Number, reason and raw text that the record of such a call holds."""
    named = {
        "network_script": "support_line",
        "uniqueid": "lab-1.7",
        "callerid": caller,
        "calleridname": 'Evil "Name" \\',
    } | variables
    text = "".join(f"agi_{name}: {value}\n" for name, value in named.items())
    assert converse(app, text) == ["ANSWER"]
    with reading(app.storage.engine) as connection:
        found = select(Call.caller_number, Call.no_number_reason, Call.caller_raw)
        number, reason, raw = connection.execute(found).one()
    return number, reason, raw


@pytest.mark.rule("A.73", "B.5", "Q10")
@pytest.mark.parametrize(
    ("caller", "number", "reason"),
    [
        ("+41440001001", "+41440001001", None),
        ("044 000 10 01", "+41440001001", None),
        ("sip:+41440001001@10.0.0.1;user=phone", "+41440001001", None),
        ('"Meier" <sip:+41440001001@pbx>', "+41440001001", None),
        ("anonymous", None, "withheld"),
        ("Anonymous", None, "withheld"),
        ("266696687", None, "withheld"),
        ("+266696687", None, "withheld"),
        ("sip:anonymous@anonymous.invalid", None, "withheld"),
        ("unknown", None, "missing"),
        ("", None, "missing"),
        ("+41440001100", None, "own_number"),
        ("sip:evil@10.0.0.1", None, "malformed"),
        ("'; DROP TABLE call; --", None, "malformed"),
        ('"', None, "malformed"),
        ("letters", None, "malformed"),
        ("0" * 200, None, "malformed"),
        ("x" * 200, None, "malformed"),
        ("+41440001001\0", None, "malformed"),
        ("٠٤٤٠٠٠١٠٠١", None, "malformed"),
        ("☎\u2028+41440001001", None, "malformed"),
        ("500&PJSIP/trunk/+1900555", None, "malformed"),
        ("${SHELL(id)}", None, "malformed"),
        ("+41440001001\r", "+41440001001", None),
    ],
)
def test_whatever_stands_for_a_caller_is_answered(
    caller: str, number: str | None, reason: str | None, app: Application
) -> None:
    kept, why, raw = call_from(app, caller)
    assert (kept, why) == (number, reason)
    assert len(raw) <= 128
    assert "\0" not in raw
    assert reason != "withheld" or raw == ""


@pytest.mark.rule("B.5", "Q10")
@pytest.mark.parametrize("presentation", ["32", "35", "64", "67", "99"])
def test_a_number_that_may_not_be_shown_is_not_kept(presentation: str, app: Application) -> None:
    assert call_from(app, "+41440001001", callingpres=presentation) == (None, "withheld", "")


@pytest.mark.parametrize("presentation", ["0", "3", "²", "-1", "x", "9" * 500])
def test_an_odd_presentation_does_not_stop_the_call(presentation: str, app: Application) -> None:
    assert call_from(app, "+41440001001", callingpres=presentation)[2] in ("", "+41440001001")


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-turn", "ANSWER", "1", ""),
        ("x" * 32 + "-1", "ANSWER", "1", ""),
        ("0-999999", "ANSWER", "1", ""),
        ("../../etc-1", "", "", ""),
        ("'-1", "", "", ""),
        ("x-1", "²", "²", "=:==:=\x01=ANSWER"),
    ],
)
@pytest.mark.parametrize("script", ["support_line", "technician_leg"])
def test_arguments_of_nobody_lead_to_the_fallback(
    script: str, arguments: tuple[str, ...], app: Application
) -> None:
    given = "".join(f"agi_arg_{n}: {text}\n" for n, text in enumerate(arguments, start=1))
    sent = converse(app, f"agi_network_script: {script}\nagi_uniqueid: 1.1\n{given}")
    assert sent[-1] == 'SET VARIABLE PIKETT_NEXT "fallback"'
    assert not any("DIAL" in line or 'ACCEPTED "1"' in line for line in sent)


def test_odd_results_of_a_dial_are_no_answer(app: Application, clock: FrozenClock) -> None:
    """A dialplan may be changed by anybody; ANSWER alone is no technician's acceptance."""
    story = replace(ACCEPTED, keys="1 - dial:no-answer message:4")
    player = AgiPlayer(with_all_sounds(app), clock, story)
    dial = player._dial
    odd = iter(["NONSENSE", "²", "ANSWER", "TORTURE"])
    player._dial = lambda: (dial()[0], next(odd), "²", ":x=ANSWER:=:evil")  # type: ignore[method-assign]
    result, ticket, order = outcome(app, player.play())
    assert (result, ticket, order) == ("message", True, "ordered")


HOSTILE_LEGS = [
    ("+41440009001&PJSIP/trunk/+1900555", "a1"),
    ("+41440009001,30,g", "a1"),
    ("+41440009001@elsewhere", "a1"),
    ("${SHELL(id)}", "a1"),
    ("+41440009001\nEXEC System id", "a1"),
    ('+41440009001"', "a1"),
    ("", "a1"),
    ("+41440009001", "a1&Local/1"),
    ("+41440009001", "../a"),
    ("+41440009001", ""),
]


@pytest.mark.rule("B.12")
@pytest.mark.parametrize(("number", "attempt"), HOSTILE_LEGS)
def test_nothing_that_could_end_a_dial_string_is_handed_to_the_dialplan(
    number: str, attempt: str, app: Application
) -> None:
    sent = io.StringIO()
    channel = AgiChannel(io.StringIO("agi_request: x\n\n" + "200 result=1\n" * 9), sent)
    renderer = AgiRenderer(channel, app.sounds, app.clock, app.ids, Folders(Path(), Path()))
    dial = Dial(
        (
            DialLeg("a0", "+41440009001", 25, AcceptBy.KEY),
            DialLeg(attempt, number, 25, AcceptBy.KEY),
        )
    )
    with pytest.raises(MalformedRequestError):
        renderer.perform(Reply("c", "c", 1, (dial,), "ringing", over=False))
    assert sent.getvalue() == ""


def test_sounds_that_were_cleared_away_are_made_again_within_the_call(
    app: Application, clock: FrozenClock
) -> None:
    AgiPlayer(with_all_sounds(app), clock, ACCEPTED).play()
    shutil.rmtree(app.settings.path("sounds"))
    clock.advance(5 * 3600)  # long enough not to be offered the ticket of the first call
    second = AgiPlayer(app, clock, ACCEPTED)
    second.caller._unique = "lab-2"
    second.play()
    with app.storage.reading() as uow:
        call_id = uow.calls.find_id("asterisk", "lab-2")
        assert call_id is not None
    assert outcome(app, call_id) == ("bridged", True, "ordered")


@pytest.mark.rule("B.8", "P.14")
@pytest.mark.parametrize("unplayable", ["GREETING", "NOTICE", "CONFIRM_ORDER"])
def test_a_sound_that_asterisk_cannot_play_costs_the_caller_its_words_only(
    unplayable: str, app: Application, clock: FrozenClock, notebook: Notebook
) -> None:
    """The file is there for us but not for Asterisk; a notice nobody heard leads to the desk."""
    is_notice = unplayable == "NOTICE"
    notice = notice_for(app, ACCEPTED.caller, clock.now())
    said = notice if is_notice else [prompt(PromptKey[unplayable], Language.DE)]
    (missing,) = app.sounds.sounds(said)
    keys = "dial:accept" if is_notice else "- - - dial:accept"
    player = AgiPlayer(with_all_sounds(app), clock, replace(ACCEPTED, keys=keys))
    player.caller._stream = _deaf_to(missing.stem, player.caller._stream)  # type: ignore[method-assign]
    call_id = player.play()
    assert outcome(app, call_id) == ("bridged", False, "none")
    heard = {line for line in player.caller.commands if line.startswith("STREAM FILE")}
    assert len(heard) >= 4
    troubles = [what for what, _ in notebook.troubles]
    assert troubles == (["notice_unplayable"] if is_notice else [])


def _deaf_to(stem: str, stream: Callable[..., str]) -> Callable[..., str]:
    def answer(path: str, *rest: Any, **named: Any) -> str:
        return "200 result=-1 endpos=0" if path == stem else stream(path, *rest, **named)

    return answer


@pytest.mark.rule("P.14")
def test_without_sounds_and_without_a_voice_the_dialplan_takes_over(
    app: Application, clock: FrozenClock, tmp_path: Path
) -> None:
    app.sounds = SoundLibrary(app.catalogue, SilentSpeaker(), tmp_path / "none", tmp_path / "none")
    player = AgiPlayer(app, clock, ACCEPTED)
    with structlog.testing.capture_logs() as logs:
        player.play()
    assert player.caller.variables["PIKETT_NEXT"] == "fallback"
    assert [line["event"] for line in logs] == ["agi_failed"]


PIN, CODE = "123456", "11001123456"
SECRETS = (PIN, CODE, "440001001", "440009001", "440009009")


@pytest.mark.rule("B.7", "B.11")
@pytest.mark.parametrize(
    "keys", [WITH_CODE.keys, f"1 99999{PIN} 1100112345 {CODE} 1 - dial:accept"]
)
def test_no_log_and_no_debug_output_holds_a_pin_or_a_number(
    keys: str, app: Application, clock: FrozenClock, capfd: pytest.CaptureFixture[str]
) -> None:
    """pyst2 would write every command and reply, key by key, to standard error."""
    del app.observer
    player = AgiPlayer(with_all_sounds(app), clock, replace(WITH_CODE, keys=keys))
    with captured_logs() as logs:
        player.play()
    assert "".join(capfd.readouterr()) == ""
    assert '"next": "checking_support_code"' in logs.getvalue()
    assert not any(secret in logs.getvalue() for secret in (*SECRETS, "WAIT", "digits"))


@pytest.mark.rule("B.7", "B.11")
def test_no_pin_in_the_log_of_a_failure(
    app: Application, clock: FrozenClock, capfd: pytest.CaptureFixture[str]
) -> None:
    """The customers are gone while the code is checked; the caller goes to the fallback."""
    player = AgiPlayer(app, clock, WITH_CODE)
    player.keys.next_key = _breaking(app, player.keys)  # type: ignore[method-assign]
    with captured_logs() as logs, contextlib.suppress(AssertionError):
        player.play()
    assert player.caller.variables["PIKETT_NEXT"] == "fallback"
    assert "".join(capfd.readouterr()) == ""
    assert "no such table: customer" in logs.getvalue()
    assert not any(secret in logs.getvalue() for secret in SECRETS)


def _breaking(app: Application, keys: CallerKeys) -> Callable[[int], str]:
    """The table is gone as soon as the caller presses the last key of his code."""
    press = keys.next_key

    def pressed(milliseconds: int) -> str:
        key = press(milliseconds)
        if key == PIN[-1]:
            with app.storage.engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE customer RENAME TO customer_gone")
        return key

    return pressed
