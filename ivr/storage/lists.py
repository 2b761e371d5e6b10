"""The lists of the console: each page is found by an index first and joined with its words then."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)

from ivr.contracts.agreements import AgreementKind
from ivr.contracts.windows import local_time
from ivr.numbers.caller_id import normalise_stored_number
from ivr.services.listing import AuditRow, CustomerRow, ListQuery, Page, TicketRow
from ivr.services.people_audit import LOOKS
from ivr.storage.models import (
    AuditEntry,
    Call,
    Contact,
    Contract,
    ContractLocation,
    Customer,
    Location,
    Person,
    PhoneNumber,
    Ticket,
)
from ivr.storage.people_audit import ROW as AUDIT_ROW

_AT_ONCE = 500
_MIN_DIGITS = 4
_DIGITS = 5
_TICKET_COLUMNS = (
    Ticket.number,
    Ticket.kind,
    Ticket.opened_at,
    Customer.number,
    Customer.name,
    Location.name,
    Contract.plan_id,
    Ticket.due_at,
    Ticket.over_at,
    Ticket.rehearsal,
)


class SqlLists:
    """The list store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def customers(self, query: ListQuery, at: datetime) -> Page[CustomerRow]:
        """Customers by number or name."""
        wanted = _customer_search(query.search)
        order = Customer.name if query.sort == "name" else Customer.number
        found = (
            select(Customer.id, Customer.number, Customer.name, Customer.language)
            .where(wanted)
            .order_by(*_directed((order, Customer.number), query))
        )
        rows = self._connection.execute(found.limit(query.size).offset(query.offset)).all()
        ids = [row[0] for row in rows]
        places, plans = self._places(ids), self._plans(ids, local_time(at).date())
        listed = [
            CustomerRow(number, name, language, places[key], tuple(sorted(plans[key])))
            for key, number, name, language in rows
        ]
        return Page(listed, self._count(select(func.count(Customer.id)).where(wanted)))

    def tickets(self, query: ListQuery) -> Page[TicketRow]:
        """Those without a deadline come last where deadlines sort."""
        wanted = _ticket_search(query)
        total = self._count(select(func.count(Ticket.number)).where(wanted))
        if query.sort != "due":
            numbers = self._numbers(wanted, _directed((Ticket.number,), query), query)
        else:
            numbers = self._numbers_by_due(wanted, query)
        return Page(self._tickets(numbers), total)

    def open_tickets_of(self, customer_id: int) -> Sequence[TicketRow]:
        """What is not over yet, rehearsals apart; the newest first."""
        wanted = and_(
            Ticket.customer_id == customer_id,
            Ticket.over_at.is_(None),
            Ticket.rehearsal.is_(False),
        )
        newest = ListQuery(size=100)
        return self._tickets(self._numbers(wanted, [Ticket.number.desc()], newest))

    def phones_of(self, customer_id: int) -> Sequence[str]:
        """The numbers a customer calls from."""
        query = select(PhoneNumber.number).where(PhoneNumber.customer_id == customer_id)
        return list(self._connection.execute(query.order_by(PhoneNumber.id)).scalars())

    def audit(self, query: ListQuery) -> Page[AuditRow]:
        """The audit log; ids rise with time."""
        wanted = _audit_search(query)
        found = (
            select(*AUDIT_ROW)
            .outerjoin(Person, Person.id == AuditEntry.person_id)
            .where(wanted)
            .order_by(*_directed((AuditEntry.id,), query))
        )
        rows = self._connection.execute(found.limit(query.size).offset(query.offset))
        total = self._count(select(func.count(AuditEntry.id)).where(wanted))
        return Page([AuditRow(*row) for row in rows], total)

    def audit_actions(self) -> Sequence[str]:
        """From one to the next in the index: the log is long and the kinds are few."""
        actions: list[str] = []
        query = select(func.min(AuditEntry.action))
        while (found := self._connection.execute(query).scalar_one()) is not None:
            actions.append(found)
            query = select(func.min(AuditEntry.action)).where(AuditEntry.action > found)
        return actions

    def _numbers(
        self, wanted: ColumnElement[bool], order: Sequence[Any], query: ListQuery, skip: int = 0
    ) -> list[int]:
        found = select(Ticket.number).where(wanted).order_by(*order)
        offset = max(query.offset - skip, 0)
        return list(self._connection.execute(found.limit(query.size).offset(offset)).scalars())

    def _numbers_by_due(self, wanted: ColumnElement[bool], query: ListQuery) -> list[int]:
        """First those that are due some time, from the index, then the others."""
        due = and_(wanted, Ticket.due_at.is_not(None))
        order = _directed((Ticket.due_at, Ticket.number), query)
        numbers = self._numbers(due, order, query)
        if len(numbers) == query.size:
            return numbers
        before = self._count(select(func.count(Ticket.number)).where(due))
        never = and_(wanted, Ticket.due_at.is_(None))
        rest = self._numbers(never, _directed((Ticket.number,), query), query, before)
        return numbers + rest[: query.size - len(numbers)]

    def _tickets(self, numbers: Sequence[int]) -> list[TicketRow]:
        rows: dict[int, TicketRow] = {}
        for some in _portions(numbers):
            found = (
                select(*_TICKET_COLUMNS)
                .join(Call, Call.id == Ticket.call_id)
                .outerjoin(Customer, Customer.id == Ticket.customer_id)
                .outerjoin(Location, Location.id == Ticket.location_id)
                .outerjoin(Contract, Contract.id == Call.contract_id)
                .where(Ticket.number.in_(some))
            )
            rows |= {row[0]: TicketRow(*row) for row in self._rows(found)}
        return [rows[number] for number in numbers]

    def _places(self, customers: Sequence[int]) -> Mapping[int, int]:
        counted: dict[int, int] = defaultdict(int)
        for some in _portions(customers):
            query = (
                select(Location.customer_id, func.count())
                .where(Location.customer_id.in_(some))
                .group_by(Location.customer_id)
            )
            counted.update((key, number) for key, number in self._connection.execute(query))
        return counted

    def _plans(self, customers: Sequence[int], on: date) -> Mapping[int, set[str]]:
        """Plans that cover a place of the customer, whoever concluded the contract."""
        plans: dict[int, set[str]] = defaultdict(set)
        for some in _portions(customers):
            query = (
                select(Location.customer_id, Contract.plan_id)
                .join(ContractLocation, ContractLocation.location_id == Location.id)
                .join(Contract, Contract.id == ContractLocation.contract_id)
                .where(
                    Location.customer_id.in_(some),
                    Contract.kind == AgreementKind.CLA.value,
                    Contract.starts_on <= on,
                    or_(Contract.ends_on.is_(None), Contract.ends_on >= on),
                )
            )
            for key, plan in self._connection.execute(query):
                if plan is not None:
                    plans[key].add(plan)
        return plans

    def _rows(self, query: Any) -> Iterable[Sequence[Any]]:
        return self._connection.execute(query).all()

    def _count(self, query: Any) -> int:
        counted: int = self._connection.execute(query).scalar_one()
        return counted


