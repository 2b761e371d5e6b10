"""A customer who has filled in the emergency form, and the telephones that follow from it."""

from dataclasses import replace
from typing import Any

from ivr.callflow.events import DigitsEntered, DigitsTimedOut
from ivr.callflow.verbs import Dial, DialLeg
from ivr.services.callback_form import Typed, parse_form
from ivr.services.callback_store import CallbackRecord
from ivr.services.calls import Reply
from ivr.services.reports import DialReport, DialStatus
from tests.service.escalating import Night

CUSTOMER = "+41440001001"
SOURCE = "198.51.100.7"
FILLED = {
    "name": "Eva Muster",
    "customer": "11001",
    "pin": "123456",
    "email": "eva@customer.invalid",
    "phone": "044 000 10 01",
    "unreachable": "yes",
    "no_maintenance": "yes",
    "application": "no",
    "what": "Nobody reaches us",
}


def typed(**other: str) -> Typed:
    """The form, filled in as it should be but for these fields."""
    return parse_form(FILLED | other)


class Customer:
    """Sends the form, and lifts the receiver or does not."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.app = night.app
        self.ticket = 0

    def checked(self, source: str = SOURCE, **other: str) -> str:
        now = self.night.clock.now()
        return self.app.emergency_forms.check(typed(**other), "de", source, now)

    def order(self, **other: Any) -> int:
        """Check and order; the ticket's number."""
        self.ticket = self.app.emergency_forms.order(
            self.checked(**other), None, self.night.clock.now()
        ).ticket
        return self.ticket

    @property
    def callback(self) -> CallbackRecord:
        with self.app.storage.reading() as uow:
            found = uow.callbacks.find_latest(self.ticket)
        assert found is not None
        return found

    @property
    def state(self) -> str:
        return str(self.callback.state)

    def take(self, *keys: str) -> Reply:
        """The technician who was rung last answers and presses these keys."""
        page = self.night.last
        reply = self.app.calls.begin_page(page, self.night.clock.now())
        for key in keys:
            report = DigitsEntered(self.night.clock.now(), key)
            reply = self.app.calls.report(reply.leg_id, reply.turn, report)
        return reply

    def silent(self, reply: Reply) -> Reply:
        return self.app.calls.report(
            reply.leg_id, reply.turn, DigitsTimedOut(self.night.clock.now())
        )

    def answers(self, reply: Reply) -> None:
        """His own leg, which is not screened."""
        self.app.calls.begin_leg(leg_of(reply).attempt_id, self.night.clock.now())

    def ends(self, reply: Reply, status: DialStatus, seconds: int = 0) -> Reply:
        """What the carrier says of the Dial on the technician's leg."""
        report = DialReport(self.night.clock.now(), status, seconds)
        return self.app.calls.report(reply.leg_id, reply.turn, report)

    def not_reached(self) -> None:
        """An attempt in vain, from the telephone that was rung last."""
        self.ends(self.take("1", "1"), DialStatus.NO_ANSWER)

    def mails(self) -> list[str]:
        """Subjects of what went to the address of the form, its ticket number left out."""
        with self.app.storage.reading() as uow:
            mails = uow.outbox.list_for_ticket(self.ticket)
        ours = [mail.subject for mail in mails if mail.recipient == FILLED["email"]]
        return [subject.replace(f"Ticket {self.ticket}: ", "") for subject in ours]


def leg_of(reply: Reply) -> DialLeg:
    (dial,) = [verb for verb in reply.verbs if isinstance(verb, Dial)]
    (leg,) = dial.legs
    return replace(leg)
