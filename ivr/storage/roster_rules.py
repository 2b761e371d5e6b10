"""The rules of the roster in the database, and the rows that are published of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from ivr.callflow.facts import AttemptResult
from ivr.roster.duty import Shift, Source
from ivr.roster.hunt import Level
from ivr.roster.plan import Absence, Entry, Member, Override, Plan, Rotation
from ivr.roster.walltime import Week
from ivr.storage.models import (
    Call,
    ContactMethod,
    RingAttempt,
    RosterAbsence,
    RosterAlarm,
    RosterEntry,
    RosterOverride,
    RosterParticipant,
    RosterRotation,
    Technician,
)
from ivr.storage.roster import ENTRIES, shifts_of

PUBLISHING = 0x50554253
"""The name of the advisory lock; another number than those of reservations and logins."""

_LOCK = select(func.pg_advisory_xact_lock(PUBLISHING))
_TABLES: Mapping[str, Any] = {
    "rotation": RosterRotation,
    "override": RosterOverride,
    "absence": RosterAbsence,
}
_RULE = (name for name in Rotation.__dataclass_fields__ if name != "participants")
_ROTATION = [getattr(RosterRotation, name) for name in _RULE]
_OVERRIDE = [getattr(RosterOverride, name) for name in Override.__dataclass_fields__]
_ABSENCE = [getattr(RosterAbsence, name) for name in Absence.__dataclass_fields__]
_REMEMBERED = timedelta(days=30)
"""How long a telephone that failed and was not rung again is told of."""
_MADE = RosterEntry.source != Source.HAND.value
_BY_HAND = RosterEntry.source == Source.HAND.value
_IS_RUNG = and_(
    ContactMethod.technician_id == RingAttempt.technician_id,
    ContactMethod.address == RingAttempt.number,
    ContactMethod.kind == "phone",
)


class SqlRosterRules:
    """The store of rules over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """A SQLite writer already has the database for itself."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK)

    def plan(self, since: datetime) -> Plan:
        """All rules that still count."""
        overrides = select(*_OVERRIDE).where(RosterOverride.ends_at > since)
        absences = select(*_ABSENCE).where(RosterAbsence.ends_at > since)
        fixed = _entries().where(RosterEntry.ends_at > since, _BY_HAND)
        execute = self._connection.execute
        return Plan(
            members=self._members(since),
            rotations=self._rotations(),
            overrides=tuple(map(_override, execute(overrides.order_by(RosterOverride.id)))),
            absences=tuple(
                Absence(*row) for row in execute(absences.order_by(RosterAbsence.starts_at))
            ),
            fixed=tuple(shifts_of(execute(fixed).all())),
        )

    def _members(self, since: datetime) -> Mapping[int, Member]:
        checked = select(ContactMethod.technician_id).where(
            ContactMethod.kind == "phone", ContactMethod.verified_at.is_not(None)
        )
        verified = set(self._connection.execute(checked).scalars())
        failed = self._failed(since - _REMEMBERED)
        query = select(Technician.id, Technician.name, Technician.disabled_at)
        return {
            key: Member(key, name, key in verified, disabled_at is not None, key in failed)
            for key, name, disabled_at in self._connection.execute(query.order_by(Technician.id))
        }

    def _failed(self, since: datetime) -> set[int]:
        """Whose telephone failed at the last try, and nobody has said since that it rings."""
        tried = (
            select(Technician.id, RingAttempt.number, RingAttempt.result)
            .select_from(RingAttempt)
            .join(Call, Call.id == RingAttempt.call_id)
            .join(Technician, Technician.id == RingAttempt.technician_id)
            .outerjoin(ContactMethod, _IS_RUNG)
            .where(
                RingAttempt.engaged_until >= since,
                RingAttempt.ended_at.is_not(None),
                Call.rehearsal.is_(False),
                or_(ContactMethod.id.is_not(None), Technician.number == RingAttempt.number),
                or_(
                    ContactMethod.verified_at.is_(None),
                    ContactMethod.verified_at < RingAttempt.started_at,
                ),
            )
            .order_by(RingAttempt.started_at, RingAttempt.position)
        )
        newest = {(key, number): told for key, number, told in self._connection.execute(tried)}
        return {key for (key, _), told in newest.items() if told == AttemptResult.FAILED}

    def _rotations(self) -> tuple[Rotation, ...]:
        query = select(RosterParticipant.rotation_id, RosterParticipant.technician_id)
        order = (RosterParticipant.rotation_id, RosterParticipant.position)
        people: dict[int, list[int]] = {}
        for rotation_id, technician_id in self._connection.execute(query.order_by(*order)):
            people.setdefault(rotation_id, []).append(technician_id)
        rows = self._connection.execute(select(*_ROTATION).order_by(RosterRotation.id))
        return tuple(_rotation(row._asdict(), people.get(row.id, [])) for row in rows)

    def add_rotation(self, rotation: Rotation) -> int:
        """With its participants, in order."""
        values = _columns(rotation) | {"hours": _hours_text(rotation.hours)}
        people = values.pop("participants")
        query = insert(RosterRotation).returning(RosterRotation.id)
        added: int = self._connection.execute(query, values).scalar_one()
        rows = [
            {"rotation_id": added, "position": position, "technician_id": technician_id}
            for position, technician_id in enumerate(people)
        ]
        self._connection.execute(insert(RosterParticipant), rows)
        return added

    def add_override(self, override: Override) -> int:
        """Newer ones have higher ids."""
        query = insert(RosterOverride).returning(RosterOverride.id)
        added: int = self._connection.execute(query, _columns(override)).scalar_one()
        return added

    def add_absence(self, absence: Absence) -> int:
        """Somebody is away."""
        query = insert(RosterAbsence).returning(RosterAbsence.id)
        added: int = self._connection.execute(query, _columns(absence)).scalar_one()
        return added

    def change_absence(self, absence: Absence) -> None:
        """Its span and note."""
        query = update(RosterAbsence).where(RosterAbsence.id == absence.id)
        self._connection.execute(query.values(**_columns(absence)))

    def remove(self, kind: str, rule_id: int) -> None:
        """A rule goes; what was published of it in the past stays."""
        if kind == "rotation":
            people = delete(RosterParticipant).where(RosterParticipant.rotation_id == rule_id)
            self._connection.execute(people)
        table = _TABLES[kind]
        self._connection.execute(delete(table).where(table.id == rule_id))

    def publish(self, entries: Sequence[Entry], now: datetime) -> int:
        """A duty that runs goes on in its row as long as it is the same person's."""
        begun = self._connection.execute(
            select(*ENTRIES)
            .outerjoin_from(RosterEntry, Technician, RosterEntry.technician_id == Technician.id)
            .where(RosterEntry.starts_at < now, RosterEntry.ends_at > now, _MADE)
        ).all()
        fresh = list(entries)
        for row in begun:
            same = [each for each in fresh if each.starts_at <= now and _key(each) == _row_key(row)]
            self._end(row.id, same[0].ends_at if same else now)
            if same:
                fresh.remove(same[0])
        self._connection.execute(delete(RosterEntry).where(RosterEntry.starts_at >= now, _MADE))
        rows = [asdict(replace(each, starts_at=max(each.starts_at, now))) for each in fresh]
        if rows:
            self._connection.execute(insert(RosterEntry), rows)
        return len(rows)

    def _end(self, entry_id: int, at: datetime) -> None:
        query = update(RosterEntry).where(RosterEntry.id == entry_id, RosterEntry.ends_at != at)
        self._connection.execute(query.values(ends_at=at))

    def list_published(self, starts_at: datetime, ends_at: datetime) -> Sequence[Shift]:
        """As every call reads them."""
        query = _entries().where(RosterEntry.starts_at < ends_at, RosterEntry.ends_at > starts_at)
        return shifts_of(self._connection.execute(query.order_by(RosterEntry.starts_at)).all())

    def call_outs(self, since: datetime) -> Mapping[int, int]:
        """Real calls only; the index knows when a technician was engaged."""
        query = select(RingAttempt.technician_id, func.count()).join(
            Call, Call.id == RingAttempt.call_id
        )
        real = query.where(
            RingAttempt.technician_id.in_(select(Technician.id)),
            RingAttempt.engaged_until >= since,
            RingAttempt.accepted_at >= since,
            Call.rehearsal.is_(False),
        )
        rows = self._connection.execute(real.group_by(RingAttempt.technician_id))
        return {technician_id: count for technician_id, count in rows if technician_id is not None}

    def alarmed(self, day: date) -> frozenset[str]:
        """Problems that were told of."""
        query = select(RosterAlarm.key).where(RosterAlarm.day == day)
        return frozenset(self._connection.execute(query).scalars())

    def note_alarmed(self, keys: Sequence[str], day: date) -> None:
        """Older days are forgotten."""
        self._connection.execute(delete(RosterAlarm).where(RosterAlarm.day < day))
        if keys:
            rows = [{"key": key, "day": day} for key in keys]
            self._connection.execute(insert(RosterAlarm), rows)


def _entries() -> Any:
    join = RosterEntry.technician_id == Technician.id
    return select(*ENTRIES).outerjoin_from(RosterEntry, Technician, join)


def _columns(rule: Any) -> dict[str, Any]:
    return {key: value for key, value in asdict(rule).items() if key != "id"}


def _key(entry: Entry) -> tuple[Any, ...]:
    return entry.technician_id, entry.level, entry.rank, entry.source


def _row_key(row: Any) -> tuple[Any, ...]:
    return row.technician_id, Level(row.level), row.rank, Source(row.source)


def _override(row: Sequence[Any]) -> Override:
    key, level, *rest = row
    return Override(key, Level(level), *rest)


def _rotation(row: Mapping[str, Any], people: Sequence[int]) -> Rotation:
    values = dict(row) | {"level": Level(row["level"]), "hours": _hours(row["hours"])}
    return Rotation(participants=tuple(people), **values)


def _hours_text(hours: Week | None) -> str | None:
    if hours is None:
        return None
    return json.dumps([[[f"{end:%H:%M}" for end in window] for window in day] for day in hours])


def _hours(text: str | None) -> Week | None:
    if text is None:
        return None
    return tuple(
        tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in day)
        for day in json.loads(text)
    )
