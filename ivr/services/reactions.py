"""Promised reactions that were kept and missed, by plan and month."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from ivr.contracts.commitments import Standing, standing_of
from ivr.contracts.windows import at_wall_time
from ivr.services.contract_stores import Promised
from ivr.services.stores import Storage

DAYS_OF_A_MONTH_AT_MOST = timedelta(days=32)


@dataclass
class PlanReactions:
    """What was promised under one source, such as `plan:pro` or `sla:S-12`, and what came of it."""

    source: str
    counts: Counter[Standing] = field(default_factory=Counter)
    missed: list[int] = field(default_factory=list)

    @property
    def share_kept(self) -> float | None:
        """Of those that are decided, 0 to 1; None where none is."""
        decided = self.counts[Standing.KEPT] + self.counts[Standing.MISSED]
        return self.counts[Standing.KEPT] / decided if decided else None


class Reactions:
    """Reads what was promised in a month; rehearsals never count."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def of_month(self, month: date, now: datetime) -> Sequence[PlanReactions]:
        """By source; `month` is any day of it, at the provider's place."""
        first = month.replace(day=1)
        after = (first + DAYS_OF_A_MONTH_AT_MOST).replace(day=1)
        since, until = at_wall_time(first, time()), at_wall_time(after, time())
        found: dict[str, PlanReactions] = {}
        with self._storage.reading() as uow:
            for promised in uow.commitments.list_promised(since, until):
                _count(found, promised, now)
        return [found[source] for source in sorted(found)]


def _count(found: dict[str, PlanReactions], promised: Promised, now: datetime) -> None:
    """Best effort is never due and so neither kept nor missed: it is not counted."""
    entry = found.setdefault(promised.source, PlanReactions(promised.source))
    stands = standing_of(promised.due, now, promised.first_reaction_at, promised.handed_over_at)
    entry.counts[stands] += 1
    if stands is Standing.MISSED:
        entry.missed.append(promised.number)
