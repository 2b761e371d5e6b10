"""What a caller is told of the offer that is open to him: figures worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ivr.contracts.conditions import Conditions, EmergencyTerms, conditions
from ivr.contracts.money import Money, Price
from ivr.contracts.offers import Case, OfferKind, OfferRules
from ivr.contracts.tariffs import Tariffs
from ivr.contracts.windows import assess_window
from tests.pure.accounts import DEMO, FRESH
from tests.pure.hours import BADEN, PLANS, zurich

BY_PHONE = replace(DEMO, fast_lane=None, emergency=replace(DEMO.emergency, enabled_on_phone=True))
MONDAY_TEN, MONDAY_EIGHT_PM = "2026-11-23T10:00", "2026-11-23T20:00"


def price(currency: str, net: str, vat: str, gross: str, rate: str = "8.1") -> Price:
    amounts = (Money(Decimal(each), currency) for each in (net, vat, gross))
    net_, vat_, gross_ = amounts
    return Price(net_, Decimal(rate), vat_, gross_)


def told(
    at: str, tariffs: Tariffs = DEMO, plan_id: str = "pro", free_units: int = 0, **more: bool
) -> Conditions:
    plan, moment = PLANS[plan_id], zurich(at)
    case = Case(moment, plan, assess_window(plan, BADEN, moment), **more)
    return conditions(case, plan, OfferRules(tariffs, BADEN, "t-1"), free_units)


@pytest.mark.rule("A.47", "A.70", "Q3", "Q16")
def test_an_order_in_the_window_has_no_price_and_the_work_its_rate() -> None:
    assert told(MONDAY_TEN, free_units=3) == Conditions(
        plan_id="pro",
        reaction=PLANS["pro"].first_reaction,
        offer=OfferKind.ORDER,
        price=None,
        work=price("CHF", "180.00", "14.58", "194.58"),
        free_units=3,
        credit_days=14,
        emergency=None,
        terms="t-1",
    )


@pytest.mark.rule("A.59", "A.60", "Q1", "Q16")
def test_fast_lane_has_its_price_and_the_days_of_its_credit() -> None:
    found = told(MONDAY_EIGHT_PM)
    assert (found.offer, found.price) == (
        OfferKind.FAST_LANE,
        price("CHF", "150.00", "12.15", "162.15"),
    )
    assert found.credit_days == 14
    assert found.emergency is None
    assert found.is_chargeable


@pytest.mark.rule("A.70", "Q3")
@pytest.mark.parametrize(
    ("at", "net"),
    [
        ("2026-11-23T22:59", "180.00"),
        ("2026-11-23T23:00", "270.00"),
        ("2026-11-24T05:59", "270.00"),
        ("2026-11-24T06:00", "180.00"),
        ("2026-11-22T12:00", "270.00"),
    ],
)
def test_the_hour_of_work_carries_the_supplement_of_the_call(at: str, net: str) -> None:
    work = told(at).work
    assert work is not None
    assert str(work.net) == f"CHF {net}"


@pytest.mark.rule("Q16")
def test_vat_is_that_of_the_provider_s_day_of_the_call() -> None:
    """Half past midnight in Zurich on the day of the new rate is still the old year in UTC."""
    old, new = told("2023-12-31T23:59"), told("2024-01-01T00:30")
    assert old.work is not None
    assert new.work is not None
    assert (old.work.vat_rate, new.work.vat_rate) == (Decimal("7.7"), Decimal("8.1"))


@pytest.mark.rule("A.76", "A.80", "A.85", "A.86", "A.87")
@pytest.mark.parametrize(
    ("at", "plan_id", "free"),
    [(MONDAY_EIGHT_PM, "pro", False), ("2026-11-23T08:30", "basic", True)],
)
def test_the_emergency_product_says_what_the_fee_includes(
    at: str, plan_id: str, free: bool
) -> None:
    found = told(at, BY_PHONE, plan_id)
    fee = price("EUR", "200.00", "16.20", "216.20")
    assert (found.offer, found.price) == (OfferKind.EMERGENCY, fee)
    assert found.emergency == EmergencyTerms(
        included_minutes=30, hour=fee, callback_minutes=30, free_support_now=free
    )
    assert found.is_chargeable


@pytest.mark.rule("A.86", "A.87")
def test_the_terms_of_the_emergency_product_are_each_their_own_figure() -> None:
    product = replace(
        BY_PHONE.emergency,
        included_minutes=20,
        callback_minutes=45,
        rate_per_hour_after=Money(Decimal("120.00"), "EUR"),
    )
    terms = told(MONDAY_EIGHT_PM, replace(BY_PHONE, emergency=product)).emergency
    assert terms == EmergencyTerms(20, price("EUR", "120.00", "9.72", "129.72"), 45, False)


@pytest.mark.rule("A.60", "Q1")
@pytest.mark.parametrize(("tariffs", "may_order"), [(FRESH, True), (DEMO, False)])
def test_without_a_way_to_a_technician_it_is_a_ticket(tariffs: Tariffs, may_order: bool) -> None:
    found = told(MONDAY_EIGHT_PM, tariffs, may_order=may_order)
    assert (found.offer, found.price, found.emergency) == (OfferKind.TICKET, None, None)
    assert not found.is_chargeable


@pytest.mark.rule("Q3")
def test_without_a_rate_no_figure_of_the_work_is_told() -> None:
    assert told(MONDAY_TEN, FRESH).work is None


@pytest.mark.parametrize("at", [MONDAY_TEN, MONDAY_EIGHT_PM])
def test_what_is_left_without_the_offer_is_a_ticket_for_nothing(at: str) -> None:
    for tariffs in (DEMO, BY_PHONE):
        found = told(at, tariffs, free_units=2)
        assert found.without_offer() == replace(
            found, offer=OfferKind.TICKET, price=None, emergency=None
        )
        assert not found.without_offer().is_chargeable
        assert (found.without_offer().work, found.without_offer().free_units) == (found.work, 2)


def test_an_order_is_not_chargeable() -> None:
    assert not told(MONDAY_TEN).is_chargeable


def test_what_nobody_says_is_a_ticket_without_figures() -> None:
    assert Conditions("pro", PLANS["pro"].first_reaction) == Conditions(
        plan_id="pro",
        reaction=PLANS["pro"].first_reaction,
        offer=OfferKind.TICKET,
        price=None,
        work=None,
        free_units=0,
        credit_days=0,
        emergency=None,
        terms="",
    )
