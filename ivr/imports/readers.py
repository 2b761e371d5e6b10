"""Rows of customers out of a CSV, JSON or Excel file, one at a time.

Whatever the file holds, no more than a few rows of it are in memory. The exception is the table of
texts of a workbook, whose size is therefore limited before it is opened.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ivr.imports.columns import COLUMNS, FileRefusedError, Record, columns_of, record_of
from ivr.imports.json_rows import read_json

FORMATS = (".csv", ".json", ".xlsx")
LONGEST_LINE = 4 * 1024 * 1024
"""Bytes. Long enough to name row and column of a field that is far too long."""
DELIMITERS = (";", ",", "\t")

_BOM = b"\xef\xbb\xbf"
_SAVE_AS = "save it in Excel as “CSV UTF-8 (comma delimited)”, elsewhere with the encoding UTF-8"
_OTHER_FORMATS = {
    b"PK\x03\x04": "this is an Excel workbook or another archive; give it its own ending, .xlsx",
    b"\xd0\xcf\x11\xe0": "this is a workbook of the old kind or one with a password; save it as .xlsx",
    b"\xff\xfe": f"this is UTF-16, not UTF-8; {_SAVE_AS}",
    b"\xfe\xff": f"this is UTF-16, not UTF-8; {_SAVE_AS}",
    b"%PDF": "this is a PDF",
}


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. `length` is what `done` of the last record comes to, about."""

    length: int
    records: Iterator[Record]


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """The rows of a file; its ending tells the format. Raises FileRefusedError, while reading too."""
    if path.suffix.lower() == ".xlsx":
        from ivr.imports.workbook import open_workbook  # noqa: PLC0415 - 0.2 s for every command

        with open_workbook(path) as (length, records):
            yield Table(length, records)
        return
    with path.open("rb") as file:
        _refuse_other_formats(file)
        read = read_json if path.suffix.lower() == ".json" else read_csv
        yield Table(path.stat().st_size, read(file))


def _refuse_other_formats(file: BinaryIO) -> None:
    """And steps over the mark that Excel puts in front of UTF-8."""
    beginning = file.read(8)
    if not beginning:
        raise FileRefusedError("the file is empty")
    for mark, reason in _OTHER_FORMATS.items():
        if beginning.startswith(mark):
            raise FileRefusedError(reason)
    file.seek(len(_BOM) if beginning.startswith(_BOM) else 0)


def read_csv(file: BinaryIO) -> Iterator[Record]:
    """Fields between commas, semicolons or tabs, whichever the first line has."""
    before = csv.field_size_limit(LONGEST_LINE)
    row = 0  # the last one that could be read
    try:
        heading = _line(file, 1)
        delimiter = max(DELIMITERS, key=lambda each: _columns_seen(heading, each))
        rows = csv.reader(_lines(heading, file), delimiter=delimiter, strict=True)
        columns = columns_of(list(next(rows)))
        row = 1
        for row, values in enumerate(rows, start=2):
            record = record_of(row, columns, list(values), file.tell())
            if record is not None:
                yield record
    except csv.Error as error:
        raise FileRefusedError(_in_words(error), row + 1) from error
    finally:
        csv.field_size_limit(before)


def _columns_seen(heading: str, delimiter: str) -> int:
    names = (each.strip(' "\r\n').lower() for each in heading.split(delimiter))
    return sum(name in COLUMNS for name in names)


def _lines(heading: str, file: BinaryIO) -> Iterator[str]:
    yield heading
    number = 1
    while True:
        number += 1
        line = _line(file, number)
        if not line:
            return
        yield line


def _line(file: BinaryIO, number: int) -> str:
    """Read with a limit, since a file may be one endless line."""
    line = file.readline(LONGEST_LINE)
    if len(line) == LONGEST_LINE:
        raise FileRefusedError(f"a line is longer than {LONGEST_LINE} bytes", number)
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileRefusedError(f"the text is not UTF-8; {_SAVE_AS}", number) from error


def _in_words(error: csv.Error) -> str:
    text = str(error)
    if "field limit" in text:
        return f"a field is longer than {LONGEST_LINE} bytes; is a quotation mark not closed?"
    if "unexpected end" in text:
        return "the file ends within quotation marks"
    return f"this is not CSV as it should be: {text}"
