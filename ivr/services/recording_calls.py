"""Calls in which an admin records prompts. They are no calls of customers and leave no call record.

One conversation holds the whole call, so nothing of it is stored but what the admin keeps: a draft,
and lines in the audit log. A take lives in files that end with the next take or with the call. What
fails on the way ends the call; the dialplan then says that something is out of order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from ivr.callflow.events import CallerHungUp, Event
from ivr.callflow.prompts import Language
from ivr.callflow.recording_call import RECORDING_CALL
from ivr.callflow.recording_session import (
    CheckRecorder,
    DraftKept,
    FindSentence,
    KeepDraft,
    PrepareTake,
    RecorderAdmitted,
    RecorderRefused,
    RecordingCallStarted,
    SentenceFound,
    SentenceUnknown,
    TakeReady,
    TakeRefused,
)
from ivr.callflow.recording_session import Sentence as Spoken
from ivr.callflow.requests import Question
from ivr.callflow.verbs import Verb
from ivr.errors import MalformedRequestError
from ivr.people.person import Person
from ivr.services.calls import Reply
from ivr.services.ports import Ids, Observer
from ivr.services.prompt_numbers import Numbered, PromptNumbers
from ivr.services.prompt_records import Heard, PromptRefusedError, Reason
from ivr.services.prompts import Prompts
from ivr.services.recording_pins import PhoneCode, RecordingPins
from ivr.services.recordings import FILE, inbox_file
from ivr.services.records import StoredTurn
from ivr.services.runs import Run, hides_digits

LONGEST = timedelta(minutes=30)
NOTE = "by phone"
MAX_NUMBER_DIGITS = 6


class Takes(Protocol):
    """Sounds that are listened to before anything is kept."""

    def speak(self, text: str, language: Language) -> Heard:
        """Synthesised now, if it is not yet: no call of a customer waits for it."""
        ...

    def take(self, source: Path) -> Heard:
        """A recording as callers would hear it; raises PromptRefusedError."""
        ...

    def drop_take(self, name: str) -> None:
        """It is not needed any more."""
        ...


@dataclass(frozen=True, slots=True)
class RecordingParts:
    """What such calls work with. `words` of a refusal in a language."""

    ids: Ids
    observer: Observer
    pins: RecordingPins
    numbers: PromptNumbers
    prompts: Prompts
    takes: Takes
    words: Callable[[Reason, Language], str]
    inbox: Path
    language: Language


class RecordingCalls:
    """Answers the extension for recording."""

    def __init__(self, parts: RecordingParts) -> None:
        self._parts = parts

    def begin(self, source: str, at: datetime) -> "RecordingCall":
        """Somebody has dialled it, from this telephone."""
        return RecordingCall(self._parts, source, at)


class RecordingCall:
    """One call, from its first turn on: `reply` is what its telephone is to do now."""

    def __init__(self, parts: RecordingParts, source: str, at: datetime) -> None:
        self._parts = parts
        self._source = f"phone:{source}"[:64]
        self._person: Person | None = None
        self._numbered: Numbered | None = None
        self._file: Path | None = None
        self._take = ""
        call_id = parts.ids.new()
        self._turn = StoredTurn(
            call_id, 0, call_id, RECORDING_CALL.name, at, False, RECORDING_CALL.initial, ()
        )
        self.report(RecordingCallStarted(at, parts.language, at + LONGEST))

    @property
    def reply(self) -> Reply:
        """The latest turn."""
        turn = self._turn
        over = RECORDING_CALL.is_over(turn.session)
        state = str(turn.session.state)
        return Reply(turn.call_id, turn.leg_id, turn.number, turn.verbs, state, over, turn.log)

    def gone(self, at: datetime) -> None:
        """The telephone was put down; harmless where the call is over."""
        if not RECORDING_CALL.is_over(self._turn.session):
            self.report(CallerHungUp(at))

    def report(self, report: Event) -> Reply:
        """What came of the verbs."""
        before = self._turn
        run = Run(RECORDING_CALL, before.session, hides_digits(before.verbs))
        event: Event | None = report
        while event is not None:
            event = self._step(run, event)
        self._turn = replace(
            before,
            number=before.number + 1,
            at=report.at,
            session=run.session,
            verbs=tuple(run.verbs),
            log=tuple(run.log),
        )
        self._parts.observer.transition(self._turn)
        return self.reply

    def close(self) -> None:
        """What was not kept is deleted; harmless when repeated."""
        self._forget_take()

    def _step(self, run: Run, event: Event) -> Event | None:
        answer: Event | None = None
        for action in run.advance(event):
            if isinstance(action, Verb):
                run.verbs.append(action)
            elif isinstance(action, Question):
                answer = self._answers[type(action)](action, event.at)
        return answer

    @property
    def _answers(self) -> Mapping[type[Question], Callable[[Any, datetime], Event]]:
        return {
            CheckRecorder: self._check,
            FindSentence: self._find,
            PrepareTake: self._prepare,
            KeepDraft: self._keep,
        }

    def _check(self, question: CheckRecorder, at: datetime) -> RecorderAdmitted | RecorderRefused:
        code = PhoneCode(question.number, question.pin)
        record = self._parts.pins.admit(code, self._source, at)
        if record is None:
            return RecorderRefused(at)
        self._person = record.person
        return RecorderAdmitted(at, Language(record.language))

    def _find(self, question: FindSentence, at: datetime) -> SentenceFound | SentenceUnknown:
        """Its words are synthesised beforehand, where they are not yet."""
        self._forget_take()
        typed = question.number
        known = typed.isdecimal() and typed.isascii() and len(typed) <= MAX_NUMBER_DIGITS
        self._numbered = self._parts.numbers.find(int(typed)) if known else None
        if self._numbered is None:
            return SentenceUnknown(at)
        found, sentence = self._numbered, self._numbered.sentence
        self._parts.takes.speak(sentence.words, found.language)
        spoken = Spoken(found.number, found.language, sentence.words, sentence.digest or "")
        return SentenceFound(at, spoken)

    def _prepare(self, question: PrepareTake, at: datetime) -> TakeReady | TakeRefused:
        self._forget_take()
        self._file = inbox_file(self._parts.inbox, question.recording.removeprefix(FILE))
        try:
            self._take = self._parts.takes.take(self._file).name
        except PromptRefusedError as error:
            return self._refusal(error, at)
        return TakeReady(at, self._take)

    def _keep(self, question: KeepDraft, at: datetime) -> DraftKept | TakeRefused:
        if self._person is None or self._numbered is None or self._file is None:
            raise MalformedRequestError("nothing was recorded that could be kept")
        found, words = self._numbered, self._numbered.sentence.words
        try:
            self._parts.prompts.save_recording(
                found.key, found.language, words, self._file, self._person, NOTE
            )
        except PromptRefusedError as error:
            return self._refusal(error, at)
        self._forget_take()
        return DraftKept(at)

    def _refusal(self, error: PromptRefusedError, at: datetime) -> TakeRefused:
        self._forget_take()
        language = Language(self._person.language) if self._person else self._parts.language
        why = self._parts.words(error.reasons[0], language)
        self._parts.takes.speak(why, language)
        return TakeRefused(at, why)

    def _forget_take(self) -> None:
        """The levelled sound, and what the telephone left."""
        if self._take:
            self._parts.takes.drop_take(self._take)
        if self._file is not None:
            self._file.unlink(missing_ok=True)
        self._take, self._file = "", None
