"""`pikett export customers`: the same columns, no PIN, and importing it again changes nothing."""

import csv
import json
import stat
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, update

from ivr.cli.common import application
from ivr.contracts.agreements import AgreementKind
from ivr.imports.columns import COLUMNS
from ivr.storage.models import Customer, PhoneNumber
from tests.service.agreed import agree
from tests.service.captured_logs import captured_logs
from tests.service.conftest import contents
from tests.service.imported import BAKERY, Office, admin, office
from tests.service.test_imports import DECEMBER, FORMATS, HUBER

FIXTURES = (admin, office)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def make_it_various(office: Office) -> None:
    """Everything a customer may have, and what a spreadsheet might misunderstand."""
    office.must_take(
        HUBER,
        BAKERY | {"name": "'=1+1 AG", "location": "'@home", "ends_on": "2027-12-31"},
        {"number": "20001", "phone": "+49 30 1234567", "contact": "''-Eva", "may_order": "no"},
        {"number": "20001", "contact": 'Max, Müller; "M"', "contact_email": "m@customer.invalid"},
        {"number": "20002", "name": "Nobody yet", "language": "it"},
    )
    agree(office.app, "11001", AgreementKind.SLA, DECEMBER, reaction_hours=4)
    shared = ("--location", "11005/Brugg", "--plan", "basic", "--from", "2028-01-01")
    assert office.pikett("contract", "notice", "11005", "CLA-11005-1").code == 0
    assert office.pikett("contract", "add", "11001", *shared).code == 0


@pytest.mark.parametrize("suffix", FORMATS)
def test_importing_an_export_changes_nothing(office: Office, suffix: str) -> None:
    make_it_various(office)
    before = contents(office.app)
    ended = office.take(office.export(f"all{suffix}"))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "17 customers: 0 new, 0 changed, 17 unchanged.\n"
    assert contents(office.app) == before


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_export_makes_the_same_customers_elsewhere(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_it_various(office)
    path = office.export("all.csv")
    monkeypatch.setenv("PIKETT_DATA_DIR", str(tmp_path / "elsewhere"))
    application.cache_clear()
    assert office.pikett("migrate").code == 0
    assert office.take(path).out.startswith("17 customers: 17 new, 0 changed, 0 unchanged.\n")
    assert office.export("again.csv").read_bytes() == path.read_bytes()
    with captured_logs():
        for level in ("warning", "error"):
            application(level).storage.engine.dispose()


def test_the_rows_of_a_customer(office: Office) -> None:
    make_it_various(office)
    rows = [each for each in rows_of(office.export("all.csv")) if each["number"] == "20001"]
    assert [tuple(each) for each in rows] == [COLUMNS] * 3
    assert [list(filter(None, each.values()))[3:] for each in rows] == [
        ["'@home", "pro", "2026-12-01", "2027-12-31", "+41 44 000 20 01"],
        ["+49 30 1234567", "''-Eva", "no"],
        ['Max, Müller; "M"', "m@customer.invalid", "yes"],
    ]
    assert {each["name"] for each in rows} == {"'=1+1 AG"}


def test_contracts_of_a_location_come_by_their_first_day(office: Office) -> None:
    office.must_take(HUBER)
    rows = [each for each in rows_of(office.export("all.csv")) if each["number"] == "11009"]
    assert [(each["plan"], each["starts_on"], each["ends_on"]) for each in rows] == [
        ("pro", "2026-01-01", "2026-11-30"),
        ("premium", "2026-12-01", ""),
        ("", "", ""),
        ("", "", ""),
    ]


@pytest.mark.rule("B.7")
@pytest.mark.parametrize("suffix", FORMATS)
def test_there_is_no_pin_in_it(office: Office, suffix: str) -> None:
    path = office.export(f"all{suffix}")
    hashes = [each["pin_hash"] for each in office.stored("customer")]
    if suffix == ".xlsx":
        cells = load_workbook(path)["customers"].iter_rows(values_only=True)
        text = "\n".join(str(row) for row in cells)
    else:
        text = path.read_text(encoding="utf-8-sig")
    assert "11001" in text
    assert "123456" not in text
    assert "argon2" not in text
    assert not [each for each in hashes if each in text]


def test_no_cell_is_a_formula_to_a_spreadsheet(office: Office) -> None:
    make_it_various(office)
    sheet = load_workbook(office.export("all.xlsx"))["customers"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    for row in rows_of(office.export("all.csv")):
        assert not [each for each in row.values() if each.startswith(("=", "@", "-"))]
        assert [each for each in row.values() if each.startswith("+")] == list(
            filter(None, (row["phone"], row["contact_phone"]))
        )


def test_what_cannot_be_printed_is_not_written(office: Office) -> None:
    with office.app.storage.writing() as uow:
        uow.connection.execute(
            update(Customer).where(Customer.number == "11001").values(name="A\x07B")
        )
    assert rows_of(office.export("all.csv"))[0]["name"] == "A B"
    assert office.export("all.xlsx").exists()


def test_to_standard_output(office: Office) -> None:
    ended = office.pikett("export", "customers", "-")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0] == ";".join(COLUMNS)
    assert office.take(office.file(ended.out)).out.endswith("0 changed, 15 unchanged.\n")


def test_the_file_is_for_its_owner_alone_and_whole(office: Office) -> None:
    path = office.export("all.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in office.folder.iterdir()] == ["all.csv"]


def test_an_export_that_fails_leaves_the_file_before(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = office.export("all.csv")
    before = path.read_bytes()
    key = office.customer("11001")["id"]
    with office.app.storage.writing() as uow:
        number = {"customer_id": key, "number": "no number"}
        uow.connection.execute(insert(PhoneNumber), number)
    with pytest.raises(Exception, match="phone number"):
        office.pikett("export", "customers", str(path))
    assert path.read_bytes() == before
    assert [each.name for each in office.folder.iterdir()] == ["all.csv"]


def test_a_sheet_that_is_too_small_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.imports.writers.MOST_ROWS_OF_A_SHEET", 10)
    ended = office.pikett("export", "customers", str(office.folder / "all.xlsx"))
    assert (ended.code, ended.err) == (2, "pikett: a sheet has 10 rows; export to .csv\n")
    assert list(office.folder.iterdir()) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_nobody_there(office: Office, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.cli.exports.list_customers", lambda _: iter(()))
    path = office.export(f"all{suffix}")
    assert office.take(path).out == "0 customers: 0 new, 0 changed, 0 unchanged.\n"
    if suffix == ".json":
        assert json.loads(path.read_text()) == []


@pytest.mark.parametrize("name", ["all.txt", "gone/all.csv"])
def test_wrong_usage(office: Office, name: str) -> None:
    assert office.pikett("export", "customers", str(office.folder / name)).code == 2
    assert "pikett export customers -" in office.pikett("export", "customers", "--help").out
