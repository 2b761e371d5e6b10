"""Money, VAT by the day of the service, and rounding."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import resources
from ivr.contracts.money import (
    MixedCurrenciesError,
    Money,
    amount_text,
    cash_rounded,
    cents,
    parse_currency,
    parse_decimal,
    parse_vat,
    price,
    rate_text,
    vat_on,
)
from ivr.errors import ConfigurationError

VAT = parse_vat(resources.load_yaml(resources.folder("config") / "tariffs.yaml")["vat"])
OLD, NEW = date(2023, 12, 31), date(2024, 1, 1)
amounts = st.decimals(-100_000, 100_000, places=2)
rates = st.decimals(0, 100, places=1)


def chf(amount: str) -> Money:
    return Money(Decimal(amount), "CHF")


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


# An amount in a currency --------------------------------------------------------------------------


def test_sums_in_one_currency() -> None:
    assert chf("1.10") + chf("2.20") == chf("3.30")
    assert chf("1.10") - chf("2.20") == chf("-1.10")
    assert chf("1.10") * 3 == chf("3.30")
    assert chf("1.10") * Decimal("1.5") == chf("1.65")
    assert -chf("1.10") == chf("-1.10")
    assert chf("1.10") < chf("1.11")
    assert not chf("1.10") < chf("1.10")
    assert chf("1.10") <= chf("1.10")
    assert not chf("1.11") <= chf("1.10")
    assert str(eur("200")) == "EUR 200.00"


@pytest.mark.rule("K-13")
def test_two_currencies_are_never_mixed() -> None:
    with pytest.raises(MixedCurrenciesError, match=r"^CHF and EUR are never mixed$"):
        chf("1") + eur("1")
    with pytest.raises(MixedCurrenciesError):
        chf("1") - eur("1")
    with pytest.raises(MixedCurrenciesError):
        assert chf("1") < eur("2")
    with pytest.raises(MixedCurrenciesError):
        assert chf("1") <= eur("2")
    assert chf("1") != eur("1")


def test_no_amount_is_a_float() -> None:
    with pytest.raises(TypeError, match=r"^an amount is a Decimal, not 1\.5$"):
        Money(1.5, "CHF")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^money is multiplied by a Decimal, not by 1\.5$"):
        chf("1") * 1.5  # type: ignore[operator]


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_figure_is_no_amount(figure: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        chf(figure)


@pytest.mark.parametrize("currency", ["USD", "chf", ""])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(ValueError, match=f"currency '{currency}' is unknown; use CHF or EUR"):
        Money(Decimal(1), currency)


# VAT ----------------------------------------------------------------------------------------------


@pytest.mark.rule("B.1", "K-12", "A.63")
@pytest.mark.parametrize(
    ("net", "now", "before"),
    [
        ("600.00", "648.60", "646.20"),
        ("228.00", "246.47", "245.56"),
        ("129.00", "139.45", "138.93"),
        ("49.00", "52.97", "52.77"),
    ],
)
def test_gross_prices_of_the_plans(net: str, now: str, before: str) -> None:
    assert price(chf(net), VAT.rate_on(NEW)).gross == chf(now)
    assert price(chf(net), VAT.rate_on(OLD)).gross == chf(before)


@pytest.mark.rule("B.1", "Q16")
@pytest.mark.parametrize(
    ("day", "rate"),
    [
        ("2011-01-01", "8.0"),
        ("2017-12-31", "8.0"),
        ("2018-01-01", "7.7"),
        ("2023-12-31", "7.7"),
        ("2024-01-01", "8.1"),
        ("2028-12-31", "8.1"),
    ],
)
def test_the_rate_is_that_of_the_day_of_the_service(day: str, rate: str) -> None:
    assert rate_text(VAT.rate_on(date.fromisoformat(day))) == rate


def test_a_day_before_the_table_has_no_rate() -> None:
    with pytest.raises(
        ConfigurationError, match=r"^tariffs: vat: no rate is given for 2010-12-31$"
    ):
        VAT.rate_on(date(2010, 12, 31))


@given(amounts, rates)
def test_net_and_vat_are_gross_to_the_rappen(amount: Decimal, rate: Decimal) -> None:
    made = price(Money(amount, "CHF"), rate)
    assert made.net + made.vat == made.gross
    assert made.vat_rate == rate
    for figure in (made.net, made.vat, made.gross):
        assert figure == figure.rounded()


@given(st.decimals(-1000, 1000, places=5), rates)
def test_an_amount_with_fractions_of_a_rappen_is_rounded_before_its_vat(
    amount: Decimal, rate: Decimal
) -> None:
    made = price(Money(amount, "CHF"), rate)
    assert made.net.amount == cents(amount)
    assert made.vat == vat_on(made.net, rate)
    assert made.net + made.vat == made.gross


def test_vat_is_rounded_half_up() -> None:
    assert vat_on(chf("0.50"), Decimal(1)) == chf("0.01")
    assert vat_on(chf("0.49"), Decimal(1)) == chf("0.00")
    assert vat_on(chf("-0.50"), Decimal(1)) == chf("-0.01")


# Rounding and writing -----------------------------------------------------------------------------


@pytest.mark.rule("B.9")
@pytest.mark.parametrize(
    ("amount", "coins"),
    [
        ("1.02", "1.00"),
        ("1.025", "1.05"),
        ("1.07", "1.05"),
        ("1.075", "1.10"),
        ("245.56", "245.55"),
        ("52.97", "52.95"),
        ("0", "0.00"),
    ],
)
def test_cash_is_rounded_to_five_rappen(amount: str, coins: str) -> None:
    assert str(cash_rounded(Decimal(amount))) == coins


@given(st.decimals(0, 100_000, places=3))
def test_cash_is_never_further_off_than_half_a_coin(amount: Decimal) -> None:
    assert abs(cash_rounded(amount) - amount) <= Decimal("0.025")
    assert cash_rounded(amount) % Decimal("0.05") == 0


@pytest.mark.parametrize(
    ("amount", "text"),
    [("203.3333", "203.33"), ("0.005", "0.01"), ("-0.001", "0.00"), ("1E+2", "100.00")],
)
def test_an_amount_is_written_with_two_decimals(amount: str, text: str) -> None:
    assert amount_text(chf(amount)) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [("8.1", "8.1"), ("8.10", "8.1"), ("8", "8.0"), ("10", "10.0"), ("7.75", "7.75")],
)
def test_a_rate_is_written_with_a_point(rate: str, text: str) -> None:
    assert rate_text(Decimal(rate)) == text


# Reading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("-0.01", "-0.01 is not between 0 and 100000"),
        ("100000.01", "100000.01 is not between 0 and 100000"),
        ("1.005", "1.005 has more than two decimals"),
        (8.1, 'write 8.1 in quotes: "8.1"'),
        ("dear", "'dear' is no figure"),
        ("NaN", "'NaN' is no figure"),
        ("Infinity", "'Infinity' is no figure"),
        (None, "None is no figure"),
        (True, "True is no figure"),
        (["1"], r"\['1'\] is no figure"),
    ],
)
def test_an_absurd_figure_is_refused_and_named(value: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^tariffs: fast_lane.price: {why}$"):
        parse_decimal(value, "fast_lane.price")


@pytest.mark.parametrize("value", ["0", "100000", 100_000, "150.00"])
def test_a_figure_within_the_limits_is_taken(value: Any) -> None:
    assert parse_decimal(value, "x") == Decimal(value)


def test_a_currency_is_read() -> None:
    assert parse_currency("EUR", "currency") == "EUR"
    with pytest.raises(
        ConfigurationError, match=r"^tariffs: currency: currency 'DM' is unknown; use"
    ):
        parse_currency("DM", "currency")


def entry(valid_from: Any = NEW, rate: Any = "8.1") -> dict[str, Any]:
    return {"valid_from": valid_from, "rate": rate}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (None, "^tariffs: vat: a list of valid_from and rate is needed$"),
        ([], "a list of"),
        ("8.1", "a list of"),
        ([8], "^tariffs: vat: 8 needs valid_from and rate, and no more$"),
        ([{"rate": "8.1"}], "needs valid_from"),
        ([entry() | {"until": OLD}], "no more"),
        ([entry("soon")], "^tariffs: vat: valid_from 'soon' is no date, say 2024-01-01$"),
        ([entry(rate="101")], "^tariffs: vat: rate from 2024-01-01: 101 is not between 0 and 100$"),
        ([entry(), entry()], "^tariffs: vat: each valid_from must be later than the one before$"),
        ([entry(), entry(OLD)], "must be later"),
    ],
)
def test_a_wrong_vat_table_is_refused(document: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        parse_vat(document)
