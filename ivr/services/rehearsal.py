"""A call without a telephone: drives the same service as the carriers, in a time of its own.

Nobody is dialled, mailed, billed or counted. Every prompt takes as long as its sound, every ringing
as long as it would, so that the caller's seconds can be read off. The rung telephones are played
too: an answered leg goes through the same screening as a real one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    MessageRecorded,
    PlaybackFinished,
    RecordingEnd,
)
from ivr.callflow.prompts import Prompt
from ivr.callflow.verbs import (
    Announce,
    Connect,
    Dial,
    DialLeg,
    Gather,
    Play,
    Record,
    Verb,
)
from ivr.services import script
from ivr.services.calls import Calls, Reply
from ivr.services.records import LogEntry
from ivr.services.reports import DialReport, DialStatus, IncomingCall, Report
from ivr.services.script import HangUpNow, Keys, Message, NoKey, Ring, Script, Token

PRESS_SECONDS = 1.0
ANSWER_SECONDS = 4.0
NO_RECORDING = "rehearsal:silence"


class Lengths(Protocol):
    """How long prompts take to be heard."""

    def seconds(self, prompts: Iterable[Prompt]) -> float:
        """Seconds of sound."""
        ...


class Listener(Protocol):
    """Is told what the people of a rehearsal hear and what the program does, as it happens."""

    def heard(self, who: str, prompts: tuple[Prompt, ...], seconds: float) -> None:
        """`who` is the caller, or the name of a rung telephone's ring attempt."""
        ...

    def moved(self, entry: LogEntry) -> None:
        """One transition of a flow."""
        ...

    def rings(self, legs: tuple[DialLeg, ...], at: datetime) -> None:
        """These telephones would be dialled."""
        ...

    def waits(self, verb: Verb) -> None:
        """The caller's leg waits for somebody to act."""
        ...

    def acts(self, verb: Verb, token: Token, at: datetime) -> None:
        """Somebody acts on this verb; a Ring is what the telephones do from now on."""
        ...


