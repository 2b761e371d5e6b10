"""Several telephones ring at once on Twilio: the caller is parked, the first to accept is connected."""

import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.players import rehearsal_player
from tests.players.parked_player import ParkedPlayer
from tests.service.parked import ANNA, BEAT, CARLA, DESK, PLACE, Parked, parked, said
from tests.service.twilio_fake import with_twilio
from tests.service.twilio_line import rings
from tests.story import FOLDER, attempt_results, event_log, load_story, outcome, prepare


@pytest.fixture
def caller(data_dir: Path, notebook: Notebook) -> Iterator[Parked]:
    with parked(data_dir, notebook) as caller:
        yield caller


# Who is rung, and how -------------------------------------------------------------------------------


@pytest.mark.rule("B.15")
def test_all_ring_by_calls_of_their_own_that_are_bounded(caller: Parked) -> None:
    park = caller.document.find("Enqueue")
    assert park is not None
    assert park.text == f"pikett-{caller.call_id}"
    told = caller.waits()
    assert [verb.tag for verb in told] == ["Play", "Pause"]
    assert [call.first("To") for call in caller.fake.calls.values()] == [ANNA, BEAT, CARLA]
    leg = caller.leg(ANNA)
    name = leg.first("Url").rsplit("/", 1)[1]
    base = "https://pikett.example/twilio/leg"
    assert {field: values[0] for field, values in leg.form.items()} == {
        "To": ANNA,
        "From": "+41440001100",
        "Url": f"{base}/{name}",
        "Method": "POST",
        "FallbackUrl": f"{base}/{name}/again",
        "FallbackMethod": "POST",
        "StatusCallback": f"{base}-status/{name}",
        "StatusCallbackEvent": "completed",
        "StatusCallbackMethod": "POST",
        "Timeout": "25",
        "TimeLimit": "3670",
    }


def test_what_he_hears_while_it_rings_is_there(caller: Parked) -> None:
    play = caller.waits().find("Play")
    assert play is not None
    sound = caller.line.client._client.get(f"/sounds/{(play.text or '').rsplit('/', 1)[1]}")
    assert sound.mimetype == "audio/wav"
    assert len(sound.data) == 44 + 2 * 8000


def test_one_call_a_second(data_dir: Path, notebook: Notebook) -> None:
    with parked(data_dir, notebook, paging={"twilio_calls_per_second": 1}) as caller:
        telephone = caller.app._parking_telephone
        telephone._pace._clock = lambda: caller.clock.now().timestamp()  # type: ignore[union-attr]
        rung = []
        for _ in range(4):
            caller.asks()  # Asked again at once: still not its turn.
            told = caller.waits()
            rung.append((len(caller.fake.calls), len(told)))
    assert rung == [(1, 1), (2, 1), (3, 2), (3, 2)]


@pytest.mark.parametrize("paging", [{"telephones": []}, {"telephones": ["asterisk"]}])
def test_without_calls_of_our_own_over_twilio_one_rings_after_the_other(
    paging: dict[str, list[str]], data_dir: Path, notebook: Notebook
) -> None:
    with parked(data_dir, notebook, paging=paging) as caller:
        assert rings(caller.document) == ANNA
        assert rings(caller.line.go("Dial", DialCallStatus="no-answer")) == BEAT


# Somebody takes it ----------------------------------------------------------------------------------


def test_the_first_to_accept_is_connected_and_the_others_stop(caller: Parked) -> None:
    caller.waits()
    caller.fake.answers(caller.leg(BEAT))
    assert "Bäckerei Sonnenschein" in said(caller.leg(BEAT).document)
    caller.fake.presses(caller.leg(BEAT), "1")
    bridge = caller.leg(BEAT).document
    assert caller.leg(BEAT).fetches == f"pikett-{caller.call_id}"
    dial = bridge.find("Dial") if bridge is not None else None
    assert dial is not None
    assert dial.attrib["timeLimit"] == "3600"
    assert [caller.leg(each).status for each in (ANNA, CARLA)] == ["canceled", "canceled"]
    caller.clock.advance(60)
    caller.fake.dial_ends(caller.leg(BEAT), "completed")
    assert said(caller.leg(BEAT).document) == ""
    after = caller.leaves("bridged")
    assert "Ticket" in said(after)
    assert caller.attempts() == ["cancelled", "accepted", "cancelled"]
    assert outcome(caller.app, caller.call_id)[:2] == ("bridged", True)
    assert caller.fake.cleared == [PLACE]


