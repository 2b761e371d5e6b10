"""How long a support code is locked, and which PINs are never given to anybody."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.identity.lockout import (
    LockoutRules,
    Ruling,
    Standing,
    is_alarming,
    is_throttled,
    judge,
    lock_length,
)
from ivr.identity.pins import is_guessable
from tests.fakes import MONDAY_TEN

RULES = LockoutRules()
MINUTE = timedelta(minutes=1)


def wrong(standing: Standing, times: int, at: object = MONDAY_TEN) -> Ruling:
    """The last of so many wrong codes at the same instant."""
    ruling = Ruling(False, standing)
    for _ in range(times):
        ruling = judge(RULES, ruling.standing, at, right=False)
    return ruling


@pytest.mark.rule("B.7")
def test_the_fifth_wrong_code_in_a_row_locks_for_a_quarter_of_an_hour() -> None:
    assert wrong(Standing(), 4) == Ruling(False, Standing(4, 4, None))
    until = MONDAY_TEN + 15 * MINUTE
    assert wrong(Standing(), 5) == Ruling(False, Standing(5, 5, until), locks=True)


@pytest.mark.rule("B.7")
def test_while_it_is_locked_a_right_code_is_refused_and_changes_nothing() -> None:
    locked = wrong(Standing(), 5).standing
    assert judge(RULES, locked, MONDAY_TEN, right=True) == Ruling(False, locked)


@pytest.mark.rule("B.7")
def test_while_it_is_locked_wrong_codes_are_counted_and_lock_no_longer() -> None:
    """Else a stranger could keep a customer out for ever."""
    locked = wrong(Standing(), 5).standing
    assert wrong(locked, 15) == Ruling(False, Standing(20, 5, locked.locked_until))


@pytest.mark.parametrize(
    ("before", "free"), [(timedelta(microseconds=1), False), (0 * MINUTE, True)]
)
def test_the_lock_ends_at_its_instant(before: timedelta, free: bool) -> None:
    locked = wrong(Standing(), 5).standing
    assert locked.locked_until is not None
    assert judge(RULES, locked, locked.locked_until - before, right=True).accepted is free


@pytest.mark.rule("B.7")
def test_a_right_code_forgets_all_wrong_ones() -> None:
    assert judge(RULES, wrong(Standing(), 4).standing, MONDAY_TEN, right=True) == Ruling(
        True, Standing()
    )
    expired = wrong(Standing(), 5).standing
    later = MONDAY_TEN + timedelta(hours=1)
    assert judge(RULES, expired, later, right=True).standing == Standing()


@pytest.mark.rule("B.7")
def test_each_lock_is_twice_as_long_up_to_a_day() -> None:
    """Five more wrong codes after each; an expired lock alone forgives nothing."""
    standing, at, minutes = Standing(), MONDAY_TEN, []
    for _ in range(9):
        four = wrong(standing, 4, at)
        assert not four.standing.is_locked(at)
        ruling = judge(RULES, four.standing, at, right=False)
        assert ruling.locks
        until = ruling.standing.locked_until
        assert until is not None
        minutes.append((until - at) // MINUTE)
        standing, at = ruling.standing, until
    assert minutes == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


@given(st.integers(1, 10**9))
def test_a_lock_is_never_longer_than_a_day_nor_shorter_than_the_one_before(times: int) -> None:
    strikes = times * RULES.tries
    lengths = [lock_length(RULES, strikes), lock_length(RULES, strikes + RULES.tries)]
    assert RULES.first_lock <= lengths[0] <= lengths[1] <= RULES.longest_lock


@given(st.lists(st.booleans(), max_size=60))
def test_at_most_five_pins_are_tried_between_two_locks(codes: list[bool]) -> None:
    """Whatever is entered at one instant: once locked, nothing is accepted."""
    rulings = [Ruling(False, Standing())]
    for right in codes:
        rulings.append(judge(RULES, rulings[-1].standing, MONDAY_TEN, right=right))
    for before, after in pairwise(rulings):
        if before.standing.is_locked(MONDAY_TEN):
            assert not after.accepted
            assert after.standing.is_locked(MONDAY_TEN)
    assert rulings[-1].standing.strikes <= RULES.tries
    assert sum(ruling.locks for ruling in rulings) <= 1


@pytest.mark.rule("B.7")
def test_a_source_has_many_tries_and_a_channel_far_more() -> None:
    """All calls without a number share the channel's."""
    assert not is_throttled(RULES, 29, by_number=True)
    assert is_throttled(RULES, 30, by_number=True)
    assert not is_throttled(RULES, 299, by_number=False)
    assert is_throttled(RULES, 300, by_number=False)


@pytest.mark.rule("B.7")
def test_twenty_wrong_codes_of_all_customers_alarm() -> None:
    assert not is_alarming(RULES, 19)
    assert is_alarming(RULES, 20)
    assert RULES.alarm_span == timedelta(minutes=10)


def test_wrong_codes_are_remembered_as_long_as_they_count() -> None:
    assert RULES.memory == timedelta(hours=1)
    assert LockoutRules(alarm_span=timedelta(hours=2)).memory == timedelta(hours=2)


GUESSED_FIRST = """000000 999999 123456 012345 890123 654321 210987 024680 121212 909090 123123 100100
    112233 001122 111222 101001 110010 011001 911001""".split()


@pytest.mark.rule("B.7", "Q12")
@pytest.mark.parametrize("pin", GUESSED_FIRST)
def test_a_pin_that_people_guess_first_is_given_to_nobody(pin: str) -> None:
    assert is_guessable(pin, "11001")


@pytest.mark.parametrize("pin", ["281940", "730516", "010203", "111235", "123465", "110021"])
def test_any_other_may_be_given(pin: str) -> None:
    assert not is_guessable(pin, "11001")


def test_hardly_any_pin_is_taken_away() -> None:
    """All of a million, looked at by every hundredth with a stride that hides no pattern."""
    taken = sum(is_guessable(f"{number * 97 % 10**6:06d}", "11001") for number in range(10**4))
    assert 0 < taken < 10**4 * 0.02
