"""What is left of a night in which workers were killed, and what has to be true of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from ivr.bootstrap import Application
from ivr.escalation.rings import people_of, rings_of
from ivr.services.escalation_store import (
    Channel,
    EscalationRecord,
    EscalationState,
    PageRecord,
    PageState,
)
from ivr.services.stores import UnitOfWork
from tests.lab.dying_worker import Placed
from tests.service.crashing import POLICY, Lived

BLINK_SECONDS = 0.5
"""Between the last look at the case and the telephone; somebody may take it just then."""


@dataclass
class Outcome:
    """What is left of the night."""

    escalations: list[EscalationRecord]
    ledgers: dict[int, list[PageRecord]]
    lines: list[Placed]
    taken: dict[int, float]
    killed: set[int]
    ringing: set[str]
    orders: dict[int, list[list[str]]]
    seconds: float

    @property
    def pages(self) -> list[PageRecord]:
        return [page for ledger in self.ledgers.values() for page in ledger]

    @property
    def after_effect(self) -> int:
        return sum(line.dies for line in self.lines)

    def repeated(self) -> dict[str, list[Placed]]:
        """Calls that were placed more than once."""
        by_call: dict[str, list[Placed]] = {}
        for line in self.lines:
            by_call.setdefault(line.call_id, []).append(line)
        return {call: lines for call, lines in by_call.items() if len(lines) > 1}

    def __str__(self) -> str:
        states = Counter(str(each.state) for each in self.escalations)
        return (
            f"{len(self.escalations)} escalations ({dict(states)}), {len(self.killed)} workers "
            f"killed, {self.after_effect} of them after a call was placed; {len(self.pages)} pages "
            f"({dict(Counter(str(page.state) for page in self.pages))}), {len(self.lines)} calls, "
            f"{len(self.repeated())} placed again; {self.seconds:.0f} s"
        )


def outcome_of(app: Application, lived: Lived) -> Outcome:
    with app.storage.reading() as uow:
        escalations = [uow.escalations.get(each) for each in lived.opened]
        ledgers = {
            each: [page for page in uow.pages.list_of(each) if page.channel is Channel.CALL]
            for each in lived.opened
        }
        orders = {each.id: _order_of(uow, each, app.clock.now()) for each in escalations}
    callees = lived.callees
    return Outcome(
        escalations,
        ledgers,
        callees.lines,
        callees.taken,
        lived.killed,
        callees.telephone.ringing(),
        orders,
        lived.seconds,
    )


def _order_of(uow: UnitOfWork, escalation: EscalationRecord, at: datetime) -> list[list[str]]:
    """The keys of each step, as the policy has them."""
    present = uow.escalations.list_present(at)
    own = uow.escalations.find_person(escalation.first_name or "")
    return [
        [
            f"{escalation.id}:{round_}:{place}:{ring.key}"
            for ring in rings_of(step, people_of(step, present, own), twice=False)
        ]
        for round_ in range(1, POLICY.rounds + 1)
        for place, step in enumerate(POLICY.steps)
    ]


def assert_nobody_is_forgotten(outcome: Outcome) -> None:
    ends = {EscalationState.ACKNOWLEDGED, EscalationState.EXHAUSTED}
    assert {each.state for each in outcome.escalations} <= ends
    taken = {each.id for each in outcome.escalations if each.state is EscalationState.ACKNOWLEDGED}
    assert taken == set(outcome.taken)
    assert not [page for page in outcome.pages if page.state is PageState.INTENDED]
    assert outcome.ringing == set(), "a telephone rings on"


def assert_no_step_is_skipped(outcome: Outcome) -> None:
    """Each ledger is the beginning of its policy; of who was rung by nobody all of it."""
    for escalation in outcome.escalations:
        found = Counter(page.key for page in outcome.ledgers[escalation.id])
        assert set(found.values()) <= {1}
        order = outcome.orders[escalation.id]
        reached = [place for place, keys in enumerate(order) if found.keys() & set(keys)]
        assert reached == list(range(len(reached))), f"a hole in {sorted(found)}"
        whole = reached if escalation.state is EscalationState.EXHAUSTED else reached[:-1]
        for place in whole:
            assert set(order[place]) <= found.keys(), f"a hole in {sorted(found)}"
        if escalation.state is EscalationState.EXHAUSTED:
            assert len(reached) == len(order)
        assert_only_who_was_engaged_rings_besides(outcome, escalation.id)


def assert_only_who_was_engaged_rings_besides(outcome: Outcome, escalation: int) -> None:
    """He was passed over on a call, and is tried once more when he hangs up."""
    ledger = outcome.ledgers[escalation]
    known = {key for keys in outcome.orders[escalation] for key in keys}
    engaged = {page.technician_id for page in ledger if page.state is PageState.ENGAGED}
    for page in ledger:
        if page.key not in known:
            assert ":freed" in page.key
            assert page.technician_id in engaged


def assert_repeats_are_those_of_the_dead(outcome: Outcome) -> None:
    """Who rings twice was rung by a worker that died before it could write that down."""
    placings = {page.id: page.placings for page in outcome.pages}
    placed = Counter(line.call_id for line in outcome.lines)
    assert {call for call, times in placed.items() if times > placings[call]} == set()
    for call, lines in outcome.repeated().items():
        assert placings[call] > 1
        assert {line.pid for line in lines[:-1]} <= outcome.killed, f"{call} rang twice: {lines}"


def assert_silence_after_taking(outcome: Outcome) -> None:
    of_page = {page.id: page.escalation_id for page in outcome.pages}
    late = [
        line.at - taken
        for line in outcome.lines
        if (taken := outcome.taken.get(of_page[line.call_id])) and line.at > taken + BLINK_SECONDS
    ]
    assert late == []
