"""From new alerts to cases that somebody is called for, and from resolved ones to their end.

A case that rings is a ticket with an escalation (items 4-6). Alerts of the provider's own services
follow the policy `monitoring`, which may reach the third level (item 35); those of a customer's own
systems (item 110) follow that of his tickets.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from ivr.alerts.event import worst
from ivr.alerts.judging import AlertRules, held_until, is_storm, joins
from ivr.callflow.requests import TicketKind
from ivr.services.alert_mails import AlertMails
from ivr.services.alert_ports import Cases, Escalations, Touching
from ivr.services.alert_records import AlertRecord, NewAlertCase, OpenCase, SourceRecord
from ivr.services.cases import NewCase
from ivr.services.stores import UnitOfWork
from ivr.services.ticket_files import Note

CHANNEL = "monitoring"
POLICY, CUSTOMERS_POLICY = "monitoring", "ticket"
RESOLVED, BUNDLED = "resolved", "bundled"


class AlertCases:
    """Opens, grows and closes cases, always in the transaction it is given."""

    def __init__(
        self,
        rules: AlertRules,
        cases: Cases,
        escalations: Escalations,
        touching: Touching,
        mails: AlertMails,
    ) -> None:
        self._rules = rules
        self._cases = cases
        self._escalations = escalations
        self._touching = touching
        self._mails = mails

    def judge(
        self, uow: UnitOfWork, source: SourceRecord, alerts: Sequence[AlertRecord], at: datetime
    ) -> None:
        """Quiet for maintenance, into the storm that goes on, a storm of their own, or each alone."""
        windows = uow.alerts.windows(source.id, at)
        held = {each.id: held_until(windows, each, at) for each in alerts}
        uow.alerts.hold({id_: until for id_, until in held.items() if until is not None})
        loud = [each for each in alerts if held[each.id] is None]
        if not loud:
            return
        recent = uow.alerts.count_since(source.id, at - self._rules.storm_window)
        storm = uow.alerts.find_storm(source.id)
        joining = [each for each in loud if joins(storm, each.fault_class, at, self._rules)]
        others = [each for each in loud if not joins(storm, each.fault_class, at, self._rules)]
        if storm is not None and joining:
            self._join(uow, storm.case_id, joining, at)
        if others and is_storm(recent, len(loud), self._rules):
            self._open_storm(uow, source, others, at)
        else:
            for each in others:
                self._open(uow, source, [each], each.title, at)

    def resolve(
        self, uow: UnitOfWork, alerts: Sequence[AlertRecord], by: str | None, at: datetime
    ) -> None:
        """They are over; the calls for a case end with the last of its alerts."""
        uow.alerts.resolve([each.id for each in alerts], by, at)
        self.close_over(uow, {each.case_id for each in alerts if each.case_id is not None}, at)

    def close_over(self, uow: UnitOfWork, case_ids: Collection[int], at: datetime) -> None:
        """Close those of these cases that have no alert left."""
        for case in uow.alerts.list_over(case_ids):
            self._close(uow, case, RESOLVED, "The alert is resolved.", at)
            self._touching.case_closed(uow, case.id, at)

    def _join(
        self, uow: UnitOfWork, case_id: int, alerts: Sequence[AlertRecord], at: datetime
    ) -> None:
        uow.alerts.put_into(case_id, [each.id for each in alerts])
        uow.alerts.grow(case_id, len(alerts), at)
        self._touching.case_opened(uow, case_id, alerts[0].title, _services(alerts), at)

    def _open_storm(
        self, uow: UnitOfWork, source: SourceRecord, alerts: Sequence[AlertRecord], at: datetime
    ) -> None:
        """One case for these and for what the source has brought within the window."""
        before = uow.alerts.list_cases_since(source.id, at - self._rules.storm_window)
        title = f"{source.name}: {alerts[0].title}"
        case_id, ticket = self._open(uow, source, alerts, title, at, tuple(before))
        moved = uow.alerts.absorb(case_id, [each.id for each in before])
        uow.alerts.grow(case_id, moved, at)
        self._touching.cases_bundled(uow, [each.id for each in before], case_id)
        for each in before:
            told = f"Bundled into ticket {ticket}." if ticket else "Bundled into a mailed case."
            self._close(uow, each, BUNDLED, told, at)

    def _open(
        self,
        uow: UnitOfWork,
        source: SourceRecord,
        alerts: Sequence[AlertRecord],
        title: str,
        at: datetime,
        before: tuple[OpenCase, ...] | None = None,
    ) -> tuple[int, int | None]:
        """The case, and the ticket of one that rings; `before` makes it a storm."""
        known = [each.fault_class for each in alerts]
        known += [each.fault_class for each in before or ()]
        case = NewAlertCase(source.id, title, worst(known), before is not None, len(alerts), at)
        case_id = uow.alerts.open_case(case)
        uow.alerts.put_into(case_id, [each.id for each in alerts])
        if not self._rules.does_ring(case.fault_class):
            self._mails.tell(uow, source.name, title, case.fault_class, at)
            return case_id, None
        ticket = self._cases.open(uow, _new_case(case_id, case, alerts), at)
        uow.alerts.give_ticket(case_id, ticket)
        self._touching.case_opened(uow, case_id, title, _services(alerts), at)
        return case_id, ticket

    def _close(self, uow: UnitOfWork, case: OpenCase, reason: str, told: str, at: datetime) -> None:
        uow.alerts.close_case(case.id, reason, at)
        if case.ticket_number is not None:
            self._escalations.close_in(uow, case.ticket_number, reason, at)
            uow.ticket_files.add_note(case.ticket_number, Note(at, CHANNEL, told))


def _new_case(case_id: int, case: NewAlertCase, alerts: Sequence[AlertRecord]) -> NewCase:
    customers = {each.customer_id for each in alerts}
    customer_id = customers.pop() if len(customers) == 1 else None
    return NewCase(
        channel=CHANNEL,
        reference=f"alert-{case_id}",
        kind=TicketKind.MONITORING,
        customer_id=customer_id,
        location_id=None,
        summary=case.title,
        fault_class=case.fault_class,
        spof=any(each.spof for each in alerts),
        policy=POLICY if customer_id is None else CUSTOMERS_POLICY,
    )


def _services(alerts: Sequence[AlertRecord]) -> list[str]:
    return sorted({service for each in alerts for service in each.services})
