"""What may be said about a fault, by whom, and what stands after it."""

from datetime import timedelta

import pytest

from ivr.contracts.billing import Cause
from ivr.contracts.faults import (
    MAX_TEXT,
    Fact,
    FaultClass,
    Role,
    Statement,
    fault_of,
    refusals,
)
from tests.fakes import MONDAY_TEN

ANNA = "Anna Meier"


def said(*facts: tuple[Fact, str], reason: str | None = None, minute: int = 0) -> list[Statement]:
    at = MONDAY_TEN + timedelta(minutes=minute)
    return [Statement(at, ANNA, fact, value, reason) for fact, value in facts]


def refused(
    before: list[Statement], *facts: tuple[Fact, str], reason: str | None = None
) -> list[str]:
    return list(refusals(before, said(*facts, reason=reason), Role.TECHNICIAN))


# Who may say what ---------------------------------------------------------------------------------


@pytest.mark.rule("A.64")
@pytest.mark.parametrize("role", [Role.DESK, Role.LINE], ids=str)
def test_neither_desk_nor_line_gives_a_first_reaction(role: Role) -> None:
    (reason,) = refusals([], said((Fact.FIRST_REACTION, "The trunk is down")), role)
    assert reason == f"first_reaction is said by a technician, never by the {role}"


@pytest.mark.rule("A.64")
@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.LEAD], ids=str)
def test_technicians_and_their_leads_do(role: Role) -> None:
    assert list(refusals([], said((Fact.FIRST_REACTION, "The trunk is down")), role)) == []


@pytest.mark.rule("A.29")
@pytest.mark.parametrize(
    "fact", [(Fact.FAULT_CLASS, "major"), (Fact.SPOF, "yes"), (Fact.CAUSE, "unknown")]
)
def test_the_desk_is_asked_for_no_technical_judgement(fact: tuple[Fact, str]) -> None:
    assert len(list(refusals([], said(fact), Role.DESK))) == 1
    assert list(refusals([], said((Fact.PHASE, "dispatched")), Role.DESK)) == []


@pytest.mark.parametrize(
    ("fact", "value", "reason"),
    [
        (Fact.FAULT_CLASS, "worse", "'worse' is unknown; use minor, main, major, critical"),
        (Fact.SPOF, "perhaps", "use yes, no"),
        (Fact.PROVISIONAL, "", "use yes, no"),
        (Fact.CAUSE, "weather", "winet_basic_service"),
        (Fact.CATEGORY, "travel", "system_data_recovery, hardware_replacement, other"),
        (Fact.MODE, "by_post", "use remote, on_site"),
        (Fact.PHASE, "done", "in_work, provisional, resolved, closed"),
        (Fact.FIRST_REACTION, " ", "1 to 2000 printable"),
        (Fact.FIRST_REACTION, "x" * (MAX_TEXT + 1), "1 to 2000 printable"),
        (Fact.PROBLEM, "P-1\x1b[2J", "1 to 2000 printable"),
    ],
)
def test_what_has_no_meaning_is_refused(fact: Fact, value: str, reason: str) -> None:
    assert reason in refused([], (fact, value))[0]
    assert refused([], (Fact.FIRST_REACTION, "x" * MAX_TEXT)) == []


# Classes ------------------------------------------------------------------------------------------


@pytest.mark.rule("A.8", "A.10", "A.11", "A.14", "K-7")
def test_the_classes_in_their_order() -> None:
    assert sorted(FaultClass, key=lambda each: each.rank) == [
        FaultClass.MINOR,
        FaultClass.MAIN,
        FaultClass.MAJOR,
        FaultClass.CRITICAL,
    ]
    for name in ("minor", "main", "major", "critical"):
        assert fault_of(said((Fact.FAULT_CLASS, name))).fault_class == name


@pytest.mark.rule("A.9", "K-7")
@pytest.mark.parametrize(
    ("before", "effective"),
    [(None, "main"), ("minor", "main"), ("main", "main"), ("major", "major")],
)
def test_a_single_point_of_failure_is_never_below_main(before: str | None, effective: str) -> None:
    classed = said((Fact.FAULT_CLASS, before)) if before else []
    assert refused(classed, (Fact.SPOF, "yes")) == []
    fault = fault_of([*classed, *said((Fact.SPOF, "yes"))])
    assert (fault.spof, fault.fault_class) == (True, effective)
    assert fault.value(Fact.FAULT_CLASS) == before


