"""Which search for a technician a call back hangs on.

It is opened with the call back, but may end before anybody has accepted it: the ticket is passed on,
the third level is called, its alert is over. Whatever is looked for since then is looked for it too.
"""

from collections.abc import Sequence

from ivr.contracts.faults import Fact, Phase
from ivr.contracts.ticket_states import LINE
from ivr.services.callback_store import CallbackRecord, Purpose
from ivr.services.escalation_store import (
    Channel,
    EscalationRecord,
    EscalationState,
    PageState,
)
from ivr.services.stores import UnitOfWork
from ivr.services.work_pages import TicketPage

GOING_ON = (EscalationState.OPEN, EscalationState.EXHAUSTED)
"""Of one that is exhausted the last ones are told, hour by hour, until somebody has taken it."""


def acceptance(uow: UnitOfWork, callback: CallbackRecord, page: TicketPage) -> str | None:
    """Who has accepted the call back: by a search, or the ticket of an emergency as such."""
    for search in reversed(_searches(uow, callback)):
        if search.state is EscalationState.ACKNOWLEDGED:
            return search.acknowledged_by
    taken = page.phase in LINE and LINE.index(page.phase) >= LINE.index(Phase.ACCEPTED)
    if callback.purpose is Purpose.EMERGENCY and taken:
        return page.responsible
    return None


def going_on(uow: UnitOfWork, callback: CallbackRecord) -> int | None:
    """The newest search in which somebody may still be found; None where nobody is looked for."""
    found = [each.id for each in _searches(uow, callback) if each.state in GOING_ON]
    return found[-1] if found else None


def _searches(uow: UnitOfWork, callback: CallbackRecord) -> Sequence[EscalationRecord]:
    """Its own and those of its ticket since; what was before is nothing to it."""
    first = callback.escalation_id
    if first is None:
        return ()
    return [each for each in uow.escalations.list_of(callback.ticket_number) if each.id >= first]


def was_rung(uow: UnitOfWork, escalation_id: int) -> bool:
    """Whether it has rung anybody yet."""
    return any(page.placed_at is not None for page in uow.pages.list_of(escalation_id))


def was_bundled(uow: UnitOfWork, callback: CallbackRecord) -> bool:
    """He took it with another case, whose call was not made to last: he is called for this one now."""
    if callback.escalation_id is None:
        return False
    pages = uow.pages.list_of(callback.escalation_id)
    calls = [page for page in pages if page.channel is Channel.CALL]
    return bool(calls) and calls[-1].state is PageState.BUNDLED


def has_reacted_since(page: TicketPage, callback: CallbackRecord) -> bool:
    """He has called the customer himself and said so, be it for the second time."""
    said = page.state.statements
    return any(each.fact is Fact.FIRST_REACTION and each.at >= callback.asked_at for each in said)
