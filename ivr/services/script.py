"""What the people of a rehearsed call do, one token for each point where the call waits.

Tokens: digits are keys (`!1` interrupts the prompt), `-` is no key, `hangup` the caller's hang-up,
`message:SECONDS` a message (`#` is one of five seconds), and `dial:RESULT` what the rung telephones
do: `accept`, `decline`, `no-answer`, `busy`, `failed`, `no-key`, `gone` (hangs up during the
whisper), `caller-gone` (the caller does), or the keys pressed in order, such as `dial:3` and
`dial:91`. Several telephones that ring at once are set apart by `|`, as in `dial:2|1`. `/SECONDS` says
how long the bridge lasts, as in `dial:accept/5`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.errors import MalformedRequestError

DEFAULT_MESSAGE_SECONDS = 5.0
BRIDGE_SECONDS = 60

NO_ANSWER, BUSY, FAILED = "no-answer", "busy", "failed"
CALLER_GONE, LEG_GONE = "caller-gone", "gone"
_LEG_WORDS = frozenset({NO_ANSWER, BUSY, FAILED, CALLER_GONE, LEG_GONE})
_LEG_ALIASES = {"accept": "1", "decline": "2", "no-key": "-"}
_KEYS = re.compile(r"[0-9*#A-D]+")
_LEG_KEYS = re.compile(r"[0-9*#A-D]*-?")


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys pressed by the caller; `at_once` interrupts what he hears."""

    digits: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class NoKey:
    """The caller lets the time pass."""


@dataclass(frozen=True, slots=True)
class HangUpNow:
    """The caller hangs up."""


@dataclass(frozen=True, slots=True)
class Message:
    """The caller speaks for `seconds`, then presses `#` or hangs up."""

    seconds: float
    hangs_up: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """What each rung telephone does: a word, or the keys pressed after the answer.

    `bridge_seconds` is how long a bridge lasts until the other side hangs up.
    """

    legs: tuple[str, ...]
    bridge_seconds: int = BRIDGE_SECONDS

    def for_legs(self, count: int) -> tuple[str, ...]:
        """One entry per telephone; those that were not named do not answer."""
        return (self.legs + (NO_ANSWER,) * count)[:count]


Token = Keys | NoKey | HangUpNow | Message | Ring


def parse_script(text: str) -> list[Token]:
    """Tokens separated by blanks; raises MalformedRequestError that names the bad one."""
    return [parse_token(word) for word in text.split()]


def parse_token(word: str) -> Token:
    """One token; raises MalformedRequestError."""
    head, colon, rest = word.partition(":")
    match head:
        case "-" if not colon:
            return NoKey()
        case "hangup" if not colon:
            return HangUpNow()
        case "#" if not colon:
            return Keys("#")
        case "dial" if rest:
            return _ring(rest, word)
        case "message" if rest:
            return _message(rest, word)
        case _ if _KEYS.fullmatch(word):
            return Keys(word)
        case _ if word.startswith("!") and _KEYS.fullmatch(word[1:]):
            return Keys(word[1:], at_once=True)
    raise MalformedRequestError(
        f"{word!r} is no token: use digits, -, hangup, message:SECONDS or dial:RESULT"
    )


def format_token(token: Token) -> str:
    """The word that `parse_token` reads as this token."""
    match token:
        case NoKey():
            return "-"
        case HangUpNow():
            return "hangup"
        case Keys(digits, at_once):
            return f"{'!' if at_once else ''}{digits}"
        case Message(seconds, hangs_up):
            return f"message:{seconds:g}{':hangup' if hangs_up else ''}"
        case Ring(legs, seconds):
            lasting = "" if seconds == BRIDGE_SECONDS else f"/{seconds}"
            return f"dial:{'|'.join(legs)}{lasting}"


def _ring(rest: str, word: str) -> Ring:
    does, slash, lasting = rest.partition("/")
    if slash and not (lasting.isascii() and lasting.isdigit() and len(lasting) < 5):
        raise MalformedRequestError(f"{word!r}: {lasting!r} are no seconds")
    legs = tuple(_leg(leg, word) for leg in does.split("|"))
    return Ring(legs, int(lasting)) if slash else Ring(legs)


def _leg(leg: str, word: str) -> str:
    leg = _LEG_ALIASES.get(leg, leg)
    if leg in _LEG_WORDS or (leg and _LEG_KEYS.fullmatch(leg)):
        return leg
    raise MalformedRequestError(
        f"{word!r}: {leg!r} is no result of a ring: use accept, decline, no-answer, busy, failed, "
        "no-key, gone, caller-gone or the keys that are pressed"
    )


def _message(rest: str, word: str) -> Message:
    seconds, colon, ending = rest.partition(":")
    try:
        length = float(seconds)
    except ValueError as error:
        raise MalformedRequestError(f"{word!r}: {seconds!r} are no seconds") from error
    if not 0 <= length <= 3600 or (colon and ending != "hangup"):
        raise MalformedRequestError(f"{word!r}: use message:SECONDS or message:SECONDS:hangup")
    return Message(length, hangs_up=bool(colon))


class Script:
    """Tokens handed out as the call waits.

    A token that cannot answer the present wait stays for a later one: before `dial:` the caller
    lets the time pass, so that `1 dial:accept` does not have to spell out every silence.
    """

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens: Iterator[Token] = iter(tokens)
        self._held: Token | None = None

    def for_keys(self) -> Keys | NoKey | HangUpNow:
        """The caller is asked for keys."""
        token = self._take()
        if isinstance(token, Ring | Message):
            self._held = token
            return NoKey()
        return token

    def for_message(self) -> Message | HangUpNow:
        """The caller may speak."""
        match token := self._take():
            case Message() | HangUpNow():
                return token
            case Ring():
                self._held = token
                return Message(DEFAULT_MESSAGE_SECONDS)
            case NoKey():
                return Message(0.0)
            case Keys():
                return Message(DEFAULT_MESSAGE_SECONDS)

    def for_ring(self) -> Ring | HangUpNow:
        """Telephones are ringing."""
        match token := self._take():
            case Ring() | HangUpNow():
                return token
            case Keys(digits):
                return Ring((digits,))
            case NoKey():
                return Ring((NO_ANSWER,))
            case Message():
                self._held = token
                return Ring((NO_ANSWER,))

    def _take(self) -> Token:
        held, self._held = self._held, None
        return held or next(self._tokens, HangUpNow())
