"""Cases that no call has opened: an alert of the monitoring, a form on the web.

A ticket belongs to what reported it, so such a case has a record beside the calls, of its own channel
and with the source's own name, and nobody on the line.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.callflow.requests import OpenTicket, TicketKind
from ivr.contracts.faults import Fact, FaultClass, Role, YesNo
from ivr.escalation.policy import Reason
from ivr.services.context import Context
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults
from ivr.services.ports import Ids
from ivr.services.records import NewCall
from ivr.services.stores import UnitOfWork
from ivr.services.ticket_files import Note
from ivr.services.tickets import Tickets

NO_CALLER = "no_call"


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case before it is opened. `reference` is the source's own name for it, unique per channel.

    `policy` names the escalation; empty where nobody is to be called. `on_record` is told as soon as
    there is a call record, before the ticket is opened.
    """

    channel: str
    reference: str
    kind: TicketKind
    customer_id: int | None
    location_id: int | None
    summary: str
    fault_class: FaultClass | None = None
    spof: bool = False
    policy: str = ""
    rehearsal: bool = False
    contract_id: int | None = None
    on_record: Callable[[Context], None] = lambda _: None


class Cases:
    """Opens cases."""

    def __init__(
        self, ids: Ids, tickets: Tickets, faults: Faults, escalations: Escalations
    ) -> None:
        self._ids = ids
        self._tickets = tickets
        self._faults = faults
        self._escalations = escalations

    def open(self, uow: UnitOfWork, case: NewCase, at: datetime) -> int:
        """The number of its ticket; in the transaction that is given, the search included."""
        call_id = self._record(uow, case, at)
        context = Context(uow, call_id, call_id, at)
        case.on_record(context)
        request = OpenTicket(case.kind, case.customer_id, case.location_id)
        number = int(self._tickets.open(context, request).number)
        uow.calls.note(call_id, ended_at=at)
        if case.summary:
            uow.ticket_files.add_note(number, Note(at, case.channel, case.summary))
        if facts := _facts(case):
            self._faults.note_in(uow, number, case.channel, facts, None, at, Role.LINE)
        if case.policy:
            reason = Reason(case.policy) if case.policy in set(Reason) else Reason.TICKET
            self._escalations.open_in(uow, number, reason, at, policy=case.policy)
        return number

    def _record(self, uow: UnitOfWork, case: NewCase, at: datetime) -> str:
        call_id = self._ids.new()
        uow.calls.add(
            NewCall(
                id=call_id,
                channel=case.channel,
                provider_call_id=case.reference,
                rehearsal=case.rehearsal,
                clock_shift_seconds=0.0,
                received_at=at,
                caller_raw="",
                caller_number=None,
                no_number_reason=NO_CALLER,
            )
        )
        uow.calls.note(
            call_id,
            customer_id=case.customer_id,
            location_id=case.location_id,
            contract_id=case.contract_id,
        )
        return call_id


def _facts(case: NewCase) -> Mapping[Fact, str]:
    facts: dict[Fact, str] = {}
    if case.fault_class is not None:
        facts[Fact.FAULT_CLASS] = case.fault_class
    if case.spof:
        facts[Fact.SPOF] = YesNo.YES
    return facts
