"""What an agent of the service desk does on a card before it comes to an order.

Every step is a transaction of its own under the lock of the card's call, with the name of who took
it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.callflow import codec
from ivr.callflow.prompts import Language
from ivr.callflow.requests import IdentifyCaller
from ivr.desk.card import (
    HERE,
    Check,
    Merged,
    Missing,
    Outcome,
    Writing,
    callback_number,
    cleaned,
    merge,
)
from ivr.errors import AlreadyStoredError, PikettError
from ivr.services.context import Context
from ivr.services.desk_cards import DeskCards
from ivr.services.desk_records import Agent, CardRecord, FoundCustomer
from ivr.services.desk_sight import Sight, Sights
from ivr.services.identification import Identification
from ivr.services.ports import Clock
from ivr.services.stores import Storage, UnitOfWork

MAX_FOUND = 20


class NotReadyError(PikettError):
    """An agent asked for what the card does not allow yet, or no more; `missing` says why."""

    def __init__(self, *missing: Missing) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Work:
    """A card whose call is locked, at the present instant of this call."""

    uow: UnitOfWork
    card: CardRecord
    at: datetime

    @property
    def context(self) -> Context:
        """What a request is carried out in."""
        return Context(self.uow, self.card.call_id, self.card.call_id, self.at)


@contextmanager
def working(
    storage: Storage, clock: Clock, card_id: str, *, settled: bool = False
) -> Iterator[Work]:
    """One step on a card; refused on one that is closed, and on a settled one unless it may be."""
    with storage.writing() as uow:
        uow.calls.lock(uow.desk.get(card_id).call_id)
        card = uow.desk.get(card_id)
        if card.closed_at is not None or (card.outcome is not Outcome.OPEN and not settled):
            raise NotReadyError(Missing.SETTLED)
        yield Work(uow, card, call_time(uow, card, clock))


def call_time(uow: UnitOfWork, card: CardRecord, clock: Clock) -> datetime:
    """A rehearsal has a time of its own."""
    shift = uow.calls.get(card.call_id).clock_shift_seconds
    return clock.now() + timedelta(seconds=shift)


def writing_of(card: CardRecord) -> Writing:
    """What is stored of what agents write."""
    return Writing(
        caller_name=card.caller_name,
        callback_number=card.callback_number,
        location_id=str(card.location_id or ""),
        language=card.language or "",
        words=card.words,
    )


class Desk:
    """Opens cards, shows them, and keeps what an agent writes, checks and explains."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        sights: Sights,
        cards: DeskCards,
        identification: Identification,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._sights = sights
        self._cards = cards
        self._identification = identification

    def search(self, text: str) -> Sequence[FoundCustomer]:
        """Customers by name, place, number or telephone; nothing for a single letter."""
        text = text.replace("\0", "").strip()[:80]
        if len(text) < 2:
            return ()
        with self._storage.reading() as uow:
            return uow.desk.search(text, MAX_FOUND)

    def suggest(self, card_id: str) -> Sequence[FoundCustomer]:
        """Whose number the caller shows; several may share it, and it proves nothing."""
        with self._storage.reading() as uow:
            card = uow.desk.get(card_id)
            number = uow.calls.get(card.call_id).caller_number
            if number is None:
                return ()
            context = Context(uow, card.call_id, card.call_id, self._clock.now())
            found = self._identification.identify(context, IdentifyCaller(number)).customers
        return [
            FoundCustomer(
                each.id, each.number, each.name, ", ".join(place.name for place in each.locations)
            )
            for each in found
        ]

    def find(self, number: str) -> str | None:
        """The open card that a whisper named."""
        if not (number.isascii() and number.isdigit() and len(number) <= 3):
            return None
        with self._storage.reading() as uow:
            return uow.desk.find_open(int(number))

    def open_direct(self, customer_id: int | None, agent: Agent | None = None) -> str:
        """A card for a caller who dialled the desk; raises LookupError for an unknown customer."""
        now = self._clock.now()
        with self._storage.writing() as uow:
            if customer_id is not None:
                uow.customers.get(customer_id, now.date())
            card_id = self._cards.open_direct(uow, customer_id, now)
            if agent is not None:
                uow.desk.take(card_id, agent, now)
            return card_id

    def view(self, card_id: str) -> Sight:
        """All that the card shows; raises LookupError."""
        with self._storage.reading() as uow:
            card = uow.desk.get(card_id)
            return self._sights.of(uow, card, call_time(uow, card, self._clock))

    def see(self, card_id: str, agent: Agent) -> Sequence[str]:
        """This agent is here; who else is? Written down once in a while, not at every question."""
        now = self._clock.now()
        with self._storage.reading() as uow:
            uow.desk.get(card_id)
            present = [each for each in uow.desk.list_present(card_id) if now - each.seen_at < HERE]
        mine = [each for each in present if each.person_id == agent.id]
        if not mine or now - mine[0].seen_at >= HERE / 4:
            with suppress(AlreadyStoredError), self._storage.writing() as uow:
                uow.desk.see(card_id, agent, now)
        return [each.name for each in present if each.person_id != agent.id]

    def save(
        self, card_id: str, agent: Agent, was: Writing, mine: Writing, preconditions: bool | None
    ) -> Merged:
        """Keep what he wrote; of a field that somebody else changed too, nothing is overwritten."""
        with working(self._storage, self._clock, card_id, settled=True) as work:
            stored = writing_of(work.card)
            merged = merge(was, self._sensible(work, cleaned(mine), stored), stored)
            changed = merged.writing != stored
            if preconditions not in (None, work.card.preconditions_met):
                work.uow.desk.change(card_id, agent.name, preconditions_met=preconditions)
            if changed:
                work.uow.desk.change(card_id, agent.name, **_columns(merged.writing))
            return merged

    def _sensible(self, work: Work, mine: Writing, stored: Writing) -> Writing:
        """A number in its one spelling; a place of another customer, or no language, is left out."""
        sight = self._sights.of(work.uow, work.card, work.at)
        places = {str(place.id) for place in sight.customer.locations} if sight.customer else set()
        number = callback_number(mine.callback_number)
        return Writing(
            caller_name=mine.caller_name,
            callback_number=number or (stored.callback_number if mine.callback_number else ""),
            location_id=mine.location_id if mine.location_id in places | {""} else "",
            language=mine.language if mine.language in set(Language) | {""} else "",
            words=mine.words,
        )

    def choose_customer(self, card_id: str, agent: Agent, customer_id: int) -> None:
        """Who it is, as the agent found out; what was checked and explained was for another."""
        with working(self._storage, self._clock, card_id) as work:
            work.uow.customers.get(customer_id, work.at.date())
            if customer_id != work.card.customer_id:
                put_customer(work, agent, customer_id)

    def explain(self, card_id: str, agent: Agent, sha256: str) -> None:
        """The words on his page were read out; refused if they are no longer what holds."""
        with working(self._storage, self._clock, card_id) as work:
            notice = self._sights.of(work.uow, work.card, work.at)
            if notice.notice is None or notice.notice.sha256 != sha256:
                raise NotReadyError(Missing.EXPLAINED)
            work.uow.desk.change(
                card_id,
                agent.name,
                explained_at=work.at,
                explained_by=agent.name,
                explained_sha256=sha256,
                explained_text=notice.notice.text,
                explained_notice=codec.to_json(notice.notice.prompts),
                explained_figures=codec.to_json(notice.conditions),
            )


def put_customer(work: Work, agent: Agent, customer_id: int) -> None:
    """Another customer has other answers and another notice; a failed check stays failed."""
    failed = work.card.check_result is Check.FAILED
    unchecked = {"check_result": Check.NONE, "checked_at": None, "checked_by": None}
    work.uow.desk.change(
        work.card.id,
        agent.name,
        customer_id=customer_id,
        location_id=None,
        explained_at=None,
        explained_sha256=None,
        **({} if failed else unchecked | {"answers": ""}),
    )


def _columns(writing: Writing) -> dict[str, object]:
    return {
        "caller_name": writing.caller_name,
        "callback_number": writing.callback_number,
        "location_id": int(writing.location_id) if writing.location_id else None,
        "language": writing.language or None,
        "words": writing.words,
    }
