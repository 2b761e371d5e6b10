"""`pikett contract`: contracts are listed, concluded, agreed anew and ended; mistakes are named."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ivr.bootstrap import Application
from ivr.clock import SystemClock
from ivr.contracts.windows import local_time
from tests.service.admin import admin
from tests.service.conftest import contents
from tests.service.terminal import Pikett

FIXTURES = (admin,)
CLA = "CLA-11001-1"
FIRST = {
    "number": CLA,
    "version": 1,
    "kind": "cla",
    "plan": "premium",
    "starts_on": "2026-01-01",
    "noticed_on": None,
    "ends_on": None,
    "in_force": True,
    "locations": [{"customer": "11001", "name": "Baden"}],
    "price_per_month": "600.00",
    "currency": "CHF",
    "bundle": None,
    "reaction_hours": None,
    "by_phone": None,
}


def listed(admin: Pikett, customer: str = "11001") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(admin("contract", "list", customer, "--json").out)
    return found


def test_the_list(admin: Pikett) -> None:
    assert listed(admin) == [FIRST]
    assert admin("contract", "list", "11008").out.splitlines() == [
        "CLA-11008-1 version 1, pro, from 2026-01-01, Basel, CHF 129.00 a month",
        "CLA-11008-2 version 1, basic_plus, from 2026-01-01, Geneva, CHF 49.00 a month",
    ]


@pytest.mark.rule("A.97", "A.105", "A.107", "A.111")
def test_an_sla_and_what_is_sold_only_with_it(admin: Pikett) -> None:
    hardware = ("contract", "add", "11001", "--kind", "hardware_maintenance")
    alone = admin(*hardware)
    assert alone.code == 2
    assert "HWM-11001-1: hardware maintenance is sold only together with an SLA" in alone.err
    sla = admin("contract", "add", "11001", "--kind", "sla", "--reaction-hours", "4", "--by-phone")
    assert (sla.code, sla.out) == (0, "SLA-11001-1 version 1 is agreed.\n")
    assert admin(*hardware).code == 0
    found = {each["number"]: each for each in listed(admin)}
    assert set(found) == {CLA, "SLA-11001-1", "HWM-11001-1"}
    assert (found["SLA-11001-1"]["reaction_hours"], found["SLA-11001-1"]["by_phone"]) == (4, True)
    assert found["HWM-11001-1"]["price_per_month"] is None
    assert "reaction 4 h, by phone" in admin("contract", "list", "11001").out


@pytest.mark.rule("A.57", "A.58", "K-18")
def test_a_bundle_is_agreed_and_dropped_again(admin: Pikett) -> None:
    given = ("--from", "2098-01-01", "--bundle", "Branches", "--bundle-price", "400.00")
    ended = admin("contract", "renew", "11001", CLA, *given, "--json")
    agreed = json.loads(ended.out)
    assert (agreed["bundle"], agreed["price_per_month"]) == ("Branches", "400.00")
    assert (agreed["version"], agreed["plan"], agreed["in_force"]) == (2, "premium", False)
    admin("contract", "renew", "11001", CLA, "--from", "2098-02-01", "--no-bundle")
    assert [each["price_per_month"] for each in listed(admin)] == ["600.00", "400.00", "600.00"]
    assert [each["ends_on"] for each in listed(admin)] == ["2097-12-31", "2098-01-31", None]
    euros = ("--from", "2098-03-01", "--bundle-price", "1", "--currency", "EUR")
    admin("contract", "renew", "11001", CLA, *euros)
    assert [each["currency"] for each in listed(admin)] == ["CHF", "CHF", "CHF", "EUR"]


@pytest.mark.rule("A.62")
def test_notice_tells_the_last_day(admin: Pikett) -> None:
    ended = admin("contract", "notice", "11001", CLA, "--received", "2026-10-31")
    assert (ended.code, ended.out) == (0, f"{CLA} version 1 ends on 2026-11-30.\n")
    (found,) = listed(admin)
    assert (found["noticed_on"], found["ends_on"]) == ("2026-10-31", "2026-11-30")
    assert "to 2026-11-30" in admin("contract", "list", "11001").out
    assert "notice received 2026-10-31" in admin("contract", "list", "11001").out


def test_a_contract_begins_and_a_notice_arrives_today_unless_something_else_is_said(
    admin: Pikett,
) -> None:
    today = local_time(SystemClock().now()).date()
    sla = json.loads(admin("contract", "add", "11001", "--kind", "sla", "--json").out)
    noticed = json.loads(admin("contract", "notice", "11001", CLA, "--json").out)
    for day in (sla["starts_on"], noticed["noticed_on"]):
        assert day in {today.isoformat(), (today + timedelta(days=1)).isoformat()}


def test_a_number_and_an_end_of_its_own(admin: Pikett) -> None:
    given = ("--kind", "hour_package", "--number", "H 2026/7", "--until", "2030-12-31")
    admin("contract", "add", "11001", *given)
    assert [(each["number"], each["ends_on"]) for each in listed(admin)] == [
        (CLA, None),
        ("H 2026/7", "2030-12-31"),
    ]
    again = admin("contract", "add", "11002", "--kind", "sla", "--number", "H 2026/7")
    assert (again.code, again.err) == (2, "pikett: there is a contract H 2026/7 already\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--plan", "gold"), "'gold' is no plan; use premium, pro_plus, pro, basic_plus, basic"),
        (("--plan", "pro"), f"covers a location that {CLA} covers at the same time"),
        (("--plan", "pro", "--location", "Bern"), "customer 11001 has no location 'Bern'"),
        (("--plan", "pro", "--location", "99999/Bern"), "there is no customer '99999'"),
        (("--plan", "pro", "--location", "11008/Bern"), "there are: Basel, Geneva"),
        ((), "a CLA names a plan"),
        (("--kind", "sla", "--plan", "pro"), "a CLA names a plan, and nothing else does"),
        (("--kind", "lease"), "'lease' is not one of"),
        (("--kind", "sla", "--from", "1.12.2026"), "'1.12.2026' is no date, say 2026-12-01"),
        (("--kind", "sla", "--from", "2026-02-30"), "'2026-02-30' is no date"),
        (("--kind", "sla", "--from", "1999-12-31"), "is not between 2000 and 2099"),
        (("--kind", "sla", "--until", "2025-01-01"), "ends on 2025-01-01 before it starts"),
        (("--kind", "sla", "--reaction-hours", "-4"), "-4 hours are not between 1 and 1000"),
        (("--plan", "pro", "--bundle-price", "-1"), "the price CHF -1.00 is not between 0"),
        (("--plan", "pro", "--bundle-price", "100000.01"), "is not between 0 and 100000"),
        (("--plan", "pro", "--bundle-price", "1.005"), "1.005 has more than two decimals"),
        (("--plan", "pro", "--bundle-price", "free"), "'free' is no amount, say 400.00"),
        (("--plan", "pro", "--bundle-price", "NaN"), "'NaN' is no amount"),
        (("--plan", "pro", "--bundle-price", "1e999999"), "is no amount"),
        (("--plan", "pro", "--bundle-price", "1", "--currency", "USD"), "'USD' is not one of"),
        (("--plan", "pro", "--bundle", " "), "must have 1 to 200 printable characters"),
        (("--plan", "pro", "--bundle", "B" * 201), "must have 1 to 200 printable characters"),
        (("--kind", "sla", "--number", "S" * 41), "must have 1 to 40 printable characters"),
        (("--kind", "sla", "--number", "S\0"), "must have 1 to 40 printable characters"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_agreed(
    admin: Pikett, app: Application, given: tuple[str, ...], said: str
) -> None:
    before = contents(app)
    ended = admin("contract", "add", "11001", *given)
    assert ended.code == 2
    assert said in " ".join(ended.err.split())
    assert contents(app) == before


@pytest.mark.parametrize(
    "command", [("list",), ("add",), ("renew", CLA), ("notice", CLA)], ids=lambda each: each[0]
)
def test_a_customer_who_does_not_exist_is_named(admin: Pikett, command: tuple[str, ...]) -> None:
    name, *number = command
    ended = admin("contract", name, "99999", *number)
    assert (ended.code, ended.err) == (2, "pikett: there is no customer '99999'\n")


@pytest.mark.parametrize("command", ["renew", "notice"])
def test_a_contract_that_does_not_exist_is_named(admin: Pikett, command: str) -> None:
    ended = admin("contract", command, "11001", "CLA-11002-1")
    assert ended.code == 2
    assert ended.err == "pikett: customer 11001 has no contract 'CLA-11002-1'\n"


@pytest.mark.parametrize("command", ["add", "list", "renew", "notice"])
def test_help_has_an_example(admin: Pikett, command: str) -> None:
    assert f"pikett contract {command} 11001" in admin("contract", command, "--help").out
