"""Stored customers as the rows of a file that can be imported again. There is no PIN among them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, func, select

from ivr.imports.columns import COLUMNS
from ivr.numbers.caller_id import international
from ivr.storage.import_plan import known_of
from ivr.storage.models import Customer

CHUNK = 200
"""Customers read at once."""
Said = dict[str, str | None]
Values = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class _Contract:
    """One version of a contract at one location."""

    number: str
    version: int
    plan: str
    starts_on: date
    ends_on: date | None


def freeze(connection: Connection) -> None:
    """From now on this connection sees what there was at this moment, however long it takes."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    else:
        connection.exec_driver_sql("BEGIN")


def count_customers(connection: Connection) -> int:
    """How many there are."""
    counted: int = connection.execute(select(func.count(Customer.id))).scalar_one()
    return counted


def list_customers(connection: Connection) -> Iterator[list[Values]]:
    """The rows of each customer, by customer number; a few hundred customers are held at once."""
    last = ""
    query = select(Customer.id, Customer.number, Customer.name, Customer.language)
    query = query.order_by(Customer.number).limit(CHUNK)
    while chunk := connection.execute(query.where(Customer.number > last)).all():
        hanging = _hanging_on(connection, [customer.id for customer in chunk])
        for key, number, name, language in chunk:
            head: Said = {"number": number, "name": name, "language": language}
            yield [_values(head | row) for row in _rows(hanging.get(key, {}))]
        last = chunk[-1].number


Hanging = dict[str, list[Any]]


def _hanging_on(connection: Connection, customers: Sequence[int]) -> dict[int, Hanging]:
    """By customer and kind, in the order they were stored."""
    found: dict[int, Hanging] = {}
    for kind, query in known_of(customers).items():
        for row in sorted(connection.execute(query), key=lambda row: row.id):
            found.setdefault(row.customer_id, {}).setdefault(kind, []).append(row)
    return found


def _rows(hanging: Hanging) -> Iterator[Said]:
    """Its places with their contracts and numbers, then numbers and people of the whole customer."""
    phones = hanging.get("known_phone", [])
    contracts = hanging.get("known_contract", [])
    count = 0
    for place in hanging.get("known_location", []):
        of_place = [each for each in contracts if each.location_id == place.id]
        numbers = [each.number for each in phones if each.location_id == place.id]
        for agreed, number in zip_longest(_agreed(of_place) or [{}], numbers):
            count += 1
            yield {"location": place.name} | (agreed or {}) | _phone("phone", number)
    general = [each.number for each in phones if each.location_id is None]
    for number, person in zip_longest(general, hanging.get("known_contact", [])):
        count += 1
        yield _phone("phone", number) | (_contact(person) if person is not None else {})
    if not count:
        yield {}


def _agreed(rows: Sequence[Any]) -> list[Said]:
    """The contracts of a place by their first day; a version counts until the next one begins."""
    known = [
        _Contract(row.number, row.version, row.plan_id, row.starts_on, row.ends_on) for row in rows
    ]
    cut = [
        replace(each, ends_on=_earlier(each.ends_on, following.starts_on - timedelta(days=1)))
        if following
        else each
        for each in known
        for following in [_following(each, known)]
    ]
    return [
        {
            "plan": each.plan,
            "starts_on": each.starts_on.isoformat(),
            "ends_on": each.ends_on.isoformat() if each.ends_on else None,
        }
        for each in sorted(cut, key=lambda each: each.starts_on)
        if each.ends_on is None or each.ends_on >= each.starts_on
    ]


def _following(version: _Contract, known: Sequence[_Contract]) -> _Contract | None:
    later = [
        each for each in known if each.number == version.number and each.version > version.version
    ]
    return min(later, key=lambda each: each.version, default=None)


def _earlier(ends_on: date | None, other: date) -> date:
    return min(ends_on, other) if ends_on is not None else other


def _phone(column: str, number: str | None) -> Said:
    return {column: international(number)} if number else {}


def _contact(person: Any) -> Said:
    return {
        "contact": person.name,
        "contact_email": person.email,
        "contact_language": person.language,
        "may_order": "yes" if person.may_order else "no",
    } | _phone("contact_phone", person.phone)


def _values(said: Said) -> Values:
    return tuple(said.get(column) for column in COLUMNS)
