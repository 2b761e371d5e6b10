"""`pikett import customers`: what is added, what is changed, and what stays as it is."""

from datetime import date

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from ivr.contracts.agreements import AgreementKind
from ivr.imports.columns import COLUMNS
from ivr.imports.readers import open_table
from ivr.imports.rows import RowCheck
from ivr.storage.import_plan import plan_import
from ivr.storage.imports import ADDITIONS, CustomerImport
from ivr.storage.models import ContractLocation, Location
from ivr.storage.staging import open_staging
from tests.fakes import MONDAY_TEN
from tests.lab.servers import REPOSITORY
from tests.service.agreed import agree
from tests.service.conftest import POSTGRESQL, Telephone, contents
from tests.service.imported import BAKERY, Office, admin, office

FIXTURES = (admin, office)
FORMATS = (".csv", ".json", ".xlsx")
DECEMBER = date(2026, 12, 1)
SAMPLE = REPOSITORY / "docs" / "samples" / "customers.csv"


def spans(office: Office, number: str) -> list[tuple[str, date, date | None]]:
    """Plans of a customer with their first and last day."""
    found = office.of(number, "contract")
    return [(each["plan_id"], each["starts_on"], each["ends_on"]) for each in found]


# Adding -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_customer_with_all_that_can_be_said(office: Office, suffix: str) -> None:
    rows = [
        BAKERY,
        {"number": "20001", "location": "Brugg", "phone": "044/000 20 02"},
        {"number": "20001", "phone": "044 000 20 03"},
        {
            "number": "20001",
            "contact": "Eva Roth",
            "contact_phone": "044 000 20 04",
            "contact_email": "eva@customer.invalid",
            "contact_language": "FR",
            "may_order": "no",
        },
    ]
    ended = office.take(office.table(rows, suffix))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[:6] == [
        "1 customer: 1 new, 0 changed, 0 unchanged.",
        "  customers: 1 new, 0 changed",
        "  locations: 2 new, 0 changed",
        "  contracts: 1 new, 0 changed",
        "  telephone numbers: 3 new, 0 changed",
        "  contacts: 1 new, 0 changed",
    ]
    customer = office.customer("20001")
    assert (customer["name"], customer["language"]) == ("Muster AG", "de")
    assert (customer["pin_hash"], customer["demo"]) == (None, False)
    baden, brugg = office.of("20001", "location")
    assert (baden["name"], brugg["name"]) == ("Baden", "Brugg")
    assert [
        (each["number"], each["location_id"]) for each in office.of("20001", "phone_number")
    ] == [
        ("+41440002001", baden["id"]),
        ("+41440002002", brugg["id"]),
        ("+41440002003", None),
    ]
    (eva,) = office.of("20001", "contact")
    assert (eva["name"], eva["phone"], eva["email"], eva["language"], eva["may_order"]) == (
        "Eva Roth",
        "+41440002004",
        "eva@customer.invalid",
        "fr",
        False,
    )


@pytest.mark.rule("A.57")
def test_a_contract_covers_the_location_of_its_row(office: Office) -> None:
    brugg_phone = "044 000 20 02"
    office.must_take(BAKERY, BAKERY | {"location": "Brugg", "plan": "basic", "phone": brugg_phone})
    baden, brugg = office.of("20001", "location")
    pro, basic = office.of("20001", "contract")
    assert [(each["number"], each["plan_id"], each["kind"]) for each in (pro, basic)] == [
        ("CLA-20001-1", "pro", "cla"),
        ("CLA-20001-2", "basic", "cla"),
    ]
    covered = {(pro["id"], baden["id"]), (basic["id"], brugg["id"])}
    rows = contents(office.app)["contract_location"]
    assert {row for row in rows if row[0] in (pro["id"], basic["id"])} == covered
    told = office.pikett("explain", "--from", brugg_phone, "--at", "2026-12-02T10:00")
    assert "Location      Brugg\nPlan          basic\n" in told.out


