"""Zabbix, a media type of the type webhook; `docs/alerts/zabbix.js` is its script.

The script sends the macros as they are: `{EVENT.ID}` is the key and stays the same in the recovery
message, `{EVENT.VALUE}` is 1 for a problem and 0 for its recovery, `{EVENT.NSEVERITY}` goes from 0 to
5, `{EVENT.TAGSJSON}` is JSON within the text. A macro that Zabbix could not resolve stands there as
its own name, or as `*UNKNOWN*`.
"""

import re
from collections.abc import Mapping
from typing import Any

from ivr.alerts.documents import (
    MAX_TITLE,
    class_of,
    clean,
    is_yes,
    key_of,
    list_of,
    object_of,
    read_json,
    required,
    services_of,
)
from ivr.alerts.event import AlertEvent, AlertRefusedError, AlertStatus, Reading
from ivr.contracts.faults import FaultClass

WHERE = "the payload"
_STATUS = {"1": AlertStatus.FIRING, "0": AlertStatus.RESOLVED}
_CLASSES = {
    "1": FaultClass.MINOR,
    "2": FaultClass.MINOR,
    "3": FaultClass.MAIN,
    "4": FaultClass.MAJOR,
    "5": FaultClass.CRITICAL,
}
"""Information, warning, average, high, disaster; 0 is "not classified" and counts as main."""
_UNRESOLVED = re.compile(r"\{[A-Z0-9.]+\}|\*UNKNOWN\*")


def read(document: Any, source: str) -> Reading:
    """The event of a payload; raises AlertRefusedError."""
    payload = object_of(document, WHERE)
    value = _resolved(payload, "value")
    if value not in _STATUS:
        raise AlertRefusedError("value is neither 1 (problem) nor 0 (recovery)")
    tags = _tags(payload.get("tags"))
    event = AlertEvent(
        source=source,
        key=key_of(_resolved(payload, "event_id"), WHERE),
        status=_STATUS[value],
        fault_class=_class(payload, tags),
        spof=is_yes(tags.get("spof", "")),
        title=_title(payload),
        services=services_of(tags.get("service", "").split(","), WHERE),
        customer=tags.get("customer") or None,
        labels=tags | {"host": clean(payload.get("host"))},
    )
    return Reading((event,))


def _resolved(payload: Mapping[str, Any], name: str) -> str:
    text = required(payload, name, WHERE)
    if _UNRESOLVED.fullmatch(text):
        raise AlertRefusedError(f"{name} is {text}: Zabbix could not resolve this macro")
    return text


def _class(payload: Mapping[str, Any], tags: Mapping[str, str]) -> FaultClass:
    if "class" in tags:
        return class_of(tags["class"])
    return _CLASSES.get(clean(payload.get("severity")), FaultClass.MAIN)


def _title(payload: Mapping[str, Any]) -> str:
    host = clean(payload.get("host"))
    name = clean(payload.get("name"))
    return (f"{host}: {name}" if host and name else name or host or "Zabbix")[:MAX_TITLE]


def _tags(value: Any) -> dict[str, str]:
    """A list of tags, or the same as a text; several values of one tag are joined."""
    if isinstance(value, str):
        if not value.strip() or _UNRESOLVED.fullmatch(value.strip()):
            return {}
        value = read_json(value.encode("utf-8", "replace"))
    tags: dict[str, str] = {}
    for at, each in enumerate(list_of(value if value is not None else [], "tags")[:64]):
        entry = object_of(each, f"tags[{at}]")
        name, text = clean(entry.get("tag"), 100), clean(entry.get("value"))
        if name:
            tags[name] = f"{tags[name]},{text}" if name in tags else text
    return tags
