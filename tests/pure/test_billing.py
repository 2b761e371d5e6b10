"""The account of a ticket: the cause decides, and what the customer has in advance."""

from datetime import datetime
from typing import Any

import pytest

from ivr.contracts.billing import (
    Balances,
    BilledTicket,
    BillingError,
    Cause,
    Decision,
)
from ivr.contracts.lines import exported_totals
from ivr.contracts.tariffs import Tariffs
from ivr.errors import ConfigurationError
from tests.pure.accounts import (
    ANALYSIS,
    BASIC,
    CUSTOMER,
    DEMO,
    FRESH,
    GOODWILL,
    NIGHT,
    SUNDAY,
    THIRD,
    UNKNOWN,
    WITH_PACKAGES,
    billed,
    net,
    ticket,
    told,
)

# The cause decides --------------------------------------------------------------------------------


@pytest.mark.rule("A.68", "A.71")
@pytest.mark.parametrize("tariffs", [DEMO, FRESH])
def test_a_fault_in_a_basic_service_costs_nothing(tariffs: Tariffs) -> None:
    drawn_up = billed(BASIC, 300, SUNDAY, tariffs=tariffs, balances=Balances(8, 600))
    assert drawn_up.lines == ()
    assert exported_totals(drawn_up.totals) == {
        "net": "0.00",
        "vat": "0.00",
        "gross": "0.00",
        "currency": "CHF",
    }
    assert (drawn_up.free_units_used, drawn_up.package_minutes_used) == (0, 0)
    assert not drawn_up.decision_required


@pytest.mark.rule("A.68", "Q13")
def test_fast_lane_is_credited_when_a_basic_service_was_at_fault() -> None:
    drawn_up = billed(BASIC, fast_lane=True)
    assert told(drawn_up) == [
        ("bill_fast_lane", 1, "CHF 150.00"),
        ("bill_fast_lane_credit", 1, "CHF -150.00"),
    ]
    assert [str(line.price.gross) for line in drawn_up.lines] == ["CHF 162.15", "CHF -162.15"]
    assert exported_totals(drawn_up.totals)["gross"] == "0.00"


@pytest.mark.rule("A.70", "Q3")
def test_a_cause_at_the_customers_is_charged_at_the_rate() -> None:
    (line,) = billed(CUSTOMER, 45).lines
    assert line.exported() == {
        "kind": "work",
        "text": "bill_work",
        "quantity": 45,
        "unit": "minute",
        "net": "135.00",
        "vat_rate": "8.1",
        "vat": "10.94",
        "gross": "145.94",
        "currency": "CHF",
    }


@pytest.mark.rule("A.70", "Q3")
def test_night_minutes_are_a_line_of_their_own() -> None:
    assert told(billed(CUSTOMER, 45, NIGHT)) == [
        ("bill_work", 30, "CHF 90.00"),
        ("bill_work_night_sunday", 15, "CHF 67.50"),
    ]
    assert told(billed(CUSTOMER, 60, SUNDAY)) == [("bill_work_night_sunday", 60, "CHF 270.00")]
    assert told(billed(CUSTOMER, 60, "2026-11-22T23:30")) == [
        ("bill_work_night_sunday", 60, "CHF 270.00")
    ]


@pytest.mark.rule("A.60", "A.70")
def test_fast_lane_is_charged_beside_the_work() -> None:
    assert told(billed(CUSTOMER, 30, fast_lane=True)) == [
        ("bill_fast_lane", 1, "CHF 150.00"),
        ("bill_work", 30, "CHF 90.00"),
    ]


def test_analysis_of_an_application_is_a_line_of_its_own_at_the_rate() -> None:
    assert told(billed(ANALYSIS, 60)) == [("bill_application_analysis", 60, "CHF 180.00")]
    assert told(billed(ANALYSIS, 60, SUNDAY)) == [
        ("bill_application_analysis_night_sunday", 60, "CHF 270.00")
    ]


def test_no_minutes_cost_nothing() -> None:
    drawn_up = billed(CUSTOMER, 0, tariffs=FRESH)
    assert (drawn_up.lines, net(drawn_up)) == ((), "CHF 0.00")


# A person decides ---------------------------------------------------------------------------------


@pytest.mark.rule("A.71", "K-10", "Q8")
@pytest.mark.parametrize("cause", [THIRD, UNKNOWN])
@pytest.mark.parametrize("ordered", [{}, {"fast_lane": True}, {"emergency": True}])
def test_a_third_party_or_unknown_cause_is_never_billed_by_itself(
    cause: Cause, ordered: dict[str, Any]
) -> None:
    drawn_up = billed(cause, 60, **ordered)
    assert drawn_up.lines == ()
    assert drawn_up.decision_required
    assert exported_totals(drawn_up.totals) == dict.fromkeys(("net", "vat", "gross", "currency"))


