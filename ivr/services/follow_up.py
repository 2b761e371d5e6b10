"""Who is asked after a bridge, and what becomes of his yes."""

from collections.abc import Mapping

from ivr.callflow.events import Event, FollowUpPrepared, NothingToAsk
from ivr.callflow.facts import AttemptResult
from ivr.callflow.prompts import Language
from ivr.callflow.requests import NoteFirstReaction, PrepareFollowUp
from ivr.contracts.faults import Fact
from ivr.services.context import Context, Executors
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults
from ivr.services.records import AttemptRecord

MARK = "f"
"""After the id of the ring attempt it names the leg of the follow-up."""


def follow_up_leg(attempt_id: str) -> str:
    """The id of the leg that follows the bridge of a ring attempt."""
    return attempt_id + MARK


class FollowUp:
    """Asks the technician who took a call with a ticket, and writes his first reaction down.

    `words` is what then stands on the ticket, by language.
    """

    def __init__(self, faults: Faults, escalations: Escalations, words: Mapping[str, str]) -> None:
        self._escalations = escalations
        self._faults = faults
        self._words = words

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {PrepareFollowUp: self.prepare, NoteFirstReaction: self.note}

    def prepare(self, context: Context, request: PrepareFollowUp) -> Event:
        """Only a technician, only for a ticket, and only while nobody has reacted yet."""
        attempt = self._attempt(context)
        number = context.uow.calls.get(context.call_id).ticket_number
        if attempt.technician_id is None or attempt.result is not AttemptResult.ACCEPTED:
            return NothingToAsk(context.at)
        if number is None or self._has_reacted(context, number):
            return NothingToAsk(context.at)
        return FollowUpPrepared(context.at, Language(attempt.language))

    def note(self, context: Context, request: NoteFirstReaction) -> None:
        """By the technician, at this instant; somebody else's a moment earlier stands."""
        number = context.uow.calls.get(context.call_id).ticket_number
        assert number is not None  # noqa: S101
        context.uow.facts.lock(number)
        if self._has_reacted(context, number):
            return
        attempt = self._attempt(context)
        facts = {Fact.FIRST_REACTION: self._words[attempt.language]}
        self._faults.note_in(context.uow, number, attempt.name, facts, None, context.at)
        self._escalations.close_in(context.uow, number, "reacted", context.at)

    def _has_reacted(self, context: Context, number: int) -> bool:
        said = context.uow.facts.list_of(number)
        return any(each.fact is Fact.FIRST_REACTION for each in said)

    @staticmethod
    def _attempt(context: Context) -> AttemptRecord:
        return context.uow.attempts.get(context.leg_id.removesuffix(MARK))
