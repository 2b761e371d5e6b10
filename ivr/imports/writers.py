"""Rows of customers into a CSV, JSON or Excel file, one at a time.

The form is the one that can be imported again. A text that a spreadsheet would take for a formula is
written with an apostrophe before it, in every format; the import takes it off again.
"""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from ivr.errors import PikettError
from ivr.imports.columns import COLUMNS, guard

Write = Callable[[Sequence[str | None]], None]
MOST_ROWS_OF_A_SHEET = 1_048_576
PHONES = ("phone", "contact_phone")
"""Written as people read them, `+41 44 ...`: to a spreadsheet neither a figure nor a formula."""


class TooManyRowsError(PikettError):
    """A sheet holds no more rows."""


@contextmanager
def open_writer(path: Path, suffix: str) -> Iterator[Write]:
    """A function that writes one row, with the values in the order of the columns."""
    openers: dict[str, Callable[[Path], AbstractContextManager[Write]]]
    openers = {".csv": _open_csv, ".json": _open_json, ".xlsx": _open_workbook}
    with openers[suffix](path) as write:
        yield lambda row: write([*map(_cell, COLUMNS, row)])


def _cell(column: str, text: str | None) -> str | None:
    if not text or column in PHONES:
        return text
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return guard(text)


@contextmanager
def _open_csv(path: Path) -> Iterator[Write]:
    """With semicolons and the mark of UTF-8 before it, as a Swiss Excel opens it by a double click."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        yield writer.writerow


@contextmanager
def _open_json(path: Path) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:
        before = "[\n"

        def write(row: Sequence[str | None]) -> None:
            nonlocal before
            said = {name: value for name, value in zip(COLUMNS, row, strict=True) if value}
            file.write(before + json.dumps(said, ensure_ascii=False))
            before = ",\n"

        yield write
        file.write("[]\n" if before == "[\n" else "\n]\n")


@contextmanager
def _open_workbook(path: Path) -> Iterator[Write]:
    from openpyxl import Workbook  # noqa: PLC0415 - 0.2 s for every command

    book = Workbook(write_only=True)
    sheet = book.create_sheet("customers")
    written = 1
    sheet.append(COLUMNS)

    def write(row: Sequence[str | None]) -> None:
        nonlocal written
        written += 1
        if written > MOST_ROWS_OF_A_SHEET:
            raise TooManyRowsError(f"a sheet has {MOST_ROWS_OF_A_SHEET} rows; export to .csv")
        sheet.append(row)

    try:
        yield write
    finally:
        sheet.close()
    book.save(path)
