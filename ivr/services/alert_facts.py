"""What an alert call says of its case."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ivr.callflow.facts import AlertFacts, AlertKind
from ivr.callflow.prompts import Language
from ivr.callflow.requests import TicketKind
from ivr.contracts.commitments import Promise, alarm
from ivr.contracts.faults import fault_of
from ivr.contracts.plans import Plan
from ivr.escalation.policy import Reason
from ivr.services.escalation_store import EscalationRecord, PageRecord
from ivr.services.stores import UnitOfWork

ENOUGH_TIME = timedelta(minutes=10)
"""A case whose first reaction is due sooner cannot wait five minutes and ring again."""


class AlertFactsReader:
    """Reads them as they stand when somebody is rung."""

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._plans = plans

    def read(
        self, uow: UnitOfWork, page: PageRecord, running: EscalationRecord, at: datetime
    ) -> AlertFacts:
        """What the alert says of the case."""
        number = running.ticket_number
        view = uow.tickets.view(number)
        given = uow.commitments.list_of(number)
        first = alarm(given)
        due = first.deadline.due if first is not None else None
        return AlertFacts(
            language=Language(page.language),
            kind=_kind(running.reason, view.kind, due, at),
            ticket=str(number),
            customer=view.customer_name or "",
            customer_number=view.customer_number or "",
            location=view.location_name or "",
            plan=self._plan_name(given),
            fault_class=fault_of(tuple(uow.facts.list_of(number))).fault_class,
            due=due,
            can_wait=due is None or due - at > ENOUGH_TIME,
            further=len(uow.pages.list_bundled(page.id)),
        )

    def _plan_name(self, given: Sequence[Promise]) -> str:
        plans = [self._plans.get(each.plan_id or "") for each in given]
        return next((plan.name for plan in plans if plan is not None), "")


def _kind(reason: Reason, kind: str, due: datetime | None, at: datetime) -> AlertKind:
    match reason:
        case Reason.MONITORING:
            return AlertKind.MONITORING
        case Reason.CALLBACK:
            return AlertKind.CALLBACK
        case Reason.REACTION:
            missed = due is not None and due <= at
            return AlertKind.REACTION_MISSED if missed else AlertKind.REACTION_DUE
        case Reason.TICKET if kind == TicketKind.EMERGENCY:
            return AlertKind.EMERGENCY
    return AlertKind.TICKET