def _directed(columns: Iterable[Any], query: ListQuery) -> list[Any]:
    return [column.desc() if query.descending else column.asc() for column in columns]


def _portions(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    """A database takes only so many values at once."""
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))


def _customer_search(text: str) -> ColumnElement[bool]:
    """A number's beginning, a telephone number or a part of it, a part of the name."""
    if not text:
        return true()
    digits = "".join(each for each in text if each.isdigit())
    if not digits or any(each.isalpha() for each in text):
        placed = select(Location.customer_id).where(_contains(Location.name, text))
        return or_(_contains(Customer.name, text), Customer.id.in_(placed))
    found = [_begins(Customer.number, digits)]
    if len(digits) >= _MIN_DIGITS:
        found.append(Customer.id.in_(_callers(text, digits.lstrip("0"))))
    return or_(*found)


def _callers(text: str, digits: str) -> Any:
    whole = normalise_stored_number(text)
    if whole is None:
        return select(PhoneNumber.customer_id).where(PhoneNumber.number.contains(digits))
    by_person = select(Contact.customer_id).where(Contact.phone == whole)
    return by_person.union(select(PhoneNumber.customer_id).where(PhoneNumber.number == whole))


def _ticket_search(query: ListQuery) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = []
    if query.filters.get("state") != "all":
        wanted.append(Ticket.over_at.is_(None))
    if kind := query.filters.get("kind"):
        wanted.append(Ticket.kind == kind)
    if text := query.search:
        customers = select(Customer.id)
        if text.isdecimal():
            by_number = Ticket.customer_id.in_(customers.where(Customer.number == text))
            wanted.append(or_(Ticket.number == int(text[:9]), by_number))
        else:
            named = customers.where(_contains(Customer.name, text))
            wanted.append(Ticket.customer_id.in_(named))
    return and_(true(), *wanted)


def _audit_search(query: ListQuery) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = []
    if login := query.filters.get("person"):
        wanted.append(AuditEntry.login == login)
    if action := query.filters.get("action"):
        wanted.append(AuditEntry.action == action)
    if query.filters.get("looks") == "none":
        wanted.append(AuditEntry.action.not_in(LOOKS))
    if text := query.search:
        wanted.append(or_(_about(text), _in_detail(text)))
    return and_(true(), *wanted)


def _about(text: str) -> ColumnElement[bool]:
    """A card is named with its customer: `card 11, 11009`; a customer's tickets are his too."""
    if not text.isdecimal():
        return _contains(AuditEntry.subject, text)
    ticket = literal("ticket ") + cast(Ticket.number, String)
    his = select(ticket).join(Customer, Customer.id == Ticket.customer_id)
    tickets = AuditEntry.subject.in_(his.where(Customer.number == text))
    about = [f"{kind} {text}" for kind in ("customer", "ticket", "call", "card")]
    card = AuditEntry.subject.like(f"card {text},%")
    return or_(
        AuditEntry.subject.in_(about), tickets, card, AuditEntry.subject.like(f"card %, {text}")
    )


def _in_detail(text: str) -> ColumnElement[bool]:
    """Without the searches of this log, else each would find itself."""
    return and_(AuditEntry.subject != "audit", _contains(AuditEntry.detail, text))


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    """Small and capital letters alike; SQLite knows them without accents only."""
    spellings = {text, text.lower(), text.upper(), text.title()}
    return or_(*[column.icontains(each, autoescape=True) for each in sorted(spellings)])


def _begins(column: Any, digits: str) -> ColumnElement[bool]:
    """As a range of numbers of five digits: an index answers it, in the order of any language."""
    lowest, highest = digits.ljust(_DIGITS, "0"), digits.ljust(_DIGITS, "9")
    return and_(column >= lowest, column <= highest)