@pytest.mark.rule("Q8")
@pytest.mark.parametrize("cause", [THIRD, UNKNOWN])
def test_after_a_decision_it_is_billed_like_the_cause_decided_on(cause: Cause) -> None:
    assert billed(cause, decision=GOODWILL) == billed(CUSTOMER)
    free = Decision(BASIC, "The carrier was ours to choose.", "Anna Meier")
    assert billed(cause, decision=free, fast_lane=True) == billed(BASIC, fast_lane=True)


@pytest.mark.rule("Q8")
def test_a_decision_has_a_reason_a_person_and_something_to_decide() -> None:
    for reason, person in ((" ", "Anna"), ("Because.", " ")):
        with pytest.raises(BillingError, match=r"^a decision needs a reason and the person"):
            Decision(CUSTOMER, reason, person)
    for cause in (THIRD, UNKNOWN):
        with pytest.raises(BillingError, match=f"^{cause} decides nothing: choose who pays$"):
            Decision(cause, "Because.", "Anna")
    with pytest.raises(BillingError, match=r"^customer_environment decides by itself"):
        ticket(CUSTOMER, decision=GOODWILL)


# Free units, hour package, invoice ----------------------------------------------------------------


@pytest.mark.rule("A.20", "A.70", "K-4", "Q2")
@pytest.mark.parametrize(
    ("minutes", "units", "package", "lines"),
    [
        (31, 8, 0, [("bill_free_units", 3, "CHF 0.00")]),
        (30, 2, 0, [("bill_free_units", 2, "CHF 0.00")]),
        (31, 2, 0, [("bill_free_units", 2, "CHF 0.00"), ("bill_work", 1, "CHF 3.00")]),
        (
            60,
            2,
            20,
            [
                ("bill_free_units", 2, "CHF 0.00"),
                ("bill_hour_package", 20, "CHF 0.00"),
                ("bill_work", 10, "CHF 30.00"),
            ],
        ),
        (30, 0, 600, [("bill_hour_package", 30, "CHF 0.00")]),
        (15, 1, 600, [("bill_free_units", 1, "CHF 0.00")]),
    ],
)
def test_free_units_come_first_then_the_package_then_the_invoice(
    minutes: int, units: int, package: int, lines: list[tuple[str, int, str]]
) -> None:
    drawn_up = billed(CUSTOMER, minutes, tariffs=WITH_PACKAGES, balances=Balances(units, package))
    assert told(drawn_up) == lines
    used = {text: quantity for text, quantity, _ in lines}
    assert drawn_up.free_units_used == used.get("bill_free_units", 0)
    assert drawn_up.package_minutes_used == used.get("bill_hour_package", 0)


@pytest.mark.rule("K-4")
def test_without_the_flag_no_package_pays_for_pikett() -> None:
    drawn_up = billed(CUSTOMER, 60, balances=Balances(0, 600))
    assert told(drawn_up) == [("bill_work", 60, "CHF 180.00")]
    assert drawn_up.package_minutes_used == 0


def test_the_first_minutes_are_free_whatever_the_hour() -> None:
    assert told(billed(CUSTOMER, 45, NIGHT, balances=Balances(free_units=2))) == [
        ("bill_free_units", 2, "CHF 0.00"),
        ("bill_work_night_sunday", 15, "CHF 67.50"),
    ]


@pytest.mark.parametrize("wrong", [(-1, 0), (0, -1)])
def test_no_balance_is_negative(wrong: tuple[int, int]) -> None:
    with pytest.raises(BillingError, match=r"^a balance is never negative$"):
        Balances(*wrong)


# What is not configured ---------------------------------------------------------------------------


@pytest.mark.rule("Q3")
def test_work_without_a_rate_is_refused_and_the_entry_named() -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"^no technical-service rate is configured: config/tariffs.yaml leaves "
        r"technical_service.rate_per_hour unset$",
    ):
        billed(CUSTOMER, tariffs=FRESH)


@pytest.mark.rule("K-2", "Q1")
def test_fast_lane_without_a_price_is_refused_and_the_entry_named() -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"^no price of a Fast Lane ticket is configured: .* fast_lane.price unset$",
    ):
        billed(BASIC, tariffs=FRESH, fast_lane=True)


def test_a_naive_order_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        BilledTicket(datetime(2026, 11, 23, 10), CUSTOMER)
