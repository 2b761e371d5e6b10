"""`pikett bill`: what a ticket would cost, as JSON, as a table, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from ivr.contracts.billing import Cause
from ivr.contracts.lines import LineKind
from tests.lab.servers import REPOSITORY
from tests.service.terminal import Pikett, pikett, spoken_data_dir

FIXTURES = (pikett, spoken_data_dir)
MONDAY, NIGHT = ("--at", "2026-11-23T10:00"), ("--at", "2026-11-23T22:30")
FRESH = ("--tariffs", str(REPOSITORY / "config" / "tariffs.yaml"))
NOTHING = {"net": "0.00", "vat": "0.00", "gross": "0.00", "currency": "CHF"}


def answer(pikett: Pikett, minutes: int, cause: str, *more: str) -> Any:
    """The JSON object for an answer without a complaint."""
    ended = pikett("bill", "--minutes", str(minutes), "--cause", cause, *(more or MONDAY), "--json")
    assert (ended.code, ended.err) == (0, "")
    return json.loads(ended.out)


# As JSON ------------------------------------------------------------------------------------------


@pytest.mark.rule("A.70")
def test_lines_and_totals_of_work_at_the_customers(pikett: Pikett) -> None:
    assert answer(pikett, 45, "customer_environment", *NIGHT) == {
        "lines": [
            {
                "kind": "work",
                "text": "bill_work",
                "quantity": 30,
                "unit": "minute",
                "net": "90.00",
                "vat_rate": "8.1",
                "vat": "7.29",
                "gross": "97.29",
                "currency": "CHF",
            },
            {
                "kind": "work",
                "text": "bill_work_night_sunday",
                "quantity": 15,
                "unit": "minute",
                "net": "67.50",
                "vat_rate": "8.1",
                "vat": "5.47",
                "gross": "72.97",
                "currency": "CHF",
            },
        ],
        "totals": {"net": "157.50", "vat": "12.76", "gross": "170.26", "currency": "CHF"},
        "decision_required": False,
        "free_units_used": 0,
    }


@pytest.mark.rule("A.68")
def test_a_fault_in_a_basic_service_costs_nothing(pikett: Pikett) -> None:
    free = answer(pikett, 60, "winet_basic_service")
    assert (free["lines"], free["totals"]) == ([], NOTHING)
    credited = answer(pikett, 60, "winet_basic_service", *MONDAY, "--fast-lane")
    assert [line["net"] for line in credited["lines"]] == ["150.00", "-150.00"]
    assert credited["totals"] == NOTHING


@pytest.mark.rule("Q8", "K-10")
@pytest.mark.parametrize("cause", ["third_party", "unknown"])
def test_third_party_and_unknown_have_no_lines_and_totals_of_null(
    pikett: Pikett, cause: str
) -> None:
    undecided = answer(pikett, 60, cause)
    assert undecided["lines"] == []
    assert undecided["totals"] == {"net": None, "vat": None, "gross": None, "currency": None}
    assert undecided["decision_required"] is True


@pytest.mark.rule("A.90", "A.91", "A.92", "Q9")
@pytest.mark.parametrize(
    ("minutes", "cause", "net", "gross"),
    [
        (30, "customer_environment", "200.00", "216.20"),
        (31, "customer_environment", "203.33", "219.80"),
        (150, "customer_environment", "600.00", "648.60"),
        (150, "winet_basic_service", "200.00", "216.20"),
        (60, "application_analysis", "400.00", "432.40"),
    ],
)
def test_emergency_support_is_in_euros(
    pikett: Pikett, minutes: int, cause: str, net: str, gross: str
) -> None:
    totals = answer(pikett, minutes, cause, *MONDAY, "--emergency")["totals"]
    assert (totals["net"], totals["gross"], totals["currency"]) == (net, gross, "EUR")


@pytest.mark.rule("A.20", "Q2")
@pytest.mark.parametrize(
    ("plan", "units", "net"),
    [
        ("premium", 4, "0.00"),
        ("pro", 2, "90.00"),
        ("basic_plus", 1, "135.00"),
        ("basic", 0, "180.00"),
    ],
)
def test_the_free_units_of_a_plan_come_first(
    pikett: Pikett, plan: str, units: int, net: str
) -> None:
    told = answer(pikett, 60, "customer_environment", *MONDAY, "--plan", plan)
    assert (told["free_units_used"], told["totals"]["net"]) == (units, net)


@pytest.mark.rule("B.1")
def test_vat_is_that_of_the_day_of_the_service(pikett: Pikett) -> None:
    old = answer(pikett, 60, "customer_environment", "--at", "2023-12-29T10:00")
    assert (old["lines"][0]["vat_rate"], old["totals"]["gross"]) == ("7.7", "193.86")


def test_work_without_a_time_is_work_of_now(pikett: Pikett) -> None:
    ended = pikett("bill", "--minutes", "5", "--cause", "winet_basic_service", "--json")
    assert (ended.code, json.loads(ended.out)["totals"]) == (0, NOTHING)


# As a table ---------------------------------------------------------------------------------------


def test_the_table_names_what_is_charged_and_the_sum(pikett: Pikett) -> None:
    ended = pikett(
        "bill", "--minutes", "31", "--cause", "customer_environment", *MONDAY, "--plan", "pro"
    )
    rows = [" ".join(row.split()) for row in ended.out.splitlines()]
    assert rows == [
        "net VAT % VAT gross",
        "free units, 2 units 0.00 8.1 0.00 0.00",
        "work, 1 minute 3.00 8.1 0.24 3.24",
        "total CHF 3.00 0.24 3.24",
    ]


def test_without_a_decision_there_is_no_table(pikett: Pikett) -> None:
    ended = pikett("bill", "--minutes", "31", "--cause", "unknown", *MONDAY)
    assert (ended.code, ended.out.startswith("A person decides with a reason")) == (0, True)


def test_the_help_names_every_cause_kind_and_unit(pikett: Pikett) -> None:
    words = set(pikett("bill", "--help").out.replace(",", " ").split())
    assert {*map(str, Cause), *map(str, LineKind), "minute", "unit", "ticket", "order"} <= words


# What is refused ----------------------------------------------------------------------------------

WORK = ("--minutes", "5", "--cause", "customer_environment")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing option '--minutes'"),
        (("--minutes", "-1", "--cause", "unknown"), "-1 is not in the range"),
        (("--minutes", "99999999", "--cause", "unknown"), "99999999 is not in the range"),
        (("--minutes", "5", "--cause", "weather"), "'weather' is not one of"),
        ((*WORK, "--plan", "gold"), "pikett: --plan 'gold' is no plan; use premium, pro_plus"),
        ((*WORK, "--at", "soon"), "pikett: --at 'soon' is not an ISO 8601"),
        ((*WORK, "--at", "2026-03-29T02:30"), "pikett: --at '2026-03-29T02:30' does not exist"),
        ((*WORK, "--at", "2010-12-31T10:00"), "pikett: tariffs: vat: no rate is given for 2010"),
        ((*WORK, "--emergency", "--fast-lane"), "cannot be used together"),
        ((*WORK, "--tariffs", "nowhere.yaml"), "pikett: nowhere.yaml: "),
        ((*WORK, *FRESH), "pikett: no technical-service rate is configured: config/tariffs.yaml"),
        ((*WORK, *FRESH, "--fast-lane"), "pikett: no price of a Fast Lane ticket is configured"),
    ],
)
def test_a_mistake_is_said_in_one_sentence(
    pikett: Pikett, arguments: tuple[str, ...], said: str
) -> None:
    ended = pikett("bill", *arguments, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_wrong_tariff_is_refused_and_named(pikett: Pikett, tmp_path: Path) -> None:
    demo = (REPOSITORY / "config" / "tariffs_demo.yaml").read_text(encoding="utf-8")
    file = tmp_path / "tariffs.yaml"
    file.write_text(demo.replace('price: "150.00"', 'price: "-150.00"'), encoding="utf-8")
    ended = pikett("bill", *WORK, "--tariffs", str(file))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "pikett: tariffs: fast_lane.price: -150.00 is not between 0 and 100000\n"


@pytest.mark.rule("Q9")
def test_a_product_that_is_off_is_worked_out_with_a_warning(pikett: Pikett) -> None:
    ended = pikett("bill", *WORK, *FRESH, *MONDAY, "--emergency", "--json")
    assert (ended.code, json.loads(ended.out)["totals"]["net"]) == (0, "200.00")
    assert "switched off" in ended.err
