"""Recording by phone: an admin calls an internal extension and speaks a prompt.

His number and his PIN let him in, three wrong entries end the call. He names a prompt by its number,
hears its words, and then the keys: 1 listens, 2 records, 3 keeps what he has recorded as a draft, 9
chooses another one, the star ends. What is kept is a draft: nothing he does here is heard by callers.
"""

from collections.abc import Callable
from dataclasses import replace

from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    MessageRecorded,
    RecordingEnd,
)
from ivr.callflow.machine import Action, Flow, Turn
from ivr.callflow.prompts import Name, Prompt, PromptKey
from ivr.callflow.prompts import prompt as say
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
from ivr.callflow.verbs import Answer, Gather, HangUp, Listen, Play, Record, Verb
from ivr.identity.pins import PIN_DIGITS

WRONG_ENTRIES = 3
MAX_MISSES = 3
NUMBER_DIGITS = 6
SHORTEST_SECONDS = 0.5
THINKING_SECONDS = 20
END = "*"

RecordingTurn = Turn[RecordingSession]
KeyHandler = Callable[[RecordingSession, DigitsEntered], RecordingTurn]


def _called(session: RecordingSession, event: RecordingCallStarted) -> RecordingTurn:
    begun = replace(session, language=event.language, until=event.until)
    return _ask_number(begun).first(Answer())


def _ask_number(session: RecordingSession, *before: Prompt) -> RecordingTurn:
    asked = _wait(session, State.ENTERING_NUMBER)
    prompts = (*before, _plain(session, PromptKey.RECORDING_NUMBER))
    return Turn(asked, (Gather(prompts, NUMBER_DIGITS, "#", END, THINKING_SECONDS),))


def _number_entered(session: RecordingSession, event: DigitsEntered) -> RecordingTurn:
    asked = replace(session, state=State.ENTERING_PIN, number=event.digits)
    prompts = (_plain(session, PromptKey.RECORDING_PIN),)
    return Turn(asked, (Gather(prompts, PIN_DIGITS, "#", END, THINKING_SECONDS, secret=True),))


def _pin_entered(session: RecordingSession, event: DigitsEntered) -> RecordingTurn:
    check = CheckRecorder(session.number, event.digits)
    return Turn(replace(session, state=State.CHECKING, number=""), (check,))


def _admitted(session: RecordingSession, event: RecorderAdmitted) -> RecordingTurn:
    return _choose(replace(session, language=event.language, wrong=0))


def _refused(session: RecordingSession, event: RecorderRefused) -> RecordingTurn:
    again = replace(session, wrong=session.wrong + 1)
    if again.wrong >= WRONG_ENTRIES:
        return _over(again, PromptKey.RECORDING_SHUT)
    return _ask_number(again, _plain(again, PromptKey.RECORDING_WRONG))


def _choose(session: RecordingSession, *before: Prompt) -> RecordingTurn:
    asked = replace(_wait(session, State.CHOOSING), chosen=None, take="")
    prompts = (*before, _plain(session, PromptKey.RECORDING_CHOOSE))
    return Turn(asked, (Gather(prompts, NUMBER_DIGITS, "#", END, THINKING_SECONDS),))


def _chosen(session: RecordingSession, event: DigitsEntered) -> RecordingTurn:
    return Turn(replace(session, state=State.LOOKING), (FindSentence(event.digits),))


def _unknown(session: RecordingSession, event: SentenceUnknown) -> RecordingTurn:
    return _missed(session, PromptKey.RECORDING_UNKNOWN, _choose)


def _found(session: RecordingSession, event: SentenceFound) -> RecordingTurn:
    """He hears what he is to say, in the language it is in."""
    found = replace(session, chosen=event.sentence, take="", misses=0)
    return _decide(found, _words(event.sentence))


def _decide(session: RecordingSession, *before: Prompt, heard: str = "") -> RecordingTurn:
    """The keys, after what was `heard` or said before."""
    reviewing = bool(session.take)
    key = PromptKey.RECORDING_REVIEW if reviewing else PromptKey.RECORDING_KEYS
    asked = _wait(session, State.REVIEWING if reviewing else State.DECIDING)
    gather = Gather((*before, _plain(session, key)), timeout=THINKING_SECONDS)
    first: tuple[Verb, ...] = (Listen(heard),) if heard else ()
    return Turn(asked, (*first, gather))


def _decided(session: RecordingSession, event: DigitsEntered) -> RecordingTurn:
    pressed = replace(session, misses=0)
    match event.digits:
        case "1":
            return _listen(pressed)
        case "2":
            return _record(pressed)
        case "3" if session.take:
            return Turn(replace(pressed, state=State.KEEPING), (KeepDraft(),))
        case "9":
            return _choose(pressed)
        case _:
            return _missed(session, PromptKey.RECORDING_NO_SUCH_KEY, _decide)


