"""Whose call is it, and which contract answers?

The caller's number is looked up as E.164. A support code is the customer number followed by the
PIN; the PIN is checked with one argon2 verification in every case, for a made-up record where the
customer is unknown, so that neither wording nor time tells whether a customer exists (B.7). The
check takes some forty milliseconds and is therefore done before the write transaction opens.
"""

from collections.abc import Mapping
from datetime import datetime

from ivr.callflow.events import (
    CallerIdentified,
    SupportCodeAccepted,
    SupportCodeRefused,
    WindowAssessed,
)
from ivr.callflow.facts import CustomerFacts, LocationFacts
from ivr.callflow.prompts import Language
from ivr.callflow.requests import AssessWindow, CheckSupportCode, IdentifyCaller, NoteCustomer
from ivr.contracts.plans import Plan
from ivr.contracts.windows import HolidayCalendar, assess_window, local_time
from ivr.services.context import Context, Executors
from ivr.services.pins import PinHasher
from ivr.services.ports import UnitOfWork
from ivr.services.records import CustomerRecord, LocationRecord

CUSTOMER_NUMBER_DIGITS = 5
PIN_DIGITS = 6


class Identification:
    """Finds customers and judges windows with the plans and the calendar it was given."""

    def __init__(
        self, plans: Mapping[str, Plan], calendar: HolidayCalendar, pins: PinHasher
    ) -> None:
        self._plans = plans
        self._calendar = calendar
        self._pins = pins

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {
            IdentifyCaller: self.identify,
            AssessWindow: self.assess,
            NoteCustomer: self.note_customer,
            CheckSupportCode: self.check_late,
        }

    def identify(self, context: Context, request: IdentifyCaller) -> CallerIdentified:
        """All customers whose records hold the number."""
        on = local_time(context.at).date()
        found = context.uow.customers.list_by_number(request.number, on)
        return CallerIdentified(context.at, tuple(self._facts(record) for record in found))

    def check_code(
        self, uow: UnitOfWork, request: CheckSupportCode, at: datetime
    ) -> SupportCodeAccepted | SupportCodeRefused:
        """Exactly one slow verification, whatever was entered."""
        number = request.code[:CUSTOMER_NUMBER_DIGITS]
        pin = request.code[CUSTOMER_NUMBER_DIGITS:]
        well_formed = request.code.isdigit() and len(pin) == PIN_DIGITS
        known = uow.customers.find_credentials(number) if well_formed else None
        if not self._pins.fits(known, pin) or known is None:
            return SupportCodeRefused(at)
        record = uow.customers.get(known.customer_id, local_time(at).date())
        return SupportCodeAccepted(at, self._facts(record))

    def check_late(
        self, context: Context, request: CheckSupportCode
    ) -> SupportCodeAccepted | SupportCodeRefused:
        """Inside the transaction: for a code of a single key, which is not looked at ahead."""
        return self.check_code(context.uow, request, context.at)

    def assess(self, context: Context, request: AssessWindow) -> WindowAssessed:
        """The plan's window now."""
        window = assess_window(self._plans[request.plan_id], self._calendar, context.at)
        return WindowAssessed(context.at, window)

    def note_customer(self, context: Context, request: NoteCustomer) -> None:
        """Who it is, on the call record."""
        context.uow.calls.note(
            context.call_id,
            customer_id=request.customer_id,
            location_id=request.location_id,
            contract_id=request.contract_id,
            identified_by=request.identified_by,
        )

    def _facts(self, record: CustomerRecord) -> CustomerFacts:
        return CustomerFacts(
            id=record.id,
            number=record.number,
            name=record.name,
            language=Language(record.language),
            locations=tuple(self._location_facts(location) for location in record.locations),
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
