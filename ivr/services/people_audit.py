"""The audit log: every change and every look at a customer, by whom and when (B.11)."""

from datetime import datetime

from ivr.people.person import Person
from ivr.services.people_store import AuditRecord
from ivr.services.stores import Storage

NOBODY = "-"
"""The login of what no person did."""


class Audit:
    """Writes to the log; nothing of it is ever changed."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def write(
        self, person: Person | None, action: str, subject: str, detail: str, at: datetime
    ) -> None:
        """In a transaction of its own."""
        with self._storage.writing() as uow:
            uow.audit.add(entry(person, action, subject, detail, at))


def entry(
    person: Person | None, action: str, subject: str, detail: str, at: datetime
) -> AuditRecord:
    """For the log, within a transaction that does what it tells."""
    key, login = (person.id, person.login) if person else (None, NOBODY)
    return AuditRecord(at, key, login, action, subject[:80], detail[:2000])
