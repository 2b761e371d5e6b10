"""What a telephone is asked to do. Asterisk, Twilio and the rehearsal render the same verbs.

A verb that `waits` ends the turn: the renderer comes back with the event it waited for. Seconds
are whole seconds, the unit that every carrier understands.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ivr.callflow.prompts import Prompt
from ivr.roster.hunt import AcceptBy


@dataclass(frozen=True, slots=True)
class Verb:
    """Base of all verbs."""

    waits: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Answer(Verb):
    """Take the call; from here on the caller pays for the connection (B.8)."""


@dataclass(frozen=True, slots=True)
class Play(Verb):
    """Play prompts to their end; keys pressed meanwhile are lost."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Listen(Verb):
    """Play a sound by its name; a key cuts it short and counts for what follows. Asterisk only."""

    sound: str


@dataclass(frozen=True, slots=True)
class Announce(Verb):
    """Play prompts that cannot be interrupted, and report whether they were heard in full.

    Comes back with PlaybackFinished.
    """

    waits: ClassVar[bool] = True
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Gather(Verb):
    """Play prompts a key may interrupt and collect digits.

    Ends after `max_digits`, at `finish_key`, at `leave_key`, which is entered too (Asterisk only), or
    when `timeout` seconds pass without a key after the prompts (`digit_timeout` between two keys). It
    does not time out earlier than the instant `not_before`; with `until` that instant alone decides,
    prompts included. `secret` digits are never logged. Comes back with DigitsEntered or
    DigitsTimedOut.
    """

    waits: ClassVar[bool] = True
    prompts: tuple[Prompt, ...]
    max_digits: int = 1
    finish_key: str = ""
    leave_key: str = ""
    timeout: int = 7
    digit_timeout: int = 4
    not_before: datetime | None = None
    until: datetime | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Record(Verb):
    """Play prompts, sound a tone and record up to `max_seconds`; `finish_key` or silence ends it.

    Comes back with MessageRecorded.
    """

    waits: ClassVar[bool] = True
    prompts: tuple[Prompt, ...]
    max_seconds: int = 180
    silence_seconds: int = 10
    finish_key: str = "#"


@dataclass(frozen=True, slots=True)
class DialLeg:
    """One telephone to ring. `attempt_id` names the ring attempt that its own leg reports to.

    Once answered it may take `decide_seconds` of its own, which no ring timer cuts.
    """

    attempt_id: str
    number: str
    ring_seconds: int
    accept: AcceptBy
    decide_seconds: int = 70


@dataclass(frozen=True, slots=True)
class Dial(Verb):
    """Ring the legs at once while the caller hears it ringing; bridge the first that accepts.

    `limit_seconds` ends the bridged call. Comes back with DialEnded.
    """

    waits: ClassVar[bool] = True
    legs: tuple[DialLeg, ...]
    limit_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class Connect(Verb):
    """Only on a technician's leg: he has accepted, bridge him with the waiting caller."""


@dataclass(frozen=True, slots=True)
class HangUp(Verb):
    """End the call, or the leg."""


AnyVerb = Answer | Play | Listen | Announce | Gather | Record | Dial | Connect | HangUp