@dataclass
class Rehearsal:
    """One rehearsed call. `now` is its own time, an aware instant."""

    calls: Calls
    lengths: Lengths
    listener: Listener
    script: Script
    now: datetime
    recording: str = NO_RECORDING
    reply: Reply | None = field(default=None, init=False)

    def play(self, incoming: IncomingCall) -> str:
        """Play the call to its end; returns its id."""
        reply = self._told(self.calls.begin(incoming))
        while not reply.over:
            report = self._perform(reply)
            reply = self._told(self.calls.report(reply.leg_id, reply.turn, report))
        self._perform(reply)
        return reply.call_id

    def _told(self, reply: Reply) -> Reply:
        for entry in reply.log:
            self.listener.moved(entry)
        return reply

    def _perform(self, reply: Reply) -> Report:
        """Carry the caller's verbs out; the report of the one that waits."""
        for verb in reply.verbs:
            match verb:
                case Play(prompts):
                    self._hear("caller", prompts)
                case Announce(prompts):
                    seconds = self._hear("caller", prompts)
                    return PlaybackFinished(self.now, complete=True, seconds=seconds)
                case Gather():
                    return self._gather(verb)
                case Record():
                    return self._record(verb)
                case Dial():
                    return self._dial(verb)
        return CallerHungUp(self.now)

    def _hear(self, who: str, prompts: tuple[Prompt, ...]) -> float:
        seconds = self._begin_to_hear(who, prompts)
        self._pass(seconds)
        return seconds

    def _begin_to_hear(self, who: str, prompts: tuple[Prompt, ...]) -> float:
        seconds = self.lengths.seconds(prompts)
        if prompts:
            self.listener.heard(who, prompts, seconds)
        return seconds

    def _pass(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _gather(self, verb: Gather) -> Report:
        seconds = self._begin_to_hear("caller", verb.prompts)
        self.listener.waits(verb)
        token = self.script.for_keys()
        if not (isinstance(token, Keys) and token.at_once):
            self._pass(seconds)
        self.listener.acts(verb, token, self.now)
        match token:
            case HangUpNow():
                return CallerHungUp(self.now)
            case Keys(digits):
                self._pass(PRESS_SECONDS)
                return DigitsEntered(self.now, digits[: verb.max_digits])
            case NoKey():
                self.now = _deadline(verb, self.now)
                return DigitsTimedOut(self.now)

    def _record(self, verb: Record) -> Report:
        self._hear("caller", verb.prompts)
        self.listener.waits(verb)
        spoken = self.script.for_message()
        self.listener.acts(verb, spoken, self.now)
        if isinstance(spoken, HangUpNow):
            return CallerHungUp(self.now)
        seconds = min(spoken.seconds, float(verb.max_seconds))
        self._pass(seconds)
        return MessageRecorded(self.now, self.recording, seconds, _ending(spoken, verb))

    def _dial(self, verb: Dial) -> Report:
        self.listener.rings(verb.legs, self.now)
        self.listener.waits(verb)
        ring = self.script.for_ring()
        self.listener.acts(verb, ring, self.now)
        if isinstance(ring, HangUpNow):
            self._pass(PRESS_SECONDS)
            return CallerHungUp(self.now)
        return self._ring(verb, ring)

    def _ring(self, verb: Dial, ring: Ring) -> Report:
        """Each telephone in turn, as if all of them acted at the same instant.

        The first that is connected ends the ringing of those that did nothing; who presses 1 a
        moment later hears that the call is taken.
        """
        statuses: dict[str, DialStatus] = {}
        bridged = False
        for leg, does in zip(verb.legs, ring.for_legs(len(verb.legs)), strict=True):
            if does == script.CALLER_GONE:
                return self._gone_during_whisper(leg)
            if bridged and does == script.NO_ANSWER:
                statuses[leg.attempt_id] = DialStatus.CANCELLED
                continue
            statuses[leg.attempt_id], connected = self._ring_one(leg, does)
            bridged = bridged or connected
        if not bridged:
            return DialReport(self.now, DialStatus.NO_ANSWER, 0, statuses)
        self._pass(ring.bridge_seconds)
        return DialReport(self.now, DialStatus.ANSWERED, ring.bridge_seconds, statuses)

    def _ring_one(self, leg: DialLeg, does: str) -> tuple[DialStatus, bool]:
        match does:
            case script.NO_ANSWER:
                self._pass(leg.ring_seconds)
                return DialStatus.NO_ANSWER, False
            case script.BUSY:
                self._pass(PRESS_SECONDS)
                return DialStatus.BUSY, False
            case script.FAILED:
                return DialStatus.FAILED, False
        self._pass(ANSWER_SECONDS)
        if does == script.LEG_GONE:
            return DialStatus.ANSWERED, self._gone_again(leg)
        return DialStatus.ANSWERED, self._answer(leg, does)

    def _gone_again(self, leg: DialLeg) -> bool:
        """Whoever answered hangs up during the whisper."""
        self._told(self.calls.begin_leg(leg.attempt_id, self.now))
        self._pass(PRESS_SECONDS)
        self.calls.hang_up(leg.attempt_id, self.now)
        return False

    def _answer(self, leg: DialLeg, keys: str) -> bool:
        """The screening of an answered telephone; True if it was connected."""
        reply = self._told(self.calls.begin_leg(leg.attempt_id, self.now))
        pressed = iter(keys)
        while not reply.over:
            report = self._perform_leg(leg, reply, next(pressed, "-"))
            reply = self._told(self.calls.report(leg.attempt_id, reply.turn, report))
        self._play_all(leg, reply)
        return any(isinstance(verb, Connect) for verb in reply.verbs)

    def _perform_leg(self, leg: DialLeg, reply: Reply, key: str) -> Report:
        gather = next(verb for verb in reply.verbs if isinstance(verb, Gather))
        self._hear(leg.attempt_id, gather.prompts)
        if key == "-":
            self.now = _deadline(gather, self.now)
            return DigitsTimedOut(self.now)
        self._pass(PRESS_SECONDS)
        return DigitsEntered(self.now, key)

    def _gone_during_whisper(self, leg: DialLeg) -> Report:
        """The caller hangs up while the whisper plays; whoever answered still presses 1."""
        self._pass(ANSWER_SECONDS)
        reply = self._told(self.calls.begin_leg(leg.attempt_id, self.now))
        if self.reply_is_connecting(reply):
            return CallerHungUp(self.now)
        self.calls.hang_up(reply.call_id, self.now)
        report = self._perform_leg(leg, reply, "1")
        reply = self._told(self.calls.report(leg.attempt_id, reply.turn, report))
        self._play_all(leg, reply)
        return CallerHungUp(self.now)

    def _play_all(self, leg: DialLeg, reply: Reply) -> None:
        for verb in reply.verbs:
            if isinstance(verb, Play):
                self._hear(leg.attempt_id, verb.prompts)

    @staticmethod
    def reply_is_connecting(reply: Reply) -> bool:
        """True for a leg that is taken as soon as it answers."""
        return any(isinstance(verb, Connect) for verb in reply.verbs)


def _deadline(verb: Gather, now: datetime) -> datetime:
    """When a carrier would give up waiting for a key."""
    if verb.until is not None:
        return max(verb.until, now)
    given_up = now + timedelta(seconds=verb.timeout)
    return max(given_up, verb.not_before) if verb.not_before is not None else given_up


def _ending(spoken: Message, verb: Record) -> RecordingEnd:
    if spoken.hangs_up:
        return RecordingEnd.HANGUP
    if spoken.seconds == 0:
        return RecordingEnd.SILENCE
    return RecordingEnd.LIMIT if spoken.seconds >= verb.max_seconds else RecordingEnd.KEY
