"""Who may record by phone: an admin with a short number and an assigned PIN.

The PIN is hashed like a customer's, with a pepper that is not in the database, and checked in the
same time for nobody and for a wrong one. Wrong ones are counted like wrong logins: they lock a number
for a while, and a telephone that tries too much is not listened to. Nothing tells what was wrong.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.identity.lockout import LockoutRules, judge
from ivr.people.person import Person
from ivr.people.roles import Role
from ivr.services.people import PersonRefusedError
from ivr.services.people_audit import entry
from ivr.services.people_store import PersonRecord
from ivr.services.pins import PinHasher, Verdict, new_pin
from ivr.services.ports import Observer
from ivr.services.records import Credentials
from ivr.services.stores import Storage, UnitOfWork

RULES = LockoutRules()
MEMORY = timedelta(days=1)
FIRST_NUMBER = 100
MAX_NUMBER_DIGITS = 6


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """What a person enters; the PIN is told once."""

    number: str
    pin: str


class RecordingPins:
    """Assigns PINs and checks them."""

    def __init__(self, storage: Storage, pins: PinHasher, observer: Observer) -> None:
        self._storage = storage
        self._pins = pins
        self._observer = observer

    def assign(self, login: str, by: Person | None, at: datetime) -> PhoneCode:
        """A new PIN for an admin; the one before counts no more. Raises PersonRefusedError."""
        with self._storage.reading() as uow:
            record = _admin(uow, login)
        number = number_of(record.id)
        pin = new_pin(number)
        held = self._pins.credentials(_owner(record.id), pin)
        with self._storage.writing() as uow:
            uow.people.set_recording_pin(record.id, held.pin_hash, held.pepper_version)
            uow.logins.lock()
            uow.logins.clear(_name(number))
            uow.audit.add(entry(by, "recording_pin_set", f"person {record.login}", "", at))
        return PhoneCode(number, pin)

    def withdraw(self, login: str, by: Person | None, at: datetime) -> None:
        """He records by phone no more. Raises PersonRefusedError."""
        with self._storage.writing() as uow:
            record = _known(uow, login)
            uow.people.set_recording_pin(record.id, None, None)
            uow.audit.add(entry(by, "recording_pin_taken", f"person {record.login}", "", at))

    def admit(self, code: PhoneCode, source: str, at: datetime) -> PersonRecord | None:
        """Whose number and PIN these are; None for whatever is wrong.

        The slow check comes before the transaction that counts, like a login's.
        """
        with self._storage.reading() as uow:
            if _is_throttled(uow, source, at):
                return None
            record = _recorder(uow, code.number)
            held = _held(uow, record)
        verdict = self._pins.judge(held, code.pin)
        with self._storage.writing() as uow:
            admitted, locks = self._rule(uow, code.number, record, verdict, source, at)
        if locks:
            self._observer.trouble("recording_pin_locked", person=record.id if record else None)
        return record if admitted else None

    def _rule(
        self,
        uow: UnitOfWork,
        number: str,
        record: PersonRecord | None,
        verdict: Verdict,
        source: str,
        at: datetime,
    ) -> tuple[bool, bool]:
        """Under a lock: of many tries at the same instant none slips through."""
        uow.logins.lock()
        right = verdict.right and record is not None
        name = _name(number)
        ruling = judge(RULES, uow.logins.standing(name), at, right=right)
        if ruling.accepted and record is not None:
            uow.logins.clear(name)
            self._renew(uow, record, verdict)
            subject = f"person {record.login}"
            uow.audit.add(entry(record.person, "recording_call", subject, "", at))
            return True, False
        uow.logins.forget(at - MEMORY)
        uow.logins.put_standing(name, ruling.standing, at)
        uow.logins.add_failure(source, at)
        return False, ruling.locks

    @staticmethod
    def _renew(uow: UnitOfWork, record: PersonRecord, verdict: Verdict) -> None:
        """Under the newest pepper."""
        if verdict.renewed is not None:
            renewed = verdict.renewed
            uow.people.set_recording_pin(record.id, renewed.pin_hash, renewed.pepper_version)


def number_of(person_id: int) -> str:
    """Short, his own and always the same."""
    return str(FIRST_NUMBER + person_id)


def _recorder(uow: UnitOfWork, number: str) -> PersonRecord | None:
    """An admin who may log in, now; demo people only where nothing is real.

    A number is written in one way only: with zeros before it, it would be locked apart.
    """
    if not number.isdecimal() or not number.isascii() or len(number) > MAX_NUMBER_DIGITS:
        return None
    if number.startswith("0"):
        return None
    try:
        found = uow.people.get(int(number) - FIRST_NUMBER)
    except LookupError:
        return None
    known_to_all = found.demo and not uow.people.is_demo()
    is_admin = found.role is Role.ADMIN and found.disabled_at is None
    return found if is_admin and not known_to_all else None


def _held(uow: UnitOfWork, record: PersonRecord | None) -> Credentials | None:
    if record is None:
        return None
    pin_hash, version = uow.people.recording_pin(record.id)
    return Credentials(_owner(record.id), pin_hash, version or 0)


def _owner(person_id: int) -> int:
    """Never the id of a customer, so that no hash of one fits the other."""
    return -person_id


def _name(number: str) -> str:
    return hashlib.sha256(f"recording:{number[:MAX_NUMBER_DIGITS]}".encode()).hexdigest()


def _is_throttled(uow: UnitOfWork, source: str, at: datetime) -> bool:
    return uow.logins.count_failures(source, at - RULES.source_span) >= RULES.per_number


def _known(uow: UnitOfWork, login: str) -> PersonRecord:
    record = uow.people.find(login)
    if record is None:
        raise PersonRefusedError("login", "people.unknown", f"there is no person {login!r}")
    return record


def _admin(uow: UnitOfWork, login: str) -> PersonRecord:
    record = _known(uow, login)
    if record.role is not Role.ADMIN:
        raise PersonRefusedError("login", "people.no_admin", f"{login!r} is no admin")
    return record
