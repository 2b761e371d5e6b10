"""Where the rows of a file stand until it is known that all of them are right.

A SQLite file of its own, in a temporary folder that only we may read: a million rows are compared
and sorted on disk. It is one transaction that is never committed, and gone with the folder.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ivr.errors import PikettError
from ivr.imports.columns import COLUMNS, Mistake
from ivr.imports.rows import Row

CACHE_KILOBYTES = 8 * 1024
_PRAGMAS = (
    "journal_mode=OFF",
    "synchronous=OFF",
    "temp_store=FILE",
    f"cache_size=-{CACHE_KILOBYTES}",
)
_TABLES = (
    f"CREATE TABLE row (row INTEGER, {' TEXT, '.join(COLUMNS)} INTEGER, broken INTEGER)",
    "CREATE TABLE mistake (row INTEGER, col TEXT, reason TEXT)",
)
_ADD_ROW = f"INSERT INTO row VALUES ({', '.join('?' * (len(COLUMNS) + 2))})"  # noqa: S608 - marks
_ADD_MISTAKE = "INSERT INTO mistake VALUES (?, ?, ?)"

_SAME = (
    (("number",), ("name", "language"), "customer"),
    (
        ("number", "contact"),
        ("contact_phone", "contact_email", "contact_language", "may_order"),
        "contact",
    ),
    (("number", "location", "starts_on"), ("plan", "ends_on"), "location and day"),
)
"""Rows that agree in the first columns must not differ in the second ones."""

_DIFFERENT = """
INSERT INTO mistake
SELECT row, '{column}', 'is another than in row ' || first_row || ', for the same {of}'
FROM (
    SELECT row, {column} AS said, first_value({column}) OVER same AS first,
        first_value(row) OVER same AS first_row
    FROM row WHERE {column} IS NOT NULL AND {present}
    WINDOW same AS (PARTITION BY {keys} ORDER BY row)
) WHERE said <> first
"""
_SPELLED = """
INSERT INTO mistake
SELECT row, '{column}', 'is “' || first || '” in row ' || first_row || '; write it one way'
FROM (
    SELECT row, {column} AS said, first_value({column}) OVER same AS first,
        first_value(row) OVER same AS first_row
    FROM row WHERE {column} IS NOT NULL AND number IS NOT NULL
    WINDOW same AS (PARTITION BY number, casefold({column}) ORDER BY row)
) WHERE said <> first
"""


class NoSpaceError(PikettError):
    """The rows found no room; nothing was changed."""


class Staging:
    """The rows of one file and what was found wrong with them."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self.define("casefold", 1, _casefold)
        for pragma in _PRAGMAS:
            self.run(f"PRAGMA {pragma}").fetchall()
        self.run("BEGIN")
        for statement in _TABLES:
            self.run(statement)

    def define(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """A function that statements may use."""
        self._file.create_function(name, arguments, function, deterministic=True)

    def run(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """One statement."""
        return self._file.execute(statement, values)

    def run_many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """One statement for each of the values."""
        self._file.executemany(statement, values)

    def count(self, query: str) -> int:
        """The number a query gives."""
        counted: int = self.run(query).fetchone()[0]
        return counted

    def add_rows(self, rows: Iterable[tuple[Row, bool]]) -> None:
        """Rows, each with whether something in it is wrong."""
        self.run_many(_ADD_ROW, (_values(row, broken) for row, broken in rows))

    def add_mistakes(self, mistakes: Iterable[Mistake]) -> None:
        """What is wrong with a row."""
        self.run_many(_ADD_MISTAKE, ((each.row, each.column, each.reason) for each in mistakes))

    def list_mistakes(self, most: int) -> list[Mistake]:
        """In the order of the rows; of each only once."""
        grouped = "SELECT row, col, reason FROM mistake GROUP BY row, col, reason"
        query = f"{grouped} ORDER BY row, min(rowid) LIMIT ?"
        return [Mistake(*found) for found in self.run(query, (most,))]

    @property
    def mistaken(self) -> int:
        """How many mistakes there are."""
        return self.count("SELECT count(*) FROM (SELECT DISTINCT row, col, reason FROM mistake)")

    def compare_rows(self) -> None:
        """Find rows of one customer that contradict each other."""
        for keys, columns, of in _SAME:
            present = " AND ".join(f"{key} IS NOT NULL" for key in keys)
            for column in columns:
                self.run(
                    _DIFFERENT.format(column=column, of=of, keys=", ".join(keys), present=present)
                )
        for column in ("location", "contact"):
            self.run(_SPELLED.format(column=column))


def _casefold(text: str | None) -> str | None:
    return text.casefold() if text is not None else None


def _values(row: Row, broken: bool) -> tuple[Any, ...]:
    return (
        row.row,
        row.number,
        row.name,
        row.language,
        row.location,
        row.plan,
        _day(row.starts_on),
        _day(row.ends_on),
        row.phone,
        row.contact,
        row.contact_phone,
        row.contact_email,
        row.contact_language,
        row.may_order,
        broken,
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


@contextmanager
def open_staging() -> Iterator[Staging]:
    """In the folder for temporary files, `TMPDIR`."""
    with TemporaryDirectory(prefix="pikett-import-") as folder:
        file = sqlite3.connect(Path(folder) / "rows.db", isolation_level=None)
        try:
            yield Staging(file)
        except sqlite3.OperationalError as error:
            place = Path(folder).parent
            raise NoSpaceError(
                f"the folder for temporary files, {place} (TMPDIR): {error}"
            ) from error
        finally:
            file.close()