def test_who_presses_1_too_late_is_told(caller: Parked) -> None:
    caller.waits()
    for number in (ANNA, BEAT):
        caller.fake.answers(caller.leg(number))
    caller.fake.presses(caller.leg(BEAT), "1")
    assert caller.leg(ANNA).status == "in-progress"
    caller.fake.presses(caller.leg(ANNA), "1")
    assert "bereits" in said(caller.leg(ANNA).document)
    assert caller.leg(ANNA).fetches is None
    assert caller.waits().find("Leave") is None
    caller.leaves("bridged")
    assert caller.attempts() == ["too_late", "accepted", "cancelled"]


def test_a_bridge_that_is_lost_within_seconds_is_offered_again(caller: Parked) -> None:
    caller.waits()
    caller.fake.answers(caller.leg(ANNA))
    caller.fake.presses(caller.leg(ANNA), "1")
    caller.clock.advance(5)
    caller.leaves("bridged")
    assert rings(caller.line.go("Gather", Digits="1")) == ANNA


def test_whoever_finds_no_caller_any_more_is_told(caller: Parked) -> None:
    caller.waits()
    caller.fake.answers(caller.leg(ANNA))
    caller.fake.presses(caller.leg(ANNA), "1")
    caller.fake.dial_ends(caller.leg(ANNA), "no-answer")
    assert "aufgelegt" in said(caller.leg(ANNA).document)
    assert caller.leg(ANNA).status == "completed"


# Nobody takes it ------------------------------------------------------------------------------------


def test_nobody_picks_up_and_the_desk_is_rung(caller: Parked) -> None:
    caller.waits()
    for number, status in ((ANNA, "no-answer"), (BEAT, "busy"), (CARLA, "failed")):
        assert caller.document.find("Enqueue") is not None
        caller.fake.end(caller.leg(number), status)
    assert caller.waits().find("Leave") is not None
    assert rings(caller.document) == DESK
    assert caller.attempts()[:3] == ["no_answer", "busy", "failed"]


def test_a_voicemail_takes_nothing_and_leaves_the_others_ringing(caller: Parked) -> None:
    caller.waits()
    caller.fake.answers(caller.leg(ANNA))
    caller.fake.presses(caller.leg(ANNA), "")
    assert caller.leg(ANNA).status == "completed"
    assert caller.leg(BEAT).status == "queued"
    assert caller.waits().find("Leave") is None
    caller.fake.answers(caller.leg(BEAT))
    caller.fake.presses(caller.leg(BEAT), "1")
    caller.leaves("bridged")
    assert caller.attempts() == ["no_key", "accepted", "cancelled"]


def test_whoever_accepts_and_is_lost_before_the_bridge_gives_the_call_back(caller: Parked) -> None:
    caller.waits()
    caller.fake.answers(caller.leg(ANNA))
    caller.fake.presses(caller.leg(ANNA), "1")
    caller.fake.end(caller.leg(ANNA), "completed")
    assert caller.waits().find("Leave") is not None
    assert rings(caller.document) == DESK
    assert caller.attempts()[0] == "lost"


@pytest.mark.parametrize("answered", [False, True], ids=["ringing", "deciding"])
def test_nobody_waits_for_ever_where_twilio_tells_no_end(answered: bool, caller: Parked) -> None:
    caller.waits()
    if answered:
        caller.fake.answers(caller.leg(ANNA))
    while caller.document.find("Enqueue") is not None:
        caller.waits()
    assert rings(caller.document) == DESK
    assert 25 < caller.waited < (120 if answered else 45)


def test_the_caller_hangs_up_and_nobody_rings_any_more(caller: Parked) -> None:
    caller.waits()
    caller.fake.answers(caller.leg(ANNA))
    caller.hangs_up()
    assert [caller.leg(each).status for each in (BEAT, CARLA)] == ["canceled", "canceled"]
    assert caller.leaves("hangup").find("Hangup") is not None
    caller.fake.presses(caller.leg(ANNA), "1")
    assert "aufgelegt" in said(caller.leg(ANNA).document)
    assert caller.leg(ANNA).fetches is None
    assert caller.fake.cleared == [PLACE]


