"""What a ticket promises is stored with it, mailed with it and kept by a technician's feedback."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.requests import CallResult, OrderState, TicketKind
from ivr.callflow.support_session import State
from ivr.contracts.agreements import AgreementKind
from ivr.contracts.commitments import Standing
from ivr.contracts.faults import Fact, Role
from ivr.contracts.plans import Clock, ReactionKind
from ivr.contracts.windows import parse_moment
from ivr.services.contracts import Wanted
from ivr.services.faults import FactRefusedError, Faults
from ivr.storage.database import reading
from ivr.storage.models import Commitment, TicketFact
from tests.fakes import MONDAY_TEN, Notebook
from tests.service.agreed import (
    PLAN_CALLERS,
    PRO_CUSTOMER,
    agree,
    contracts,
    dues,
    open_ticket,
    promised,
)
from tests.service.conftest import Telephone, contents, legs_of
from tests.service.crew import crew

ANNA = "Anna Meier"
FRIDAY = parse_moment("2026-11-27T18:30")
HOUR = timedelta(hours=1)
STRANGER = "+41440002299"


def count(app: Application, model: type[Commitment] | type[TicketFact]) -> int:
    with reading(app.storage.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(model)).scalar_one())


def note(app: Application, number: int, at: datetime, **facts: str) -> None:
    said = {Fact(name): text for name, text in facts.items()}
    Faults(app.storage).note(number, ANNA, said, None, at)


# Which commitments --------------------------------------------------------------------------------


@pytest.mark.rule("A.65", "A.66", "A.67", "K-19", "B.4.3")
@pytest.mark.parametrize("kind", [TicketKind.ORDER, TicketKind.MESSAGE, TicketKind.MISSED_CALL])
@pytest.mark.parametrize(
    ("plan", "due"),
    [
        ("premium", "2026-11-27T19:30"),
        ("pro_plus", "2026-11-28T08:30"),
        ("pro", "2026-11-30T12:30"),
        ("basic_plus", "2026-11-30T18:00"),
        ("basic", None),
    ],
)
def test_each_plan_promises_its_own_reaction(
    app: Application, kind: TicketKind, plan: str, due: str | None
) -> None:
    number = open_ticket(app, kind, PLAN_CALLERS[plan], FRIDAY)
    assert dues(app, number) == {f"plan:{plan}": parse_moment(due) if due else None}


@pytest.mark.rule("A.61", "K-8", "Q6")
def test_fast_lane_counts_from_the_order_without_a_break(line: Application) -> None:
    number = open_ticket(line, TicketKind.FAST_LANE, at=FRIDAY + HOUR, ordered_at=FRIDAY)
    assert dues(line, number) == {"fast_lane": parse_moment("2026-11-28T00:30")}
    (promise,) = promised(line, number)
    assert (promise.commitment.clock, promise.started_at) == (Clock.ELAPSED, FRIDAY)
    assert (promise.plan_id, promise.deadline.rule) == ("pro", "hours:6:elapsed")


@pytest.mark.rule("A.87", "K-16")
def test_an_emergency_is_called_back_within_its_minutes(line: Application) -> None:
    number = open_ticket(line, TicketKind.EMERGENCY, at=FRIDAY)
    assert dues(line, number) == {
        "emergency": FRIDAY + timedelta(minutes=30),
        "plan:pro": parse_moment("2026-11-30T12:30"),
    }


@pytest.mark.rule("A.111", "A.114", "K-16")
def test_every_sla_of_the_place_promises_too(line: Application) -> None:
    agree(line, PRO_CUSTOMER, AgreementKind.SLA, reaction_hours=4, by_phone=False)
    agree(line, PRO_CUSTOMER, AgreementKind.SLA, reaction_hours=48)
    agree(line, "11001", AgreementKind.SLA, reaction_hours=1)
    number = open_ticket(line, at=FRIDAY)
    assert dues(line, number) == {
        "plan:pro": parse_moment("2026-11-30T12:30"),
        "sla:SLA-11009-1": FRIDAY + 4 * HOUR,
        "sla:SLA-11009-2": FRIDAY + 48 * HOUR,
    }
    state = Faults(line.storage).state(number, FRIDAY)
    assert state.alarm is not None
    assert state.alarm.commitment.source == "sla:SLA-11009-1"


def test_an_sla_counts_where_the_place_is_not_known_if_it_covers_them_all(
    app: Application,
) -> None:
    """Where all places have the same plan, a caller is not asked for his."""
    agreed = contracts(app)
    agreed.notice("11008", "CLA-11008-2", date(2026, 9, 1), MONDAY_TEN)
    both = Wanted(date(2026, 11, 1), ("Basel", "Geneva"))
    agreed.renew("11008", "CLA-11008-1", both, MONDAY_TEN)
    agree(app, "11008", AgreementKind.SLA, locations=("Basel",), reaction_hours=4)
    agree(app, "11008", AgreementKind.SLA, reaction_hours=8)
    number = open_ticket(app, TicketKind.MESSAGE, "+41440001008")
    assert Faults(app.storage).state(number, MONDAY_TEN).ticket.location_name is None
    assert set(dues(app, number)) == {"plan:pro", "sla:SLA-11008-2"}


@pytest.mark.rule("A.41")
@pytest.mark.parametrize("kind", [TicketKind.MESSAGE, TicketKind.MISSED_CALL])
def test_without_a_contract_nothing_is_promised(app: Application, kind: TicketKind) -> None:
    assert promised(app, open_ticket(app, kind, STRANGER)) == []
    assert count(app, Commitment) == 0


@pytest.mark.rule("K-16", "B.4.2")
def test_an_order_stores_what_it_promises_from_the_confirmation_on(line: Application) -> None:
    telephone = Telephone(line, caller=PLAN_CALLERS["pro"])
    telephone.wait_for(State.MAY_WITHDRAW)
    ordered_at = telephone.at
    Telephone(line, "other", caller=PLAN_CALLERS["basic"]).ring()
    telephone = Telephone(line, "third", caller=PLAN_CALLERS["pro"])
    call_id = telephone.ring().call_id
    with line.storage.reading() as uow:
        call = uow.calls.get(call_id)
        assert uow.calls.summary(call_id).order_state == OrderState.ORDERED
    assert call.ordered_at == ordered_at
    assert call.ticket_number is not None
    (promise,) = promised(line, call.ticket_number)
    assert promise.started_at == ordered_at < telephone.at
    assert promise.deadline.due == ordered_at + 6 * HOUR
    assert promise.deadline.kind is ReactionKind.HOURS
    assert promise.deadline.calendar_version == line.calendar.version


def test_a_deadline_beyond_the_seeded_years_is_told(app: Application, notebook: Notebook) -> None:
    open_ticket(app, at=datetime.fromisoformat("2028-12-29T16:30+01:00"))
    assert [what for what, _ in notebook.troubles] == ["calendar_year_missing"]
    assert notebook.troubles[0][1]["day"] == "2029-01-01"


# The mail -----------------------------------------------------------------------------------------


def due_lines(app: Application, number: int) -> list[str]:
    with app.storage.reading() as uow:
        bodies = [mail.body for mail in uow.outbox.list_for_ticket(number)]
    return [line for body in bodies for line in body.splitlines() if line.startswith("Frist")]


@pytest.mark.rule("K-16")
def test_the_mail_names_when_the_first_commitment_is_due(app: Application) -> None:
    agree(app, PRO_CUSTOMER, AgreementKind.SLA, reaction_hours=4)
    lines = due_lines(app, open_ticket(app, at=FRIDAY))
    assert lines == ["Frist der ersten Rückmeldung: 27.11.2026 22:30"] * 2


@pytest.mark.rule("A.67")
@pytest.mark.parametrize(
    ("kind", "caller"),
    [(TicketKind.ORDER, PLAN_CALLERS["basic"]), (TicketKind.MESSAGE, STRANGER)],
)
def test_the_mail_says_that_nothing_is_ever_due(
    app: Application, kind: TicketKind, caller: str
) -> None:
    lines = due_lines(app, open_ticket(app, kind, caller))
    never = "Frist der ersten Rückmeldung: keine, so rasch wie möglich (best effort)"
    assert lines == [never] * 2


@pytest.mark.rule("A.67")
def test_the_mail_names_the_service_hours_for_which_words_wait(app: Application) -> None:
    sunday = MONDAY_TEN - timedelta(days=1)
    number = open_ticket(app, TicketKind.MESSAGE, PLAN_CALLERS["basic"], at=sunday)
    waits = "Frist der ersten Rückmeldung: keine; für die nächste Servicezeit ab 23.11.2026 09:00"
    assert due_lines(app, number) == [waits] * 2


@pytest.mark.parametrize("kind", [TicketKind.FAST_LANE, TicketKind.EMERGENCY], ids=str)
def test_what_was_bought_has_a_name_in_the_mail(app: Application, kind: TicketKind) -> None:
    number = open_ticket(app, kind)
    name = {TicketKind.FAST_LANE: "Fast Lane", TicketKind.EMERGENCY: "Notfall-Support"}[kind]
    with app.storage.reading() as uow:
        subjects = {mail.subject for mail in uow.outbox.list_for_ticket(number)}
    assert subjects == {f"Pikett: Ticket {number}, {name}"}


# Kept or missed -----------------------------------------------------------------------------------


@pytest.mark.rule("A.64")
def test_feedback_at_the_due_time_keeps_the_promise(line: Application) -> None:
    number = open_ticket(line)
    due, faults = MONDAY_TEN + 6 * HOUR, Faults(line.storage)
    note(line, number, MONDAY_TEN, cause="unknown", responsible="Anna Meier")
    assert faults.state(number, due).promises[0][1] is Standing.OPEN
    assert faults.state(number, due + HOUR).promises[0][1] is Standing.MISSED
    note(line, number, due, first_reaction="The trunk is down")
    assert faults.state(number, due + HOUR).promises[0][1] is Standing.KEPT
    note(line, number, due + HOUR, first_reaction="It was the router")
    assert faults.state(number, due + HOUR).promises[0][1] is Standing.KEPT


@pytest.mark.rule("A.64")
def test_a_later_feedback_has_missed_it(app: Application) -> None:
    number = open_ticket(app)
    late = MONDAY_TEN + 6 * HOUR + timedelta(microseconds=1)
    note(app, number, late, first_reaction="The trunk is down")
    assert Faults(app.storage).state(number, late).promises[0][1] is Standing.MISSED


@pytest.mark.rule("A.64")
def test_neither_a_bridge_nor_line_nor_desk_keeps_it(line: Application) -> None:
    telephone = Telephone(line, caller=PLAN_CALLERS["pro"])
    ringing = telephone.ring()
    leg = line.calls.begin_leg(legs_of(ringing)[0].attempt_id, telephone.at)
    line.calls.report(leg.leg_id, leg.turn, DigitsEntered(telephone.at, "1"))
    bridged = telephone.bridge_ended()
    line.calls.report(ringing.leg_id, ringing.turn, bridged)
    with line.storage.reading() as uow:
        assert uow.calls.summary(ringing.call_id).result == CallResult.BRIDGED
        number = uow.calls.get(ringing.call_id).ticket_number
    assert number is not None
    faults, said = Faults(line.storage), {Fact.FIRST_REACTION: "We have passed it on"}
    for role in (Role.LINE, Role.DESK):
        with pytest.raises(FactRefusedError, match="never by the"):
            faults.note(number, str(role), said, None, MONDAY_TEN, role)
    assert count(line, TicketFact) == 0
    assert faults.state(number, MONDAY_TEN).promises[0][1] is Standing.OPEN


@pytest.mark.rule("A.69", "A.15")
def test_a_class_changes_no_commitment(app: Application) -> None:
    number = open_ticket(app)
    before = promised(app, number)
    note(app, number, MONDAY_TEN, fault_class="critical")
    assert promised(app, number) == before


# Facts --------------------------------------------------------------------------------------------


@pytest.mark.rule("A.6")
def test_every_statement_stays_with_time_and_person(line: Application) -> None:
    number = open_ticket(line)
    note(line, number, MONDAY_TEN, fault_class="main", responsible=ANNA)
    note(line, number, MONDAY_TEN + HOUR, fault_class="major", responsible="Luca  Bernasconi")
    state = Faults(line.storage).state(number, MONDAY_TEN + HOUR)
    assert [(each.fact, each.value, each.at, each.author) for each in state.statements] == [
        (Fact.FAULT_CLASS, "main", MONDAY_TEN, ANNA),
        (Fact.RESPONSIBLE, ANNA, MONDAY_TEN, ANNA),
        (Fact.FAULT_CLASS, "major", MONDAY_TEN + HOUR, ANNA),
        (Fact.RESPONSIBLE, "Luca Bernasconi", MONDAY_TEN + HOUR, ANNA),
    ]


def test_of_what_is_said_at_once_all_is_stored_or_nothing(line: Application) -> None:
    number = open_ticket(line)
    before, faults = contents(line), Faults(line.storage)
    said = {Fact.FIRST_REACTION: "The trunk is down", Fact.FAULT_CLASS: "worse"}
    for author, facts in ((ANNA, said), ("Nobody", {Fact.FAULT_CLASS: "main"})):
        with pytest.raises(FactRefusedError):
            faults.note(number, author, facts, None, MONDAY_TEN)
    assert contents(line) == before
    with pytest.raises(FactRefusedError, match="there is no ticket 999999"):
        faults.note(999999, ANNA, {Fact.FAULT_CLASS: "main"}, None, MONDAY_TEN)


@pytest.mark.rule("A.7")
def test_two_at_the_same_time_never_lower_a_class_unnoticed(line: Application) -> None:
    """Each is checked against what stands when its turn has come."""
    number = open_ticket(line)
    faults = Faults(line.storage)

    def say(name: str) -> bool:
        try:
            faults.note(number, ANNA, {Fact.FAULT_CLASS: name}, None, MONDAY_TEN)
        except FactRefusedError:
            return False
        return True

    names = ["minor", "critical", "main", "major"]
    with crew(4) as together:
        together([lambda name=name: say(name) for name in names])  # type: ignore[misc]
    ranks = [each.value for each in faults.state(number, MONDAY_TEN).statements]
    assert ranks == sorted(ranks, key=["minor", "main", "major", "critical"].index)
    assert "critical" in ranks


def test_a_rehearsal_promises_too_and_is_marked(app: Application) -> None:
    telephone = Telephone(app)
    app.calls.begin(replace(telephone.incoming(), rehearsal=True))
    reply = telephone.wait_for(State.RINGING_TECHNICIANS)
    with app.storage.reading() as uow:
        number = uow.calls.get(reply.call_id).ticket_number
    assert number is not None
    state = Faults(app.storage).state(number, telephone.at)
    assert state.ticket.rehearsal
    assert [promise.commitment.source for promise, _ in state.promises] == ["plan:premium"]
