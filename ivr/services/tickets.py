"""Tickets: what must not be forgotten, stored and mailed in the transaction that promised it.

Every confirmed order and every message leaves a ticket, and its mail to the technician on duty and
the service desk waits in the outbox of the same transaction. A caller who wanted a person and met
none leaves one too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.callflow.events import TicketOpened
from ivr.callflow.requests import AttachMessage, OpenTicket
from ivr.services.commitments import Commitments
from ivr.services.context import Context, Executors
from ivr.services.customer_links import tell_customer
from ivr.services.mail_text import MailText, Recipient
from ivr.services.records import NewMail, NewRecording, NewTicket
from ivr.services.statements import Statements


@dataclass(frozen=True, slots=True)
class TicketRules:
    """Settings of tickets. `desk` None where no desk is to be mailed."""

    desk: Recipient | None


class Tickets:
    """Opens tickets, attaches messages, promises mails."""

    def __init__(
        self,
        rules: TicketRules,
        mail_text: MailText,
        commitments: Commitments,
        statements: Statements,
    ) -> None:
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
        ticket = NewTicket(
            kind=request.kind,
            call_id=call.id,
            customer_id=request.customer_id,
            location_id=request.location_id,
            rehearsal=call.rehearsal,
            opened_at=context.at,
        )
        number = context.uow.tickets.add(ticket)
        context.uow.calls.note(call.id, ticket_number=number)
        self._commitments.give(context, number, request)
        if request.recording is not None:
            self._add_recording(context, number, request.recording, request.seconds)
        self._mail(context, number, held=call.rehearsal)
        tell_customer(context, number, call, request.customer_id, self._mail_text)
        self._statements.promise(context, context.uow.tickets.view(number), request.customer_id)
        return TicketOpened(context.at, str(number))

    def attach(self, context: Context, request: AttachMessage) -> TicketOpened:
        """The caller of an order nobody took has left words: everybody is mailed again."""
        call = context.uow.calls.get(context.call_id)
        number = int(request.ticket)
        self._add_recording(context, number, request.recording, request.seconds)
        self._mail(context, number, held=call.rehearsal)
        return TicketOpened(context.at, request.ticket)

    def mail_again(self, context: Context, number: int) -> None:
        """The service desk has more to say about an order that nobody took."""
        call = context.uow.calls.get(context.call_id)
        self._mail(context, number, held=call.rehearsal)

    def _add_recording(self, context: Context, number: int, source: str, seconds: float) -> None:
        recording = NewRecording(number, source, seconds, context.at)
        context.uow.tickets.add_recording(recording)

    def _mail(self, context: Context, number: int, *, held: bool) -> None:
        view = context.uow.tickets.view(number)
        due = self._commitments.due(context.uow, number)
        consent = context.uow.consents.find_head_of(context.call_id)
        for recipient in self._recipients(context):
            subject, body = self._mail_text.ticket(view, recipient, due, consent)
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
