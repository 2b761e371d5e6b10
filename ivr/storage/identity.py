"""Contacts, PINs and the count of wrong support codes in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.errors import AlreadyStoredError
from ivr.identity.contacts import Contact
from ivr.identity.lockout import Standing
from ivr.services.records import CodeFailure, Credentials
from ivr.storage import models
from ivr.storage.models import CodeStanding, Customer

COUNTING = 0x434F4445
"""The name of the advisory lock; another number than the roster's."""

_LOCK = select(func.pg_advisory_xact_lock(COUNTING))
_CONTACT_COLUMNS = (
    models.Contact.name,
    models.Contact.phone,
    models.Contact.email,
    models.Contact.language,
    models.Contact.may_order,
)
_RIGHTS = select(models.Contact.customer_id, models.Contact.may_order).where(
    models.Contact.phone == bindparam("number")
)
_STANDING = select(CodeStanding.failures, CodeStanding.strikes, CodeStanding.locked_until).where(
    CodeStanding.customer_id == bindparam("customer"),
    CodeStanding.rehearsal == bindparam("rehearsed"),
)
_PUT = update(CodeStanding).where(
    CodeStanding.customer_id == bindparam("customer"),
    CodeStanding.rehearsal == bindparam("rehearsed"),
)


class SqlContacts:
    """The contact store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, customer_id: int, contact: Contact, at: datetime) -> None:
        """A name is somebody's only once; the failed insert harms nothing else."""
        values = asdict(contact) | {"customer_id": customer_id, "created_at": at}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(models.Contact), values)
        except IntegrityError as error:
            raise AlreadyStoredError(f"there is a contact {contact.name!r} already") from error

    def list_of(self, customer_id: int) -> Sequence[Contact]:
        """All contacts of a customer."""
        query = select(*_CONTACT_COLUMNS).where(models.Contact.customer_id == customer_id)
        rows = self._connection.execute(query.order_by(models.Contact.name))
        return [Contact(*row) for row in rows]

    def remove(self, customer_id: int, name: str) -> bool:
        """True if there was somebody of this name."""
        query = delete(models.Contact).where(*_named(customer_id, name))
        return self._connection.execute(query).rowcount > 0

    def permit(self, customer_id: int, name: str, *, may_order: bool) -> bool:
        """True if there is somebody of this name."""
        query = update(models.Contact).where(*_named(customer_id, name))
        return self._connection.execute(query.values(may_order=may_order)).rowcount > 0

    def rights_by_phone(self, number: str) -> Mapping[int, bool]:
        """Where people share a telephone, the number alone cannot tell them apart: all must may."""
        rights: dict[int, bool] = {}
        for customer_id, may_order in self._connection.execute(_RIGHTS, {"number": number}):
            rights[customer_id] = rights.get(customer_id, True) and may_order
        return rights


def _named(customer_id: int, name: str) -> tuple[Any, Any]:
    return models.Contact.customer_id == customer_id, models.Contact.name == name


class SqlCodes:
    """The code store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """One lock for all, since sources and the alarm are counted over all customers.

        A SQLite writer already has the database for itself.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK)

    def standing(self, customer_id: int, *, rehearsal: bool = False) -> Standing:
        """Of whom nothing is known, nothing is held against."""
        values = {"customer": customer_id, "rehearsed": rehearsal}
        row = self._connection.execute(_STANDING, values).one_or_none()
        return Standing(*row) if row is not None else Standing()

    def put_standing(self, customer_id: int, standing: Standing, *, rehearsal: bool) -> None:
        """The lock is held, so that nobody else inserts meanwhile."""
        values = asdict(standing)
        which = {"customer": customer_id, "rehearsed": rehearsal}
        if self._connection.execute(_PUT, values | which).rowcount == 0:
            key = {"customer_id": customer_id, "rehearsal": rehearsal}
            self._connection.execute(insert(CodeStanding), values | key)

    def clear(self, customer_id: int) -> None:
        """Of calls and of rehearsals."""
        self._connection.execute(
            delete(CodeStanding).where(CodeStanding.customer_id == customer_id)
        )

    def set_pin(self, credentials: Credentials, at: datetime | None = None) -> None:
        """A new one, or the same under another pepper."""
        values = asdict(credentials) | ({"pin_set_at": at} if at is not None else {})
        query = update(Customer).where(Customer.id == values.pop("customer_id"))
        self._connection.execute(query.values(**values))

    def add_failure(self, failure: CodeFailure) -> None:
        """A wrong code was entered."""
        self._connection.execute(insert(models.CodeFailure), asdict(failure))

    def count_failures(
        self, since: datetime, *, rehearsal: bool = False, source: str | None = None
    ) -> int:
        """Wrong codes after an instant."""
        found = models.CodeFailure
        query = select(func.count()).where(found.at > since, found.rehearsal.is_(rehearsal))
        if source is not None:
            query = query.where(found.source == source)
        counted: int = self._connection.execute(query).scalar_one()
        return counted

    def was_alarmed(self, since: datetime) -> bool:
        """True if an operator was alarmed after this instant."""
        found = models.CodeFailure
        query = select(found.id).where(found.at > since, found.alarmed.is_(True)).limit(1)
        return self._connection.execute(query).first() is not None

    def forget_failures(self, before: datetime) -> None:
        """A caller's number is kept no longer than it counts."""
        self._connection.execute(delete(models.CodeFailure).where(models.CodeFailure.at <= before))
