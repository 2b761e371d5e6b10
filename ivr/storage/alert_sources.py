"""Sources of alerts and their maintenance windows in the database."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.alerts.event import SourceKind
from ivr.alerts.judging import Window
from ivr.errors import AlreadyStoredError
from ivr.services.alert_records import (
    MaintenanceRecord,
    NewMaintenance,
    NewSource,
    SourceRecord,
)
from ivr.storage.models import Alert, AlertSource, Customer, Maintenance

_SOURCES = (
    select(
        AlertSource.id,
        AlertSource.name,
        AlertSource.kind,
        AlertSource.key_sha256,
        AlertSource.key_in_path,
        AlertSource.heartbeat_seconds,
        AlertSource.customer_id,
        Customer.number,
        AlertSource.services,
        AlertSource.seen_at,
    )
    .outerjoin(Customer, Customer.id == AlertSource.customer_id)
    .where(AlertSource.removed_at.is_(None))
)
_WINDOWS = select(
    Maintenance.id,
    AlertSource.name,
    Maintenance.labels,
    Maintenance.reason,
    Maintenance.starts_at,
    Maintenance.ends_at,
    Maintenance.declared_by,
).join(AlertSource, AlertSource.id == Maintenance.source_id)

_GOING_ON = _WINDOWS.where(
    Maintenance.source_id == bindparam("source"),
    Maintenance.starts_at <= bindparam("now"),
    Maintenance.ends_at > bindparam("now"),
)
_HEARD = (
    update(AlertSource)
    .where(AlertSource.id == bindparam("source"))
    .values(seen_at=bindparam("now"))
)


class SqlAlertSources:
    """The part of the alert store that people change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_source(self, source: NewSource, at: datetime) -> int:
        """A name is somebody's only once; the failed insert harms nothing else."""
        values = {
            "name": source.name,
            "kind": source.kind,
            "key_sha256": source.key_sha256,
            "key_in_path": source.key_in_path,
            "heartbeat_seconds": source.heartbeat_seconds,
            "customer_id": source.customer_id,
            "services": ",".join(source.services),
            "created_at": at,
            "seen_at": at,
        }
        query = insert(AlertSource).values(values).returning(AlertSource.id)
        try:
            with self._connection.begin_nested():
                return self._connection.execute(query).scalar_one()
        except IntegrityError as error:
            raise AlreadyStoredError(f"there is a source {source.name!r} already") from error

    def find_source(self, name: str) -> SourceRecord | None:
        """One that was removed is none."""
        row = self._connection.execute(_SOURCES.where(AlertSource.name == name)).one_or_none()
        return _source(row) if row is not None else None

    def list_sources(self) -> Sequence[SourceRecord]:
        """By name."""
        return [
            _source(row) for row in self._connection.execute(_SOURCES.order_by(AlertSource.name))
        ]

    def rotate_key(self, source_id: int, key_sha256: str) -> None:
        """The old key opens nothing any more."""
        self._change(source_id, key_sha256=key_sha256)

    def remove_source(self, source_id: int, at: datetime) -> None:
        """Its alerts stay; its name is free again."""
        name = select(AlertSource.name).where(AlertSource.id == source_id)
        found = self._connection.execute(name).scalar_one()
        self._change(source_id, removed_at=at, name=f"{found[:30]}~{source_id}")

    def sign_of_life(self, source_id: int, at: datetime) -> None:
        """The row stays locked until the transaction ends."""
        self._connection.execute(_HEARD, {"source": source_id, "now": at})

    def lock_source(self, source_id: int) -> None:
        """On SQLite whoever writes is alone anyway."""
        query = select(AlertSource.id).where(AlertSource.id == source_id)
        self._connection.execute(query.with_for_update())

    def list_silent(self, at: datetime) -> Sequence[SourceRecord]:
        """There are few sources: they are compared here."""
        query = _SOURCES.where(AlertSource.heartbeat_seconds.is_not(None))
        found = [_source(row) for row in self._connection.execute(query)]
        return [each for each in found if _is_silent(each, at)]

    def add_maintenance(self, window: NewMaintenance, at: datetime) -> int:
        """Its id."""
        values = {
            "source_id": window.source_id,
            "labels": json.dumps(dict(window.labels), ensure_ascii=False),
            "reason": window.reason,
            "starts_at": window.starts_at,
            "ends_at": window.ends_at,
            "declared_by": window.declared_by,
            "created_at": at,
        }
        query = insert(Maintenance).values(values).returning(Maintenance.id)
        return self._connection.execute(query).scalar_one()

    def end_maintenance(self, window_id: int, at: datetime) -> bool:
        """One that is to come never begins; what it has held back is looked at anew."""
        going_on = (Maintenance.id == window_id, Maintenance.ends_at > at)
        query = select(Maintenance.source_id).where(*going_on).with_for_update()
        source_id = self._connection.execute(query).scalar_one_or_none()
        if source_id is None:
            return False
        self._connection.execute(update(Maintenance).where(*going_on).values(ends_at=at))
        held = (Alert.source_id == source_id, Alert.held_until > at)
        self._connection.execute(update(Alert).where(*held).values(held_until=at))
        return True

    def list_maintenance(self, at: datetime) -> Sequence[MaintenanceRecord]:
        """Those that are not over, by their beginning."""
        query = _WINDOWS.where(Maintenance.ends_at > at)
        rows = self._connection.execute(query.order_by(Maintenance.starts_at, Maintenance.id))
        return [MaintenanceRecord(row[0], row[1], json.loads(row[2]), *row[3:]) for row in rows]

    def windows(self, source_id: int, at: datetime) -> Sequence[Window]:
        """Those of a source that go on."""
        rows = self._connection.execute(_GOING_ON, {"source": source_id, "now": at})
        return [Window(row[0], row[1], row[4], row[5], json.loads(row[2])) for row in rows]

    def _change(self, source_id: int, **values: Any) -> None:
        query = update(AlertSource).where(AlertSource.id == source_id)
        self._connection.execute(query.values(values))


def _source(row: Sequence[Any]) -> SourceRecord:
    known = (*row[:2], SourceKind(row[2]), *row[3:8], words(row[8]), row[9])
    return SourceRecord(*known)


def _is_silent(source: SourceRecord, at: datetime) -> bool:
    seconds = source.heartbeat_seconds
    return seconds is not None and (at - source.seen_at).total_seconds() > seconds


def words(text: str) -> tuple[str, ...]:
    """Words that were joined by commas."""
    return tuple(text.split(",")) if text else ()
