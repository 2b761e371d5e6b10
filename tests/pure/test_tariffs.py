"""The figures of both tariff files, and what is refused in one."""

from collections.abc import Callable
from copy import deepcopy
from datetime import time
from decimal import Decimal
from typing import Any

import pytest

from ivr import resources
from ivr.contracts.hours import ServiceWindow
from ivr.contracts.money import Money
from ivr.contracts.plans import parse_plans
from ivr.contracts.tariffs import HourPackageRules, parse_tariffs
from ivr.errors import ConfigurationError

CONFIG = resources.folder("config")
FRESH_DOCUMENT = resources.load_yaml(CONFIG / "tariffs.yaml")
DEMO_DOCUMENT = resources.load_yaml(CONFIG / "tariffs_demo.yaml")
FRESH, DEMO = parse_tariffs(FRESH_DOCUMENT), parse_tariffs(DEMO_DOCUMENT)
PLANS = parse_plans(resources.load_yaml(CONFIG / "plans.yaml"))


def chf(amount: str) -> Money:
    return Money(Decimal(amount), "CHF")


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


@pytest.mark.rule("K-2", "K-3", "Q1", "Q2", "Q3", "Q9")
def test_a_fresh_installation_invents_no_figure() -> None:
    assert FRESH.currency == "CHF"
    assert FRESH.fast_lane is None
    assert FRESH.technical_rate is None
    assert FRESH.night_and_sunday_supplement == 0
    assert {plan: FRESH.free_units(plan) for plan in PLANS} == dict.fromkeys(PLANS, 0)
    assert not FRESH.emergency.enabled
    assert not FRESH.emergency.enabled_on_phone
    assert not FRESH.emergency.sold_by_phone
    assert not FRESH.hour_packages.covers_pikett


@pytest.mark.rule("Q1", "Q2", "Q3", "Q9")
def test_the_figures_of_the_demonstration() -> None:
    assert DEMO.currency == "CHF"
    assert DEMO.fast_lane == chf("150.00")
    assert DEMO.technical_rate == chf("180.00")
    assert DEMO.night_and_sunday_supplement == 50
    assert [DEMO.free_units(plan) for plan in PLANS] == [8, 4, 2, 1, 0]
    assert DEMO.emergency.enabled
    assert not DEMO.emergency.sold_by_phone


@pytest.mark.rule("A.47", "A.59", "K-3", "K-4")
@pytest.mark.parametrize("tariffs", [FRESH, DEMO])
def test_what_both_files_say(tariffs: Any) -> None:
    assert tariffs.unit_minutes == 15
    assert tariffs.fast_lane_credit_days == 14
    assert tariffs.free_units("no such plan") == 0
    assert tariffs.hour_packages == HourPackageRules(covers_pikett=False, valid_months=None)


@pytest.mark.rule("A.76", "A.85", "A.86", "A.87", "A.90", "A.91", "K-13")
@pytest.mark.parametrize("tariffs", [FRESH, DEMO])
def test_the_emergency_product_has_the_figures_of_its_seed_in_its_currency(tariffs: Any) -> None:
    emergency = tariffs.emergency
    assert emergency.currency == "EUR"
    assert emergency.flat_fee == eur("200")
    assert emergency.rate_per_hour_after == eur("200")
    assert emergency.rate_per_hour_application_analysis == eur("200")
    assert (emergency.included_minutes, emergency.callback_minutes) == (30, 30)
    hours = (ServiceWindow(time(8), time(17)),)
    assert emergency.regular_hours.week == (hours,) * 5 + ((), ())
    assert emergency.regular_hours.closed_on_public_holidays


def changed(path: str, value: Any) -> dict[str, Any]:
    """The demonstration's document with one entry changed."""
    document: dict[str, Any] = deepcopy(DEMO_DOCUMENT)
    *parts, last = path.split(".")
    inner = document
    for part in parts:
        inner = inner[part]
    inner[last] = value
    return document


def without(path: str) -> dict[str, Any]:
    document = changed(path, None)
    *parts, last = path.split(".")
    inner = document
    for part in parts:
        inner = inner[part]
    del inner[last]
    return document


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("technical_service.rate_per_hour", lambda tariffs: tariffs.technical_rate),
        ("fast_lane.price", lambda tariffs: tariffs.fast_lane),
    ],
)
def test_a_price_may_be_unset_or_nothing(path: str, read: Callable[[Any], Any]) -> None:
    assert read(parse_tariffs(changed(path, None))) is None
    assert read(parse_tariffs(changed(path, "0.00"))) == chf("0")
    assert read(parse_tariffs(changed(path, 100_000))) == chf("100000")


def test_prices_are_in_the_currency_of_their_product() -> None:
    tariffs = parse_tariffs(changed("currency", "EUR"))
    assert tariffs.technical_rate == eur("180")
    assert tariffs.fast_lane == eur("150")
    assert parse_tariffs(changed("emergency_support.currency", "CHF")).emergency.flat_fee == chf(
        "200"
    )


def test_both_switches_are_needed_on_the_phone() -> None:
    assert parse_tariffs(
        changed("emergency_support.enabled_on_phone", True)
    ).emergency.sold_by_phone
    document = changed("emergency_support.enabled_on_phone", True)
    document["emergency_support"]["enabled"] = False
    assert not parse_tariffs(document).emergency.sold_by_phone


