"""The trial call before a duty, and when it is made."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from ivr.callflow import codec
from ivr.callflow.events import CallerHungUp, DigitsEntered, DigitsTimedOut, LegAnswered
from ivr.callflow.prompts import Language, PromptKey
from ivr.callflow.readiness import (
    MAX_REPEATS,
    READINESS_CALL,
    NoteReadiness,
    ReadinessFacts,
    ReadinessPrepared,
    ReadinessResult,
    ReadinessSession,
    State,
)
from ivr.callflow.readiness_samples import readiness_events, readiness_key
from ivr.callflow.verbs import Gather, HangUp
from ivr.callflow.walk import walk
from ivr.roster.readiness import daily_before, is_quiet, next_daily, when_to_try
from ivr.roster.walltime import ZONE

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DUTY = ReadinessFacts(Language.DE, NOW + timedelta(hours=8), NOW + timedelta(hours=20))


def asked(facts: ReadinessFacts = DUTY) -> tuple[ReadinessSession, Any]:
    """The session that waits for a key, and what it does."""
    session = READINESS_CALL.advance(READINESS_CALL.initial, LegAnswered(NOW)).session
    turn = READINESS_CALL.advance(session, ReadinessPrepared(NOW, facts))
    return turn.session, turn.actions


def press(session: ReadinessSession, key: str) -> Any:
    return READINESS_CALL.advance(session, DigitsEntered(NOW, key))


def said(actions: Any) -> list[PromptKey]:
    return [each.key for action in actions for each in getattr(action, "prompts", ())]


def results(actions: Any) -> list[ReadinessResult]:
    return [action.result for action in actions if isinstance(action, NoteReadiness)]


def test_he_hears_his_duty_and_the_key() -> None:
    _, actions = asked()
    assert said(actions) == [
        PromptKey.READINESS,
        PromptKey.READINESS_DUTY,
        PromptKey.READINESS_KEY,
    ]
    assert isinstance(actions[-1], Gather)


def test_without_a_duty_to_come_none_is_named() -> None:
    _, actions = asked(ReadinessFacts(Language.EN))
    assert said(actions) == [PromptKey.READINESS, PromptKey.READINESS_KEY]


def test_only_1_confirms() -> None:
    session, _ = asked()
    turn = press(session, "1")
    assert results(turn.actions) == [ReadinessResult.CONFIRMED]
    assert turn.session.state == State.OVER
    assert isinstance(turn.actions[-1], HangUp)


@pytest.mark.parametrize("key", ["0", "2", "3", "9", "*", "11"])
def test_any_other_key_asks_again_and_at_last_is_none(key: str) -> None:
    session, _ = asked()
    for _ in range(MAX_REPEATS):
        turn = press(session, key)
        assert results(turn.actions) == []
        session = turn.session
    assert results(press(session, key).actions) == [ReadinessResult.NO_KEY]


def test_a_voicemail_that_talks_confirms_nothing() -> None:
    session, _ = asked()
    turn = READINESS_CALL.advance(session, DigitsTimedOut(NOW))
    assert results(turn.actions) == [ReadinessResult.NO_KEY]


def test_a_hang_up_confirms_nothing() -> None:
    session, _ = asked()
    turn = READINESS_CALL.advance(session, CallerHungUp(NOW))
    assert results(turn.actions) == [ReadinessResult.HUNG_UP]


def test_every_path_notes_one_result_and_every_session_can_be_stored() -> None:
    for edge in walk(READINESS_CALL, readiness_events, readiness_key):
        over = READINESS_CALL.is_over(edge.after)
        assert len(results(edge.actions)) == (1 if over else 0), edge.states
        assert codec.from_json(codec.to_json(edge.after)) == edge.after
        assert codec.from_json(codec.to_json(edge.event)) == edge.event


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("starts", "hours", "due"),
    [
        ("2026-11-24T08:00", 12, "2026-11-23T20:00"),
        ("2026-11-24T18:00", 12, "2026-11-24T08:00"),
        ("2026-11-24T08:30", 3, "2026-11-23T20:00"),
        ("2026-11-24T09:00", 3, "2026-11-24T08:00"),
        ("2026-11-24T17:00", 18, "2026-11-24T08:00"),
        ("2026-11-24T17:00", 20, "2026-11-24T08:00"),
        ("2026-11-24T22:00", 12, "2026-11-24T10:00"),
        ("2026-11-24T02:00", 2, "2026-11-24T00:00"),
        ("2026-11-24T07:00", 1, "2026-11-24T06:00"),
    ],
    ids=str,
)
def test_nobody_is_woken_for_a_trial(starts: str, hours: int, due: str) -> None:
    """But for a duty that begins at night itself."""
    assert when_to_try(wall(starts), timedelta(hours=hours)) == wall(due)


def test_for_every_duty_of_a_week_the_trial_is_early_enough_and_by_day() -> None:
    for quarter in range(7 * 96):
        starts = NOW + timedelta(minutes=15 * quarter)
        for hours in (1, 3, 12, 24, 72):
            due = when_to_try(starts, timedelta(hours=hours))
            assert due < starts
            assert is_quiet(starts) or not is_quiet(due)


def test_a_daily_time_is_a_wall_time_across_the_change_of_the_clock() -> None:
    half_past_four = time(4, 30)
    saturday = wall("2026-10-24T12:00")
    assert next_daily(half_past_four, saturday) == wall("2026-10-25T04:30")
    assert daily_before(half_past_four, saturday) == wall("2026-10-24T04:30")
    at = wall("2026-10-25T04:30")
    assert daily_before(half_past_four, at) == at
    assert next_daily(half_past_four, at) == wall("2026-10-26T04:30")
