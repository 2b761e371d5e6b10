"""Calling again: what a call asks about an open ticket, and what it is told."""

from dataclasses import dataclass

from ivr.callflow.events import Event
from ivr.callflow.requests import Question


@dataclass(frozen=True, slots=True)
class JoinTicket(Question):
    """This call is about a ticket that is open. Answered by TicketJoined or TicketOver."""

    ticket: str


@dataclass(frozen=True, slots=True)
class TicketJoined(Event):
    """It is the call's ticket now; this is the caller's `calls`-th call about it."""

    ticket: str
    calls: int


@dataclass(frozen=True, slots=True)
class TicketOver(Event):
    """Somebody has closed it while the caller listened."""
