"""What is said of a ticket by the command ends what it ends on a page: nobody is rung for it any more."""

import pytest

from ivr.bootstrap import Application
from ivr.contracts.faults import Fact, Phase
from ivr.services.reports import DialStatus
from tests.fakes import FrozenClock
from tests.service.escalating import Night, NotingTelephone

ANNA, LUCA = "Anna Meier", "Luca Bernasconi"
ANNAS, LUCAS = "+41440009001", "+41440009002"
REACTED = {Fact.FIRST_REACTION: "The router"}
PROBLEM = {Fact.PROBLEM: "P-17"}


@pytest.fixture
def night(line: Application) -> Night:
    clock, telephone = line.clock, NotingTelephone()
    assert isinstance(clock, FrozenClock)
    line.telephones = (telephone,)
    return Night(line, clock, telephone)


def note(night: Night, ticket: int, facts: dict[Fact, str], author: str = ANNA) -> None:
    night.app.ticket_work.note(ticket, author, facts, None, night.clock.now())
    night.work()


def exhausted(night: Night) -> int:
    """A case that nobody took in all rounds."""
    ticket = night.open()
    while night.state(ticket) == "open":
        for call in sorted(night.telephone.up):
            night.telephone.up.discard(call)
            night.app.paging.ended(call, DialStatus.NO_ANSWER, night.clock.now())
        night.pass_time(seconds=30)
    return ticket


def mails(night: Night, ticket: int) -> int:
    with night.app.storage.reading() as uow:
        return len(uow.outbox.list_for_ticket(ticket))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (REACTED, "closed"),
        ({Fact.PHASE: Phase.CLOSED.value}, "closed"),
        ({Fact.PHASE: Phase.RESOLVED.value}, "closed"),
        (PROBLEM, "closed"),
        ({Fact.RESPONSIBLE: ANNA}, "acknowledged"),
        ({Fact.RESPONSIBLE: ANNA} | REACTED, "closed"),
    ],
    ids=["reaction", "closed", "resolved", "problem", "taken", "taken with a reaction"],
)
def test_what_ends_a_search_stops_the_telephones(
    night: Night, facts: dict[Fact, str], state: str
) -> None:
    ticket = night.open()
    night.work()
    assert night.telephone.numbers == [ANNAS]
    note(night, ticket, facts)
    assert (night.state(ticket), night.telephone.ended) == (state, [night.last])
    night.pass_time(hours=3)
    assert night.telephone.numbers == [ANNAS]


@pytest.mark.parametrize(
    "facts",
    [{Fact.SPOF: "yes"}, {Fact.INVOLVED: "Carrier"}, {Fact.RESPONSIBLE: "Carrier"}],
    ids=["spof", "involved", "no technician"],
)
def test_what_ends_nothing_lets_them_ring(night: Night, facts: dict[Fact, str]) -> None:
    ticket = night.open()
    night.work()
    note(night, ticket, facts)
    assert (night.state(ticket), night.telephone.ended) == ("open", [])


def test_named_by_another_he_is_rung_first_while_somebody_is_looked_for(night: Night) -> None:
    """As on the page of the ticket, when it is passed on."""
    ticket = night.open()
    night.work()
    note(night, ticket, {Fact.RESPONSIBLE: LUCA})
    assert night.telephone.numbers == [ANNAS, LUCAS]
    assert [str(each.state) for each in night.escalations(ticket)] == ["closed", "open"]


def test_named_by_another_nobody_is_rung_where_nobody_was_looked_for(night: Night) -> None:
    ticket = night.open("")
    note(night, ticket, {Fact.RESPONSIBLE: LUCA})
    night.pass_time(minutes=5)
    assert night.telephone.numbers == []


@pytest.mark.parametrize("facts", [REACTED, {Fact.PHASE: Phase.CLOSED.value}, PROBLEM])
def test_what_ends_it_ends_the_hourly_mails_too(night: Night, facts: dict[Fact, str]) -> None:
    ticket = exhausted(night)
    note(night, ticket, facts)
    before = mails(night, ticket)
    night.pass_time(hours=5)
    assert (mails(night, ticket), night.state(ticket)) == (before, "closed")


@pytest.mark.parametrize("facts", [{Fact.PHASE: Phase.CLOSED.value}, PROBLEM])
def test_a_case_that_ended_before_is_no_longer_reminded_of(
    night: Night, facts: dict[Fact, str]
) -> None:
    """Whatever has ended the ticket without a word to the search."""
    ticket = exhausted(night)
    night.app.faults.note(ticket, ANNA, facts, None, night.clock.now())
    before = mails(night, ticket)
    night.pass_time(hours=5)
    assert (mails(night, ticket), night.state(ticket)) == (before, "closed")
