"""What only a real PBX can show: audio, dying servers, the fallback, hostile names."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.services.recordings import measure_seconds
from tests.lab.capture import Capture
from tests.lab.processes import wait_until
from tests.lab.sipp import AwaitHangUp, Caller, HangUp, Pause, Press, Sing
from tests.lab.stage import CALLED_TONE, CALLER_TONE, Stage, open_stage
from tests.players.asterisk_player import is_free
from tests.story import attempt_results, outcome

pytestmark = pytest.mark.asterisk

PREMIUM = "+41440001001"
ORDER = (Pause(2300), Press("1"))
"""Greeting, notice and question take one second here; then 1."""

TAKES_IT = (Pause(1500), Press("1"))
TALKS = (Pause(3000), HangUp())
"""Long enough to be connected on a busy machine."""


@pytest.fixture(scope="module")
def together_stage(
    asterisk_parts: None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A line that rings all technicians at once."""
    stage = open_stage(
        tmp_path_factory.mktemp("together"), demo_database, {"PIKETT_HUNT__SIMULTANEOUS": "true"}
    )
    yield stage
    stage.stop()


@pytest.fixture(scope="module")
def crowded_stage(
    asterisk_parts: None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A server for one conversation at a time."""
    stage = open_stage(
        tmp_path_factory.mktemp("crowded"),
        demo_database,
        {"PIKETT_FASTAGI__WORKERS": "1", "PIKETT_FASTAGI__CALLS_PER_WORKER": "1"},
    )
    yield stage
    stage.stop()


@pytest.fixture(autouse=True)
def _from_now(request: pytest.FixtureRequest) -> None:
    for name in ("stage", "together_stage"):
        if name in request.fixturenames:
            request.getfixturevalue(name).forget()


def test_audio_goes_both_ways(stage: Stage) -> None:
    caller = stage.caller(
        PREMIUM, (*ORDER, Pause(6500), Sing(CALLER_TONE, 3), Pause(500), AwaitHangUp())
    )
    line = stage.line(
        "9001",
        caller.folder,
        steps=(*TAKES_IT, Pause(1500), Sing(CALLED_TONE, 3), Pause(4500), HangUp()),
    )
    with Capture([caller.media_port, line.media_port]) as capture:
        line.start()
        caller.start().wait()
        line.wait()
    assert capture.to(line.media_port).has_tone(CALLER_TONE)
    assert capture.to(caller.media_port).has_tone(CALLED_TONE)
    assert not capture.to(caller.media_port).has_tone(CALLER_TONE)
    stage.wait_closed(stage.wait_new_call())


def test_the_caller_hears_it_ring_while_the_whisper_plays(stage: Stage) -> None:
    """The called side has answered; the caller must not notice."""
    caller = stage.caller(PREMIUM, (*ORDER, AwaitHangUp()))
    line = stage.line("9001", caller.folder, steps=(Pause(9000), Press("1"), *TALKS))
    line.start()
    caller.start()
    stage.wait_state("ringing_technicians")
    time.sleep(1.5)
    with Capture([caller.media_port]) as capture:
        time.sleep(6)
    assert capture.to(caller.media_port).has_tone(425, seconds=0.9)
    caller.wait()
    line.wait()
    stage.wait_closed(stage.wait_new_call())


@pytest.mark.rule("P.6")
def test_two_ring_at_once_and_both_press_1(together_stage: Stage) -> None:
    stage = together_stage
    caller = stage.caller(PREMIUM, (*ORDER, AwaitHangUp()))
    both = [
        stage.line(line, caller.folder, steps=(Pause(1500), Press("1"), Pause(3000), HangUp()))
        for line in ("9001", "9002")
    ]
    third = stage.line("9003", caller.folder, answers=False)
    for line in (*both, third):
        line.start()
    caller.start().wait()
    call_id = stage.wait_new_call()
    stage.wait_closed(call_id)
    results = attempt_results(stage.app, call_id)
    assert results.count("accepted") == 1
    assert results[2] == "cancelled"
    assert outcome(stage.app, call_id)[0] == "bridged"


def test_one_declines_and_the_other_still_rings_and_accepts(together_stage: Stage) -> None:
    stage = together_stage
    caller = stage.caller(PREMIUM, (*ORDER, AwaitHangUp()))
    declines = stage.line("9001", caller.folder, steps=(Pause(1000), Press("2"), AwaitHangUp()))
    accepts = stage.line("9002", caller.folder, ring_ms=2500, steps=(*TAKES_IT, *TALKS))
    busy = stage.line("9003", caller.folder, refuses_with="486 Busy Here")
    for line in (declines, accepts, busy):
        line.start()
    caller.start().wait()
    call_id = stage.wait_new_call()
    stage.wait_closed(call_id)
    assert attempt_results(stage.app, call_id) == ["declined", "accepted", "busy"]


def test_a_bridge_that_is_lost_can_be_had_again(stage: Stage) -> None:
    """The technician's telephone drops the call after a second; 1 brings him back."""
    caller = stage.caller(PREMIUM, (*ORDER, Pause(13000), Press("1"), AwaitHangUp()))
    lost = stage.line("9001", caller.folder, steps=(*TAKES_IT, Pause(1200), HangUp()))
    again = stage.line("9001", caller.folder, steps=(*TAKES_IT, *TALKS))
    again.name = "line9001-again"
    lost.start()
    caller.start()
    lost.wait()
    wait_until(lambda: is_free(again), 20, "the telephone to be free")
    again.start()
    caller.wait()
    again.wait()
    call_id = stage.wait_new_call()
    stage.wait_closed(call_id)
    assert attempt_results(stage.app, call_id) == ["accepted", "accepted"]
    assert outcome(stage.app, call_id)[0] == "bridged"


@pytest.mark.rule("A.64")
def test_the_technician_is_asked_after_the_caller_has_gone(stage: Stage) -> None:
    """1 after the bridge is the first reaction; his telephone is let go afterwards."""
    caller = stage.caller(PREMIUM, (*ORDER, Pause(9500), HangUp()))
    line = stage.line(
        "9001", caller.folder, steps=(*TAKES_IT, Pause(6500), Press("1"), AwaitHangUp())
    )
    line.start()
    caller.start().wait()
    line.wait()
    call_id = stage.wait_new_call()
    stage.wait_closed(call_id)
    with stage.app.storage.reading() as uow:
        ticket = uow.calls.get(call_id).ticket_number
        assert ticket is not None
        said = [(each.author, each.fact) for each in uow.facts.list_of(ticket)]
    assert said == [("Anna Meier", "first_reaction")]


def test_a_bridged_call_outlives_our_servers(stage: Stage) -> None:
    """kill -9 of master and workers during the bridge: both keep talking."""
    caller = stage.caller(PREMIUM, (*ORDER, Pause(9000), Sing(CALLER_TONE, 2), AwaitHangUp()))
    line = stage.line("9001", caller.folder, steps=(*TAKES_IT, Pause(9000), HangUp())).start()
    caller.start()
    call_id = stage.wait_state("ringing_technicians")
    attempt = _first_attempt(stage, call_id)
    wait_until(lambda: stage.state_of(attempt) == "connected", 20, "the acceptance")
    time.sleep(1.5)
    stage.fastagi.kill()
    try:
        assert stage.asterisk.channels() >= 2
        with Capture([line.media_port]) as capture:
            time.sleep(7)
        assert capture.to(line.media_port).has_tone(CALLER_TONE)
        caller.wait()
        line.wait()
    finally:
        stage.fastagi.start()
    wait_until(lambda: stage.asterisk.channels() == 0, 20, "the end of the call")
    stage.app.upkeep.round(stage.app.clock.now())
    assert outcome(stage.app, call_id)[0] == "bridged"
    assert attempt_results(stage.app, call_id) == ["accepted"]


def test_nobody_is_connected_by_mistake_when_our_servers_die_during_the_whisper(
    stage: Stage,
) -> None:
    caller = stage.caller(PREMIUM, (*ORDER, Pause(1500), Sing(CALLER_TONE, 20), AwaitHangUp()))
    voicemail = stage.line("9001", caller.folder, steps=(AwaitHangUp(),)).start()
    desk = stage.line("9009", caller.folder, steps=(Pause(2000), HangUp())).start()
    caller.start()
    call_id = stage.wait_state("ringing_technicians")
    attempt = _first_attempt(stage, call_id)
    wait_until(lambda: stage.state_of(attempt) == "deciding", 20, "the whisper")
    with Capture([voicemail.media_port]) as capture:
        stage.fastagi.kill()
        try:
            voicemail.wait(30)
            desk.wait(60)
            caller.wait()
        finally:
            stage.fastagi.start()
    assert not capture.to(voicemail.media_port).has_tone(CALLER_TONE, seconds=0.1)
    wait_until(lambda: stage.asterisk.channels() == 0, 20, "the end of the call")
    stage.app.upkeep.round(stage.app.clock.now())
    with stage.app.storage.reading() as uow:
        assert uow.calls.get(call_id).ended_at is not None
        assert not any(attempt.result == "accepted" for attempt in uow.attempts.list_of(call_id))


def test_the_call_goes_on_with_restarted_workers(stage: Stage) -> None:
    """Killed while the question is asked: the dialplan asks once more with the same turn."""
    caller = stage.caller(PREMIUM, (Pause(6500), Press("1"), AwaitHangUp()))
    line = stage.line("9001", caller.folder, steps=(*TAKES_IT, *TALKS)).start()
    caller.start()
    call_id = stage.wait_state("confirming")
    stage.fastagi.kill_workers()
    caller.wait()
    line.wait()
    stage.wait_closed(call_id)
    assert attempt_results(stage.app, call_id) == ["accepted"]
    with stage.app.storage.reading() as uow:
        states = [entry.state for turn in uow.calls.list_turns(call_id) for entry in turn.log]
    assert states.count("identifying") == 1


@pytest.mark.rule("B.15")
def test_a_call_whose_server_dies_before_the_notice_reaches_the_desk(stage: Stage) -> None:
    """kill -9 of master and workers: the fallback goes on with the caller."""
    caller = stage.caller(PREMIUM, (AwaitHangUp(),))
    desk = stage.line("9009", caller.folder, steps=(Pause(1500), HangUp())).start()
    call_id = _kill_before_the_notice(stage, caller)
    try:
        caller.wait()
        desk.wait()
    finally:
        stage.fastagi.start()
    wait_until(lambda: stage.asterisk.channels() == 0, 20, "the end of the call")
    stage.app.upkeep.round(stage.app.clock.now())
    assert outcome(stage.app, call_id) == ("abandoned", False, "none")


def test_a_message_of_the_fallback_joins_the_call_that_began_with_us(stage: Stage) -> None:
    caller = stage.caller(
        PREMIUM, (Pause(5500), Sing(CALLER_TONE, 4), Pause(4500), Press("#"), AwaitHangUp())
    )
    desk = stage.line("9009", caller.folder, refuses_with="486 Busy Here").start()
    call_id = _kill_before_the_notice(stage, caller)
    try:
        caller.wait()
        desk.wait()
    finally:
        stage.fastagi.start()
    _take_in_spool(stage)
    assert outcome(stage.app, call_id)[:2] == ("message", True)
    with stage.app.storage.reading() as uow:
        ticket = uow.calls.get(call_id).ticket_number
        assert ticket is not None
        assert uow.tickets.view(ticket).customer_number == "11001"


def _kill_before_the_notice(stage: Stage, caller: Caller) -> str:
    caller.start()
    call_id = stage.wait_state("hearing_notice")
    stage.fastagi.kill()
    return call_id


def _take_in_spool(stage: Stage) -> None:
    (spooled,) = (stage.data_dir / "spool").glob("*.wav")
    os.utime(spooled, (0, 0))
    stage.app.upkeep.round(stage.app.clock.now())
    assert not list((stage.data_dir / "spool").iterdir())


@pytest.mark.rule("P.10")
def test_without_our_servers_the_fallback_rings_the_desk(stage: Stage) -> None:
    stage.fastagi.stop()
    try:
        caller = stage.caller(PREMIUM, (AwaitHangUp(),))
        desk = stage.line("9009", caller.folder, steps=(Pause(1500), HangUp())).start()
        started = time.monotonic()
        with Capture([caller.media_port]) as capture:
            caller.start()
            wait_until(lambda: bool(capture.to(caller.media_port).times), 10, "the first word")
            assert time.monotonic() - started < 10
            caller.wait()
        desk.wait()
    finally:
        stage.fastagi.start()


@pytest.mark.rule("B.15", "P.10")
def test_without_our_servers_and_desk_the_message_becomes_a_ticket(stage: Stage) -> None:
    """The fallback records into the spool; the application makes a ticket of it when it is back."""
    stage.fastagi.stop()
    try:
        caller = stage.caller(
            "+41440001004",
            (Pause(5200), Sing(CALLER_TONE, 5), Pause(5500), Press("#"), AwaitHangUp()),
        )
        desk = stage.line("9009", caller.folder, refuses_with="486 Busy Here").start()
        caller.start().wait()
        desk.wait()
    finally:
        stage.fastagi.start()
    _take_in_spool(stage)
    call_id = stage.wait_new_call()
    with stage.app.storage.reading() as uow:
        call = uow.calls.get(call_id)
        assert call.ticket_number is not None
        ticket = uow.tickets.view(call.ticket_number)
    assert call.caller_number == "+41440001004"
    assert ticket.recordings[0].state == "stored"
    assert ticket.recordings[0].seconds > 3


def test_the_message_of_a_ticket_is_playable_and_of_the_right_length(stage: Stage) -> None:
    caller = stage.caller(
        PREMIUM,
        (
            Pause(2300),
            Press("4"),
            Pause(800),
            Sing(CALLER_TONE, 4),
            Pause(4000),
            Press("#"),
            AwaitHangUp(),
        ),
    )
    caller.start().wait()
    call_id = stage.wait_new_call()
    stage.wait_closed(call_id)
    stage.app.upkeep.round(stage.app.clock.now())
    with stage.app.storage.reading() as uow:
        call = uow.calls.get(call_id)
        assert call.ticket_number is not None
        (recording,) = uow.tickets.view(call.ticket_number).recordings
    assert recording.file is not None
    path = stage.data_dir / "recordings" / recording.file
    assert measure_seconds(path) == pytest.approx(4, abs=0.8)
    assert path.read_bytes()[:4] == b"RIFF"


@pytest.mark.rule("B.15", "P.10")
def test_a_full_server_refuses_at_once_and_the_caller_reaches_the_desk(
    crowded_stage: Stage,
) -> None:
    """One conversation is all it takes; the second caller is not left in silence."""
    stage = crowded_stage
    first = stage.caller(PREMIUM, (Pause(9000), HangUp())).start()
    stage.wait_state("confirming")
    second = stage.caller("+41440001004", (AwaitHangUp(),))
    desk = stage.line("9009", second.folder, steps=(Pause(500), HangUp())).start()
    second.start()
    desk.wait()
    second.wait()
    first.wait()
    assert len(stage.real_calls()) == 1
    assert "agi_refused" in stage.fastagi.log()


def test_a_reload_during_a_message_loses_nothing(stage: Stage) -> None:
    caller = stage.caller(
        PREMIUM,
        (
            Pause(2300),
            Press("4"),
            Pause(800),
            Sing(CALLER_TONE, 6),
            Pause(6000),
            Press("#"),
            AwaitHangUp(),
        ),
    )
    caller.start()
    call_id = stage.wait_state("leaving_message")
    time.sleep(1)
    stage.fastagi.reload()
    caller.wait()
    stage.wait_closed(call_id)
    assert outcome(stage.app, call_id)[:2] == ("message", True)


@pytest.mark.rule("B.5")
@pytest.mark.parametrize(
    ("number", "name"),
    [
        (PREMIUM, 'Evil "Quoted" Name'),
        (PREMIUM, "Broken%0Aagi_callerid: +41440001009%0A%0A200 result=49"),
        ("anonymous", "266696687"),
        ("266696687", "Nobody"),
        ("x" * 180, "${EXTEN}"),
        ("abc%22%0d%0aSET", "Letters"),
        ("+41440001009%0aagi_callerid:%20+41440001001", "Smuggler"),
    ],
)
def test_hostile_names_and_numbers_change_nothing(stage: Stage, number: str, name: str) -> None:
    caller = stage.caller(number, (Pause(2000), HangUp()), display_name=name)
    caller.start().wait()
    call_id = stage.wait_new_call()
    stage.wait_closed(call_id)
    with stage.app.storage.reading() as uow:
        call = uow.calls.get(call_id)
    assert call.caller_number == (PREMIUM if number == PREMIUM else None)
    assert outcome(stage.app, call_id)[0] == "abandoned"
    assert "Traceback" not in stage.fastagi.log()


@pytest.mark.rule("B.7", "B.11")
def test_no_secret_and_no_number_in_any_log(stage: Stage) -> None:
    """After everything above: our log and Asterisk's hold neither a PIN nor a whole number."""
    caller = stage.caller(
        "anonymous",
        (Pause(2000), Press("1"), Pause(1200), Press("11001123456"), Pause(6000), HangUp()),
    )
    caller.start().wait()
    stage.wait_closed(stage.wait_new_call())
    for log in (stage.fastagi.log(), stage.asterisk.log()):
        for secret in ("123456", "11001123456", "440001001", "440009001", "281940"):
            assert secret not in log


def _first_attempt(stage: Stage, call_id: str) -> str:
    def attempts() -> list[str]:
        with stage.app.storage.reading() as uow:
            return [attempt.id for attempt in uow.attempts.list_of(call_id)]

    wait_until(lambda: bool(attempts()), 10, "a ring attempt")
    return attempts()[0]
