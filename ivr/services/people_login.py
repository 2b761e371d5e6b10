"""Logging in: password, and for leads and admins a code of their authenticator.

Wrong logins are counted in the database, by login name and by address: five in a row lock a name for
a minute, five more for twice as long, up to an hour. Names that do not exist are counted and locked
like others, their digest instead of what was typed, since people type passwords into the wrong field.
The password is checked in any case, so that time tells nothing; nothing tells what was wrong.

Everybody knows the password of the demo people: they are let in only where nothing is real.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.identity.lockout import LockoutRules, judge
from ivr.services.authenticator import Authenticator
from ivr.services.passwords import Passwords
from ivr.services.people_audit import entry
from ivr.services.people_sessions import begin_session
from ivr.services.people_store import PersonRecord
from ivr.services.ports import Observer
from ivr.services.stores import Storage, UnitOfWork

RULES = LockoutRules(
    tries=5,
    first_lock=timedelta(minutes=1),
    longest_lock=timedelta(hours=1),
    per_number=50,
)
"""`per_number` bounds the wrong logins of an address in an hour."""
MEMORY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was typed; `source` is the address it came from, empty where it says nothing."""

    login: str
    password: str
    code: str
    source: str


class Login:
    """Lets people in."""

    def __init__(
        self,
        storage: Storage,
        passwords: Passwords,
        authenticator: Authenticator,
        observer: Observer,
    ) -> None:
        self._storage = storage
        self._passwords = passwords
        self._authenticator = authenticator
        self._observer = observer

    def enter(self, attempt: Attempt, at: datetime) -> str | None:
        """The token of a new session, None for whatever is wrong."""
        login = attempt.login.strip().lower()
        with self._storage.reading() as uow:
            if self._is_throttled(uow, attempt.source, at):
                return None
            record = uow.people.find(login)
            known_to_all = record is not None and record.demo and not uow.people.is_demo()
        fits = self._passwords.fits(record.password_hash if record else None, attempt.password)
        step = self._step(record, attempt.code, at)
        right = fits and record is not None and record.disabled_at is None and not known_to_all
        with self._storage.writing() as uow:
            token, locks = self._rule(uow, login, record, step if right else None, attempt, at)
        if locks:
            self._observer.trouble("login_locked", person=record.id if record else None)
        return token

    def _step(self, record: PersonRecord | None, code: str, at: datetime) -> int | None:
        """The step of his authenticator, 0 for who has none, None for a wrong code."""
        if record is None or not record.totp_confirmed or record.totp_salt is None:
            return 0
        return self._authenticator.step(record.id, record.totp_salt, code, at)

    def _rule(
        self,
        uow: UnitOfWork,
        login: str,
        record: PersonRecord | None,
        step: int | None,
        attempt: Attempt,
        at: datetime,
    ) -> tuple[str | None, bool]:
        """Count under a lock: of a hundred tries at the same instant the sixth is refused too."""
        name = _digest(login)
        uow.logins.lock()
        unused = step == 0 or (
            step is not None and record is not None and uow.people.use_step(record.id, step)
        )
        ruling = judge(RULES, uow.logins.standing(name), at, right=step is not None and unused)
        if ruling.accepted and record is not None:
            uow.logins.clear(name)
            uow.audit.add(entry(record.person, "logged_in", f"person {record.login}", "", at))
            return begin_session(uow, record.id, at), False
        uow.logins.forget(at - MEMORY)
        uow.logins.put_standing(name, ruling.standing, at)
        uow.logins.add_failure(attempt.source, at)
        if record is not None:
            subject = f"person {record.login}"
            uow.audit.add(entry(None, "login_refused", subject, attempt.source, at))
        return None, ruling.locks

    def _is_throttled(self, uow: UnitOfWork, source: str, at: datetime) -> bool:
        if not source:
            return False
        return uow.logins.count_failures(source, at - RULES.source_span) >= RULES.per_number


def _digest(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()
