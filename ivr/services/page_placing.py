"""Asking a telephone to ring for a page, and to stop.

Outside any transaction, with a note in the ledger before and after: a worker that dies in between is
followed by one that asks whether the call is up before it rings again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ivr.callflow.alert_call import alert_prompts
from ivr.callflow.alert_session import LEG_SECONDS, MAX_REPEATS
from ivr.services.alert_facts import AlertFactsReader
from ivr.services.escalation_store import PENDING, Channel, EscalationState, PageRecord, PageState
from ivr.services.escalations import wake_bundled_in, wake_in
from ivr.services.outbound import OutboundCall, OutboundError, Telephone
from ivr.services.ports import Clock, Foresight, Observer
from ivr.services.stores import Storage
from ivr.services.timers import CLAIM

LEG_LEASE_SECONDS = LEG_SECONDS * (MAX_REPEATS + 1) + 10
"""How long an answered alert can take to decide, with some room for a slow carrier."""
MAX_PLACINGS = 3
SCRIPT = "alert_call"


class PagePlacing:
    """Rings by the first telephone that is there. `talk_seconds` is for a customer called back."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        observer: Observer,
        telephones: Callable[[], Sequence[Telephone]],
        talk_seconds: int,
        facts: AlertFactsReader,
        foresight: Callable[[], Foresight],
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._observer = observer
        self._telephones = telephones
        self._talk_seconds = talk_seconds
        self._facts = facts
        self._foresight = foresight

    def place(self, page: PageRecord) -> None:
        """Outside any transaction; a telephone that is not there is followed by the other one."""
        call = OutboundCall(
            page.id,
            page.address,
            page.ring_seconds,
            page.ring_seconds + LEG_LEASE_SECONDS + self._seconds_to_talk(page),
            SCRIPT,
        )
        self._foresee(page)
        error: OutboundError | None = None
        for telephone in self._telephones():
            try:
                asked = page.placings > 0 and telephone.name == page.telephone
                if asked and telephone.is_up(page.id, page.provider_id):
                    return self._placed(page, page.provider_id or page.id)
                if not self._is_wanted(page, telephone):
                    return None
                return self._placed(page, telephone.place(call))
            except OutboundError as trouble:
                error = trouble
        return self._not_placed(page, error)

    def _foresee(self, page: PageRecord) -> None:
        """While it rings, what it will say is made ready; it rings in any case."""
        now = self._clock.now()
        try:
            with self._storage.reading() as uow:
                running = uow.escalations.get(page.escalation_id)
                facts = self._facts.read(uow, page, running, now)
            self._foresight().foresee(alert_prompts(facts, now))
        except Exception as error:  # noqa: BLE001 - whatever fails here, somebody is to be rung
            reason = f"{type(error).__name__}: {error}"
            self._observer.trouble("page_not_prepared", page=page.id, reason=reason)

    def _seconds_to_talk(self, page: PageRecord) -> int:
        """With a customer who waits to be called back from this leg."""
        with self._storage.reading() as uow:
            number = uow.escalations.get(page.escalation_id).ticket_number
            callback = uow.callbacks.find_latest(number)
        return 0 if callback is None or callback.is_settled else self._talk_seconds

    def _is_wanted(self, page: PageRecord, telephone: Telephone) -> bool:
        """Looked up at the last moment: after an acknowledgement nothing rings."""
        with self._storage.writing() as uow:
            running = uow.escalations.lock(page.escalation_id)
            if running.state is not EscalationState.OPEN:
                now = self._clock.now()
                uow.pages.note(page.id, PageState.CANCELLED, now)
                wake_bundled_in(uow, page.id, now)
                return False
            uow.pages.placing(page.id, telephone.name)
            return True

    def _placed(self, page: PageRecord, provider_id: str) -> None:
        """An end that was told before this was written has set the deadline already."""
        now = self._clock.now()
        until = now + timedelta(seconds=page.ring_seconds + LEG_LEASE_SECONDS)
        with self._storage.writing() as uow:
            running = uow.escalations.lock(page.escalation_id)
            uow.pages.placed(page.id, provider_id, now, until)
            rings = uow.pages.get(page.id)
            if running.state is EscalationState.OPEN:
                due = max(until, running.deadline) if rings.state in PENDING else running.deadline
                wake_in(uow, running.id, min([due, *_missed(uow.pages.list_of(running.id))]))
                return
        self.hang_up(rings)

    def _not_placed(self, page: PageRecord, error: OutboundError | None) -> None:
        now, reason = self._clock.now(), str(error) if error is not None else "no telephone"
        with self._storage.writing() as uow:
            running = uow.escalations.lock(page.escalation_id)
            placings = uow.pages.get(page.id).placings
            if running.state is not EscalationState.OPEN:
                return
            again = now
            if error is not None and error.retry and placings < MAX_PLACINGS:
                uow.pages.note(page.id, PageState.INTENDED, now, reason)
                again = now + timedelta(seconds=2**placings)
            else:
                uow.pages.note(page.id, PageState.FAILED, now, reason)
                wake_bundled_in(uow, page.id, now)
                self._observer.trouble("page_not_placed", page=page.id, reason=reason)
            others = [each for each in uow.pages.list_of(running.id) if each.id != page.id]
            if any(each.state in PENDING for each in others):
                again = max(again, running.deadline)
            wake_in(uow, running.id, again)

    def is_over(self, page: PageRecord) -> bool:
        """Whether its telephone is sure that this call is not up; outside any transaction."""
        return any(
            telephone.name == page.telephone and telephone.is_up(page.id, page.provider_id) is False
            for telephone in self._telephones()
        )

    def hang_up(self, page: PageRecord) -> None:
        """Where nobody answers, the call's own limits end it."""
        for telephone in self._telephones():
            if telephone.name == page.telephone:
                try:
                    telephone.hang_up(page.id, page.provider_id)
                except OutboundError as error:
                    self._observer.trouble("page_not_stopped", page=page.id, reason=str(error))


def _missed(pages: Sequence[PageRecord]) -> list[datetime]:
    """When those that this worker has still to ring have been left by a dead one."""
    intended = [each for each in pages if each.state is PageState.INTENDED]
    return [each.intended_at + CLAIM for each in intended if each.channel is Channel.CALL]
