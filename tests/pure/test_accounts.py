"""Emergency support, VAT and totals, and what holds for every account."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.contracts.billing import (
    Balances,
    BilledTicket,
    BillingError,
    Cause,
    account,
    totals_by_currency,
)
from ivr.contracts.credits import credit_note
from ivr.contracts.lines import LineKind, totals_of
from ivr.contracts.money import MixedCurrenciesError, Money, vat_on
from ivr.contracts.windows import PROVIDER_ZONE
from ivr.contracts.worktime import span_of
from tests.pure.accounts import (
    ANALYSIS,
    BASIC,
    CUSTOMER,
    DEMO,
    MONDAY,
    NIGHT,
    SUNDAY,
    UNKNOWN,
    WITH_PACKAGES,
    billed,
    net,
    ticket,
    told,
    zurich,
)

# Emergency support --------------------------------------------------------------------------------


@pytest.mark.rule("A.85", "A.86", "A.90", "B.4", "K-11", "Q9")
@pytest.mark.parametrize(
    ("minutes", "fee"),
    [
        (0, "200.00"),
        (5, "200.00"),
        (30, "200.00"),
        (31, "203.33"),
        (60, "300.00"),
        (90, "400.00"),
        (150, "600.00"),
    ],
)
@pytest.mark.parametrize("at", [MONDAY, SUNDAY, NIGHT])
def test_the_emergency_fee_whatever_the_hour(minutes: int, fee: str, at: str) -> None:
    assert net(billed(CUSTOMER, minutes, at, emergency=True)) == f"EUR {fee}"


@pytest.mark.rule("A.90")
def test_what_the_flat_fee_does_not_include_is_a_line_of_its_own() -> None:
    assert told(billed(CUSTOMER, 31, emergency=True)) == [
        ("bill_emergency_flat_fee", 1, "EUR 200.00"),
        ("bill_emergency_work", 1, "EUR 3.33"),
    ]


@pytest.mark.rule("A.92", "K-6")
def test_the_flat_fee_alone_is_due_if_the_infrastructure_was_at_fault() -> None:
    assert told(billed(BASIC, 300, emergency=True)) == [
        ("bill_emergency_flat_fee", 1, "EUR 200.00")
    ]


@pytest.mark.rule("A.91")
def test_analysis_of_the_application_is_not_included_in_the_flat_fee() -> None:
    assert told(billed(ANALYSIS, 60, emergency=True)) == [
        ("bill_emergency_flat_fee", 1, "EUR 200.00"),
        ("bill_emergency_application_analysis", 60, "EUR 200.00"),
    ]


def test_each_rate_of_the_emergency_product_has_its_own_place() -> None:
    emergency = replace(
        DEMO.emergency,
        rate_per_hour_after=Money(Decimal(120), "EUR"),
        rate_per_hour_application_analysis=Money(Decimal(240), "EUR"),
    )
    tariffs = replace(DEMO, emergency=emergency)
    assert net(billed(CUSTOMER, 60, tariffs=tariffs, emergency=True)) == "EUR 260.00"
    assert net(billed(ANALYSIS, 60, tariffs=tariffs, emergency=True)) == "EUR 440.00"


@pytest.mark.rule("K-6", "K-13")
def test_free_units_and_packages_do_not_pay_for_the_emergency_product() -> None:
    drawn_up = billed(
        CUSTOMER, 60, tariffs=WITH_PACKAGES, balances=Balances(8, 600), emergency=True
    )
    assert net(drawn_up) == "EUR 300.00"
    assert (drawn_up.free_units_used, drawn_up.package_minutes_used) == (0, 0)


@pytest.mark.rule("Q17", "K-13")
def test_a_ticket_is_never_fast_lane_and_emergency_support() -> None:
    with pytest.raises(BillingError, match=r"^a ticket is Fast Lane or emergency support"):
        ticket(CUSTOMER, fast_lane=True, emergency=True)


# VAT and totals -----------------------------------------------------------------------------------


@pytest.mark.rule("B.1", "A.63")
def test_work_over_the_new_year_of_2024_has_both_rates() -> None:
    drawn_up = billed(CUSTOMER, 60, "2023-12-31T23:30")
    assert [(line.quantity, str(line.price.vat_rate)) for line in drawn_up.lines] == [
        (30, "7.7"),
        (30, "8.1"),
    ]
    late = billed(CUSTOMER, 90, "2023-12-31T23:00", emergency=True)
    rates = [(line.kind, str(line.price.vat_rate)) for line in late.lines]
    assert rates == [
        (LineKind.EMERGENCY_FLAT_FEE, "7.7"),
        (LineKind.EMERGENCY_WORK, "7.7"),
        (LineKind.EMERGENCY_WORK, "8.1"),
    ]
    assert net(late) == "EUR 400.00"


@pytest.mark.rule("B.1")
def test_a_fixed_fee_has_the_rate_of_the_order() -> None:
    moment = zurich("2023-12-31T23:59")
    work = (span_of(zurich("2024-01-01T00:10"), 30),)
    drawn_up = account(BilledTicket(moment, CUSTOMER, work, fast_lane=True), DEMO)
    assert [str(line.price.vat_rate) for line in drawn_up.lines] == ["7.7", "8.1"]


@pytest.mark.rule("B.9")
def test_vat_is_that_of_the_total_and_not_of_each_line() -> None:
    """Of 0.52 and 0.78 it would be 0.04 and 0.06, which is a Rappen less than of their sum."""
    cheap = replace(DEMO, technical_rate=Money(Decimal("1.04"), "CHF"))
    drawn_up = billed(CUSTOMER, 60, NIGHT, tariffs=cheap)
    assert [str(line.price.net) for line in drawn_up.lines] == ["CHF 0.52", "CHF 0.78"]
    assert drawn_up.totals is not None
    assert drawn_up.totals.vat == vat_on(drawn_up.totals.net, Decimal("8.1"))
    assert drawn_up.totals.vat == sum(
        (line.price.vat for line in drawn_up.lines[1:]), drawn_up.lines[0].price.vat
    )


@pytest.mark.rule("K-13")
def test_totals_are_kept_by_currency() -> None:
    accounts = [
        billed(CUSTOMER),
        billed(CUSTOMER, emergency=True),
        billed(UNKNOWN),
        billed(CUSTOMER),
    ]
    totals = totals_by_currency(accounts)
    assert {currency: str(each.gross) for currency, each in totals.items()} == {
        "CHF": "CHF 389.16",
        "EUR": "EUR 324.30",
    }
    with pytest.raises(MixedCurrenciesError):
        totals_of([*accounts[0].lines, *accounts[1].lines], "CHF")


@pytest.mark.rule("A.59")
def test_an_upgrade_takes_back_the_fee_with_the_vat_it_was_billed_with() -> None:
    note = credit_note(billed(CUSTOMER, at="2023-12-31T10:00", fast_lane=True))
    (line,) = note.lines
    assert (line.kind, str(line.price.vat_rate)) == (LineKind.FAST_LANE_CREDIT, "7.7")
    assert str(line.price.gross) == "CHF -161.55"
    assert net(note) == "CHF -150.00"


def test_nothing_is_credited_twice_or_without_a_fee() -> None:
    for drawn_up in (billed(BASIC, fast_lane=True), billed(CUSTOMER)):
        assert (credit_note(drawn_up).lines, net(credit_note(drawn_up))) == ((), "CHF 0.00")
    assert credit_note(billed(UNKNOWN, fast_lane=True)).decision_required


# For any account ----------------------------------------------------------------------------------

moments = st.datetimes(datetime(2023, 12, 25), datetime(2028, 12, 1)).map(
    lambda moment: moment.replace(tzinfo=PROVIDER_ZONE)
)
money = st.decimals(0, 1000, places=2).map(lambda amount: Money(amount, "CHF"))


@given(
    moments,
    st.sampled_from(Cause),
    st.integers(0, 3000),
    money,
    st.sampled_from([None, "fast_lane", "emergency"]),
    st.builds(Balances, st.integers(0, 9), st.integers(0, 200)),
)
def test_every_account_adds_up_and_comes_out_the_same_again(
    at: datetime,
    cause: Cause,
    minutes: int,
    rate: Money,
    ordered: str | None,
    balances: Balances,
) -> None:
    tariffs = replace(WITH_PACKAGES, technical_rate=rate)
    flags: dict[str, Any] = {ordered: True} if ordered else {}
    closed = BilledTicket(at, cause, (span_of(at, minutes),), **flags)
    drawn_up = account(closed, tariffs, balances)
    assert account(closed, tariffs, balances) == drawn_up
    assert drawn_up.free_units_used <= balances.free_units
    assert drawn_up.package_minutes_used <= balances.package_minutes
    if drawn_up.totals is None:
        assert (drawn_up.lines, cause.decides) == ((), False)
        return
    totals = drawn_up.totals
    assert totals.net + totals.vat == totals.gross
    assert totals == totals_of(drawn_up.lines, totals.currency)
    for line in drawn_up.lines:
        assert line.price.net + line.price.vat == line.price.gross
    by_rate: dict[Decimal, Money] = {}
    for line in drawn_up.lines:
        known = by_rate.get(line.price.vat_rate, Money(Decimal(0), totals.currency))
        by_rate[line.price.vat_rate] = known + line.price.net
    vat = sum((vat_on(net, rate).amount for rate, net in by_rate.items()), Decimal(0))
    assert totals.vat.amount == vat


@given(moments, st.integers(0, 600), st.integers(0, 9), st.integers(0, 200))
def test_every_minute_is_paid_exactly_once(
    at: datetime, minutes: int, units: int, package: int
) -> None:
    closed = BilledTicket(at, CUSTOMER, (span_of(at, minutes),))
    drawn_up = account(closed, WITH_PACKAGES, Balances(units, package))
    invoiced = sum(line.quantity for line in drawn_up.lines if line.kind is LineKind.WORK)
    free = minutes - invoiced - drawn_up.package_minutes_used
    assert 0 <= free <= drawn_up.free_units_used * 15
    assert drawn_up.free_units_used == -(-free // 15)
