"""Sessions, events and verbs as JSON and back.

Every dataclass of the flows is written as an object with its class name under `type`; fields that
hold their default are left out, so that stored calls stay small and a field added later with a
default can still be read. Reading follows the type hints, so enumerations, instants and tuples come
back as what they were.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any

from ivr.callflow import (
    alert_session,
    called_back,
    customer_leg,
    disturbed,
    events,
    facts,
    follow_up,
    prompts,
    readiness,
    repeated,
    support_session,
    technician_leg,
    verbs,
)
from ivr.contracts import conditions, money, plans, windows
from ivr.errors import MalformedRequestError
from ivr.roster import hunt

_MODULES = (
    alert_session,
    called_back,
    customer_leg,
    disturbed,
    events,
    facts,
    follow_up,
    prompts,
    readiness,
    repeated,
    support_session,
    technician_leg,
    verbs,
    conditions,
    money,
    plans,
    windows,
    hunt,
)

_FROM_TEXT: dict[Any, Callable[[Any], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
}

Plain = Any
"""What the json module reads and writes."""


def to_json(value: object) -> str:
    """Compact JSON text of a dataclass, or of a list of them."""
    return json.dumps(to_plain(value), separators=(",", ":"), ensure_ascii=False)


def from_json(text: str) -> Any:
    """The value that `to_json` wrote; raises MalformedRequestError for anything else."""
    try:
        return from_plain(json.loads(text))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise MalformedRequestError(f"stored call state cannot be read: {error!r}") from error


def to_plain(value: object) -> Plain:
    """`value` as dicts, lists, strings and numbers."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return _object_to_plain(value)
    return value


def _object_to_plain(value: Any) -> dict[str, Plain]:
    plain: dict[str, Plain] = {"type": type(value).__name__}
    for name, default in _fields(value.__class__):
        held = getattr(value, name)
        if held is not default and held != default:
            plain[name] = to_plain(held)
    return plain


def from_plain(plain: Plain) -> Any:
    """The value that `to_plain` described."""
    if isinstance(plain, list):
        return tuple(from_plain(item) for item in plain)
    return _object_from_plain(plain)


def _object_from_plain(plain: dict[str, Plain]) -> object:
    cls = _classes()[plain["type"]]
    readers = _readers(cls)
    return cls(**{name: readers[name](held) for name, held in plain.items() if name != "type"})


@cache
def _fields(cls: Any) -> tuple[tuple[str, object], ...]:
    """Field names with their defaults; a field without one gets a value nothing equals."""
    return tuple((field.name, field.default) for field in dataclasses.fields(cls))


@cache
def _classes() -> dict[str, type]:
    return {
        name: cls
        for module in _MODULES
        for name, cls in vars(module).items()
        if isinstance(cls, type) and dataclasses.is_dataclass(cls)
    }


@cache
def _readers(cls: type) -> dict[str, Callable[[Plain], Any]]:
    return {name: _reader(hint) for name, hint in typing.get_type_hints(cls).items()}


def _reader(hint: Any) -> Callable[[Plain], Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _union_reader(arguments)
    if origin is tuple:
        return _tuple_reader(arguments)
    if hint in _FROM_TEXT:
        return _FROM_TEXT[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if dataclasses.is_dataclass(hint):
        return _object_from_plain
    return _as_is


def _union_reader(arguments: Iterable[Any]) -> Callable[[Plain], Any]:
    """Optional values and unions of dataclasses, which carry their type themselves."""
    present = [argument for argument in arguments if argument is not types.NoneType]
    read = _reader(present[0])
    return lambda plain: None if plain is None else read(plain)


def _tuple_reader(arguments: tuple[Any, ...]) -> Callable[[Plain], Any]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _reader(arguments[0])
        return lambda plain: tuple(item(entry) for entry in plain)
    items = [_reader(argument) for argument in arguments]
    return lambda plain: tuple(read(entry) for read, entry in zip(items, plain, strict=True))


def _as_is(plain: Plain) -> Any:
    return plain
