"""What a page tells of a customer, by the role of whoever looks (B.11).

The desk is another firm's: it sees names, plans, places and open tickets, of the support code only
whether it is locked. A technician sees the same without the code. How to reach the contacts, and the
numbers the customer calls from, is for leads and admins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.identity.contacts import Contact
from ivr.people.roles import Role
from ivr.services.listing import TicketRow
from ivr.services.records import CustomerRecord
from ivr.services.stores import Storage
from ivr.services.support_codes import find_customer

_SEE_CODE = frozenset({Role.DESK, Role.LEAD, Role.ADMIN})
_SEE_ADDRESSES = frozenset({Role.LEAD, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """`code_locked` and `phones` are None where they are not for this role."""

    customer: CustomerRecord
    contacts: Sequence[Contact]
    open_tickets: Sequence[TicketRow]
    code_locked: bool | None
    phones: Sequence[str] | None


class CustomerFactsReader:
    """Reads what a role may see."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def read(self, number: str, role: Role, at: datetime) -> CustomerFacts:
        """Raises UnknownCustomerError."""
        with self._storage.reading() as uow:
            customer = find_customer(uow, number, at)
            contacts = uow.contacts.list_of(customer.id)
            tickets = uow.lists.open_tickets_of(customer.id)
            locked = uow.codes.standing(customer.id).is_locked(at)
            phones = uow.lists.phones_of(customer.id)
        reachable = role in _SEE_ADDRESSES
        return CustomerFacts(
            customer,
            contacts if reachable else [_without_addresses(each) for each in contacts],
            tickets,
            locked if role in _SEE_CODE else None,
            phones if reachable else None,
        )


def _without_addresses(contact: Contact) -> Contact:
    return replace(contact, phone=None, email=None)
