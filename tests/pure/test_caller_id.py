"""What carriers send becomes an E.164 number or a reason (rules B.5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.numbers.caller_id import (
    CallerId,
    NoNumber,
    mask_number,
    normalise_stored_number,
    parse_caller_id,
)

SUPPORT = "+41565202000"


@pytest.mark.rule("B.5")
@pytest.mark.parametrize(
    "raw",
    [
        "+41565202000",
        "0041565202000",
        "0565202000",
        "+41 (0)56 520 20 00",
        "00410565202000",
        "tel:+41565202000",
        "sip:+41565202000@sip.example",
        "sips:0565202000;user=phone@host",
        '"A ""quoted"" name" <sip:+41565202000@sip.example>',
        "0565202000;phone-context=+41",
        " 056 520 20 00 ",
        "056.520.20.00",
        "056/520/20/00",
    ],
)
def test_one_number_in_many_spellings(raw: str) -> None:
    assert parse_caller_id(raw) == CallerId(number=SUPPORT)


@pytest.mark.rule("B.5", "Q10", "P.13")
@pytest.mark.parametrize(
    "raw",
    [
        "anonymous",
        "Anonymous",
        "RESTRICTED",
        "unavailable",
        "unknown",
        "private",
        "blocked",
        "withheld",
        "sip:anonymous@anonymous.invalid",
        "anonymous@anonymous.invalid",
        "266696687",
        "+266696687",
        "+86282452253",
        "+7378742833",
        "+8656696",
        "+2562533",
        "7748283",
        "94844353",
    ],
)
def test_sentinels_of_a_withheld_number(raw: str) -> None:
    assert parse_caller_id(raw, bare_national=True) == CallerId(reason=NoNumber.WITHHELD)


@pytest.mark.rule("B.5", "Q10")
def test_a_restricted_number_is_not_used_although_it_is_readable() -> None:
    assert parse_caller_id(SUPPORT, restricted=True) == CallerId(reason=NoNumber.WITHHELD)


@pytest.mark.rule("B.5")
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, NoNumber.MISSING),
        ("", NoNumber.MISSING),
        ("   ", NoNumber.MISSING),
        ("117", NoNumber.INVALID),
        ("0900123456", NoNumber.NOT_A_CALLER),
        ("0901123456", NoNumber.NOT_A_CALLER),
        ("0842123456", NoNumber.NOT_A_CALLER),
        ("15555550100", NoNumber.INVALID),
        ("alice", NoNumber.MALFORMED),
        ("client:alice", NoNumber.MALFORMED),
        ("+41565202000\r\nSET VARIABLE", NoNumber.MALFORMED),
        ('056520"2000', NoNumber.MALFORMED),
        ("1" * 200, NoNumber.MALFORMED),
        ("\u0661\u0661\u0662", NoNumber.MALFORMED),
        ("+", NoNumber.MALFORMED),
    ],
)
def test_what_is_no_caller_number(raw: str | None, reason: NoNumber) -> None:
    assert parse_caller_id(raw) == CallerId(reason=reason)


@pytest.mark.rule("B.5")
@pytest.mark.parametrize("raw", ["565202000", "41565202000"])
def test_bare_numbers_only_from_trunks_that_send_them(raw: str) -> None:
    assert parse_caller_id(raw) == CallerId(reason=NoNumber.INVALID)
    assert parse_caller_id(raw, bare_national=True) == CallerId(number=SUPPORT)


@pytest.mark.rule("A.73", "B.5")
def test_the_lines_own_number_is_a_loop_not_a_customer() -> None:
    own = frozenset({SUPPORT})
    assert parse_caller_id("056 520 20 00", own_numbers=own).reason is NoNumber.OWN_NUMBER


@given(st.text(max_size=300))
def test_hostile_text_never_raises(raw: str) -> None:
    caller = parse_caller_id(raw, bare_national=True)
    assert (caller.number is None) != (caller.reason is None)


@pytest.mark.rule("B.5", "P.13")
@pytest.mark.parametrize(
    "text", ["044 000 11 01", "044/000 11 01", "+41 44 000 11 01", "0041440001101"]
)
def test_numbers_in_our_records_may_be_written_as_people_write_them(text: str) -> None:
    assert normalise_stored_number(text) == "+41440001101"


def test_what_is_no_number_is_not_stored() -> None:
    assert normalise_stored_number("call me") is None
    assert normalise_stored_number("117") is None


@pytest.mark.rule("B.11")
def test_a_masked_number_shows_two_digits() -> None:
    assert mask_number(SUPPORT) == "…00"
    assert mask_number(None) == "…"
