"""The message, and the ticket that remembers every caller who met nobody.

The caller is told that he is recorded (B.10); a message has one second to three minutes and ends
with `#`, with silence or with the hang-up, which is how most people end one. The ticket number is
read digit by digit. Somebody who wanted a person and left no words still leaves a ticket.
"""

from dataclasses import replace

from ivr.callflow.events import CallerHungUp, MessageRecorded, RecordingEnd, TicketOpened
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import Digits, PromptKey
from ivr.callflow.requests import (
    AttachMessage,
    CallResult,
    CloseCall,
    OpenTicket,
    Question,
    TicketKind,
)
from ivr.callflow.support_session import State, SupportSession, SupportTurn
from ivr.callflow.verbs import HangUp, Play, Record

MIN_SECONDS = 1.0
MAX_TRIES = 2


def ask(session: SupportSession, *keys: PromptKey) -> SupportTurn:
    """Announce the recording and record."""
    prompts = tuple(session.say(key) for key in keys)
    return Turn(session.to(State.LEAVING_MESSAGE), (Record(prompts),))


def recorded(session: SupportSession, event: MessageRecorded) -> SupportTurn:
    """Keep what is long enough; ask once more for what is not."""
    over = event.ended_by is RecordingEnd.HANGUP
    if event.seconds >= MIN_SECONDS:
        return _store(session, _keep(session, event), CallResult.MESSAGE, hung_up=over)
    session = session.again()
    if over or session.tries >= MAX_TRIES:
        return _remember(session, hung_up=over)
    again = Record((session.say(PromptKey.ASK_MESSAGE_AGAIN),))
    return Turn(session, (again,))


def _keep(session: SupportSession, event: MessageRecorded) -> Question:
    if session.ticket is not None:
        return AttachMessage(session.ticket, event.recording, event.seconds)
    ticket = ticket_request(session, TicketKind.MESSAGE)
    return replace(ticket, recording=event.recording, seconds=event.seconds)


def hung_up(session: SupportSession, event: CallerHungUp) -> SupportTurn:
    """Gone without a word: the ticket of the order stands, or a missed call is remembered."""
    return _remember(session, hung_up=True)


def _remember(session: SupportSession, *, hung_up: bool) -> SupportTurn:
    if session.ticket is None:
        missed = ticket_request(session, TicketKind.MISSED_CALL)
        return _store(session, missed, CallResult.MISSED, hung_up=hung_up)
    farewell = () if hung_up else _farewell(session, session.ticket)
    return Turn(session.to(State.ENDED), (CloseCall(CallResult.MISSED), *farewell, HangUp()))


def _store(
    session: SupportSession, ticket: Question, result: CallResult, *, hung_up: bool
) -> SupportTurn:
    state = State.STORING_LAST_WORDS if hung_up else State.STORING_MESSAGE
    return Turn(session.to(state), (CloseCall(result), ticket))


def stored(session: SupportSession, event: TicketOpened) -> SupportTurn:
    """Read the number digit by digit and say goodbye."""
    ended = replace(session, ticket=event.number).to(State.ENDED)
    return Turn(ended, (*_farewell(session, event.number), HangUp()))


def stored_after_hang_up(session: SupportSession, event: TicketOpened) -> SupportTurn:
    """Nobody is there to hear the number; the mail tells it."""
    return Turn(replace(session, ticket=event.number).to(State.ENDED), (HangUp(),))


def _farewell(session: SupportSession, ticket: str) -> tuple[Play]:
    return (Play((session.say(PromptKey.TICKET_NUMBER, ticket=Digits(ticket)),)),)


def ticket_request(session: SupportSession, kind: TicketKind) -> OpenTicket:
    """A ticket with what is known of the caller."""
    caller = session.caller
    return OpenTicket(
        kind,
        caller.customer.id if caller.customer else None,
        caller.location.id if caller.location and caller.located else None,
    )
