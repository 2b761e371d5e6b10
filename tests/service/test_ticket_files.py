"""Tickets as people read them, on both databases, and people who act at the same instant."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from ivr.bootstrap import Application
from ivr.contracts.faults import Fact
from ivr.services.handover import HandoverChangedError
from ivr.services.ticket_files import Note, Technician
from ivr.services.work import Hand, TakenMeanwhileError
from ivr.storage.database import writing
from ivr.storage.models import RosterEntry
from tests.fakes import MONDAY_TEN
from tests.service.conftest import Telephone
from tests.service.crew import crew
from tests.service.ticketed import add_ticket

ANNA, LUCA = "Anna Meier", "Luca Bernasconi"
LONG_AGO = MONDAY_TEN - timedelta(days=30)


def technician(app: Application, name: str) -> Technician:
    with app.storage.reading() as uow:
        found = [
            uow.roster.find_technician(duty.technician_id)
            for duty in uow.roster.list_on_duty(MONDAY_TEN)
            if duty.name == name
        ]
    assert found[0] is not None
    return found[0]


def numbers(app: Application, who: Technician) -> list[int]:
    with app.storage.reading() as uow:
        since, named_since = (MONDAY_TEN - timedelta(days=days) for days in (14, 90))
        return list(uow.ticket_files.numbers_for(who, since, named_since, 10))


def test_whose_business_a_ticket_is(line: Application) -> None:
    """Rung for it, named for it, or on duty when it was opened; neither old ones nor rehearsals."""
    anna, luca = technician(line, ANNA), technician(line, LUCA)
    old, passed, kept, rehearsed = (
        add_ticket(line, at=LONG_AGO),
        add_ticket(line),
        add_ticket(line),
        add_ticket(line, rehearsal=True),
    )
    assert numbers(line, anna) == [kept, passed]
    assert numbers(line, luca) == []
    for number in (old, passed, rehearsed):
        line.faults.note(number, ANNA, {Fact.RESPONSIBLE: LUCA}, None, MONDAY_TEN)
    assert numbers(line, luca) == [passed, old]
    with writing(line.storage.engine) as connection:
        connection.execute(delete(RosterEntry))
    assert numbers(line, anna) == []


def test_who_was_rung_finds_the_ticket(line: Application) -> None:
    anna = technician(line, ANNA)
    Telephone(line).ring()
    with writing(line.storage.engine) as connection:
        connection.execute(delete(RosterEntry))
    (number,) = numbers(line, anna)
    page = line.work_pages.page(number, MONDAY_TEN + timedelta(minutes=5))
    assert page is not None
    assert [str(step.did) for step in page.steps] == ["opened", "ordered", "rung"]
    assert page.steps[-1].words == ANNA


def test_notes_and_documents_come_back_as_they_were(line: Application) -> None:
    number = add_ticket(line)
    with line.storage.writing() as uow:
        for text in ("first", "zwei\nüber"):
            uow.ticket_files.add_note(number, Note(MONDAY_TEN, "", text))
        file = uow.ticket_files.get(number)
    with line.storage.reading() as uow:
        assert [note.text for note in uow.ticket_files.list_notes(number)] == [
            "first",
            "zwei\nüber",
        ]
        with pytest.raises(LookupError):
            uow.ticket_files.get(number + 1)
        with pytest.raises(LookupError):
            uow.handovers.place(10**6)
    assert file.location_id is not None
    line.handovers.store(file.location_id, "a\r\nb", "", "Lea", 0, MONDAY_TEN)
    found = line.handovers.page(file.location_id)
    assert found is not None
    assert (found.place.customer_number, found.newest and found.newest.text) == ("11005", "a\nb")


@pytest.mark.rule("A.6")
def test_two_who_take_it_at_the_same_instant(line: Application) -> None:
    """One has it; the other is told whose it is."""
    number = add_ticket(line)
    people = [technician(line, name) for name in (ANNA, LUCA)]

    def take(who: Technician) -> str:
        try:
            line.ticket_work.take(Hand(number, who, "", MONDAY_TEN))
        except TakenMeanwhileError as error:
            return error.name
        return who.name

    with crew(2) as together:
        told = together([lambda who=who: take(who) for who in people])
    assert told[0] == told[1]
    state = line.faults.state(number, MONDAY_TEN)
    assert [each.value for each in state.statements if each.fact is Fact.RESPONSIBLE] == [told[0]]


@pytest.mark.rule("A.113")
def test_two_leads_who_store_at_the_same_instant(line: Application) -> None:
    with line.storage.reading() as uow:
        place = uow.handovers.place(1)

    def store(text: str) -> bool:
        try:
            line.handovers.store(place.id, text, "", "Lea", 0, MONDAY_TEN)
        except HandoverChangedError:
            return False
        return True

    with crew(2) as together:
        done = together([lambda text=text: store(text) for text in ("mine", "yours")])
    assert sorted(done) == [False, True]
    found = line.handovers.page(place.id)
    assert found is not None
    assert len(found.versions) == 1
