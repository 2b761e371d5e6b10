"""What a caller may be offered: the table "What is heard and billed" of the rules."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ivr import resources
from ivr.contracts.calendar import parse_holidays
from ivr.contracts.offers import (
    CHARGEABLE,
    Case,
    Offer,
    OfferKind,
    OfferRules,
    Requirement,
    list_offers,
    refuse_two_chargeable_offers,
)
from ivr.contracts.plans import ReactionKind, parse_plans
from ivr.contracts.tariffs import Tariffs, parse_tariffs
from ivr.contracts.windows import assess_window, at_wall_time
from ivr.errors import ConfigurationError

CONFIG = resources.folder("config")
PLANS = parse_plans(resources.load_yaml(CONFIG / "plans.yaml"))
CALENDAR = parse_holidays(resources.load_yaml(CONFIG / "holidays.yaml"))
UNPRICED = parse_tariffs(resources.load_yaml(CONFIG / "tariffs.yaml"))
DEMO = parse_tariffs(resources.load_yaml(CONFIG / "tariffs_demo.yaml"))
EMERGENCY_BY_PHONE = replace(
    DEMO,
    fast_lane=None,
    emergency=replace(DEMO.emergency, enabled=True, enabled_on_phone=True),
)

MONDAY_TEN = datetime(2026, 11, 23, 10).astimezone(UTC)
ORDER, FAST_LANE, EMERGENCY = OfferKind.ORDER, OfferKind.FAST_LANE, OfferKind.EMERGENCY
TICKET, DESK = OfferKind.TICKET, OfferKind.SERVICE_DESK


def wall(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return at_wall_time(moment.date(), moment.time())


def offers(plan_id: str | None, at: str, tariffs: Tariffs = DEMO, **more: bool) -> dict[str, Offer]:
    plan = PLANS[plan_id] if plan_id else None
    window = assess_window(plan or PLANS["basic"], CALENDAR, wall(at))
    case = Case(wall(at), plan, window, **more)
    return {offer.kind: offer for offer in list_offers(case, OfferRules(tariffs, CALENDAR))}


@pytest.mark.rule("A.2", "A.60", "K-2", "Q1")
@pytest.mark.parametrize(
    ("plan_id", "at", "tariffs", "kinds"),
    [
        ("pro", "2026-11-23T10:00", DEMO, [ORDER, TICKET, DESK]),
        ("pro", "2026-11-23T18:59", DEMO, [ORDER, TICKET, DESK]),
        ("pro", "2026-11-23T19:00", DEMO, [FAST_LANE, TICKET, DESK]),
        ("pro", "2026-11-23T19:00", UNPRICED, [TICKET, DESK]),
        ("premium", "2026-11-22T03:00", DEMO, [ORDER, TICKET, DESK]),
        ("basic", "2026-11-23T12:30", DEMO, [FAST_LANE, TICKET, DESK]),
        ("basic_plus", "2026-12-25T10:00", DEMO, [FAST_LANE, TICKET, DESK]),
        ("premium", "2026-12-25T10:00", DEMO, [ORDER, TICKET, DESK]),
        (None, "2026-11-23T10:00", DEMO, [DESK]),
    ],
)
def test_the_offers_follow_from_plan_window_and_prices(
    plan_id: str | None, at: str, tariffs: Tariffs, kinds: list[OfferKind]
) -> None:
    assert list(offers(plan_id, at, tariffs)) == kinds


@pytest.mark.rule("A.60", "A.63", "Q19")
def test_fast_lane_costs_its_price_with_vat_and_needs_the_code() -> None:
    offer = offers("pro", "2026-11-23T20:00")[FAST_LANE]
    assert offer.price is not None
    assert (offer.price.net.amount, offer.price.gross.amount) == (
        Decimal("150.00"),
        Decimal("162.15"),
    )
    assert (offer.price.vat_rate, offer.price.net.currency) == (Decimal("8.1"), "CHF")
    assert offer.requires == (Requirement.SUPPORT_CODE,)


@pytest.mark.rule("A.61", "K-8", "Q6")
@pytest.mark.parametrize(
    ("plan_id", "due"),
    [
        ("pro_plus", "2026-11-28T21:30"),
        ("pro", "2026-11-29T01:30"),
        ("basic_plus", "2026-11-30T18:00"),
        ("basic", None),
    ],
)
def test_the_reaction_of_fast_lane_is_that_of_the_plan_counted_at_once(
    plan_id: str, due: str | None
) -> None:
    reaction = offers(plan_id, "2026-11-28T19:30")[FAST_LANE].first_reaction
    assert reaction is not None
    assert reaction.due == (wall(due) if due else None)


@pytest.mark.rule("K-8", "A.65")
def test_an_order_in_the_window_runs_on_the_service_clock() -> None:
    reaction = offers("pro", "2026-11-23T18:00")[ORDER].first_reaction
    assert reaction is not None
    assert reaction.due == wall("2026-11-24T12:00")


def test_a_ticket_for_the_next_window_promises_what_the_plan_promises() -> None:
    found = offers("pro", "2026-11-28T10:00")
    ticket = found[TICKET].first_reaction
    assert ticket is not None
    assert ticket.due == wall("2026-11-30T13:00")
    assert found[TICKET].price is found[DESK].price is None


@pytest.mark.rule("A.78", "A.79", "A.85", "A.87", "Q9")
def test_the_emergency_product_has_its_fee_its_questions_and_its_half_hour() -> None:
    offer = offers("pro", "2026-11-23T20:00", EMERGENCY_BY_PHONE)[EMERGENCY]
    assert offer.price is not None
    assert (offer.price.net.amount, offer.price.net.currency) == (Decimal("200.00"), "EUR")
    assert offer.requires == (Requirement.SUPPORT_CODE, Requirement.PRECONDITIONS)
    assert offer.first_reaction is not None
    assert offer.first_reaction.kind is ReactionKind.HOURS
    assert offer.first_reaction.due == wall("2026-11-23T20:30")


@pytest.mark.rule("Q17")
@pytest.mark.parametrize("tariffs", [DEMO, UNPRICED, EMERGENCY_BY_PHONE])
@pytest.mark.parametrize("plan_id", PLANS)
@pytest.mark.parametrize("hour", range(24))
def test_no_call_makes_two_chargeable_offers(plan_id: str, hour: int, tariffs: Tariffs) -> None:
    for day in ("2026-11-22", "2026-11-23", "2026-11-28", "2026-12-25"):
        found = offers(plan_id, f"{day}T{hour:02}:15", tariffs)
        assert sum(kind in CHARGEABLE for kind in found) <= 1
        assert list(found)[-1] is DESK


@pytest.mark.rule("Q17")
def test_settings_that_would_make_two_are_refused() -> None:
    both = replace(DEMO, emergency=EMERGENCY_BY_PHONE.emergency)
    with pytest.raises(ConfigurationError, match="at most one chargeable offer"):
        refuse_two_chargeable_offers(both)
    for tariffs in (DEMO, UNPRICED, EMERGENCY_BY_PHONE):
        refuse_two_chargeable_offers(tariffs)


@pytest.mark.rule("A.30")
def test_a_contact_who_may_not_order_is_offered_a_ticket_and_the_desk() -> None:
    assert list(offers("pro", "2026-11-23T10:00", may_order=False)) == [TICKET, DESK]
    assert list(offers("pro", "2026-11-23T20:00", may_order=False)) == [TICKET, DESK]


@pytest.mark.rule("A.60")
def test_a_plan_without_fast_lane_is_not_offered_it() -> None:
    plan = replace(PLANS["pro"], fast_lane_applicable=False)
    at = wall("2026-11-23T20:00")
    case = Case(at, plan, assess_window(plan, CALENDAR, at))
    assert [offer.kind for offer in list_offers(case, OfferRules(DEMO, CALENDAR))] == [TICKET, DESK]
