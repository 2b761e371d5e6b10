"""Whose call is it, and which contract answers?

The caller's number is looked up as E.164. A support code is the customer number followed by the
PIN; the PIN is checked with one argon2 verification in every case, for a made-up record where the
customer is unknown, so that neither wording nor time tells whether a customer exists (B.7). The
check takes some forty milliseconds and is therefore done before the write transaction opens; what
comes of it is counted inside, so that a wrong code counts once and every one counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from ivr.callflow.events import (
    CallerIdentified,
    SupportCodeAccepted,
    SupportCodeRefused,
    WindowAssessed,
)
from ivr.callflow.facts import CustomerFacts, LocationFacts
from ivr.callflow.prompts import Language, Name, PromptKey, Term, prompt
from ivr.callflow.requests import AssessWindow, CheckSupportCode, IdentifyCaller, NoteCustomer
from ivr.contracts.conditions import conditions
from ivr.contracts.offers import Case, OfferRules
from ivr.contracts.plans import Plan
from ivr.contracts.windows import assess_window, local_time
from ivr.identity.pins import PIN_DIGITS
from ivr.services.balances import Advances
from ivr.services.context import Context, Executors
from ivr.services.lockout import Lockout
from ivr.services.pins import PinHasher, Verdict
from ivr.services.ports import Foresight, Observer
from ivr.services.records import Credentials, CustomerRecord, LocationRecord
from ivr.services.repeats import Repeats
from ivr.services.stores import UnitOfWork

CUSTOMER_NUMBER_DIGITS = 5
MOST_NAMES = 10
_NO_KEY = Term("digit_0")


class Identification:
    """Finds customers, and judges windows and offers by the plans and the rules it was given."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        rules: OfferRules,
        advances: Advances,
        pins: PinHasher,
        lockout: Lockout,
        observer: Observer,
        repeats: Repeats,
        foresight: Callable[[], Foresight],
    ) -> None:
        self._plans = plans
        self._rules = rules
        self._advances = advances
        self._pins = pins
        self._lockout = lockout
        self._observer = observer
        self._repeats = repeats
        self._foresight = foresight

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {
            IdentifyCaller: self.recognise,
            AssessWindow: self.assess,
            NoteCustomer: self.note_customer,
            CheckSupportCode: self.check_code,
        }

    def recognise(self, context: Context, request: IdentifyCaller) -> CallerIdentified:
        """The same for a call; the names it may have to say are spoken in the background."""
        found = self._recognise(context, request)
        for customer in found.customers[:1]:
            self._foresee(customer)
        return found

    def _foresee(self, customer: CustomerFacts) -> None:
        """In every language: nobody knows yet who will be rung."""
        names = (customer.name, *(place.name for place in customer.locations))[:MOST_NAMES]
        self._foresight().foresee(
            [
                prompt(PromptKey.LOCATION_OPTION, language, location=Name(name, "0"), key=_NO_KEY)
                for language in Language
                for name in dict.fromkeys(names)
            ]
        )

    def _recognise(self, context: Context, request: IdentifyCaller) -> CallerIdentified:
        """Who called before is known by that too.

        A code of minutes ago spares a second one where the number alone is not enough; not where the
        telephone is also somebody else's, who may be calling now.
        """
        found = self.identify(context, request)
        if len(found.customers) == 1 and is_enough(found.customers[0]):
            return replace(found, customers=(self._again(context, found.customers[0]),))
        earlier = self._repeats.customer_by_code(context, request.number)
        if earlier is None or any(each.id != earlier for each in found.customers):
            return found
        record = context.uow.customers.get(earlier, local_time(context.at).date())
        known = self._again(context, self.facts(record))
        return CallerIdentified(context.at, (known,), earlier_code=True)

    def _again(self, context: Context, customer: CustomerFacts) -> CustomerFacts:
        ticket = self._repeats.ticket_of(context, customer.id)
        return replace(customer, ticket=ticket) if ticket is not None else customer

    def identify(self, context: Context, request: IdentifyCaller) -> CallerIdentified:
        """All customers whose records hold the number, as theirs or as one of their people's."""
        on = local_time(context.at).date()
        customers = context.uow.customers
        rights = context.uow.contacts.rights_by_phone(request.number)
        found = {record.id: record for record in customers.list_by_number(request.number, on)}
        found |= {id_: customers.get(id_, on) for id_ in sorted(rights) if id_ not in found}
        facts = [self.facts(found[id_], rights.get(id_, True)) for id_ in sorted(found)]
        return CallerIdentified(context.at, tuple(facts))

    def judge(self, uow: UnitOfWork, request: CheckSupportCode) -> Verdict:
        """Exactly one slow verification, whatever was entered; counts nothing."""
        known = _credentials(uow, request.code)
        return self._pins.judge(known, request.code[CUSTOMER_NUMBER_DIGITS:])

    def check_code(
        self, context: Context, request: CheckSupportCode
    ) -> SupportCodeAccepted | SupportCodeRefused:
        """Only whoever has tried a PIN is counted; an incomplete code has tried none."""
        context.uow.codes.lock()
        verdict = self._verdict(context, request)
        if not _is_complete(request.code) or not self._lockout.admits(context, verdict):
            return SupportCodeRefused(context.at)
        assert verdict.held is not None  # noqa: S101
        on = local_time(context.at).date()
        record = context.uow.customers.get(verdict.held.customer_id, on)
        customer = self._again(context, self.facts(record))
        self._foresee(customer)
        return SupportCodeAccepted(context.at, customer)

    def _verdict(self, context: Context, request: CheckSupportCode) -> Verdict:
        """The one found ahead, unless the PIN has become another one in between."""
        ahead = context.verdicts.get(request)
        if ahead is not None and ahead.held == _credentials(context.uow, request.code):
            return ahead
        return self.judge(context.uow, request)

    def assess(self, context: Context, request: AssessWindow) -> WindowAssessed:
        """The plan's window now, and the conditions of what it makes possible."""
        plan = self._plans[request.plan_id]
        window = assess_window(plan, self._rules.calendar, context.at)
        if not window.calendar_known:
            self._miss_holidays(context)
        today = local_time(context.at).date()
        units = self._advances.free_units(
            context.uow, request.customer_id, plan.id, request.contract_id, today
        )
        found = conditions(Case(context.at, plan, window), plan, self._rules, units)
        return WindowAssessed(context.at, window, found)

    def _miss_holidays(self, context: Context) -> None:
        """Holidays of a year nobody has seeded are missed loudly."""
        calendar = self._rules.calendar
        self._observer.trouble(
            "calendar_year_missing",
            call=context.call_id,
            day=local_time(context.at).date().isoformat(),
            calendar=calendar.title,
            years=sorted(calendar.years),
        )

    def note_customer(self, context: Context, request: NoteCustomer) -> None:
        """Who it is, on the call record."""
        context.uow.calls.note(
            context.call_id,
            customer_id=request.customer_id,
            location_id=request.location_id,
            contract_id=request.contract_id,
            identified_by=request.identified_by,
        )

    def facts(self, record: CustomerRecord, may_order: bool = True) -> CustomerFacts:
        """Whoever has the support code may order, whatever number he calls from (B.6)."""
        return CustomerFacts(
            id=record.id,
            number=record.number,
            name=record.name,
            language=Language(record.language),
            locations=tuple(self._location_facts(location) for location in record.locations),
            may_order=may_order,
        )

    def _location_facts(self, record: LocationRecord) -> LocationFacts:
        """A contract on a plan that the settings no longer know is no contract to rely on."""
        plan = self._plans.get(record.plan_id) if record.plan_id is not None else None
        return LocationFacts(
            id=record.id,
            name=record.name,
            contract_id=record.contract_id,
            plan_id=plan.id if plan else None,
            plan_name=plan.name if plan else "",
            first_reaction=plan.first_reaction if plan else None,
        )


def is_enough(customer: CustomerFacts) -> bool:
    """Whether his number alone lets him order what is free."""
    return customer.may_order and not customer.plans_differ


def _credentials(uow: UnitOfWork, code: str) -> Credentials | None:
    number = code[:CUSTOMER_NUMBER_DIGITS]
    return uow.customers.find_credentials(number) if _is_complete(code) else None


def _is_complete(code: str) -> bool:
    return code.isdigit() and len(code) == CUSTOMER_NUMBER_DIGITS + PIN_DIGITS
