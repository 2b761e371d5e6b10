"""What a call in which prompts are recorded remembers, meets and asks for; see `recording_call.py`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.callflow.events import Event
from ivr.callflow.prompts import Language
from ivr.callflow.requests import Question


class State(StrEnum):
    """What the call is waiting for."""

    CALLED = "called"
    ENTERING_NUMBER = "entering_number"
    ENTERING_PIN = "entering_pin"
    CHECKING = "checking"
    CHOOSING = "choosing"
    LOOKING = "looking"
    DECIDING = "deciding"
    SPEAKING = "speaking"
    TAKING = "taking"
    REVIEWING = "reviewing"
    KEEPING = "keeping"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be spoken. `recording` names the one that callers hear now, if there is one."""

    number: int
    language: Language
    words: str
    recording: str = ""


@dataclass(frozen=True, slots=True)
class RecordingCallStarted(Event):
    """Somebody has dialled the extension; the `language` until it is known who, and the end."""

    language: Language
    until: datetime


@dataclass(frozen=True, slots=True)
class RecorderAdmitted(Event):
    """Number and PIN fit; his language."""

    language: Language


@dataclass(frozen=True, slots=True)
class RecorderRefused(Event):
    """Unknown, wrong, locked or no admin any more: never told apart."""


@dataclass(frozen=True, slots=True)
class SentenceFound(Event):
    """The number is a prompt's."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class SentenceUnknown(Event):
    """Nothing that can be recorded has this number."""


@dataclass(frozen=True, slots=True)
class TakeReady(Event):
    """The recording as callers would hear it, by the name of its sound."""

    sound: str


@dataclass(frozen=True, slots=True)
class TakeRefused(Event):
    """It cannot be used; the reason in words of his language."""

    why: str


@dataclass(frozen=True, slots=True)
class DraftKept(Event):
    """It is on the page of the prompt."""


@dataclass(frozen=True, slots=True)
class CheckRecorder(Question):
    """May he record? Answered by RecorderAdmitted or RecorderRefused."""

    number: str
    pin: str


@dataclass(frozen=True, slots=True)
class FindSentence(Question):
    """What has this number? Answered by SentenceFound or SentenceUnknown."""

    number: str


@dataclass(frozen=True, slots=True)
class PrepareTake(Question):
    """Level what was recorded. Answered by TakeReady or TakeRefused."""

    recording: str


@dataclass(frozen=True, slots=True)
class KeepDraft(Question):
    """Keep the last take as a draft. Answered by DraftKept or TakeRefused."""


@dataclass(frozen=True, slots=True)
class RecordingSession:
    """One call. The PIN is never part of it."""

    state: State = State.CALLED
    language: Language = Language.DE
    until: datetime | None = None
    number: str = ""
    wrong: int = 0
    misses: int = 0
    chosen: Sentence | None = None
    take: str = ""

    @property
    def sentence(self) -> Sentence:
        """Only asked for after one was chosen."""
        assert self.chosen is not None  # noqa: S101
        return self.chosen
