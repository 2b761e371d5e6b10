"""From the bytes a source has sent to alerts."""

from collections.abc import Callable, Mapping
from typing import Any

from ivr.alerts import alertmanager, generic, zabbix
from ivr.alerts.documents import read_json
from ivr.alerts.event import Reading, SourceKind

PARSERS: Mapping[SourceKind, Callable[[Any, str], Reading]] = {
    SourceKind.ALERTMANAGER: alertmanager.read,
    SourceKind.ZABBIX: zabbix.read,
    SourceKind.GENERIC: generic.read,
}


def read_alerts(kind: SourceKind, body: bytes, source: str) -> Reading:
    """What the body says; raises AlertRefusedError with words for whoever wrote it."""
    return PARSERS[kind](read_json(body), source)