def test_hour_packages_may_cover_pikett_and_expire() -> None:
    document = changed("hour_packages", {"covers_pikett": True, "valid_months": 24})
    assert parse_tariffs(document).hour_packages == HourPackageRules(True, 24)


@pytest.mark.rule("K-2", "Q3")
def test_what_is_unset_can_be_told_to_an_operator() -> None:
    assert FRESH.unset == ("fast_lane.price", "technical_service.rate_per_hour")
    assert DEMO.unset == ()


def test_an_allowance_may_be_unset() -> None:
    assert parse_tariffs(changed("free_units.per_year.premium", None)).free_units("premium") == 0


def test_regular_hours_may_end_at_midnight() -> None:
    document = changed("emergency_support.regular_hours.windows", [["08:00", "24:00"]])
    (window,) = parse_tariffs(document).emergency.regular_hours.week[0]
    assert window == ServiceWindow(time(8), None)


EMERGENCY, HOURS = "emergency_support", "emergency_support.regular_hours"
WRONG = [
    ("currency", "USD", "currency 'USD' is unknown"),
    ("vat", [], "a list of valid_from and rate"),
    ("technical_service.rate_per_hour", "-1", "-1 is not between 0 and 100000"),
    ("technical_service.rate_per_hour", "100000.01", "is not between"),
    ("technical_service.rate_per_hour", 180.5, "write 180.5 in quotes"),
    ("technical_service.night_and_sunday_supplement_percent", "501", "is not between 0 and 500"),
    ("free_units.unit_minutes", 0, "0 is no whole number between 1 and 1440"),
    ("free_units.unit_minutes", 1441, "1441 is no whole number between 1 and 1440"),
    ("free_units.per_year.pro", -1, "-1 is no whole number between 0 and 10000"),
    ("free_units.per_year.pro", 10_001, "between 0 and 10000"),
    ("free_units.per_year.pro", True, "True is no whole number"),
    ("hour_packages.covers_pikett", None, "None is not true or false"),
    ("hour_packages.valid_months", 0, "0 is no whole number between 1 and 120"),
    ("hour_packages.valid_months", 121, "between 1 and 120"),
    ("fast_lane.price", "-150.00", "-150.00 is not between"),
    ("fast_lane.credit_days", -1, "-1 is no whole number between 0 and 365"),
    ("fast_lane.credit_days", 366, "between 0 and 365"),
    (f"{EMERGENCY}.enabled", "yes", "'yes' is not true or false"),
    (f"{EMERGENCY}.enabled_on_phone", 1, "1 is not true or false"),
    (f"{EMERGENCY}.currency", "GBP", "currency 'GBP' is unknown"),
    (f"{EMERGENCY}.flat_fee", None, "None is no figure"),
    (f"{EMERGENCY}.included_minutes", -1, "between 0 and 1440"),
    (f"{EMERGENCY}.included_minutes", 1441, "between 0 and 1440"),
    (f"{EMERGENCY}.rate_per_hour_after", None, "None is no figure"),
    (f"{EMERGENCY}.rate_per_hour_application_analysis", "x", "'x' is no figure"),
    (f"{EMERGENCY}.callback_minutes", 0, "between 1 and 1440"),
]


@pytest.mark.parametrize(("path", "value", "why"), WRONG)
def test_a_wrong_entry_is_refused_and_named(path: str, value: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^tariffs: {path}: .*{why}"):
        parse_tariffs(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("days", "mon", "'m' is no weekday"),
        ("days", ["mo"], "'mo' is no weekday"),
        ("windows", [["08:00"]], r"\['08:00'\] is no window"),
        ("windows", [["08:00", "25:00"]], "'25:00' is no wall time"),
        ("windows", [["17:00", "16:00"]], "ends before it starts"),
        ("windows", [8], "int"),
        ("closed_on_public_holidays", "no", "'no' is neither true nor false"),
    ],
)
def test_wrong_regular_hours_are_refused_and_named(path: str, value: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^tariffs: {HOURS}: .*{why}"):
        parse_tariffs(changed(f"{HOURS}.{path}", value))


@pytest.mark.parametrize(
    "path", sorted({path for path, _, _ in WRONG} - {"free_units.per_year.pro"})
)
def test_a_missing_entry_is_named(path: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^tariffs: {path} is missing; null means unset$"):
        parse_tariffs(without(path))


@pytest.mark.parametrize(
    "path",
    [
        "fastlane",
        "technical_service.rate",
        "free_units.size",
        "fast_lane.prize",
        "hour_packages.x",
        f"{EMERGENCY}.fee",
        f"{HOURS}.day",
    ],
)
def test_an_entry_that_means_nothing_is_a_slip_of_the_pen(path: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^tariffs: {path} means nothing here$"):
        parse_tariffs(changed(path, "1"))


@pytest.mark.parametrize(("document", "named"), [(None, "the file"), ([], "the file")])
def test_a_file_without_entries_is_refused(document: Any, named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^tariffs: {named} holds no entries$"):
        parse_tariffs(document)


def test_a_part_without_entries_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"^tariffs: fast_lane holds no entries$"):
        parse_tariffs(changed("fast_lane", "150.00"))
