"""Contracts on the first and the last day, and what is said of those that cannot be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ivr.contracts.agreements import (
    Agreement,
    AgreementKind,
    Mistake,
    check_agreements,
)
from ivr.contracts.money import Money

BADEN, BRUGG = 1, 2


def chf(amount: str) -> Money:
    return Money(Decimal(amount), "CHF")


YEAR, END = date(2026, 1, 1), date(2026, 12, 31)
PRO = Agreement("C-1", AgreementKind.CLA, YEAR, frozenset({BADEN}), plan_id="pro")
SLA = Agreement("S-1", AgreementKind.SLA, YEAR, frozenset({BADEN}))
HARDWARE = Agreement("H-1", AgreementKind.HARDWARE_MAINTENANCE, YEAR, frozenset({BADEN}))


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (
            replace(PRO, ends_on=date(2025, 12, 31)),
            Mistake("C-1", "ends on 2025-12-31 before it starts"),
        ),
        (replace(PRO, locations=frozenset()), Mistake("C-1", "covers no location")),
        (replace(PRO, plan_id=None), Mistake("C-1", "a CLA names a plan, and nothing else does")),
        (replace(SLA, plan_id="pro"), Mistake("S-1", "a CLA names a plan, and nothing else does")),
        (HARDWARE, Mistake("H-1", "hardware maintenance is sold only together with an SLA")),
        (replace(SLA, bundle_price=chf("10.00")), Mistake("S-1", "only a CLA is a bundle")),
        (replace(SLA, bundle_name="Duo"), Mistake("S-1", "only a CLA is a bundle")),
        (
            replace(PRO, bundle_price=chf("-0.01")),
            Mistake("C-1", "the price CHF -0.01 is not between 0 and 100000"),
        ),
        (
            replace(PRO, bundle_price=chf("100000.01")),
            Mistake("C-1", "the price CHF 100000.01 is not between 0 and 100000"),
        ),
        (
            replace(PRO, reaction_hours=4),
            Mistake("C-1", "only an SLA has a reaction and a telephone of its own"),
        ),
        (
            replace(PRO, by_phone=False),
            Mistake("C-1", "only an SLA has a reaction and a telephone of its own"),
        ),
        (replace(SLA, reaction_hours=0), Mistake("S-1", "0 hours are not between 1 and 1000")),
        (
            replace(SLA, reaction_hours=1001),
            Mistake("S-1", "1001 hours are not between 1 and 1000"),
        ),
    ],
)
def test_a_mistake_names_the_contract_and_the_reason(wrong: Agreement, mistake: Mistake) -> None:
    assert check_agreements([wrong]) == [mistake]


def test_everything_that_is_wrong_is_told() -> None:
    wrong = replace(SLA, plan_id="pro", locations=frozenset(), bundle_name="Duo", reaction_hours=0)
    assert [mistake.reason for mistake in check_agreements([wrong])] == [
        "covers no location",
        "a CLA names a plan, and nothing else does",
        "only a CLA is a bundle",
        "0 hours are not between 1 and 1000",
    ]


def test_a_contract_of_one_day_is_one() -> None:
    assert check_agreements([replace(PRO, ends_on=YEAR)]) == []


@pytest.mark.rule("A.62")
@pytest.mark.parametrize(("starts", "collides"), [(END, True), (date(2027, 1, 1), False)])
def test_the_last_day_belongs_to_the_contract_that_ends(starts: date, collides: bool) -> None:
    ending = replace(PRO, ends_on=END)
    other = replace(PRO, number="C-2", starts_on=starts, ends_on=date(2027, 12, 31))
    assert bool(check_agreements([ending, other])) is collides
    assert bool(check_agreements([other, ending])) is collides


def test_two_contracts_collide_whatever_their_versions() -> None:
    """Only a version of the same contract replaces the one before it."""
    other = replace(PRO, number="C-2", version=2)
    assert [mistake.agreement for mistake in check_agreements([PRO, other])] == ["C-2"]
    assert [mistake.agreement for mistake in check_agreements([PRO, PRO])] == ["C-1"]
    assert check_agreements([PRO, replace(PRO, version=2)]) == []


# SLAs and maintenance -----------------------------------------------------------------------------


@pytest.mark.rule("A.105")
def test_an_sla_for_more_locations_and_more_days_covers_the_maintenance() -> None:
    wider = replace(SLA, locations=frozenset({BADEN, BRUGG}), starts_on=date(2025, 1, 1))
    maintained = replace(HARDWARE, ends_on=END)
    assert check_agreements([maintained, wider]) == []
    assert check_agreements([maintained, replace(SLA, ends_on=END)]) == []
    assert len(check_agreements([HARDWARE, replace(SLA, ends_on=END)])) == 1


@pytest.mark.rule("A.105")
@pytest.mark.parametrize(
    ("spans", "covered"),
    [
        ([(date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), None)], True),
        ([(date(2026, 7, 1), None), (date(2026, 1, 1), date(2026, 6, 30))], True),
        ([(date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 2), None)], False),
        ([(date(2025, 1, 1), date(2026, 12, 31))], True),
        ([(date(2025, 1, 1), date(2026, 12, 30))], False),
        ([(date(2026, 1, 2), None)], False),
        ([(date(2025, 1, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 12, 31))], True),
        ([(date(2025, 1, 1), date(2026, 11, 30)), (date(2025, 6, 1), date(2026, 2, 1))], False),
        (
            [
                (date(2025, 1, 1), date(2026, 8, 31)),
                (date(2025, 6, 1), date(2026, 2, 1)),
                (date(2026, 9, 1), date(2026, 12, 31)),
            ],
            True,
        ),
    ],
)
def test_slas_that_follow_each_other_must_leave_no_gap(
    spans: list[tuple[date, date | None]], covered: bool
) -> None:
    """The maintenance is of the year 2026; an SLA within another one changes nothing."""
    slas = [
        replace(SLA, number=f"S-{count}", starts_on=first, ends_on=last)
        for count, (first, last) in enumerate(spans)
    ]
    assert (check_agreements([replace(HARDWARE, ends_on=END), *slas]) == []) is covered


@pytest.mark.rule("A.105")
def test_each_location_of_the_maintenance_needs_an_sla_of_its_own() -> None:
    both = replace(HARDWARE, locations=frozenset({BADEN, BRUGG}))
    brugg = replace(SLA, number="S-2", locations=frozenset({BRUGG}))
    assert check_agreements([both, SLA, brugg]) == []
    assert [mistake.agreement for mistake in check_agreements([both, SLA])] == ["H-1"]
    assert [mistake.agreement for mistake in check_agreements([both, brugg])] == ["H-1"]
