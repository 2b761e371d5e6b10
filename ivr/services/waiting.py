"""The queue of callers who wait for a technician."""

from ivr.callflow.events import LegsReserved
from ivr.callflow.requests import AwaitTechnician, LeaveQueue, ReserveLegs
from ivr.services.context import Context, Executors
from ivr.services.dispatch import Dispatch
from ivr.services.freed import Freed
from ivr.services.turn_order import TurnOrder


class WaitingCallers:
    """Keeps the queue, and gives the next one his technician."""

    def __init__(self, dispatch: Dispatch, order: TurnOrder, freed: Freed) -> None:
        self._dispatch = dispatch
        self._order = order
        self._freed = freed

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {AwaitTechnician: self.look, LeaveQueue: self.leave}

    def look(self, context: Context, request: AwaitTechnician) -> LegsReserved:
        """One look: he is in the queue, or it is his turn and he leaves it."""
        uow = context.uow
        uow.roster.lock()
        wanted = tuple(each.technician_id for each in request.targets if each.technician_id)
        uow.waiting.wait(context.call_id, request.since, context.at, wanted)
        for target in request.targets:
            legs = self._dispatch.reserve(context, ReserveLegs((target,))).legs
            if legs:
                uow.waiting.leave(context.call_id)
                left = tuple(one for one in wanted if one != target.technician_id)
                return LegsReserved(context.at, legs, left)
        return LegsReserved(context.at, (), wanted)

    def leave(self, context: Context, request: LeaveQueue) -> None:
        """Whoever was kept for him is free for others."""
        for technician_id in context.uow.waiting.leave(context.call_id):
            self._freed.ended_in(context.uow, technician_id, context.at)
