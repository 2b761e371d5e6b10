"""Alerts and their cases in the database; whatever comes in thousands is written at once."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from ivr.alerts.event import AlertEvent
from ivr.contracts.faults import FaultClass
from ivr.services.alert_records import AlertRecord, Occurrence
from ivr.services.listing import ListQuery, Page
from ivr.storage.alert_cases import SqlAlertCases, portions
from ivr.storage.alert_sources import words
from ivr.storage.models import Alert, AlertCase, AlertSource

_ALERTS = (
    select(
        Alert.id,
        AlertSource.name,
        Alert.key,
        Alert.fault_class,
        Alert.spof,
        Alert.title,
        Alert.services,
        Alert.labels,
        Alert.customer_id,
        Alert.starts_at,
        Alert.first_at,
        Alert.last_at,
        Alert.times,
        Alert.resolved_at,
        Alert.resolved_by,
        Alert.held_until,
        Alert.case_id,
        AlertCase.ticket_number,
    )
    .join(AlertSource, AlertSource.id == Alert.source_id)
    .outerjoin(AlertCase, AlertCase.id == Alert.case_id)
)
_REPEATED = (
    update(Alert)
    .where(Alert.id == bindparam("alert_id"))
    .values(
        title=bindparam("told"),
        fault_class=bindparam("told_class"),
        last_at=bindparam("told_at"),
        times=Alert.times + 1,
    )
)
_HOLD = update(Alert).where(Alert.id == bindparam("alert_id")).values(held_until=bindparam("until"))
_OPEN = _ALERTS.where(
    Alert.source_id == bindparam("source"),
    Alert.key.in_(bindparam("keys", expanding=True)),
    Alert.resolved_at.is_(None),
)
_NEWEST = (
    select(func.max(Alert.id))
    .where(
        Alert.source_id == bindparam("source"),
        Alert.key.in_(bindparam("keys", expanding=True)),
    )
    .group_by(Alert.key)
)
_LAST = select(Alert.key, Alert.starts_at, Alert.resolved_at, Alert.resolved_by).where(
    Alert.id.in_(_NEWEST)
)
_NEVER_FIRED = delete(Alert).where(
    Alert.source_id == bindparam("source"),
    Alert.key.in_(bindparam("keys", expanding=True)),
    Alert.times == 0,
)
_RECENT = (
    select(func.count())
    .select_from(Alert)
    .where(
        Alert.source_id == bindparam("source"),
        Alert.first_at > bindparam("since"),
        Alert.case_id.is_not(None),
    )
)
"""Built once: a storm asks them for every payload."""
_SORTS = {"at": Alert.first_at, "source": AlertSource.name, "title": Alert.title}


class SqlAlerts(SqlAlertCases):
    """The alert store over one connection."""

    def find_open(self, source_id: int, keys: Collection[str]) -> Mapping[str, AlertRecord]:
        """Unresolved alerts by key."""
        found: dict[str, AlertRecord] = {}
        for some in portions(keys):
            asked = {"source": source_id, "keys": some}
            found |= {row[2]: _alert(row) for row in self._connection.execute(_OPEN, asked)}
        return found

    def last_of(self, source_id: int, keys: Collection[str]) -> Mapping[str, Occurrence]:
        """Ids rise with time."""
        found: dict[str, Occurrence] = {}
        for some in portions(keys):
            asked = {"source": source_id, "keys": some}
            rows = self._connection.execute(_LAST, asked)
            found |= {row[0]: Occurrence(*row[1:]) for row in rows}
        return found

    def add(
        self,
        source_id: int,
        events: Sequence[AlertEvent],
        customers: Mapping[str, int],
        at: datetime,
    ) -> Sequence[AlertRecord]:
        """In one statement per portion; what was stored is then read back."""
        rows = [_row(source_id, event, customers, at) for event in events]
        if rows:
            self._connection.execute(insert(Alert), rows)
        stored = self.find_open(source_id, [event.key for event in events])
        return [stored[event.key] for event in events]

    def add_ended(self, source_id: int, events: Sequence[AlertEvent], at: datetime) -> None:
        """Whoever says every minute that all is well fills no table."""
        for some in portions(events):
            asked = {"source": source_id, "keys": [each.key for each in some]}
            self._connection.execute(_NEVER_FIRED, asked)
            ended = {"resolved_at": at, "times": 0}
            rows = [_row(source_id, each, {}, at) | ended for each in some]
            self._connection.execute(insert(Alert), rows)

    def repeated(self, events: Mapping[int, AlertEvent], at: datetime) -> None:
        """Alerts by id that were reported once more."""
        told = [
            {
                "alert_id": id_,
                "told": event.title,
                "told_class": event.effective_class,
                "told_at": at,
            }
            for id_, event in events.items()
        ]
        if told:
            self._connection.execute(_REPEATED, told)

    def resolve(self, alert_ids: Collection[int], by: str | None, at: datetime) -> None:
        """They are over, and nothing holds them back any more."""
        over = {"resolved_at": at, "resolved_by": by, "held_until": None}
        for some in portions(alert_ids):
            self._connection.execute(update(Alert).where(Alert.id.in_(some)).values(over))

    def hold(self, until: Mapping[int, datetime | None]) -> None:
        """Alerts by id that stay quiet until then."""
        if until:
            told = [{"alert_id": id_, "until": moment} for id_, moment in until.items()]
            self._connection.execute(_HOLD, told)

    def list_released(self, at: datetime, limit: int) -> Sequence[AlertRecord]:
        """Unresolved alerts whose maintenance is over or whose source was removed."""
        nobodys = AlertSource.removed_at.is_not(None)
        query = _ALERTS.where(or_(Alert.held_until <= at, nobodys), Alert.resolved_at.is_(None))
        rows = self._connection.execute(query.order_by(Alert.id).limit(limit))
        return [_alert(row) for row in rows]

    def count_since(self, source_id: int, since: datetime) -> int:
        """Those that are kept quiet are none."""
        asked = {"source": source_id, "since": since}
        counted: int = self._connection.execute(_RECENT, asked).scalar_one()
        return counted

    def put_into(self, case_id: int, alert_ids: Collection[int]) -> None:
        """From now on nothing holds them back."""
        values = {"case_id": case_id, "held_until": None}
        for some in portions(alert_ids):
            self._connection.execute(update(Alert).where(Alert.id.in_(some)).values(values))

    def find(self, alert_id: int) -> AlertRecord | None:
        """One alert."""
        row = self._connection.execute(_ALERTS.where(Alert.id == alert_id)).one_or_none()
        return _alert(row) if row is not None else None

    def page(self, query: ListQuery) -> Page[AlertRecord]:
        """Alerts by source, title or key."""
        wanted = _wanted(query)
        order = _SORTS.get(query.sort, Alert.first_at)
        sorts = [each.desc() if query.descending else each.asc() for each in (order, Alert.id)]
        found = _ALERTS.where(wanted).order_by(*sorts).limit(query.size).offset(query.offset)
        rows = self._connection.execute(found).all()
        counted = select(func.count(Alert.id)).join(AlertSource, AlertSource.id == Alert.source_id)
        total = self._connection.execute(counted.where(wanted)).scalar_one()
        return Page([_alert(row) for row in rows], total)


def _alert(row: Any) -> AlertRecord:
    id_, source, key, fault_class, spof, title, services, labels, *rest = row
    known = (id_, source, key, FaultClass(fault_class), spof, title)
    return AlertRecord(*known, words(services), json.loads(labels), *rest)


def _row(
    source_id: int, event: AlertEvent, customers: Mapping[str, int], at: datetime
) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "key": event.key,
        "fault_class": event.effective_class,
        "spof": event.spof,
        "title": event.title,
        "services": ",".join(event.services),
        "labels": json.dumps(dict(event.labels or {}), ensure_ascii=False),
        "customer_id": customers.get(event.customer or ""),
        "starts_at": event.starts_at,
        "first_at": at,
        "last_at": at,
        "times": 1,
    }


def _wanted(query: ListQuery) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = []
    if query.filters.get("state", "firing") == "firing":
        wanted.append(Alert.resolved_at.is_(None))
    if found := query.filters.get("class"):
        wanted.append(Alert.fault_class == found)
    if text := query.search:
        columns: tuple[Any, ...] = (Alert.title, Alert.key, AlertSource.name)
        wanted.append(or_(*[each.icontains(text, autoescape=True) for each in columns]))
    return and_(true(), *wanted)
