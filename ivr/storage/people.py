"""People, their sessions and their wrong logins in the database."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.errors import AlreadyStoredError
from ivr.identity.lockout import Standing
from ivr.people.roles import Role
from ivr.services.people_store import NewPerson, PersonRecord, SessionRecord
from ivr.storage.models import Customer, LoginFailure, LoginStanding, Person, Technician, WebSession

LOGGING_IN = 0x4C4F4749
"""The name of the advisory lock; another number than those of codes and roster."""

_LOCK = select(func.pg_advisory_xact_lock(LOGGING_IN))
_COLUMNS = (
    Person.id,
    Person.login,
    Person.name,
    Person.role,
    Person.language,
    Person.technician_id,
    Person.password_hash,
    Person.must_change,
    Person.totp_salt,
    Person.totp_confirmed,
    Person.totp_step,
    Person.disabled_at,
    Person.demo,
)


class SqlPeople:
    """The person store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, person: NewPerson) -> int:
        """A login name is somebody's only once; the failed insert harms nothing else."""
        values = asdict(person) | {"role": person.role.value}
        query = insert(Person).returning(Person.id)
        try:
            with self._connection.begin_nested():
                added: int = self._connection.execute(query, values).scalar_one()
        except IntegrityError as error:
            raise AlreadyStoredError(f"there is a person {person.login!r} already") from error
        return added

    def find(self, login: str) -> PersonRecord | None:
        """By login name."""
        row = self._connection.execute(select(*_COLUMNS).where(Person.login == login)).first()
        return _person(row) if row else None

    def get(self, person_id: int) -> PersonRecord:
        """By id."""
        row = self._connection.execute(select(*_COLUMNS).where(Person.id == person_id)).first()
        if row is None:
            raise LookupError(f"no person {person_id}")
        return _person(row)

    def list_all(self) -> Sequence[PersonRecord]:
        """Everybody, by login name."""
        rows = self._connection.execute(select(*_COLUMNS).order_by(Person.login))
        return [_person(row) for row in rows]

    def change(self, person_id: int, **columns: Any) -> None:
        """Write columns."""
        self._connection.execute(update(Person).where(Person.id == person_id).values(**columns))

    def use_step(self, person_id: int, step: int) -> bool:
        """Only forward: a code that was seen over somebody's shoulder is worth nothing."""
        query = update(Person).where(Person.id == person_id, Person.totp_step < step)
        return self._connection.execute(query.values(totp_step=step)).rowcount > 0

    def recording_pin(self, person_id: int) -> tuple[str | None, int | None]:
        """Hash and pepper of his PIN for recording by phone."""
        query = select(Person.recording_pin_hash, Person.recording_pepper_version)
        row = self._connection.execute(query.where(Person.id == person_id)).first()
        return (row[0], row[1]) if row else (None, None)

    def set_recording_pin(
        self, person_id: int, pin_hash: str | None, pepper_version: int | None
    ) -> None:
        """Another one, or none."""
        self.change(person_id, recording_pin_hash=pin_hash, recording_pepper_version=pepper_version)

    def list_recorders(self) -> Collection[int]:
        """Who has a PIN for recording by phone."""
        query = select(Person.id).where(Person.recording_pin_hash.is_not(None))
        return frozenset(self._connection.execute(query).scalars())

    def is_demo(self) -> bool:
        """A real customer, of whom a real database has many, is found at once."""
        real = (select(each.id).where(each.demo.is_(False)) for each in (Customer, Technician))
        if any(self._connection.execute(query.limit(1)).first() for query in real):
            return False
        demo = select(Customer.id).where(Customer.demo.is_(True)).limit(1)
        return self._connection.execute(demo).first() is not None

    def list_technicians(self) -> Sequence[str]:
        """Their names."""
        query = select(Technician.name).order_by(Technician.name)
        return list(self._connection.execute(query).scalars())

    def find_technician(self, name: str) -> int | None:
        """The id of a technician of this name."""
        query = select(Technician.id).where(Technician.name == name).limit(1)
        found: int | None = self._connection.execute(query).scalar_one_or_none()
        return found


def _person(row: Sequence[Any]) -> PersonRecord:
    key, login, name, role, *rest = row
    return PersonRecord(key, login, name, Role(role), *rest)


class SqlSessions:
    """The session store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: SessionRecord) -> None:
        """A new one."""
        self._connection.execute(insert(WebSession), asdict(session))

    def find(self, token_digest: str) -> SessionRecord | None:
        """One of them."""
        query = select(
            WebSession.token_digest, WebSession.person_id, WebSession.created_at, WebSession.seen_at
        ).where(WebSession.token_digest == token_digest)
        row = self._connection.execute(query).first()
        return SessionRecord(*row) if row else None

    def touch(self, token_digest: str, at: datetime) -> None:
        """It was used."""
        query = update(WebSession).where(WebSession.token_digest == token_digest)
        self._connection.execute(query.values(seen_at=at))

    def end(self, token_digest: str) -> None:
        """Logged out."""
        query = delete(WebSession).where(WebSession.token_digest == token_digest)
        self._connection.execute(query)

    def end_all(self, person_id: int) -> None:
        """Everywhere."""
        self._connection.execute(delete(WebSession).where(WebSession.person_id == person_id))

    def forget(self, before: datetime) -> None:
        """Those that were last used before."""
        self._connection.execute(delete(WebSession).where(WebSession.seen_at < before))


class SqlLogins:
    """The login store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """A SQLite writer already has the database for itself."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK)

    def standing(self, name_digest: str) -> Standing:
        """Of whom nothing is known, nothing is held against."""
        query = select(
            LoginStanding.failures, LoginStanding.strikes, LoginStanding.locked_until
        ).where(LoginStanding.name_digest == name_digest)
        row = self._connection.execute(query).first()
        return Standing(*row) if row else Standing()

    def put_standing(self, name_digest: str, standing: Standing, at: datetime) -> None:
        """The lock is held, so that nobody else inserts meanwhile."""
        values = asdict(standing) | {"at": at}
        query = update(LoginStanding).where(LoginStanding.name_digest == name_digest)
        if self._connection.execute(query.values(**values)).rowcount == 0:
            row = values | {"name_digest": name_digest}
            self._connection.execute(insert(LoginStanding), row)

    def clear(self, name_digest: str) -> None:
        """Forget its wrong passwords."""
        query = delete(LoginStanding).where(LoginStanding.name_digest == name_digest)
        self._connection.execute(query)

    def add_failure(self, source: str, at: datetime) -> None:
        """A wrong login from an address."""
        self._connection.execute(insert(LoginFailure), {"source": source, "at": at})

    def count_failures(self, source: str, since: datetime) -> int:
        """Wrong logins from an address after an instant."""
        query = select(func.count()).where(LoginFailure.source == source, LoginFailure.at > since)
        counted: int = self._connection.execute(query).scalar_one()
        return counted

    def forget(self, before: datetime) -> None:
        """An address is kept no longer than it counts."""
        self._connection.execute(delete(LoginFailure).where(LoginFailure.at <= before))
        self._connection.execute(delete(LoginStanding).where(LoginStanding.at <= before))
