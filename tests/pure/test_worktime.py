"""Minutes of work: night, Sunday, started minutes, and the nights of the changing clock."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.contracts.windows import PROVIDER_ZONE, local_time
from ivr.contracts.worktime import (
    MINUTE,
    Span,
    Stretch,
    has_supplement,
    joined,
    span_of,
    stretches,
    total_minutes,
    without_first,
)


def zurich(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVIDER_ZONE)


def span(start: str, end: str, person: str = "") -> Span:
    return Span(zurich(start), zurich(end), person)


def counted(*spans: Span) -> tuple[int, int]:
    """Minutes without and with the supplement."""
    parts = stretches(spans)
    return (
        sum(part.minutes for part in parts if not part.supplement),
        sum(part.minutes for part in parts if part.supplement),
    )


@pytest.mark.rule("A.70", "Q3")
@pytest.mark.parametrize(
    ("at", "supplement"),
    [
        ("2026-11-23T22:59:59", False),
        ("2026-11-23T23:00", True),
        ("2026-11-24T00:00", True),
        ("2026-11-24T05:59:59", True),
        ("2026-11-24T06:00", False),
        ("2026-11-21T22:59:59", False),
        ("2026-11-22T00:00", True),
        ("2026-11-22T12:00", True),
        ("2026-11-22T23:30", True),
        ("2026-11-23T00:00", True),
        ("2026-11-23T06:00", False),
        ("2026-12-25T12:00", False),
    ],
)
def test_night_and_sunday_carry_the_supplement(at: str, supplement: bool) -> None:
    assert has_supplement(zurich(at)) is supplement


@pytest.mark.rule("A.70", "Q3", "K-11")
@pytest.mark.parametrize(
    ("start", "end", "plain", "supplement"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:00", 0, 0),
        ("2026-11-23T10:00", "2026-11-23T10:00:01", 1, 0),
        ("2026-11-23T10:00", "2026-11-23T10:01", 1, 0),
        ("2026-11-23T10:00", "2026-11-23T10:01:01", 2, 0),
        ("2026-11-23T22:30", "2026-11-23T23:15", 30, 15),
        ("2026-11-23T22:59:30", "2026-11-23T23:01", 1, 1),
        ("2026-11-24T05:30", "2026-11-24T06:30", 30, 30),
        ("2026-11-21T22:00", "2026-11-23T07:00", 120, 31 * 60),
        ("2026-11-22T23:30", "2026-11-23T00:30", 0, 60),
    ],
)
def test_work_is_split_by_the_minute_and_counted_by_the_started_minute(
    start: str, end: str, plain: int, supplement: int
) -> None:
    assert counted(span(start, end)) == (plain, supplement)


@pytest.mark.rule("B.3")
@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-29T01:30", "2026-03-29T03:30", 60),
        ("2026-03-28T22:00", "2026-03-29T06:00", 7 * 60),
        ("2026-10-25T01:30", "2026-10-25T03:30", 180),
        ("2026-10-24T22:00", "2026-10-25T06:00", 9 * 60),
    ],
)
def test_minutes_are_real_in_the_nights_of_the_changing_clock(
    start: str, end: str, minutes: int
) -> None:
    assert total_minutes(stretches([span(start, end)])) == minutes
    assert span(start, end).minutes == minutes


def test_the_hour_that_comes_twice_counts_twice() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=PROVIDER_ZONE)
    assert Span(first, first.replace(fold=1)).minutes == 60
    with pytest.raises(ValueError, match="before it starts"):
        Span(first.replace(fold=1), first)


def test_a_new_day_begins_a_new_stretch() -> None:
    assert stretches([span("2026-11-23T23:50", "2026-11-24T00:10")]) == (
        Stretch(date(2026, 11, 23), 10, True),
        Stretch(date(2026, 11, 24), 10, True),
    )


def test_naive_and_backward_spans_are_refused() -> None:
    naive = datetime(2026, 11, 23, 10)
    for start, end in ((naive, zurich("2026-11-23T11:00")), (zurich("2026-11-23T09:00"), naive)):
        with pytest.raises(ValueError, match="naive"):
            Span(start, end)
    with pytest.raises(ValueError, match=r"^work ends at .* before it starts at"):
        span("2026-11-23T10:00", "2026-11-23T09:59:59")
    with pytest.raises(ValueError, match="naive"):
        span_of(naive, 5)


def test_minutes_with_a_start_are_a_span() -> None:
    assert span_of(zurich("2026-03-29T01:30"), 60).end == zurich("2026-03-29T03:30")


# Several spans ------------------------------------------------------------------------------------


def test_touching_spans_of_one_person_are_one() -> None:
    first = span("2026-11-23T10:00", "2026-11-23T10:00:30")
    second = span("2026-11-23T10:00:30", "2026-11-23T10:01")
    assert joined([second, first]) == (span("2026-11-23T10:00", "2026-11-23T10:01"),)
    assert counted(first, second) == (1, 0)


def test_spans_apart_are_counted_apart_and_in_the_order_of_time() -> None:
    late = span("2026-11-24T10:00:30", "2026-11-24T10:01")
    early = span("2026-11-23T10:00", "2026-11-23T10:00:30")
    assert [part.day.day for part in stretches([late, early])] == [23, 24]
    assert counted(late, early) == (2, 0)


def test_one_person_cannot_work_twice_at_a_time_but_two_can() -> None:
    anna, too = "2026-11-23T10:00", "2026-11-23T10:59:59"
    with pytest.raises(ValueError, match=r"^work from .* overlaps work until"):
        stretches([span(anna, "2026-11-23T11:00"), span(too, "2026-11-23T12:00")])
    both = (span(anna, "2026-11-23T11:00", "Anna"), span(anna, "2026-11-23T11:00", "Bruno"))
    assert counted(*both) == (120, 0)


def test_what_is_left_after_the_first_minutes() -> None:
    day = date(2026, 11, 23)
    parts = (Stretch(day, 30, False), Stretch(day, 15, True))
    assert without_first(parts, 0) == parts
    assert without_first(parts, 10) == (Stretch(day, 20, False), Stretch(day, 15, True))
    assert without_first(parts, 30) == (Stretch(day, 15, True),)
    assert without_first(parts, 31) == (Stretch(day, 14, True),)
    assert without_first(parts, 45) == ()
    assert without_first(parts, 99) == ()


# For any work -------------------------------------------------------------------------------------

seconds = st.integers(0, 3 * 366 * 86_400)
starts = seconds.map(lambda after: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=after))
changes = st.sampled_from(
    ["2026-03-29T00:00", "2026-10-25T00:00", "2027-03-28T00:00", "2027-10-31T00:00"]
)
near_changes = st.builds(
    lambda night, minutes: zurich(night).astimezone(UTC) + minutes * MINUTE,
    changes,
    st.integers(-120, 300),
)
any_start = st.one_of(starts, near_changes)


def minute_by_minute(start: datetime, minutes: int) -> Iterator[Stretch]:
    """The slow reference: asks of each minute where it belongs."""
    each = (start + minute * MINUTE for minute in range(minutes))
    for (day, supplement), group in groupby(
        each, key=lambda at: (local_time(at).date(), has_supplement(at))
    ):
        yield Stretch(day, len(list(group)), supplement)


@given(any_start, st.integers(0, 3000))
def test_the_split_agrees_with_a_slow_reference(start: datetime, minutes: int) -> None:
    assert stretches([span_of(start, minutes)]) == tuple(minute_by_minute(start, minutes))


@given(any_start, st.integers(1, 3000), st.data())
def test_splitting_anywhere_and_adding_gives_the_same_minutes(
    start: datetime, minutes: int, data: st.DataObject
) -> None:
    whole = span_of(start, minutes)
    at = start + data.draw(st.integers(0, minutes)) * MINUTE
    halves = (Span(start, at), Span(at, whole.end))
    assert stretches(halves) == stretches([whole])
    apart = [counted(half) for half in halves]
    assert (apart[0][0] + apart[1][0], apart[0][1] + apart[1][1]) == counted(whole)


@given(any_start, st.integers(0, 1000), st.integers(0, 1200))
def test_taking_the_first_minutes_leaves_the_rest(
    start: datetime, minutes: int, first: int
) -> None:
    parts = stretches([span_of(start, minutes)])
    rest = without_first(parts, first)
    assert total_minutes(rest) == max(0, minutes - first)
    assert all(part.minutes > 0 for part in rest)
