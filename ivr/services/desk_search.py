"""How far the search for a technician is, as the desk has to know it: who takes the ticket, who rings.

Whoever was told "a technician is on his way to you" asks the desk when nobody comes; so the desk sees
it as soon as a whole round has found nobody, and not only when the last round has.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.escalation.policy import loaded
from ivr.services.escalation_store import (
    PENDING,
    EscalationRecord,
    EscalationState,
    SearchPage,
)
from ivr.services.stores import UnitOfWork


class SearchState(StrEnum):
    """What an agent can say of it. LOOKING: the first round goes on."""

    LOOKING = "looking"
    NOBODY = "nobody"
    OVER = "over"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Search:
    """`at` is when it was taken, or when the next telephone rings; `by` who took it.

    `ringing` are those whose telephone rings now. `spoken_to`: somebody answered, and did not take it.
    """

    ticket: int
    state: SearchState
    at: datetime | None = None
    by: str | None = None
    ringing: tuple[str, ...] = ()
    spoken_to: bool = False

    @property
    def is_worrying(self) -> bool:
        """Somebody at the desk has to do something about it."""
        return self.state in (SearchState.NOBODY, SearchState.OVER)


def searches(uow: UnitOfWork, tickets: Collection[int]) -> Mapping[int, Search]:
    """The newest of each ticket that is not over; one statement for all of them."""
    found: dict[int, Search] = {}
    for running, pages in uow.escalations.list_searches(tickets):
        search = None if loaded(running.policy).quiet else _search(running, pages)
        if search is not None:
            found[running.ticket_number] = search
    return found


def _search(running: EscalationRecord, pages: Collection[SearchPage]) -> Search | None:
    """None for one that was called off: nobody is looked for, and nobody was found."""
    number = running.ticket_number
    spoken_to = any(page.state not in PENDING for page in pages)
    match running.state:
        case EscalationState.ACKNOWLEDGED:
            at, by = running.acknowledged_at, running.acknowledged_by
            return Search(number, SearchState.TAKEN, at, by)
        case EscalationState.EXHAUSTED:
            return Search(number, SearchState.OVER, spoken_to=spoken_to)
        case EscalationState.OPEN:
            state = SearchState.NOBODY if running.round > 1 else SearchState.LOOKING
            names = tuple(page.name for page in pages if page.state in PENDING)
            at = None if names else running.deadline
            return Search(number, state, at, ringing=names, spoken_to=spoken_to)
    return None
