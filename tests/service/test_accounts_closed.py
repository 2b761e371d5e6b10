"""Tickets are closed: once, with what they consumed, by the cause, and never a rehearsal."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.requests import OrderState, TicketKind
from ivr.contracts.billing import Account, BillingError, Cause, Decision
from ivr.contracts.ledgers import Movement
from ivr.contracts.money import Money
from ivr.contracts.tariffs import HourPackageRules, parse_tariffs
from ivr.errors import ConfigurationError
from ivr.services.account_records import AccountRecord, Document, LedgerName
from ivr.services.accounts import AccountError, Accounts
from ivr.services.balances import Advances
from tests.fakes import MONDAY_TEN
from tests.service.conftest import contents
from tests.service.ticketed import (
    ANNA,
    BASIC,
    CUSTOMER,
    LATER,
    LUCA,
    THIRD,
    add_ticket,
    add_work,
    packages_of,
    set_cause,
    units_of,
    work_of,
)

TODAY = date(2026, 11, 23)
GOODWILL = Decision(Cause.WINET_BASIC_SERVICE, "Goodwill.", "Eva Roth")
CHARGED = Decision(Cause.CUSTOMER_ENVIRONMENT, "Their own power supply.", "Eva Roth")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SILVESTER = datetime(2026, 12, 31, 9, tzinfo=UTC)
FRESH = parse_tariffs(resources.load_yaml(resources.folder("config") / "tariffs.yaml"))


def close(app: Application, number: int, decision: Decision | None = None) -> AccountRecord:
    return app.accounts.close(number, LATER, decision)


def lines(account: Account) -> list[tuple[str, int, str]]:
    return [(line.text, line.quantity, str(line.price.net)) for line in account.lines]


def gross(record: AccountRecord) -> str:
    assert record.account.totals is not None
    return str(record.account.totals.gross)


def balance(app: Application, name: LedgerName, day: date = TODAY) -> int:
    with app.storage.reading() as uow:
        return uow.ledgers.load(name).balance(day)


def with_tariffs(app: Application, **changed: Any) -> Accounts:
    return Accounts(app.storage, replace(app.tariffs, **changed), "0" * 64, app.calendar)


# What is stored -----------------------------------------------------------------------------------


@pytest.mark.rule("A.70", "A.47", "A.20", "K-4", "Q2")
def test_free_units_come_first_and_the_rest_is_charged(line: Application) -> None:
    number = add_ticket(line, minutes=90)
    closed = close(line, number)
    assert lines(closed.account) == [
        ("bill_free_units", 4, "CHF 0.00"),
        ("bill_work", 30, "CHF 90.00"),
    ]
    assert gross(closed) == "CHF 97.29"
    with line.storage.reading() as uow:
        assert uow.accounts.find(number) == closed
        entries = uow.ledgers.load(units_of(line)).entries
    assert [(entry.movement, entry.quantity, entry.ticket) for entry in entries] == [
        (Movement.GRANTED, 4, ""),
        (Movement.CONSUMED, 4, str(number)),
    ]


def test_an_account_says_by_which_tariffs(line: Application) -> None:
    file = resources.folder("config") / line.settings.tariffs
    expected = hashlib.sha256(file.read_bytes()).hexdigest()
    assert close(line, add_ticket(line, minutes=15)).tariffs_sha256 == expected


def test_closing_again_gives_the_same_account_and_changes_nothing(line: Application) -> None:
    number = add_ticket(line, minutes=90)
    first = close(line, number)
    before = contents(line)
    set_cause(line, number, BASIC)
    corrected = contents(line)
    assert line.accounts.close(number, LATER + DAY) == first
    assert contents(line) == corrected
    assert corrected["account"] == before["account"]


@pytest.mark.rule("A.68", "K-6")
def test_a_fault_in_a_basic_service_costs_nothing_and_consumes_nothing(line: Application) -> None:
    closed = close(line, add_ticket(line, cause=BASIC, minutes=90))
    assert (lines(closed.account), gross(closed)) == ([], "CHF 0.00")
    assert contents(line)["ledger_entry"] == []


@pytest.mark.rule("A.68", "Q13", "A.60")
def test_fast_lane_is_charged_and_credited_where_the_provider_was_at_fault(
    line: Application,
) -> None:
    charged = close(line, add_ticket(line, kind=TicketKind.FAST_LANE, minutes=15))
    assert lines(charged.account) == [
        ("bill_fast_lane", 1, "CHF 150.00"),
        ("bill_free_units", 1, "CHF 0.00"),
    ]
    credited = close(line, add_ticket(line, kind=TicketKind.FAST_LANE, cause=BASIC, minutes=15))
    assert [net for *_, net in lines(credited.account)] == ["CHF 150.00", "CHF -150.00"]
    assert gross(credited) == "CHF 0.00"


@pytest.mark.rule("A.85", "A.86", "A.90", "A.91", "A.92", "K-6", "K-13")
@pytest.mark.parametrize(
    ("cause", "minutes", "net"),
    [
        (CUSTOMER, 30, "EUR 200.00"),
        (CUSTOMER, 31, "EUR 203.33"),
        (BASIC, 90, "EUR 200.00"),
        ("application_analysis", 30, "EUR 300.00"),
    ],
)
def test_emergency_support_is_billed_in_its_own_currency_without_free_units(
    app: Application, cause: str, minutes: int, net: str
) -> None:
    closed = close(app, add_ticket(app, kind=TicketKind.EMERGENCY, cause=cause, minutes=minutes))
    assert closed.account.totals is not None
    assert str(closed.account.totals.net) == net
    assert contents(app)["ledger_entry"] == []


@pytest.mark.rule("A.28")
def test_a_withdrawn_order_has_no_fee(app: Application) -> None:
    withdrawn = {"kind": TicketKind.FAST_LANE, "order_state": OrderState.WITHDRAWN}
    assert gross(close(app, add_ticket(app, **withdrawn))) == "CHF 0.00"


@pytest.mark.rule("A.63", "B.1", "K-12")
def test_vat_is_that_of_the_day_of_the_work(app: Application) -> None:
    """Ordered and worked before the year ends in which the rate changes, closed long after."""
    old = datetime(2023, 12, 31, 9, tzinfo=UTC)
    number = add_ticket(app, "11013", at=old)
    add_work(app, number, 60, old)
    add_work(app, number, 60, old + 2 * DAY)
    rates = [str(line.price.vat_rate) for line in close(app, number).account.lines]
    assert sorted(set(rates)) == ["7.7", "8.1"]


@pytest.mark.rule("A.116", "K-4")
@pytest.mark.parametrize(("covers", "net"), [(True, "CHF 90.00"), (False, "CHF 180.00")])
def test_an_hour_package_comes_after_the_free_units_if_it_may(
    line: Application, covers: bool, net: str
) -> None:
    rules = HourPackageRules(covers_pikett=covers, valid_months=None)
    accounts = with_tariffs(line, hour_packages=rules)
    name = packages_of(line)
    with line.storage.writing() as uow:
        line.advances.grant_package(uow, name.customer_id, "P", 30, TODAY, MONDAY_TEN)
    closed = accounts.close(add_ticket(line, minutes=120), LATER)
    assert closed.account.totals is not None
    assert str(closed.account.totals.net) == net
    assert closed.account.package_minutes_used == (30 if covers else 0)
    assert balance(line, name) == (0 if covers else 30)
    with line.storage.reading() as uow:
        assert uow.accounts.find(closed.ticket_number) == closed


@pytest.mark.rule("A.47")
def test_work_of_december_draws_on_december_whenever_it_is_closed(app: Application) -> None:
    number = add_ticket(app, at=SILVESTER, minutes=60)
    later = add_ticket(app, at=SILVESTER + DAY, minutes=60)
    for each in (later, number):
        assert app.accounts.close(each, SILVESTER + 40 * DAY).account.free_units_used == 4
    assert balance(app, units_of(app), date(2026, 12, 31)) == 0
    assert balance(app, units_of(app), date(2027, 1, 1)) == 0


def test_a_customer_without_a_contract_has_no_free_units(app: Application) -> None:
    number = add_ticket(app, "11005", at=datetime(2025, 6, 2, 8, tzinfo=UTC), minutes=60)
    closed = close(app, number)
    assert lines(closed.account) == [("bill_work", 60, "CHF 180.00")]


@pytest.mark.rule("A.47", "A.57")
def test_another_contract_of_the_customer_is_left_alone(app: Application) -> None:
    close(app, add_ticket(app, "11008", minutes=90, place=0))
    other = close(app, add_ticket(app, "11008", minutes=90, place=1))
    assert other.account.free_units_used == 1


def test_accounts_come_back_in_the_order_of_closing_with_their_lines(line: Application) -> None:
    """Read bit by bit, on either database."""
    numbers = [add_ticket(line, minutes=15 * count) for count in (1, 2, 3)]
    waiting = add_ticket(line, cause=THIRD)
    times = zip((*reversed(numbers), waiting), range(4), strict=True)
    records = [line.accounts.close(number, LATER + hours * HOUR) for number, hours in times]
    span = (LATER, LATER + 4 * HOUR)
    with line.storage.reading() as uow:
        assert [each.record for each in uow.accounts.walk(*span, undecided=False)] == records[:3]
        assert [each.record for each in uow.accounts.walk(*span, undecided=True)] == records[3:]
        assert uow.accounts.count(*span, undecided=False) == 3
        first = list(uow.accounts.walk(LATER, LATER + HOUR, undecided=False))
        assert [each.record for each in first] == records[:1]


# What is refused ----------------------------------------------------------------------------------


def refused(
    app: Application, number: int, said: str, error: type[Exception] = AccountError
) -> None:
    before = contents(app)
    with pytest.raises(error, match=said):
        close(app, number)
    assert contents(app) == before


@pytest.mark.rule("A.71")
def test_without_a_cause_nothing_is_billed(line: Application) -> None:
    number = add_ticket(line, cause=None, minutes=15)
    refused(line, number, f"ticket {number} has no cause yet: .*pikett ticket note {number} ")


def test_a_rehearsal_is_never_closed(line: Application) -> None:
    number = add_ticket(line, rehearsal=True)
    refused(line, number, f"ticket {number} is of a rehearsal: nothing is ever billed")
    with pytest.raises(AccountError, match="rehearsal"):
        add_work(line, number, 15)


def test_a_ticket_of_nobody_cannot_be_billed(app: Application) -> None:
    number = add_ticket(app, None, kind=TicketKind.MESSAGE, order_state=OrderState.NONE)
    refused(app, number, "nobody can be billed")


def test_a_ticket_that_is_not_there(app: Application) -> None:
    refused(app, 999, "there is no ticket 999")


def test_a_cause_that_is_none_of_ours(app: Application) -> None:
    refused(app, add_ticket(app, cause="the moon"), "'the moon', which is none", BillingError)


@pytest.mark.rule("Q1", "Q3", "K-2", "K-3", "K-4")
def test_a_price_that_is_missing_leaves_everything_as_it_was(app: Application) -> None:
    number = add_ticket(app, kind=TicketKind.FAST_LANE, minutes=60)
    before = contents(app)
    with pytest.raises(ConfigurationError, match=r"fast_lane\.price"):
        Accounts(app.storage, FRESH, "0" * 64, app.calendar).close(number, LATER)
    with pytest.raises(ConfigurationError, match="rate_per_hour"):
        with_tariffs(app, technical_rate=None, free_units_per_year={}).close(number, LATER)
    assert contents(app) == before


# Work ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "minutes", "said"),
    [
        (-HOUR, 30, "begins before the call of 2026-11-23 10:00"),
        (23 * HOUR, 61, "until 2026-11-24 10:01 is not over yet"),
        (timedelta(minutes=-1), 5, "begins before the call"),
        (timedelta(0), 0, "at least a minute"),
        (timedelta(minutes=14), 5, "overlaps work until"),
    ],
)
def test_work_that_cannot_be_is_refused(
    app: Application, start: timedelta, minutes: int, said: str
) -> None:
    number = add_ticket(app, minutes=15)
    with pytest.raises(AccountError, match=said):
        app.accounts.add_work(number, work_of(minutes, MONDAY_TEN + start), LATER)
    assert len(app.accounts.show(number).work) == 1


def test_the_minute_of_the_call_is_early_enough(app: Application) -> None:
    number = add_ticket(app, at=MONDAY_TEN + timedelta(seconds=25))
    app.accounts.add_work(number, work_of(15), LATER)
    app.accounts.add_work(number, work_of(15, by=LUCA), LATER)
    assert [work.span.person for work in app.accounts.show(number).work] == [ANNA, LUCA]


def test_a_closed_account_takes_no_more_work(line: Application) -> None:
    number = add_ticket(line, minutes=15)
    close(line, number)
    with pytest.raises(AccountError, match=f"the account of ticket {number} is closed"):
        add_work(line, number, 15, MONDAY_TEN + HOUR)


# Decisions ----------------------------------------------------------------------------------------


@pytest.mark.rule("A.71", "K-10", "Q8")
@pytest.mark.parametrize("cause", [THIRD, "unknown"])
def test_third_party_and_unknown_wait_for_a_person(line: Application, cause: str) -> None:
    number = add_ticket(line, cause=cause, minutes=90, kind=TicketKind.FAST_LANE)
    waiting = close(line, number)
    assert (waiting.account, waiting.decision) == (Account(), None)
    before = contents(line)
    assert before["account_line"] == before["ledger_entry"] == []
    assert line.accounts.close(number, LATER + DAY) == waiting
    assert contents(line) == before


@pytest.mark.rule("K-10", "Q8")
def test_a_decision_closes_the_account_with_its_reason(line: Application) -> None:
    number = add_ticket(line, cause=THIRD, minutes=90)
    close(line, number)
    decided = line.accounts.close(number, LATER + DAY, CHARGED)
    assert (decided.decision, decided.closed_at) == (CHARGED, LATER + DAY)
    assert decided.account.free_units_used == 4
    with line.storage.reading() as uow:
        assert uow.accounts.find(number) == decided
    before = contents(line)
    assert close(line, number) == close(line, number, CHARGED) == decided
    with pytest.raises(AccountError, match="is closed"):
        close(line, number, GOODWILL)
    assert contents(line) == before


def test_a_decision_may_come_first_and_only_where_it_is_needed(app: Application) -> None:
    assert gross(close(app, add_ticket(app, cause=THIRD, minutes=90), GOODWILL)) == "CHF 0.00"
    number = add_ticket(app, minutes=90)
    with pytest.raises(BillingError, match="nothing to decide"):
        close(app, number, GOODWILL)
    assert app.accounts.show(number).closed is None


def test_what_waits_takes_work_and_another_cause(app: Application) -> None:
    number = add_ticket(app, cause="unknown", minutes=30)
    close(app, number)
    add_work(app, number, 60, MONDAY_TEN + HOUR)
    set_cause(app, number, CUSTOMER)
    assert lines(close(app, number).account) == [
        ("bill_free_units", 4, "CHF 0.00"),
        ("bill_work", 30, "CHF 90.00"),
    ]


# At the same instant ------------------------------------------------------------------------------


def test_one_ticket_closed_at_the_same_instant_has_one_account(line: Application) -> None:
    number = add_ticket(line, minutes=90)
    with ThreadPoolExecutor(4) as pool:
        records = list(pool.map(lambda _: close(line, number), range(4)))
    assert records == [records[0]] * 4
    stored = contents(line)
    assert (len(stored["account"]), len(stored["account_line"])) == (1, 2)
    assert balance(line, units_of(line)) == 0


@pytest.mark.rule("A.47", "Q2")
def test_tickets_of_one_customer_closed_at_the_same_instant_overdraw_nothing(
    line: Application,
) -> None:
    """Four free units: of six tickets of one unit each, two are charged."""
    numbers = [add_ticket(line, minutes=15) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        records = list(pool.map(lambda number: close(line, number), numbers))
    assert sorted(gross(record) for record in records) == ["CHF 0.00"] * 4 + ["CHF 48.65"] * 2
    assert balance(line, units_of(line)) == 0


# Balances after random closings -------------------------------------------------------------------

closings = st.lists(
    st.tuples(st.integers(1, 100), st.sampled_from([CUSTOMER, BASIC, THIRD]), st.integers(0, 50)),
    max_size=6,
)


@pytest.mark.rule("A.47", "A.116")
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(closings, st.integers(1, 120))
def test_after_any_closings_ledgers_and_accounts_tell_the_same(
    app: Application, script: list[tuple[int, str, int]], bought: int
) -> None:
    """Work at any days round the end of the year, closed in any order; examples add up."""
    rules = HourPackageRules(covers_pikett=True, valid_months=1)
    accounts = with_tariffs(app, hour_packages=rules)
    units, packages = units_of(app), packages_of(app)
    lot = f"P{len(contents(app)['ledger_entry'])}"
    day = date(2026, 12, 1)
    with app.storage.writing() as uow:
        advances = Advances(replace(app.tariffs, hour_packages=rules))
        advances.grant_package(uow, packages.customer_id, lot, bought, day, MONDAY_TEN)
    for minutes, cause, after in script:
        at = datetime(2026, 12, 6, 9, tzinfo=UTC) + after * DAY
        number = add_ticket(app, cause=cause, at=at, minutes=minutes)
        record = accounts.close(number, at + DAY)
        assert record == accounts.close(number, at + 2 * DAY)
        _check_sums(record, minutes)
    for name, column in ((units, "free_units"), (packages, "hour_package")):
        _check_ledger(app, name, column)


def _check_sums(record: AccountRecord, minutes: int) -> None:
    account = record.account
    if account.totals is None:
        assert record.cause is Cause.THIRD_PARTY
        return
    assert account.totals.net + account.totals.vat == account.totals.gross
    if record.cause is Cause.CUSTOMER_ENVIRONMENT:
        charged = sum(line.quantity for line in account.lines if line.kind == "work")
        free = min(minutes, 15 * account.free_units_used)
        assert free + account.package_minutes_used + charged == minutes


def _check_ledger(app: Application, name: LedgerName, kind: str) -> None:
    with app.storage.reading() as uow:
        ledger = uow.ledgers.load(name)
    consumed = sum(each.quantity for each in ledger.entries if each.movement is Movement.CONSUMED)
    rows = contents(app)["account_line"]
    assert consumed == sum(row[4] for row in rows if row[2] == kind)
    for day in (date(2026, 12, 31), date(2027, 1, 1), date(2028, 1, 1)):
        standing = ledger.standing(day)
        assert min(standing.consumed, standing.expired, standing.balance) >= 0
        assert standing.granted == standing.consumed + standing.expired + standing.balance
        assert ledger.balance(day) >= 0


# Upgrades -----------------------------------------------------------------------------------------


def upgrade(app: Application, signed: date, at: datetime = LATER) -> tuple[list[int], list[int]]:
    key = units_of(app).customer_id
    signature = app.accounts.upgrade(key, signed, at)
    return [note.ticket_number for note in signature.credited], list(signature.waiting)


def fast_lane(app: Application, at: datetime = MONDAY_TEN, **given: Any) -> int:
    return add_ticket(app, kind=TicketKind.FAST_LANE, at=at, **given)


@pytest.mark.rule("A.59", "B.4.5")
def test_an_upgrade_credits_the_fast_lane_tickets_of_fourteen_days_once(line: Application) -> None:
    """The event of Sunday 22 November is in time until Monday 7 December, that of the 21st is not."""
    at = datetime(2026, 12, 7, 20, tzinfo=UTC)
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    late, first, second = (fast_lane(line, moment) for moment in (sunday - DAY, sunday, MONDAY_TEN))
    other, plain = fast_lane(line, customer="11001"), add_ticket(line)
    for number in (late, first, second, other, plain):
        line.accounts.close(number, at - DAY)
    assert upgrade(line, date(2026, 12, 7), at) == ([first, second], [])
    before = contents(line)
    assert upgrade(line, date(2026, 12, 7), at + HOUR) == ([], [])
    assert contents(line) == before
    with line.storage.reading() as uow:
        note = uow.accounts.find(first, Document.CREDIT_NOTE)
    assert note is not None
    assert lines(note.account) == [("bill_fast_lane_credit", 1, "CHF -150.00")]
    assert (gross(note), note.signed_on, note.closed_at) == ("CHF -162.15", date(2026, 12, 7), at)


@pytest.mark.rule("A.59")
def test_whatever_comes_later_brings_the_credit(line: Application) -> None:
    number, undecided = fast_lane(line, cause=None), fast_lane(line, cause=THIRD)
    close(line, undecided)
    assert upgrade(line, TODAY) == ([], [number, undecided])
    set_cause(line, number, CUSTOMER)
    close(line, number)
    close(line, undecided, CHARGED)
    for each in (number, undecided):
        credit = line.accounts.show(each).credit
        assert credit is not None
        assert credit.account.totals is not None
        assert credit.account.totals.net == Money(-line.tariffs.fast_lane.amount, "CHF")  # type: ignore[union-attr]
    assert upgrade(line, TODAY) == ([], [])


@pytest.mark.rule("A.59", "Q13")
def test_what_was_credited_already_is_not_credited_again(app: Application) -> None:
    number = fast_lane(app, cause=BASIC)
    close(app, number)
    assert upgrade(app, TODAY) == ([], [])
    assert app.accounts.show(number).credit is None


@pytest.mark.rule("A.59")
def test_an_upgrade_before_the_event_brings_nothing(app: Application) -> None:
    assert upgrade(app, TODAY - DAY) == ([], [])
    number = fast_lane(app)
    close(app, number)
    assert app.accounts.show(number).credit is None


def test_rehearsals_and_withdrawn_orders_are_not_credited(app: Application) -> None:
    fast_lane(app, rehearsal=True)
    withdrawn = fast_lane(app, order_state=OrderState.WITHDRAWN)
    close(app, withdrawn)
    assert upgrade(app, TODAY) == ([], [])


def test_nobody_signs_in_the_future(app: Application) -> None:
    before = contents(app)
    with pytest.raises(ValueError, match="in the future"):
        upgrade(app, TODAY + 2 * DAY)
    assert contents(app) == before


def test_upgrades_and_closings_at_the_same_instant_credit_once(line: Application) -> None:
    number = fast_lane(line)
    tasks = [lambda: close(line, number), lambda: upgrade(line, TODAY)] * 2
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda task: task(), tasks))
    assert line.accounts.show(number).credit is not None
    assert len(contents(line)["account"]) == 2
