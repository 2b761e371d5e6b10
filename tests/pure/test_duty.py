"""Is it me, until when, who is next."""

from datetime import timedelta

from ivr.roster.duty import FAR, Duty, Shift, Standing, duty_of, is_open, standing_of
from ivr.roster.hunt import Level
from tests.fakes import MONDAY_TEN

NOW = MONDAY_TEN
HOUR = timedelta(hours=1)


def shift(key: int, first: float, last: float, level: Level = Level.ON_DUTY) -> Shift:
    return Shift(key, f"T{key}", level, 1, NOW + first * HOUR, NOW + last * HOUR)


def test_it_is_me_until_the_end_and_then_somebody_else() -> None:
    found = duty_of([shift(1, -2, 6), shift(2, 6, 14)], 1, NOW)
    assert found == Duty(Level.ON_DUTY, "T1", NOW + 6 * HOUR, "T2", None)


def test_it_is_not_me_but_will_be() -> None:
    found = duty_of([shift(1, -2, 6), shift(2, 6, 14)], 2, NOW)
    assert found == Duty(None, "T1", NOW + 6 * HOUR, "T2", NOW + 6 * HOUR)


def test_duties_that_touch_are_one() -> None:
    found = duty_of([shift(1, -2, 6), shift(1, 6, 14), shift(2, 14, 20)], 1, NOW)
    assert (found.until, found.after) == (NOW + 14 * HOUR, "T2")


def test_a_deputy_is_not_first() -> None:
    found = duty_of([shift(1, -2, 6, Level.DEPUTY), shift(2, -2, 6)], 1, NOW)
    assert (found.level, found.first, found.others) == (Level.DEPUTY, "T2", ("T1",))


def test_nobody_comes_twice() -> None:
    twice = [shift(1, -2, 6), shift(2, -2, 6, Level.DEPUTY), shift(1, -2, 6, Level.DEPUTY)]
    assert duty_of(twice, 1, NOW).others == ("T2",)


def test_a_gap_has_nobody() -> None:
    assert duty_of([shift(1, -2, 6), shift(2, 7, 9)], 1, NOW).after is None
    assert duty_of([], 1, NOW) == Duty(None, None, None, None, None)


def test_the_last_instant_is_the_next_ones() -> None:
    assert duty_of([shift(1, -2, 0), shift(2, 0, 2)], 1, NOW).level is None


def test_each_place_says_who_has_it_and_who_is_next() -> None:
    now, later, far = shift(1, -2, 6), shift(2, 6, 14), shift(3, 20, 30)
    deputy = shift(3, 7, 9, Level.DEPUTY)
    chief = shift(4, -2, 6, Level.CHIEF_TECHNICIAN)
    first, second = standing_of([far, deputy, chief, later, now], NOW)
    assert first == Standing(Level.ON_DUTY, 1, now, later)
    assert first.is_handed_over
    assert second == Standing(Level.DEPUTY, 1, None, deputy)
    assert not second.is_handed_over
    assert not Standing(Level.ON_DUTY, 1, now, far).is_handed_over


def test_two_in_one_place_are_both_told_and_an_empty_roster_names_both_levels() -> None:
    both = [shift(1, -2, 6), shift(2, -1, 6)]
    assert [each.shift for each in standing_of(both, NOW)] == [*both, None]
    assert [each.level for each in standing_of([], NOW)] == [Level.ON_DUTY, Level.DEPUTY]


def test_an_end_in_years_is_open() -> None:
    assert not is_open(NOW + FAR, NOW)
    assert is_open(NOW + FAR + HOUR, NOW)
