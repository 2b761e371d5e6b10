"""What an administrator does with a customer's support code: give a new one, unlock it, look at it."""

from dataclasses import dataclass
from datetime import datetime

from ivr.contracts.windows import local_time
from ivr.errors import PikettError
from ivr.identity.lockout import Standing
from ivr.services.pins import PinHasher, new_pin
from ivr.services.records import CustomerRecord
from ivr.services.stores import Storage, UnitOfWork


class UnknownCustomerError(PikettError):
    """There is no customer of this number."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A support code that was just made; its PIN is stored nowhere."""

    customer: CustomerRecord
    pin: str


@dataclass(frozen=True, slots=True)
class CodeState:
    """How a support code stands; there is no way to see the PIN itself."""

    customer: CustomerRecord
    is_set: bool
    standing: Standing


class SupportCodes:
    """Gives and unlocks support codes."""

    def __init__(self, storage: Storage, pins: PinHasher) -> None:
        self._storage = storage
        self._pins = pins

    def reset(self, customer_number: str, at: datetime) -> NewCode:
        """A new random PIN; the old one is worth nothing, and wrong ones are forgotten."""
        with self._storage.reading() as uow:
            customer = find_customer(uow, customer_number, at)
        pin = new_pin(customer.number)
        credentials = self._pins.credentials(customer.id, pin)
        with self._storage.writing() as uow:
            uow.codes.lock()
            uow.codes.set_pin(credentials, at)
            uow.codes.clear(customer.id)
        return NewCode(customer, pin)

    def unlock(self, customer_number: str, at: datetime) -> CodeState:
        """Forget the wrong codes; how it stood before."""
        with self._storage.writing() as uow:
            uow.codes.lock()
            before = self._state(uow, customer_number, at)
            uow.codes.clear(before.customer.id)
        return before

    def state(self, customer_number: str, at: datetime) -> CodeState:
        """How it stands."""
        with self._storage.reading() as uow:
            return self._state(uow, customer_number, at)

    def _state(self, uow: UnitOfWork, customer_number: str, at: datetime) -> CodeState:
        customer = find_customer(uow, customer_number, at)
        held = uow.customers.find_credentials(customer_number)
        is_set = held is not None and held.pin_hash is not None
        return CodeState(customer, is_set, uow.codes.standing(customer.id))


def find_customer(uow: UnitOfWork, number: str, at: datetime) -> CustomerRecord:
    """The customer of this number; raises UnknownCustomerError."""
    held = uow.customers.find_credentials(number)
    if held is None:
        raise UnknownCustomerError(f"there is no customer {number!r}")
    return uow.customers.get(held.customer_id, local_time(at).date())
