"""From what a carrier sends to a number we may look up, or the reason why there is none.

Caller ID identifies, it never authenticates (B.6). Sentinels for a withheld number are recognised
before anything is parsed, because `266696687`, Twilio's former spelling of ANONYMOUS, is a valid
number in Fribourg (B.5). A withheld number is never used (Q10). The line's own number, short
numbers, premium and shared-cost numbers are nobody's caller ID.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

REGION = "CH"
MAX_RAW_LENGTH = 128
WORDS = frozenset(
    ["anonymous", "restricted", "unavailable", "unknown", "private", "blocked", "withheld"]
)
KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
SENTINELS = WORDS | {word.translate(KEYPAD) for word in WORDS}

_SCHEME = re.compile(r"^(sips?|tel|client):", re.IGNORECASE)
_DIALLABLE = re.compile(r"^\+?[0-9 ()./\-\u00a0]+$")
_NOT_A_CALLER = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.VOICEMAIL}
)


class NoNumber(StrEnum):
    """Why a call carries no number that may be looked up."""

    MISSING = "missing"
    WITHHELD = "withheld"
    MALFORMED = "malformed"
    INVALID = "invalid"
    OWN_NUMBER = "own_number"
    NOT_A_CALLER = "not_a_caller"


@dataclass(frozen=True, slots=True)
class CallerId:
    """Either `number` (E.164) or the `reason` why there is none."""

    number: str | None = None
    reason: NoNumber | None = None


def parse_caller_id(
    raw: str | None,
    *,
    restricted: bool = False,
    own_numbers: AbstractSet[str] = frozenset(),
    bare_national: bool = False,
) -> CallerId:
    """Normalise what a carrier sent as the caller's number.

    `restricted` is the carrier's presentation flag. `bare_national` is set for trunks known to
    send nine digits or `41...` without a prefix. Never raises: the input is hostile.
    """
    text = (raw or "").strip()
    if not text:
        return CallerId(reason=NoNumber.MISSING)
    if len(text) > MAX_RAW_LENGTH:
        return CallerId(reason=NoNumber.MALFORMED)
    user = _user_part(text)
    if restricted or _is_sentinel(user):
        return CallerId(reason=NoNumber.WITHHELD)
    if not _DIALLABLE.fullmatch(user):
        return CallerId(reason=NoNumber.MALFORMED)
    return _parse_digits(user, own_numbers, bare_national)


def _user_part(text: str) -> str:
    """`sip:+4156...;phone-context=x@host` to `+4156...`; a display name is dropped."""
    if "<" in text and ">" in text:
        text = text[text.index("<") + 1 : text.rindex(">")]
    return _SCHEME.sub("", text).split("@", 1)[0].split(";", 1)[0].strip()


def _is_sentinel(user: str) -> bool:
    return user.lower().lstrip("+") in SENTINELS


def _parse_digits(user: str, own_numbers: AbstractSet[str], bare_national: bool) -> CallerId:
    digits = re.sub(r"[^0-9+]", "", user)
    if not digits.startswith(("+", "0")) and not bare_national:
        return CallerId(reason=NoNumber.INVALID)
    try:
        parsed = phonenumbers.parse(user, REGION)
    except phonenumbers.NumberParseException:
        return CallerId(reason=NoNumber.MALFORMED)
    if not phonenumbers.is_valid_number(parsed):
        return CallerId(reason=NoNumber.INVALID)
    if phonenumbers.number_type(parsed) in _NOT_A_CALLER:
        return CallerId(reason=NoNumber.NOT_A_CALLER)
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if number in own_numbers:
        return CallerId(reason=NoNumber.OWN_NUMBER)
    return CallerId(number=number)


def normalise_stored_number(text: str) -> str | None:
    """E.164 of a number a person wrote into our records (`044 000 11 01`, `044/000...`), or None.

    People write separators and leave out prefixes, so this is laxer than a caller ID.
    """
    try:
        parsed = phonenumbers.parse(text.replace("/", " "), REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def international(number: str) -> str:
    """An E.164 number as people read it: `+41 44 000 11 00`."""
    parsed = phonenumbers.parse(number, REGION)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def mask_number(number: str | None) -> str:
    """A number for a log: the last two digits only, the rest hidden."""
    return f"…{number[-2:]}" if number and len(number) > 4 else "…"
