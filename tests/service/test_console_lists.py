"""Lists: search, filters, sorting, paging and CSV, and what a customer's page tells to whom."""

import csv
import html
import re
from datetime import timedelta
from io import StringIO
from time import perf_counter

import pytest
from sqlalchemy import insert, update

from ivr.bootstrap import Application
from ivr.contracts.faults import Fact, Phase, Statement
from ivr.identity.contacts import Contact
from ivr.services.listing import ListQuery
from ivr.storage.models import Customer, Ticket
from tests.fakes import MONDAY_TEN, FrozenClock
from tests.service.codes import customer_id
from tests.service.console import Browser, logged_in
from tests.service.crowded import crowd
from tests.service.ticketed import ANNA, add_ticket

HUBER = "11009"


def rows(page: str) -> list[list[str]]:
    """The texts of a list's cells."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    plain = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("</tr>")]
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]
        for cells in plain
        if cells
    ]


def numbers(person: Browser, address: str, **asked: str) -> list[str]:
    page = person.get(address, query_string=asked)
    assert page.status_code == 200
    return [row[0] for row in rows(page.text)]


def set_due(app: Application, number: int, hours: int) -> None:
    with app.storage.engine.begin() as connection:
        due = MONDAY_TEN + timedelta(hours=hours)
        connection.execute(update(Ticket).where(Ticket.number == number).values(due_at=due))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("11009", ["11009"]),
        ("1100", [f"1100{each}" for each in range(1, 10)]),
        ("huber", ["11009"]),
        ("HÔTEL", ["11010"]),
        ("+41 44 000 10 09", ["11009"]),
        ("044 000 10 99", ["11005", "11009"]),
        ("0001099", ["11005", "11009"]),
        ("100%", []),
        ("_", []),
        ("' OR 1=1 --", []),
    ],
)
def test_customers_are_found_by_number_name_and_telephone(
    app: Application, search: str, found: list[str]
) -> None:
    assert numbers(logged_in(app), "/console/customers", search=search) == found


def test_a_list_is_sorted_and_has_pages(app: Application) -> None:
    person = logged_in(app)
    names = [row[1] for row in rows(person.get("/console/customers?sort=-name").text)]
    assert names == sorted(names, reverse=True)
    with app.storage.engine.begin() as connection:
        more = [
            {"number": f"2{each:04}", "name": f"Firma {each}", "language": "de", "demo": True}
            for each in range(60)
        ]
        connection.execute(insert(Customer), [row | {"created_at": MONDAY_TEN} for row in more])
    first = person.get("/console/customers?size=25")
    assert "75 gefunden" in first.text
    assert "Seite 1 von 3" in first.text
    assert re.search(r'rel="next" href="[^"]*page=2', first.text)
    last = person.get("/console/customers?size=25&page=3")
    assert [row[0] for row in rows(last.text)][-1] == "20059"
    assert 'rel="next"' not in last.text


@pytest.mark.parametrize(
    "query", ["sort=pin_hash", "sort=-", "page=0", "page=-1", "page=x", "size=7", "page=99999999"]
)
def test_nonsense_in_an_address_is_taken_for_nothing(app: Application, query: str) -> None:
    assert logged_in(app).get(f"/console/customers?{query}").status_code == 200


def test_a_file_for_a_spreadsheet_holds_all_rows_and_no_formula(app: Application) -> None:
    with app.storage.engine.begin() as connection:
        evil = update(Customer).where(Customer.number == HUBER)
        connection.execute(evil.values(name="=1+1,cmd"))
    answer = logged_in(app).get("/console/customers?format=csv&size=25")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    head, *lines = csv.reader(StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
    assert head[:2] == ["Nummer", "Name"]
    assert len(lines) == 15
    assert next(line for line in lines if line[0] == HUBER)[1] == "'=1+1,cmd"


def test_open_tickets_leave_the_list_when_they_are_over(app: Application) -> None:
    person = logged_in(app, "lead")
    first, second = add_ticket(app, HUBER), add_ticket(app)
    assert numbers(person, "/console/tickets") == [str(second), str(first)]
    for phase, shown in ((Phase.CLOSED, [second]), (Phase.IN_WORK, [second, first])):
        with app.storage.writing() as uow:
            uow.facts.add(first, [Statement(MONDAY_TEN, ANNA, Fact.PHASE, phase.value)])
        assert numbers(person, "/console/tickets") == [str(each) for each in shown]
    app.accounts.close(second, MONDAY_TEN + timedelta(days=1))
    assert numbers(person, "/console/tickets") == [str(first)]
    assert numbers(person, "/console/tickets", state="all") == [str(second), str(first)]


def test_tickets_are_found_by_number_customer_and_kind(app: Application) -> None:
    person = logged_in(app, "lead")
    number = str(add_ticket(app, HUBER))
    nobody = str(add_ticket(app, None))
    for search in (number, HUBER, "schreinerei"):
        assert numbers(person, "/console/tickets", search=search) == [number]
    assert numbers(person, "/console/tickets", search="9" * 30) == []
    assert numbers(person, "/console/tickets", kind="fast_lane") == []
    assert numbers(person, "/console/tickets", kind="order") == [nobody, number]


def test_what_is_due_first_comes_first_and_what_is_never_due_last(app: Application) -> None:
    person = logged_in(app, "lead")
    made = [add_ticket(app) for _ in range(60)]
    for number, hours in zip(made[:40], range(40), strict=True):
        set_due(app, number, hours)
    first = numbers(person, "/console/tickets", sort="due", size="25")
    second = numbers(person, "/console/tickets", sort="due", size="25", page="2")
    third = numbers(person, "/console/tickets", sort="due", size="25", page="3")
    assert first + second + third == [str(number) for number in made]
    backwards = numbers(person, "/console/tickets", sort="-due", size="25")
    assert backwards == [str(number) for number in reversed(made[15:40])]


def test_an_overdue_ticket_is_marked(app: Application, clock: FrozenClock) -> None:
    set_due(app, add_ticket(app, HUBER), 1)
    person = logged_in(app, "lead")
    assert "text-bg-danger" not in person.get("/console/tickets").text
    clock.advance(3601)
    person = logged_in(app, "lead")
    assert "text-bg-danger" in person.get("/console/tickets").text
    assert "überfällig" in person.get(f"/console/customers/{HUBER}").text


@pytest.mark.rule("B.11")
@pytest.mark.parametrize(
    ("login", "sees", "does_not_see"),
    [
        (
            "desk",
            ["Wettingen", "winCall pro", "Eva Roth", "in Ordnung"],
            ["10 51", "eva@", "10 09"],
        ),
        (
            "anna",
            ["Wettingen", "winCall pro", "Eva Roth"],
            ["10 51", "eva@", "10 09", "Support-Code"],
        ),
        ("lead", ["Wettingen", "Eva Roth", "10 51", "eva@", "10 09", "in Ordnung"], []),
        ("admin", ["Wettingen", "Eva Roth", "10 51", "eva@", "10 09", "in Ordnung"], []),
    ],
)
def test_a_role_sees_of_a_customer_what_it_needs(
    app: Application, login: str, sees: list[str], does_not_see: list[str]
) -> None:
    eva = Contact("Eva Roth", "+41440001051", "eva@example.ch", None, may_order=True)
    with app.storage.writing() as uow:
        uow.contacts.add(customer_id(app, HUBER), eva, MONDAY_TEN)
    number = add_ticket(app, HUBER)
    page = logged_in(app, login).get(f"/console/customers/{HUBER}").text
    for word in (*sees, str(number)):
        assert word in page, word
    for word in (*does_not_see, "174935"):
        assert word not in page, word


def test_a_customer_is_found_by_a_place(app: Application) -> None:
    assert "Bäckerei Sonnenschein" in logged_in(app).get("/console/customers?search=baden").text


def test_every_look_at_a_customer_is_written_down(app: Application) -> None:
    person = logged_in(app)
    person.get(f"/console/customers/{HUBER}")
    person.get("/console/customers?search=Huber")
    person.get("/console/customers?format=csv")
    admin = logged_in(app, "admin")
    asked = "/console/audit?format=csv&person=desk&looks=all"
    listed = admin.get(asked).text.removeprefix("\ufeff")
    shown = [row[1:3] for row in csv.reader(StringIO(listed), delimiter=";")][1:]
    assert shown == [
        ["Service-Desk lud die Liste herunter: Kunden", ""],
        ["Service-Desk sah die Liste an: Kunden", "Huber"],
        [f"Service-Desk sah an: Kunde {HUBER} (Schreinerei Huber)", ""],
        ["Service-Desk meldete sich an", ""],
    ]


def test_the_audit_log_is_searched_and_filtered(app: Application) -> None:
    logged_in(app).get(f"/console/customers/{HUBER}")
    admin = logged_in(app, "admin")

    def found(**asked: str) -> int:
        page = admin.get("/console/audit", query_string=asked).text
        return page.count("<time ")

    assert found(search=HUBER) == 0
    assert found(search=HUBER, looks="all") == 1
    assert found(search="person desk") == 1
    assert found(action="looked_at") == 1
    assert found(person="anna") == 0
    answer = admin.get("/console/audit?format=csv")
    assert "Service-Desk meldete sich an" in answer.text
    assert "sah an" not in answer.text


# Ten thousand customers, a hundred thousand tickets -----------------------------------------------


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, demo_database) -> Application:
    import shutil

    from tests.wiring import quick_application

    folder = tmp_path_factory.mktemp("crowded") / "data"
    shutil.copytree(demo_database, folder)
    app = quick_application(folder, clock=FrozenClock())
    crowd(app)
    yield app
    app.storage.engine.dispose()


@pytest.mark.parametrize(
    "address",
    [
        "/console/customers",
        "/console/customers?search=Firma+09&sort=-name&page=5",
        "/console/customers?search=0442005000",
        "/console/customers?search=5000",
        "/console/tickets",
        "/console/tickets?sort=due",
        "/console/tickets?state=all&sort=-due&page=1200",
        "/console/tickets?state=all&page=2000",
        "/console/tickets?state=all&search=firma+05",
        "/console/customers/25000",
    ],
)
def test_pages_answer_in_a_crowded_database(
    crowded: Application, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """How long it takes is told, not judged: that is `make bench`."""
    person = logged_in(crowded, "lead")
    person.get(address)
    began = perf_counter()
    page = person.get(address)
    spent = (perf_counter() - began) * 1000
    assert page.status_code == 200
    assert "Firma" in page.text
    with capsys.disabled():
        print(f"\n  {address}: {spent:.0f} ms")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (ListQuery(sort="number", descending=True, filters={"state": "open"}), "ix_ticket_over"),
        (ListQuery(sort="due", filters={"state": "open"}), "ix_ticket_due_open"),
        (ListQuery(sort="due", filters={"state": "all"}), "ix_ticket_due"),
        (ListQuery(search="25000", filters={"state": "all"}), "ix_ticket_customer_id"),
    ],
)
def test_a_page_of_tickets_is_found_by_an_index(
    crowded: Application, query: ListQuery, index: str
) -> None:
    """Nothing is sorted, and no page reads the whole table."""
    plans = _plans_of(crowded, query)
    assert any(f"INDEX {index}" in step for step in plans[-2]), plans
    assert not any("TEMP B-TREE" in step for plan in plans for step in plan) or query.search


def _plans_of(app: Application, query: ListQuery) -> list[list[str]]:
    from sqlalchemy import event

    said: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_more) -> None:
        said.append((statement, parameters))

    event.listen(app.storage.engine, "before_cursor_execute", note)
    with app.storage.reading() as uow:
        assert uow.lists.tickets(query).rows
    event.remove(app.storage.engine, "before_cursor_execute", note)
    with app.storage.engine.connect() as connection:
        return [
            [
                row.detail
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]
            for statement, parameters in said
            if statement.startswith("SELECT")
        ]
