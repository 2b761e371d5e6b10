"""Sources that fell silent: a monitoring system that is out of order reports nothing any more.

A source silent for longer than agreed is an alert itself; its next sign of life resolves it.
"""

from datetime import datetime

from ivr.alerts.documents import RESERVED
from ivr.alerts.event import AlertEvent, AlertStatus
from ivr.contracts.faults import FaultClass
from ivr.services.alert_cases import AlertCases
from ivr.services.alert_records import SourceRecord
from ivr.services.stores import Storage, UnitOfWork

SILENT = f"{RESERVED}silent"
"""The key of such an alert; no source can use it."""


class Heartbeats:
    """Looks for silent sources; part of the worker's round."""

    def __init__(self, storage: Storage, cases: AlertCases) -> None:
        self._storage = storage
        self._cases = cases

    def collect(self, now: datetime) -> int:
        """How many sources have fallen silent since the last round."""
        with self._storage.reading() as uow:
            silent = [each for each in uow.alerts.list_silent(now) if not _is_raised(uow, each)]
        return sum(self._raise(each, now) for each in silent)

    def _raise(self, source: SourceRecord, now: datetime) -> bool:
        """False where it was heard, removed or raised by another worker meanwhile."""
        with self._storage.writing() as uow:
            uow.alerts.lock_source(source.id)
            found = uow.alerts.find_source(source.name)
            if found is None or found.seen_at != source.seen_at or _is_raised(uow, source):
                return False
            stored = uow.alerts.add(source.id, [_silence(found)], _customer(found), now)
            self._cases.judge(uow, found, stored, now)
        return True


def _silence(source: SourceRecord) -> AlertEvent:
    title = f"{source.name}: no sign of life for {source.heartbeat_seconds} seconds"
    return AlertEvent(
        source=source.name,
        key=SILENT,
        status=AlertStatus.FIRING,
        fault_class=FaultClass.MAJOR,
        spof=False,
        title=title,
        customer=source.customer,
    )


def _customer(source: SourceRecord) -> dict[str, int]:
    """A customer's own monitoring is his."""
    if source.customer is None or source.customer_id is None:
        return {}
    return {source.customer: source.customer_id}


def _is_raised(uow: UnitOfWork, source: SourceRecord) -> bool:
    return SILENT in uow.alerts.find_open(source.id, [SILENT])
