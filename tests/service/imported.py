"""`pikett import` and `pikett export` on a database of either kind, with files of the test's own."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.storage.database import reading
from ivr.storage.models import Base
from tests.service.admin import admin
from tests.service.conftest import contents
from tests.service.terminal import Ended, Pikett
from tests.wiring import quick_application

FIXTURES = (admin,)
Facts = dict[str, Any]
BAKERY: Facts = {
    "number": "20001",
    "name": "Muster AG",
    "language": "de",
    "location": "Baden",
    "plan": "pro",
    "starts_on": "2026-12-01",
    "phone": "+41 44 000 20 01",
}


@dataclass
class Office:
    """Somebody with files and the command."""

    pikett: Pikett
    app: Application
    folder: Path

    def file(self, text: str | bytes, name: str = "customers.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def table(self, rows: Sequence[Facts], suffix: str = ".csv") -> Path:
        path = self.folder / f"customers{suffix}"
        write_table(path, rows)
        return path

    def take(self, rows: Sequence[Facts] | Path, *options: str) -> Ended:
        """Import rows, or a file."""
        path = rows if isinstance(rows, Path) else self.table(rows)
        return self.pikett("import", "customers", str(path), *options)

    def must_take(self, *rows: Facts) -> str:
        ended = self.take(rows)
        assert (ended.code, ended.err) == (0, "")
        return ended.out

    def refused(self, rows: Sequence[Facts] | Path) -> list[str]:
        """The mistakes that are told; nothing may have changed."""
        before = contents(self.app)
        ended = self.take(rows)
        assert (ended.code, ended.out) == (1, "")
        assert contents(self.app) == before
        *mistakes, last = ended.err.splitlines()
        assert last.endswith("; nothing was changed")
        return mistakes

    def export(self, name: str) -> Path:
        ended = self.pikett("export", "customers", str(self.folder / name))
        assert (ended.code, ended.err) == (0, "")
        return self.folder / name

    def stored(self, table: str, **wanted: Any) -> list[Facts]:
        """Rows of a table that have these values, by id."""
        columns = Base.metadata.tables[table].c
        query = select(*columns).where(*(columns[name] == each for name, each in wanted.items()))
        with reading(self.app.storage.engine) as connection:
            return [dict(row._mapping) for row in connection.execute(query.order_by(columns.id))]

    def customer(self, number: str) -> Facts:
        (found,) = self.stored("customer", number=number)
        return found

    def of(self, number: str, table: str) -> list[Facts]:
        return self.stored(table, customer_id=self.customer(number)["id"])


@pytest.fixture
def office(
    database: str,
    request: pytest.FixtureRequest,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """With the demo customers already there."""
    url = ""
    if database == "postgresql":
        url = request.getfixturevalue("demo_postgres")
        monkeypatch.setenv("PIKETT_DATABASE_URL", url)
    pikett = request.getfixturevalue("admin")
    app = quick_application(data_dir, database_url=url)
    folder = tmp_path / "files"
    folder.mkdir()
    yield Office(pikett, app, folder)
    app.storage.engine.dispose()


def write_table(path: Path, rows: Sequence[Facts]) -> None:
    """In the format of its ending; the columns are those that some row has."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if path.suffix == ".json":
        path.write_text(json.dumps(list(rows), ensure_ascii=False), encoding="utf-8")
    elif path.suffix == ".xlsx":
        book = Workbook()
        assert book.active is not None
        book.active.append(columns)
        for row in rows:
            book.active.append([row.get(column) for column in columns])
        book.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
