"""What the benchmarks found: a caller is looked up by indexes alone, however many there are."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.dialects import sqlite

from ivr.bootstrap import Application
from ivr.storage import customers
from ivr.storage.models import Contract, ContractLocation, Customer, Location

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize("query", [customers._BY_NUMBER, customers._BY_ID])
def test_no_table_is_read_in_full(app: Application, query: Any) -> None:
    text = str(query.compile(dialect=sqlite.dialect(paramstyle="named")))
    values = {"number": "+41440001001", "on": MONDAY, "customer_id": 1}
    with app.storage.reading() as uow:
        plan = uow.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    steps = [row[-1] for row in plan]
    assert len(steps) > 3
    assert [step for step in steps if step.startswith(("SCAN", "MATERIALIZE"))] == []


@pytest.mark.parametrize("newest_is", ["valid", "expired"])
def test_of_several_contracts_the_valid_one_counts(app: Application, newest_is: str) -> None:
    valid = {"number": "C-2", "plan_id": "pro", "ends_on": None}
    expired = {"number": "C-1", "plan_id": "basic", "ends_on": date(2026, 6, 30)}
    with app.storage.writing() as uow:
        find = select(Location.id, Customer.id).join(Customer, Customer.id == Location.customer_id)
        place, customer_id = uow.connection.execute(find.where(Customer.number == "11001")).one()
        _end_all(uow.connection, place)
        for contract in [expired, valid] if newest_is == "valid" else [valid, expired]:
            values = contract | {"customer_id": customer_id, "starts_on": date(2026, 1, 1)}
            added = uow.connection.execute(insert(Contract).returning(Contract.id), values)
            cover = {"contract_id": added.scalar_one(), "location_id": place}
            uow.connection.execute(insert(ContractLocation), cover)
    with app.storage.reading() as uow:
        (found,) = uow.customers.list_by_number("+41440001001", MONDAY)
    assert [location.plan_id for location in found.locations] == ["pro"]


def _end_all(connection: Any, place: int) -> None:
    connection.execute(
        ContractLocation.__table__.delete().where(ContractLocation.location_id == place)
    )
