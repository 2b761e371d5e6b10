"""Adding, changing and disabling technicians, and how they are reached."""

import re
from collections.abc import Set as AbstractSet
from datetime import datetime

from ivr.errors import AlreadyStoredError
from ivr.numbers.dial_guard import may_dial
from ivr.people.person import Person
from ivr.services.people_audit import entry
from ivr.services.roster_input import RosterRefusedError
from ivr.services.roster_plans import Rosters
from ivr.services.roster_store import ContactMethod, MethodKind, NewTechnician, TechnicianRecord
from ivr.services.stores import Storage, UnitOfWork

MAX_NAME = 200
MOST_DELAY = 3600
_EMAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
_CHAT = re.compile(r"[a-z][a-z0-9+.-]*://[\x21-\x7e]{1,180}")
NUMBERS = (MethodKind.PHONE, MethodKind.SMS)


class Technicians:
    """Who can be rung. Without `by` the command line acts."""

    def __init__(self, storage: Storage, rosters: Rosters, extensions: AbstractSet[str]) -> None:
        self._storage = storage
        self._rosters = rosters
        self._extensions = extensions

    def add(self, given: NewTechnician, by: Person | None, at: datetime) -> int:
        """His number and address are the first of their kind; nobody has checked them yet."""
        name = " ".join(given.name.split())
        if not name or len(name) > MAX_NAME or not name.isprintable():
            text = f"a name has 1 to {MAX_NAME} printable characters"
            raise RosterRefusedError("name", "roster.error.name", text)
        number = self._address(MethodKind.PHONE, given.number)
        email = self._address(MethodKind.MAIL, given.email) if given.email else ""
        with self._storage.writing() as uow:
            fresh = NewTechnician(name, number, email, given.language)
            try:
                added = uow.technicians.add(fresh)
            except AlreadyStoredError as error:
                raise RosterRefusedError("name", "roster.error.taken", str(error)) from error
            uow.contact_methods.put(ContactMethod(0, added, MethodKind.PHONE, number, 0))
            uow.audit.add(entry(by, "technician_added", f"technician {added}", name, at))
        return added

    def list_all(self) -> list[TechnicianRecord]:
        """By name."""
        with self._storage.reading() as uow:
            return list(uow.technicians.list_all())

    def get(self, name: str) -> tuple[TechnicianRecord, list[ContactMethod]]:
        """Raises RosterRefusedError where there is none of this name."""
        with self._storage.reading() as uow:
            found = _get(uow, name)
            return found, list(uow.contact_methods.list_of(found.id))

    def disable(self, name: str, by: Person | None, at: datetime) -> None:
        """From now on he is not rung and has no duty."""
        self._set_disabled(name, at, by, at)

    def enable(self, name: str, by: Person | None, at: datetime) -> None:
        """He has again the duties that the rules give him."""
        self._set_disabled(name, None, by, at)

    def _set_disabled(
        self, name: str, disabled_at: datetime | None, by: Person | None, at: datetime
    ) -> None:
        with self._storage.writing() as uow:
            uow.roster_rules.lock()
            found = _get(uow, name)
            uow.technicians.change(found.id, disabled_at=disabled_at)
            told = f"{found.name}: {'disabled' if disabled_at else 'enabled'}"
            uow.audit.add(entry(by, "technician_changed", f"technician {found.id}", told, at))
            self._rosters.publish_in(uow, at)

    def add_method(
        self, name: str, method: ContactMethod, by: Person | None, at: datetime
    ) -> ContactMethod:
        """A further way to reach him; one that is there is changed, and has to be checked again."""
        address = self._address(method.kind, method.address)
        if not 0 <= method.delay_seconds <= MOST_DELAY:
            text = f"the delay has 0 to {MOST_DELAY} seconds"
            raise RosterRefusedError("delay", "roster.error.number", text)
        with self._storage.writing() as uow:
            found = _get(uow, name)
            last = max((each.position for each in uow.contact_methods.list_of(found.id)), default=0)
            place = method.position or last + 1
            fresh = ContactMethod(
                0, found.id, method.kind, address, place, method.delay_seconds, method.verified_at
            )
            known = uow.contact_methods.put(fresh)
            told = f"{found.name}: {method.kind} {known}"
            uow.audit.add(entry(by, "technician_changed", f"technician {found.id}", told, at))
            stored = uow.contact_methods.find(known)
        return stored or fresh

    def verify(self, name: str, method_id: int, by: Person | None, at: datetime) -> ContactMethod:
        """Somebody has seen that it reaches him; 0 is his own number."""
        with self._storage.writing() as uow:
            found = _get(uow, name)
            method = _method(uow, found, method_id)
            fresh = ContactMethod(
                0,
                found.id,
                method.kind,
                method.address,
                method.position,
                method.delay_seconds,
                verified_at=at,
            )
            known = uow.contact_methods.put(fresh)
            told = f"{found.name}: {method.kind} {known} checked"
            uow.audit.add(entry(by, "technician_changed", f"technician {found.id}", told, at))
        return fresh

    def remove_method(self, name: str, method_id: int, by: Person | None, at: datetime) -> None:
        """His own number and address are changed, not removed."""
        with self._storage.writing() as uow:
            found = _get(uow, name)
            method = _method(uow, found, method_id)
            if method.address in (found.number, found.email):
                text = f"{method.address} is his own; change the technician instead"
                raise RosterRefusedError("id", "roster.error.method", text)
            uow.contact_methods.remove(method_id)
            told = f"{found.name}: {method.kind} {method_id} removed"
            uow.audit.add(entry(by, "technician_changed", f"technician {found.id}", told, at))

    def _address(self, kind: MethodKind, text: str) -> str:
        if kind in NUMBERS:
            granted = may_dial(text.strip(), frozenset(self._extensions))
            if granted.address is None:
                told = f"{text!r} may not be dialled: {granted.refusal}"
                raise RosterRefusedError("number", "roster.error.number_refused", told)
            return granted.address
        pattern = _EMAIL if kind is MethodKind.MAIL else _CHAT
        if len(text) > MAX_NAME or not pattern.fullmatch(text):
            raise RosterRefusedError(
                "address", "roster.error.address", f"{text!r} is no {kind} address"
            )
        return text


def _get(uow: UnitOfWork, name: str) -> TechnicianRecord:
    found = uow.technicians.find(" ".join(name.split()))
    if found is None:
        text = f"there is no technician {name!r}"
        raise RosterRefusedError("name", "roster.error.technician", text)
    return found


def _method(uow: UnitOfWork, technician: TechnicianRecord, method_id: int) -> ContactMethod:
    known = uow.contact_methods.list_of(technician.id)
    found = [each for each in known if each.id == method_id]
    if not found:
        text = f"{technician.name} has no way {method_id} to be reached"
        raise RosterRefusedError("id", "roster.error.method", text)
    phones = [each for each in found if each.kind is MethodKind.PHONE]
    return (phones or found)[0]
