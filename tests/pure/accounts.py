"""Tickets to draw up accounts of, and how an account is told."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from ivr import resources
from ivr.contracts.billing import (
    Account,
    Balances,
    BilledTicket,
    Cause,
    Decision,
    account,
)
from ivr.contracts.tariffs import HourPackageRules, Tariffs, parse_tariffs
from ivr.contracts.windows import PROVIDER_ZONE
from ivr.contracts.worktime import span_of

CONFIG = resources.folder("config")
DEMO = parse_tariffs(resources.load_yaml(CONFIG / "tariffs_demo.yaml"))
FRESH = parse_tariffs(resources.load_yaml(CONFIG / "tariffs.yaml"))
WITH_PACKAGES = replace(DEMO, hour_packages=HourPackageRules(covers_pikett=True, valid_months=None))
MONDAY, NIGHT, SUNDAY = "2026-11-23T10:00", "2026-11-23T22:30", "2026-11-22T12:00"
BASIC, CUSTOMER = Cause.WINET_BASIC_SERVICE, Cause.CUSTOMER_ENVIRONMENT
ANALYSIS, THIRD, UNKNOWN = Cause.APPLICATION_ANALYSIS, Cause.THIRD_PARTY, Cause.UNKNOWN
GOODWILL = Decision(CUSTOMER, "The customer's own power supply failed.", "Anna Meier")


def zurich(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVIDER_ZONE)


def ticket(cause: Cause, minutes: int = 60, at: str = MONDAY, **given: Any) -> BilledTicket:
    moment = zurich(at)
    return BilledTicket(moment, cause, (span_of(moment, minutes),), **given)


def billed(
    cause: Cause,
    minutes: int = 60,
    at: str = MONDAY,
    *,
    tariffs: Tariffs = DEMO,
    balances: Balances | None = None,
    **given: Any,
) -> Account:
    return account(ticket(cause, minutes, at, **given), tariffs, balances or Balances())


def told(drawn_up: Account) -> list[tuple[str, int, str]]:
    return [(line.text, line.quantity, str(line.price.net)) for line in drawn_up.lines]


def net(drawn_up: Account) -> str:
    assert drawn_up.totals is not None
    return str(drawn_up.totals.net)
