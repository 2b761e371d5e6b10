"""Telephones that only note what they are asked, and cases that are opened for them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.requests import TicketKind
from ivr.contracts.faults import Fact, FaultClass
from ivr.services.cases import NewCase
from ivr.services.escalation_store import Channel, EscalationRecord, PageRecord
from ivr.services.outbound import OutboundCall, OutboundError
from ivr.services.timers import Queue
from tests.fakes import FrozenClock


@dataclass
class NotingTelephone:
    """Says what it was told to say, and remembers what rang and what was hung up."""

    name: str = "asterisk"
    placed: list[OutboundCall] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    up: set[str] = field(default_factory=set)
    troubles: list[OutboundError] = field(default_factory=list)
    on_place: Callable[[OutboundCall], None] = lambda call: None

    def place(self, call: OutboundCall) -> str:
        if self.troubles:
            raise self.troubles.pop(0)
        self.placed.append(call)
        self.up.add(call.id)
        self.on_place(call)
        return f"sid-{call.id}"

    def is_up(self, call_id: str, provider_id: str | None) -> bool | None:
        return call_id in self.up

    def hang_up(self, call_id: str, provider_id: str | None) -> None:
        self.ended.append(call_id)
        self.up.discard(call_id)

    @property
    def numbers(self) -> list[str]:
        return [call.number for call in self.placed]


@dataclass
class Night:
    """An application, its telephone and its clock, with the little that tests of pages do."""

    app: Application
    clock: FrozenClock
    telephone: NotingTelephone

    def open(self, policy: str = "ticket", **given: Any) -> int:
        """A case of customer 11001; returns its ticket."""
        fields: dict[str, Any] = {
            "channel": "monitoring",
            "reference": f"case-{len(self.tickets)}",
            "kind": TicketKind.MONITORING,
            "customer_id": 1,
            "location_id": 1,
            "summary": "Line down",
            "policy": policy,
        }
        with self.app.storage.writing() as uow:
            number = self.app.cases.open(uow, NewCase(**fields | given), self.clock.now())
        self.tickets.append(number)
        return number

    tickets: list[int] = field(default_factory=list)

    def work(self) -> None:
        """Whatever is due now."""
        for queue in Queue:
            while self.app.timekeeper.run_due(queue):
                pass

    def pass_time(self, **span: float) -> None:
        """So long, from one due timer to the next, as a worker that never sleeps too long."""
        end = self.clock.now() + timedelta(**span)
        while self.clock.now() < end:
            waits = [self.app.timekeeper.seconds_to_next(queue) for queue in Queue]
            left = (end - self.clock.now()).total_seconds()
            self.clock.advance(
                min([left, *(max(each, 0.001) for each in waits if each is not None)])
            )
            self.work()

    def press(self, page_id: str, *keys: str) -> None:
        """The page is answered, and these keys are pressed."""
        reply = self.app.calls.begin_page(page_id, self.clock.now())
        for key in keys:
            report = DigitsEntered(self.clock.now(), key)
            reply = self.app.calls.report(reply.leg_id, reply.turn, report)

    @property
    def last(self) -> str:
        """The id of the newest call."""
        return self.telephone.placed[-1].id

    def escalations(self, ticket: int) -> list[EscalationRecord]:
        with self.app.storage.reading() as uow:
            return list(uow.escalations.list_of(ticket))

    def state(self, ticket: int) -> str:
        return str(self.escalations(ticket)[-1].state)

    def ledger(self, ticket: int) -> list[PageRecord]:
        with self.app.storage.reading() as uow:
            pages = uow.pages.list_of(self.escalations(ticket)[-1].id)
        return [page for page in pages if page.channel is Channel.CALL]

    def states(self, ticket: int) -> list[tuple[str, str]]:
        """Name and state of each call, in the order in which they were written."""
        return [(page.name, str(page.state)) for page in self.ledger(ticket)]


def of_plan(app: Application, customer: str) -> dict[str, int]:
    with app.storage.reading() as uow:
        known = uow.customers.find_credentials(customer)
        assert known is not None
        record = uow.customers.get(known.customer_id, app.clock.now().date())
    (place,) = record.locations
    assert place.contract_id is not None
    return {"customer_id": record.id, "location_id": place.id, "contract_id": place.contract_id}


def judge(night: Night, ticket: int, fault_class: FaultClass) -> None:
    """Somebody says how bad it is."""
    said = {Fact.FAULT_CLASS: fault_class.value}
    with night.app.storage.writing() as uow:
        night.app.faults.note_in(uow, ticket, "Anna Meier", said, "seen", night.clock.now())
