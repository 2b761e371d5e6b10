"""Looking for somebody who takes a case: begin, be told that somebody has, stop.

Commit is the promise: an escalation and its timer are stored in the transaction of whatever made it
necessary. It is over at the commit that says so, not when a telephone stops ringing; stopping the
others is a timer of its own, due at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.contracts.faults import Fact
from ivr.contracts.ticket_states import responsible
from ivr.escalation.policy import Policy, Reason, loaded
from ivr.services.escalation_store import (
    PENDING,
    Channel,
    EscalationRecord,
    EscalationState,
    NewEscalation,
    PageRecord,
)
from ivr.services.faults import Faults
from ivr.services.stores import UnitOfWork
from ivr.services.work_pages import call_events

ESCALATE, STOP = "escalate", "stop_pages"


def escalate_key(escalation_id: int) -> str:
    """The timer that rings the next telephone."""
    return f"{ESCALATE}:{escalation_id}"


def wake_in(uow: UnitOfWork, escalation_id: int, due: datetime) -> None:
    """Let it go on at this instant, if it is still looking for somebody."""
    running = uow.escalations.lock(escalation_id)
    if running.state is EscalationState.OPEN:
        uow.escalations.move(running.id, running.round, running.step, due)
        uow.timers.schedule(escalate_key(running.id), ESCALATE, due, str(running.id))


def wake_bundled_in(uow: UnitOfWork, page_id: str, at: datetime) -> None:
    """Cases that this call spoke for look on by themselves, unless somebody is rung for them by now."""
    for other in uow.pages.list_bundled(page_id):
        running = uow.escalations.lock(other.escalation_id)
        if not rings_in(uow, running.id):
            wake_in(uow, running.id, at)


def rings_in(uow: UnitOfWork, escalation_id: int) -> bool:
    """Whether a telephone rings for it, or somebody listens."""
    return any(page.state in PENDING for page in _calls(uow, escalation_id))


def _calls(uow: UnitOfWork, escalation_id: int) -> Sequence[PageRecord]:
    return [page for page in uow.pages.list_of(escalation_id) if page.channel is Channel.CALL]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Whether this was the acknowledgement that counted, and whose did. `by` None: it was closed."""

    first: bool
    by: str | None


class Escalations:
    """Opens, acknowledges and closes, always in somebody else's transaction."""

    def __init__(self, policies: Mapping[str, Policy], faults: Faults) -> None:
        self._policies = policies
        self._faults = faults

    def open_in(
        self,
        uow: UnitOfWork,
        ticket_number: int,
        reason: Reason,
        at: datetime,
        *,
        policy: str | None = None,
        first_name: str | None = None,
    ) -> int | None:
        """Look for somebody from now on; None for a rehearsal, which never dials.

        A ticket has one at a time: where one is open already, that one goes on. `first_name` is whom
        `responsible` means; without it whoever the ticket belongs to.
        """
        uow.facts.lock(ticket_number)
        if uow.tickets.view(ticket_number).rehearsal:
            return None
        running = uow.escalations.find_open(ticket_number)
        if running is not None:
            return running.id
        chosen = self._policies[policy or reason]
        delay = timedelta(seconds=chosen.steps[0].delay_seconds)
        first = first_name or owner_of(uow, ticket_number)
        new = NewEscalation(ticket_number, chosen.dumped(), reason, at + delay, at, first)
        escalation_id = uow.escalations.add(new)
        key = escalate_key(escalation_id)
        uow.timers.schedule(key, ESCALATE, new.deadline, str(escalation_id))
        return escalation_id

    def acknowledge_in(
        self, uow: UnitOfWork, ticket_number: int, name: str, at: datetime
    ) -> Acknowledged:
        """He takes it. The first one does; whoever is later is told who that was."""
        uow.facts.lock(ticket_number)
        known = uow.escalations.list_of(ticket_number)
        settled = [
            each.id
            for each in known
            if uow.escalations.settle(each.id, EscalationState.ACKNOWLEDGED, at, name)
        ]
        for each in settled:
            self._stop(uow, each, at)
        if settled:
            self._make_his(uow, ticket_number, name, at)
            return Acknowledged(True, name)
        return Acknowledged(False, known[-1].acknowledged_by if known else None)

    def close_in(self, uow: UnitOfWork, ticket_number: int, reason: str, at: datetime) -> None:
        """Nobody is needed any more: resolved, withdrawn, done."""
        for each in uow.escalations.list_of(ticket_number):
            if uow.escalations.settle(each.id, EscalationState.CLOSED, at, reason):
                self._stop(uow, each.id, at)

    def climb_in(self, uow: UnitOfWork, ticket_number: int, at: datetime) -> bool:
        """The next step at once, if it is looking for somebody; True if it is.

        Where a technician only has his own telephone rung, he is the first of those who are rung.
        """
        found = uow.escalations.find_open(ticket_number)
        running = uow.escalations.lock(found.id) if found is not None else None
        if running is None or running.state is not EscalationState.OPEN:
            return False
        policy = loaded(running.policy)
        if policy.quiet:
            loud = self._policies[Reason.REACTION].dumped()
            uow.escalations.change_policy(running.id, loud, Reason.REACTION)
        else:
            self._climb_in(uow, running, len(policy.steps), at)
        return True

    def _climb_in(
        self, uow: UnitOfWork, running: EscalationRecord, steps: int, at: datetime
    ) -> None:
        """A step that has rung nobody yet is the next one, as soon as nobody rings any more.

        After the last step that is the first of a new round, without a pause: nobody stands above
        whoever rings, and no search ends because it is to hurry.
        """
        round_, step = running.round, running.step
        free = running.deadline if rings_in(uow, running.id) else at
        if all((page.round, page.step) != (round_, step) for page in _calls(uow, running.id)):
            self._go_to(uow, running, round_, step, free)
        elif step + 1 < steps:
            self._go_to(uow, running, round_, step + 1, at)
        else:
            self._go_to(uow, running, round_ + 1, 0, free)

    def expedite_in(self, uow: UnitOfWork, running: EscalationRecord, at: datetime) -> None:
        """Ring the next telephone now."""
        self._go_to(uow, running, running.round, running.step, at)

    @staticmethod
    def _go_to(
        uow: UnitOfWork, running: EscalationRecord, round_: int, step: int, due: datetime
    ) -> None:
        uow.escalations.move(running.id, round_, step, due)
        uow.timers.schedule(escalate_key(running.id), ESCALATE, due, str(running.id))

    def _stop(self, uow: UnitOfWork, escalation_id: int, at: datetime) -> None:
        uow.timers.cancel(escalate_key(escalation_id))
        uow.timers.schedule(f"{STOP}:{escalation_id}", STOP, at, str(escalation_id))

    def _make_his(self, uow: UnitOfWork, ticket_number: int, name: str, at: datetime) -> None:
        """A staffed number takes a call but no responsibility: the ticket stays nobody's."""
        if uow.roster.has_technician(name) and owner_of(uow, ticket_number) != name:
            facts = {Fact.RESPONSIBLE: name}
            self._faults.note_in(uow, ticket_number, name, facts, None, at)


def owner_of(uow: UnitOfWork, ticket_number: int) -> str | None:
    """Whose ticket it is."""
    file = uow.ticket_files.get(ticket_number)
    said = uow.ticket_files.statements_of([ticket_number]).get(ticket_number, ())
    rings = uow.ticket_files.rings_of([file.call_id]).get(file.call_id, ())
    return responsible(call_events(file, rings), said)