def test_the_queue_tells_of_the_hang_up_too(caller: Parked) -> None:
    caller.waits()
    caller.leaves("system-error", CallStatus="completed")
    assert {call.status for call in caller.fake.calls.values()} == {"canceled"}
    assert outcome(caller.app, caller.call_id)[1]


# The stories ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ringing_at_once", "taken_by_the_other"])
def test_twilio_tells_the_story(name: str, demo_database: Path, tmp_path: Path) -> None:
    """The same log as the rehearsal's."""
    story, logs = load_story(FOLDER / f"{name}.yaml"), list[object]()
    for back_end in ("rehearsal", "twilio"):
        shutil.copytree(demo_database, tmp_path / back_end)
        clock = FrozenClock(datetime.fromisoformat(story.at).astimezone(UTC))
        wired = {"clock": clock, "ids": CountedIds(), "observer": Notebook()}
        with with_twilio(tmp_path / back_end, partial(prepare, story), **wired) as (app, fake):
            if back_end == "twilio":
                played = ParkedPlayer(app, clock, story, fake).play()
            else:
                played = rehearsal_player.play(app, story)[0]
            logs.append([tell(app, played) for tell in (event_log, attempt_results, outcome)])
    assert logs[1] == logs[0]


# What fails -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["broken", "refused", "full"])
def test_what_twilio_does_not_place_is_dialled_one_after_the_other(
    fault: str, caller: Parked, notebook: Notebook
) -> None:
    caller.fake.broken = fault == "broken"
    caller.fake.refusals[ANNA] = (429, 20429)
    if fault == "full":
        caller.leaves("queue-full")
    else:
        assert caller.waits().find("Leave") is not None
        assert [what for what, _ in notebook.troubles] == ["leg_not_placed"]
    assert rings(caller.document) == ANNA
    first = caller.line.address("Dial")
    assert rings(caller.line.go("Dial", DialCallStatus="no-answer")) == BEAT
    again = caller.line.client.post(first, DialCallStatus="no-answer")
    assert rings(again) == BEAT
    number = caller.document.find("Dial/Number")
    assert number is not None
    whisper = caller.line.client.post(number.attrib["url"], Direction="outbound-dial")
    gather = whisper.find("Gather") if whisper is not None else None
    assert gather is not None
    accepted = caller.line.client.post(gather.attrib["action"], Digits="1")
    assert accepted is not None
    assert [verb.tag for verb in accepted] == ["Say"]
    caller.clock.advance(60)
    caller.line.go("Dial", DialCallStatus="completed", DialCallDuration="60")
    assert caller.attempts() == ["no_answer", "accepted", "cancelled"]


def test_after_all_were_dialled_in_vain_the_desk_is_rung(caller: Parked) -> None:
    caller.leaves("error")
    for number in (ANNA, BEAT, CARLA):
        assert rings(caller.document) == number
        caller.line.go("Dial", DialCallStatus="busy")
    assert rings(caller.document) == DESK
    assert caller.attempts()[:3] == ["busy", "busy", "busy"]


def test_a_queue_that_fails_while_it_rings_is_entered_again(caller: Parked) -> None:
    """An answer of ours may have been lost; whoever rings then shall still find him."""
    caller.waits()
    again = caller.leaves("error")
    assert [verb.tag for verb in again] == ["Play", "Pause", "Enqueue"]
    caller.fake.answers(caller.leg(ANNA))
    caller.fake.presses(caller.leg(ANNA), "1")
    assert caller.leaves("system-error").find("Enqueue") is not None
    caller.leaves("bridged")
    assert caller.attempts() == ["accepted", "cancelled", "cancelled"]