def _listen(session: RecordingSession) -> RecordingTurn:
    """His own take, else what callers hear now, which is synthesised where nobody has spoken it."""
    if sound := session.take or session.sentence.recording:
        return _decide(session, heard=sound)
    return _decide(session, _words(session.sentence))


def _record(session: RecordingSession) -> RecordingTurn:
    speaking = replace(session, state=State.SPEAKING, take="")
    return Turn(speaking, (Record((_plain(session, PromptKey.RECORDING_SPEAK),)),))


def _recorded(session: RecordingSession, event: MessageRecorded) -> RecordingTurn:
    if event.ended_by is RecordingEnd.HANGUP:
        return _gone(session, event)
    if event.seconds < SHORTEST_SECONDS:
        return _decide(session, _plain(session, PromptKey.RECORDING_NOTHING))
    return Turn(replace(session, state=State.TAKING), (PrepareTake(event.recording),))


def _ready(session: RecordingSession, event: TakeReady) -> RecordingTurn:
    return _decide(replace(session, take=event.sound))


def _take_refused(session: RecordingSession, event: TakeRefused) -> RecordingTurn:
    why = say(PromptKey.RECORDING_USELESS, session.language, why=Name(event.why))
    return _decide(replace(session, take=""), why)


def _kept(session: RecordingSession, event: DraftKept) -> RecordingTurn:
    return _choose(session, _plain(session, PromptKey.RECORDING_KEPT))


def _missed(
    session: RecordingSession, key: PromptKey, again: Callable[..., RecordingTurn]
) -> RecordingTurn:
    """So often in a row, then the call ends: perhaps nobody is there."""
    counted = replace(session, misses=session.misses + 1)
    if counted.misses >= MAX_MISSES:
        return _over(counted, key, PromptKey.GOODBYE)
    return again(counted, _plain(session, key))


def _silent(session: RecordingSession, event: DigitsTimedOut) -> RecordingTurn:
    return _over(session, PromptKey.RECORDING_SILENCE)


def _gone(session: RecordingSession, event: Event) -> RecordingTurn:
    """What was not kept is lost."""
    return Turn(replace(session, state=State.OVER, number="", take=""), (HangUp(),))


def _over(session: RecordingSession, *keys: PromptKey) -> RecordingTurn:
    told = Play(tuple(_plain(session, key) for key in keys))
    over = replace(session, state=State.OVER, number="", take="")
    ending: tuple[Action, ...] = (told, HangUp())
    return Turn(over, ending)


def _key(handler: KeyHandler) -> KeyHandler:
    """The star ends the call from everywhere, and so does its time."""

    def pressed(session: RecordingSession, event: DigitsEntered) -> RecordingTurn:
        if END in event.digits:
            return _over(session, PromptKey.GOODBYE)
        if session.until is not None and event.at >= session.until:
            return _over(session, PromptKey.RECORDING_TIME_OVER)
        return handler(session, event)

    return pressed


def _wait(session: RecordingSession, state: State) -> RecordingSession:
    return replace(session, state=state)


def _plain(session: RecordingSession, key: PromptKey) -> Prompt:
    return say(key, session.language)


def _words(sentence: Sentence) -> Prompt:
    return say(PromptKey.RECORDING_WORDS, sentence.language, words=Name(sentence.words))


def _waiting(handler: KeyHandler) -> dict[type[Event], Callable[..., RecordingTurn]]:
    return {DigitsEntered: _key(handler), DigitsTimedOut: _silent, CallerHungUp: _gone}


RECORDING_CALL: Flow[RecordingSession] = Flow(
    name="recording_call",
    initial=RecordingSession(),
    final=frozenset({State.OVER}),
    table={
        State.CALLED: {RecordingCallStarted: _called},
        State.ENTERING_NUMBER: _waiting(_number_entered),
        State.ENTERING_PIN: _waiting(_pin_entered),
        State.CHECKING: {RecorderAdmitted: _admitted, RecorderRefused: _refused},
        State.CHOOSING: _waiting(_chosen),
        State.LOOKING: {SentenceFound: _found, SentenceUnknown: _unknown},
        State.DECIDING: _waiting(_decided),
        State.SPEAKING: {MessageRecorded: _recorded, CallerHungUp: _gone},
        State.TAKING: {TakeReady: _ready, TakeRefused: _take_refused},
        State.REVIEWING: _waiting(_decided),
        State.KEEPING: {DraftKept: _kept, TakeRefused: _take_refused},
    },
)
