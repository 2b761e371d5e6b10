"""Asking for a call back outside the form: a customer by his ticket's link, a technician by a button.

"Call me back" costs nothing of its own and is offered while the plan's window is open. The button rings
the technician's own telephone and then the customer, who sees the line's number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.faults import Fact
from ivr.contracts.plans import Plan
from ivr.contracts.ticket_states import ENDS
from ivr.contracts.windows import assess_window
from ivr.errors import PikettError
from ivr.escalation.policy import OWN_PHONE, Reason
from ivr.services.callback_numbers import may_call_back, numbers_on_file
from ivr.services.callback_store import (
    ON_THE_LINE,
    CallbackRecord,
    CallbackState,
    NewCallback,
    Purpose,
)
from ivr.services.callbacks import Callbacks
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.ticket_files import Technician, TicketFile
from ivr.services.work_pages import TicketPage, page_of

WISHES_A_DAY = 3
DAY = timedelta(days=1)
COMES_WITHIN = timedelta(minutes=3)
"""So long a technician who pressed the button has to come to his own telephone."""


class WishRefusedError(PikettError):
    """It is not done; `key` is that of a text."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest call back of a ticket, and the numbers under which one can be asked for now."""

    callback: CallbackRecord | None
    numbers: tuple[str, ...]


class CallbackWishes:
    """Takes wishes."""

    def __init__(
        self,
        storage: Storage,
        plans: Mapping[str, Plan],
        calendar: HolidayCalendar,
        faults: Faults,
        escalations: Escalations,
        callbacks: Callbacks,
    ) -> None:
        self._storage = storage
        self._plans = plans
        self._calendar = calendar
        self._faults = faults
        self._escalations = escalations
        self._callbacks = callbacks

    def of_customer(self, number: int, at: datetime) -> Standing:
        """For the page of the ticket's link."""
        with self._storage.reading() as uow:
            page = page_of(uow, self._faults, number, at)
            latest = uow.callbacks.find_latest(number)
            can = not _is_busy(latest) and self._why_not(uow, page, at) is None
            return Standing(latest, tuple(_numbers(uow, page.file)) if can else ())

    def of_technician(self, number: int, at: datetime) -> Standing:
        """For the technician's page: whatever the hour."""
        with self._storage.reading() as uow:
            page = page_of(uow, self._faults, number, at)
            over = page.phase in ENDS or page.file.rehearsal
            numbers = () if over else tuple(_numbers(uow, page.file))
            return Standing(uow.callbacks.find_latest(number), numbers)

    def _why_not(self, uow: UnitOfWork, page: TicketPage, at: datetime) -> str | None:
        """The key of a text; None where a call back can be asked for."""
        if page.phase in ENDS or page.file.rehearsal or page.file.customer_id is None:
            return "callback.error.over"
        if not self._is_open(uow, page.file, at):
            return "callback.error.closed"
        if uow.callbacks.count_wished(page.file.number, at - DAY) >= WISHES_A_DAY:
            return "callback.error.too_many"
        return None

    def _is_open(self, uow: UnitOfWork, file: TicketFile, at: datetime) -> bool:
        contract_id = uow.calls.get(file.call_id).contract_id
        plan_id = uow.contracts.get(contract_id).plan_id if contract_id is not None else None
        plan = self._plans.get(plan_id or "")
        return plan is not None and assess_window(plan, self._calendar, at).open

    def wish(self, number: int, phone: str, language: str, at: datetime) -> None:
        """Raises WishRefusedError."""
        with self._storage.writing() as uow:
            uow.facts.lock(number)
            page = page_of(uow, self._faults, number, at)
            if uow.callbacks.find_open(number) is not None:
                raise WishRefusedError("callback.error.running")
            if (why := self._why_not(uow, page, at)) is not None:
                raise WishRefusedError(why)
            address = self._address(uow, page.file, phone)
            policy = Reason.REACTION if page.responsible is not None else Reason.CALLBACK
            self._escalations.open_in(uow, number, Reason.CALLBACK, at, policy=policy)
            state, wished = CallbackState.REQUESTED, Purpose.WISHED
            self._callbacks.open_in(uow, _new(page, wished, state, address, language, at))

    def call_customer(self, number: int, own: Technician, phone: str, at: datetime) -> None:
        """Ring him, then the customer. Raises WishRefusedError."""
        with self._storage.writing() as uow:
            uow.facts.lock(number)
            page = page_of(uow, self._faults, number, at)
            callback = uow.callbacks.find_open(number)
            self._refuse(page, callback, own)
            address = self._address(uow, page.file, phone)
            if page.responsible is None:
                self._faults.note_in(uow, number, own.name, {Fact.RESPONSIBLE: own.name}, None, at)
            self._escalations.acknowledge_in(uow, number, own.name, at)
            opened = self._escalations.open_in(
                uow, number, Reason.CALLBACK, at, policy=OWN_PHONE.name, first_name=own.name
            )
            callback = callback or self._own(uow, page, address, at)
            if callback.is_waiting:
                self._callbacks.accept(uow, callback, own.name, at)
            uow.callbacks.change(
                callback.id,
                number=address,
                technician=own.name,
                escalation_id=opened,
                next_at=at + COMES_WITHIN,
            )

    def _refuse(self, page: TicketPage, callback: CallbackRecord | None, own: Technician) -> None:
        if page.phase in ENDS or page.file.rehearsal or page.file.customer_id is None:
            raise WishRefusedError("callback.error.over")
        if page.responsible not in (None, own.name):
            raise WishRefusedError("callback.error.not_yours")
        if callback is not None and callback.state in ON_THE_LINE:
            raise WishRefusedError("callback.error.running")

    def _own(self, uow: UnitOfWork, page: TicketPage, address: str, at: datetime) -> CallbackRecord:
        language = page.file.language or "de"
        new = _new(page, Purpose.OWN, CallbackState.READY, address, language, at)
        return uow.callbacks.lock(self._callbacks.open_in(uow, new))

    @staticmethod
    def _address(uow: UnitOfWork, file: TicketFile, phone: str) -> str:
        """Only one of his, whatever was sent."""
        found = may_call_back(uow, file.customer_id, phone) if file.customer_id else None
        if found is None:
            raise WishRefusedError("callback.error.number")
        return found


def _new(
    page: TicketPage,
    purpose: Purpose,
    state: CallbackState,
    number: str,
    language: str,
    at: datetime,
) -> NewCallback:
    assert page.file.customer_id is not None  # noqa: S101
    return NewCallback(
        page.file.number, purpose, state, page.file.customer_id, number, language, at
    )


def _numbers(uow: UnitOfWork, file: TicketFile) -> Sequence[str]:
    return numbers_on_file(uow, file.customer_id) if file.customer_id is not None else ()


def _is_busy(callback: CallbackRecord | None) -> bool:
    return callback is not None and not callback.is_settled