def test_new_customers_are_told_how_to_get_a_code(office: Office) -> None:
    assert "pikett pin reset" in office.must_take(BAKERY)
    assert "pikett pin reset" not in office.must_take(BAKERY)
    assert office.pikett("pin", "reset", "20001").code == 0


def test_ids_go_on_after_an_import(office: Office) -> None:
    """PostgreSQL's sequences must know of the ids that the import has given."""
    office.must_take(BAKERY)
    assert office.pikett("contact", "add", "20001", "Eva Roth").code == 0
    agree(office.app, "20001", AgreementKind.SOFTWARE_MAINTENANCE, DECEMBER)
    office.must_take(BAKERY | {"number": "20002", "phone": "044 000 20 09"})
    ids = [each["id"] for each in office.stored("contract")]
    assert len(set(ids)) == len(ids)


# The same again, and changes ----------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_file_again_changes_nothing(office: Office, suffix: str) -> None:
    path = office.table([BAKERY, {"number": "20001", "contact": "Eva Roth"}], suffix)
    office.take(path)
    before = contents(office.app)
    again = office.take(path)
    assert again.out == "1 customer: 0 new, 0 changed, 1 unchanged.\n"
    assert contents(office.app) == before


def test_a_dry_run_says_what_it_would_do_and_does_nothing(office: Office) -> None:
    before = contents(office.app)
    dry = office.take([BAKERY], "--dry-run")
    assert dry.code == 0
    assert dry.out.startswith("1 customer: 1 new, 0 changed, 0 unchanged.\n  customers: 1 new")
    assert dry.out.endswith("A dry run: nothing was changed.\n")
    assert contents(office.app) == before


def test_what_a_file_does_not_say_stays(office: Office) -> None:
    code = office.customer("11009")["pin_hash"]
    office.must_take({"number": "11009", "name": "Schreinerei Huber & Töchter"})
    customer = office.customer("11009")
    assert (customer["name"], customer["language"]) == ("Schreinerei Huber & Töchter", "de")
    assert customer["pin_hash"] == code
    assert customer["demo"] is True
    assert len(office.of("11009", "phone_number")) == 2
    assert spans(office, "11009") == [("pro", date(2026, 1, 1), None)]


def test_a_contact_is_changed_where_the_file_says_something(office: Office) -> None:
    office.pikett("contact", "add", "11001", "Eva Roth", "--phone", "044 000 10 51", "--no-order")
    out = office.must_take({"number": "11001", "contact": "Eva Roth", "contact_language": "it"})
    assert "contacts: 0 new, 1 changed" in out
    (eva,) = office.of("11001", "contact")
    assert (eva["phone"], eva["language"], eva["may_order"]) == ("+41440001051", "it", False)
    office.must_take({"number": "11001", "contact": "Eva Roth", "may_order": "yes"})
    assert office.of("11001", "contact")[0]["may_order"] is True


def test_a_number_of_the_customer_becomes_one_of_a_location(office: Office) -> None:
    row = {"number": "11008", "location": "Basel", "phone": "044 000 10 08"}
    assert "telephone numbers: 0 new, 1 changed" in office.must_take(row)
    basel = office.of("11008", "location")[0]["id"]
    assert office.of("11008", "phone_number")[0]["location_id"] == basel
    assert "0 changed" in office.must_take(row)
    assert "0 changed" in office.must_take({"number": "11008", "phone": "+41440001008"})
    assert "1 new, 0 changed" in office.must_take(row | {"location": "Geneva"})


@pytest.mark.rule("B.5")
def test_many_customers_may_share_a_number(office: Office) -> None:
    office.must_take(BAKERY, BAKERY | {"number": "20002", "name": "Nachbar"})
    assert len(office.stored("phone_number", number="+41440002001")) == 2


# Contracts ----------------------------------------------------------------------------------------

