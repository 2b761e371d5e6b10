"""Contracts in the database: versions, notice, refusals, and which one a call finds."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, insert, select, text

from ivr.bootstrap import Application
from ivr.contracts.agreements import AgreementKind
from ivr.contracts.money import Money
from ivr.services.contracts import ContractRefusedError, ContractView, Wanted
from ivr.services.support_codes import UnknownCustomerError
from ivr.storage import migrate
from ivr.storage.database import open_engine, reading, writing
from ivr.storage.models import Contract, ContractLocation
from tests.fakes import MONDAY_TEN
from tests.service.agreed import YEAR, agree, contracts
from tests.service.conftest import Telephone, contents
from tests.service.crew import crew

CLA, SLA = AgreementKind.CLA, AgreementKind.SLA
HARDWARE, SOFTWARE = AgreementKind.HARDWARE_MAINTENANCE, AgreementKind.SOFTWARE_MAINTENANCE
MONDAY, CHRISTMAS = date(2026, 11, 23), date(2026, 12, 25)
BAKERY, RHINE = "11001", "11008"
BAKERY_CLA = "CLA-11001-1"


def listed(app: Application, customer: str = BAKERY) -> list[ContractView]:
    return contracts(app).list_of(customer, MONDAY_TEN)


def spans(app: Application, customer: str = BAKERY) -> list[tuple[Any, ...]]:
    """Number, version, plan, first and last day."""
    found = [view.agreement for view in listed(app, customer)]
    return [
        (each.number, each.version, each.plan_id, each.starts_on, each.ends_on) for each in found
    ]


def plan_on(app: Application, on: date, caller: str = "+41440001001") -> list[str | None]:
    """The plan of each location, as a call finds it."""
    with app.storage.reading() as uow:
        (customer,) = uow.customers.list_by_number(caller, on)
    return [location.plan_id for location in customer.locations]


def renew(app: Application, number: str, starts_on: date, **given: Any) -> ContractView:
    locations = given.pop("locations", None)
    customer = number.split("-")[1]
    wanted = Wanted(starts_on, locations, given)
    return contracts(app).renew(customer, number, wanted, MONDAY_TEN)


def notice(app: Application, number: str, received: date = MONDAY) -> ContractView:
    return contracts(app).notice(number.split("-")[1], number, received, MONDAY_TEN)


# Versions -----------------------------------------------------------------------------------------


def test_the_demo_has_numbers(line: Application) -> None:
    assert spans(line) == [(BAKERY_CLA, 1, "premium", YEAR, None)]
    assert [each[0] for each in spans(line, RHINE)] == ["CLA-11008-1", "CLA-11008-2"]


@pytest.mark.rule("A.62")
def test_what_is_agreed_anew_counts_from_its_first_day(line: Application) -> None:
    view = renew(line, BAKERY_CLA, CHRISTMAS, plan_id="pro")
    assert (view.agreement.version, view.in_force) == (2, False)
    assert spans(line) == [
        (BAKERY_CLA, 1, "premium", YEAR, date(2026, 12, 24)),
        (BAKERY_CLA, 2, "pro", CHRISTMAS, None),
    ]
    assert plan_on(line, date(2026, 12, 24)) == ["premium"]
    assert plan_on(line, CHRISTMAS) == ["pro"]


@pytest.mark.rule("K-18")
def test_a_location_that_is_left_out_has_no_contract_from_then_on(line: Application) -> None:
    contracts(line).notice(RHINE, "CLA-11008-2", date(2026, 10, 1), MONDAY_TEN)
    renew(line, "CLA-11008-1", date(2026, 12, 1), locations=("Basel", "Geneva"))
    renew(line, "CLA-11008-1", date(2027, 1, 1), locations=("geneva",), plan_id="premium")
    caller = "+41440001008"
    assert plan_on(line, date(2026, 11, 30), caller) == ["pro", "basic_plus"]
    assert plan_on(line, date(2026, 12, 31), caller) == ["pro", "pro"]
    assert plan_on(line, date(2027, 1, 1), caller) == [None, "premium"]


def test_a_version_begins_after_the_one_before(line: Application) -> None:
    for day in (YEAR, date(2025, 12, 31)):
        with pytest.raises(ContractRefusedError, match="version 1 starts on 2026-01-01"):
            renew(line, BAKERY_CLA, day, plan_id="pro")
    assert plan_on(line, MONDAY) == ["premium"]


@pytest.mark.rule("A.2")
def test_the_call_keeps_the_version_it_was_answered_with(line: Application) -> None:
    renew(line, BAKERY_CLA, CHRISTMAS, plan_id="pro")
    call_id = Telephone(line).begin().call_id
    with line.storage.reading() as uow:
        contract_id = uow.calls.get(call_id).contract_id
        assert contract_id is not None
        agreement = uow.contracts.get(contract_id)
    assert (agreement.number, agreement.version, agreement.plan_id) == (BAKERY_CLA, 1, "premium")
    with line.storage.reading() as uow, pytest.raises(LookupError):
        uow.contracts.get(999999)


# Which contract a call finds ----------------------------------------------------------------------


def put(app: Application, location: str, **given: Any) -> None:
    """A row as somebody else may have written it, past every check."""
    found = next(view for view in listed(app) if view.agreement.number == BAKERY_CLA)
    with app.storage.writing() as uow:
        customer_id = uow.contracts.owner_of(BAKERY_CLA)
        values = {"customer_id": customer_id, "starts_on": YEAR, "number": BAKERY_CLA} | given
        added = uow.connection.execute(insert(Contract).returning(Contract.id), values)
        place = next(each.id for each in found.places if each.name == location)
        cover = {"contract_id": added.scalar_one(), "location_id": place}
        uow.connection.execute(insert(ContractLocation), cover)


def test_of_two_versions_on_a_day_the_newest_counts_in_whatever_order_they_came(
    line: Application,
) -> None:
    put(line, "Baden", version=3, plan_id="basic")
    put(line, "Baden", version=2, plan_id="pro")
    assert plan_on(line, MONDAY) == ["basic"]


@pytest.mark.rule("A.97", "A.107", "K-21")
@pytest.mark.parametrize("by_phone", [True, False])
def test_only_the_call_level_agreement_answers_the_phone(line: Application, by_phone: bool) -> None:
    """An SLA for the telephone opens no line, and one without it closes none."""
    agree(line, BAKERY, SLA, reaction_hours=4, by_phone=by_phone)
    agree(line, BAKERY, HARDWARE)
    agree(line, BAKERY, SOFTWARE)
    agree(line, BAKERY, AgreementKind.HOUR_PACKAGE)
    assert plan_on(line, MONDAY) == ["premium"]
    notice(line, BAKERY_CLA, date(2026, 9, 30))
    assert plan_on(line, MONDAY) == [None]
    assert [view.agreement.by_phone for view in listed(line)].count(by_phone) == 1


# Notice -------------------------------------------------------------------------------------------


@pytest.mark.rule("A.62", "B.4.6")
def test_notice_ends_the_contract_with_the_following_month(line: Application) -> None:
    view = notice(line, BAKERY_CLA)
    assert (view.agreement.noticed_on, view.agreement.ends_on) == (MONDAY, date(2026, 12, 31))
    assert view.in_force
    assert plan_on(line, date(2026, 12, 31)) == ["premium"]
    assert plan_on(line, date(2027, 1, 1)) == [None]


@pytest.mark.rule("A.62")
def test_notice_ends_what_was_agreed_for_later_too(line: Application) -> None:
    renew(line, BAKERY_CLA, date(2026, 12, 1), plan_id="pro")
    notice(line, BAKERY_CLA)
    assert [each[4] for each in spans(line)] == [date(2026, 11, 30), date(2026, 12, 31)]


def test_what_would_begin_after_the_end_stops_a_notice(line: Application) -> None:
    renew(line, BAKERY_CLA, date(2027, 2, 1), plan_id="pro")
    with pytest.raises(ContractRefusedError, match="ends on 2026-12-31 before it starts"):
        notice(line, BAKERY_CLA)
    assert [each[4] for each in spans(line)] == [date(2027, 1, 31), None]


def test_a_second_notice_changes_nothing(line: Application) -> None:
    notice(line, BAKERY_CLA, date(2026, 11, 1))
    with pytest.raises(ContractRefusedError, match="notice was received on 2026-11-01"):
        notice(line, BAKERY_CLA)
    renew(line, BAKERY_CLA, date(2026, 12, 1))
    assert spans(line)[-1] == (BAKERY_CLA, 2, "premium", date(2026, 12, 1), None)


def test_a_notice_from_the_future_or_too_late_is_refused(line: Application) -> None:
    with pytest.raises(ContractRefusedError, match="2026-11-24 is in the future"):
        notice(line, BAKERY_CLA, date(2026, 11, 24))
    renew(line, BAKERY_CLA, date(2026, 11, 24), ends_on=date(2026, 12, 31))
    with pytest.raises(ContractRefusedError, match="ends on 2026-12-31 anyway"):
        notice(line, BAKERY_CLA)


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given", "reasons"),
    [
        (CLA, {"plan_id": "basic"}, ["covers a location that CLA-11001-1 covers"]),
        (CLA, {"plan_id": "gold", "starts_on": CHRISTMAS}, ["'gold' is no plan; use premium, pro"]),
        (CLA, {}, ["a CLA names a plan"]),
        (HARDWARE, {}, ["sold only together with an SLA"]),
        (HARDWARE, {"plan_id": "pro"}, ["a CLA names a plan", "sold only together with an SLA"]),
        (SLA, {"reaction_hours": 0}, ["0 hours are not between"]),
        (SLA, {"ends_on": date(2025, 12, 31)}, ["ends on 2025-12-31 before it starts"]),
        (
            CLA,
            {"plan_id": "pro", "locations": ("Bern",)},
            ["has no location 'Bern'; there are: Ba"],
        ),
        (CLA, {"plan_id": "pro", "number": "CLA-11002-1"}, ["there is a contract CLA-11002-1"]),
    ],
)
def test_a_wrong_contract_is_refused_with_every_reason(
    line: Application, kind: AgreementKind, given: dict[str, Any], reasons: list[str]
) -> None:
    before = contents(line)
    with pytest.raises(ContractRefusedError) as refused:
        agree(line, BAKERY, kind, **given)
    for reason in reasons:
        assert reason in str(refused.value)
    assert contents(line) == before


@pytest.mark.rule("A.105")
def test_an_sla_cannot_end_before_the_maintenance_that_needs_it(line: Application) -> None:
    agree(line, BAKERY, SLA, reaction_hours=4)
    agree(line, BAKERY, HARDWARE)
    with pytest.raises(ContractRefusedError, match="HWM-11001-1: hardware maintenance is sold"):
        notice(line, "SLA-11001-1")
    renew(line, "SLA-11001-1", date(2026, 12, 1), reaction_hours=8)
    notice(line, "HWM-11001-1")
    assert notice(line, "SLA-11001-1").agreement.ends_on == date(2026, 12, 31)


@pytest.mark.parametrize("number", ["CLA-11002-1", "CLA-11001-9", ""])
def test_only_the_customers_own_contracts_can_be_changed(line: Application, number: str) -> None:
    before = contents(line)
    wanted = Wanted(CHRISTMAS, None, {"plan_id": "pro"})
    with pytest.raises(ContractRefusedError, match="customer 11001 has no contract"):
        contracts(line).renew(BAKERY, number, wanted, MONDAY_TEN)
    with pytest.raises(ContractRefusedError, match="customer 11001 has no contract"):
        contracts(line).notice(BAKERY, number, MONDAY, MONDAY_TEN)
    assert contents(line) == before


def test_an_unknown_customer_is_named(line: Application) -> None:
    with pytest.raises(UnknownCustomerError, match="'99999'"):
        listed(line, "99999")


# Bundles ------------------------------------------------------------------------------------------


@pytest.mark.rule("A.57", "A.58", "K-18")
def test_a_bundle_changes_the_price_and_nothing_else(line: Application) -> None:
    contracts(line).notice(RHINE, "CLA-11008-2", date(2026, 9, 1), MONDAY_TEN)
    both = ("Basel", "Geneva")
    by_place = renew(line, "CLA-11008-1", date(2026, 11, 1), locations=both)
    assert by_place.price == Money(Decimal("258.00"), "CHF")
    price = Money(Decimal("200.00"), "CHF")
    bundle = {"bundle_name": "Branches", "bundle_price": price}
    assert renew(line, "CLA-11008-1", date(2026, 11, 2), **bundle).price == price
    assert plan_on(line, MONDAY, "+41440001008") == ["pro", "pro"]
    unpriced = {"bundle_name": "Branches", "bundle_price": None}
    assert renew(line, "CLA-11008-1", date(2026, 11, 3), **unpriced).price is None


@pytest.mark.rule("A.58")
def test_a_portfolio_covers_the_places_of_other_customers(line: Application) -> None:
    contracts(line).notice("11009", "CLA-11009-1", date(2026, 9, 1), MONDAY_TEN)
    portfolio = ("Baden", "11009/Wettingen")
    contracts(line).notice(BAKERY, BAKERY_CLA, date(2026, 9, 1), MONDAY_TEN)
    view = agree(line, BAKERY, CLA, date(2026, 11, 1), portfolio, plan_id="pro_plus")
    assert [(each.customer_number, each.name) for each in view.places] == [
        ("11001", "Baden"),
        ("11009", "Wettingen"),
    ]
    assert plan_on(line, MONDAY, "+41440001009") == ["pro_plus"]
    assert [each[0] for each in spans(line, "11009")] == ["CLA-11001-2", "CLA-11009-1"]
    with pytest.raises(ContractRefusedError, match="covers a location that"):
        agree(line, "11009", CLA, MONDAY, plan_id="pro")


# At the same time ---------------------------------------------------------------------------------


def test_two_at_the_same_time_never_cover_a_place_twice(line: Application) -> None:
    notice(line, BAKERY_CLA, date(2026, 9, 1))

    def conclude() -> bool:
        try:
            agree(line, BAKERY, CLA, date(2026, 11, 1), plan_id="pro")
        except ContractRefusedError:
            return False
        return True

    with crew(4) as together:
        assert sum(together([conclude] * 4)) == 1
    assert [each[:3] for each in spans(line)][1:] == [("CLA-11001-2", 1, "pro")]


# The migration ------------------------------------------------------------------------------------


@pytest.fixture
def migrated(empty_url: str) -> Iterator[Callable[[str], Engine]]:
    """The engine of a database that was brought to a revision, up or down."""
    engine = open_engine(empty_url)
    migrate._make_file(engine)

    def to(revision: str) -> Engine:
        move = command.downgrade if revision == "0004" and _exists(engine) else command.upgrade
        with engine.connect() as connection, connection.begin():
            move(migrate._config(connection), revision)
        return engine

    yield to
    engine.dispose()


def _exists(engine: Engine) -> bool:
    with reading(engine) as connection:
        return engine.dialect.has_table(connection, "contract")


def test_contracts_of_before_become_first_versions(migrated: Callable[[str], Engine]) -> None:
    """The calls that refer to them still do, up and down again."""
    engine = migrated("0004")
    _fill_0004(engine)
    migrated("0005")
    columns = (Contract.number, Contract.version, Contract.kind, Contract.plan_id)
    with reading(engine) as connection:
        rows = connection.execute(select(*columns).order_by(Contract.id)).all()
    assert rows == [("C1", 1, "cla", "pro"), ("C2", 1, "cla", "basic")]
    with writing(engine) as connection:
        connection.execute(insert(Contract), _sla_row())
        connection.execute(insert(ContractLocation), {"contract_id": 3, "location_id": 1})
    migrated("0004")
    with reading(engine) as connection:
        assert connection.execute(text(_LEFT)).all() == [(1, "pro"), (2, "basic")]
        assert connection.execute(text("SELECT contract_id FROM call")).all() == [(1,)]


_LEFT = "SELECT id, plan_id FROM contract ORDER BY id"


def _sla_row() -> dict[str, Any]:
    return {"id": 3, "customer_id": 1, "number": "S", "kind": "sla", "starts_on": YEAR}


def _fill_0004(engine: Engine) -> None:
    statements = (
        "INSERT INTO customer (id, number, name, language, pepper_version, demo, created_at)"
        " VALUES (1, '20001', 'Muster', 'de', 1, {no}, '2026-01-01 00:00:00')",
        "INSERT INTO location (id, customer_id, name) VALUES (1, 1, 'Baden')",
        "INSERT INTO contract (id, customer_id, plan_id, starts_on, ends_on)"
        " VALUES (1, 1, 'pro', '2026-01-01', NULL), (2, 1, 'basic', '2025-01-01', '2025-12-31')",
        "INSERT INTO contract_location VALUES (1, 1), (2, 1)",
        "INSERT INTO call (id, channel, provider_call_id, rehearsal, clock_shift_seconds,"
        " received_at, caller_raw, contract_id, identified_by, order_state)"
        " VALUES ('c', 'asterisk', 'c', {no}, 0, '2026-01-01 00:00:00', '', 1, 'number', 'none')",
    )
    no = "false" if engine.dialect.name == "postgresql" else "0"
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement.format(no=no)))
