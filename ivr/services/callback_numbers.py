"""Numbers a customer may be called back under: his own ones, as far as they may be dialled (B.12).

A number that somebody types is the way of toll fraud into this system. It is compared with the records
and never dialled for its own sake; a customer is never an extension of our PBX.
"""

from collections.abc import Sequence

from ivr.numbers.dial_guard import may_dial
from ivr.services.stores import UnitOfWork


def numbers_on_file(uow: UnitOfWork, customer_id: int) -> Sequence[str]:
    """His telephones and those of his people, each once, that pass the dial guard."""
    people = [contact.phone for contact in uow.contacts.list_of(customer_id) if contact.phone]
    known = dict.fromkeys([*uow.lists.phones_of(customer_id), *people])
    return [number for number in known if may_dial(number).granted]


def may_call_back(uow: UnitOfWork, customer_id: int, number: str) -> str | None:
    """What is to be dialled for this number; None for one that is not his or must not be."""
    address = may_dial(number).address
    return address if address in numbers_on_file(uow, customer_id) else None
