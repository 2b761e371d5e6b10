"""Alerts of monitoring systems: taken in whole payloads, each in one transaction.

Whoever sends is answered after the commit. The same key firing again is the same alert; resolved ends
it. A report that comes late, of an occurrence that is over, changes nothing. A source that is silent
for longer than agreed is an alert itself, which its next sign of life resolves.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.alerts.event import AlertEvent, AlertStatus, Reading, SourceKind
from ivr.errors import PikettError
from ivr.services.alert_cases import AlertCases
from ivr.services.alert_records import AlertRecord, SourceRecord
from ivr.services.heartbeats import SILENT
from ivr.services.ports import Observer
from ivr.services.stores import Storage, UnitOfWork

AT_ONCE = 1000
TURNS = 2
"""A storm of alerts must leave room for calls: so many payloads are stored at once."""
PATIENCE_SECONDS = 3


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
        """What still fires after its maintenance rings now."""
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
        new = self._not_late(uow, source, [each for each in firing if each.key not in known])
        uow.alerts.repeated(again, at)
        self._cases.resolve(uow, [*over, *silence], None, at)
        stored = list(uow.alerts.add(source.id, new, _customers(uow, new), at))
        self._cases.judge(uow, source, [*stored, *self._worse(known, again)], at)
        self._close_left(uow, known, again, at)
        ignored = len(events) - len(new) - len(again) - len(over)
        return Taken(len(new), len(again), len(over), ignored)

    @staticmethod
    def _not_late(
        uow: UnitOfWork, source: SourceRecord, events: Sequence[AlertEvent]
    ) -> list[AlertEvent]:
        """Without occurrences that are over: a retry may arrive after the end it belongs to."""
        before = uow.alerts.last_starts(source.id, [each.key for each in events])
        return [
            each
            for each in events
            if each.key not in before or _is_later(source, each, before[each.key])
        ]

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

    def _close_left(
        self,
        uow: UnitOfWork,
        known: Mapping[str, AlertRecord],
        again: Mapping[int, AlertEvent],
        at: datetime,
    ) -> None:
        """Cases that such an alert has left."""
        left = {each.case_id for each in self._worse(known, again) if each.case_id is not None}
        if left:
            self._cases.close_over(uow, left, at)

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
                    self._cases.resolve(uow, alerts, "source removed", now)


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


def _is_later(source: SourceRecord, event: AlertEvent, before: datetime | None) -> bool:
    """Zabbix gives every problem an id of its own; elsewhere the beginning tells, where it is known."""
    if source.kind is SourceKind.ZABBIX:
        return False
    return before is None or event.starts_at is None or event.starts_at > before


def _customers(uow: UnitOfWork, events: Sequence[AlertEvent]) -> Mapping[str, int]:
    """Ids by number; one that nobody has is left out, and the alert is taken all the same."""
    numbers = {each.customer for each in events if each.customer}
    found = {number: uow.customers.find_credentials(number) for number in sorted(numbers)}
    return {number: each.customer_id for number, each in found.items() if each is not None}
