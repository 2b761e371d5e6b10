"""Which agent has which call: a switch of his own, and a card that opens for whoever answered.

A queue that presses no key does not say which agent it has put through. Where only one agent takes
calls it was he; where several do, each sees the new card and the first who says so has it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.errors import AlreadyStoredError
from ivr.services.desk_records import Agent, Presence, WaitingCard
from ivr.services.ports import Clock
from ivr.services.stores import Storage

READY_FOR = timedelta(seconds=90)
"""Browsers let a page in the background ask once a minute; whoever is silent for longer is away."""

AT_WORK = timedelta(seconds=10)
"""Whoever was on an undecided card so lately may have something in it that is not saved."""

TOLD_FOR = timedelta(hours=12)
"""Whose browser fell silent is told so until he says what he wants, but not for ever."""


@dataclass(frozen=True, slots=True)
class Duty:
    """How one agent stands, and what the desk has before it.

    `lapsed_at`: he took calls until then, and his browser was not heard of any more.
    """

    is_ready: bool
    lapsed_at: datetime | None
    ringing: Sequence[WaitingCard] = ()
    waiting: Sequence[WaitingCard] = ()


class DeskDuty:
    """Knows who takes calls, and gives each answered call to one agent."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def switch(self, agent: Agent, *, ready: bool) -> None:
        """He takes calls from now on, or no more."""
        with suppress(AlreadyStoredError), self._storage.writing() as uow:
            if ready:
                uow.desk.be_ready(agent, self._clock.now())
            else:
                uow.desk.be_away(agent.id)

    def ready(self, agent: Agent) -> Sequence[Presence]:
        """Who takes calls; that this agent is still there is written down once in a while."""
        now = self._clock.now()
        with self._storage.reading() as uow:
            found = uow.desk.list_ready(now - READY_FOR)
        if any(each.person_id == agent.id and _is_due(each, now) for each in found):
            self.switch(agent, ready=True)
        return found

    def duty(self, agent: Agent) -> Duty | None:
        """For the head of every page; None for who has not said that he takes calls."""
        now = self._clock.now()
        with self._storage.reading() as uow:
            found = uow.desk.list_ready(now - TOLD_FOR)
            mine = next((each for each in found if each.person_id == agent.id), None)
            if mine is None:
                return None
            if now - mine.seen_at >= READY_FOR:
                return Duty(is_ready=False, lapsed_at=mine.seen_at)
            ringing, waiting = uow.desk.list_ringing(), uow.desk.list_waiting()
        if _is_due(mine, now):
            self.switch(agent, ready=True)
        return Duty(is_ready=True, lapsed_at=None, ringing=tuple(ringing), waiting=tuple(waiting))

    def waiting(self) -> Sequence[WaitingCard]:
        """Calls that the desk has answered and that are nobody's yet."""
        with self._storage.reading() as uow:
            return uow.desk.list_waiting()

    def arrived(self, agent: Agent, ready: Sequence[Presence]) -> str | None:
        """The card that opens by itself for him: the one new call, while nobody else takes any."""
        if [each.person_id for each in ready] != [agent.id]:
            return None
        with self._storage.reading() as uow:
            waiting = uow.desk.list_waiting()
            busy = uow.desk.has_work(agent.id, self._clock.now() - AT_WORK)
        if len(waiting) != 1 or busy:
            return None
        took = self.take(waiting[0].id, agent) is None
        return waiting[0].id if took else None

    def take(self, card_id: str, agent: Agent) -> str | None:
        """None if it is his now, or was already; else who was first. Raises LookupError."""
        with self._storage.writing() as uow:
            if uow.desk.take(card_id, agent, self._clock.now()):
                return None
            card = uow.desk.get(card_id)
        return card.taken_name if card.taken_by != agent.id else None


def _is_due(seen: Presence, now: datetime) -> bool:
    return now - seen.seen_at >= READY_FOR / 6
