"""Reading JSON that a stranger may have written.

The depth is counted before anything is parsed: a parser that calls itself would end the process at
some thousand levels. Texts lose what no page and no database can hold.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ivr.alerts.event import AlertRefusedError, AlertStatus
from ivr.contracts.faults import FaultClass

MAX_DEPTH = 16
MAX_KEY = 200
MAX_TITLE = 200
MAX_TEXT = 500
MAX_LABELS = 64
MAX_SERVICES = 20
EARLIEST, LATEST = 1970, 2200
"""Years that mean an instant; Go writes the year 1 for "unknown"."""
RESERVED = "pikett:"
"""Keys of our own, such as that of a source that fell silent, begin with it."""

_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_CLASSES = {
    "minor": FaultClass.MINOR,
    "info": FaultClass.MINOR,
    "information": FaultClass.MINOR,
    "none": FaultClass.MINOR,
    "low": FaultClass.MINOR,
    "main": FaultClass.MAIN,
    "warning": FaultClass.MAIN,
    "average": FaultClass.MAIN,
    "major": FaultClass.MAJOR,
    "error": FaultClass.MAJOR,
    "high": FaultClass.MAJOR,
    "page": FaultClass.MAJOR,
    "critical": FaultClass.CRITICAL,
    "disaster": FaultClass.CRITICAL,
    "emergency": FaultClass.CRITICAL,
}
_YES = frozenset({"true", "yes", "1"})


def read_json(body: bytes) -> Any:
    """The document; raises AlertRefusedError with words for whatever is none."""
    _refuse_deep(body)
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise AlertRefusedError("the body is not JSON in UTF-8") from None


def _refuse_deep(body: bytes) -> None:
    """Brackets within texts are none."""
    level = 0
    for bracket in _BRACKETS.finditer(_TEXTS.sub(b"", body)):
        level += 1 if bracket[0] in b"[{" else -1
        if level > MAX_DEPTH:
            raise AlertRefusedError(f"the JSON is nested more than {MAX_DEPTH} deep")


def _refuse_constant(word: str) -> None:
    """NaN and the infinities, which only Python reads."""
    raise ValueError(word)


def object_of(value: Any, where: str) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise AlertRefusedError(f"{where} is not an object")
    return value


def list_of(value: Any, where: str) -> list[Any]:
    """A JSON array."""
    if not isinstance(value, list):
        raise AlertRefusedError(f"{where} is not an array")
    return value


def clean(value: Any, longest: int = MAX_TEXT) -> str:
    """One line of printable text; figures and truths as text; nothing for everything else."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        return ""
    line = " ".join(str(value)[: 4 * longest].split())
    return "".join(each for each in line if each.isprintable())[:longest]


def required(document: Mapping[str, Any], name: str, where: str) -> str:
    """A text that must be there."""
    text = clean(document.get(name))
    if not text:
        raise AlertRefusedError(f"{where} has no {name}")
    return text


def key_of(text: str, where: str) -> str:
    """The source's own key; one too long to keep is kept as its digest."""
    if text.startswith(RESERVED):
        raise AlertRefusedError(f"{where}: a key must not begin with {RESERVED}")
    if len(text) <= MAX_KEY:
        return text
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def status_of(value: Any, where: str) -> AlertStatus:
    """`firing` or `resolved`."""
    try:
        return AlertStatus(clean(value))
    except ValueError:
        raise AlertRefusedError(f"{where}: status is neither firing nor resolved") from None


def labels_of(value: Any, where: str) -> dict[str, str]:
    """Texts by name, the first of them if there are too many."""
    named = object_of(value, where) if value is not None else {}
    cleaned = {clean(name, 100): clean(text) for name, text in list(named.items())[:MAX_LABELS]}
    return {name: text for name, text in cleaned.items() if name}


def class_of(word: str) -> FaultClass:
    """What a severity means here; a word that nobody knows is a main error: it must not get lost."""
    return _CLASSES.get(word.lower(), FaultClass.MAIN)


def is_yes(word: str) -> bool:
    """True for yes."""
    return word.lower() in _YES


def services_of(words: list[str], where: str) -> tuple[str, ...]:
    """Service keys in small letters, each once."""
    keys = [word.strip().lower() for word in words if word.strip()]
    for key in keys:
        if not _SERVICE.fullmatch(key):
            raise AlertRefusedError(f"{where}: {key[:60]!r} is not a service key")
    return tuple(dict.fromkeys(keys))[:MAX_SERVICES]


def moment_of(value: Any, where: str) -> datetime | None:
    """An instant of RFC 3339 in UTC; None where the source knows none."""
    text = clean(value, 40)
    if not text:
        return None
    moment = _parsed(text)
    if moment is None or moment.tzinfo is None:
        raise AlertRefusedError(f"{where}: {text!r} is not an instant with its offset")
    return moment.astimezone(UTC) if EARLIEST < moment.year < LATEST else None


def _parsed(text: str) -> datetime | None:
    """Go writes nanoseconds."""
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return None
