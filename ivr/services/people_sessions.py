"""Logins that are going on: a random token in the browser, its digest in the database.

A session ends after `idle` without a request, and after `LONGEST` in any case. Its row stays for a
day, so that a form that is sent too late is kept for the person who typed it, and for nobody else.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.people.person import Person
from ivr.services.people_store import PersonRecord, SessionRecord
from ivr.services.stores import Storage, UnitOfWork

LONGEST = timedelta(hours=16)
REMEMBERED = timedelta(days=1)
_TOUCHED_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Visit:
    """A session and whose it is. `expired`: he has to log in again before he may do anything."""

    token_digest: str
    record: PersonRecord
    expired: bool

    @property
    def person(self) -> Person:
        """Whose it is."""
        return self.record.person

    @property
    def unfinished(self) -> bool:
        """He has still to choose a password or to set up his authenticator."""
        return self.record.must_change or self.record.lacks_second_factor


class WebSessions:
    """Begins, finds and ends sessions."""

    def __init__(self, storage: Storage, idle: timedelta) -> None:
        self._storage = storage
        self._idle = idle

    def visit(self, token: str, at: datetime) -> Visit | None:
        """The session of this token; a disabled person has none."""
        digest = digest_of(token)
        with self._storage.reading() as uow:
            session = uow.web_sessions.find(digest)
            record = uow.people.get(session.person_id) if session else None
        if session is None or record is None or record.disabled_at is not None:
            return None
        expired = at - session.seen_at > self._idle or at - session.created_at > LONGEST
        if not expired and at - session.seen_at >= _TOUCHED_EVERY:
            with self._storage.writing() as uow:
                uow.web_sessions.touch(digest, at)
        return Visit(digest, record, expired)

    def end(self, visit: Visit) -> None:
        """Logged out."""
        with self._storage.writing() as uow:
            uow.web_sessions.end(visit.token_digest)


def begin_session(uow: UnitOfWork, person_id: int, at: datetime) -> str:
    """A new token, never one that a browser brought along."""
    token = secrets.token_urlsafe(32)
    uow.web_sessions.forget(at - REMEMBERED)
    uow.web_sessions.add(SessionRecord(digest_of(token), person_id, at, at))
    return token


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