HUBER = {"number": "11009", "location": "Wettingen", "plan": "premium", "starts_on": "2026-12-01"}


def test_another_plan_ends_the_one_before_on_the_day_before(office: Office) -> None:
    assert "contracts: 1 new, 1 changed" in office.must_take(HUBER)
    assert spans(office, "11009") == [
        ("pro", date(2026, 1, 1), date(2026, 11, 30)),
        ("premium", DECEMBER, None),
    ]
    assert office.of("11009", "contract")[1]["number"] == "CLA-11009-2"
    before = contents(office.app)
    office.must_take(HUBER)
    assert contents(office.app) == before


@pytest.mark.rule("A.62")
def test_an_end_is_taken_over_and_an_empty_one_says_nothing(office: Office) -> None:
    known = HUBER | {"plan": "pro", "starts_on": "2026-01-01"}
    office.must_take(known | {"ends_on": "31.12.2026"})
    assert spans(office, "11009") == [("pro", date(2026, 1, 1), date(2026, 12, 31))]
    assert "0 changed" in office.must_take(known)
    assert spans(office, "11009") == [("pro", date(2026, 1, 1), date(2026, 12, 31))]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"starts_on": "2026-01-01"}, "the location has pro from 2026-01-01; another plan needs"),
        ({"starts_on": "2025-01-01"}, "covered by row"),
    ],
)
def test_a_plan_that_cannot_begin_then_is_refused(
    office: Office, change: dict[str, str], said: str
) -> None:
    (mistake,) = office.refused([HUBER | change])
    assert mistake.startswith("row 2, column ")
    assert said.replace("row", "the contract of row") in mistake or said in mistake


def test_an_earlier_contract_needs_an_end(office: Office) -> None:
    office.must_take(HUBER | {"starts_on": "2025-01-01", "ends_on": "2025-12-31"})
    assert spans(office, "11009")[1] == ("premium", date(2025, 1, 1), date(2025, 12, 31))


def test_a_contract_for_several_locations_is_not_ended_for_one(office: Office) -> None:
    basel, geneva = office.of("11008", "location")
    contract = office.of("11008", "contract")[0]["id"]
    with office.app.storage.writing() as uow:
        values = {"contract_id": contract, "location_id": geneva["id"]}
        uow.connection.execute(insert(ContractLocation), values)
    row = HUBER | {"number": "11008", "location": basel["name"]}
    (mistake,) = office.refused([row])
    assert "covers other locations too" in mistake


def test_a_version_counts_until_the_next_one(office: Office) -> None:
    renewed = ("--plan", "premium", "--from", "2026-12-01")
    assert office.pikett("contract", "renew", "11009", "CLA-11009-1", *renewed).code == 0
    before = contents(office.app)
    out = office.must_take(
        HUBER, HUBER | {"plan": "pro", "starts_on": "2026-01-01", "ends_on": "2026-11-30"}
    )
    assert out == "1 customer: 0 new, 0 changed, 1 unchanged.\n"
    assert contents(office.app) == before


def test_a_number_that_is_taken_is_not_given_again(office: Office) -> None:
    given = ("--plan", "pro", "--location", "Baden", "--from", "2030-01-01")
    taken = office.pikett("contract", "notice", "11001", "CLA-11001-1")
    assert taken.code == 0
    added = office.pikett("contract", "add", "11001", *given, "--number", "CLA-20001-7")
    assert added.code == 0, added.err
    office.must_take(BAKERY)
    assert office.of("20001", "contract")[0]["number"] == "CLA-20001-8"


# All or nothing -----------------------------------------------------------------------------------


