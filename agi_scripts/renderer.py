"""Carries the verbs of a flow out on an Asterisk channel. Knows no business rule.

A Dial is not carried out here: the decision is handed to the dialplan in channel variables and the
script ends, so that a bridged call does not depend on our process. The dialplan comes back with the
next turn.
"""

import contextlib
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path

from agi_scripts.channel import ALL_KEYS, AgiChannel
from ivr.callflow.events import (
    DigitsEntered,
    DigitsTimedOut,
    MessageRecorded,
    PlaybackFinished,
    RecordingEnd,
)
from ivr.callflow.prompts import Prompt
from ivr.callflow.verbs import (
    Announce,
    Answer,
    Connect,
    Dial,
    DialLeg,
    Gather,
    HangUp,
    Listen,
    Play,
    Record,
)
from ivr.errors import CallerGoneError, MalformedRequestError, SpeechError
from ivr.services.calls import Reply
from ivr.services.ports import Clock, Ids
from ivr.services.recordings import RecordingUnavailableError, measure_seconds
from ivr.services.reports import Report
from ivr.voice.sounds import Sound, SoundLibrary

NEXT, TURN, DIAL, ACCEPTED = "PIKETT_NEXT", "PIKETT_TURN", "PIKETT_DIAL", "PIKETT_ACCEPTED"
PLAYED_TOLERANCE_SECONDS = 0.3
RING_CONTEXT = "pikett-ring"
MEASURE_TRIES, MEASURE_PAUSE_SECONDS = 10, 0.1

_ADDRESS = re.compile(r"\+?[a-z0-9_]{1,40}")
_ATTEMPT = re.compile(r"[a-z0-9]{1,32}")


@dataclass(frozen=True, slots=True)
class Folders:
    """Our folders, and where Asterisk sees them if it sees them elsewhere."""

    sounds: Path
    inbox: Path
    seen_sounds: str = ""
    seen_inbox: str = ""


