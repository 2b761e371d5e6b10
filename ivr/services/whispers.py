"""What is told to whoever answers a rung telephone."""

from dataclasses import replace

from ivr.callflow.facts import LocationFacts, WhisperFacts
from ivr.callflow.prompts import Language
from ivr.callflow.requests import OrderState
from ivr.callflow.support_session import SupportSession
from ivr.services.context import Context
from ivr.services.desk_cards import DeskCards
from ivr.services.records import AttemptRecord


class Whispers:
    """Reads the caller's session."""

    def __init__(self, cards: DeskCards) -> None:
        self._cards = cards

    def facts(self, context: Context, attempt: AttemptRecord) -> WhisperFacts:
        """Who calls, as far as it is known when the telephone is answered."""
        turn = context.uow.calls.latest_turn(context.call_id)
        session = turn.session if turn is not None else SupportSession()
        caller, notice = session.caller, session.notice
        return WhisperFacts(
            language=Language(attempt.language),
            accept=attempt.accept,
            caller_language=session.language,
            customer=caller.customer,
            location=caller.location if caller.located else _without_name(caller.location),
            in_window=notice.window.open if notice is not None else None,
            ordered=notice.conditions.offer if notice and _is_ordered(session) else None,
            ticket=session.ticket,
            card=self._cards.spoken(context, attempt),
            calls=session.calls if _is_about(session) else 0,
        )


def _is_about(session: SupportSession) -> bool:
    """Who has called again and then ordered anew calls about a new ticket."""
    return session.about is not None and session.about.number == session.ticket


def _is_ordered(session: SupportSession) -> bool:
    return session.order is OrderState.ORDERED


def _without_name(location: LocationFacts | None) -> LocationFacts | None:
    """Where the place is not certain, none is named."""
    return replace(location, name="") if location is not None else None
