"""A technician is free again: cases that passed him over while he was on a call are looked at.

The end of a call only schedules a timer; the cases are woken by a worker, one transaction each, in the
order of plan and due time. Where the end is never heard of, the end of the lease does the same.
"""

from datetime import datetime, timedelta

from ivr.services.escalation_store import (
    PENDING,
    Channel,
    EscalationRecord,
    EscalationState,
)
from ivr.services.escalations import Escalations
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.timers import DueTimer
from ivr.services.turn_order import TurnOrder

FREED = "freed"
APART = timedelta(milliseconds=1)
"""Between two cases that are woken together, so that they are worked on in their order."""


def freed_key(technician_id: int) -> str:
    """The timer that looks at what waits for him."""
    return f"{FREED}:{technician_id}"


class Freed:
    """Notices that somebody is free, and wakes what waits for him."""

    def __init__(self, storage: Storage, escalations: Escalations, order: TurnOrder) -> None:
        self._storage = storage
        self._escalations = escalations
        self._order = order

    def ended_in(self, uow: UnitOfWork, technician_id: int | None, at: datetime) -> None:
        """An attempt of his has ended; harmless where nothing waits for him."""
        if technician_id is not None and uow.waiting.is_passed_over(technician_id):
            uow.timers.schedule(freed_key(technician_id), FREED, at, str(technician_id))

    def look_again(self, timer: DueTimer, now: datetime) -> None:
        """Wake the cases, the first first."""
        technician_id = int(timer.subject)
        with self._storage.reading() as uow:
            waiting = self._order.cases(uow.waiting.list_passed_over(technician_id))
        for place, escalation_id in enumerate(waiting):
            self._wake(escalation_id, technician_id, now + place * APART)
        with self._storage.writing() as uow:
            uow.timers.done(timer)

    def _wake(self, escalation_id: int, technician_id: int, due: datetime) -> None:
        """A case whose telephone rings just now is looked at when that is over.

        Where somebody else has him already, nothing is hurried; his next hang-up is heard of too.
        """
        with self._storage.writing() as uow:
            running = uow.escalations.lock(escalation_id)
            calls = uow.pages.list_of(escalation_id)
            rings = any(each.state in PENDING for each in calls if each.channel is Channel.CALL)
            if running.state is not EscalationState.OPEN or rings or running.deadline <= due:
                return
            if self._is_for(uow, running, technician_id, due):
                self._escalations.expedite_in(uow, running, due)

    def _is_for(
        self, uow: UnitOfWork, running: EscalationRecord, technician_id: int, at: datetime
    ) -> bool:
        if uow.attempts.is_engaged(technician_id, at, rehearsal=False):
            return False
        number, since = running.ticket_number, running.opened_at
        return self._order.left_for_case(uow, number, technician_id, since, at)
