"""Figures of a tariff file at their limits: what is refused lies one beyond."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ivr.contracts.money import cash_rounded, parse_decimal, parse_vat
from ivr.contracts.tariffs import Tariffs, parse_tariffs
from ivr.errors import ConfigurationError
from tests.pure.test_tariffs import changed

LIMITS: list[tuple[str, int, int, Callable[[Tariffs], Any]]] = [
    ("fast_lane.credit_days", 0, 365, lambda tariffs: tariffs.fast_lane_credit_days),
    ("free_units.unit_minutes", 1, 1440, lambda tariffs: tariffs.unit_minutes),
    ("free_units.per_year.pro", 0, 10_000, lambda tariffs: tariffs.free_units("pro")),
    ("hour_packages.valid_months", 1, 120, lambda tariffs: tariffs.hour_packages.valid_months),
    (
        "emergency_support.included_minutes",
        0,
        1440,
        lambda tariffs: tariffs.emergency.included_minutes,
    ),
    (
        "emergency_support.callback_minutes",
        1,
        1440,
        lambda tariffs: tariffs.emergency.callback_minutes,
    ),
]


@pytest.mark.parametrize(
    ("path", "least", "most", "read"), LIMITS, ids=[each[0] for each in LIMITS]
)
def test_whole_numbers_are_taken_up_to_their_limits(
    path: str, least: int, most: int, read: Callable[[Tariffs], Any]
) -> None:
    for value in (least, most):
        assert read(parse_tariffs(changed(path, value))) == value
    for value in (least - 1, most + 1):
        with pytest.raises(ConfigurationError) as refused:
            parse_tariffs(changed(path, value))
        assert str(refused.value) == (
            f"tariffs: {path}: {value} is no whole number between {least} and {most}"
        )


@pytest.mark.rule("Q3")
@pytest.mark.parametrize(("said", "percent"), [(None, "0"), (0, "0"), ("0.5", "0.5"), (500, "500")])
def test_a_supplement_may_be_unset_and_is_at_most_five_hundred_percent(
    said: Any, percent: str
) -> None:
    document = changed("technical_service.night_and_sunday_supplement_percent", said)
    assert parse_tariffs(document).night_and_sunday_supplement == Decimal(percent)


@pytest.mark.rule("K-13")
def test_each_part_keeps_the_currency_of_its_own() -> None:
    tariffs = parse_tariffs(changed("emergency_support.flat_fee", "199.95"))
    assert (tariffs.currency, tariffs.emergency.currency) == ("CHF", "EUR")
    assert str(tariffs.emergency.flat_fee) == "EUR 199.95"


def test_the_switches_are_read_one_by_one() -> None:
    for switch in ("enabled", "enabled_on_phone"):
        for said in (True, False):
            tariffs = parse_tariffs(changed(f"emergency_support.{switch}", said))
            assert getattr(tariffs.emergency, switch) is said


@pytest.mark.rule("B.1")
def test_a_table_of_one_rate_counts_from_its_first_day() -> None:
    table = parse_vat([{"valid_from": date(2024, 1, 1), "rate": "8.1"}])
    assert table.entries == ((date(2024, 1, 1), Decimal("8.1")),)
    assert table.rate_on(date(2024, 1, 1)) == Decimal("8.1")
    with pytest.raises(ConfigurationError):
        table.rate_on(date(2023, 12, 31))


@pytest.mark.parametrize("value", [True, None, [], "", "NaN", "Infinity", "1e400", b"1"])
def test_what_is_no_figure_is_refused_as_it_was_written(value: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_decimal(value, "here")
    assert str(refused.value).startswith("tariffs: here: ")


@pytest.mark.rule("B.9")
@pytest.mark.parametrize(
    ("exact", "coins"),
    [("1.024", "1.00"), ("1.025", "1.05"), ("1.074", "1.05"), ("1.075", "1.10"), ("0.02", "0.00")],
)
def test_coins_are_rounded_half_up_to_five_rappen(exact: str, coins: str) -> None:
    assert str(cash_rounded(Decimal(exact))) == coins
