"""What the services need of a storage about customers: who they are, their people, their codes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from ivr.identity.contacts import Contact
from ivr.identity.lockout import Standing
from ivr.services.records import CodeFailure, Credentials, CustomerRecord


class CustomerStore(Protocol):
    """Customers, their locations and contracts."""

    def list_by_number(self, number: str, on: date) -> Sequence[CustomerRecord]:
        """Customers whose records hold this E.164 number, with the contracts valid on a day."""
        ...

    def get(self, customer_id: int, on: date) -> CustomerRecord:
        """A customer with all locations; raises LookupError."""
        ...

    def find_credentials(self, customer_number: str) -> Credentials | None:
        """For the check of a support code."""
        ...


class ContactStore(Protocol):
    """The people of a customer."""

    def add(self, customer_id: int, contact: Contact, at: datetime) -> None:
        """Raises AlreadyStoredError if the customer has somebody of this name."""
        ...

    def list_of(self, customer_id: int) -> Sequence[Contact]:
        """All contacts of a customer, by name."""
        ...

    def remove(self, customer_id: int, name: str) -> bool:
        """False where the customer has nobody of this name."""
        ...

    def permit(self, customer_id: int, name: str, *, may_order: bool) -> bool:
        """Allow or deny ordering; False where the customer has nobody of this name."""
        ...

    def rights_by_phone(self, number: str) -> Mapping[int, bool]:
        """By customer: may whoever calls from this contact's number order?"""
        ...


class CodeStore(Protocol):
    """Support codes: their PINs, and what is remembered of wrong ones. Rehearsals count apart."""

    def lock(self) -> None:
        """One transaction at a time counts, until it ends."""
        ...

    def standing(self, customer_id: int, *, rehearsal: bool = False) -> Standing:
        """How a customer's code stands."""
        ...

    def put_standing(self, customer_id: int, standing: Standing, *, rehearsal: bool) -> None:
        """Remember how it stands now."""
        ...

    def clear(self, customer_id: int) -> None:
        """Forget all wrong codes of a customer."""
        ...

    def set_pin(self, credentials: Credentials, at: datetime | None = None) -> None:
        """The code is another one since `at`; without it the same one is only kept anew."""
        ...

    def add_failure(self, failure: CodeFailure) -> None:
        """A wrong code was entered."""
        ...

    def count_failures(
        self, since: datetime, *, rehearsal: bool = False, source: str | None = None
    ) -> int:
        """Wrong codes after an instant, from one source or from all."""
        ...

    def was_alarmed(self, since: datetime) -> bool:
        """True if an operator was alarmed after this instant."""
        ...

    def forget_failures(self, before: datetime) -> None:
        """What is too old to be counted is kept no longer."""
        ...
