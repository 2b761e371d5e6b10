"""What a caller is told before he decides: the offer that is open to him and its figures.

Everything that is said, asked, consented to and proved later comes from one value, so that the
notice, the confirmation and the statement cannot differ. All prices are net; VAT is that of the day
of the call (Q16).
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from ivr.contracts.money import Price, price
from ivr.contracts.offers import CHARGEABLE, Case, Offer, OfferKind, OfferRules, list_offers
from ivr.contracts.plans import FirstReaction, Plan
from ivr.contracts.windows import is_in_office_hours, local_time
from ivr.contracts.worktime import has_supplement


@dataclass(frozen=True, slots=True)
class EmergencyTerms:
    """What the flat fee of the emergency product includes, in minutes, and what follows it.

    `free_support_now`: regular, free support can be reached at this moment too (items 76, 80).
    """

    included_minutes: int
    hour: Price
    callback_minutes: int
    free_support_now: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """One way to a technician and what it costs; `offer` is TICKET where none is open.

    `price` is a fixed price, `work` an hour of technical service at the moment of the call, with
    the night or Sunday supplement where it applies; None: nothing is fixed, or no rate is set.
    `free_units` are used before anything is charged. `terms` names the version of plans and tariffs.
    """

    plan_id: str
    reaction: FirstReaction
    offer: OfferKind = OfferKind.TICKET
    price: Price | None = None
    work: Price | None = None
    free_units: int = 0
    credit_days: int = 0
    emergency: EmergencyTerms | None = None
    terms: str = ""

    @property
    def is_chargeable(self) -> bool:
        """Whether taking the offer costs a fixed price, whatever the cause turns out to be."""
        return self.offer in CHARGEABLE

    def without_offer(self) -> "Conditions":
        """The same, where the caller does not meet what the offer needs."""
        return replace(self, offer=OfferKind.TICKET, price=None, emergency=None)


def conditions(case: Case, plan: Plan, rules: OfferRules, free_units: int) -> Conditions:
    """The conditions of a call at the instant of `case`; `free_units` are what is left of them."""
    first = list_offers(case, rules)[0]
    return Conditions(
        plan_id=plan.id,
        reaction=plan.first_reaction,
        offer=first.kind,
        price=first.price,
        work=_work(case, rules),
        free_units=free_units,
        credit_days=rules.tariffs.fast_lane_credit_days,
        emergency=_emergency(first, case, rules),
        terms=rules.version,
    )


def _work(case: Case, rules: OfferRules) -> Price | None:
    rate = rules.tariffs.technical_rate
    if rate is None:
        return None
    supplement = (
        rules.tariffs.night_and_sunday_supplement if has_supplement(case.at) else Decimal(0)
    )
    return price(rate * (1 + supplement / 100), _vat_rate(case, rules))


def _emergency(offer: Offer, case: Case, rules: OfferRules) -> EmergencyTerms | None:
    if offer.kind is not OfferKind.EMERGENCY:
        return None
    product = rules.tariffs.emergency
    return EmergencyTerms(
        product.included_minutes,
        price(product.rate_per_hour_after, _vat_rate(case, rules)),
        product.callback_minutes,
        is_in_office_hours(product.regular_hours, rules.calendar, case.at),
    )


def _vat_rate(case: Case, rules: OfferRules) -> Decimal:
    return rules.tariffs.vat.rate_on(local_time(case.at).date())
