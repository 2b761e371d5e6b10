"""Deleting callers' messages: by a person with a reason, and by themselves once nobody needs them.

First the ticket says so and nobody hears the message any more; then the worker removes the sound
wherever it may lie: in our folder, in the inbox, at the carrier. A carrier that does not answer is
asked again for hours; then an operator is told where a copy is left. Beside the messages of tickets,
what a call left in the inbox or the spool and nobody asked for is removed after the same time, and
after a day where it is too short to be a message.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.callflow.message import MIN_SECONDS
from ivr.errors import PikettError
from ivr.people.person import Person
from ivr.services.message_store import LONGEST_REASON, Deletion, Doomed
from ivr.services.people_audit import entry
from ivr.services.ports import Observer
from ivr.services.recordings import (
    BATCH,
    FILE,
    MAX_ATTEMPTS,
    Recordings,
    RecordingUnavailableError,
    measure_seconds,
    mended,
    pause_after,
)
from ivr.services.stores import Storage

LOOK_AGAIN = timedelta(hours=1)
UNSPOKEN_FOR = timedelta(days=1)


class DeletionRefusedError(PikettError):
    """Nothing was deleted; `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class MessageDeletions:
    """A part of the worker's round, and what the page of a ticket asks for."""

    def __init__(
        self, storage: Storage, observer: Observer, recordings: Recordings, spool: Path, days: int
    ) -> None:
        self._storage = storage
        self._observer = observer
        self._recordings = recordings
        self._spool = spool
        self._kept = timedelta(days=days)
        self._looked_at: datetime | None = None

    def delete(
        self, ticket: int, recording_id: int, who: Person, reason: str, now: datetime
    ) -> None:
        """By hand; raises DeletionRefusedError."""
        said = " ".join(reason.split())[:LONGEST_REASON]
        if not said:
            raise DeletionRefusedError("tech.told.message_reason")
        with self._storage.writing() as uow:
            if not uow.messages.doom(recording_id, ticket, Deletion(now, who.name, said)):
                raise DeletionRefusedError("tech.told.message_gone")
            uow.audit.add(entry(who, "message_deleted", f"ticket {ticket}", said, now))

    def collect(self, now: datetime) -> int:
        """How many messages were removed."""
        if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN:
            if self._expire(now) < BATCH:
                self._looked_at = now
            self._clear(now)
        with self._storage.reading() as uow:
            doomed = uow.messages.list_doomed(now, BATCH)
        return sum(self._remove(each, now) for each in doomed)

    def _expire(self, now: datetime) -> int:
        before = now - self._kept
        with self._storage.reading() as uow:
            expired = uow.messages.list_kept_too_long(before, BATCH)
        for recording_id, ticket in expired:
            with self._storage.writing() as uow:
                if uow.messages.doom(recording_id, ticket, Deletion(now)):
                    uow.audit.add(entry(None, "message_expired", f"ticket {ticket}", "", now))
        return len(expired)

    def _remove(self, message: Doomed, now: datetime) -> bool:
        try:
            self._recordings.remove(message)
        except (RecordingUnavailableError, OSError) as error:
            attempts = message.attempts + 1
            if attempts < MAX_ATTEMPTS:
                with self._storage.writing() as uow:
                    uow.messages.put_off(message.id, attempts, now + pause_after(attempts))
                return False
            self._observer.trouble(
                "message_copy_left", ticket=message.ticket_number, error=type(error).__name__
            )
        with self._storage.writing() as uow:
            uow.messages.gone(message.id)
        return True

    def _clear(self, now: datetime) -> None:
        """What is still to become a message is left alone, however long that takes."""
        for path in self._leftovers(now):
            with self._storage.reading() as uow:
                awaited = uow.messages.is_awaited(f"{FILE}{path.name}")
            if not awaited:
                path.unlink(missing_ok=True)

    def _leftovers(self, now: datetime) -> Iterator[Path]:
        for path in [*self._recordings.inbox.glob("*.*"), *self._spool.glob("*.unreadable")]:
            try:
                age = now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
            except FileNotFoundError:
                continue
            if path.is_file() and (age > self._kept or (age > UNSPOKEN_FOR and _unspoken(path))):
                yield path


def _unspoken(path: Path) -> bool:
    """Not what a recorder has left without its length when it died."""
    try:
        return path.suffix == ".wav" and measure_seconds(mended(path.read_bytes())) < MIN_SECONDS
    except (RecordingUnavailableError, OSError):
        return False
