"""Private calendar addresses: one of somebody's own duties, one of the whole roster.

An address holds the feed's number and a seal made of its salt with a key outside the database, so it
cannot be guessed, and the database alone tells no address. A new address or none ends the old one, and
so does disabling the person.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.people.person import Person
from ivr.people.roles import Role
from ivr.roster.duty import Shift
from ivr.roster.walltime import Span
from ivr.services.people_audit import entry
from ivr.services.roster_plans import Rosters
from ivr.services.roster_store import Feed, Scope
from ivr.services.stores import Storage, UnitOfWork

_TOKEN = re.compile(r"([1-9][0-9]{0,9})-([0-9a-f]{40})")
_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Duties for a calendar, in whose language, and whether everybody's."""

    shifts: tuple[Shift, ...]
    language: str
    scope: Scope


class Feeds:
    """Makes, shows and reads calendar addresses."""

    def __init__(self, storage: Storage, rosters: Rosters, key: bytes, public_url: str) -> None:
        self._storage = storage
        self._rosters = rosters
        self._key = key
        self._base = public_url.rstrip("/")

    def address(self, person: Person, scope: Scope) -> str | None:
        """None where he has not made one."""
        with self._storage.reading() as uow:
            feed = uow.feeds.find_of(person.id, scope)
        return f"{self._base}/ical/{self._token(feed)}.ics" if feed is not None else None

    def renew(self, person: Person, scope: Scope, at: datetime) -> None:
        """The address before is worth nothing."""
        with self._storage.writing() as uow:
            uow.feeds.put(person.id, scope, secrets.token_hex(16), at)
            subject = f"person {person.login}"
            uow.audit.add(entry(person, "feed_changed", subject, f"{scope}: new address", at))

    def revoke(self, person: Person, scope: Scope, at: datetime) -> None:
        """No address any more."""
        with self._storage.writing() as uow:
            uow.feeds.remove(person.id, scope)
            subject = f"person {person.login}"
            uow.audit.add(entry(person, "feed_changed", subject, f"{scope}: no address", at))

    def open(self, token: str, now: datetime) -> Calendar | None:
        """None for a guessed, changed or revoked address, and for somebody who may not log in."""
        with self._storage.reading() as uow:
            feed = self._read(uow, token)
            if feed is None:
                return None
            record = uow.people.get(feed.person_id)
        if record.disabled_at is not None or record.role is Role.DESK:
            return None
        span = Span(now - _BEFORE, now + self._rosters.rules.horizon)
        own = record.technician_id if feed.scope is Scope.OWN else None
        shifts = self._rosters.shifts(span, now)
        if feed.scope is Scope.OWN:
            shifts = [each for each in shifts if each.technician_id == own]
        return Calendar(tuple(shifts), record.language, feed.scope)

    def _read(self, uow: UnitOfWork, token: str) -> Feed | None:
        match = _TOKEN.fullmatch(token)
        feed = uow.feeds.find(int(match[1])) if match and int(match[1]) < 2**31 else None
        if feed is None or not hmac.compare_digest(self._token(feed), token):
            return None
        return feed

    def _token(self, feed: Feed) -> str:
        spoken = f"ical:{feed.id}:{feed.person_id}:{feed.scope}:{feed.salt}".encode()
        seal = hmac.new(self._key, spoken, hashlib.sha256).hexdigest()[:40]
        return f"{feed.id}-{seal}"
