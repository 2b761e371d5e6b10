"""Free service units, hour packages, and the credit of a Fast Lane ticket."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import resources
from ivr.contracts.credits import credit_last_day, is_credited
from ivr.contracts.ledgers import (
    Entry,
    Ledger,
    LedgerError,
    Movement,
    Standing,
    grant_free_units,
    grant_hour_package,
    months_later,
)
from ivr.contracts.tariffs import HourPackageRules, parse_tariffs

CONFIG = resources.folder("config")
DEMO = parse_tariffs(resources.load_yaml(CONFIG / "tariffs_demo.yaml"))
FRESH = parse_tariffs(resources.load_yaml(CONFIG / "tariffs.yaml"))
HOLIDAYS = frozenset(
    entry["date"] for entry in resources.load_yaml(CONFIG / "holidays.yaml")["holidays"]
)
NEW_YEAR, NOVEMBER, SILVESTER = date(2026, 1, 1), date(2026, 11, 23), date(2026, 12, 31)
UNITS = Ledger().grant("pro:2026", 4, NEW_YEAR, SILVESTER)


# Free units ---------------------------------------------------------------------------------------


@pytest.mark.rule("A.20", "A.47", "K-3", "Q2")
def test_the_allowance_of_a_plan_is_granted_for_a_calendar_year() -> None:
    ledger = grant_free_units(Ledger(), DEMO, "premium", 2026)
    assert ledger.entries == (
        Entry(Movement.GRANTED, "premium:2026", 8, NEW_YEAR, last_day=SILVESTER),
    )
    assert ledger.balance(date(2025, 12, 31)) == 0
    assert ledger.balance(NEW_YEAR) == 8
    assert ledger.balance(SILVESTER) == 8
    assert ledger.balance(date(2027, 1, 1)) == 0


@pytest.mark.rule("Q2")
def test_a_plan_without_an_allowance_gets_no_entry() -> None:
    assert grant_free_units(Ledger(), DEMO, "basic", 2026) == Ledger()
    assert grant_free_units(Ledger(), FRESH, "premium", 2026) == Ledger()


@pytest.mark.rule("A.47", "Q2")
@pytest.mark.parametrize("plans", [("basic_plus", "pro", "premium"), ("premium",)])
def test_a_better_plan_in_the_year_raises_the_allowance_to_its_own(plans: tuple[str, ...]) -> None:
    """It does not add up, and does not depend on whether the first allowance was ever used."""
    ledger = Ledger()
    for plan in plans:
        ledger = grant_free_units(ledger, DEMO, plan, 2026)
    assert ledger.balance(NOVEMBER) == 8
    assert grant_free_units(ledger, DEMO, plans[-1], 2026) == ledger


def test_a_smaller_plan_takes_nothing_back() -> None:
    ledger = grant_free_units(Ledger(), DEMO, "premium", 2026)
    assert grant_free_units(ledger, DEMO, "pro", 2026) == ledger
    assert grant_free_units(ledger, DEMO, "pro", 2027).balance(date(2027, 1, 1)) == 2


def test_an_allowance_that_is_raised_in_the_tariffs_is_topped_up() -> None:
    """A new figure in the middle of the year must not make every later account fail."""
    raised = replace(DEMO, free_units_per_year={"pro": 6})
    lowered = replace(DEMO, free_units_per_year={"pro": 1})
    ledger = grant_free_units(Ledger(), DEMO, "pro", 2026)
    ledger = grant_free_units(ledger, raised, "pro", 2026)
    assert ledger.balance(NOVEMBER) == 6
    assert grant_free_units(ledger, raised, "pro", 2026) == ledger
    assert grant_free_units(ledger, lowered, "pro", 2026) == ledger
    assert grant_free_units(ledger, DEMO, "pro", 2026) == ledger


@pytest.mark.rule("A.47")
def test_consumption_and_expiry_of_a_year() -> None:
    ledger = UNITS.consume(3, NOVEMBER, "T1")
    assert ledger.standing(date(2026, 11, 22)) == Standing(4, 0, 0, 4)
    assert ledger.standing(NOVEMBER) == Standing(4, 3, 0, 1)
    assert ledger.standing(SILVESTER) == Standing(4, 3, 0, 1)
    assert ledger.standing(date(2027, 1, 1)) == Standing(4, 3, 1, 0)
    assert ledger.expire(SILVESTER) == ledger
    expired = ledger.expire(date(2027, 1, 2))
    assert expired.entries[-1] == Entry(Movement.EXPIRED, "pro:2026", 1, date(2027, 1, 1))
    assert expired.expire(date(2027, 1, 2)) == expired
    assert expired.standing(SILVESTER) == Standing(4, 3, 0, 1)


def test_before_the_grant_there_is_nothing() -> None:
    assert UNITS.standing(date(2025, 12, 31)) == Standing(0, 0, 0, 0)


def test_nobody_consumes_more_than_there_is() -> None:
    with pytest.raises(LedgerError, match=r"^5 cannot be consumed: there are 4$"):
        UNITS.consume(5, NOVEMBER, "T1")
    with pytest.raises(LedgerError, match="there are 0"):
        UNITS.consume(1, date(2027, 1, 1), "T1")
    with pytest.raises(LedgerError, match=r"^0 cannot be consumed"):
        UNITS.consume(0, NOVEMBER, "T1")
    assert UNITS.consume(4, NOVEMBER, "T1").balance(NOVEMBER) == 0


def test_what_has_been_recorded_as_expired_cannot_be_consumed_afterwards() -> None:
    with pytest.raises(LedgerError, match="there are 0"):
        UNITS.expire(date(2027, 1, 1)).consume(1, NOVEMBER, "late")


def test_closing_again_changes_nothing() -> None:
    once = UNITS.consume(3, NOVEMBER, "T1")
    assert once.consume(3, NOVEMBER, "T1") == once
    with pytest.raises(LedgerError, match=r"^ticket T1 has consumed 3, not 2$"):
        once.consume(2, NOVEMBER, "T1")
    assert once.grant("pro:2026", 4, NEW_YEAR, SILVESTER) == once
    with pytest.raises(LedgerError, match=r"^'pro:2026' has been granted with other figures$"):
        once.grant("pro:2026", 8, NEW_YEAR, SILVESTER)


def test_an_account_drawn_up_again_sees_the_balance_it_saw_first() -> None:
    ledger = UNITS.consume(1, NOVEMBER, "T0").consume(3, NOVEMBER, "T1")
    assert ledger.balance(NOVEMBER) == 0
    assert ledger.balance(NOVEMBER, ticket="T1") == 3
    assert ledger.balance(NOVEMBER, ticket="other") == 0
    assert ledger.without("T1") == UNITS.consume(1, NOVEMBER, "T0")


@pytest.mark.parametrize("quantity", [0, -1])
def test_an_entry_has_a_quantity(quantity: int) -> None:
    with pytest.raises(LedgerError, match=rf"^granted {quantity} of 'x': must be above 0$"):
        Ledger().grant("x", quantity, NEW_YEAR)


def test_nothing_expires_before_it_is_granted() -> None:
    with pytest.raises(LedgerError, match=r"^'x' expires before it is granted$"):
        Ledger().grant("x", 1, NEW_YEAR, NEW_YEAR - timedelta(days=1))
    assert Ledger().grant("x", 1, NEW_YEAR, NEW_YEAR).balance(NEW_YEAR) == 1


# Hour packages ------------------------------------------------------------------------------------


@pytest.mark.rule("A.116")
def test_an_hour_package_lasts_as_long_as_the_rules_say() -> None:
    rules = HourPackageRules(covers_pikett=True, valid_months=12)
    ledger = grant_hour_package(Ledger(), rules, "P1", 600, NOVEMBER)
    assert ledger.balance(date(2027, 11, 23)) == 600
    assert ledger.balance(date(2027, 11, 24)) == 0
    unlimited = grant_hour_package(Ledger(), replace(rules, valid_months=None), "P1", 600, NOVEMBER)
    assert unlimited.standing(date(2099, 1, 1)) == Standing(600, 0, 0, 600)


def test_what_expires_first_is_consumed_first() -> None:
    ledger = (
        Ledger()
        .grant("never", 100, NEW_YEAR)
        .grant("late", 100, NEW_YEAR, SILVESTER)
        .grant("soon", 100, NEW_YEAR, NOVEMBER)
        .grant("future", 100, SILVESTER, SILVESTER)
        .consume(250, NOVEMBER, "T1")
    )
    taken = [(entry.lot, entry.quantity) for entry in ledger.entries[4:]]
    assert taken == [("soon", 100), ("late", 100), ("never", 50)]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-23", 1, "2026-12-23"),
        ("2026-11-23", 2, "2027-01-23"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-01-15", 120, "2036-01-15"),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


# For any ledger -----------------------------------------------------------------------------------

days = st.integers(0, 700).map(lambda after: NEW_YEAR + timedelta(days=after))
grants = st.tuples(st.just("grant"), days, st.integers(1, 50), st.none() | st.integers(0, 400))
consumptions = st.tuples(st.just("consume"), days, st.integers(1, 60), st.none())
expiries = st.tuples(st.just("expire"), days, st.just(0), st.none())
steps = st.lists(st.one_of(grants, consumptions, expiries), max_size=25)


def played(script: list[tuple[str, date, int, int | None]]) -> Ledger:
    """A ledger after these steps in any order of days; what it refuses changes nothing."""
    ledger = Ledger()
    for number, (step, day, quantity, lasts) in enumerate(script):
        if step == "grant":
            last_day = None if lasts is None else day + timedelta(days=lasts)
            ledger = ledger.grant(f"lot {number}", quantity, day, last_day)
        elif step == "expire":
            ledger = ledger.expire(day)
        elif quantity <= ledger.balance(day):
            ledger = ledger.consume(quantity, day, f"ticket {number}")
        else:
            with pytest.raises(LedgerError):
                ledger.consume(quantity, day, f"ticket {number}")
    return ledger


@pytest.mark.rule("A.47", "A.116")
@given(steps, days)
def test_a_balance_is_never_negative_and_everything_sums_up(
    script: list[tuple[str, date, int, int | None]], day: date
) -> None:
    ledger = played(script)
    standing = ledger.standing(day)
    assert standing.granted == standing.consumed + standing.expired + standing.balance
    assert min(standing.consumed, standing.expired, standing.balance) >= 0
    assert ledger.balance(day) >= 0
    assert ledger.expire(day).standing(day) == standing


@given(steps, days, st.integers(1, 60))
def test_consuming_lowers_the_balance_by_as_much(
    script: list[tuple[str, date, int, int | None]], day: date, quantity: int
) -> None:
    ledger = played(script)
    before = ledger.balance(day)
    if quantity <= before:
        after = ledger.consume(quantity, day, "more")
        assert after.balance(day) == before - quantity
        assert after.without("more") == ledger


# The credit of a Fast Lane ticket -----------------------------------------------------------------


def holiday_on(day: date) -> bool:
    return day in HOLIDAYS


@pytest.mark.rule("A.59", "B.4.5")
@pytest.mark.parametrize(
    ("event", "last"),
    [
        ("2026-11-22", "2026-12-07"),
        ("2026-11-21", "2026-12-05"),
        ("2026-11-23", "2026-12-07"),
        ("2026-12-11", "2026-12-28"),
        ("2026-12-12", "2026-12-28"),
        ("2026-12-18", "2027-01-02"),
        ("2026-03-20", "2026-04-04"),
        ("2026-03-22", "2026-04-07"),
        ("2026-10-12", "2026-10-26"),
        ("2026-04-30", "2026-05-15"),
    ],
)
def test_the_last_day_of_the_credit(event: str, last: str) -> None:
    assert credit_last_day(date.fromisoformat(event), 14, holiday_on) == date.fromisoformat(last)


@pytest.mark.rule("A.59", "B.4.5")
@pytest.mark.parametrize(
    ("signed", "credited"),
    [
        ("2026-11-21", False),
        ("2026-11-22", True),
        ("2026-12-06", True),
        ("2026-12-07", True),
        ("2026-12-08", False),
    ],
)
def test_a_signature_in_time_brings_the_credit(signed: str, credited: bool) -> None:
    event = date(2026, 11, 22)
    assert is_credited(event, date.fromisoformat(signed), 14, holiday_on) is credited


@given(st.dates(date(2026, 1, 1), date(2028, 12, 1)))
def test_the_last_day_is_a_working_day_or_a_saturday(event: date) -> None:
    last = credit_last_day(event, 14, holiday_on)
    assert last >= event + timedelta(days=14)
    assert last.weekday() != 6
    assert last not in HOLIDAYS
    passed = (event + timedelta(days=14 + extra) for extra in range((last - event).days - 14))
    assert all(day.weekday() == 6 or day in HOLIDAYS for day in passed)
