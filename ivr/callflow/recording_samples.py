"""Events for the walk over the recording call; see `samples.py`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    MessageRecorded,
    RecordingEnd,
)
from ivr.callflow.prompts import Language
from ivr.callflow.recording_session import (
    DraftKept,
    RecorderAdmitted,
    RecorderRefused,
    RecordingCallStarted,
    RecordingSession,
    Sentence,
    SentenceFound,
    SentenceUnknown,
    TakeReady,
    TakeRefused,
)
from ivr.callflow.samples import LATER, MUCH_LATER, START
from ivr.callflow.walk import Edge

SPOKEN = Sentence(12, Language.FR, "Bonjour.", "0" * 32)
SYNTHESISED = Sentence(13, Language.IT, "Buongiorno.")


def recording_events(session: RecordingSession) -> Iterator[tuple[str, Event]]:
    """Everything that can reach who records."""
    yield "called", RecordingCallStarted(START, Language.DE, MUCH_LATER)
    yield "number and PIN fit", RecorderAdmitted(START, Language.EN)
    yield "they do not fit", RecorderRefused(START)
    yield "prompt found", SentenceFound(START, SYNTHESISED)
    yield "prompt found, spoken", SentenceFound(START, SPOKEN)
    yield "no such prompt", SentenceUnknown(START)
    for key in ("1", "2", "3", "9", "0"):
        yield f"key {key}", DigitsEntered(LATER, key)
    yield "star", DigitsEntered(LATER, "*")
    yield "time over", DigitsEntered(MUCH_LATER + timedelta(seconds=1), "1")
    yield "no key", DigitsTimedOut(LATER)
    for end in RecordingEnd:
        yield f"recorded, {end}", MessageRecorded(LATER, "file:a.wav", 4.0, end)
    yield "nothing recorded", MessageRecorded(LATER, "file:a.wav", 0.0, RecordingEnd.SILENCE)
    yield "levelled", TakeReady(LATER, "takes/a")
    yield "refused", TakeRefused(LATER, "Zu leise.")
    yield "kept", DraftKept(LATER)
    yield "hang-up", CallerHungUp(LATER)


def recording_key(session: RecordingSession) -> Any:
    """What steers it."""
    recorded = session.chosen is not None and bool(session.chosen.recording)
    return (
        session.state,
        session.wrong,
        session.misses,
        session.language,
        bool(session.number),
        bool(session.take),
        session.chosen is not None,
        recorded,
    )


def goes_on(edge: Edge[RecordingSession]) -> bool:
    """A key that means something: such a call ends by the clock, not by a count."""
    return isinstance(edge.event, DigitsEntered) and edge.after.misses == 0
