"""Prometheus Alertmanager, webhook version 4.

One payload holds the alerts of a group. An alert is known by its `fingerprint`, the digest of its
labels; senders of the same format that give none are known by their labels. Read are the labels
`severity` (or `class`), `spof`, `service`, `customer` and the annotation `summary`. `Watchdog`, the
alert that always fires, is a sign of life and nothing else.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ivr.alerts.documents import (
    MAX_TITLE,
    class_of,
    clean,
    is_yes,
    key_of,
    labels_of,
    list_of,
    moment_of,
    object_of,
    services_of,
    status_of,
)
from ivr.alerts.event import AlertEvent, AlertRefusedError, Reading

VERSION = "4"
WATCHDOG = "Watchdog"
MAX_TRUNCATED = 1_000_000


def read(document: Any, source: str) -> Reading:
    """The alerts of a payload; raises AlertRefusedError."""
    payload = object_of(document, "the payload")
    version = clean(payload.get("version", VERSION))
    if version != VERSION:
        raise AlertRefusedError(f"version {version!r} is unknown; known is {VERSION}")
    if "alerts" not in payload:
        raise AlertRefusedError("the payload has no alerts")
    entries = enumerate(list_of(payload["alerts"], "alerts"))
    events = [
        _event(object_of(entry, f"alerts[{at}]"), source, f"alerts[{at}]") for at, entry in entries
    ]
    return Reading(tuple(each for each in events if each is not None), _truncated(payload))


def _event(alert: Mapping[str, Any], source: str, where: str) -> AlertEvent | None:
    labels = labels_of(alert.get("labels"), f"{where}.labels")
    if not labels:
        raise AlertRefusedError(f"{where} has no labels")
    status = status_of(alert.get("status"), where)
    if labels.get("alertname") == WATCHDOG:
        return None
    return AlertEvent(
        source=source,
        key=key_of(clean(alert.get("fingerprint")) or _digest(labels), where),
        status=status,
        fault_class=class_of(labels.get("class") or labels.get("severity", "")),
        spof=is_yes(labels.get("spof", "")),
        title=_title(labels, labels_of(alert.get("annotations"), f"{where}.annotations")),
        services=services_of(labels.get("service", "").split(","), where),
        starts_at=moment_of(alert.get("startsAt"), where),
        customer=labels.get("customer") or None,
        labels=labels,
    )


def _title(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    name = labels.get("alertname", "")
    instance = labels.get("instance", "")
    named = " ".join(each for each in (name, instance) if each)
    return (annotations.get("summary") or named or next(iter(labels.values())))[:MAX_TITLE]


def _digest(labels: Mapping[str, str]) -> str:
    spelled = json.dumps(labels, sort_keys=True, ensure_ascii=False)
    return "labels:" + hashlib.sha256(spelled.encode()).hexdigest()[:32]


def _truncated(payload: Mapping[str, Any]) -> int:
    """How many alerts the sender left out (its setting `max_alerts`)."""
    left_out = payload.get("truncatedAlerts", 0)
    if isinstance(left_out, bool) or not isinstance(left_out, int):
        return 0
    return min(max(left_out, 0), MAX_TRUNCATED)
