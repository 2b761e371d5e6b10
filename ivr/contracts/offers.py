"""What a caller may be offered, and what each offer costs, promises and needs.

It follows from who he is, which plan answers for his location, whether its window is open, and what
the provider has priced (A.7 "What is heard and billed"; items 22, 29, 60, 61, 78, 79, 85).

- Inside the window: an order. What it costs is decided by the cause afterwards, so it has no price.
- Outside: Fast Lane, if it is priced and the plan has an outside (K-2, item 60). Its reaction is
  that of the plan, counted as elapsed time from the order (item 61, Q6).
- Outside, where Fast Lane is not sold: the emergency product, if it is sold by telephone (Q9).
- Always: a ticket for the next window, and the service desk.

A call makes at most one offer with a fixed price (Q17); settings that would make two are refused at
the start. An offer that needs a price which is not configured is not made. Whatever has a fixed
price needs the support code, because a number can be forged (B.6, Q19).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.money import Money, Price, price
from ivr.contracts.plans import Plan, ReactionKind
from ivr.contracts.reaction import Clock, Commitment, Deadline, deadline, plan_commitment
from ivr.contracts.tariffs import Tariffs
from ivr.contracts.windows import WindowState, local_time
from ivr.errors import ConfigurationError


class OfferKind(StrEnum):
    """What a caller can choose."""

    ORDER = "order"
    FAST_LANE = "fast_lane"
    EMERGENCY = "emergency"
    TICKET = "ticket"
    SERVICE_DESK = "service_desk"


class Requirement(StrEnum):
    """What must be there before an offer can be taken."""

    SUPPORT_CODE = "support_code"
    PRECONDITIONS = "preconditions"


CHARGEABLE = (OfferKind.FAST_LANE, OfferKind.EMERGENCY)


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. `price` is its fixed price, None where the cause decides or nothing is charged.

    `first_reaction` is when the first feedback is due if it is taken now; None where nothing is
    promised by taking it.
    """

    kind: OfferKind
    price: Price | None = None
    requires: tuple[Requirement, ...] = ()
    first_reaction: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A caller at an instant. `plan` None: nobody known, or no contract for his location."""

    at: datetime
    plan: Plan | None
    window: WindowState
    may_order: bool = True


@dataclass(frozen=True, slots=True)
class OfferRules:
    """What the provider sells, by which calendar; `version` names the files this was read from."""

    tariffs: Tariffs
    calendar: HolidayCalendar
    version: str = ""


def refuse_two_chargeable_offers(tariffs: Tariffs) -> None:
    """A start-up check (Q17): Fast Lane and the emergency product would meet outside the window."""
    if tariffs.fast_lane is not None and tariffs.emergency.sold_by_phone:
        raise ConfigurationError(
            "tariffs: Fast Lane has a price and the emergency product is enabled on the phone; a "
            "call makes at most one chargeable offer: unset fast_lane.price, or set "
            "emergency.enabled_on_phone to false"
        )


def list_offers(case: Case, rules: OfferRules) -> tuple[Offer, ...]:
    """The offers in the order in which they are made; the service desk is always the last."""
    desk = Offer(OfferKind.SERVICE_DESK)
    if case.plan is None:
        return (desk,)
    first = _technician(case, case.plan, rules) if case.may_order else None
    ticket = _ticket(case, case.plan, rules)
    return (first, ticket, desk) if first is not None else (ticket, desk)


def _technician(case: Case, plan: Plan, rules: OfferRules) -> Offer | None:
    """The one way to a technician that is open now, if there is one."""
    if case.window.open:
        return Offer(OfferKind.ORDER, first_reaction=_promise(case, plan, rules))
    if rules.tariffs.fast_lane is not None and plan.fast_lane_applicable:
        elapsed = Commitment(OfferKind.FAST_LANE, plan.first_reaction, Clock.ELAPSED)
        return Offer(
            OfferKind.FAST_LANE,
            _fixed_price(rules.tariffs.fast_lane, case, rules),
            (Requirement.SUPPORT_CODE,),
            deadline(elapsed, plan, rules.calendar, case.at),
        )
    return _emergency(case, rules)


def _emergency(case: Case, rules: OfferRules) -> Offer | None:
    """A technician calls back within the minutes of the product, whatever the hour (item 87)."""
    product = rules.tariffs.emergency
    if not product.sold_by_phone:
        return None
    due = case.at + timedelta(minutes=product.callback_minutes)
    return Offer(
        OfferKind.EMERGENCY,
        _fixed_price(product.flat_fee, case, rules),
        (Requirement.SUPPORT_CODE, Requirement.PRECONDITIONS),
        Deadline(ReactionKind.HOURS, due, None, OfferKind.EMERGENCY),
    )


def _ticket(case: Case, plan: Plan, rules: OfferRules) -> Offer:
    """For the next window: the clock of the plan runs from now and stands while it is closed."""
    return Offer(OfferKind.TICKET, first_reaction=_promise(case, plan, rules))


def _promise(case: Case, plan: Plan, rules: OfferRules) -> Deadline:
    return deadline(plan_commitment(plan), plan, rules.calendar, case.at)


def _fixed_price(net: Money, case: Case, rules: OfferRules) -> Price:
    """With the VAT of the day of the order."""
    return price(net, rules.tariffs.vat.rate_on(local_time(case.at).date()))
