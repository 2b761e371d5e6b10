"""Recording by phone: from the number and the PIN to a draft, and every way out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    MessageRecorded,
    RecordingEnd,
)
from ivr.callflow.prompts import Language, Name, PromptKey
from ivr.callflow.recording_call import MAX_MISSES, RECORDING_CALL, WRONG_ENTRIES
from ivr.callflow.recording_samples import recording_events, recording_key
from ivr.callflow.recording_session import (
    CheckRecorder,
    DraftKept,
    FindSentence,
    KeepDraft,
    PrepareTake,
    RecorderAdmitted,
    RecorderRefused,
    RecordingCallStarted,
    RecordingSession,
    Sentence,
    SentenceFound,
    SentenceUnknown,
    State,
    TakeReady,
    TakeRefused,
)
from ivr.callflow.verbs import Answer, Gather, HangUp, Listen, Play, Record
from ivr.callflow.walk import walk

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=30)
SENTENCE = Sentence(12, Language.FR, "Bonjour, vous êtes au piquet.")
STARTED = RecordingCallStarted(NOW, Language.DE, UNTIL)
PIN = "418293"
ADMITTED = (STARTED, DigitsEntered(NOW, "103"), DigitsEntered(NOW, PIN), RecorderAdmitted(NOW, Language.EN))  # fmt: skip
CHOSEN = (*ADMITTED, DigitsEntered(NOW, "12"), SentenceFound(NOW, SENTENCE))
SPOKEN = MessageRecorded(NOW, "file:a.wav", 3.0, RecordingEnd.KEY)
TAKEN = (*CHOSEN, DigitsEntered(NOW, "2"), SPOKEN, TakeReady(NOW, "takes/a"))


def after(*events: Event) -> tuple[RecordingSession, Any]:
    """The session, and what the last event brought about."""
    session, actions = RECORDING_CALL.initial, ()
    for event in events:
        turn = RECORDING_CALL.advance(session, event)
        session, actions = turn.session, turn.actions
    return session, actions


def said(actions: Any) -> list[PromptKey]:
    return [each.key for action in actions for each in getattr(action, "prompts", ())]


def key(digits: str, at: datetime = NOW) -> DigitsEntered:
    return DigitsEntered(at, digits)


def test_number_and_pin_are_asked_for_and_the_pin_is_a_secret() -> None:
    _, actions = after(STARTED)
    assert [type(each) for each in actions] == [Answer, Gather]
    session, (gather,) = after(STARTED, key("103"))
    assert gather.secret
    session, (asked,) = after(STARTED, key("103"), key(PIN))
    assert asked == CheckRecorder("103", PIN)
    assert PIN not in repr(session)


def test_three_wrong_entries_end_the_call_with_words() -> None:
    events: list[Event] = [STARTED]
    for _ in range(WRONG_ENTRIES - 1):
        events += [key("103"), key("000000"), RecorderRefused(NOW)]
        assert said(after(*events)[1]) == [PromptKey.RECORDING_WRONG, PromptKey.RECORDING_NUMBER]
    session, actions = after(*events, key("103"), key("111111"), RecorderRefused(NOW))
    assert session.state == State.OVER
    assert said(actions) == [PromptKey.RECORDING_SHUT]


def test_from_then_on_his_language_is_spoken_and_the_words_are_in_theirs() -> None:
    _, (asked,) = after(*ADMITTED)
    assert [(each.key, each.language) for each in asked.prompts] == [
        (PromptKey.RECORDING_CHOOSE, Language.EN)
    ]
    _, (found,) = after(*ADMITTED, key("12"))
    assert found == FindSentence("12")
    _, (told,) = after(*CHOSEN)
    words, keys = told.prompts
    assert (words.language, words.values) == (Language.FR, (("words", Name(SENTENCE.words)),))
    assert (keys.key, keys.language) == (PromptKey.RECORDING_KEYS, Language.EN)


def test_1_lets_hear_what_callers_hear_now() -> None:
    _, actions = after(*CHOSEN, key("1"))
    assert said(actions) == [PromptKey.RECORDING_WORDS, PromptKey.RECORDING_KEYS]
    recorded = Sentence(12, Language.FR, SENTENCE.words, "digest")
    _, actions = after(*ADMITTED, key("12"), SentenceFound(NOW, recorded), key("1"))
    assert actions[0] == Listen("digest")
    assert said(actions) == [PromptKey.RECORDING_KEYS]


def test_2_records_and_what_was_recorded_can_be_heard_recorded_again_and_kept() -> None:
    _, (record,) = after(*CHOSEN, key("2"))
    assert isinstance(record, Record)
    assert (record.max_seconds, record.finish_key) == (180, "#")
    assert after(*CHOSEN, key("2"), SPOKEN)[1] == (PrepareTake("file:a.wav"),)
    session, actions = after(*TAKEN)
    assert session.state == State.REVIEWING
    assert said(actions) == [PromptKey.RECORDING_REVIEW]
    assert after(*TAKEN, key("1"))[1][0] == Listen("takes/a")
    assert isinstance(after(*TAKEN, key("2"))[1][0], Record)
    assert after(*TAKEN, key("3"))[1] == (KeepDraft(),)
    session, actions = after(*TAKEN, key("3"), DraftKept(NOW))
    assert said(actions) == [PromptKey.RECORDING_KEPT, PromptKey.RECORDING_CHOOSE]
    assert (session.state, session.take) == (State.CHOOSING, "")


def test_9_is_another_prompt() -> None:
    for events in (CHOSEN, TAKEN):
        session, _ = after(*events, key("9"))
        assert (session.state, session.take, session.chosen) == (State.CHOOSING, "", None)


def test_3_means_nothing_before_something_is_recorded() -> None:
    session, actions = after(*CHOSEN, key("3"))
    assert session.state == State.DECIDING
    assert said(actions)[0] == PromptKey.RECORDING_NO_SUCH_KEY


def test_too_short_or_useless_is_told_and_can_be_done_again() -> None:
    nothing = MessageRecorded(NOW, "file:a.wav", 0.2, RecordingEnd.SILENCE)
    session, actions = after(*CHOSEN, key("2"), nothing)
    assert said(actions) == [PromptKey.RECORDING_NOTHING, PromptKey.RECORDING_KEYS]
    session, actions = after(*CHOSEN, key("2"), SPOKEN, TakeRefused(NOW, "Too quiet."))
    assert (session.state, session.take) == (State.DECIDING, "")
    assert actions[0].prompts[0].values == (("why", Name("Too quiet.")),)


@pytest.mark.parametrize("again", [key("5"), key("0")])
def test_keys_that_mean_nothing_end_the_call_at_last(again: Event) -> None:
    session, _ = after(*CHOSEN, *[again] * (MAX_MISSES - 1))
    assert session.state == State.DECIDING
    session, actions = after(*CHOSEN, *[again] * MAX_MISSES)
    assert session.state == State.OVER
    assert said(actions) == [PromptKey.RECORDING_NO_SUCH_KEY, PromptKey.GOODBYE]


def test_unknown_numbers_end_the_call_at_last() -> None:
    unknown = (key("999"), SentenceUnknown(NOW))
    assert after(*ADMITTED, *unknown * (MAX_MISSES - 1))[0].state == State.CHOOSING
    assert after(*ADMITTED, *unknown * MAX_MISSES)[0].state == State.OVER


@pytest.mark.parametrize("events", [(STARTED,), ADMITTED[:2], ADMITTED, CHOSEN, TAKEN])
def test_star_silence_hang_up_and_time_end_it_from_everywhere(events: tuple[Event, ...]) -> None:
    for event, told in (
        (key("*"), [PromptKey.GOODBYE]),
        (DigitsTimedOut(NOW), [PromptKey.RECORDING_SILENCE]),
        (key("1", UNTIL), [PromptKey.RECORDING_TIME_OVER]),
        (CallerHungUp(NOW), []),
    ):
        session, actions = after(*events, event)
        assert (session.state, session.take) == (State.OVER, "")
        assert said(actions) == told
        assert isinstance(actions[-1], HangUp)


def test_a_hang_up_while_he_speaks_keeps_nothing() -> None:
    cut = MessageRecorded(NOW, "file:a.wav", 9.0, RecordingEnd.HANGUP)
    session, actions = after(*CHOSEN, key("2"), cut)
    assert session.state == State.OVER
    assert not any(isinstance(action, PrepareTake | KeepDraft) for action in actions)


def test_every_path_says_something() -> None:
    """But after a hang-up, when nobody listens."""
    for edge in walk(RECORDING_CALL, recording_events, recording_key):
        heard = [each for each in edge.actions if isinstance(each, Play | Gather | Record)]
        gone = isinstance(edge.event, CallerHungUp) or "hangup" in edge.label
        asks = isinstance(edge.wait, CheckRecorder | FindSentence | PrepareTake | KeepDraft)
        assert gone or asks or all(each.prompts for each in heard), edge.states
        assert gone or asks or heard, edge.states


def test_a_draft_is_kept_only_by_the_key_3_after_a_take() -> None:
    for edge in walk(RECORDING_CALL, recording_events, recording_key):
        if any(isinstance(action, KeepDraft) for action in edge.actions):
            assert edge.before.state == State.REVIEWING
            assert edge.before.take
            assert edge.label == "key 3"
