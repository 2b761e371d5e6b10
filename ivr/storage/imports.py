"""Writing what a file of customers adds and changes, all of it in one transaction.

Nothing is removed. New customers have no support code. A sequence of steps: `check` the rows, `plan`
what is to be written, `write` it. Whoever adds customers or contracts between plan and write makes
the write refuse, and nothing is changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, text, update

from ivr.contracts.agreements import AgreementKind, contract_number
from ivr.errors import PikettError
from ivr.imports.columns import WHOLE_ROW, FileRefusedError, Mistake, Record
from ivr.imports.rows import RowCheck
from ivr.storage.database import reading
from ivr.storage.import_plan import STORED, free_id, plan_import, state_of
from ivr.storage.models import (
    Contact,
    Contract,
    ContractLocation,
    Customer,
    Location,
    PhoneNumber,
)
from ivr.storage.staging import Staging
from ivr.storage.unit_of_work import SqlStorage

CHUNK = 2000
CACHE_KILOBYTES = 32 * 1024


def _same(*names: str) -> dict[str, str]:
    """Columns that are called the same in the staging file."""
    return {name: name for name in names}


KINDS = ("customer", "location", "contract", "phone", "contact")
_CHANGED = {
    "customer": "changed_customer",
    "contract": "ended_contract",
    "phone": "moved_phone",
    "contact": "changed_contact",
}
ADDITIONS: Sequence[tuple[Any, str, Mapping[str, str]]] = (
    (
        Customer,
        "new_customer",
        _same("id", "number", "name", "language")
        | {"pepper_version": "1", "demo": "'0'", "created_at": ":at"},
    ),
    (Location, "new_location", _same("id", "customer_id", "name")),
    (
        Contract,
        "new_contract",
        _same("id", "customer_id", "starts_on", "ends_on")
        | {
            "number": "contract_number(customer_number, count)",
            "version": "1",
            "kind": f"'{AgreementKind.CLA}'",
            "plan_id": "plan",
        },
    ),
    (ContractLocation, "new_contract", {"contract_id": "id", "location_id": "location_id"}),
    (PhoneNumber, "new_phone", _same("customer_id", "location_id", "number")),
    (
        Contact,
        "new_contact",
        _same("customer_id", "name", "phone", "email", "language")
        | {"may_order": "CAST(coalesce(may_order, 1) AS TEXT)", "created_at": ":at"},
    ),
)
"""Model, table of the staging file, and the columns with what they are there. Truth is text: both
databases read it."""

_TOUCHED = """
SELECT count(*) FROM (
    SELECT id AS customer_id FROM changed_customer
    UNION SELECT customer_id FROM new_location UNION SELECT customer_id FROM new_contract
    UNION SELECT customer_id FROM ended_contract UNION SELECT customer_id FROM new_phone
    UNION SELECT customer_id FROM moved_phone UNION SELECT customer_id FROM new_contact
    UNION SELECT customer_id FROM changed_contact
) WHERE customer_id NOT IN (SELECT id FROM new_customer)
"""


class ChangedMeanwhileError(PikettError):
    """Somebody else has written customers since the file was checked; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many customers a file names, and how many things of each kind are new or changed."""

    customers: int
    changed_customers: int
    new: Mapping[str, int]
    changed: Mapping[str, int]

    @property
    def new_customers(self) -> int:
        """Customers who were not stored before."""
        return self.new["customer"]

    @property
    def unchanged_customers(self) -> int:
        """Customers of whom nothing changes, their telephones and contracts included."""
        return self.customers - self.new_customers - self.changed_customers

    @property
    def writes(self) -> int:
        """How much there is to be written."""
        return sum(self.new.values()) + sum(self.changed.values())


class CustomerImport:
    """One file on its way into the database."""

    def __init__(self, storage: SqlStorage, staging: Staging, check: RowCheck) -> None:
        self._storage = storage
        self._staging = staging
        self._check = check
        self._state: Mapping[str, tuple[int, int]] = {}

    def check(self, records: Iterable[Record]) -> Iterator[int]:
        """Take the rows in, chunk by chunk; yields how much further the file is read."""
        rows, done = self._readable(records), 0
        while chunk := list(islice(rows, CHUNK)):
            self._take(chunk)
            yield chunk[-1].done - done
            done = chunk[-1].done

    def refuse(self, error: FileRefusedError) -> None:
        """Where the file cannot be read on that is one more mistake."""
        more = "; nothing was read from here on" if error.row else ""
        self._staging.add_mistakes([Mistake(error.row, WHOLE_ROW, f"{error.reason}{more}")])

    def _readable(self, records: Iterable[Record]) -> Iterator[Record]:
        try:
            yield from records
        except FileRefusedError as error:
            self.refuse(error)

    def _take(self, chunk: Sequence[Record]) -> None:
        checked = [self._check.check(record) for record in chunk]
        self._staging.add_rows((row, bool(mistakes)) for row, mistakes in checked)
        self._staging.add_mistakes(each for _, mistakes in checked for each in mistakes)

    def plan(self) -> Tally:
        """Compare the rows with each other and with what is stored."""
        self._staging.compare_rows()
        with reading(self._storage.engine) as connection:
            self._state = plan_import(self._staging, connection)
        count = self._staging.count
        return Tally(
            customers=count("SELECT count(*) FROM wanted_customer"),
            changed_customers=count(_TOUCHED),
            new={kind: count(f"SELECT count(*) FROM new_{kind}") for kind in KINDS},  # noqa: S608
            changed={
                kind: count(f"SELECT count(*) FROM {table}")  # noqa: S608
                for kind, table in _CHANGED.items()
            },
        )

    def write(self, at: datetime) -> Iterator[int]:
        """One transaction; yields how much of it is written. Raises ChangedMeanwhileError."""
        with self._storage.writing() as uow:
            uow.contracts.lock()
            _keep_others_out(uow.connection)
            if state_of(uow.connection) != self._state:
                raise ChangedMeanwhileError(
                    "somebody else has changed customers at the same time; nothing was changed, "
                    "start the import again"
                )
            with _roomy(uow.connection):
                yield from self._change(uow.connection)
                yield from self._add(uow.connection, at)
            _pass_ids_on(uow.connection)

    def _change(self, connection: Connection) -> Iterator[int]:
        for statement, query, row in _changes():
            found = self._staging.run(query)
            while chunk := [row(*each) for each in found.fetchmany(CHUNK)]:
                connection.execute(statement, chunk)
                yield len(chunk)

    def _add(self, connection: Connection, at: datetime) -> Iterator[int]:
        self._staging.define("contract_number", 2, partial(contract_number, AgreementKind.CLA))
        values = {"at": _stored(connection, at)}
        for model, table, columns in ADDITIONS:
            statement = _addition(connection, model, columns)
            query = f"SELECT {', '.join(columns.values())} FROM {table}"  # noqa: S608 - our names
            found = self._staging.run(query, values)
            while chunk := found.fetchmany(CHUNK):
                connection.exec_driver_sql(statement, chunk)
                yield len(chunk)


def _changes() -> Sequence[tuple[Any, str, Any]]:
    """What is None in the file stays as it is."""
    return (
        (
            _update(Customer, "name", "language"),
            "SELECT id, name, language FROM changed_customer",
            lambda key, name, language: {"key": key, "new_name": name, "new_language": language},
        ),
        (
            _update(Contract, "ends_on"),
            "SELECT id, ends_on FROM ended_contract",
            lambda key, ends_on: {"key": key, "new_ends_on": date.fromisoformat(ends_on)},
        ),
        (
            _update(PhoneNumber, "location_id"),
            "SELECT id, location_id FROM moved_phone",
            lambda key, location_id: {"key": key, "new_location_id": location_id},
        ),
        (
            _update(Contact, "phone", "email", "language", "may_order"),
            "SELECT id, phone, email, language, may_order FROM changed_contact",
            lambda key, phone, email, language, may_order: {
                "key": key,
                "new_phone": phone,
                "new_email": email,
                "new_language": language,
                "new_may_order": bool(may_order) if may_order is not None else None,
            },
        ),
    )


def _update(model: Any, *columns: str) -> Any:
    table = model.__table__
    values = {
        name: func.coalesce(bindparam(f"new_{name}", type_=table.c[name].type), table.c[name])
        for name in columns
    }
    return update(table).where(table.c.id == bindparam("key")).values(values)


def _addition(connection: Connection, model: Any, columns: Mapping[str, str]) -> str:
    """Plain SQL with marks for tuples: a million dictionaries take longer than the million rows."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names, marks = ", ".join(columns), ", ".join([mark] * len(columns))
    return f"INSERT INTO {model.__tablename__} ({names}) VALUES ({marks})"  # noqa: S608 - our names


def _stored(connection: Connection, at: datetime) -> Any:
    """An instant as this database keeps it."""
    kind = Customer.__table__.c.created_at.type.dialect_impl(connection.dialect)
    bind = kind.bind_processor(connection.dialect)
    return bind(at) if bind is not None else at


@contextmanager
def _roomy(connection: Connection) -> Iterator[None]:
    """SQLite puts each number into its place in an index: twice as fast with more of it at hand."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KILOBYTES}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size={before}")


def _keep_others_out(connection: Connection) -> None:
    """Readers and calls go on; whoever changes customers waits. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        tables = ", ".join(model.__tablename__ for model in STORED)
        connection.execute(text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))


def _pass_ids_on(connection: Connection) -> None:
    """A sequence does not notice ids that were given by hand."""
    if connection.dialect.name == "postgresql":
        for model in (Customer, Location, Contract):
            name = func.pg_get_serial_sequence(model.__tablename__, "id")
            highest = free_id(connection, model)
            if highest:
                connection.execute(func.setval(name, highest).select())
