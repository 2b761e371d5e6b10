"""The board of the service desk: the calls in progress, as they are at this instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.consent.chain import digest
from ivr.contracts.plans import Plan
from ivr.desk.board import Line, Phase, in_order, is_answered, phase_of, with_whom
from ivr.desk.card import Outcome
from ivr.services.desk_records import CHANNEL, CallStanding, CardSummary
from ivr.services.desk_search import Search, searches
from ivr.services.ports import Clock
from ivr.services.stores import Storage
from ivr.services.turn_order import TurnOrder

MAX_CALLS, MAX_CARDS = 200, 60


@dataclass(frozen=True, slots=True)
class BoardCall:
    """A call on the board; `seconds` since it came in, `outcome` of its card."""

    line: Line
    seconds: int
    customer: str | None
    location: str | None
    plan: str | None
    rehearsal: bool
    outcome: Outcome | None = None
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """What is shown; `digest` stays the same as long as nothing but the seconds changes.

    `searches` by ticket: how far looking for a technician is. `more` are calls that find no room.
    """

    calls: tuple[BoardCall, ...]
    cards: Sequence[CardSummary]
    digest: str
    searches: Mapping[int, Search]
    more: int = 0


class DeskBoard:
    """Reads the board; nothing is read while nobody looks."""

    def __init__(
        self, storage: Storage, clock: Clock, plans: Mapping[str, Plan], order: TurnOrder
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._plans = plans
        self._order = order

    def board(self) -> Board:
        """The calls in the order in which they are to be served; open cards of calls that are over."""
        with self._storage.reading() as uow:
            on_line = uow.desk.list_calls(MAX_CALLS)
            cards = uow.desk.list_recent(MAX_CARDS)
            found = searches(uow, [each.ticket_number for each in cards if each.ticket_number])
        by_id = {each.call_id: each for each in on_line.shown}
        lines = in_order([self.line(each) for each in on_line.shown])
        now, by_card = self._clock.now(), {card.id: card for card in cards}
        calls = tuple(
            _with(
                self._call(line, by_id[line.call_id], now), by_card.get(line.card_id or ""), found
            )
            for line in lines
        )
        shown, more = {line.card_id for line in lines}, on_line.total - len(lines)
        others = [card for card in cards if card.id not in shown]
        return Board(calls, others, digest(repr((lines, cards, found, more))), found, more)

    def line(self, standing: CallStanding, *, ended: bool = False) -> Line:
        """What is happening in a call."""
        return Line(
            call_id=standing.call_id,
            received_at=standing.received_at,
            phase=_phase(standing, ended=ended),
            whom=with_whom(standing.ringing, standing.accepted_attempt),
            place=self._order.place(standing.place),
            card_id=standing.card_id,
            number=standing.card_number,
            taken_by=standing.taken_by,
            answered=is_answered(standing.ringing),
        )

    def _call(self, line: Line, standing: CallStanding, now: datetime) -> BoardCall:
        plan = self._plans.get(standing.plan_id or "")
        return BoardCall(
            line=line,
            seconds=seconds_since(standing, now),
            customer=standing.customer_name,
            location=standing.location_name,
            plan=plan.name if plan is not None else None,
            rehearsal=standing.rehearsal,
        )


def _phase(standing: CallStanding, *, ended: bool) -> Phase:
    """A call past the line ends for us with the decision: nobody knows when its caller hangs up."""
    if ended and standing.channel == CHANNEL:
        return Phase.SETTLED
    session = standing.session
    state = session.state if session is not None else None
    return phase_of(state, standing.ringing, standing.accepted_attempt, ended=ended)


def _with(call: BoardCall, card: CardSummary | None, found: Mapping[int, Search]) -> BoardCall:
    """What its card knows: the decision, and what became of the order."""
    if card is None:
        return call
    return replace(call, outcome=card.outcome, search=found.get(card.ticket_number or 0))


def seconds_since(standing: CallStanding, now: datetime) -> int:
    """How long ago the call came in, in its own time."""
    own_now = now + timedelta(seconds=standing.clock_shift_seconds)
    return max(0, int((own_now - standing.received_at).total_seconds()))
