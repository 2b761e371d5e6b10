"""Accounts of tickets: the technicians' work, and what it costs once the cause is known.

An account is drawn up from the recorded cause, the work and the ledgers (items 68 to 71), and stored
with its lines and with what it consumed in one transaction. What is closed is never changed: closing
again gives the same account. A third party's or an unknown cause is kept as an open decision without
lines and totals, until a person decides with a reason (Q8) or another cause is recorded. A rehearsal
has no account.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from ivr.callflow.requests import OrderState, TicketKind
from ivr.contracts.billing import (
    Account,
    Balances,
    BilledTicket,
    BillingError,
    Cause,
    Decision,
    account,
)
from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.faults import Fact, fault_of
from ivr.contracts.ledgers import Ledger
from ivr.contracts.tariffs import Tariffs
from ivr.contracts.windows import local_time
from ivr.contracts.worktime import Span, joined
from ivr.errors import PikettError
from ivr.services.account_records import (
    AccountRecord,
    Document,
    LedgerKind,
    LedgerName,
    TicketToClose,
    Work,
)
from ivr.services.balances import Advances, append_new
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.upgrades import Upgrade, Upgrades


class AccountError(PikettError):
    """An account that cannot be drawn up, or work that cannot be; nothing was changed."""


@dataclass(frozen=True, slots=True)
class _Advance:
    """A ledger that an account may draw on, as it is stored and with this year's allowance."""

    name: LedgerName
    stored: Ledger
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class TicketAccount:
    """A ticket with its work and, once it is closed, its account and its credit note."""

    ticket: TicketToClose
    cause: str | None
    work: tuple[Work, ...]
    closed: AccountRecord | None
    credit: AccountRecord | None


class Accounts:
    """Records work, closes tickets, and takes the decisions of people."""

    def __init__(
        self, storage: Storage, tariffs: Tariffs, tariffs_sha256: str, calendar: HolidayCalendar
    ) -> None:
        self._storage = storage
        self._tariffs = tariffs
        self._tariffs_sha256 = tariffs_sha256
        self._advances = Advances(tariffs)
        self._upgrades = Upgrades(tariffs, calendar)

    def show(self, number: int) -> TicketAccount:
        """What is known of a ticket's account."""
        with self._storage.reading() as uow:
            ticket = _ticket(uow, number)
            return TicketAccount(
                ticket,
                _said_cause(uow, number),
                tuple(uow.accounts.list_work(number)),
                uow.accounts.find(number),
                uow.accounts.find(number, Document.CREDIT_NOTE),
            )

    def add_work(self, number: int, work: Work, at: datetime) -> None:
        """Record work; it must be over, later than the call, and overlap no other of its person."""
        with self._storage.writing() as uow:
            self.add_work_in(uow, number, work, at)

    def add_work_in(self, uow: UnitOfWork, number: int, work: Work, at: datetime) -> None:
        """The same within a transaction."""
        ticket = _billable(uow, number)
        found = uow.accounts.find(number)
        if found is not None and not found.account.decision_required:
            raise AccountError(f"the account of ticket {number} is closed")
        if not uow.roster.has_technician(work.span.person):
            raise AccountError(f"there is no technician {work.span.person!r}")
        _refuse_odd_times(work.span, ticket, at)
        known = [each.span for each in uow.accounts.list_work(number)]
        _refuse_overlaps([*known, work.span])
        uow.accounts.add_work(number, work, at)

    def is_settled_in(self, uow: UnitOfWork, number: int) -> bool:
        """Whether its account is closed; until this transaction ends nobody else closes it."""
        _billable(uow, number)
        found = uow.accounts.find(number)
        return found is not None and not found.account.decision_required

    def close(self, number: int, at: datetime, decision: Decision | None = None) -> AccountRecord:
        """Draw the account up and store it, or find the one that is there."""
        with self._storage.writing() as uow:
            ticket = _billable(uow, number)
            stored = uow.accounts.find(number)
            if stored is not None and not stored.account.decision_required:
                return _unchanged(stored, decision)
            record = self._drawn_up(uow, ticket, at, decision)
            if stored is None:
                uow.accounts.add(record)
            elif record.account.decision_required:
                return stored
            else:
                uow.accounts.settle(record)
            self._upgrades.credit(uow, ticket.ordered_at or ticket.received_at, record, at)
            return record

    def upgrade(self, customer_id: int, signed_on: date, at: datetime) -> Upgrade:
        """A better plan was signed: credit the Fast Lane tickets it is in time for."""
        with self._storage.writing() as uow:
            return self._upgrades.sign(uow, customer_id, signed_on, at)

    def _drawn_up(
        self, uow: UnitOfWork, ticket: TicketToClose, at: datetime, decision: Decision | None
    ) -> AccountRecord:
        billed = _billed(uow, ticket, decision)
        day = _first_day(billed)
        units, packages = self._units(uow, ticket, day), self._packages(uow, ticket)
        balances = Balances(units.ledger.balance(day) if units else 0, packages.ledger.balance(day))
        drawn_up = account(billed, self._tariffs, balances)
        for advance, used in (
            (units, drawn_up.free_units_used),
            (packages, drawn_up.package_minutes_used),
        ):
            if advance is not None and used:
                after = advance.ledger.consume(used, day, str(ticket.number))
                append_new(uow, advance.name, advance.stored, after, at)
        return self._record(ticket, at, billed, drawn_up)

    def _record(
        self, ticket: TicketToClose, at: datetime, billed: BilledTicket, drawn_up: Account
    ) -> AccountRecord:
        return AccountRecord(
            Document.ACCOUNT,
            ticket.number,
            _customer_id(ticket),
            at,
            billed.cause,
            drawn_up,
            self._tariffs_sha256,
            billed.decision,
        )

    def _units(self, uow: UnitOfWork, ticket: TicketToClose, day: date) -> _Advance | None:
        """Those of the contract the call was answered with; without one there are none."""
        if ticket.contract_id is None or ticket.plan_id is None:
            return None
        owner_id = ticket.contract_owner_id or _customer_id(ticket)
        name = LedgerName(owner_id, LedgerKind.FREE_UNITS, ticket.contract_id)
        stored = uow.ledgers.load(name)
        return _Advance(name, stored, self._advances.with_allowance(stored, ticket.plan_id, day))

    def _packages(self, uow: UnitOfWork, ticket: TicketToClose) -> _Advance:
        name = LedgerName(_customer_id(ticket), LedgerKind.PACKAGE_MINUTES)
        stored = uow.ledgers.load(name)
        return _Advance(name, stored, stored)


