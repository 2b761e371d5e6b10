"""What a line counts, what a lot is called, and figures at their limits."""

from dataclasses import replace
from datetime import date

import pytest

from ivr.contracts.billing import Account, Balances
from ivr.contracts.credits import credit_note
from ivr.contracts.ledgers import Entry, Ledger, Movement, grant_free_units, grant_hour_package
from ivr.contracts.tariffs import HourPackageRules
from tests.pure.accounts import ANALYSIS, BASIC, CUSTOMER, DEMO, WITH_PACKAGES, billed, told

# Lines --------------------------------------------------------------------------------------------


def counted(drawn_up: Account) -> list[tuple[str, int, str]]:
    return [(str(line.kind), line.quantity, line.unit) for line in drawn_up.lines]


@pytest.mark.rule("A.60", "A.68")
def test_a_fee_and_its_credit_are_counted_by_the_ticket() -> None:
    credited = [("fast_lane", 1, "ticket"), ("fast_lane_credit", 1, "ticket")]
    assert counted(billed(BASIC, fast_lane=True)) == credited
    assert counted(credit_note(billed(CUSTOMER, fast_lane=True))) == credited[1:]


@pytest.mark.rule("A.70", "K-4")
def test_free_units_are_counted_by_the_unit_and_everything_else_by_the_minute() -> None:
    in_advance = Balances(free_units=2, package_minutes=10)
    assert counted(billed(CUSTOMER, 60, tariffs=WITH_PACKAGES, balances=in_advance)) == [
        ("free_units", 2, "unit"),
        ("hour_package", 10, "minute"),
        ("work", 20, "minute"),
    ]


@pytest.mark.rule("A.85", "A.91")
def test_an_emergency_is_counted_by_the_order_and_then_by_the_minute() -> None:
    assert counted(billed(CUSTOMER, 45, emergency=True)) == [
        ("emergency_flat_fee", 1, "order"),
        ("emergency_work", 15, "minute"),
    ]
    assert counted(billed(ANALYSIS, 45, emergency=True)) == [
        ("emergency_flat_fee", 1, "order"),
        ("emergency_application_analysis", 45, "minute"),
    ]


@pytest.mark.rule("A.85", "A.86")
def test_minutes_of_an_emergency_before_and_after_eleven_at_night_are_one_line() -> None:
    """22:00 to 00:00: 30 minutes are included, 30 follow by day's rate and 60 at night for the same."""
    drawn_up = billed(CUSTOMER, 120, "2026-11-23T22:00", emergency=True)
    assert told(drawn_up) == [
        ("bill_emergency_flat_fee", 1, "EUR 200.00"),
        ("bill_emergency_work", 90, "EUR 300.00"),
    ]


# Lots ---------------------------------------------------------------------------------------------


@pytest.mark.rule("A.116")
@pytest.mark.parametrize(
    ("months", "last_day"), [(None, None), (1, date(2026, 12, 22)), (24, date(2028, 11, 22))]
)
def test_an_hour_package_is_granted_under_its_own_name(
    months: int | None, last_day: date | None
) -> None:
    bought, rules = date(2026, 11, 22), HourPackageRules(covers_pikett=True, valid_months=months)
    (entry,) = grant_hour_package(Ledger(), rules, "HRS-11001-1", 600, bought).entries
    assert entry == Entry(Movement.GRANTED, "HRS-11001-1", 600, bought, last_day)


@pytest.mark.rule("A.47", "Q2")
def test_a_single_unit_is_granted_and_topped_up_and_every_lot_has_its_own_name() -> None:
    """The smallest plan has one unit; in the same year it is raised to two, to six and to eight."""
    ledger, first, last = Ledger(), date(2026, 1, 1), date(2026, 12, 31)
    for units in (1, 2, 6, 8):
        tariffs = replace(DEMO, free_units_per_year={"basic_plus": units})
        ledger = grant_free_units(ledger, tariffs, "basic_plus", 2026)
        assert ledger.balance(last) == units
    assert ledger.entries == (
        Entry(Movement.GRANTED, "basic_plus:2026", 1, first, last),
        Entry(Movement.GRANTED, "basic_plus:2026:2", 1, first, last),
        Entry(Movement.GRANTED, "basic_plus:2026:6", 4, first, last),
        Entry(Movement.GRANTED, "basic_plus:2026:8", 2, first, last),
    )
