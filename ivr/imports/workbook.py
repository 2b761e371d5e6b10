"""Rows out of an Excel workbook: its first sheet.

A workbook is an archive somebody else has packed. Its sizes are looked at before anything is
unpacked, and unpacking stops at the size that was named.
"""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from ivr.imports.columns import (
    MOST_COLUMNS,
    Cell,
    FileRefusedError,
    Odd,
    Record,
    columns_of,
    record_of,
)

MOST_BYTES = 1024**3
"""Of all parts unpacked; a sheet of a million rows with all columns has some 700 MB."""
MOST_BYTES_OF_A_PART = 256 * 1024**2
"""Of each part but the sheets, which are read row by row: the table of texts is held in memory."""
MOST_PARTS = 1000
MOST_PACKED = 200
"""Times; texts are packed to a tenth, a bomb to a thousandth."""
SMALL = 1024**2
MOST_ROWS = 1_048_576
_SHEETS = "xl/worksheets/"
_NO_WORKBOOK = "this is no Excel workbook (.xlsx), or a damaged one"


@contextmanager
def open_workbook(path: Path) -> Iterator[tuple[int, Iterator[Record]]]:
    """About how many rows the first sheet has, and its rows."""
    _check_archive(path)
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")  # about styles and extensions, which we do not use
        with _readable():
            book = load_workbook(file, read_only=True, keep_links=False)
        try:
            with _readable():
                sheet: Any = book.worksheets[0]
                length = min(sheet.max_row or 0, MOST_ROWS)
                sheet.reset_dimensions()
            yield length, _records(sheet)
        finally:
            with suppress(Exception):
                book.close()


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever the library stumbles over, it is the file that is wrong."""
    try:
        yield
    except (FileRefusedError, MemoryError):
        raise
    except Exception as error:
        raise FileRefusedError(f"{_NO_WORKBOOK} ({type(error).__name__})") from error


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileRefusedError(f"{_NO_WORKBOOK}; if it is a text, its ending is .csv") from error
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise FileRefusedError(_NO_WORKBOOK)
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError("the workbook is protected by a password")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise FileRefusedError("unpacked, the workbook is too large; save it as CSV UTF-8")
    if any(_is_bomb(part) for part in parts):
        raise FileRefusedError("the workbook unpacks to far more than it should; it was not opened")


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    """Sizes may lie: then unpacking stops at the size that was named."""
    held = not part.filename.startswith(_SHEETS) and part.file_size > MOST_BYTES_OF_A_PART
    swollen = part.file_size > SMALL and part.file_size > part.compress_size * MOST_PACKED
    return held or swollen


def _records(sheet: Any) -> Iterator[Record]:
    rows = _rows(sheet)
    first = next(rows, None)
    if first is None:
        raise FileRefusedError("the first sheet of the workbook is empty")
    columns = columns_of(first)
    for row, values in enumerate(rows, start=2):
        record = record_of(row, columns, values, row)
        if record is not None:
            yield record


def _rows(sheet: Any) -> Iterator[list[Cell]]:
    with _readable():
        for row, cells in enumerate(sheet.iter_rows(), start=1):
            if row > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise FileRefusedError(
                    f"there are more than {MOST_COLUMNS} columns or {MOST_ROWS} rows", row
                )
            yield [_cell(each) for each in cells]


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Odd("is a formula; copy it and paste its value")
    if cell.data_type == "e":
        return Odd(f"is the error {str(value)[:20]}")
    if isinstance(value, str | int | float | datetime | date):
        return value
    return Odd("is a time of day, not a text")
