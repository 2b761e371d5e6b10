"""Rows by themselves: cells, guards against formulas, and how contracts of a location settle."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.imports.columns import Record, guard, like_a_formula, unguard
from ivr.imports.rows import Row, RowCheck
from ivr.imports.settling import Cover, Ending, settle

PLANS = ("premium", "pro", "basic")
CHECK = RowCheck(PLANS, frozenset({"+41440001100"}))
DAY = date(2026, 1, 1)


def checked(**cells: object) -> tuple[Row, list[str]]:
    row, mistakes = CHECK.check(Record(2, {"number": "11001"} | cells, 0))  # type: ignore[arg-type, dict-item]
    return row, [each.column for each in mistakes]


# Cells --------------------------------------------------------------------------------------------


@pytest.mark.rule("B.5")
@pytest.mark.parametrize(
    "written",
    [
        "+41 44 000 20 01",
        "0041440002001",
        "044 000 20 01",
        "044/000 20 01",
        "044\u00a0000\u00a020\u00a001",
        "+41 (0)44 000 20 01",
        "41440002001",
        " 044-000-20-01 ",
    ],
)
def test_a_number_is_understood_as_people_write_it(written: str) -> None:
    row, mistakes = checked(phone=written)
    assert (row.phone, mistakes) == ("+41440002001", [])


def test_the_same_value_in_another_kind_of_cell_is_judged_anew() -> None:
    """One, 1.0 and true are equal to Python."""
    assert checked(contact="Eva", may_order=True) == checked(contact="Eva", may_order="yes")
    assert checked(contact="Eva", may_order=1)[1] == ["may_order"]
    assert checked(name=1)[0].name == checked(name=1.0)[0].name == "1"
    assert checked(name=True)[1] == ["name"]


def test_half_a_contract_is_none() -> None:
    row, mistakes = checked(location="Baden", plan="pro", starts_on="2026-01-01", ends_on="soon")
    assert mistakes == ["ends_on"]
    assert (row.location, row.plan, row.starts_on) == ("Baden", None, None)


def test_of_a_wrong_cell_nothing_follows() -> None:
    assert checked(plan="gold", starts_on="2026-01-01", location="Baden")[1] == ["plan"]
    assert checked(contact="=1", may_order="yes")[1] == ["contact"]


TEXTS = st.text(st.sampled_from("'=+-@a1 \t"), max_size=6)


@given(TEXTS)
def test_a_guarded_text_is_no_formula_and_comes_back(text: str) -> None:
    assert unguard(guard(text)) == text
    assert not guard(text).startswith(("=", "@", "+", "-", "\t"))


@given(TEXTS)
def test_a_text_that_needs_no_guard_is_left_alone(text: str) -> None:
    if not text.startswith(("'", "=", "+", "-", "@", "\t")):
        assert guard(text) == unguard(text) == text


def test_a_telephone_number_is_no_formula() -> None:
    assert not like_a_formula("+41 44 000 20 01")
    assert like_a_formula("+A1")


# Contracts of one location ------------------------------------------------------------------------


def known(key: int, plan: str, first: int, last: int | None) -> Cover:
    end = DAY + timedelta(last) if last is not None else None
    return Cover(plan, DAY + timedelta(first), end, id=key)


def wished(plan: str, first: int, last: int | None = None, row: int = 2) -> Cover:
    end = DAY + timedelta(last) if last is not None else None
    return Cover(plan, DAY + timedelta(first), end, row=row)


def ends(first: int) -> date:
    return DAY + timedelta(first)


def test_a_first_contract_begins() -> None:
    settled = settle([], [wished("pro", 0)])
    assert (settled.begun, settled.ended, settled.mistakes) == ([wished("pro", 0)], [], [])


def test_what_was_in_force_ends_the_day_before() -> None:
    settled = settle([known(1, "basic", 0, None)], [wished("pro", 100)])
    assert settled.ended == [Ending(1, ends(99))]
    assert settled.begun == [wished("pro", 100)]


def test_what_has_ended_already_is_left_alone() -> None:
    settled = settle([known(1, "basic", 0, 99)], [wished("pro", 100)])
    assert (settled.ended, settled.begun) == ([], [wished("pro", 100)])


def test_what_is_known_is_left_alone() -> None:
    settled = settle([known(1, "basic", 0, 99)], [wished("basic", 0)])
    assert (settled.ended, settled.begun, settled.mistakes) == ([], [], [])


def test_an_end_that_would_reach_into_the_next_contract_is_a_mistake() -> None:
    settled = settle(
        [known(1, "basic", 0, 99), known(2, "pro", 100, None)], [wished("basic", 0, 150)]
    )
    assert [each.row for each in settled.mistakes] == [2]


def test_contracts_that_overlap_already_are_not_the_fault_of_the_file() -> None:
    twice = [known(1, "basic", 0, None), known(2, "pro", 50, None)]
    assert settle(twice, [wished("pro", 50)]).mistakes == []


SPANS = st.lists(
    st.tuples(st.sampled_from(PLANS), st.integers(0, 60), st.none() | st.integers(0, 30)),
    max_size=4,
    unique_by=lambda span: span[1],
).map(lambda spans: sorted(spans, key=lambda span: span[1]))


def in_line(spans: list[tuple[str, int, int | None]]) -> list[Cover]:
    """Known contracts that do not overlap."""
    covers = [
        known(key, plan, first, first + length if length is not None else None)
        for key, (plan, first, length) in enumerate(spans, start=1)
    ]
    return [
        each
        for each, following in pairwise([*covers, None])
        if each
        and (following is None or (each.ends_on is not None and each.ends_on < following.starts_on))
    ]


@given(SPANS.map(in_line), SPANS)
def test_what_comes_out_never_overlaps_and_comes_out_once(
    stored: list[Cover], spans: list[tuple[str, int, int | None]]
) -> None:
    """A file that is taken is taken a second time, and then changes nothing."""
    rows = [
        wished(plan, first, first + length if length is not None else None, row=number)
        for number, (plan, first, length) in enumerate(spans, start=2)
    ]
    settled = settle(stored, rows)
    if settled.mistakes:
        return
    last = {each.id: each.ends_on for each in settled.ended}
    kept = [
        Cover(each.plan, each.starts_on, last.get(each.id or 0, each.ends_on), each.id)
        for each in stored
    ]
    begun = [
        Cover(each.plan, each.starts_on, each.ends_on, 100 + number)
        for number, each in enumerate(settled.begun)
    ]
    after = sorted([*kept, *begun], key=lambda each: each.starts_on)
    for earlier, later in pairwise(after):
        assert earlier.ends_on is not None
        assert earlier.starts_on <= earlier.ends_on < later.starts_on
    again = settle(after, rows)
    assert (again.begun, again.ended, again.mistakes) == ([], [], [])
