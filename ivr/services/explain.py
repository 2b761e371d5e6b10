"""What would happen if this caller phoned at this time? Answered without a call.

The answer is put together from the very parts that a call goes through: identification, window,
offers, notice, hunt. Nothing is stored, dialled or counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.callflow.facts import CustomerFacts, IdentifiedBy, LocationFacts
from ivr.callflow.notices import notice_prompts
from ivr.callflow.prompts import Language, Prompt
from ivr.callflow.requests import IdentifyCaller, PlanHunt
from ivr.callflow.support_session import SupportSession
from ivr.contracts.conditions import Conditions, conditions
from ivr.contracts.offers import Case, Offer, OfferKind, OfferRules, list_offers
from ivr.contracts.plans import Plan
from ivr.contracts.windows import WindowState, assess_window, local_time
from ivr.errors import MalformedRequestError
from ivr.roster.hunt import HuntPlan, Target
from ivr.services.balances import Advances
from ivr.services.context import Context
from ivr.services.hunt_plans import HuntPlans
from ivr.services.identification import Identification
from ivr.services.stores import UnitOfWork

TO_A_TECHNICIAN = (OfferKind.ORDER, OfferKind.FAST_LANE, OfferKind.EMERGENCY)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asked about: a number (E.164), a customer by number, or nobody but a plan."""

    number: str | None = None
    customer_number: str | None = None
    plan_id: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer. `location` and `plan` are None where the caller would be asked, or has none.

    `hunt` lists whom it would ring if the first offer were taken, in order.
    """

    at: datetime
    identified_by: IdentifiedBy
    customer: CustomerFacts | None
    location: LocationFacts | None
    plan: Plan | None
    window: WindowState | None
    offers: tuple[Offer, ...]
    notice: tuple[Prompt, ...]
    hunt: tuple[Target, ...]


class Explain:
    """Asks the parts of the line what they would do."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        rules: OfferRules,
        advances: Advances,
        identification: Identification,
        hunts: HuntPlans,
    ) -> None:
        self._plans = plans
        self._rules = rules
        self._advances = advances
        self._identification = identification
        self._hunts = hunts

    def explain(self, uow: UnitOfWork, caller: Caller, at: datetime) -> Explanation:
        """Everything at once; raises MalformedRequestError for who or what does not exist."""
        context = Context(uow, "", "", at)
        customer, by = self._identify(context, caller)
        location = _location(customer, caller.location)
        plan = self._plan(caller.plan_id or (location.plan_id if location else None))
        window = assess_window(plan, self._rules.calendar, at) if plan else None
        may_order = customer.may_order if customer else True
        case = Case(at, plan, window or WindowState(open=False), may_order)
        offers = list_offers(case, self._rules)
        terms = (
            conditions(case, plan, self._rules, self._units(context, customer, location, plan))
            if plan
            else None
        )
        return Explanation(
            at=at,
            identified_by=by,
            customer=customer,
            location=location,
            plan=plan,
            window=window,
            offers=offers,
            notice=_notice(customer, window, terms, at),
            hunt=self._hunt(context, offers),
        )

    def _identify(
        self, context: Context, caller: Caller
    ) -> tuple[CustomerFacts | None, IdentifiedBy]:
        """A number that several customers share identifies none of them."""
        if caller.customer_number is not None:
            known = context.uow.customers.find_credentials(caller.customer_number)
            if known is None:
                raise MalformedRequestError(f"there is no customer {caller.customer_number!r}")
            record = context.uow.customers.get(known.customer_id, local_time(context.at).date())
            return self._identification.facts(record), IdentifiedBy.SUPPORT_CODE
        if caller.number is None:
            return None, IdentifiedBy.NOTHING
        found = self._identification.identify(context, IdentifyCaller(caller.number)).customers
        if len(found) != 1:
            return None, IdentifiedBy.NOTHING
        return found[0], IdentifiedBy.NUMBER

    def _plan(self, plan_id: str | None) -> Plan | None:
        if plan_id is not None and plan_id not in self._plans:
            known = ", ".join(self._plans)
            raise MalformedRequestError(f"{plan_id!r} is no plan; use {known}")
        return self._plans[plan_id] if plan_id is not None else None

    def _units(
        self,
        context: Context,
        customer: CustomerFacts | None,
        location: LocationFacts | None,
        plan: Plan,
    ) -> int:
        """What is left of the contract, else the whole allowance of the plan."""
        if customer is None or location is None or location.contract_id is None:
            return self._rules.tariffs.free_units(plan.id)
        today = local_time(context.at).date()
        return self._advances.free_units(
            context.uow, customer.id, plan.id, location.contract_id, today
        )

    def _hunt(self, context: Context, offers: tuple[Offer, ...]) -> tuple[Target, ...]:
        plan = self._hunts.plan(context, PlanHunt(can_ring_at_once=True))
        return _targets(plan, offers[0].kind in TO_A_TECHNICIAN)


def _location(customer: CustomerFacts | None, name: str | None) -> LocationFacts | None:
    """The one that is named, else the only contract there is: the line asks where plans differ."""
    if customer is None or not customer.locations:
        return None
    if name is not None:
        named = [place for place in customer.locations if place.name.casefold() == name.casefold()]
        if not named:
            places = ", ".join(place.name for place in customer.locations)
            raise MalformedRequestError(f"the customer has no location {name!r}, but {places}")
        return named[0]
    return None if customer.plans_differ else customer.locations[0]


def _notice(
    customer: CustomerFacts | None,
    window: WindowState | None,
    terms: Conditions | None,
    at: datetime,
) -> tuple[Prompt, ...]:
    if window is None or terms is None:
        return ()
    session = SupportSession(language=customer.language if customer else Language.DE)
    return notice_prompts(session, window, terms, at)


def _targets(plan: HuntPlan, with_technicians: bool) -> tuple[Target, ...]:
    groups, last = (plan.groups, plan.last) if with_technicians else ((), plan.desk)
    return (*(target for group in groups for target in group), *([last] if last else []))