def test_a_moment_without_database_takes_the_caller_from_nobody_who_decides(
    caller: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was the moment in which he was asked after for the last time in vain."""
    caller.waits()
    caller.clock.advance(20)
    caller.fake.answers(caller.leg(ANNA))
    caller.clock.advance(11)
    with monkeypatch.context() as patch:
        patch.setattr(caller.app.storage, "reading", _gone)
        assert caller.asks(QueueTime="32").find("Leave") is not None
    assert caller.leaves().find("Enqueue") is not None
    caller.fake.presses(caller.leg(ANNA), "1")
    caller.leaves("bridged")
    assert caller.attempts()[0] == "accepted"


def test_who_rings_on_takes_nobody_from_the_desk(caller: Parked) -> None:
    caller.waits()
    caller.fake.broken = True
    assert rings(caller.leaves("queue-full")) == DESK
    caller.fake.broken = False
    caller.fake.answers(caller.leg(ANNA))
    caller.fake.presses(caller.leg(ANNA), "1")
    assert caller.leg(ANNA).fetches is None
    caller.clock.advance(60)
    caller.line.go("Dial", DialCallStatus="completed", DialCallDuration="60")
    assert caller.attempts()[-1] == "accepted"


def test_a_number_that_twilio_never_rings_leaves_the_others_ringing(caller: Parked) -> None:
    caller.fake.refusals[BEAT] = (400, 21211)
    assert caller.waits().find("Leave") is None
    assert [call.first("To") for call in caller.fake.calls.values()] == [ANNA, CARLA]
    for number in (ANNA, CARLA):
        caller.fake.end(caller.leg(number), "no-answer")
    caller.waits()
    assert rings(caller.document) == DESK
    assert caller.attempts()[:3] == ["no_answer", "failed", "no_answer"]


def test_who_could_not_be_placed_beside_others_is_dialled_after_them(caller: Parked) -> None:
    caller.fake.refusals[BEAT] = (500, 20500)
    while len(caller.fake.calls) < 2:
        assert caller.waits().find("Leave") is None
    for number in (ANNA, CARLA):
        caller.fake.end(caller.leg(number), "no-answer")
    caller.waits()
    assert rings(caller.document) == BEAT
    assert rings(caller.line.go("Dial", DialCallStatus="no-answer")) == DESK


def test_a_database_that_is_away_for_a_moment_changes_nothing(
    caller: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He hears it ringing; where it stays away he is not kept for ever, and the desk is rung."""
    with monkeypatch.context() as patch:
        patch.setattr(caller.app.storage, "reading", _gone)
        assert caller.waits().find("Play") is not None
        assert caller.asks(QueueTime="31").find("Leave") is not None
    caller.waits()
    assert len(caller.fake.calls) == 3
    monkeypatch.setattr(caller.app.storage, "reading", _gone)
    assert rings(caller.leaves()) == DESK


def _gone() -> None:
    raise OperationalError("SELECT 1", {}, Exception("gone"))


def test_a_whisper_that_fails_is_asked_for_at_the_fallback_address(
    caller: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.waits()
    sound, failed = caller.app.calls.begin_leg, list[str]()

    def fails_once(attempt_id: str, at: object) -> object:
        if not failed:
            failed.append(attempt_id)
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        return sound(attempt_id, at)  # type: ignore[arg-type]

    monkeypatch.setattr(caller.app.calls, "begin_leg", fails_once)
    caller.fake.answers(caller.leg(ANNA))
    assert caller.leg(ANNA).fallbacks == 1
    caller.fake.presses(caller.leg(ANNA), "1")
    assert caller.leg(ANNA).fetches == f"pikett-{caller.call_id}"


def test_what_comes_again_changes_nothing(caller: Parked) -> None:
    for _ in range(2):
        caller.asks()
    assert len(caller.fake.calls) == 3
    for number in (ANNA, BEAT, CARLA):
        caller.fake.end(caller.leg(number), "no-answer")
        caller.fake.end(caller.leg(number), "busy")
    address = caller.line.address("Enqueue")
    first = ET.tostring(caller.leaves())
    again = caller.line.client.post(address, QueueResult="bridged", QueueSid=PLACE)
    assert again is not None
    assert ET.tostring(again) == first
    assert caller.attempts()[:3] == ["no_answer"] * 3


def test_a_telephone_that_cannot_be_stopped_is_told_of(caller: Parked, notebook: Notebook) -> None:
    caller.waits()
    caller.fake.broken = True
    caller.hangs_up()
    assert [what for what, _ in notebook.troubles] == ["leg_not_stopped"] * 3
