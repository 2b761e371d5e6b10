"""The same person once more, after a bridge that was lost within seconds."""

from ivr.callflow.events import LegsReserved
from ivr.callflow.facts import AttemptResult
from ivr.callflow.requests import ReserveAgain, ReserveLegs
from ivr.roster.hunt import Target
from ivr.services.context import Context, Executors
from ivr.services.dispatch import Dispatch
from ivr.services.records import AttemptRecord


class Reconnection:
    """Gives a call back to be accepted anew, by whoever had it last."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {ReserveAgain: self.reserve}

    def reserve(self, context: Context, request: ReserveAgain) -> LegsReserved:
        """His telephone again, past the dial guard, unless another call has taken him meanwhile."""
        attempts = context.uow.attempts.list_of(context.call_id)
        accepted = [each for each in attempts if each.result is AttemptResult.ACCEPTED]
        if not accepted:
            return LegsReserved(context.at, ())
        context.uow.calls.release(context.call_id, accepted[-1].id)
        return self._dispatch.reserve_again(context, ReserveLegs((_target(accepted[-1]),)))


def _target(attempt: AttemptRecord) -> Target:
    return Target(
        name=attempt.name,
        level=attempt.level,
        number=attempt.number,
        language=attempt.language,
        ring_seconds=attempt.ring_seconds,
        accept=attempt.accept,
        technician_id=attempt.technician_id,
    )