class AgiRenderer:
    """Renders replies on one channel."""

    def __init__(
        self, channel: AgiChannel, sounds: SoundLibrary, clock: Clock, ids: Ids, folders: Folders
    ) -> None:
        self._channel = channel
        self._sounds = sounds
        self._clock = clock
        self._ids = ids
        self._folders = folders
        self._early = ""
        self.recordings: list[Path] = []
        """What was recorded, also where nobody is told of it: it is whoever asked for it to delete."""

    def perform(self, reply: Reply) -> Report | None:
        """Carry the verbs out; the report of the one that waits, None when the script is to end."""
        for verb in reply.verbs:
            match verb:
                case Answer():
                    self._channel.take()
                case Play() | Listen():
                    self._let_hear(verb)
                case Announce(prompts):
                    return self._announce(prompts)
                case Gather():
                    return self._gather(verb)
                case Record():
                    return self._record(verb)
                case Dial():
                    self._hand_over(verb, reply)
                    return None
                case Connect():
                    self._channel.set(ACCEPTED, "1")
                case HangUp():
                    self._channel.set(NEXT, "done")
        return None

    def _let_hear(self, verb: Play | Listen) -> None:
        """What waits for nothing; the key that cuts a sound short counts for what follows."""
        if isinstance(verb, Play):
            self._play(verb.prompts)
        else:
            self._early, _ = self._stream(self._sounds.named(verb.sound), ALL_KEYS)

    def _play(self, prompts: tuple[Prompt, ...]) -> float:
        """Keys pressed meanwhile are lost; seconds really played."""
        return sum(self._stream(sound)[1] for sound in self._sounds.sounds(prompts))

    def _stream(self, sound: Sound, keys: str = "") -> tuple[str, float]:
        """A missing file and a hang-up look alike to Asterisk; only one of them ends the call."""
        reply = self._channel.play(self._as_seen(sound.stem), keys)
        if reply.result < 0:
            if not self._channel.is_up():
                raise CallerGoneError("the caller hung up")
            if self._sounds.restore(sound):
                reply = self._channel.play(self._as_seen(sound.stem), keys)
        return reply.key, reply.end_seconds

    def _as_seen(self, stem: str) -> str:
        if not self._folders.seen_sounds:
            return stem
        below = Path(stem).relative_to(self._folders.sounds).as_posix()
        return f"{self._folders.seen_sounds}/{below}"

    def _announce(self, prompts: tuple[Prompt, ...]) -> PlaybackFinished:
        """Judged by what was really played, not by what Asterisk calls a success.

        Chosen once: another text may be published between the reckoning and the first word.
        """
        try:
            sounds = self._sounds.sounds(prompts)
            expected = sum(sound.seconds for sound in sounds)
            played = sum(self._stream(sound)[1] for sound in sounds)
        except SpeechError:
            return PlaybackFinished(self._clock.now(), complete=False, seconds=0.0)
        complete = played >= expected - PLAYED_TOLERANCE_SECONDS
        return PlaybackFinished(self._clock.now(), complete=complete, seconds=played)

    def _gather(self, verb: Gather) -> DigitsEntered | DigitsTimedOut:
        digits = self._key_during(verb)
        pause = self._pause_after(verb)
        last = tuple(verb.finish_key + verb.leave_key)
        while len(digits) < verb.max_digits and not digits.endswith(last):
            key = self._channel.wait_key(pause if not digits else verb.digit_timeout * 1000)
            if not key:
                break
            digits += key
        entered = digits.removesuffix(verb.finish_key) if verb.finish_key else digits
        now = self._clock.now()
        return DigitsEntered(now, entered) if entered else DigitsTimedOut(now)

    def _key_during(self, verb: Gather) -> str:
        """Play the prompts; the key that interrupted them, or what was listened to before."""
        early, self._early = self._early, ""
        if early:
            return early
        for sound in self._sounds.sounds(verb.prompts):
            if verb.until is not None and self._clock.now() >= verb.until:
                break
            key, _ = self._stream(sound, ALL_KEYS)
            if key:
                return key
        return ""

    def _pause_after(self, verb: Gather) -> int:
        """Milliseconds to wait for the first key once the prompts are over."""
        now = self._clock.now()
        ends = now + timedelta(seconds=verb.timeout)
        if verb.not_before is not None:
            ends = max(ends, verb.not_before)
        if verb.until is not None:
            ends = verb.until
        return max(1, _milliseconds(now, ends))

    def _record(self, verb: Record) -> MessageRecorded:
        self._play(verb.prompts)
        self._channel.play(self._as_seen(self._sounds.tone()))
        name = self._ids.new()
        self.recordings.append(self._folders.inbox / f"{name}.wav")
        folder = self._folders.seen_inbox or str(self._folders.inbox)
        reply = self._channel.record(
            f"{folder}/{name}", verb.finish_key, verb.max_seconds, verb.silence_seconds
        )
        ended_by = _recording_end(reply.data, reply.end_seconds, verb)
        seconds = self._spoken_seconds(name, ended_by, reply.end_seconds, verb)
        if ended_by is RecordingEnd.HANGUP and seconds == 0:
            raise CallerGoneError("the caller hung up before he said anything")
        return MessageRecorded(self._clock.now(), f"file:{name}.wav", seconds, ended_by)

    def _spoken_seconds(
        self, name: str, ended_by: RecordingEnd, told: float, verb: Record
    ) -> float:
        """Asterisk tells no length after a hang-up, and counts the silence that ended a message."""
        match ended_by:
            case RecordingEnd.HANGUP:
                return _measure(self._folders.inbox / f"{name}.wav")
            case RecordingEnd.SILENCE:
                return max(0.0, told - verb.silence_seconds)
            case _:
                return told

    def _hand_over(self, verb: Dial, reply: Reply) -> None:
        """One variable holds all arguments of the dialplan's Dial."""
        legs = "&".join(f"Local/{_extension(leg)}@{RING_CONTEXT}/n" for leg in verb.legs)
        seconds = max(leg.ring_seconds + leg.decide_seconds for leg in verb.legs)
        self._channel.set(DIAL, f"{legs},{seconds},grL({verb.limit_seconds * 1000})")
        self._channel.set(TURN, f"{reply.leg_id}-{reply.turn}")
        self._channel.set(NEXT, "dial")


def _extension(leg: DialLeg) -> str:
    """What the ring context takes apart again; every part is checked, none can end the string."""
    if not _ADDRESS.fullmatch(leg.number) or not _ATTEMPT.fullmatch(leg.attempt_id):
        raise MalformedRequestError("this address cannot be dialled")
    return f"{leg.attempt_id}-{leg.ring_seconds}-{leg.accept}-{leg.number}"


def _measure(path: Path) -> float:
    """Length of a file that Asterisk is just closing; 0 if there is nothing in it."""
    for _ in range(MEASURE_TRIES):
        with contextlib.suppress(OSError, RecordingUnavailableError):
            seconds = measure_seconds(path)
            if seconds > 0:
                return seconds
        time.sleep(MEASURE_PAUSE_SECONDS)
    return 0.0


def _recording_end(data: str, seconds: float, verb: Record) -> RecordingEnd:
    match data:
        case "dtmf":
            return RecordingEnd.KEY
        case "hangup":
            return RecordingEnd.HANGUP
        case _ if seconds >= verb.max_seconds - 1:
            return RecordingEnd.LIMIT
        case _:
            return RecordingEnd.SILENCE


def _milliseconds(start: datetime, end: datetime) -> int:
    """Rounded up: a wait that ends a fraction too early is waited for once more."""
    return ceil((end - start) / timedelta(milliseconds=1))
