"""The audit log: every change and every look at a customer, by whom and when (B.11)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.people.person import Person
from ivr.services.people_store import AuditRecord
from ivr.services.stores import Storage

NOBODY = "-"
"""The login of what no person did."""

DESK_LINK = "the desk"
"""Whose link it is that mails to the service desk have in them."""

LOOKS = frozenset({"looked_at", "listed", "handover_seen"})
"""Actions that change nothing."""

AT_ONCE = 1000
DEVICES = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
UNKNOWN_DEVICE = "unknown"
_REST = r"(?:: (?P<rest>.*))?"
_BY_DEVICE = re.compile(
    rf"signed link of (?P<owner>.+?) on (?P<device>{'|'.join((*DEVICES, UNKNOWN_DEVICE))}){_REST}"
)
_BY_LINK = re.compile(rf"signed link of (?P<owner>.+?)(?P<device>){_REST}")


class Audit:
    """Writes to the log; nothing of it is ever changed. What is older than `days` is forgotten."""

    def __init__(self, storage: Storage, days: int) -> None:
        self._storage = storage
        self._kept = timedelta(days=days)

    def write(
        self, person: Person | None, action: str, subject: str, detail: str, at: datetime
    ) -> None:
        """In a transaction of its own."""
        with self._storage.writing() as uow:
            uow.audit.add(entry(person, action, subject, detail, at))

    def collect(self, now: datetime) -> int:
        """Forget what is too old; how many entries there were."""
        before = now - self._kept
        with self._storage.reading() as uow:
            if not uow.audit.is_older(before):
                return 0
        with self._storage.writing() as uow:
            return uow.audit.forget(before, AT_ONCE)


def entry(
    person: Person | None, action: str, subject: str, detail: str, at: datetime
) -> AuditRecord:
    """For the log, within a transaction that does what it tells."""
    key, login = (person.id, person.login) if person else (None, NOBODY)
    return AuditRecord(at, key, login, action, subject[:80], detail[:2000])


@dataclass(frozen=True, slots=True)
class Detail:
    """What an entry tells beside its action: whose link was used, on what device, and the rest."""

    rest: str
    owner: str = ""
    device: str = ""

    @property
    def is_customers(self) -> bool:
        """Nobody of ours acted."""
        return self.owner == "the customer"

    @property
    def is_desks(self) -> bool:
        """Whoever has the link of a mail to the service desk."""
        return self.owner == DESK_LINK


def by_link(owner: str, device: str, rest: str) -> str:
    """The detail of what was done by a technician's signed link."""
    by = f"signed link of {owner} on {device}"
    return f"{by}: {rest}" if rest else by


def read_detail(text: str) -> Detail:
    """The other way round."""
    found = _BY_DEVICE.fullmatch(text) or _BY_LINK.fullmatch(text)
    if found is None:
        return Detail(text)
    return Detail(found["rest"] or "", found["owner"], found["device"])
