"""What the contracts of one location come to when those of a file are added to the known ones.

A contract of a location is known by the day it starts. A row with another day begins a new contract,
and what was in force until then ends on the day before. A row with a known day may give it another
end, nothing else; an empty `ends_on` says nothing about the end. Two contracts never answer for one
location on one day (items 57 and 97; `check_agreements`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from ivr.contracts.agreements import Agreement, AgreementKind, check_agreements
from ivr.imports.columns import Mistake

_PLACE = frozenset({0})


@dataclass(frozen=True, slots=True)
class Cover:
    """A contract as far as it covers one location: known (`id`) or wished (`row`).

    `shared` is one that covers other locations as well.
    """

    plan: str
    starts_on: date
    ends_on: date | None = None
    id: int | None = None
    row: int | None = None
    shared: bool = False

    @property
    def title(self) -> str:
        """How a message names it."""
        if self.row is not None:
            return f"the contract of row {self.row}"
        return f"the contract {self.plan} from {self.starts_on}"


@dataclass(frozen=True, slots=True)
class Ending:
    """A known contract gets another end."""

    id: int
    ends_on: date


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be done about the contracts of one location."""

    begun: list[Cover] = field(default_factory=list)
    ended: list[Ending] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


def settle(known: Sequence[Cover], wished: Sequence[Cover]) -> Settled:
    """Both in the order of their start, no two wished ones with the same."""
    settled = Settled()
    settled.mistakes.extend(_overlaps(wished))
    if settled.mistakes:
        return settled
    standing = {each.starts_on: each for each in known}
    for each in wished:
        if each.starts_on in standing:
            _compare(standing, each, settled)
        else:
            _begin(standing, each, settled)
    if not settled.mistakes and (settled.begun or settled.ended):
        settled.mistakes.extend(_overlaps([standing[day] for day in sorted(standing)]))
    return settled


def _compare(standing: dict[date, Cover], wished: Cover, settled: Settled) -> None:
    held = standing[wished.starts_on]
    assert wished.row is not None  # noqa: S101
    if held.plan != wished.plan:
        reason = (
            f"the location has {held.plan} from {held.starts_on}; another plan needs a later day"
        )
        settled.mistakes.append(Mistake(wished.row, "plan", reason))
    elif wished.ends_on is not None and wished.ends_on != held.ends_on:
        _end(standing, held, wished.ends_on, wished.row, settled)


def _begin(standing: dict[date, Cover], wished: Cover, settled: Settled) -> None:
    assert wished.row is not None  # noqa: S101
    last_day = wished.starts_on - timedelta(days=1)
    for each in list(standing.values()):
        in_force = each.ends_on is None or each.ends_on > last_day
        if each.id is not None and each.starts_on < wished.starts_on and in_force:
            _end(standing, each, last_day, wished.row, settled)
    standing[wished.starts_on] = wished
    settled.begun.append(wished)


def _end(
    standing: dict[date, Cover], held: Cover, ends_on: date, row: int, settled: Settled
) -> None:
    assert held.id is not None  # noqa: S101
    if held.shared:
        reason = f"{held.title} covers other locations too; a file cannot end it for one of them"
        settled.mistakes.append(Mistake(row, "starts_on", reason))
        return
    settled.ended.append(Ending(held.id, ends_on))
    standing[held.starts_on] = replace(held, ends_on=ends_on, row=row)


def _overlaps(covers: Sequence[Cover]) -> list[Mistake]:
    """In the order of their start it is enough to look at neighbours."""
    return [
        Mistake(row, "starts_on", f"the location is covered by {earlier.title} at the same time")
        for earlier, later in pairwise(covers)
        if (row := later.row or earlier.row) is not None
        and check_agreements([_agreement(earlier), _agreement(later)])
    ]


def _agreement(cover: Cover) -> Agreement:
    return Agreement(
        number=cover.title,
        kind=AgreementKind.CLA,
        starts_on=cover.starts_on,
        ends_on=cover.ends_on,
        plan_id=cover.plan,
        locations=_PLACE,
    )
