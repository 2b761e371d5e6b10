"""The one guard before everything that dials.

Only Swiss fixed, mobile and corporate (058/051) numbers and extensions named in the settings may
be dialled (Q15, B.12). Emergency and short numbers never, in any spelling: the check runs on the
digits before and after normalisation, because `phonenumbers` does not know `+41112` or `0112`
(B.14). Premium, shared-cost, personal, voicemail, satellite and foreign numbers are refused.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

_COUNTRY_CODE = 41
_SPELLING = re.compile(r"^(tel:)?\+?[0-9 ()./\-]+$", re.IGNORECASE)
_EXTENSION = re.compile(r"^[a-z0-9][a-z0-9_]{0,31}$")
_SHORT = re.compile(r"1\d{2,4}|116\d{3}|911|999")
"""Swiss short numbers: 1xx with up to two more digits (18xy, 107xy and 108xy among them), 116xyz;
and foreign emergency numbers somebody may have typed."""

_ALLOWED_TYPES = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.UAN,
    }
)


class Refusal(StrEnum):
    """Why a number must not be dialled."""

    MALFORMED = "malformed"
    SHORT_OR_EMERGENCY = "short_or_emergency"
    FOREIGN = "foreign"
    INVALID = "invalid"
    KIND = "kind_of_number"


@dataclass(frozen=True, slots=True)
class DialPermission:
    """`address` (E.164 or the extension) if it may be dialled, else `refusal`."""

    address: str | None = None
    refusal: Refusal | None = None

    @property
    def granted(self) -> bool:
        """True where `address` may be given to a telephone."""
        return self.address is not None


def may_dial(number: str, extensions: AbstractSet[str] = frozenset()) -> DialPermission:
    """Decide whether `number` may be dialled; `extensions` are the ones named in the settings.

    Never raises; whatever is not surely allowed is refused.
    """
    text = number.strip()
    if _is_short(text):
        return DialPermission(refusal=Refusal.SHORT_OR_EMERGENCY)
    if text in extensions:
        return _extension(text)
    if len(text) > 32 or not _SPELLING.fullmatch(text):
        return DialPermission(refusal=Refusal.MALFORMED)
    try:
        parsed = phonenumbers.parse(text, "CH")
    except phonenumbers.NumberParseException:
        return DialPermission(refusal=Refusal.MALFORMED)
    return _judge(parsed)


def _extension(text: str) -> DialPermission:
    if not _EXTENSION.fullmatch(text):
        return DialPermission(refusal=Refusal.MALFORMED)
    return DialPermission(address=text)


def _judge(parsed: phonenumbers.PhoneNumber) -> DialPermission:
    if parsed.country_code != _COUNTRY_CODE:
        return DialPermission(refusal=Refusal.FOREIGN)
    if _is_short(str(parsed.national_number)):
        return DialPermission(refusal=Refusal.SHORT_OR_EMERGENCY)
    if not phonenumbers.is_valid_number(parsed):
        return DialPermission(refusal=Refusal.INVALID)
    if phonenumbers.number_type(parsed) not in _ALLOWED_TYPES:
        return DialPermission(refusal=Refusal.KIND)
    address = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return DialPermission(address=address)


def _is_short(text: str) -> bool:
    """True if the digits are a short number once prefixes (+, 0, 00, 41, (0)) are taken off.

    A name of an extension, such as `desk112`, is not made of digits and means what it says.
    """
    if re.search(r"[^\W\d_]", text.lower().removeprefix("tel:")):
        return False
    bare = re.sub(r"[^0-9]", "", text).lstrip("0")
    national = bare.removeprefix(str(_COUNTRY_CODE)).lstrip("0")
    return any(_SHORT.fullmatch(digits) for digits in (bare, national))
