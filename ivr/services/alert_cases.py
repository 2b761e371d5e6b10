"""From new alerts to cases that somebody is called for, and from resolved ones to their end.

A case that rings is a ticket with an escalation (items 4-6). Alerts of the provider's own services
follow the policy `monitoring`, which may reach the third level (item 35); those of a customer's own
systems (item 110) follow that of his tickets.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from ivr.alerts.documents import RESERVED
from ivr.alerts.event import worst
from ivr.alerts.judging import AlertRules, Storm, belongs, held_until, is_storm, joins
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
REMOVED = "source removed"


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
        """Quiet for maintenance, into the storm that goes on, a storm of their own, or each alone.

        Those that have become worse leave their cases, which end if nothing is left in them.
        """
        windows = uow.alerts.windows(source.id, at)
        held = {each.id: held_until(windows, each, at) for each in alerts}
        uow.alerts.hold({id_: until for id_, until in held.items() if until is not None})
        loud = [each for each in alerts if held[each.id] is None]
        if not loud:
            return
        self._place(uow, source, loud, at)
        self._close_over(uow, loud, RESOLVED, "The alert has become worse and has a new case.", at)

    def resolve(
        self, uow: UnitOfWork, alerts: Sequence[AlertRecord], by: str | None, at: datetime
    ) -> None:
        """They are over; the calls for a case end with the last of its alerts."""
        uow.alerts.resolve([each.id for each in alerts], by, at)
        for case_id in self._close_over(uow, alerts, RESOLVED, "The alert is resolved.", at):
            self._touching.case_closed(uow, case_id, at)

    def abandon(self, uow: UnitOfWork, alerts: Sequence[AlertRecord], at: datetime) -> None:
        """Their source was removed: nobody is called any more.

        Whether what they told of is over nobody knows: a person ends the disturbance.
        """
        uow.alerts.resolve([each.id for each in alerts], REMOVED, at)
        self._close_over(uow, alerts, REMOVED, "The source of the alert was removed.", at)

    def _place(
        self, uow: UnitOfWork, source: SourceRecord, loud: Sequence[AlertRecord], at: datetime
    ) -> None:
        """That a source is silent is never one of its storm: the storm hides what it cannot tell."""
        recent = uow.alerts.count_since(source.id, at - self._rules.storm_window)
        storm = uow.alerts.find_storm(source.id)
        silent = [each for each in loud if each.key.startswith(RESERVED)]
        told = [each for each in loud if not each.key.startswith(RESERVED)]
        joining = [each for each in told if self._does_join(storm, each, at)]
        others = [each for each in told if not self._does_join(storm, each, at)]
        if storm is not None and joining:
            self._join(uow, storm.case_id, joining, at)
        bundled = bool(others) and is_storm(recent, len(loud), self._rules)
        if bundled:
            self._open_storm(uow, source, others, at)
        for each in silent if bundled else (*others, *silent):
            self._open(uow, source, [each], each.title, at)

    def _does_join(self, storm: Storm | None, alert: AlertRecord, at: datetime) -> bool:
        falls = joins(storm, alert.fault_class, at, self._rules)
        return falls and storm is not None and belongs(storm, alert.customer_id)

    def _join(
        self, uow: UnitOfWork, case_id: int, alerts: Sequence[AlertRecord], at: datetime
    ) -> None:
        self._put_into(uow, case_id, alerts)
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
        whose = {each.customer_id for each in alerts}
        whose |= uow.alerts.list_customers([each.id for each in before or ()])
        self._put_into(uow, case_id, alerts)
        if not self._rules.does_ring(case.fault_class):
            self._mails.tell(uow, source.name, title, case.fault_class, at)
            return case_id, None
        ticket = self._cases.open(uow, _new_case(case_id, case, alerts, whose), at)
        uow.alerts.give_ticket(case_id, ticket)
        self._touching.case_opened(uow, case_id, title, _services(alerts), at)
        return case_id, ticket

    def _put_into(self, uow: UnitOfWork, case_id: int, alerts: Sequence[AlertRecord]) -> None:
        """What began with a case that nothing is left in goes on with this one."""
        uow.alerts.put_into(case_id, [each.id for each in alerts])
        left = [each.id for each in uow.alerts.list_over(_cases_of(alerts) - {case_id})]
        if left:
            self._touching.cases_bundled(uow, left, case_id)

    def _close_over(
        self,
        uow: UnitOfWork,
        alerts: Sequence[AlertRecord],
        reason: str,
        told: str,
        at: datetime,
    ) -> list[int]:
        """Close those of their cases that have no alert left."""
        over = uow.alerts.list_over(_cases_of(alerts))
        for case in over:
            self._close(uow, case, reason, told, at)
        return [case.id for case in over]

    def _close(self, uow: UnitOfWork, case: OpenCase, reason: str, told: str, at: datetime) -> None:
        uow.alerts.close_case(case.id, reason, at)
        if case.ticket_number is not None:
            self._escalations.close_in(uow, case.ticket_number, reason, at)
            uow.ticket_files.add_note(case.ticket_number, Note(at, CHANNEL, told))


def _cases_of(alerts: Sequence[AlertRecord]) -> set[int]:
    """The cases they were in when they were read."""
    return {each.case_id for each in alerts if each.case_id is not None}


def _new_case(
    case_id: int,
    case: NewAlertCase,
    alerts: Sequence[AlertRecord],
    whose: Collection[int | None],
) -> NewCase:
    """With an alert of ours among them it is ours; several customers' is none's, and not ours."""
    (customer_id,) = whose if len(whose) == 1 else (None,)
    return NewCase(
        channel=CHANNEL,
        reference=f"alert-{case_id}",
        kind=TicketKind.MONITORING,
        customer_id=customer_id,
        location_id=None,
        summary=case.title,
        fault_class=case.fault_class,
        spof=any(each.spof for each in alerts),
        policy=POLICY if None in whose else CUSTOMERS_POLICY,
    )


def _services(alerts: Sequence[AlertRecord]) -> list[str]:
    return sorted({service for each in alerts for service in each.services})
