"""Ledgers in the database: whose they are, what is granted by itself, and that nobody overdraws."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, select

from ivr.bootstrap import Application
from ivr.contracts.ledgers import Entry, LedgerError, Movement, Standing
from ivr.contracts.tariffs import HourPackageRules
from ivr.errors import AlreadyStoredError
from ivr.services.account_records import LedgerName
from ivr.services.balances import Advances
from ivr.storage.database import reading
from ivr.storage.models import Contract, LedgerEntry
from tests.fakes import MONDAY_TEN
from tests.service.codes import customer_id
from tests.service.ticketed import PRO_PLUS, packages_of, units_of

TODAY = date(2026, 11, 23)
NEW_YEAR, SILVESTER = date(2026, 1, 1), date(2026, 12, 31)
TWO_CONTRACTS = "11008"


def free_units(app: Application, name: LedgerName, plan_id: str, day: date = TODAY) -> int:
    assert name.contract_id is not None
    with app.storage.reading() as uow:
        return app.advances.free_units(uow, name.customer_id, plan_id, name.contract_id, day)


def append(app: Application, name: LedgerName, *entries: Entry) -> None:
    with app.storage.writing() as uow:
        uow.ledgers.append(name, entries, MONDAY_TEN)


def granted(lot: str, quantity: int) -> Entry:
    return Entry(Movement.GRANTED, lot, quantity, NEW_YEAR, SILVESTER)


def consumed(lot: str, quantity: int, ticket: str) -> Entry:
    return Entry(Movement.CONSUMED, lot, quantity, TODAY, ticket=ticket)


def entries_stored(app: Application) -> int:
    with reading(app.storage.engine) as connection:
        counted: int = connection.execute(
            select(func.count()).select_from(LedgerEntry)
        ).scalar_one()
    return counted


def test_entries_come_back_as_they_were_added(line: Application) -> None:
    name = packages_of(line)
    entries = (
        granted("P1", 600),
        Entry(Movement.GRANTED, "P2", 60, TODAY),
        consumed("P1", 45, "100001"),
        Entry(Movement.EXPIRED, "P1", 555, date(2027, 1, 1)),
    )
    append(line, name, *entries[:2])
    append(line, name)
    append(line, name, *entries[2:])
    with line.storage.reading() as uow:
        assert uow.ledgers.load(name).entries == entries
        assert uow.ledgers.load(units_of(line)).entries == ()
        assert uow.ledgers.load(packages_of(line, "11001")).entries == ()


@pytest.mark.parametrize(
    "entry", [granted("pro_plus:2026", 4), consumed("pro_plus:2026", 1, "100001")]
)
def test_the_table_itself_refuses_a_movement_that_is_there(line: Application, entry: Entry) -> None:
    name = units_of(line)
    append(line, name, entry)
    with pytest.raises(AlreadyStoredError, match="there already"):
        append(line, name, replace(entry, quantity=2))
    append(line, units_of(line, "11001"), entry)
    assert entries_stored(line) == 2


# The allowance ------------------------------------------------------------------------------------


@pytest.mark.rule("A.20", "A.47", "K-3", "Q2")
def test_the_allowance_of_the_year_is_there_before_anybody_wrote_it_down(app: Application) -> None:
    name = units_of(app)
    assert free_units(app, name, "pro_plus") == 4
    assert free_units(app, name, "pro_plus", date(2027, 1, 1)) == 4
    append(app, name, granted("pro_plus:2026", 4), consumed("pro_plus:2026", 3, "100001"))
    assert free_units(app, name, "pro_plus") == 1
    assert free_units(app, name, "pro_plus", date(2027, 1, 1)) == 4
    assert entries_stored(app) == 2


@pytest.mark.rule("A.47")
def test_each_contract_of_a_customer_has_an_allowance_of_its_own(app: Application) -> None:
    basel, geneva = units_of(app, TWO_CONTRACTS, 0), units_of(app, TWO_CONTRACTS, 1)
    append(app, basel, granted("pro:2026", 2), consumed("pro:2026", 2, "100001"))
    assert free_units(app, basel, "pro") == 0
    assert free_units(app, geneva, "basic_plus") == 1


@pytest.mark.rule("A.47")
def test_all_versions_of_a_contract_draw_on_one_allowance(app: Application) -> None:
    """A better plan in the middle of the year raises it to its own figure."""
    old = units_of(app)
    append(app, old, granted("pro_plus:2026", 4), consumed("pro_plus:2026", 3, "100001"))
    newer = replace(old, contract_id=_new_version(app, old.contract_id))
    assert free_units(app, newer, "premium") == 8 - 3


def _new_version(app: Application, contract_id: int | None) -> int:
    with app.storage.writing() as uow:
        query = select(Contract.number, Contract.customer_id).where(Contract.id == contract_id)
        number, customer = uow.connection.execute(query).one()
        added = Contract.__table__.insert().values(
            customer_id=customer, number=number, version=2, plan_id="premium", starts_on=TODAY
        )
        (new_id,) = uow.connection.execute(added).inserted_primary_key or (0,)
    return int(new_id)


@pytest.mark.rule("A.47", "A.58")
def test_all_customers_of_a_portfolio_draw_on_the_allowance_of_its_contract(
    line: Application,
) -> None:
    """Whoever of them calls: the contract is the reseller's."""
    own, foreign = units_of(line), units_of(line, "11001")
    other = replace(foreign, contract_id=own.contract_id)
    append(line, own, granted("pro_plus:2026", 4), consumed("pro_plus:2026", 1, "100001"))
    append(line, other, consumed("pro_plus:2026", 1, "100002"))
    assert free_units(line, own, "pro_plus") == free_units(line, other, "pro_plus") == 2
    with pytest.raises(AlreadyStoredError):
        append(line, other, consumed("pro_plus:2026", 1, "100001"))


