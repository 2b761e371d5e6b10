"""Whatever has critical consequences rings before all others (item 14).

Where several cases are due, the others give way for a moment. And the limits of a telephone hold a
critical case back only for the sake of other critical ones: seven calls an hour of each kind are
still fewer than a carrier takes for spam.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ivr.escalation.limits import Limit, PastCall, allowed_at
from ivr.services.escalation_store import EscalationRecord
from ivr.services.stores import UnitOfWork

LONGEST_GIVING_WAY = timedelta(seconds=10)
"""A critical case that cannot go on, whatever the reason, holds nobody back for longer."""


def gives_way(uow: UnitOfWork, running: EscalationRecord, now: datetime) -> bool:
    """Whether a critical case is to ring somebody before this one may."""
    if not uow.escalations.is_critical_due(now - LONGEST_GIVING_WAY, now):
        return False
    return running.id not in uow.escalations.list_critical((running.id,))


def telephone_allowed_at(
    uow: UnitOfWork,
    running: EscalationRecord,
    past: Sequence[PastCall],
    now: datetime,
    limits: Sequence[Limit],
) -> datetime:
    """When this case may ring the telephone that had these calls."""
    allowed = allowed_at(past, running.id, now, limits)
    if allowed <= now:
        return allowed
    critical = uow.escalations.list_critical({running.id, *(each.case for each in past)})
    if running.id not in critical:
        return allowed
    counted = [each for each in past if each.case in critical]
    return allowed_at(counted, running.id, now, limits)
