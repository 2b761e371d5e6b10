"""By which rule an offer's reaction was worked out, and what is said of settings that would clash."""

from dataclasses import replace

import pytest

from ivr.contracts.offers import (
    Case,
    Offer,
    OfferKind,
    OfferRules,
    list_offers,
    refuse_two_chargeable_offers,
)
from ivr.contracts.plans import ReactionKind
from ivr.contracts.reaction import Deadline
from ivr.contracts.tariffs import Tariffs
from ivr.contracts.windows import assess_window
from ivr.errors import ConfigurationError
from tests.pure.accounts import DEMO
from tests.pure.hours import BADEN, PLANS, zurich

BY_PHONE = replace(DEMO, fast_lane=None, emergency=replace(DEMO.emergency, enabled_on_phone=True))


def first_offer(at: str, tariffs: Tariffs) -> Offer:
    plan, moment = PLANS["pro"], zurich(at)
    case = Case(moment, plan, assess_window(plan, BADEN, moment))
    return list_offers(case, OfferRules(tariffs, BADEN))[0]


@pytest.mark.rule("A.61", "K-8")
def test_the_reaction_of_fast_lane_names_fast_lane_and_the_elapsed_clock() -> None:
    reaction = first_offer("2026-11-23T20:00", DEMO).first_reaction
    assert reaction is not None
    assert (reaction.source, reaction.rule) == ("fast_lane", "hours:6:elapsed")


@pytest.mark.rule("K-8")
def test_the_reaction_of_an_order_names_the_plan_and_its_clock() -> None:
    reaction = first_offer("2026-11-23T10:00", DEMO).first_reaction
    assert reaction is not None
    assert (reaction.source, reaction.rule) == ("plan:pro", "hours:6:service")


@pytest.mark.rule("A.87")
def test_the_reaction_of_the_emergency_product_asks_for_no_calendar() -> None:
    found = first_offer("2031-01-06T20:00", BY_PHONE)
    assert (found.kind, found.first_reaction) == (
        OfferKind.EMERGENCY,
        Deadline(
            kind=ReactionKind.HOURS,
            due=zurich("2031-01-06T20:30"),
            next_business_day=None,
            rule="emergency",
            source="",
            calendar_version="",
            calendar_known=True,
        ),
    )


@pytest.mark.rule("Q17")
def test_two_chargeable_offers_are_refused_with_both_ways_out() -> None:
    both = replace(BY_PHONE, fast_lane=DEMO.fast_lane)
    with pytest.raises(ConfigurationError) as refused:
        refuse_two_chargeable_offers(both)
    assert str(refused.value) == (
        "tariffs: Fast Lane has a price and the emergency product is enabled on the phone; a call "
        "makes at most one chargeable offer: unset fast_lane.price, or set "
        "emergency.enabled_on_phone to false"
    )