def _ticket(uow: UnitOfWork, number: int) -> TicketToClose:
    try:
        return uow.accounts.get_ticket(number)
    except LookupError as error:
        raise AccountError(str(error)) from error


def _billable(uow: UnitOfWork, number: int) -> TicketToClose:
    """The ticket, for this transaction alone; whoever waits for it reads what it wrote."""
    ticket = _ticket(uow, number)
    if ticket.rehearsal:
        raise AccountError(f"ticket {number} is of a rehearsal: nothing is ever billed for it")
    customer_id = _customer_id(ticket)
    uow.ledgers.lock(customer_id, ticket.contract_owner_id or customer_id)
    return ticket


def _customer_id(ticket: TicketToClose) -> int:
    if ticket.customer_id is None:
        raise AccountError(f"ticket {ticket.number} has no customer: nobody can be billed for it")
    return ticket.customer_id


def _unchanged(stored: AccountRecord, decision: Decision | None) -> AccountRecord:
    if decision is not None and decision != stored.decision:
        raise AccountError(f"the account of ticket {stored.ticket_number} is closed")
    return stored


def _billed(uow: UnitOfWork, ticket: TicketToClose, decision: Decision | None) -> BilledTicket:
    """Nothing is due for an order that was withdrawn (item 28)."""
    ordered = ticket.order_state != OrderState.WITHDRAWN
    return BilledTicket(
        at=ticket.ordered_at or ticket.received_at,
        cause=_cause(uow, ticket.number),
        work=tuple(work.span for work in uow.accounts.list_work(ticket.number)),
        fast_lane=ordered and ticket.kind == TicketKind.FAST_LANE,
        emergency=ordered and ticket.kind == TicketKind.EMERGENCY,
        decision=decision,
    )


def _cause(uow: UnitOfWork, number: int) -> Cause:
    found = _said_cause(uow, number)
    if found is None:
        raise AccountError(
            f"ticket {number} has no cause yet: a technician records it with "
            f"`pikett ticket note {number} --by NAME --cause CAUSE` before anything is billed"
        )
    try:
        return Cause(found)
    except ValueError as error:
        raise BillingError(f"ticket {number} has the cause {found!r}, which is none") from error


def _said_cause(uow: UnitOfWork, number: int) -> str | None:
    return fault_of(uow.facts.list_of(number)).value(Fact.CAUSE)


def _first_day(billed: BilledTicket) -> date:
    """The local day on which the work began: what was there then is drawn on."""
    starts = [span.start for span in billed.work]
    return local_time(min(starts, default=billed.at)).date()


def _refuse_odd_times(span: Span, ticket: TicketToClose, now: datetime) -> None:
    if span.minutes == 0:
        raise AccountError("work takes at least a minute")
    if span.end > now:
        raise AccountError(f"work until {local_time(span.end):%Y-%m-%d %H:%M} is not over yet")
    called = ticket.received_at.replace(second=0, microsecond=0)
    if span.start < called:
        raise AccountError(
            f"work from {local_time(span.start):%Y-%m-%d %H:%M} begins before the call of "
            f"{local_time(called):%Y-%m-%d %H:%M}"
        )


def _refuse_overlaps(spans: Iterable[Span]) -> None:
    try:
        joined(spans)
    except ValueError as error:
        raise AccountError(str(error)) from error
