"""People and lists on SQLite and on PostgreSQL: the same answers from both."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from ivr.bootstrap import Application
from ivr.errors import AlreadyStoredError
from ivr.services.listing import ListQuery
from ivr.services.people_login import Attempt
from ivr.services.people_sessions import begin_session
from ivr.storage.models import Ticket
from tests.fakes import MONDAY_TEN
from tests.service.conftest import OpenLine
from tests.service.console import PASSWORD
from tests.service.ticketed import add_ticket


@pytest.fixture
def line(open_line: OpenLine) -> Application:
    return open_line()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("11009", ["11009"]),
        ("1100", [f"1100{each}" for each in range(1, 10)]),
        ("110095", []),
        ("HÔTEL", ["11010"]),
        ("huber", ["11009"]),
        ("044 000 10 99", ["11005", "11009"]),
        ("0001099", ["11005", "11009"]),
        ("%", []),
    ],
)
def test_customers_are_found(line: Application, search: str, found: list[str]) -> None:
    with line.storage.reading() as uow:
        page = uow.lists.customers(ListQuery(search=search, sort="number"), MONDAY_TEN)
    assert [row.number for row in page.rows] == found
    assert page.total == len(found)


def test_tickets_are_sorted_by_what_is_due(line: Application) -> None:
    numbers = [add_ticket(line) for _ in range(4)]
    with line.storage.writing() as uow:
        for number, hours in ((numbers[1], 2), (numbers[3], 1)):
            due = update(Ticket).where(Ticket.number == number)
            uow.connection.execute(due.values(due_at=MONDAY_TEN + timedelta(hours=hours)))
    first, second, third, fourth = numbers
    for descending, expected in (
        (False, [fourth, second, first, third]),
        (True, [second, fourth, third, first]),
    ):
        got = []
        for page in range(1, 5):
            query = ListQuery(sort="due", descending=descending, page=page, size=1)
            with line.storage.reading() as uow:
                got += [row.number for row in uow.lists.tickets(query).rows]
        assert got == expected


def test_the_audit_log_knows_its_actions(line: Application) -> None:
    for action in ("looked_at", "listed", "looked_at"):
        line.audit.write(None, action, "customer 11001", "", MONDAY_TEN)
    with line.storage.reading() as uow:
        assert uow.lists.audit_actions() == ["listed", "looked_at"]
        found = uow.lists.audit(ListQuery(search="11001", filters={"action": "listed"}))
    assert [(row.login, row.name, row.action) for row in found.rows] == [("-", None, "listed")]
    assert found.total == 1


def test_sessions_are_forgotten_after_a_day(line: Application) -> None:
    with line.storage.writing() as uow:
        desk = uow.people.find("desk")
        assert desk is not None
        old = begin_session(uow, desk.id, MONDAY_TEN)
        later = MONDAY_TEN + timedelta(hours=25)
        new = begin_session(uow, desk.id, later)
    assert line.web_sessions.visit(old, later) is None
    visit = line.web_sessions.visit(new, later)
    assert visit is not None
    assert visit.person.login == "desk"
    assert line.web_sessions.visit("guessed", later) is None


def test_a_draft_replaces_the_one_before(line: Application) -> None:
    for words in ("first", "second"):
        line.drafts.keep(1, "/console/a", "/console/b", [("text", words)], MONDAY_TEN)
    (kept,) = line.drafts.waiting(1, MONDAY_TEN)
    assert "second" in kept.form_json


def test_a_login_name_is_taken_once(line: Application) -> None:
    with line.storage.reading() as uow:
        before = uow.people.list_all()
    assert [each.login for each in before] == ["admin", "anna", "desk", "lead", "luca"]
    with pytest.raises(AlreadyStoredError), line.storage.writing() as uow:
        uow.people.add(_copy(before[0]))


def _copy(record):
    from ivr.services.people_store import NewPerson

    return NewPerson(
        record.login,
        "Somebody",
        record.role,
        "de",
        None,
        "x",
        must_change=True,
        created_at=MONDAY_TEN,
    )


def test_of_many_tries_at_the_same_instant_five_count(line: Application) -> None:
    """Whoever tries in parallel gains nothing: the right one comes too late as well."""

    def enter(password: str) -> None:
        tokens.append(line.login.enter(Attempt("anna", password, "", ""), MONDAY_TEN))

    tokens: list[str | None] = []
    tries = [threading.Thread(target=enter, args=("wrong",)) for _ in range(8)]
    for each in tries:
        each.start()
    for each in tries:
        each.join(30)
    enter(PASSWORD)
    assert tokens == [None] * 9
    with line.storage.engine.connect() as connection:
        (row,) = connection.exec_driver_sql("SELECT failures, strikes FROM login_standing").all()
    assert tuple(row) == (8, 5)


def test_a_code_of_an_authenticator_is_used_up_once(line: Application) -> None:
    with line.storage.writing() as uow:
        assert uow.people.use_step(1, 100)
        assert not uow.people.use_step(1, 100)
        assert not uow.people.use_step(1, 99)
        assert uow.people.use_step(1, 101)
