"""Contracts: which one answers, when it ends, what cannot be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.contracts.agreements import (
    Agreement,
    AgreementKind,
    check_agreements,
    contract_number,
    end_after_notice,
    find_cla,
    list_slas,
    monthly_price,
)
from ivr.contracts.money import Money, amount_text
from tests.pure.hours import PLANS

BADEN, BRUGG = 1, 2
YEAR = date(2026, 1, 1)
PRO = Agreement("C-1", AgreementKind.CLA, YEAR, frozenset({BADEN}), plan_id="pro")
SLA = Agreement("S-1", AgreementKind.SLA, YEAR, frozenset({BADEN, BRUGG}))
HARDWARE = Agreement("H-1", AgreementKind.HARDWARE_MAINTENANCE, YEAR, frozenset({BADEN}))


@pytest.mark.rule("A.62", "B.4.6")
@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        (date(2026, 11, 22), date(2026, 12, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 1), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2026, 10, 1), date(2026, 11, 30)),
    ],
)
def test_notice_ends_a_contract_at_the_end_of_the_following_month(
    received: date, last_day: date
) -> None:
    assert end_after_notice(received) == last_day


@pytest.mark.rule("A.62")
@given(st.dates(date(2000, 1, 1), date(2098, 12, 31)))
def test_a_notice_leaves_at_least_a_month_and_less_than_two(received: date) -> None:
    end = end_after_notice(received)
    assert 28 <= (end - received).days <= 62
    assert (date.fromordinal(end.toordinal() + 1)).day == 1


@pytest.mark.rule("A.62")
def test_a_contract_counts_until_its_last_day() -> None:
    ending = replace(PRO, ends_on=date(2026, 12, 31))
    assert find_cla([ending], BADEN, date(2026, 12, 31)) == ending
    assert find_cla([ending], BADEN, date(2027, 1, 1)) is None
    assert find_cla([ending], BADEN, date(2025, 12, 31)) is None


@pytest.mark.rule("A.57", "K-18")
def test_each_location_has_the_plan_of_its_own_contract() -> None:
    basic = replace(PRO, number="C-2", plan_id="basic", locations=frozenset({BRUGG}))
    assert find_cla([PRO, basic], BADEN, YEAR) == PRO
    assert find_cla([PRO, basic], BRUGG, YEAR) == basic
    assert find_cla([SLA, HARDWARE], BADEN, YEAR) is None


def test_of_two_versions_the_newer_one_counts_from_its_first_day() -> None:
    upgraded = replace(PRO, version=2, plan_id="premium", starts_on=date(2026, 7, 1))
    assert check_agreements([PRO, upgraded]) == []
    assert find_cla([upgraded, PRO], BADEN, date(2026, 6, 30)) == PRO
    assert find_cla([upgraded, PRO], BADEN, date(2026, 7, 1)) == upgraded


@pytest.mark.rule("A.57", "A.58", "K-18")
def test_the_price_is_per_location_unless_it_is_a_bundle() -> None:
    pro, both = Money(Decimal("129.00"), "CHF"), replace(PRO, locations=frozenset({BADEN, BRUGG}))
    assert monthly_price(PRO, pro) == pro
    assert monthly_price(both, pro) == Money(Decimal("258.00"), "CHF")
    bundle = Money(Decimal("200.00"), "CHF")
    assert monthly_price(replace(both, bundle_price=bundle), pro) == bundle


@pytest.mark.parametrize(
    ("plan", "a_month"),
    [
        pytest.param("premium", "600.00", marks=pytest.mark.rule("A.36")),
        pytest.param("pro_plus", "228.00", marks=pytest.mark.rule("A.37")),
        pytest.param("pro", "129.00", marks=pytest.mark.rule("A.38")),
        pytest.param("basic_plus", "49.00", marks=pytest.mark.rule("A.39")),
        pytest.param("basic", "0.00", marks=pytest.mark.rule("A.40")),
    ],
)
def test_what_each_plan_costs_for_one_location_and_for_two(plan: str, a_month: str) -> None:
    agreement = replace(PRO, plan_id=plan)
    price = Money(PLANS[plan].price_per_month, "CHF")
    assert amount_text(monthly_price(agreement, price)) == a_month
    both = replace(agreement, locations=frozenset({BADEN, BRUGG}))
    assert monthly_price(both, price) == price * 2


@pytest.mark.rule("A.111", "A.114")
def test_the_slas_of_a_place_are_those_that_are_in_force() -> None:
    four, other = replace(SLA, reaction_hours=4), replace(SLA, number="S-2", reaction_hours=48)
    newer = replace(four, version=2, reaction_hours=8, starts_on=date(2026, 7, 1))
    every = [other, newer, four, PRO, HARDWARE]
    assert list_slas(every, frozenset({BADEN}), date(2026, 6, 30)) == [four, other]
    assert list_slas(every, frozenset({BADEN}), date(2026, 7, 1)) == [newer, other]
    assert list_slas(every, frozenset({BADEN, BRUGG}), YEAR) == [four, other]
    assert list_slas(every, frozenset({3}), YEAR) == []
    assert list_slas(every, frozenset(), YEAR) == []
    elsewhere = replace(four, locations=frozenset({BRUGG}))
    assert list_slas([elsewhere], frozenset({BADEN, BRUGG}), YEAR) == []


@pytest.mark.rule("A.97")
@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (AgreementKind.CLA, "CLA-11001-2"),
        (AgreementKind.SOFTWARE_MAINTENANCE, "SWM-11001-2"),
        (AgreementKind.HARDWARE_MAINTENANCE, "HWM-11001-2"),
        (AgreementKind.SLA, "SLA-11001-2"),
        (AgreementKind.HOUR_PACKAGE, "HRS-11001-2"),
    ],
)
def test_each_kind_has_numbers_of_its_own(kind: AgreementKind, number: str) -> None:
    assert contract_number(kind, "11001", 2) == number


@pytest.mark.rule("A.105")
def test_hardware_maintenance_is_covered_by_versions_that_follow_each_other() -> None:
    first = replace(SLA, ends_on=date(2026, 6, 30))
    second = replace(SLA, version=2, starts_on=date(2026, 7, 1))
    assert check_agreements([HARDWARE, first, second]) == []
    assert check_agreements([second, first, HARDWARE]) == []
    gap = replace(second, starts_on=date(2026, 7, 2))
    assert len(check_agreements([HARDWARE, first, gap])) == 1
    ending = replace(HARDWARE, ends_on=date(2026, 6, 30))
    assert check_agreements([ending, first, gap]) == []


@pytest.mark.rule("A.105")
@pytest.mark.parametrize(
    ("sla", "allowed"),
    [
        ([SLA], True),
        ([], False),
        ([replace(SLA, locations=frozenset({BRUGG}))], False),
        ([replace(SLA, ends_on=date(2026, 6, 30))], False),
        ([replace(SLA, starts_on=date(2026, 2, 1))], False),
    ],
)
def test_hardware_maintenance_needs_an_sla_all_the_time(
    sla: list[Agreement], allowed: bool
) -> None:
    assert (check_agreements([HARDWARE, *sla]) == []) is allowed


def test_two_agreements_for_one_location_at_one_time_are_refused() -> None:
    other = replace(PRO, number="C-2", plan_id="basic", starts_on=date(2026, 12, 31))
    (mistake,) = check_agreements([PRO, other])
    assert mistake.agreement == "C-2"
    assert "C-1" in mistake.reason
    assert check_agreements([replace(PRO, ends_on=date(2026, 12, 30)), other]) == []
    assert check_agreements([PRO, replace(other, locations=frozenset({BRUGG}))]) == []


def test_what_is_at_the_edge_can_be() -> None:
    """The figures of a right one, beside those of the wrong ones below."""
    for hours in (1, 1000):
        assert check_agreements([replace(SLA, reaction_hours=hours, by_phone=True)]) == []
    for amount in (0, 100000):
        bundle = replace(PRO, bundle_price=Money(Decimal(amount), "CHF"), bundle_name="B")
        assert check_agreements([bundle]) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (replace(PRO, ends_on=date(2025, 12, 31)), "before it starts"),
        (replace(PRO, locations=frozenset()), "no location"),
        (replace(PRO, plan_id=None), "names a plan"),
        (replace(SLA, plan_id="pro"), "names a plan"),
        (replace(PRO, reaction_hours=4), "only an SLA"),
        (replace(PRO, by_phone=False), "only an SLA"),
        (replace(SLA, reaction_hours=0), "0 hours are not between 1 and 1000"),
        (replace(SLA, reaction_hours=1001), "1001 hours are not between"),
        (replace(SLA, bundle_name="Branches"), "only a CLA is a bundle"),
        (replace(SLA, bundle_price=Money(Decimal(1), "CHF")), "only a CLA is a bundle"),
        (replace(PRO, bundle_price=Money(Decimal(-1), "CHF")), "not between 0 and 100000"),
        (replace(PRO, bundle_price=Money(Decimal(100001), "CHF")), "not between 0 and 100000"),
    ],
)
def test_what_cannot_be_is_named(wrong: Agreement, reason: str) -> None:
    (mistake,) = check_agreements([wrong])
    assert reason in mistake.reason
