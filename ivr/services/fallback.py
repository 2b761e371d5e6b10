"""Messages that a static fallback recorded while our servers were away.

They become tickets as soon as we are back. If the call had begun with us, the message joins it, with
the customer and the order it may have had; otherwise a closed call is written for it. The source of
the message is the key: hearing of the same one again changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from ivr.callflow.requests import AttachMessage, CallResult, OpenTicket, TicketKind
from ivr.errors import AlreadyStoredError
from ivr.numbers.caller_id import CallerId
from ivr.services.calls import Calls
from ivr.services.context import Context
from ivr.services.ports import Ids
from ivr.services.records import NewCall
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.tickets import Tickets


@dataclass(frozen=True, slots=True)
class FallbackMessage:
    """A message, the call it was left in, and where it lies (see `recordings`)."""

    channel: str
    provider_call_id: str
    caller: CallerId
    received_at: datetime
    source: str
    seconds: float


class Fallback:
    """Turns such messages into tickets."""

    def __init__(self, storage: Storage, calls: Calls, tickets: Tickets, ids: Ids) -> None:
        self._storage = storage
        self._calls = calls
        self._tickets = tickets
        self._ids = ids

    def has(self, source: str) -> bool:
        """True if the message of this source is stored already."""
        with self._storage.reading() as uow:
            return uow.tickets.has_recording(source)

    def keep(self, message: FallbackMessage) -> None:
        """Store the message with a ticket and its mails, once."""
        call_id = self._calls.find(message.channel, message.provider_call_id)
        if call_id is not None:
            self._calls.hang_up(call_id, message.received_at)
        try:
            with self._storage.writing() as uow:
                self._keep(uow, call_id, message)
        except AlreadyStoredError:
            self.keep(message)

    def _keep(self, uow: UnitOfWork, call_id: str | None, message: FallbackMessage) -> None:
        if call_id is not None:
            uow.calls.lock(call_id)
        if not uow.tickets.has_recording(message.source):
            call_id = call_id or self._write_call(uow, message)
            self._ticket(Context(uow, call_id, call_id, message.received_at), message)

    def _write_call(self, uow: UnitOfWork, message: FallbackMessage) -> str:
        call_id = self._ids.new()
        uow.calls.add(
            NewCall(
                id=call_id,
                channel=message.channel,
                provider_call_id=message.provider_call_id,
                rehearsal=False,
                clock_shift_seconds=0.0,
                received_at=message.received_at,
                caller_raw="",
                caller_number=message.caller.number,
                no_number_reason=message.caller.reason,
            )
        )
        return call_id

    def _ticket(self, context: Context, message: FallbackMessage) -> None:
        call = context.uow.calls.get(context.call_id)
        if call.ticket_number is not None:
            request = AttachMessage(str(call.ticket_number), message.source, message.seconds)
            self._tickets.attach(context, request)
        else:
            self._tickets.open(
                context,
                OpenTicket(
                    TicketKind.MESSAGE,
                    call.customer_id,
                    call.location_id,
                    message.source,
                    message.seconds,
                ),
            )
        context.uow.calls.note(call.id, result=CallResult.MESSAGE, ended_at=message.received_at)