@pytest.mark.rule("K-7")
def test_minor_cannot_be_said_of_a_single_point_of_failure() -> None:
    never = "a fault with a single point of failure is never below main"
    assert refused([], (Fact.FAULT_CLASS, "minor"), (Fact.SPOF, "yes")) == [never]
    assert refused([], (Fact.SPOF, "yes"), (Fact.FAULT_CLASS, "minor")) == [never]
    assert refused(said((Fact.SPOF, "yes")), (Fact.FAULT_CLASS, "minor"), reason="x") == [never]
    assert refused(said((Fact.SPOF, "yes")), (Fact.FAULT_CLASS, "main")) == []
    both = (Fact.SPOF, "no"), (Fact.FAULT_CLASS, "minor")
    assert refused(said((Fact.SPOF, "yes")), *both, reason="replaced") == []


@pytest.mark.rule("A.7")
@pytest.mark.parametrize(
    ("before", "now", "lower"),
    [
        ((Fact.FAULT_CLASS, "major"), (Fact.FAULT_CLASS, "main"), True),
        ((Fact.FAULT_CLASS, "critical"), (Fact.FAULT_CLASS, "minor"), True),
        ((Fact.FAULT_CLASS, "main"), (Fact.FAULT_CLASS, "main"), False),
        ((Fact.FAULT_CLASS, "main"), (Fact.FAULT_CLASS, "critical"), False),
        ((Fact.SPOF, "yes"), (Fact.SPOF, "no"), True),
    ],
)
def test_lowering_a_class_needs_a_reason(
    before: tuple[Fact, str], now: tuple[Fact, str], lower: bool
) -> None:
    needed = ["lowering the class of a fault needs a reason"] if lower else []
    assert refused(said(before), now) == needed
    assert refused(said(before), now, reason="a spare router") == []


# What stands --------------------------------------------------------------------------------------


@pytest.mark.rule("A.6", "A.71")
def test_the_newest_statement_counts_and_the_first_reaction_stays() -> None:
    every = [
        *said((Fact.FIRST_REACTION, "The trunk is down"), (Fact.RESPONSIBLE, ANNA)),
        *said((Fact.FAULT_CLASS, "major"), (Fact.CAUSE, "unknown"), minute=5),
        *said((Fact.FIRST_REACTION, "It was the router"), minute=10),
        *said((Fact.CAUSE, "customer_environment"), (Fact.RESPONSIBLE, "Luca"), minute=15),
    ]
    fault = fault_of(every)
    assert fault.first_reaction == every[0]
    assert fault.cause is Cause.CUSTOMER_ENVIRONMENT
    assert fault.value(Fact.RESPONSIBLE) == "Luca"
    assert fault.fault_class is FaultClass.MAJOR


def test_of_nothing_said_nothing_stands() -> None:
    fault = fault_of([])
    assert (fault.fault_class, fault.cause, fault.spof) == (None, None, False)
    assert (fault.first_reaction, fault.handed_over_at) == (None, None)


@pytest.mark.rule("A.7", "A.13")
@pytest.mark.parametrize("phase", ["resolved", "closed"])
def test_a_provisional_solution_alone_closes_nothing(phase: str) -> None:
    done, workaround = (Fact.PHASE, phase), said((Fact.PROVISIONAL, "yes"))
    (reason,) = refused(workaround, done)
    assert reason == "a provisional solution alone closes nothing; link a problem record"
    assert refused([*workaround, *said((Fact.PROBLEM, "P-17"))], done) == []
    assert refused(workaround, done, (Fact.PROBLEM, "P-17")) == []
    assert refused([*workaround, *said((Fact.PROVISIONAL, "no"))], done) == []
    assert refused(workaround, (Fact.PHASE, "provisional")) == []
    assert refused([], done) == []


@pytest.mark.rule("A.64")
def test_the_phase_of_a_first_reaction_needs_one() -> None:
    phase = (Fact.PHASE, "first_reaction")
    assert refused([], phase) == ["nobody has given a first reaction yet"]
    assert refused([], phase, (Fact.FIRST_REACTION, "The trunk is down")) == []


@pytest.mark.rule("A.12", "A.31", "A.34")
def test_who_was_involved_how_and_what_kind_of_work_is_said_with_time_and_person() -> None:
    every = said((Fact.INVOLVED, "Carrier"), (Fact.MODE, "on_site"), (Fact.CATEGORY, "other"))
    assert list(refusals([], every, Role.TECHNICIAN)) == []
    fault = fault_of(every)
    assert [(fault.said[each.fact].author, fault.said[each.fact].at) for each in every] == [
        (ANNA, MONDAY_TEN)
    ] * 3
