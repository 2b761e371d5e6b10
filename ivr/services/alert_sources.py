"""Who may send alerts, and how he is known: by a key of which only a digest is kept."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from ivr.alerts.documents import services_of
from ivr.alerts.event import AlertRefusedError, SourceKind
from ivr.errors import AlreadyStoredError, PikettError
from ivr.services.alert_records import NewMaintenance, NewSource, SourceRecord
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.support_codes import find_customer

KEY_BYTES = 24
MIN_HEARTBEAT = 30
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_NOBODYS = hashlib.sha256(b"nobody").hexdigest()


class SourceRefusedError(PikettError):
    """A source cannot be added or found; the text says why."""


def digest(key: str) -> str:
    """What is kept of a key; it is random and long, so that nothing slow is needed."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


class AlertSources:
    """Adds, lists, lets in."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def add(
        self,
        name: str,
        kind: SourceKind,
        at: datetime,
        *,
        key_in_path: bool = False,
        heartbeat: int | None = None,
        customer: str | None = None,
        services: tuple[str, ...] = (),
    ) -> str:
        """A new source; returns its key, which nobody can read again."""
        if not _NAME.fullmatch(name):
            raise SourceRefusedError("a name has 1 to 30 small letters, digits and hyphens")
        if heartbeat is not None and heartbeat < MIN_HEARTBEAT:
            raise SourceRefusedError(f"a heartbeat is {MIN_HEARTBEAT} seconds or more")
        key = secrets.token_urlsafe(KEY_BYTES)
        with self._storage.writing() as uow:
            customer_id = find_customer(uow, customer, at).id if customer else None
            keys = _services(services)
            source = NewSource(name, kind, digest(key), key_in_path, heartbeat, customer_id, keys)
            try:
                uow.alerts.add_source(source, at)
            except AlreadyStoredError as error:
                raise SourceRefusedError(str(error)) from error
        return key

    def rotate(self, name: str) -> str:
        """A new key; the old one opens nothing any more."""
        key = secrets.token_urlsafe(KEY_BYTES)
        with self._storage.writing() as uow:
            uow.alerts.rotate_key(get_source(uow, name).id, digest(key))
        return key

    def remove(self, name: str, at: datetime) -> None:
        """It may send nothing any more; what it has sent stays."""
        with self._storage.writing() as uow:
            uow.alerts.remove_source(get_source(uow, name).id, at)

    def let_in(self, name: str, key: str, *, in_path: bool) -> SourceRecord | None:
        """The source, or None: unknown name, wrong key and key in the wrong place are the same."""
        with self._storage.reading() as uow:
            source = uow.alerts.find_source(name)
        held = source.key_sha256 if source is not None else _NOBODYS
        fits = hmac.compare_digest(held, digest(key))
        if source is None or not fits or (in_path and not source.key_in_path):
            return None
        return source

    def add_maintenance(
        self,
        name: str,
        labels: dict[str, str],
        reason: str,
        begins: datetime,
        ends: datetime,
        by: str,
        at: datetime,
    ) -> int:
        """Alerts of the source with all these labels ring nobody meanwhile."""
        if ends <= begins or ends <= at:
            raise SourceRefusedError("a maintenance window ends after it has begun, and after now")
        with self._storage.writing() as uow:
            source = get_source(uow, name)
            window = NewMaintenance(source.id, labels, reason[:200], begins, ends, by[:200])
            return uow.alerts.add_maintenance(window, at)

    def end_maintenance(self, window_id: int, at: datetime) -> bool:
        """False where none goes on or is to come."""
        with self._storage.writing() as uow:
            return uow.alerts.end_maintenance(window_id, at)


def get_source(uow: UnitOfWork, name: str) -> SourceRecord:
    """Raises SourceRefusedError."""
    found = uow.alerts.find_source(name)
    if found is None:
        raise SourceRefusedError(f"there is no source {name!r}")
    return found


def _services(keys: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return services_of(list(keys), "services")
    except AlertRefusedError as error:
        raise SourceRefusedError(str(error)) from error
