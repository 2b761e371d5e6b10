"""Rotations, hours, overrides: who has duty when, by the clock on the wall."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.roster.duty import Shift, Source
from ivr.roster.hunt import Level
from ivr.roster.plan import Rotation, entries_between, masked, shifts_between
from ivr.roster.walltime import Span, instant, is_doubtful, local, without
from ivr.roster.week_text import parse_week, write_week
from tests.pure.rostered import (
    ANNA,
    CHLOE,
    LUCA,
    MEMBERS,
    NIGHTS,
    at,
    override,
    plan,
    rotation,
    shown,
    span,
)

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.rule("B.16")


def duties(found: object, first: str, last: str) -> list[str]:
    return shown(shifts_between(found, *span(first, last).ends))  # type: ignore[arg-type]


def test_a_weekly_rotation_hands_over_at_its_hour() -> None:
    assert duties(plan(rotation()), "2026-11-02T08:00", "2026-11-23T08:00") == [
        "Anna 2026-11-02 08:00 - 2026-11-09 08:00",
        "Luca 2026-11-09 08:00 - 2026-11-16 08:00",
        "Anna 2026-11-16 08:00 - 2026-11-23 08:00",
    ]


def test_what_is_asked_for_is_cut_to_the_span() -> None:
    assert duties(plan(rotation()), "2026-11-04T00:00", "2026-11-05T00:00") == [
        "Anna 2026-11-04 00:00 - 2026-11-05 00:00"
    ]


def test_before_its_first_hand_over_a_rotation_has_nobody() -> None:
    assert duties(plan(rotation()), "2026-10-01T00:00", "2026-11-02T08:00") == []


def test_a_rotation_ends_with_a_hand_over() -> None:
    ended = rotation(ends_on=date(2026, 11, 12))
    assert duties(plan(ended), "2026-11-02T08:00", "2026-12-01T00:00") == [
        "Anna 2026-11-02 08:00 - 2026-11-09 08:00",
        "Luca 2026-11-09 08:00 - 2026-11-12 08:00",
    ]


def test_daily_and_every_three_days() -> None:
    daily = rotation(ANNA, LUCA, CHLOE, days=1, hand_over=time(7, 30))
    assert [
        text.split()[0] for text in duties(plan(daily), "2026-11-02T07:30", "2026-11-06T07:30")
    ] == [
        "Anna",
        "Luca",
        "Chloé",
        "Anna",
    ]
    third = rotation(days=3)
    assert duties(plan(third), "2026-11-05T08:00", "2026-11-08T08:00") == [
        "Luca 2026-11-05 08:00 - 2026-11-08 08:00"
    ]


def test_daily_over_a_leap_day() -> None:
    daily = rotation(days=1, starts="2028-02-28")
    assert duties(plan(daily), "2028-02-28T08:00", "2028-03-02T08:00") == [
        "Anna 2028-02-28 08:00 - 2028-02-29 08:00",
        "Luca 2028-02-29 08:00 - 2028-03-01 08:00",
        "Anna 2028-03-01 08:00 - 2028-03-02 08:00",
    ]


@pytest.mark.rule("B.3")
@pytest.mark.parametrize(
    ("saturday", "hours"),
    [("2026-03-28", 23), ("2026-10-24", 25), ("2027-10-30", 25), ("2026-11-07", 24)],
)
def test_a_day_with_a_change_of_the_clock_is_an_hour_shorter_or_longer(
    saturday: str, hours: int
) -> None:
    daily = rotation(days=1, starts=saturday)
    found = shifts_between(
        plan(daily), at(f"{saturday}T08:00"), at(f"{saturday}T08:00") + 26 * HOUR
    )
    assert found[0].ends_at - found[0].starts_at == hours * HOUR
    assert local(found[0].ends_at).time() == time(8)


@pytest.mark.rule("B.3", "P.12")
@pytest.mark.parametrize(
    ("evening", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-11-07", 8)]
)
def test_a_night_over_the_change_of_the_clock(evening: str, hours: int) -> None:
    nights = rotation(ANNA, starts="2026-01-05", hours=(((time(22), time(6)),),) * 7)
    found = shifts_between(plan(nights), at(f"{evening}T12:00"), at(f"{evening}T12:00") + 24 * HOUR)
    assert [each.ends_at - each.starts_at for each in found] == [hours * HOUR]


@pytest.mark.rule("B.3")
def test_a_hand_over_that_never_comes_is_when_the_clock_is_put_forward() -> None:
    assert instant(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert instant(date(2026, 3, 29), time(3)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.rule("B.3")
def test_a_hand_over_that_comes_twice_is_the_first() -> None:
    assert instant(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert is_doubtful(datetime(2026, 10, 25, 2, 30))
    assert not is_doubtful(datetime(2026, 10, 25, 3, 30))
    assert not is_doubtful(datetime(2026, 3, 29, 2, 30))


def test_nights_belong_to_the_weekday_on_which_they_begin() -> None:
    assert duties(plan(rotation(ANNA, hours=NIGHTS)), "2026-11-06T00:00", "2026-11-10T12:00") == [
        "Anna 2026-11-06 00:00 - 2026-11-06 08:00",
        "Anna 2026-11-06 18:00 - 2026-11-09 00:00",
        "Anna 2026-11-09 18:00 - 2026-11-10 08:00",
    ]


def test_a_hand_over_in_a_night_divides_it() -> None:
    midnight = rotation(hand_over=time(0), hours=NIGHTS)
    found = duties(plan(midnight), "2026-11-08T12:00", "2026-11-09T20:00")
    assert found == [
        "Anna 2026-11-08 12:00 - 2026-11-09 00:00",
        "Luca 2026-11-09 18:00 - 2026-11-09 20:00",
    ]


def test_a_rotation_of_one_with_hours_is_a_weekly_rule() -> None:
    tuesdays = ((), ((time(9), time(12)), (time(13), time(17)))) + ((),) * 5
    assert duties(plan(rotation(LUCA, hours=tuesdays)), "2026-11-02T00:00", "2026-11-09T00:00") == [
        "Luca 2026-11-03 09:00 - 2026-11-03 12:00",
        "Luca 2026-11-03 13:00 - 2026-11-03 17:00",
    ]


def test_somebody_else_for_a_span() -> None:
    known = plan(rotation(), overrides=(override("2026-11-04T12:00", "2026-11-04T20:00", CHLOE),))
    assert duties(known, "2026-11-04T00:00", "2026-11-05T00:00") == [
        "Anna 2026-11-04 00:00 - 2026-11-04 12:00",
        "Chloé 2026-11-04 12:00 - 2026-11-04 20:00",
        "Anna 2026-11-04 20:00 - 2026-11-05 00:00",
    ]


def test_nobody_for_a_span_and_another_place_is_not_touched() -> None:
    deputy = rotation(CHLOE, level=Level.DEPUTY, id=2)
    known = plan(
        rotation(), deputy, overrides=(override("2026-11-04T00:00", "2026-11-05T00:00", None),)
    )
    assert duties(known, "2026-11-04T00:00", "2026-11-05T00:00") == [
        "Chloé 2026-11-04 00:00 - 2026-11-05 00:00"
    ]


def test_the_newest_override_wins() -> None:
    older = override("2026-11-04T00:00", "2026-11-05T00:00", CHLOE, 1)
    newer = override("2026-11-04T10:00", "2026-11-04T11:00", LUCA, 2)
    expected = [
        "Chloé 2026-11-04 00:00 - 2026-11-04 10:00",
        "Luca 2026-11-04 10:00 - 2026-11-04 11:00",
        "Chloé 2026-11-04 11:00 - 2026-11-05 00:00",
    ]
    for overrides in ((older, newer), (newer, older)):
        found = plan(rotation(), overrides=overrides)
        assert duties(found, "2026-11-04T00:00", "2026-11-05T00:00") == expected


def test_who_is_disabled_has_no_duty_and_takes_nobodys_place() -> None:
    gone = MEMBERS | {LUCA: replace(MEMBERS[LUCA], disabled=True)}
    known = plan(
        rotation(),
        members=gone,
        overrides=(override("2026-11-03T00:00", "2026-11-04T00:00", LUCA),),
    )
    assert duties(known, "2026-11-02T08:00", "2026-11-16T08:00") == [
        "Anna 2026-11-02 08:00 - 2026-11-03 00:00",
        "Anna 2026-11-04 00:00 - 2026-11-09 08:00",
    ]


def test_a_duty_written_by_hand_gives_way_to_an_override() -> None:
    hand = Shift(ANNA, "Anna", Level.ON_DUTY, 1, at("2026-01-01T00:00"), at("2036-01-01T00:00"))
    change = override("2026-11-04T12:00", "2026-11-04T20:00", LUCA)
    known = plan(fixed=(hand,), overrides=(change,))
    assert duties(known, "2026-11-04T00:00", "2026-11-05T00:00") == [
        "Anna 2026-11-04 00:00 - 2026-11-04 12:00",
        "Luca 2026-11-04 12:00 - 2026-11-04 20:00",
        "Anna 2026-11-04 20:00 - 2026-11-05 00:00",
    ]
    entries = entries_between(known, *span("2026-11-04T00:00", "2026-11-05T00:00").ends)
    assert [each.source for each in entries] == [Source.OVERRIDE]
    assert len(masked([hand], [change])) == 2


def test_a_rotation_of_nobody_has_no_turns() -> None:
    empty = replace(rotation(), participants=())
    assert duties(plan(empty), "2026-11-02T08:00", "2026-12-01T00:00") == []


walls = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
starts = st.dates(date(2026, 1, 1), date(2029, 12, 31))


@given(
    starts, st.integers(1, 15), walls, st.integers(1, 4), st.integers(0, 400), st.integers(1, 90)
)
def test_turns_leave_no_gap_and_never_overlap(
    first: date, days: int, wall: time, people: int, after: int, length: int
) -> None:
    """Also over the two nights a year in which the clock is changed."""
    known = plan(
        Rotation(1, "R", Level.ON_DUTY, tuple(range(1, people + 1)), first, days, wall),
        members={key: replace(MEMBERS[1], id=key, name=str(key)) for key in range(1, people + 1)},
    )
    begin = instant(first, wall) + timedelta(days=after)
    found = shifts_between(known, begin, begin + timedelta(days=length))
    assert found[0].starts_at == begin
    assert found[-1].ends_at == begin + timedelta(days=length)
    for one, other in pairwise(found):
        assert one.ends_at == other.starts_at
        assert local(other.starts_at).time().replace(fold=0) == wall or _never_comes(other, wall)
        order = {each: (each % people) + 1 for each in range(1, people + 1)}
        assert other.technician_id == order[one.technician_id]


def _never_comes(shift: Shift, wall: time) -> bool:
    return local(shift.starts_at).hour == wall.hour + 1 == 3


edges = st.integers(0, 60 * 24 * 40)


@given(
    st.lists(st.tuples(edges, edges, st.sampled_from([None, 1, 2, 3])), max_size=6), edges, edges
)
def test_however_many_overrides_a_place_is_never_filled_twice(
    changes: list[tuple[int, int, int | None]], one: int, other: int
) -> None:
    base = at("2026-10-10T00:00")
    overrides = tuple(
        replace(
            override("2026-11-04T00:00", "2026-11-05T00:00", who, key),
            starts_at=base + timedelta(minutes=min(first, last)),
            ends_at=base + timedelta(minutes=max(first, last) + 1),
        )
        for key, (first, last, who) in enumerate(changes)
    )
    asked = Span(
        base + timedelta(minutes=min(one, other)), base + timedelta(minutes=max(one, other) + 1)
    )
    known = plan(rotation(starts="2026-09-07"), overrides=overrides)
    found = shifts_between(known, *asked.ends)
    for earlier, later in pairwise(found):
        assert earlier.ends_at <= later.starts_at
    left = without(asked, [Span(each.starts_at, each.ends_at) for each in found])
    nobody = [each.span for each in overrides if each.technician_id is None]
    assert all(any(gap.meets(none) for none in nobody) for gap in left)
    whole = sum((each.ends_at - each.starts_at for each in found), timedelta())
    assert whole + sum((gap.ends_at - gap.starts_at for gap in left), timedelta()) == (
        asked.ends_at - asked.starts_at
    )


windows = st.lists(st.tuples(walls, walls), max_size=2, unique=True).map(
    lambda each: tuple(sorted(each))
)


@given(st.lists(windows, min_size=7, max_size=7).filter(any))
def test_hours_are_read_as_they_are_written(week: list[tuple[tuple[time, time], ...]]) -> None:
    assert parse_week(write_week(tuple(week))) == tuple(week)


@pytest.mark.parametrize(
    "text",
    [
        "mon",
        "mon 8-18",
        "mo 08:00-18:00",
        "fri-mon 08:00-18:00",
        "mon 08:00-25:00",
        "mon 08:00",
        "- -",
        "mon 08:00-18:00Z",
    ],
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text.lower()))):
        parse_week(text)


def test_no_hours_are_always() -> None:
    assert parse_week("") is None
    assert parse_week(" ; ") is None


def test_a_day_ends_at_24() -> None:
    assert parse_week("sun 00:00-24:00") == ((),) * 6 + (((time(0), time(0)),),)
