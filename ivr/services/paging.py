"""Ringing somebody for a case, step after step, whatever happens to the process that does it.

A page is written into the ledger before a telephone is asked to ring, and again when it rings. A line
that says "intended" with nobody at work on it is where a worker died: the telephone is asked whether
our call is up, and in doubt it rings again, because twice is better than never. After the
acknowledgement nothing rings: the escalation is over at that commit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ivr.contracts.ticket_states import ENDS
from ivr.errors import WriteConflictError
from ivr.services.escalation_store import (
    PENDING,
    Channel,
    EscalationRecord,
    EscalationState,
    PageRecord,
    PageState,
)
from ivr.services.escalations import ESCALATE, STOP, escalate_key, wake_bundled_in, wake_in
from ivr.services.faults import Faults
from ivr.services.freed import Freed
from ivr.services.page_choice import Choice, PageChoice
from ivr.services.page_notices import PageNotices
from ivr.services.page_placing import LEG_LEASE_SECONDS, PagePlacing
from ivr.services.page_texts import PageTexts
from ivr.services.page_turns import gives_way
from ivr.services.ports import Observer
from ivr.services.reports import DialStatus
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.timers import CLAIM, GIVE_WAY, DueTimer
from ivr.services.work_pages import page_of

STRANDED = timedelta(seconds=10)
UNHEARD = timedelta(seconds=10)
"""So long after its ringing time a call without an end is asked after."""
SWEEP, SWEEP_EVERY = "sweep", timedelta(seconds=15)
_ENDED = {
    DialStatus.ANSWERED: PageState.NO_KEY,
    DialStatus.BUSY: PageState.BUSY,
    DialStatus.NO_ANSWER: PageState.NO_ANSWER,
    DialStatus.FAILED: PageState.FAILED,
    DialStatus.CANCELLED: PageState.NO_ANSWER,
}


class Paging:
    """The jobs of an escalation, and what telephones report of its calls."""

    def __init__(
        self,
        storage: Storage,
        observer: Observer,
        faults: Faults,
        choice: PageChoice,
        notices: PageNotices,
        texts: PageTexts,
        placing: PagePlacing,
        freed: Freed,
    ) -> None:
        self.placing = placing
        self._freed = freed
        self._storage = storage
        self._observer = observer
        self._faults = faults
        self._choice = choice
        self._notices = notices
        self._texts = texts

    def escalate(self, timer: DueTimer, now: datetime) -> None:
        """The deadline of an escalation: ring whoever comes next."""
        with self._storage.writing() as uow:
            pages, lost = self._prepare(uow, timer, now)
        for page in lost:
            self.placing.hang_up(page)
        for page in pages:
            self.placing.place(page)

    def _prepare(
        self, uow: UnitOfWork, timer: DueTimer, now: datetime
    ) -> tuple[Sequence[PageRecord], Sequence[PageRecord]]:
        """What to place, and calls whose end nobody has told us."""
        uow.roster.lock()  # first of all locks, everywhere: who waits for it holds nothing
        running = uow.escalations.lock(int(timer.subject))
        if running.state is not EscalationState.OPEN:
            uow.timers.done(timer)
            return (), ()
        if self._is_over(uow, running.ticket_number, now):
            uow.escalations.settle(running.id, EscalationState.CLOSED, now, "over")
            uow.timers.schedule(f"{STOP}:{running.id}", STOP, now, str(running.id))
            uow.timers.done(timer)
            return (), ()
        if running.deadline > now:
            uow.timers.schedule(timer.key, ESCALATE, running.deadline, timer.subject)
            return (), ()
        if gives_way(uow, running, now):
            uow.timers.schedule(timer.key, ESCALATE, now + GIVE_WAY, timer.subject)
            return (), ()
        return self._go_on_from(uow, timer, running, now)

    def _go_on_from(
        self, uow: UnitOfWork, timer: DueTimer, running: EscalationRecord, now: datetime
    ) -> tuple[Sequence[PageRecord], Sequence[PageRecord]]:
        calls = [
            page
            for page in uow.pages.list_of(running.id)
            if page.channel is Channel.CALL and page.state in PENDING
        ]
        unplaced = [page for page in calls if page.state is PageState.INTENDED]
        if any(_is_being_placed(page, now) for page in unplaced):
            missed = max(page.intended_at for page in unplaced) + CLAIM
            uow.timers.schedule(timer.key, ESCALATE, missed, timer.subject)
            return (), ()
        if unplaced:
            return unplaced, ()
        answered = [page for page in calls if page.state is PageState.ANSWERED]
        heard = max((_heard_by(page) for page in answered), default=now)
        if heard > now:  # whatever has woken the case, nobody is cut off while he listens
            uow.timers.schedule(timer.key, ESCALATE, heard, timer.subject)
            return (), ()
        for page in calls:
            self._give_up(uow, page, now)
        return self._go_on(uow, timer, self._choice.choose(uow, running, now), now), calls

    def _give_up(self, uow: UnitOfWork, page: PageRecord, now: datetime) -> None:
        """Its time is over, and nobody has told how it ended; who waited for it goes on."""
        uow.pages.note(page.id, PageState.NO_ANSWER, now, "no event")
        self._freed.ended_in(uow, page.technician_id, now)
        wake_bundled_in(uow, page.id, now)

    def _is_over(self, uow: UnitOfWork, ticket_number: int, now: datetime) -> bool:
        """Whoever ended the case need not have thought of the search for somebody."""
        return page_of(uow, self._faults, ticket_number, now).phase in ENDS

    def _go_on(
        self, uow: UnitOfWork, timer: DueTimer, choice: Choice, now: datetime
    ) -> Sequence[PageRecord]:
        running = uow.escalations.get(int(timer.subject))
        self._texts.write(uow, running, choice.entered, now)
        if choice.exhausted:
            uow.escalations.settle(running.id, EscalationState.EXHAUSTED, now)
            uow.timers.done(timer)
            self._notices.exhausted(uow, running, now)
            return ()
        if choice.look_again is not None:
            uow.escalations.move(running.id, choice.round, choice.step, choice.look_again)
            uow.timers.schedule(timer.key, ESCALATE, choice.look_again, timer.subject)
        return choice.pages

    def ended(self, page_id: str, status: DialStatus, at: datetime) -> None:
        """A telephone tells that a call of ours is over; harmless when told twice or too late."""
        try:
            self._ended(page_id, status, at)
        except WriteConflictError:
            self.ended(page_id, status, at)

    def _ended(self, page_id: str, status: DialStatus, at: datetime) -> None:
        with self._storage.writing() as uow:
            try:
                page = uow.pages.get(page_id)
            except LookupError:
                return
            state = _ENDED[status]
            uow.roster.lock()
            running = uow.escalations.lock(page.escalation_id)
            if status is DialStatus.CANCELLED and running.state is not EscalationState.OPEN:
                state = PageState.CANCELLED  # by us: its own end was faster than our note
            self.settle_in(uow, page, state, at)

    def settle_in(self, uow: UnitOfWork, page: PageRecord, state: PageState, at: datetime) -> None:
        """Write what came of a call, and let the next one ring at once."""
        running = uow.escalations.lock(page.escalation_id)
        if not uow.pages.note(page.id, state, at) or state in PENDING:
            return
        self._freed.ended_in(uow, page.technician_id, at)
        wake_bundled_in(uow, page.id, at)
        calls = uow.pages.list_of(running.id)
        if any(each.state in PENDING for each in calls if each.channel is Channel.CALL):
            return
        wake_in(uow, running.id, at)

    def stop(self, timer: DueTimer, now: datetime) -> None:
        """After the acknowledgement: whatever still rings is hung up, and only then noted as such."""
        with self._storage.reading() as uow:
            ringing = [
                page
                for page in uow.pages.list_of(int(timer.subject))
                if page.channel is Channel.CALL and page.state in PENDING
            ]
        for page in ringing:
            if page.placings > 0:
                self.placing.hang_up(page)
        with self._storage.writing() as uow:
            for page in ringing:
                uow.pages.note(page.id, PageState.CANCELLED, now)
                self._freed.ended_in(uow, page.technician_id, now)
                wake_bundled_in(uow, page.id, now)
            uow.timers.done(timer)

    def sweep(self, timer: DueTimer, now: datetime) -> None:
        """What was lost on the way to us: timers, of which none ever should be, and ends of calls."""
        with self._storage.writing() as uow:
            for escalation_id in uow.escalations.list_stranded(now - STRANDED):
                self._observer.trouble("escalation_repaired", escalation=escalation_id)
                uow.timers.schedule(escalate_key(escalation_id), ESCALATE, now, str(escalation_id))
            uow.timers.schedule(SWEEP, SWEEP, now + SWEEP_EVERY, SWEEP)
            rung = uow.pages.list_rung(now - UNHEARD)
        for page in rung:
            if _has_rung_out(page, now) and self.placing.is_over(page):
                self._settle_unheard(page, now)

    def _settle_unheard(self, page: PageRecord, now: datetime) -> None:
        """Its end was told while the database was away, or not at all: the next telephone rings."""
        answered = page.state is PageState.ANSWERED
        with self._storage.writing() as uow:
            uow.roster.lock()
            state = PageState.NO_KEY if answered else PageState.NO_ANSWER
            self.settle_in(uow, page, state, now)
        self._observer.trouble("page_end_unheard", page=page.id)


def _has_rung_out(page: PageRecord, now: datetime) -> bool:
    """Or was answered: what is up any longer is a call in which somebody decides."""
    assert page.placed_at is not None  # noqa: S101
    return now - page.placed_at >= timedelta(seconds=page.ring_seconds) + UNHEARD


def _heard_by(page: PageRecord) -> datetime:
    """When whoever has answered must have decided."""
    seconds = page.ring_seconds + LEG_LEASE_SECONDS
    return (page.placed_at or page.intended_at) + timedelta(seconds=seconds)


def _is_being_placed(page: PageRecord, now: datetime) -> bool:
    """By whoever wrote it down, if he lives; who waits to try it again has noted why."""
    return page.error is None and now - page.intended_at < CLAIM
