"""Who is told when nobody could be found, or a promised reaction was missed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.contracts.ticket_states import ENDS
from ivr.escalation.policy import THIRD_LEVEL, loaded
from ivr.services.commitments import Commitments
from ivr.services.escalation_store import EscalationRecord, EscalationState
from ivr.services.faults import Faults
from ivr.services.mail_text import MailText, Recipient
from ivr.services.ports import Observer
from ivr.services.records import NewMail
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.timers import DueTimer, Queue
from ivr.services.work_pages import page_of

REMIND, REMIND_EVERY = "remind", timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """Settings. `last` are those who are told when everybody else was tried in vain."""

    last: tuple[Recipient, ...] = ()


class PageNotices:
    """Mails to the last ones: the leads and the desk."""

    def __init__(
        self,
        rules: NoticeRules,
        storage: Storage,
        observer: Observer,
        mail_text: MailText,
        commitments: Commitments,
        faults: Faults,
    ) -> None:
        self._rules = rules
        self._storage = storage
        self._observer = observer
        self._mail_text = mail_text
        self._commitments = commitments
        self._faults = faults

    def missed(self, uow: UnitOfWork, number: int, at: datetime) -> None:
        """A promised reaction was not given in time: the last ones are told."""
        for recipient in self._last(uow, at):
            self._mail(uow, number, recipient, at)

    def exhausted(self, uow: UnitOfWork, running: EscalationRecord, at: datetime) -> None:
        """Everybody was tried in vain: the last ones are told, and told again every hour."""
        if loaded(running.policy).quiet:
            return
        self._observer.trouble("escalation_exhausted", ticket=running.ticket_number)
        for recipient in self._last(uow, at):
            self._mail(uow, running.ticket_number, recipient, at)
        key, due = f"{REMIND}:{running.id}", at + REMIND_EVERY
        uow.timers.schedule(key, REMIND, due, str(running.id), Queue.NOTICES)

    def remind(self, timer: DueTimer, now: datetime) -> None:
        """Until somebody has taken it, or the ticket is over."""
        with self._storage.writing() as uow:
            number = uow.escalations.get(int(timer.subject)).ticket_number
            uow.facts.lock(number)
            phase = page_of(uow, self._faults, number, now).phase
            if phase in ENDS:
                uow.escalations.settle(int(timer.subject), EscalationState.CLOSED, now, phase)
            running = uow.escalations.lock(int(timer.subject))
            if running.state is EscalationState.EXHAUSTED:
                self.exhausted(uow, running, now)
            else:
                uow.timers.done(timer)

    def _last(self, uow: UnitOfWork, at: datetime) -> tuple[Recipient, ...]:
        """Where neither a lead nor the desk has an address: whoever is on duty, chiefs apart."""
        if self._rules.last:
            return self._rules.last
        found = {
            each.email: Recipient(each.email, each.language, each.technician_id)
            for each in uow.escalations.list_present(at)
            if each.email and each.level not in THIRD_LEVEL
        }
        return tuple(found.values())

    def _mail(self, uow: UnitOfWork, number: int, to: Recipient, at: datetime) -> None:
        view, due = uow.tickets.view(number), self._commitments.due(uow, number)
        subject, body = self._mail_text.ticket(view, to, due)
        uow.outbox.add(NewMail(number, to.address, subject, body, view.rehearsal, at))
