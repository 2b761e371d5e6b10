"""Disturbances, whom they touch, and who waits to be told, in the database."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ivr.alerts.touching import Scope, ScopeKind
from ivr.services.disturbance_records import (
    DisturbanceRecord,
    NewDisturbance,
    NewInform,
    WaitingInform,
)
from ivr.storage.models import Disturbance, DisturbanceScope, InformMe, LocationService

_ASKED = (
    select(func.count(InformMe.id))
    .where(InformMe.disturbance_id == Disturbance.id, InformMe.rehearsal.is_(False))
    .correlate(Disturbance)
    .scalar_subquery()
)
_DISTURBANCES = select(
    Disturbance.id,
    Disturbance.title,
    Disturbance.texts,
    Disturbance.started_at,
    Disturbance.expected_at,
    Disturbance.ended_at,
    Disturbance.declared_by,
    Disturbance.case_id,
)


class SqlDisturbances:
    """The disturbance store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, disturbance: NewDisturbance, at: datetime) -> int:
        """Its id."""
        values = {
            "title": disturbance.title,
            "texts": json.dumps(dict(disturbance.texts), ensure_ascii=False),
            "started_at": disturbance.started_at,
            "expected_at": disturbance.expected_at,
            "declared_by": disturbance.declared_by,
            "case_id": disturbance.case_id,
            "created_at": at,
        }
        query = insert(Disturbance).values(values).returning(Disturbance.id)
        disturbance_id: int = self._connection.execute(query).scalar_one()
        self.widen(disturbance_id, disturbance.scopes)
        return disturbance_id

    def widen(self, disturbance_id: int, scopes: Collection[Scope]) -> None:
        """It touches these too; what it touches already is left."""
        known = self._scopes([disturbance_id])[disturbance_id]
        new = [each for each in dict.fromkeys(scopes) if each not in known]
        rows = [_scope(disturbance_id, each) for each in new]
        if rows:
            self._connection.execute(insert(DisturbanceScope), rows)

    def find(self, disturbance_id: int) -> DisturbanceRecord | None:
        """One of them."""
        found = self._read(_DISTURBANCES.where(Disturbance.id == disturbance_id))
        return found[0] if found else None

    def list_current(self, at: datetime) -> Sequence[DisturbanceRecord]:
        """The one statement that every call asks: most find nothing."""
        over = or_(Disturbance.ended_at.is_(None), Disturbance.ended_at > at)
        query = _DISTURBANCES.where(over, Disturbance.started_at <= at)
        newest = (Disturbance.started_at.desc(), Disturbance.id.desc())
        return self._read(query.order_by(*newest))

    def list_recent(self, limit: int) -> Sequence[DisturbanceRecord]:
        """With the number of those who wait."""
        query = _DISTURBANCES.add_columns(_ASKED).order_by(Disturbance.id.desc())
        return self._read(query.limit(limit))

    def list_shown(self, ended_since: datetime) -> Sequence[DisturbanceRecord]:
        """With the number of those who wait."""
        query = _DISTURBANCES.add_columns(_ASKED).order_by(Disturbance.id.desc())
        shown = or_(Disturbance.ended_at.is_(None), Disturbance.ended_at >= ended_since)
        return self._read(query.where(shown))

    def list_of_cases(self, case_ids: Collection[int]) -> Sequence[DisturbanceRecord]:
        """Those that began with one of these cases and are not over."""
        begun = (Disturbance.case_id.in_(list(case_ids)), Disturbance.ended_at.is_(None))
        return self._read(_DISTURBANCES.where(*begun).order_by(Disturbance.id))

    def change(
        self, disturbance_id: int, texts: Mapping[str, str], expected_at: datetime | None
    ) -> None:
        """Other words, another expected end."""
        spelled = json.dumps(dict(texts), ensure_ascii=False)
        self._change(disturbance_id, texts=spelled, expected_at=expected_at)

    def end(self, disturbance_id: int, at: datetime) -> None:
        """It is over since then."""
        self._change(disturbance_id, ended_at=at)

    def move(self, case_ids: Collection[int], into: int) -> None:
        """What began with these cases ends with another."""
        query = update(Disturbance).where(Disturbance.case_id.in_(list(case_ids)))
        self._connection.execute(query.values(case_id=into))

    def services_of(self, location_ids: Collection[int]) -> frozenset[str]:
        """What these locations depend on."""
        query = select(LocationService.service)
        query = query.where(LocationService.location_id.in_(list(location_ids)))
        return frozenset(self._connection.execute(query).scalars())

    def attach(self, location_id: int, service: str) -> None:
        """A location depends on a service; harmless when told twice."""
        if service not in self.services_of([location_id]):
            row = {"location_id": location_id, "service": service}
            self._connection.execute(insert(LocationService), row)

    def detach(self, location_id: int, service: str) -> bool:
        """False where it did not."""
        query = delete(LocationService).where(
            LocationService.location_id == location_id, LocationService.service == service
        )
        return self._connection.execute(query).rowcount == 1

    def list_attached(self, location_ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
        """Services by location."""
        query = (
            select(LocationService.location_id, LocationService.service)
            .where(LocationService.location_id.in_(list(location_ids)))
            .order_by(LocationService.service)
        )
        found: dict[int, tuple[str, ...]] = {}
        for location_id, service in self._connection.execute(query):
            found[location_id] = (*found.get(location_id, ()), service)
        return found

    def is_attached(self, services: Collection[str]) -> bool:
        """Whether any location depends on one of these."""
        query = select(LocationService.location_id)
        query = query.where(LocationService.service.in_(list(services))).limit(1)
        return self._connection.execute(query).first() is not None

    def ask(self, inform: NewInform) -> None:
        """The first of a call stands."""
        values = {name: getattr(inform, name) for name in NewInform.__dataclass_fields__}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(InformMe), values)
        except IntegrityError:
            return

    def list_to_inform(self, at: datetime, limit: int) -> Sequence[WaitingInform]:
        """Those whose disturbance is over and who were not told yet."""
        query = (
            select(
                InformMe.id,
                InformMe.number,
                InformMe.email,
                InformMe.language,
                InformMe.rehearsal,
                Disturbance.started_at,
                Disturbance.ended_at,
            )
            .join(Disturbance, Disturbance.id == InformMe.disturbance_id)
            .where(InformMe.informed_at.is_(None), Disturbance.ended_at <= at)
            .order_by(InformMe.id)
            .limit(limit)
        )
        rows: Iterable[Sequence[Any]] = self._connection.execute(query)
        return [WaitingInform(*row) for row in rows]

    def informed(self, inform_ids: Collection[int], at: datetime) -> None:
        """They were told."""
        query = update(InformMe).where(InformMe.id.in_(list(inform_ids)))
        self._connection.execute(query.values(informed_at=at))

    def _read(self, query: Any) -> list[DisturbanceRecord]:
        rows = self._connection.execute(query).all()
        scopes = self._scopes([row[0] for row in rows]) if rows else {}
        return [
            DisturbanceRecord(row[0], row[1], json.loads(row[2]), tuple(scopes[row[0]]), *row[3:])
            for row in rows
        ]

    def _scopes(self, ids: Collection[int]) -> Mapping[int, list[Scope]]:
        query = (
            select(DisturbanceScope.disturbance_id, DisturbanceScope.kind, DisturbanceScope.value)
            .where(DisturbanceScope.disturbance_id.in_(list(ids)))
            .order_by(DisturbanceScope.kind, DisturbanceScope.value)
        )
        found: dict[int, list[Scope]] = defaultdict(list)
        for disturbance_id, kind, value in self._connection.execute(query):
            found[disturbance_id].append(Scope(ScopeKind(kind), value))
        return found

    def _change(self, disturbance_id: int, **values: Any) -> None:
        query = update(Disturbance).where(Disturbance.id == disturbance_id)
        self._connection.execute(query.values(values))


def _scope(disturbance_id: int, scope: Scope) -> dict[str, Any]:
    return {"disturbance_id": disturbance_id, "kind": scope.kind, "value": scope.value}
