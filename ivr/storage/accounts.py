"""Work, accounts and credit notes in the database. What is closed is never changed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.callflow.requests import TicketKind
from ivr.contracts.faults import Category, Mode
from ivr.contracts.worktime import Span
from ivr.errors import AlreadyStoredError
from ivr.services.account_records import (
    AccountRecord,
    Document,
    ExportedAccount,
    FastLaneEvent,
    TicketToClose,
    Work,
)
from ivr.storage.account_rows import account_values, line_values, stored_accounts
from ivr.storage.models import (
    Account,
    AccountLine,
    Call,
    Contract,
    Customer,
    PlanUpgrade,
    Ticket,
    WorkSpan,
)

ROWS_AT_ONCE = 500

_TICKET = (
    select(
        Ticket.number,
        Ticket.kind,
        Ticket.rehearsal,
        Ticket.customer_id,
        Customer.number,
        Customer.name,
        Call.contract_id,
        Contract.customer_id,
        Contract.plan_id,
        Call.received_at,
        Call.ordered_at,
        Call.order_state,
    )
    .join(Call, Call.id == Ticket.call_id)
    .outerjoin(Customer, Customer.id == Ticket.customer_id)
    .outerjoin(Contract, Contract.id == Call.contract_id)
    .where(Ticket.number == bindparam("number"))
)
_REPLACED = select(WorkSpan.replaces_id).where(WorkSpan.replaces_id.is_not(None))
_WORK = (
    select(
        WorkSpan.starts_at,
        WorkSpan.ends_at,
        WorkSpan.technician,
        WorkSpan.mode,
        WorkSpan.category,
        WorkSpan.material,
    )
    .where(WorkSpan.ticket_number == bindparam("number"), WorkSpan.id.not_in(_REPLACED))
    .order_by(WorkSpan.starts_at, WorkSpan.id)
)
_ORDERED_AT = func.coalesce(Call.ordered_at, Call.received_at)
_WITH_LINES = select(*Account.__table__.columns, *AccountLine.__table__.columns).outerjoin(
    AccountLine, AccountLine.account_id == Account.id
)
_OF_TICKETS = (
    _WITH_LINES.add_columns(Ticket.kind, _ORDERED_AT, Customer.number, Customer.name)
    .join(Ticket, Ticket.number == Account.ticket_number)
    .join(Call, Call.id == Ticket.call_id)
    .join(Customer, Customer.id == Account.customer_id)
    .order_by(Account.closed_at, Account.id, AccountLine.position)
)


class SqlAccounts:
    """The account store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_ticket(self, number: int) -> TicketToClose:
        """A ticket as its call left it; the contract is the version of that time."""
        row = self._connection.execute(_TICKET, {"number": number}).one_or_none()
        if row is None:
            raise LookupError(f"there is no ticket {number}")
        values: Sequence[Any] = row
        return TicketToClose(*values)

    def add_work(self, number: int, work: Work, at: datetime) -> None:
        """Somebody worked."""
        self._connection.execute(insert(WorkSpan), _work_values(number, work, at))

    def find_newest_work(self, number: int) -> tuple[int, Work] | None:
        """By its key."""
        query = _WORK.add_columns(WorkSpan.id).order_by(None).order_by(WorkSpan.id.desc())
        row = self._connection.execute(query.limit(1), {"number": number}).one_or_none()
        return (row[6], _work(row[:6])) if row is not None else None

    def replace_work(self, number: int, work_id: int, work: Work, at: datetime) -> None:
        """A second replacement of the same work is refused by the database."""
        values = _work_values(number, work, at) | {"replaces_id": work_id}
        self._connection.execute(insert(WorkSpan), values)

    def list_work(self, number: int) -> Sequence[Work]:
        """In the order of time."""
        rows = self._connection.execute(_WORK, {"number": number})
        return [_work(row) for row in rows]

    def find(self, number: int, document: Document = Document.ACCOUNT) -> AccountRecord | None:
        """With its lines."""
        rows = self._connection.execute(
            _WITH_LINES.where(
                Account.ticket_number == number, Account.document == document
            ).order_by(AccountLine.position)
        )
        return next((record for record, _ in stored_accounts(rows)), None)

    def add(self, record: AccountRecord) -> None:
        """The account and its lines; a failed insert harms nothing else."""
        try:
            with self._connection.begin_nested():
                query = insert(Account).returning(Account.id)
                stored = self._connection.execute(query, account_values(record))
                self._add_lines(stored.scalar_one(), record)
                self._note_over(record)
        except IntegrityError as error:
            what = record.document.replace("_", " ")
            raise AlreadyStoredError(f"ticket {record.ticket_number} has its {what}") from error

    def _note_over(self, record: AccountRecord) -> None:
        """A ticket with an account leaves the list of open ones, if it has not left before."""
        query = update(Ticket).where(
            Ticket.number == record.ticket_number, Ticket.over_at.is_(None)
        )
        if record.document is Document.ACCOUNT:
            self._connection.execute(query.values(over_at=record.closed_at))

    def settle(self, record: AccountRecord) -> None:
        """Only where a person was waited for."""
        undecided = (
            update(Account)
            .where(
                Account.ticket_number == record.ticket_number,
                Account.document == record.document,
                Account.net.is_(None),
            )
            .values(**account_values(record))
            .returning(Account.id)
        )
        account_id = self._connection.execute(undecided).scalar_one_or_none()
        if account_id is None:
            raise AlreadyStoredError(f"the account of ticket {record.ticket_number} is closed")
        self._add_lines(account_id, record)

    def _add_lines(self, account_id: int, record: AccountRecord) -> None:
        rows = [line | {"account_id": account_id} for line in line_values(record)]
        if rows:
            self._connection.execute(insert(AccountLine), rows)

    def add_upgrade(self, customer_id: int, signed_on: date, at: datetime) -> bool:
        """A day is noted once."""
        if signed_on in self.list_upgrades(customer_id):
            return False
        values = {"customer_id": customer_id, "signed_on": signed_on, "created_at": at}
        self._connection.execute(insert(PlanUpgrade), values)
        return True

    def list_upgrades(self, customer_id: int) -> Sequence[date]:
        """Oldest first."""
        query = select(PlanUpgrade.signed_on).where(PlanUpgrade.customer_id == customer_id)
        return self._connection.execute(query.order_by(PlanUpgrade.signed_on)).scalars().all()

    def list_uncredited(self, customer_id: int, since: datetime) -> Sequence[FastLaneEvent]:
        """In the order of their numbers."""
        credited = select(Account.ticket_number).where(Account.document == Document.CREDIT_NOTE)
        query = (
            select(Ticket.number, _ORDERED_AT)
            .join(Call, Call.id == Ticket.call_id)
            .where(
                Ticket.customer_id == customer_id,
                Ticket.kind == TicketKind.FAST_LANE,
                Ticket.rehearsal.is_(False),
                Ticket.opened_at >= since,
                Ticket.number.not_in(credited),
            )
            .order_by(Ticket.number)
        )
        rows = self._connection.execute(query).all()
        return [FastLaneEvent(number, at, self.find(number)) for number, at in rows]

    def count(self, since: datetime, until: datetime, *, undecided: bool) -> int:
        """Accounts and credit notes."""
        query = select(func.count()).select_from(Account)
        counted: int = self._connection.execute(
            query.where(*_closed(since, until, undecided))
        ).scalar_one()
        return counted

    def walk(
        self, since: datetime, until: datetime, *, undecided: bool
    ) -> Iterator[ExportedAccount]:
        """A few hundred rows at a time."""
        rows = self._connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
            _OF_TICKETS.where(*_closed(since, until, undecided))
        )
        return (ExportedAccount(record, *rest) for record, rest in stored_accounts(rows))


def _work_values(number: int, work: Work, at: datetime) -> dict[str, Any]:
    return {
        "ticket_number": number,
        "technician": work.span.person,
        "starts_at": work.span.start,
        "ends_at": work.span.end,
        "mode": work.mode,
        "category": work.category,
        "material": work.material,
        "created_at": at,
    }


def _work(row: Sequence[Any]) -> Work:
    start, end, person, mode, category, material = row
    return Work(Span(start, end, person), Mode(mode), Category(category), material)


def _closed(since: datetime, until: datetime, undecided: bool) -> tuple[Any, Any, Any]:
    decided = Account.net.is_(None) if undecided else Account.net.is_not(None)
    return Account.closed_at >= since, Account.closed_at < until, decided
