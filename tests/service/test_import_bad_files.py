"""Files that nobody should have sent: refused with the row, the column and the reason."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from ivr.storage import staging
from tests.service.conftest import contents
from tests.service.imported import BAKERY, Facts, Office, admin, office

FIXTURES = (admin, office)
SQLITE = pytest.mark.parametrize("database", ["sqlite"])
"""What is read is the same for both databases."""
pytestmark = SQLITE
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRINGS = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.'
    b'openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
HEAD = "number;name;language;location;plan;starts_on;ends_on;phone\n"


def only(office: Office, rows: list[Facts] | Path) -> str:
    """The one mistake there is."""
    (mistake,) = office.refused(rows)
    return mistake


# Cells --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("number", "2000", "'2000' is not five digits"),
        ("number", "２０００１", "is not five digits"),
        ("number", "", "is missing"),
        ("name", "=HYPERLINK(1)", "begins like a formula"),
        ("name", "@SUM(A1)", "begins like a formula"),
        ("name", "+A1", "begins like a formula"),
        ("name", "-A1", "begins like a formula"),
        ("name", "x" * 501, "has 501 characters; at most 500"),
        ("name", "x" * 201, "a name has at most 200"),
        ("name", "Mus\0ter", "cannot be printed"),
        ("name", "Mus\nter", "cannot be printed"),
        ("name", "Mus\u202eter", "cannot be printed"),
        ("language", "rm", "'rm' is no language; use de, fr, it, en"),
        ("plan", "gold", "'gold' is no plan; use premium, pro_plus, pro, basic_plus, basic"),
        ("starts_on", "2026-02-30", "2026-02-30 does not exist in the calendar"),
        ("starts_on", "30.2.2026", "30.2.2026 does not exist in the calendar"),
        ("starts_on", "12/01/2026", "is not a date; write 2026-12-31 or 31.12.2026"),
        ("starts_on", "9999-12-31", "leave ends_on empty"),
        ("starts_on", "", "is missing: a plan is agreed for a location, from a day on"),
        ("location", "", "is missing: a plan is agreed for a location, from a day on"),
        ("ends_on", "2026-11-30", "2026-11-30 is before 2026-12-01, when it starts"),
        ("may_order", "maybe", "'maybe' is neither yes nor no"),
        ("may_order", "yes", "is there without a contact"),
        ("contact_email", "eva", "'eva' is not an e-mail address"),
    ],
)
def test_a_cell_that_cannot_be(office: Office, column: str, value: str, said: str) -> None:
    mistakes = office.refused([BAKERY | {column: value}])
    told = [each for each in mistakes if each.startswith(f"row 2, column {column}: ")]
    assert len(told) == 1
    assert said in told[0]


@pytest.mark.rule("B.5")
@pytest.mark.parametrize("column", ["phone", "contact_phone"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("044 000", "is not a valid telephone number"),
        ("0449", "is not a valid telephone number"),
        ("Zentrale", "is not a valid telephone number"),
        ("sip:+41440002001@x", "is not a telephone number"),
        ("4.144E+10", "is what a spreadsheet made of a telephone number"),
        ("4,144E+10", "is what a spreadsheet made of a telephone number"),
        ("112", "is an emergency or short number"),
        ("+41 117", "is an emergency or short number"),
        ("0112", "is an emergency or short number"),
        ("1414", "is an emergency or short number"),
        ("0900 123 456", "is a premium, shared-cost or mailbox number"),
        ("0848 123 456", "is a premium, shared-cost or mailbox number"),
        ("+41 44 000 11 00", "is the line's own number"),
        ("266696687", "is how a withheld number is written"),
        ("anonymous", "is how a withheld number is written"),
        ("=1+1", "begins like a formula"),
        ("+", "begins like a formula"),
    ],
)
def test_a_number_nobody_calls_from(office: Office, column: str, value: str, said: str) -> None:
    row = BAKERY | {"contact": "Eva Roth", column: value}
    assert said in only(office, [row])


def test_a_text_that_begins_like_a_formula_may_carry_an_apostrophe(office: Office) -> None:
    office.must_take(BAKERY | {"name": "'@home AG"})
    assert office.customer("20001")["name"] == "@home AG"


def test_a_field_of_a_million_characters(office: Office) -> None:
    row = BAKERY | {"number": "20002", "name": "x" * 1_000_000}
    assert only(office, [BAKERY, row]) == (
        "row 3, column name: has 1000000 characters; at most 500 are taken"
    )


# Rows that do not agree ---------------------------------------------------------------------------


def test_every_mistake_is_told_in_the_order_of_the_rows(office: Office) -> None:
    rows = [BAKERY | {"language": "xx", "phone": "112"}, BAKERY, BAKERY | {"plan": "gold"}]
    told = [each.split(":")[0] for each in office.refused(rows)]
    assert told == ["row 2, column language", "row 2, column phone", "row 4, column plan"]


def test_at_most_a_thousand_are_printed_and_the_rest_counted(office: Office) -> None:
    path = office.file("number\n" + "x\n" * 1500)
    told = office.refused(path)
    assert len(told) == 1001
    assert told[-1] == "and 500 more"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"name": "Muster GmbH"},
            "row 3, column name: is another than in row 2, for the same customer",
        ),
        (
            {"language": "fr"},
            "row 3, column language: is another than in row 2, for the same customer",
        ),
        ({"plan": "basic"}, "row 3, column plan: is another than in row 2, for the same location"),
        ({"location": "baden"}, "row 3, column location: is “Baden” in row 2; write it one way"),
        (
            {"starts_on": "2027-01-01"},
            "row 3, column starts_on: the location is covered by the contract of row 2 at the same",
        ),
    ],
)
def test_rows_that_contradict_each_other(office: Office, change: Facts, said: str) -> None:
    assert only(office, [BAKERY, BAKERY | change]).startswith(said)


@pytest.mark.rule("A.57")
def test_contracts_of_one_location_one_after_the_other(office: Office) -> None:
    first = BAKERY | {"ends_on": "2026-12-31"}
    after = BAKERY | {"plan": "basic", "starts_on": "2027-01-01"}
    assert "covered by" in only(office, [first | {"ends_on": "2027-01-01"}, after])
    office.must_take(first, after)


@pytest.mark.parametrize("column", ["name", "language"])
def test_a_new_customer_needs_name_and_language(office: Office, column: str) -> None:
    row = {key: value for key, value in BAKERY.items() if key != column}
    assert only(office, [row]) == f"row 2, column {column}: is missing: customer 20001 is new"


def test_a_known_location_written_in_another_way(office: Office) -> None:
    row = {"number": "11009", "location": "WETTINGEN"}
    assert only(office, [row]) == (
        "row 2, column location: is stored as “Wettingen”; write it that way"
    )


# Columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("number;colour", "'colour': no such column; the columns are number, name, "),
        ("number;name;NAME", "'name': a column is there twice"),
        ("name;language", "the first row must name the columns"),
        ("20001;Muster AG", "'20001', 'muster ag': no such column"),
    ],
)
def test_headings(office: Office, heading: str, said: str) -> None:
    assert only(office, office.file(f"{heading}\n")).startswith(f"row 1: {said}")


def test_a_value_without_a_heading(office: Office) -> None:
    assert only(office, office.file("number;name\n11001;;;x\n")) == (
        "row 2, column 4: has a value, but the column has no heading"
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiters_order_and_capitals_are_free(office: Office, delimiter: str, mark: str) -> None:
    lines = [["Name", "LANGUAGE", " number "], ['"Muster, Söhne; AG"', "DE", "20001"]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    assert office.take(office.file(mark + text)).code == 0
    assert office.customer("20001")["name"] == "Muster, Söhne; AG"


# Files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "customers.csv: the file is empty"),
        (
            (HEAD + "20001;B\u00e4ckerei;de\n").encode("cp1252"),
            "row 2: the text is not UTF-8; save it",
        ),
        (HEAD.encode("utf-16"), "customers.csv: this is UTF-16, not UTF-8; save it"),
        (b"PK\x03\x04....", "customers.csv: this is an Excel workbook"),
        (b"\xd0\xcf\x11\xe0....", "customers.csv: this is a workbook of the old kind"),
        (b'number\n"11001\n', "row 2: the file ends within quotation marks"),
        (b'number\n"11001"x\n', "row 2: this is not CSV as it should be"),
        (b"number\n" + b"1" * 5_000_000, "row 2: a line is longer than"),
        (b'number\n"' + b"11001\n" * 1_000_000, "row 2: a field is longer than"),
        (b"\0\0\0\0\0", "row 1: "),
    ],
)
def test_what_is_no_csv(office: Office, content: bytes, said: str) -> None:
    assert only(office, office.file(content)).startswith(said)


def test_it_says_how_to_save_the_file(office: Office) -> None:
    told = only(office, office.file("number;name\n11001;Bäckerei\n".encode("latin-1")))
    assert "“CSV UTF-8 (comma delimited)”" in told
    assert "nothing was read from here on" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"number": "11001"}', "“[” is missing, “{” is there; it must be a list"),
        ('[{"number": "11001"}', "“,” is missing, the file ends"),
        ('[{"number": "11001"} {"number": "11002"}]', "row 2: “,” is missing, “{” is there"),
        ('[{"number": "11001"}] x', "there is something after the end of the list"),
        ('[{"number": "110', "row 1: this is no JSON"),
        ('[{"number": NaN}]', "row 1: this is no JSON"),
        ("[" * 100_000, "row 1: lists in lists in lists"),
        ('["11001"]', "row 1: is no object"),
        ('[{"number": ["11001"]}]', "row 1, column number: is a list or an object"),
        ('[{"number": "11001", "NUMBER": "11002"}]', "row 1, column number: is there twice"),
        ('[{"number": "11001", "colour": "red"}]', "row 1, column 'colour': no such column"),
        ('[{"number": "11001", "phone": 41440002001}]', "row 1, column phone: is a figure"),
        ('[{"number": "11001", "name": 1e400}]', "row 1, column name: is a figure"),
        ('[{"number": "11001", "name": true}]', "row 1, column name: is a truth value"),
        ('[{"number": "11001", "name": "\\u0000"}]', "row 1, column name: '\\x00' has characters"),
        ('[{"number": "11001", "name": "' + "x" * 5_000_000 + '"}]', "row 1: one row is no JSON"),
    ],
)
def test_what_is_no_json(office: Office, content: str, said: str) -> None:
    told = office.refused(office.file(content, "customers.json"))
    assert said in told[0]


def test_json_that_is_longer_than_what_is_read_at_once(office: Office) -> None:
    rows = [{"number": "11001", "contact": f"Person {n}"} for n in range(3000)]
    path = office.table(rows, ".json")
    assert path.stat().st_size > 100_000
    assert office.take(path).code == 0
    assert len(office.of("11001", "contact")) == 3000


# Workbooks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("name", "=1+1", "is a formula; copy it and paste its value"),
        ("name", datetime(2026, 12, 1), "is a date to the spreadsheet"),
        ("name", time(10, 0), "is a time of day"),
        ("name", 1.5, "is a figure, not a text"),
        ("phone", 41440002001, "is a figure, not a telephone number"),
        ("phone", 4.144e10, "is a figure, not a telephone number"),
        ("starts_on", 46357, "'46357' is not a date"),
        ("starts_on", datetime(2026, 12, 1, 10, 30), "is a time; a day is wanted"),
        ("number", "#N/A", "is the error #N/A"),
    ],
)
def test_a_cell_of_a_workbook(office: Office, column: str, value: Any, said: str) -> None:
    (mistake, *_) = office.refused(office.table([BAKERY | {column: value}], ".xlsx"))
    assert mistake.startswith(f"row 2, column {column}: ")
    assert said in mistake


def test_what_excel_makes_of_numbers_and_days_is_understood(office: Office) -> None:
    row = BAKERY | {"number": 20001.0, "starts_on": datetime(2026, 12, 1), "name": 4711}
    more = {"number": 20001, "contact": "Eva Roth", "may_order": False}
    assert office.take(office.table([row, more], ".xlsx")).code == 0
    assert office.customer("20001")["name"] == "4711"
    assert office.of("20001", "contract")[0]["starts_on"] == date(2026, 12, 1)
    assert office.of("20001", "contact")[0]["may_order"] is False


@pytest.mark.parametrize("content", [b"number;name\n", b"PK\x03\x04 and no more", b"\0" * 100])
def test_what_is_no_workbook(office: Office, content: bytes) -> None:
    told = only(office, office.file(content, "customers.xlsx"))
    assert told.startswith("customers.xlsx: this is no Excel workbook (.xlsx), or a damaged one")


def test_an_archive_that_is_no_workbook(office: Office) -> None:
    path = office.folder / "customers.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "this is no Excel workbook" in only(office, path)


def test_a_workbook_that_unpacks_to_very_much(office: Office) -> None:
    path = changed(office, {"xl/styles.xml": b" " * 50_000_000})
    assert path.stat().st_size < 1_000_000
    assert "unpacks to far more than it should" in only(office, path)


@pytest.mark.parametrize("part", ["xl/styles.xml", SHEET])
def test_a_workbook_with_entities_in_entities(office: Office, part: str) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 50}">' for n in range(1, 9))
    xml = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x>&e8;</x>'
    told = only(office, changed(office, {part: xml.encode()}))
    assert "this is no Excel workbook (.xlsx), or a damaged one" in told


def test_a_workbook_that_claims_to_be_endless(office: Office) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}">'
        '<dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c></row>'
        '<row r="99999999999"><c t="inlineStr"><is><t>11001</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    told = only(office, changed(office, {SHEET: sheet.encode()}))
    assert "there are more than 100 columns or 1048576 rows" in told


def test_a_workbook_without_rows(office: Office) -> None:
    path = office.folder / "customers.xlsx"
    Workbook().save(path)
    assert "the first sheet of the workbook is empty" in only(office, path)


def test_a_workbook_as_excel_writes_it_has_its_texts_in_a_table(office: Office) -> None:
    texts = "".join(f"<si><t>{text}</t></si>" for text in ("number", "contact", "Eva Roth"))
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData>'
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        '<row r="3"><c r="A3"><v>11001</v></c><c r="B3" t="s"><v>2</v></c></row>'
        "</sheetData></worksheet>"
    )
    table = f'<sst xmlns="{MAIN}">{texts}</sst>'
    path = changed(office, {SHEET: sheet.encode(), "xl/sharedStrings.xml": table.encode()})
    assert office.take(path).code == 0
    assert [each["name"] for each in office.of("11001", "contact")] == ["Eva Roth"]


def changed(office: Office, parts: dict[str, bytes]) -> Path:
    """A good workbook with some parts replaced or added."""
    good = office.table([BAKERY], ".xlsx")
    path = office.folder / "changed.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        every = {name: old.read(name) for name in old.namelist()} | parts
        if "xl/sharedStrings.xml" in every:
            types = every["[Content_Types].xml"]
            every["[Content_Types].xml"] = types.replace(b"</Types>", STRINGS + b"</Types>")
        for name, content in every.items():
            new.writestr(name, content)
    return path


def test_only_the_first_sheet_is_read(office: Office) -> None:
    path = office.table([BAKERY], ".xlsx")
    book = load_workbook(path)
    book.create_sheet("notes").append(["whatever", "=1+1"])
    book.save(path)
    assert office.take(path).code == 0


def test_a_refused_file_leaves_no_trace_of_its_rows(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The staging file goes with its folder."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    before = contents(office.app)
    assert office.take([BAKERY | {"plan": "gold"}]).code == 1
    assert office.take([BAKERY], "--dry-run").code == 0
    assert list(place.iterdir()) == []
    assert contents(office.app) == before


def test_a_full_disk_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.storage.staging._PRAGMAS", (*staging._PRAGMAS, "max_page_count=20"))
    before = contents(office.app)
    ended = office.take([BAKERY | {"number": f"{20000 + n}"} for n in range(2000)])
    assert ended.code == 2
    assert "(TMPDIR): database or disk is full" in ended.err
    assert contents(office.app) == before