def test_to_look_takes_one_query_and_writes_nothing(app: Application) -> None:
    name, asked = units_of(app), []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(app.storage.engine, "before_cursor_execute", note)
    free_units(app, name, "pro_plus")
    event.remove(app.storage.engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in asked if "BEGIN" not in statement] == ["SELECT"]
    assert entries_stored(app) == 0


def test_to_look_reads_no_table_in_full(app: Application) -> None:
    name, asked = units_of(app), []

    def explain(_c: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.extend(cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    event.listen(app.storage.engine, "before_cursor_execute", explain)
    free_units(app, name, "pro_plus")
    event.remove(app.storage.engine, "before_cursor_execute", explain)
    assert len(asked) >= 2
    assert [step for *_, step in asked if step.startswith("SCAN ") and "CONSTANT" not in step] == []


@pytest.mark.rule("A.47")
def test_what_lapsed_is_told_without_being_written(app: Application) -> None:
    name = units_of(app)
    append(app, name, granted("pro_plus:2026", 4), consumed("pro_plus:2026", 3, "100001"))
    with app.storage.reading() as uow:
        customer = uow.customers.get(customer_id(app, PRO_PLUS), TODAY)
        silvester = app.advances.of_customer(uow, customer, SILVESTER)
        new_year = app.advances.of_customer(uow, customer, date(2027, 1, 1))
    assert silvester.contracts[0].standing == Standing(4, 3, 0, 1)
    assert new_year.contracts[0].standing == Standing(8, 3, 1, 4)
    assert entries_stored(app) == 2


# Hour packages ------------------------------------------------------------------------------------


@pytest.mark.rule("A.116")
def test_an_hour_package_is_granted_once(line: Application) -> None:
    name, rules = packages_of(line), HourPackageRules(covers_pikett=True, valid_months=12)
    advances = Advances(replace(line.tariffs, hour_packages=rules))

    def grant(minutes: int) -> int:
        with line.storage.writing() as uow:
            given = (name.customer_id, "A-17", minutes, TODAY, MONDAY_TEN)
            return advances.grant_package(uow, *given).balance(TODAY)

    assert [grant(600), grant(600)] == [600, 600]
    with pytest.raises(LedgerError, match="other figures"):
        grant(300)
    with line.storage.reading() as uow:
        (entry,) = uow.ledgers.load(name).entries
    assert entry.last_day == date(2027, 11, 23)


def test_the_same_package_granted_at_the_same_instant_is_one(line: Application) -> None:
    name = packages_of(line)

    def grant(_number: int) -> None:
        with line.storage.writing() as uow:
            line.advances.grant_package(uow, name.customer_id, "A-17", 600, TODAY, MONDAY_TEN)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(grant, range(4)))
    assert entries_stored(line) == 1


def test_the_lock_of_one_customer_keeps_nobody_else_waiting(line: Application) -> None:
    """On PostgreSQL; SQLite has one writer, who does not wait for himself."""
    if line.storage.engine.dialect.name == "sqlite":
        with line.storage.writing() as uow:
            uow.ledgers.lock(1, 2)
        return
    with line.storage.writing() as one, line.storage.writing() as other:
        one.ledgers.lock(1)
        other.ledgers.lock(2)


def test_minutes_of_packages_are_no_free_units(app: Application) -> None:
    append(app, packages_of(app), Entry(Movement.GRANTED, "P", 600, TODAY))
    assert free_units(app, units_of(app), "pro_plus") == 4
