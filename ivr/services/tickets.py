"""Tickets: what must not be forgotten, stored and mailed in the transaction that promised it.

Every confirmed order and every message leaves a ticket, and its mail to the technician on duty and
the service desk waits in the outbox of the same transaction. A caller who wanted a person and met
none leaves one too. One call has one ticket: what the desk orders after a message keeps its number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.callflow.events import TicketOpened
from ivr.callflow.requests import AttachMessage, OpenTicket, OrderState, TicketKind
from ivr.contracts.faults import Fact, Phase
from ivr.contracts.ticket_states import ENDS
from ivr.services.commitments import Commitments
from ivr.services.context import Context, Executors
from ivr.services.customer_links import tell_customer
from ivr.services.mail_text import MailText, Recipient
from ivr.services.records import CallRecord, NewMail, NewRecording, NewTicket
from ivr.services.statements import Statements
from ivr.services.stores import UnitOfWork
from ivr.services.ticket_files import TicketFile

_FOR_THE_HOURS = (TicketKind.MESSAGE, TicketKind.MISSED_CALL)
"""Nobody was ordered: outside the service hours they wait for the next."""


@dataclass(frozen=True, slots=True)
class TicketRules:
    """Settings of tickets. `desk` None where no desk is to be mailed."""

    desk: Recipient | None


class Watch(Protocol):
    """Sees to it that the ticket is not forgotten."""

    def start(self, uow: UnitOfWork, number: int, kind: TicketKind, at: datetime) -> None:
        """From the moment it is opened."""
        ...


class Tickets:
    """Opens tickets, attaches messages, promises mails."""

    def __init__(
        self,
        rules: TicketRules,
        mail_text: MailText,
        commitments: Commitments,
        statements: Statements,
        watch: Watch,
    ) -> None:
        self._watch = watch
        self._rules = rules
        self._statements = statements
        self._mail_text = mail_text
        self._commitments = commitments

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {OpenTicket: self.open, AttachMessage: self.attach}

    def open(self, context: Context, request: OpenTicket) -> TicketOpened:
        """Store the ticket, what it promises, its message if there is one, and the mails."""
        call = context.uow.calls.get(context.call_id)
        if (known := self._of_desk(context, call, request)) is not None:
            return self._join(context, known, request)
        ticket = NewTicket(
            kind=request.kind,
            call_id=call.id,
            customer_id=request.customer_id,
            location_id=request.location_id,
            rehearsal=call.rehearsal,
            opened_at=context.at,
        )
        left = self._left(context, call, request)
        number = left.number if left is not None else context.uow.tickets.add(ticket)
        if left is not None:
            context.uow.tickets.turn_into(number, ticket)
        context.uow.calls.note(call.id, ticket_number=number)
        self._commitments.give(context, number, request)
        if not call.rehearsal:
            self._watch.start(context.uow, number, request.kind, context.at)
        if request.recording is not None:
            self._add_recording(context, number, request.recording, request.seconds)
        self._mail(context, number, held=call.rehearsal)
        if left is None or left.customer_id is None:
            tell_customer(context, number, call, request.customer_id, self._mail_text)
        self._statements.promise(context, context.uow.tickets.view(number), request.customer_id)
        return TicketOpened(context.at, str(number))

    def _of_desk(self, context: Context, call: CallRecord, request: OpenTicket) -> int | None:
        """The desk has opened one on the caller's card, and he met nobody afterwards."""
        left = request.kind in (TicketKind.MESSAGE, TicketKind.MISSED_CALL)
        stands = context.uow.calls.summary(call.id).order_state != OrderState.WITHDRAWN
        return call.ticket_number if left and stands else None

    @staticmethod
    def _left(context: Context, call: CallRecord, request: OpenTicket) -> TicketFile | None:
        """What the caller has left before the desk orders for him: it becomes the order.

        Not where it is done with, nor where it is somebody else's, who has its link.
        """
        if call.ticket_number is None:
            return None
        context.uow.facts.lock(call.ticket_number)
        found = context.uow.ticket_files.get(call.ticket_number)
        said = [each for each in context.uow.facts.list_of(found.number) if each.fact is Fact.PHASE]
        if found.call_id != call.id or found.kind not in _FOR_THE_HOURS:
            return None
        if found.customer_id not in (None, request.customer_id):
            return None
        return None if said and Phase(said[-1].value) in ENDS else found

    def _join(self, context: Context, number: int, request: OpenTicket) -> TicketOpened:
        """One call, one number: the words come to the ticket that is there."""
        if request.recording is not None:
            message = AttachMessage(str(number), request.recording, request.seconds)
            return self.attach(context, message)
        if request.kind is TicketKind.MESSAGE:
            self.mail_again(context, number)
        return TicketOpened(context.at, str(number))

    def attach(self, context: Context, request: AttachMessage) -> TicketOpened:
        """The caller of an order nobody took has left words: everybody is mailed again."""
        call = context.uow.calls.get(context.call_id)
        number = int(request.ticket)
        self._add_recording(context, number, request.recording, request.seconds)
        self._mail(context, number, held=call.rehearsal, again=True)
        return TicketOpened(context.at, request.ticket)

    def mail_again(self, context: Context, number: int) -> None:
        """The service desk has more to say about an order that nobody took."""
        call = context.uow.calls.get(context.call_id)
        self._mail(context, number, held=call.rehearsal, again=True)

    def tell_withdrawn(self, context: Context, number: int) -> None:
        """Mails that still wait to alert somebody are held; whoever has one is told."""
        call = context.uow.calls.get(context.call_id)
        written = {mail.recipient for mail in context.uow.outbox.list_for_ticket(number)}
        context.uow.outbox.hold(number)
        view = context.uow.tickets.view(number)
        for recipient in self._all_recipients(context, call):
            if recipient.address in written:
                subject, body = self._mail_text.withdrawn(view, context.at, recipient.language)
                mail = NewMail(number, recipient.address, subject, body, call.rehearsal, context.at)
                context.uow.outbox.add(mail)

    def _all_recipients(self, context: Context, call: CallRecord) -> Sequence[Recipient]:
        """Everybody whom a mail about this call may have reached, each once."""
        since = call.ordered_at or call.received_at
        on_duty = context.uow.roster.list_on_duty
        duties = [*on_duty(since), *on_duty(context.at)]
        found = {each.email: each.language for each in duties if each.email}
        if call.customer_id is not None:
            customer = context.uow.customers.get(call.customer_id, context.at.date())
            for contact in context.uow.contacts.list_of(customer.id):
                if contact.email:
                    found.setdefault(contact.email, contact.language or customer.language)
        desk = [self._rules.desk] if self._rules.desk else []
        return [*(Recipient(address, language) for address, language in found.items()), *desk]

    def _add_recording(self, context: Context, number: int, source: str, seconds: float) -> None:
        recording = NewRecording(number, source, seconds, context.at)
        context.uow.tickets.add_recording(recording)

    def _mail(self, context: Context, number: int, *, held: bool, again: bool = False) -> None:
        view = context.uow.tickets.view(number)
        due = self._commitments.due(context.uow, number)
        opens = self._commitments.opens(context) if view.kind in _FOR_THE_HOURS else None
        consent = context.uow.consents.find_head_of(context.call_id)
        for recipient in self._recipients(context):
            subject, body = self._mail_text.ticket(
                view, recipient, due, consent, opens=opens, again=again
            )
            mail = NewMail(number, recipient.address, subject, body, held, context.at)
            context.uow.outbox.add(mail)

    def _recipients(self, context: Context) -> Sequence[Recipient]:
        """The first technician on duty and the desk; with neither, the outbox stays empty."""
        on_duty = context.uow.roster.list_on_duty(context.at)[:1]
        technicians = [
            Recipient(duty.email, duty.language, duty.technician_id)
            for duty in on_duty
            if duty.email
        ]
        return [*technicians, *([self._rules.desk] if self._rules.desk else [])]
