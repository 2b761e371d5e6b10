"""Where a ticket stands, worked out from what happened."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.contracts.faults import Fact, Phase, Statement
from ivr.contracts.ticket_states import (
    ENDS,
    LINE,
    CallEvents,
    Did,
    Ring,
    responsible,
    steps,
)
from tests.fakes import MONDAY_TEN

ANNA, LUCA = "Anna Meier", "Luca Bernasconi"
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return MONDAY_TEN + minutes * MINUTE


def said(minutes: float, fact: Fact, value: str, by: str = ANNA) -> Statement:
    return Statement(at(minutes), by, fact, value)


def call(**given: Any) -> CallEvents:
    return CallEvents(MONDAY_TEN, **given)


ORDERED = call(ordered_at=MONDAY_TEN)
RUNG = call(ordered_at=MONDAY_TEN, rings=(Ring(ANNA, at(0.1)), Ring(LUCA, at(1))))
BRIDGED = call(ordered_at=MONDAY_TEN, rings=(Ring(ANNA, at(0.1), at(0.3)),))
TAKEN = said(2, Fact.RESPONSIBLE, ANNA)
REACTED = said(5, Fact.FIRST_REACTION, "The trunk")


def phase(events: CallEvents, *statements: Statement) -> Phase:
    return steps(events, statements)[-1].phase


@pytest.mark.rule("A.6", "A.54")
@pytest.mark.parametrize(
    ("events", "statements", "expected"),
    [
        (call(), (), Phase.NEW),
        (ORDERED, (), Phase.ORDERED),
        (RUNG, (), Phase.DISPATCHED),
        (BRIDGED, (), Phase.ACCEPTED),
        (RUNG, (TAKEN,), Phase.ACCEPTED),
        (RUNG, (TAKEN, REACTED), Phase.FIRST_REACTION),
        (RUNG, (REACTED,), Phase.FIRST_REACTION),
        (RUNG, (TAKEN, REACTED, said(6, Fact.MODE, "remote")), Phase.IN_WORK),
        (RUNG, (said(6, Fact.PROVISIONAL, "yes"),), Phase.PROVISIONAL),
        (RUNG, (said(6, Fact.PROVISIONAL, "no"),), Phase.DISPATCHED),
        (RUNG, (said(6, Fact.PHASE, "closed"),), Phase.CLOSED),
        (call(turned=Phase.WITHDRAWN), (), Phase.WITHDRAWN),
        (call(turned=Phase.REFUSED), (), Phase.REFUSED),
    ],
)
def test_a_ticket_goes_its_way(
    events: CallEvents, statements: tuple[Statement, ...], expected: Phase
) -> None:
    assert phase(events, *statements) is expected


@pytest.mark.rule("A.13")
def test_a_problem_record_takes_it_to_problem_management_and_nothing_leads_back() -> None:
    problem = said(7, Fact.PROBLEM, "PRB-7")
    assert phase(RUNG, problem) is Phase.TRANSFERRED_TO_PROBLEM
    assert phase(RUNG, problem, said(8, Fact.MODE, "on_site")) is Phase.TRANSFERRED_TO_PROBLEM
    assert phase(RUNG, problem, said(8, Fact.PHASE, "closed")) is Phase.CLOSED


@pytest.mark.rule("A.7")
def test_a_workaround_closes_nothing() -> None:
    assert phase(RUNG, said(6, Fact.PROVISIONAL, "yes")) not in ENDS


def test_a_bridge_is_no_first_reaction() -> None:
    assert phase(BRIDGED) is Phase.ACCEPTED


def test_the_desk_accepts_no_ticket() -> None:
    rung = (Ring("Service-Desk", at(1), at(2), technician=False),)
    assert [each.did for each in steps(call(rings=rung), ())][1:] == [Did.RUNG, Did.DESK_ANSWERED]
    assert phase(call(ordered_at=MONDAY_TEN, rings=rung)) is Phase.DISPATCHED
    assert responsible(call(rings=rung), ()) is None


def test_telephones_that_rang_before_there_was_a_ticket_are_not_its_own() -> None:
    assert phase(call(rings=(Ring(ANNA, at(-3)),))) is Phase.NEW


def test_passed_on_before_anybody_reacted_it_waits_again() -> None:
    passed = said(3, Fact.RESPONSIBLE, LUCA)
    assert phase(RUNG, TAKEN, passed) is Phase.DISPATCHED
    assert phase(RUNG, TAKEN, passed, said(4, Fact.RESPONSIBLE, LUCA, LUCA)) is Phase.ACCEPTED


def test_passed_on_after_the_reaction_what_was_said_stays_said() -> None:
    assert phase(RUNG, TAKEN, REACTED, said(6, Fact.RESPONSIBLE, LUCA)) is Phase.FIRST_REACTION


def test_somebody_may_open_it_again() -> None:
    assert (
        phase(RUNG, said(6, Fact.PHASE, "closed"), said(9, Fact.PHASE, "in_work")) is Phase.IN_WORK
    )


@pytest.mark.rule("A.6")
def test_who_is_responsible_has_a_history() -> None:
    passed = said(3, Fact.RESPONSIBLE, LUCA)
    assert responsible(ORDERED, ()) is None
    assert responsible(BRIDGED, ()) == ANNA
    assert responsible(BRIDGED, (passed,)) == LUCA
    told = [(step.did, step.by, step.words) for step in steps(ORDERED, (TAKEN, passed))]
    assert told[2:] == [(Did.TAKEN, ANNA, ANNA), (Did.PASSED_ON, ANNA, LUCA)]


def test_work_is_a_step_of_its_own() -> None:
    *_, last = steps(RUNG, (TAKEN,), [(at(40), ANNA)])
    assert (last.did, last.phase, last.by) == (Did.WORKED, Phase.IN_WORK, ANNA)


_STATEMENTS = st.lists(
    st.builds(
        said,
        st.integers(0, 500),
        st.sampled_from([Fact.FAULT_CLASS, Fact.MODE, Fact.FIRST_REACTION, Fact.CAUSE]),
        st.just("main"),
    )
)


@given(_STATEMENTS)
def test_what_happens_only_ever_leads_forward(statements: list[Statement]) -> None:
    walked = steps(RUNG, statements)
    places = [LINE.index(step.phase) for step in walked]
    assert places == sorted(places)
    assert [step.at for step in walked] == sorted(step.at for step in walked)
    assert walked[0].did is Did.OPENED
