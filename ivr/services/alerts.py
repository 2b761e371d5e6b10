"""Alerts of monitoring systems: taken in whole payloads, each in one transaction.

Whoever sends is answered after the commit. The same key firing again is the same alert; resolved ends
it. A report that comes late, of an occurrence that is over, changes nothing. A source that is silent
for longer than agreed is an alert itself, which its next sign of life resolves.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.alerts.event import AlertEvent, AlertStatus, Reading, SourceKind
from ivr.errors import PikettError
from ivr.services.alert_cases import AlertCases
from ivr.services.alert_records import AlertRecord, Occurrence, SourceRecord
from ivr.services.heartbeats import SILENT
from ivr.services.ports import Observer
from ivr.services.stores import Storage, UnitOfWork

AT_ONCE = 1000
TURNS = 2
"""A storm of alerts must leave room for calls: so many payloads are stored at once."""
PATIENCE_SECONDS = 3
LATE = timedelta(seconds=45)
"""So long after its end a report of an occurrence may have been on its way. Less than the shortest
time in which Alertmanager tells of a group again: what it then says still fires, is not repeated for
hours."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a payload."""

    new: int = 0
    repeated: int = 0
    resolved: int = 0
    ignored: int = 0


class AlertsBusyError(PikettError):
    """Too many payloads at once; the sender tries again."""


class Alerts:
    """Takes payloads in, resolves by hand, and lets go what a maintenance window held back."""

    def __init__(self, storage: Storage, cases: AlertCases, observer: Observer) -> None:
        self._storage = storage
        self._cases = cases
        self._observer = observer
        self._turns = threading.BoundedSemaphore(TURNS)

    def take(self, source: SourceRecord, reading: Reading, at: datetime) -> Taken:
        """Store all of it; committed when this returns. Raises AlertsBusyError after a while."""
        if not self._turns.acquire(timeout=PATIENCE_SECONDS):
            raise AlertsBusyError("too many alerts at once; try again")
        try:
            return self._take(source, reading, at)
        finally:
            self._turns.release()

    def _take(self, source: SourceRecord, reading: Reading, at: datetime) -> Taken:
        with self._storage.writing() as uow:
            uow.alerts.sign_of_life(source.id, at)
            taken = self._take_in(uow, source, _named(source, reading.events), at)
        if reading.truncated:
            self._observer.trouble(
                "alerts_truncated", source=source.name, left_out=reading.truncated
            )
        return taken

    def resolve(self, alert_id: int, by: str, at: datetime) -> bool:
        """A person says it is over; False where it is not firing."""
        with self._storage.writing() as uow:
            alert = uow.alerts.find(alert_id)
            if alert is None or alert.resolved_at is not None:
                return False
            self._cases.resolve(uow, [alert], by, at)
        return True

    def collect(self, now: datetime) -> int:
        """What still fires after its maintenance rings now, and nothing of a source that is gone."""
        with self._storage.reading() as uow:
            released = uow.alerts.list_released(now, AT_ONCE)
        if released:
            self._release(now)
        return len(released)

    def _take_in(
        self,
        uow: UnitOfWork,
        source: SourceRecord,
        events: Mapping[str, AlertEvent],
        at: datetime,
    ) -> Taken:
        known = uow.alerts.find_open(source.id, [*events, SILENT])
        silence = [known[SILENT]] if SILENT in known else []
        firing = [each for each in events.values() if each.status is AlertStatus.FIRING]
        over = [
            known[key]
            for key, each in events.items()
            if each.status is AlertStatus.RESOLVED and key in known
        ]
        again = {known[each.key].id: each for each in firing if each.key in known}
        before = uow.alerts.last_of(source.id, [key for key in events if key not in known])
        new = [
            each
            for each in firing
            if each.key not in known and not _is_late(source, each, before.get(each.key), at)
        ]
        uow.alerts.repeated(again, at)
        self._cases.resolve(uow, [*over, *silence], None, at)
        stored = list(uow.alerts.add(source.id, new, _customers(uow, new), at))
        self._cases.judge(uow, source, [*stored, *self._worse(known, again)], at)
        self._note_unheard(uow, source, events, known, before, at)
        ignored = len(events) - len(new) - len(again) - len(over)
        return Taken(len(new), len(again), len(over), ignored)

    @staticmethod
    def _note_unheard(
        uow: UnitOfWork,
        source: SourceRecord,
        events: Mapping[str, AlertEvent],
        known: Mapping[str, AlertRecord],
        before: Mapping[str, Occurrence],
        at: datetime,
    ) -> None:
        """An end may overtake the report that it belongs to, which is late then."""
        over = [each for key, each in events.items() if key not in known]
        over = [each for each in over if each.status is AlertStatus.RESOLVED]
        unheard = [each for each in over if _is_unheard(source, each, before.get(each.key))]
        uow.alerts.add_ended(source.id, unheard, at)

    @staticmethod
    def _worse(
        known: Mapping[str, AlertRecord], again: Mapping[int, AlertEvent]
    ) -> list[AlertRecord]:
        """Alerts whose class has risen are judged anew."""
        return [
            replace(known[each.key], fault_class=each.effective_class, title=each.title)
            for each in again.values()
            if each.effective_class.rank > known[each.key].fault_class.rank
        ]

    def _release(self, now: datetime) -> None:
        with self._storage.writing() as uow:
            sources = {each.name: each for each in uow.alerts.list_sources()}
            by_source: dict[str, list[AlertRecord]] = {}
            for alert in uow.alerts.list_released(now, AT_ONCE):
                by_source.setdefault(alert.source, []).append(alert)
            for name, alerts in by_source.items():
                if name in sources:
                    self._cases.judge(uow, sources[name], alerts, now)
                else:
                    self._cases.abandon(uow, alerts, now)


def _named(source: SourceRecord, events: Sequence[AlertEvent]) -> Mapping[str, AlertEvent]:
    """By key, the last of each; a customer's own source speaks of that customer only."""
    return {
        each.key: replace(
            each,
            customer=source.customer or each.customer,
            services=tuple(dict.fromkeys((*each.services, *source.services))),
        )
        for each in events
    }


def _is_late(
    source: SourceRecord, event: AlertEvent, last: Occurrence | None, at: datetime
) -> bool:
    """Whether it tells of an occurrence that is over: a retry may arrive after the end.

    Zabbix gives every problem an id of its own: its end is final. Elsewhere the beginning tells, where
    it is known, but only for a while: the end may have been a mistake, as it may be of a person.
    """
    if last is None or last.resolved_at is None:
        return False
    is_soon = at - last.resolved_at < LATE
    if source.kind is SourceKind.ZABBIX:
        return is_soon or last.resolved_by is None
    if last.starts_at is None or event.starts_at is None:
        return False
    return is_soon and event.starts_at <= last.starts_at


def _is_unheard(source: SourceRecord, event: AlertEvent, last: Occurrence | None) -> bool:
    """Whether this is the end of an occurrence that was never reported, as far as that can be told.

    Alertmanager tells the end only of what it has told before.
    """
    if source.kind is SourceKind.ZABBIX:
        return last is None
    if source.kind is SourceKind.ALERTMANAGER or event.starts_at is None:
        return False
    return last is None or last.starts_at is None or event.starts_at > last.starts_at


def _customers(uow: UnitOfWork, events: Sequence[AlertEvent]) -> Mapping[str, int]:
    """Ids by number; one that nobody has is left out, and the alert is taken all the same."""
    numbers = {each.customer for each in events if each.customer}
    found = {number: uow.customers.find_credentials(number) for number in sorted(numbers)}
    return {number: each.customer_id for number, each in found.items() if each is not None}
