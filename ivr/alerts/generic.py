"""JSON of our own for every other source; `docs/alerts/generic.schema.json` is its schema.

One alert as an object, or several under `alerts`.
"""

from collections.abc import Mapping
from typing import Any

from ivr.alerts.documents import (
    MAX_TITLE,
    clean,
    key_of,
    labels_of,
    list_of,
    moment_of,
    object_of,
    required,
    services_of,
    status_of,
)
from ivr.alerts.event import AlertEvent, AlertRefusedError, AlertStatus, Reading
from ivr.contracts.faults import FaultClass

FIELDS = frozenset(
    {"key", "status", "title", "class", "spof", "services", "starts_at", "customer", "labels"}
)


def read(document: Any, source: str) -> Reading:
    """The alerts of a payload; raises AlertRefusedError."""
    payload = object_of(document, "the payload")
    if "alerts" not in payload:
        return Reading((_event(payload, source, "the alert"),))
    entries = list_of(payload["alerts"], "alerts")
    return Reading(
        tuple(
            _event(object_of(entry, f"alerts[{at}]"), source, f"alerts[{at}]")
            for at, entry in enumerate(entries)
        )
    )


def _event(alert: Mapping[str, Any], source: str, where: str) -> AlertEvent:
    if unknown := sorted(set(alert) - FIELDS):
        raise AlertRefusedError(f"{where} has an unknown field {clean(unknown[0], 40)!r}")
    status = status_of(alert.get("status", AlertStatus.FIRING), where)
    key = required(alert, "key", where)
    title = clean(alert.get("title"), MAX_TITLE)
    if status is AlertStatus.FIRING and not title:
        raise AlertRefusedError(f"{where} has no title")
    return AlertEvent(
        source=source,
        key=key_of(key, where),
        status=status,
        fault_class=_class(alert.get("class", FaultClass.MAIN), where),
        spof=_flag(alert.get("spof", False), where),
        title=title or key[:MAX_TITLE],
        services=services_of(_texts(alert.get("services", []), f"{where}.services"), where),
        starts_at=moment_of(alert.get("starts_at"), where),
        customer=clean(alert.get("customer"), 40) or None,
        labels=labels_of(alert.get("labels"), f"{where}.labels"),
    )


def _class(value: Any, where: str) -> FaultClass:
    try:
        return FaultClass(clean(value))
    except ValueError:
        known = ", ".join(FaultClass)
        raise AlertRefusedError(f"{where}: class is none of {known}") from None


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise AlertRefusedError(f"{where}: spof is neither true nor false")
    return value


def _texts(value: Any, where: str) -> list[str]:
    return [clean(each) for each in list_of(value, where)]
