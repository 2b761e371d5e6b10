"""The columns of a file of customers, and what is said about a row that cannot be.

A row tells facts about one customer; the same customer may have many rows. Formulas are refused,
because whoever opens an export in a spreadsheet must not run what somebody else has typed in as a
name. A text that has to begin like a formula carries an apostrophe in front, in exports as well.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ivr.errors import PikettError

COLUMNS = (
    "number",
    "name",
    "language",
    "location",
    "plan",
    "starts_on",
    "ends_on",
    "phone",
    "contact",
    "contact_phone",
    "contact_email",
    "contact_language",
    "may_order",
)
MAX_LENGTH = 500
MOST_COLUMNS = 100
WHOLE_ROW = "row"
"""Named instead of a column where the mistake is none of a cell."""
GUARD = "'"

_LIKE_A_FORMULA = re.compile(r"[=@\t\r]|[+\-](?!\d)")
_GUARDED = re.compile(r"'+[=@+\-\t\r]")
_IN_NEED_OF_A_GUARD = re.compile(r"'*[=@+\-\t\r]")


class FileRefusedError(PikettError):
    """The file cannot be read from here on; `row` is where, 0 for the file as a whole."""

    def __init__(self, reason: str, row: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell whose content is nothing that could be imported, and why."""

    reason: str


Cell = str | int | float | date | datetime | Odd | None
"""Of a text file always text; of a workbook or JSON what it is there. True and False are ints."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it was read: `row` as a spreadsheet counts, `done` is how far the file is read."""

    row: int
    cells: Mapping[str, Cell]
    done: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a row cannot be imported."""

    row: int
    column: str
    reason: str


def like_a_formula(text: str) -> bool:
    """Whether a spreadsheet would take it for a formula; `+41 44 ...` is none."""
    return _LIKE_A_FORMULA.match(text) is not None


def guard(text: str) -> str:
    """As it is written into a file: an apostrophe keeps it from being a formula."""
    return GUARD + text if _IN_NEED_OF_A_GUARD.match(text) else text


def unguard(text: str) -> str:
    """What `guard` has protected."""
    return text[len(GUARD) :] if _GUARDED.match(text) else text


def columns_of(headings: list[Cell]) -> list[str | None]:
    """The column of each heading, None under an empty one; raises FileRefusedError."""
    names = [_column(each) for each in headings]
    named = [name for name in names if name is not None]
    unknown = [name for name in named if name not in COLUMNS]
    if unknown:
        raise FileRefusedError(f"{_quoted(unknown)}: no such column; {_known()}", 1)
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise FileRefusedError(f"{_quoted(twice)}: a column is there twice", 1)
    if COLUMNS[0] not in named:
        raise FileRefusedError(f"the first row must name the columns; {_known()}", 1)
    return names


def _column(heading: Cell) -> str | None:
    text = str(heading).strip() if heading is not None else ""
    return text.lower() or None


def _known() -> str:
    return f"the columns are {', '.join(COLUMNS)}"


def _quoted(names: list[str]) -> str:
    return ", ".join(shortened(name) for name in names[:5])


def shortened(text: str, most: int = 40) -> str:
    """Quoted for a message, however long it is."""
    return repr(text if len(text) <= most else f"{text[:most]}…")


def record_of(row: int, columns: list[str | None], values: list[Cell], done: int) -> Record | None:
    """The cells of a row by column; None for an empty row."""
    cells: dict[str, Cell] = {}
    for place, value in enumerate(values):
        if value is None or value == "":
            continue
        name = columns[place] if place < len(columns) else None
        if name is None:
            cells[f"{place + 1}"] = Odd("has a value, but the column has no heading")
            break
        cells[name] = value
    return Record(row, cells, done) if cells else None
