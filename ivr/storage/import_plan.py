"""From the rows of a file and what is stored of the same customers to what has to be written.

What is stored is copied beside the rows first, as far as the file names its customers. So the
comparison takes no lock, is the same for SQLite and PostgreSQL, and the transaction that writes
does nothing but write.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from ivr.contracts.agreements import AgreementKind, contract_number
from ivr.imports.settling import Cover, settle
from ivr.storage import import_queries as queries
from ivr.storage.models import (
    Contact,
    Contract,
    ContractLocation,
    Customer,
    Location,
    PhoneNumber,
)
from ivr.storage.staging import Staging

CHUNK = 500
"""Customers asked for at once."""
STORED = (Customer, Location, PhoneNumber, Contract, ContractLocation, Contact)
STREAMED = {"stream_results": True}
NUMBERED = (Customer, Location, Contract)
"""Whose new rows are given their ids here, since others name them."""


def plan_import(staging: Staging, connection: Connection) -> Mapping[str, tuple[int, int]]:
    """Find what has to be written; the state of the stored tables it was found for."""
    state = state_of(connection)
    _copy_known(staging, connection)
    bases = {model.__tablename__: free_id(connection, model) for model in NUMBERED}
    for statement in (*queries.CUSTOMERS, *queries.LOCATIONS, *queries.PHONES, *queries.CONTACTS):
        staging.run(statement, bases if ":" in statement else ())
    for column in ("name", "language"):
        staging.run(queries.NEEDED.format(column=column))
    for column in ("location", "contact"):
        staging.run(queries.SPELLED.format(column=column, table=f"known_{column}"))
    _settle_contracts(staging)
    _copy_taken_numbers(staging, connection)
    for statement in queries.NEW_CONTRACTS:
        staging.run(statement, bases if ":" in statement else ())
    return state


def state_of(connection: Connection) -> Mapping[str, tuple[int, int]]:
    """Another one if anybody has added or removed anything meanwhile, or ended a contract."""
    found = {}
    for model in STORED:
        key = model.__mapper__.primary_key[0]
        counted = Contract.ends_on if model is Contract else key
        row = connection.execute(select(func.count(counted), func.max(key))).one()
        found[model.__tablename__] = (int(row[0]), int(row[1] or 0))
    return found


def free_id(connection: Connection, model: Any) -> int:
    """The highest id that is taken, or was promised by a sequence."""
    highest: int = connection.execute(select(func.coalesce(func.max(model.id), 0))).scalar_one()
    if connection.dialect.name != "postgresql":
        return highest
    name = func.pg_get_serial_sequence(model.__tablename__, "id")
    promised = connection.execute(select(func.coalesce(func.pg_sequence_last_value(name), 0)))
    return max(highest, int(promised.scalar_one()))


def _copy_known(staging: Staging, connection: Connection) -> None:
    for statement in queries.KNOWN:
        staging.run(statement)
    numbers = staging.run(
        "SELECT DISTINCT number FROM row WHERE number IS NOT NULL ORDER BY number"
    )
    while chunk := [number for (number,) in numbers.fetchmany(CHUNK)]:
        query = select(Customer.id, Customer.number, Customer.name, Customer.language)
        known = connection.execute(query.where(Customer.number.in_(chunk))).all()
        staging.run_many("INSERT INTO known_customer VALUES (?, ?, ?, ?)", map(tuple, known))
        _copy_of(staging, connection, [row.id for row in known])
    for statement in queries.KNOWN_INDEXES:
        staging.run(statement)


def _copy_of(staging: Staging, connection: Connection, customers: Sequence[int]) -> None:
    """Everything that hangs on these customers."""
    if not customers:
        return
    for table, query in known_of(customers).items():
        found = connection.execute(query, execution_options=STREAMED)
        marks = ", ".join("?" * len(query.selected_columns))
        staging.run_many(f"INSERT INTO {table} VALUES ({marks})", map(_plain, found))  # noqa: S608


def known_of(customers: Sequence[int]) -> Mapping[str, Any]:
    """What is asked of the database about these customers, by the table it is copied to.

    A contract is asked for by the locations it covers, whoever has concluded it.
    """
    phones = select(
        PhoneNumber.id, PhoneNumber.customer_id, PhoneNumber.location_id, PhoneNumber.number
    )
    people = select(
        Contact.id,
        Contact.customer_id,
        Contact.name,
        Contact.phone,
        Contact.email,
        Contact.language,
        Contact.may_order,
    )
    return {
        "known_location": select(Location.id, Location.customer_id, Location.name).where(
            Location.customer_id.in_(customers)
        ),
        "known_phone": phones.where(PhoneNumber.customer_id.in_(customers)),
        "known_contact": people.where(Contact.customer_id.in_(customers)),
        "known_contract": _covers().where(Location.customer_id.in_(customers)),
    }


def _covers() -> Any:
    covered = aliased(ContractLocation)
    places = select(func.count()).where(covered.contract_id == Contract.id)
    return (
        select(
            Contract.id,
            Location.customer_id,
            Location.id.label("location_id"),
            Contract.number,
            Contract.version,
            Contract.plan_id,
            Contract.starts_on,
            Contract.ends_on,
            places.scalar_subquery() > 1,
        )
        .join(ContractLocation, ContractLocation.location_id == Location.id)
        .join(Contract, Contract.id == ContractLocation.contract_id)
        .where(Contract.kind == AgreementKind.CLA.value)
    )


def _copy_taken_numbers(staging: Staging, connection: Connection) -> None:
    """Numbers of the form that new contracts are given; of other customers' too, who may have any."""
    staging.run(queries.TAKEN)
    if staging.count("SELECT count(*) FROM begun"):
        form = contract_number(AgreementKind.CLA, "_____", 1).removesuffix("1") + "%"
        query = select(Contract.number).where(Contract.number.like(form))
        found = connection.execute(query, execution_options=STREAMED)
        staging.run_many("INSERT INTO taken VALUES (?)", map(tuple, found))


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(each.isoformat() if isinstance(each, date) else each for each in row)


def _settle_contracts(staging: Staging) -> None:
    for statement in queries.CONTRACT_TABLES:
        staging.run(statement)
    for _, rows in groupby(staging.run(queries.COVERS), key=lambda row: row[0]):
        _settle_location(staging, list(rows))


def _settle_location(staging: Staging, rows: Sequence[Sequence[Any]]) -> None:
    location_id, customer_id = rows[0][0], rows[0][-1]
    wished = [_cover(row) for row in rows if row[1]]
    if not wished:
        return
    settled = settle([_cover(row) for row in rows if not row[1]], wished)
    staging.add_mistakes(settled.mistakes)
    begun = ((location_id, customer_id, each.plan, *_span(each)) for each in settled.begun)
    staging.run_many("INSERT INTO begun VALUES (?, ?, ?, ?, ?)", begun)
    ended = ((each.id, customer_id, each.ends_on.isoformat()) for each in settled.ended)
    staging.run_many("INSERT INTO ended_contract VALUES (?, ?, ?)", ended)


def _cover(row: Sequence[Any]) -> Cover:
    _, wished, plan, starts_on, ends_on, key, shared, _ = row
    return Cover(
        plan=plan,
        starts_on=date.fromisoformat(starts_on),
        ends_on=date.fromisoformat(ends_on) if ends_on else None,
        id=None if wished else key,
        row=key if wished else None,
        shared=bool(shared),
    )


def _span(cover: Cover) -> Iterable[str | None]:
    return cover.starts_on.isoformat(), cover.ends_on.isoformat() if cover.ends_on else None
