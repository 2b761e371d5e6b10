"""What is wrong with a roster: gaps, telephones, absences, and what labour law says."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from ivr.roster.duty import Shift
from ivr.roster.hunt import Level
from ivr.roster.labour import LabourRules, labour_warnings, on_call_days
from ivr.roster.month import month_rows, span_of_month
from ivr.roster.plan import Plan, shifts_between
from ivr.roster.problems import Problem, ProblemKind, Required, gaps, problems_of
from ivr.roster.walltime import Span
from tests.pure.rostered import ANNA, LUCA, MEMBERS, absence, at, override, plan, rotation, span

pytestmark = pytest.mark.rule("B.16")
ALWAYS = (Required(Level.ON_DUTY),)
MONTH = span("2026-11-02T08:00", "2026-11-30T08:00")


def found(
    known: Plan, required: tuple[Required, ...] = ALWAYS, when: Span = MONTH
) -> list[Problem]:
    return problems_of(known, required, shifts_between(known, *when.ends), when)


def test_a_full_roster_has_no_problem() -> None:
    assert found(plan(rotation())) == []


@pytest.mark.rule("P.15")
def test_an_empty_roster_is_loud() -> None:
    (only,) = found(plan())
    assert (only.kind, only.starts_at, only.ends_at) == (ProblemKind.EMPTY, *MONTH.ends)


def test_a_gap_is_found_by_the_minute() -> None:
    known = plan(rotation(), overrides=(override("2026-11-10T03:00", "2026-11-10T03:01", None),))
    (gap,) = found(known)
    assert (gap.kind, gap.level) == (ProblemKind.GAP, Level.ON_DUTY)
    assert gap.ends == span("2026-11-10T03:00", "2026-11-10T03:01").ends
    later = replace(gap, starts_at=at("2026-11-10T03:00") + timedelta(seconds=30))
    assert later.key == gap.key


def test_a_level_may_be_required_within_hours_only() -> None:
    office = (((time(8), time(18)),),) * 5 + ((),) * 2
    needed = (Required(Level.DEPUTY, office),)
    week = span("2026-11-06T00:00", "2026-11-10T00:00")
    missing = gaps(needed, shifts_between(plan(rotation()), *week.ends), week)
    assert [each.ends for each in missing] == [
        span("2026-11-06T08:00", "2026-11-06T18:00").ends,
        span("2026-11-09T08:00", "2026-11-09T18:00").ends,
    ]


def test_the_duty_of_a_disabled_person_is_a_gap() -> None:
    members = MEMBERS | {LUCA: replace(MEMBERS[LUCA], disabled=True)}
    kinds = {each.kind for each in found(plan(rotation(), members=members))}
    assert kinds == {ProblemKind.GAP}


@pytest.mark.rule("P.15")
def test_a_duty_without_a_checked_telephone_is_told_once() -> None:
    members = MEMBERS | {ANNA: replace(MEMBERS[ANNA], has_verified_phone=False)}
    (only,) = found(plan(rotation(), members=members))
    assert (only.kind, only.name, only.starts_at) == (
        ProblemKind.UNVERIFIED,
        "Anna",
        MONTH.starts_at,
    )


@pytest.mark.rule("P.2")
def test_a_duty_whose_telephone_failed_is_told_once_and_beside_an_unchecked_one() -> None:
    members = dict(MEMBERS) | {ANNA: replace(MEMBERS[ANNA], has_failed_phone=True)}
    known = replace(plan(rotation()), members=members)
    assert [each.kind for each in found(known)] == [ProblemKind.UNREACHABLE]
    both = {ANNA: replace(members[ANNA], has_verified_phone=False)}
    told = found(replace(known, members=members | both))
    assert [each.kind for each in told] == [ProblemKind.UNREACHABLE, ProblemKind.UNVERIFIED]
    assert len({each.key for each in told}) == 2


def test_who_is_away_and_has_duty_is_told_and_keeps_it() -> None:
    away = absence(LUCA, "2026-11-08T00:00", "2026-11-11T00:00")
    known = plan(rotation(), absences=(away, absence(ANNA, "2026-11-09T08:00", "2026-11-16T08:00")))
    (clash,) = found(known)
    assert (clash.kind, clash.name) == (ProblemKind.ABSENT, "Luca")
    assert clash.ends == span("2026-11-09T08:00", "2026-11-11T00:00").ends


# Labour law --------------------------------------------------------------------------------------


def law(
    known: Plan, rules: LabourRules | None = None, first: str = "2026-11-02T08:00"
) -> list[Problem]:
    shifts = shifts_between(known, at("2026-10-01T00:00"), at("2027-03-01T00:00"))
    return labour_warnings(shifts, rules or LabourRules(), at(first))


def of_four(**given: object) -> Plan:
    members = {key: replace(MEMBERS[1], id=key, name=f"T{key}") for key in range(1, 5)}
    return plan(rotation(1, 2, 3, 4, **given), members=members)


def test_a_week_from_monday_to_monday_is_seven_days_and_a_night_is_one() -> None:
    weekly = shifts_between(plan(rotation()), *span("2026-11-02T08:00", "2026-11-09T08:00").ends)
    assert len(on_call_days(iter(weekly))) == 7
    nights = plan(rotation(ANNA, hours=(((time(22), time(6)),),) * 7))
    assert on_call_days(
        iter(shifts_between(nights, *span("2026-11-02T12:00", "2026-11-04T12:00").ends))
    ) == [
        date(2026, 11, 2),
        date(2026, 11, 3),
    ]


@pytest.mark.parametrize("starts", ["2026-10-19", "2026-11-02"])
def test_a_week_of_four_is_lawful_also_over_the_change_of_the_clock(starts: str) -> None:
    assert law(of_four(starts=starts), first="2026-10-19T00:00") == []


def test_more_than_seven_days_in_four_weeks() -> None:
    warnings = law(plan(rotation()))
    assert [(each.kind, each.name, each.limit) for each in warnings] == [
        (ProblemKind.LAW_DAYS, "Anna", 7),
        (ProblemKind.LAW_DAYS, "Luca", 7),
    ]
    assert warnings[0].count == 14
    assert warnings[0].starts_at == at("2026-11-16T00:00")


def test_fourteen_where_staff_is_short_and_nights_are_quiet() -> None:
    short = LabourRules(staff_short=True, call_outs={ANNA: 5.0})
    assert law(plan(rotation(days=14)), short) == []
    assert {each.kind for each in law(plan(rotation()), short)} == {ProblemKind.LAW_REST}


def test_not_for_who_is_called_out_often() -> None:
    often = LabourRules(staff_short=True, call_outs={ANNA: 5.1})
    assert [(each.kind, each.name) for each in law(plan(rotation(days=14)), often)] == [
        (ProblemKind.LAW_CALL_OUTS, "Anna")
    ]


def test_never_more_than_fourteen() -> None:
    (only,) = law(plan(rotation(ANNA)), LabourRules(staff_short=True))
    assert (only.kind, only.count, only.limit) == (ProblemKind.LAW_DAYS, 28, 14)


def test_two_weeks_free_afterwards() -> None:
    """Seven days by the 25th of the four weeks, the next one four days later."""
    days = [1, 5, 9, 13, 17, 21, 25, 29]
    shifts = [
        Shift(
            ANNA,
            "Anna",
            Level.DEPUTY,
            1,
            at(f"2026-12-{day:02}T08:00"),
            at(f"2026-12-{day:02}T20:00"),
        )
        for day in days
    ]
    (only,) = labour_warnings(shifts, LabourRules(), at("2026-11-02T00:00"))
    assert (only.kind, only.count, only.limit) == (ProblemKind.LAW_REST, 3, 14)
    assert only.starts_at == at("2026-12-29T00:00")


def test_chiefs_and_suppliers_are_not_on_call() -> None:
    assert law(plan(rotation(ANNA, level=Level.CHIEF_TECHNICIAN))) == []


# A month -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "days"),
    [("2028-02-10", 29), ("2027-02-01", 28), ("2026-12-31", 31), ("2026-10-01", 31)],
)
def test_a_month_has_its_days(first: str, days: int) -> None:
    month = span_of_month(date.fromisoformat(first))
    (row,) = month_rows([], ALWAYS, month, month)
    assert [cell.day.day for cell in row.cells] == list(range(1, days + 1))
    assert all(len(cell.gaps) == 1 for cell in row.cells)


def test_rows_come_in_ringing_order_and_a_gap_stands_in_the_first_of_its_level() -> None:
    month = span_of_month(date(2026, 11, 1))
    known = plan(
        rotation(level=Level.SUPPLIER, id=3),
        rotation(level=Level.DEPUTY, rank=2, id=2),
        rotation(rank=2, id=4),
        rotation(),
    )
    shifts = shifts_between(known, *month.ends)
    rows = month_rows(shifts, (*ALWAYS, Required(Level.DEPUTY)), month, month)
    assert [(row.level, row.rank) for row in rows] == [
        (Level.ON_DUTY, 1),
        (Level.ON_DUTY, 2),
        (Level.DEPUTY, 1),
        (Level.DEPUTY, 2),
        (Level.SUPPLIER, 1),
    ]
    assert [bool(row.cells[0].gaps) for row in rows] == [True, False, True, False, False]
    assert [each.name for each in rows[0].cells[8].shifts] == ["Anna", "Luca"]


def test_a_day_tells_duties_and_gaps_in_order_of_time() -> None:
    month = span_of_month(date(2026, 11, 1))
    known = plan(rotation(), overrides=(override("2026-11-10T18:00", "2026-11-11T08:00", None),))
    (row,) = month_rows(shifts_between(known, *month.ends), ALWAYS, month, month)
    tenth, eleventh = row.cells[9].pieces, row.cells[10].pieces
    assert [each.name if each else "" for _, each in tenth] == ["Luca", ""]
    assert [each.name if each else "" for _, each in eleventh] == ["", "Luca"]
