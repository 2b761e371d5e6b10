"""Adding, changing and disabling people, by an admin or on the command line."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivr.errors import AlreadyStoredError, PikettError
from ivr.people.person import Person
from ivr.people.roles import Role
from ivr.services.authenticator import Authenticator, new_salt
from ivr.services.passwords import Passwords, new_password, refuse_weak
from ivr.services.people_audit import entry
from ivr.services.people_store import NewPerson, PersonRecord
from ivr.services.stores import Storage, UnitOfWork

MAX_NAME = 200
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
LANGUAGES = ("de", "fr", "it", "en")


class PersonRefusedError(PikettError):
    """Something about a person is wrong; `field` and `key` say where and what."""

    def __init__(self, field: str, key: str, text: str) -> None:
        self.field, self.key = field, key
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody who is to be added, as it was typed."""

    login: str
    name: str
    role: str
    language: str = "de"
    technician: str = ""


class People:
    """Who may log in. Without `by` the command line acts."""

    def __init__(
        self, storage: Storage, passwords: Passwords, authenticator: Authenticator
    ) -> None:
        self._storage = storage
        self._passwords = passwords
        self._authenticator = authenticator

    def is_demo(self) -> bool:
        """True in a demonstration, where nothing needs to be guarded."""
        with self._storage.reading() as uow:
            return uow.people.is_demo()

    def add(self, wanted: Wanted, by: Person | None, at: datetime) -> str:
        """Returns the password, which has to be changed at the first login."""
        password = new_password()
        hashed = self._passwords.hash(password)
        with self._storage.writing() as uow:
            person = _checked(uow, wanted, hashed, at)
            try:
                uow.people.add(person)
            except AlreadyStoredError as error:
                raise PersonRefusedError("login", "people.taken", str(error)) from error
            told = f"{person.role}, {person.name}"
            uow.audit.add(entry(by, "person_added", f"person {person.login}", told, at))
        return password

    def reset_password(self, login: str, by: Person | None, at: datetime) -> str:
        """A new password; he is logged out everywhere."""
        password = new_password()
        hashed = self._passwords.hash(password)
        self._change(login, by, "password_reset", at, password_hash=hashed, must_change=True)
        return password

    def choose_password(self, record: PersonRecord, old: str, new: str, at: datetime) -> bool:
        """His own; False for a wrong old one. He is logged out everywhere."""
        refuse_weak(record.login, new)
        if not self._passwords.fits(record.password_hash, old):
            return False
        hashed = self._passwords.hash(new)
        self._change(
            record.login,
            record.person,
            "password_changed",
            at,
            password_hash=hashed,
            must_change=False,
        )
        return True

    def disable(self, login: str, by: Person | None, at: datetime) -> None:
        """He cannot log in any more, and is logged out everywhere."""
        self._change(login, by, "person_disabled", at, disabled_at=at)

    def enable(self, login: str, by: Person | None, at: datetime) -> None:
        """He can log in again."""
        self._change(login, by, "person_enabled", at, disabled_at=None)

    def set_role(self, login: str, role: str, by: Person | None, at: datetime) -> None:
        """Another role; he has to log in again."""
        self._change(login, by, "role_changed", at, detail=role, role=_role(role).value)

    def set_language(self, record: PersonRecord, language: str, at: datetime) -> None:
        """Of his own pages; no reason to log him out."""
        with self._storage.writing() as uow:
            uow.people.change(record.id, language=_language(language))
            subject = f"person {record.login}"
            uow.audit.add(entry(record.person, "language_changed", subject, language, at))

    def begin_authenticator(self, login: str, by: Person | None, at: datetime) -> str:
        """A new secret, as an address for a picture; it counts once a code of it was confirmed."""
        salt = new_salt()
        record = self._change(
            login, by, "second_factor_reset", at, totp_salt=salt, totp_confirmed=False
        )
        return self._authenticator.address(record.id, salt, record.login)

    def pending_authenticator(self, record: PersonRecord, at: datetime) -> tuple[str, str]:
        """The address and the secret of who has still to confirm his first code."""
        salt = record.totp_salt
        if salt is None:
            salt = new_salt()
            with self._storage.writing() as uow:
                uow.people.change(record.id, totp_salt=salt)
        address = self._authenticator.address(record.id, salt, record.login)
        return address, self._authenticator.secret(record.id, salt)

    def confirm_authenticator(self, record: PersonRecord, code: str, at: datetime) -> bool:
        """From now on he needs a code; False for a wrong one."""
        if record.totp_salt is None or record.totp_confirmed:
            return False
        step = self._authenticator.step(record.id, record.totp_salt, code, at)
        with self._storage.writing() as uow:
            if step is None or not uow.people.use_step(record.id, step):
                return False
            uow.people.change(record.id, totp_confirmed=True)
            subject = f"person {record.login}"
            uow.audit.add(entry(record.person, "second_factor_set", subject, "", at))
        return True

    def _change(
        self,
        login: str,
        by: Person | None,
        action: str,
        at: datetime,
        *,
        detail: str = "",
        **columns: Any,
    ) -> PersonRecord:
        """Whoever is changed in what lets him in has to log in again."""
        with self._storage.writing() as uow:
            record = uow.people.find(login)
            if record is None:
                raise PersonRefusedError("login", "people.unknown", f"there is no person {login!r}")
            _refuse_locking_oneself_out(record, by, columns)
            uow.people.change(record.id, **columns)
            uow.web_sessions.end_all(record.id)
            uow.audit.add(entry(by, action, f"person {record.login}", detail, at))
        return record


def _refuse_locking_oneself_out(
    record: PersonRecord, by: Person | None, columns: dict[str, Any]
) -> None:
    """An admin who disables himself may be the last one."""
    if by is not None and by.id == record.id and columns.keys() & {"disabled_at", "role"}:
        text = "nobody disables himself or changes his own role"
        raise PersonRefusedError("login", "people.oneself", text)


def _checked(uow: UnitOfWork, wanted: Wanted, hashed: str, at: datetime) -> NewPerson:
    login = wanted.login.strip().lower()
    if not _LOGIN.fullmatch(login):
        text = f"{wanted.login!r} is no login name: small letters, figures, dots, 2 to 64"
        raise PersonRefusedError("login", "people.bad_login", text)
    name = " ".join(wanted.name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise PersonRefusedError("name", "people.bad_name", "a name has 1 to 200 characters")
    return NewPerson(
        login=login,
        name=name,
        role=_role(wanted.role),
        language=_language(wanted.language),
        technician_id=_technician(uow, wanted.technician.strip()),
        password_hash=hashed,
        must_change=True,
        created_at=at,
    )


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise PersonRefusedError("role", "people.bad_role", f"{text!r} is no role") from None


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise PersonRefusedError("language", "people.bad_language", f"{text!r} is no language")
    return text


def _technician(uow: UnitOfWork, name: str) -> int | None:
    if not name:
        return None
    found = uow.people.find_technician(name)
    if found is None:
        text = f"there is no technician {name!r}"
        raise PersonRefusedError("technician", "people.no_technician", text)
    return found
