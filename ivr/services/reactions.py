"""Promised reactions that were kept and missed, by plan and month."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from ivr.contracts.commitments import Promise, Standing, standing
from ivr.contracts.faults import Statement, fault_of
from ivr.contracts.windows import at_wall_time
from ivr.services.stores import Storage

DAYS_OF_A_MONTH_AT_MOST = timedelta(days=32)
AT_ONCE = 500


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
            numbers = uow.ticket_files.list_opened(since, until)
            for start in range(0, len(numbers), AT_ONCE):
                part = numbers[start : start + AT_ONCE]
                promised, said = (
                    uow.ticket_files.promises_of(part),
                    uow.ticket_files.statements_of(part),
                )
                for number in part:
                    _count(found, number, promised.get(number, ()), said.get(number, ()), now)
        return [found[source] for source in sorted(found)]


def _count(
    found: dict[str, PlanReactions],
    number: int,
    promised: Sequence[Promise],
    said: Sequence[Statement],
    now: datetime,
) -> None:
    """Best effort is never due and so neither kept nor missed: it is not counted."""
    fault = fault_of(tuple(said))
    reacted = fault.first_reaction.at if fault.first_reaction is not None else None
    for promise in promised:
        if promise.deadline.due is None:
            continue
        source = promise.commitment.source
        entry = found.setdefault(source, PlanReactions(source))
        stands = standing(promise, now, reacted, fault.handed_over_at)
        entry.counts[stands] += 1
        if stands is Standing.MISSED:
            entry.missed.append(number)
