"""What may be dialled: the table of rules B.12 and B.14."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.numbers.dial_guard import Refusal, may_dial

EXTENSIONS = frozenset({"tech1", "desk112", "6001", "117", "bad-name", "100&sip/evil"})
EMERGENCY = (
    "112",
    "117",
    "118",
    "144",
    "143",
    "145",
    "147",
    "1414",
    "1415",
    "140",
    "116117",
    "1811",
)
SPELLINGS = (
    "{}",
    "+41{}",
    "0041{}",
    "041{}",
    "0{}",
    "00{}",
    "+{}",
    "41{}",
    "+41 (0){}",
    "tel:{}",
    "tel:+41{}",
    "{}#",
    " {} ",
    "+41 0{}",
)


@pytest.mark.rule("B.12", "Q15")
@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("+41565202000", "+41565202000"),
        ("056 520 20 00", "+41565202000"),
        ("0791234567", "+41791234567"),
        ("+41 58 123 45 67", "+41581234567"),
        ("051 123 45 67", "+41511234567"),
        ("tech1", "tech1"),
        ("desk112", "desk112"),
        ("6001", "6001"),
    ],
)
def test_swiss_fixed_mobile_corporate_and_configured_extensions(number: str, address: str) -> None:
    assert may_dial(number, EXTENSIONS).address == address


@pytest.mark.rule("B.14")
@pytest.mark.parametrize("number", EMERGENCY)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_emergency_and_short_numbers_never_in_any_spelling(number: str, spelling: str) -> None:
    permission = may_dial(spelling.format(number), EXTENSIONS)
    assert not permission.granted


@pytest.mark.rule("B.14")
def test_an_extension_that_is_a_short_number_stays_forbidden() -> None:
    assert may_dial("117", EXTENSIONS).refusal is Refusal.SHORT_OR_EMERGENCY


@pytest.mark.rule("B.12")
@pytest.mark.parametrize("extension", ["bad-name", "100&sip/evil"])
def test_an_extension_that_could_end_a_dial_string_is_refused(extension: str) -> None:
    assert may_dial(extension, EXTENSIONS).refusal is Refusal.MALFORMED


@pytest.mark.rule("B.12", "Q15")
@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ("0900 123 456", Refusal.KIND),
        ("0901123456", Refusal.KIND),
        ("0906123456", Refusal.KIND),
        ("0842 123 456", Refusal.KIND),
        ("0878 123 456", Refusal.KIND),
        ("0860791234567", Refusal.KIND),
        ("0800 123 456", Refusal.KIND),
        ("+491701234567", Refusal.FOREIGN),
        ("+18095551234", Refusal.FOREIGN),
        ("+19005551234", Refusal.FOREIGN),
        ("+881612345678", Refusal.FOREIGN),
        ("+8821612345678", Refusal.FOREIGN),
        ("+870123456789", Refusal.FOREIGN),
        ("+41999999999", Refusal.INVALID),
        ("0868123456", Refusal.INVALID),
        ("tech2", Refusal.MALFORMED),
        ("", Refusal.MALFORMED),
        ("500&SIP/itsp/14155551212", Refusal.MALFORMED),
        ("+41565202000,60,g", Refusal.MALFORMED),
        ("sip:+41565202000@evil.example", Refusal.MALFORMED),
        ("+41565202000\n", None),
        ("+41565202000\nHANGUP", Refusal.MALFORMED),
        ("\uff11\uff11\uff12", Refusal.MALFORMED),
    ],
)
def test_everything_else_is_refused(number: str, refusal: Refusal | None) -> None:
    assert may_dial(number, EXTENSIONS).refusal is refusal


@pytest.mark.rule("B.12", "Q15")
@given(st.text(max_size=60))
def test_whatever_is_granted_is_swiss_or_configured(number: str) -> None:
    permission = may_dial(number, EXTENSIONS)
    if permission.address is not None:
        assert permission.address in EXTENSIONS or permission.address.startswith("+41")
        assert permission.address.lstrip("+").isalnum()
