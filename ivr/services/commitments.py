"""Commitments: what a ticket promises, worked out and stored when it is opened.

The contract on the call record says which plan answers; without one nothing is promised but what was
bought, such as a call back. A reaction runs from the confirmed order, else from the report (B.4.2).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.callflow.requests import OpenTicket, TicketKind
from ivr.contracts.agreements import Agreement, list_slas
from ivr.contracts.commitments import Promise, Report, alarm, promises
from ivr.contracts.offers import OfferKind, OfferRules
from ivr.contracts.plans import Plan
from ivr.contracts.windows import assess_window, local_time
from ivr.services.context import Context
from ivr.services.ports import Observer
from ivr.services.stores import UnitOfWork

_TAKEN = {
    TicketKind.ORDER: OfferKind.ORDER,
    TicketKind.FAST_LANE: OfferKind.FAST_LANE,
    TicketKind.EMERGENCY: OfferKind.EMERGENCY,
    TicketKind.MESSAGE: OfferKind.TICKET,
    TicketKind.MISSED_CALL: OfferKind.TICKET,
    TicketKind.MONITORING: OfferKind.TICKET,
    TicketKind.CALLBACK: OfferKind.TICKET,
}


class Commitments:
    """Gives and finds the promises of tickets."""

    def __init__(self, plans: Mapping[str, Plan], rules: OfferRules, observer: Observer) -> None:
        self._plans = plans
        self._rules = rules
        self._observer = observer

    def give(self, context: Context, ticket_number: int, request: OpenTicket) -> None:
        """Store everything that the ticket promises; what was promised before it was ordered stands."""
        call = context.uow.calls.get(context.call_id)
        at = call.ordered_at or context.at
        report = Report(
            _TAKEN[request.kind],
            at,
            self._plan(context.uow, call.contract_id),
            tuple(_slas(context.uow, request, at)),
        )
        minutes = self._rules.tariffs.emergency.callback_minutes
        given = promises(report, self._rules.calendar, minutes)
        stands = [each.commitment.source for each in context.uow.commitments.list_of(ticket_number)]
        fresh = [each for each in given if each.commitment.source not in stands]
        context.uow.commitments.add(ticket_number, fresh)
        if not all(each.deadline.calendar_known for each in given):
            self._miss_holidays(context, given)

    def due(self, uow: UnitOfWork, ticket_number: int) -> datetime | None:
        """When the first of them falls due; None where none ever does."""
        first = alarm(uow.commitments.list_of(ticket_number))
        return first.deadline.due if first is not None else None

    def opens(self, context: Context) -> datetime | None:
        """When the hours of the call's plan begin next; None while they run, or without a plan."""
        call = context.uow.calls.get(context.call_id)
        plan = self._plan(context.uow, call.contract_id)
        if plan is None:
            return None
        return assess_window(plan, self._rules.calendar, context.at).opens_at

    def _plan(self, uow: UnitOfWork, contract_id: int | None) -> Plan | None:
        """A contract on a plan that the settings no longer know promises nothing."""
        plan_id = uow.contracts.get(contract_id).plan_id if contract_id is not None else None
        return self._plans.get(plan_id) if plan_id is not None else None

    def _miss_holidays(self, context: Context, given: Sequence[Promise]) -> None:
        """A deadline beyond the years somebody has seeded may overlook a holiday: say so."""
        last = max(each.deadline.due or context.at for each in given)
        calendar = self._rules.calendar
        self._observer.trouble(
            "calendar_year_missing",
            call=context.call_id,
            day=local_time(last).date().isoformat(),
            calendar=calendar.title,
            years=sorted(calendar.years),
        )


def _slas(uow: UnitOfWork, request: OpenTicket, at: datetime) -> list[Agreement]:
    """Those for the place; where it is not known, those for every place of the customer."""
    if request.customer_id is None:
        return []
    on = local_time(at).date()
    if request.location_id is not None:
        places = frozenset({request.location_id})
    else:
        customer = uow.customers.get(request.customer_id, on)
        places = frozenset(each.id for each in customer.locations)
    return list_slas(uow.contracts.list_related(request.customer_id, places), places, on)
