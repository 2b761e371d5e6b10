"""Whose turn with a technician it is: callers in the queue, callers who come now, open cases.

All are judged by one order (critical first, plan, due time, since when), under the lock that
reservations share.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from ivr.contracts.plans import Plan
from ivr.roster.waiting import Place, Waiting, left_for
from ivr.services.context import Context
from ivr.services.stores import UnitOfWork
from ivr.services.waiting_store import CallPlace, CasePlace

PRESENT = timedelta(seconds=30)
"""Who waits is looked after every few seconds; whose telephone died unheard bars nobody for longer."""


class TurnOrder:
    """Puts callers and cases in their order; plans are given best first."""

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._ranks = {plan_id: rank for rank, plan_id in enumerate(plans)}

    def left_for_call(self, context: Context, technicians: Sequence[int]) -> Collection[int]:
        """Those of the free on whom no other caller has an earlier right.

        While everybody is on a call, the queue is not read: hundreds look every few seconds.
        """
        uow, rehearsal = context.uow, context.uow.calls.get(context.call_id).rehearsal
        engaged = uow.attempts.is_engaged
        free = [one for one in technicians if not engaged(one, context.at, rehearsal=rehearsal)]
        if not free:
            return free
        queue = self._queue(uow, context.at, rehearsal=rehearsal)
        others = [each for each in queue if each.place.id != context.call_id]
        if not others:
            return free
        own = self.place(uow.waiting.place_of(context.call_id, context.at))
        return self._left(uow, own, others, free, context.at, rehearsal=rehearsal)

    def left_for_case(
        self, uow: UnitOfWork, ticket_number: int, technician_id: int, since: datetime, at: datetime
    ) -> bool:
        """Whether no waiting caller has an earlier right on him than this ticket."""
        queue = self._queue(uow, at, rehearsal=False)
        if not queue:
            return True
        own = self.place(uow.waiting.case_place(ticket_number, since))
        return bool(self._left(uow, own, queue, (technician_id,), at, rehearsal=False))

    def cases(self, found: Sequence[CasePlace]) -> list[int]:
        """Escalations in the order in which they are to be looked at."""
        places = {
            each.escalation_id: Place(
                self._rank(each.plan_id),
                each.due,
                each.opened_at,
                f"{each.escalation_id:012}",
                each.severity,
            )
            for each in found
        }
        return sorted(places, key=lambda each: places[each].order)

    def _left(
        self,
        uow: UnitOfWork,
        own: Place,
        others: Sequence[Waiting],
        technicians: Sequence[int],
        at: datetime,
        *,
        rehearsal: bool,
    ) -> Collection[int]:
        """Callers ahead may want technicians of their own: these are looked at too."""
        wanted = dict.fromkeys(
            [*technicians, *(one for each in others for one in each.technicians)]
        )
        engaged = uow.attempts.is_engaged
        free = [one for one in wanted if not engaged(one, at, rehearsal=rehearsal)]
        left = left_for(own, others, free)
        return [one for one in technicians if one in left]

    def _queue(self, uow: UnitOfWork, at: datetime, *, rehearsal: bool) -> list[Waiting]:
        present = uow.waiting.list_present(at - PRESENT, rehearsal=rehearsal)
        return [Waiting(self.place(each), each.technicians) for each in present]

    def place(self, found: CallPlace) -> Place:
        """The board of the desk is in the same order."""
        rank = self._rank(found.plan_id)
        return Place(rank, found.due, found.since, found.call_id, found.severity)

    def _rank(self, plan_id: str | None) -> int:
        return self._ranks.get(plan_id or "", len(self._ranks))