def test_who_changes_customers_meanwhile_is_not_overwritten(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check and the write somebody adds a location."""

    def disturbed(*given: object) -> object:
        state = plan_import(*given)  # type: ignore[arg-type]
        with office.app.storage.writing() as uow:
            place = {"customer_id": office.customer("11001")["id"], "name": "Olten"}
            uow.connection.execute(insert(Location), place)
        return state

    monkeypatch.setattr("ivr.storage.imports.plan_import", disturbed)
    ended = office.take([BAKERY])
    assert ended.code == 1
    assert "start the import again" in ended.err
    assert office.stored("customer", number="20001") == []


def test_a_write_that_fails_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last table does not take what the ones before have taken."""
    broken = [*ADDITIONS[:-1], (ContractLocation, "new_contact", {"contract_id": "customer_id"})]
    monkeypatch.setattr("ivr.storage.imports.ADDITIONS", broken)
    before = contents(office.app)
    with pytest.raises(IntegrityError):
        office.take([BAKERY, {"number": "20001", "contact": "Eva Roth"}])
    assert contents(office.app) == before


@pytest.mark.rule("P.13")
@pytest.mark.parametrize("written", ["044/000 20 01", "0041 44 000 20 01", "044-000.20.01"])
def test_a_number_is_known_when_it_calls_however_it_was_written(
    office: Office, written: str
) -> None:
    office.must_take(BAKERY | {"starts_on": "2026-11-01", "phone": written})
    reply = Telephone(office.app, caller="+41440002001").begin()
    with office.app.storage.reading() as uow:
        call = uow.calls.get(reply.call_id)
    assert call.customer_id == office.customer("20001")["id"]


@pytest.mark.parametrize("database", [POSTGRESQL])
def test_calls_go_on_while_an_import_is_written(office: Office) -> None:
    """On PostgreSQL; a new customer's call is stored while his customer is being changed."""
    path = office.table([HUBER | {"name": "Huber & Söhne"}, BAKERY])
    with open_staging() as staging, open_table(path) as table:
        check = RowCheck(office.app.plans, frozenset())
        importing = CustomerImport(office.app.storage, staging, check)
        assert sum(importing.check(table.records)) == path.stat().st_size
        importing.plan()
        writing = importing.write(MONDAY_TEN)
        assert next(writing) == 1
        for number in (HUBER["number"], "11001"):
            phone = office.of(number, "phone_number")[0]["number"]
            assert Telephone(office.app, f"call-{number}", caller=phone).begin().verbs
        assert sum(writing) > 3
    assert office.customer("11009")["name"] == "Huber & Söhne"


# The command --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [(), ("gone.csv",), ("customers.txt",), (".",), ("customers.csv", "more.csv")],
)
def test_wrong_usage(office: Office, arguments: tuple[str, ...]) -> None:
    office.file("number\n")
    office.file("number\n", "customers.txt")
    paths = (str(office.folder / each) for each in arguments)
    assert office.pikett("import", "customers", *paths).code == 2


def test_help_names_columns_formats_and_rules(office: Office) -> None:
    ended = office.pikett("import", "customers", "--help")
    told = " ".join(ended.out.split())
    for words in (
        "starts_on",
        "may_order",
        "--dry-run",
        "nothing is ever deleted",
        ".xlsx",
        "pin reset",
    ):
        assert words in told


def test_the_sample_of_the_documentation_is_taken(office: Office) -> None:
    ended = office.take(SAMPLE)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("3 customers: 3 new, 0 changed, 0 unchanged.")
    assert office.customer("20003")["name"] == "@home Muster"
    assert {*SAMPLE.read_text(encoding="utf-8").splitlines()[0].split(",")} == {*COLUMNS}


def test_the_documentation_names_every_column(office: Office) -> None:
    text = (SAMPLE.parent.parent / "import.md").read_text(encoding="utf-8")
    told = " ".join(office.pikett("import", "customers", "--help").out.split())
    for column in COLUMNS:
        assert f"`{column}`" in text
        assert column in told


def test_a_file_with_nothing_but_headings_changes_nothing(office: Office) -> None:
    out = office.take(office.file("number;name\n")).out
    assert out == "0 customers: 0 new, 0 changed, 0 unchanged.\n"
