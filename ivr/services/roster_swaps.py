"""Swaps: one technician asks another to take his duty of a span, perhaps for one of the other's.

Nothing changes before the other has agreed; both consents are kept with their time (B.16). What both
agreed to is an override for every duty that they have in the spans.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.people.person import Person
from ivr.roster.plan import Override, Plan, shifts_between
from ivr.roster.walltime import Span, local
from ivr.services.people_audit import entry
from ivr.services.roster_changes import AddOverride
from ivr.services.roster_input import RosterRefusedError, read_span, read_technician
from ivr.services.roster_plans import Rosters
from ivr.services.roster_store import Swap, SwapState
from ivr.services.stores import Storage, UnitOfWork


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers which question how."""

    swap_id: int
    technician_id: int
    state: SwapState


class Swaps:
    """Asked by one, agreed to by the other."""

    def __init__(self, storage: Storage, rosters: Rosters) -> None:
        self._storage = storage
        self._rosters = rosters

    def ask(self, asker_id: int, typed: dict[str, str], by: Person | None, now: datetime) -> int:
        """`person`, `from` and `to`; with `back_from` and `back_to` the asker takes a duty for it."""
        with self._storage.writing() as uow:
            swap = _read(uow, asker_id, typed, now)
            plan = uow.roster_rules.plan(now)
            _refuse_without_duty(plan, swap, now)
            swap_id = uow.swaps.add(swap)
            told = describe_swap(swap, plan)
            uow.audit.add(entry(by, "swap_asked", f"swap {swap_id}", told, now))
        return swap_id

    def answer(self, answer: Answer, by: Person | None, now: datetime) -> None:
        """The other agrees or refuses, the asker withdraws; nobody else does anything."""
        with self._storage.writing() as uow:
            uow.roster_rules.lock()
            swap = _asked(uow, answer)
            if answer.state is SwapState.AGREED:
                self._carry_out(uow, swap, by, now)
            if not uow.swaps.answer(swap.id, answer.state, now):
                raise _answered()
            told = f"{answer.state}: {describe_swap(swap, uow.roster_rules.plan(now))}"
            uow.audit.add(entry(by, "swap_answered", f"swap {swap.id}", told, now))

    def list_of(self, technician_id: int, now: datetime) -> list[Swap]:
        """His questions and those to him whose duties are not over."""
        with self._storage.reading() as uow:
            known = uow.swaps.list_since(now)
        return [each for each in known if technician_id in (each.asker_id, each.other_id)]

    def _carry_out(self, uow: UnitOfWork, swap: Swap, by: Person | None, now: datetime) -> None:
        plan = uow.roster_rules.plan(now)
        if plan.members[swap.other_id].disabled or plan.members[swap.asker_id].disabled:
            raise RosterRefusedError("person", "roster.error.disabled", "one of both is disabled")
        _refuse_without_duty(plan, swap, now)
        for override in list(_overrides(plan, swap, now)):
            self._rosters.change_in(uow, AddOverride(override), by, now)


def describe_swap(swap: Swap, plan: Plan) -> str:
    """In one line, as commands and the audit log show it."""
    told = f"{plan.name(swap.asker_id)} to {plan.name(swap.other_id)}, {_written(given_of(swap))}"
    back = back_of(swap)
    return f"{told}, for {_written(back)}" if back is not None else told


def given_of(swap: Swap) -> Span:
    """What the asker gives."""
    return Span(swap.starts_at, swap.ends_at)


def back_of(swap: Swap) -> Span | None:
    """What he takes for it."""
    if swap.back_starts_at is None or swap.back_ends_at is None:
        return None
    return Span(swap.back_starts_at, swap.back_ends_at)


def _read(uow: UnitOfWork, asker_id: int, typed: dict[str, str], now: datetime) -> Swap:
    other_id = read_technician(uow, typed.get("person", ""), "person")
    if other_id == asker_id:
        raise RosterRefusedError("person", "roster.error.oneself", "nobody swaps with himself")
    given = read_span(typed, now)
    back: tuple[datetime | None, datetime | None] = (None, None)
    if typed.get("back_from") or typed.get("back_to"):
        back = read_span(typed, now, "back_from", "back_to")
    return Swap(0, asker_id, other_id, *given, *back, SwapState.ASKED, now, None)


def _asked(uow: UnitOfWork, answer: Answer) -> Swap:
    swap = uow.swaps.find(answer.swap_id)
    if swap is None:
        text = f"there is no swap {answer.swap_id}"
        raise RosterRefusedError("id", "roster.error.swap", text)
    asked = swap.asker_id if answer.state is SwapState.WITHDRAWN else swap.other_id
    if answer.technician_id != asked:
        raise RosterRefusedError("id", "roster.error.not_asked", "only who was asked answers")
    if swap.state is not SwapState.ASKED:
        raise _answered()
    return swap


def _answered() -> RosterRefusedError:
    return RosterRefusedError("id", "roster.error.answered", "it has been answered already")


def _refuse_without_duty(plan: Plan, swap: Swap, now: datetime) -> None:
    back = back_of(swap)
    wanted = [("from", swap.asker_id, given_of(swap))]
    wanted += [("back_from", swap.other_id, back)] if back is not None else []
    for field, technician_id, span in wanted:
        if not any(_duties(plan, technician_id, span, now)):
            name = plan.name(technician_id)
            text = f"{name} has no duty in {_written(span)}"
            raise RosterRefusedError(field, "roster.error.no_duty", text)


def _overrides(plan: Plan, swap: Swap, now: datetime) -> Iterator[Override]:
    back = back_of(swap)
    pairs = [(swap.asker_id, swap.other_id, given_of(swap))]
    pairs += [(swap.other_id, swap.asker_id, back)] if back is not None else []
    for gives, takes, span in pairs:
        for duty in _duties(plan, gives, span, now):
            yield replace(duty, technician_id=takes, swap_id=swap.id)


def _duties(plan: Plan, technician_id: int, span: Span, now: datetime) -> Iterator[Override]:
    """What he has in a span from now on, as overrides by himself."""
    for each in shifts_between(plan, max(now, span.starts_at), span.ends_at):
        if each.technician_id == technician_id:
            yield Override(0, *each.place, each.starts_at, each.ends_at, technician_id)


def _written(span: Span) -> str:
    return f"{local(span.starts_at):%Y-%m-%d %H:%M} to {local(span.ends_at):%Y-%m-%d %H:%M}"
