"""What is stored of a call is what was: every event, verb and session survives its way through JSON."""

import dataclasses
import json
import types
import typing
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.callflow import alert_samples, called_back, events, readiness_samples, samples, verbs
from ivr.callflow.alert_call import ALERT_CALL
from ivr.callflow.alert_session import AlertSession
from ivr.callflow.codec import from_json, to_json
from ivr.callflow.events import DialEnded, DialOutcome, Event
from ivr.callflow.follow_up import FOLLOW_UP
from ivr.callflow.prompts import Digits, Language, Moment, PromptKey, prompt
from ivr.callflow.readiness import READINESS_CALL
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.support_session import SupportSession
from ivr.callflow.technician_leg import TECHNICIAN_LEG, LegSession
from ivr.callflow.verbs import Gather, Verb
from ivr.callflow.walk import walk
from ivr.contracts.money import CURRENCIES, Money
from ivr.errors import MalformedRequestError

STORED = [
    cls
    for module, base in ((events, Event), (called_back, Event), (verbs, Verb))
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, base) and cls is not base
] + [SupportSession, LegSession, AlertSession]
EXAMPLES = settings(max_examples=40, deadline=None)
PLAIN = {
    str: st.text(max_size=12),
    int: st.integers(-(2**40), 2**40),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    types.NoneType: st.none(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    Money: st.builds(Money, st.decimals(-(10**6), 10**6, places=2), st.sampled_from(CURRENCIES)),
    datetime: st.datetimes(datetime(1999, 1, 1), datetime(2101, 1, 1), timezones=st.just(UTC)),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Everything a field of this type may hold; instants are aware."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return st.one_of([values_of(argument) for argument in arguments])
    if typing.get_origin(hint) is tuple:
        if arguments[-1] is Ellipsis:
            return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
        return st.tuples(*[values_of(argument) for argument in arguments])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return PLAIN[hint] if hint in PLAIN else instances_of(hint)


def instances_of(cls: Any) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    names = [field.name for field in dataclasses.fields(cls)]
    return st.builds(
        cls, **{name: st.deferred(lambda h=hints[name]: values_of(h)) for name in names}
    )


@pytest.mark.parametrize("cls", STORED, ids=lambda cls: cls.__name__)
def test_whatever_its_fields_hold_comes_back_as_it_was(cls: Any) -> None:
    @EXAMPLES
    @given(instances_of(cls))
    def comes_back(value: Any) -> None:
        found = from_json(to_json(value))
        assert found == value
        assert _types(found) == _types(value)

    comes_back()


def _types(value: Any) -> Any:
    """Equality takes True for 1 and an enumeration for its text; this does not."""
    if dataclasses.is_dataclass(value):
        held = (getattr(value, field.name) for field in dataclasses.fields(value))
        return type(value), tuple(_types(each) for each in held)
    return tuple(_types(each) for each in value) if isinstance(value, tuple) else type(value)


@pytest.mark.parametrize(
    ("flow", "reports", "key"),
    [
        (SUPPORT_LINE, samples.support_events, samples.support_key),
        (TECHNICIAN_LEG, samples.leg_events, samples.leg_key),
        (FOLLOW_UP, samples.follow_up_events, samples.follow_up_key),
        (ALERT_CALL, alert_samples.alert_events, alert_samples.alert_key),
        (READINESS_CALL, readiness_samples.readiness_events, readiness_samples.readiness_key),
    ],
    ids=["support_line", "technician_leg", "follow_up", "alert_call", "readiness_call"],
)
def test_everything_a_call_meets_on_any_path_comes_back(flow: Any, reports: Any, key: Any) -> None:
    edges = {(edge.states, edge.label): edge for edge in walk(flow, reports, key)}
    for edge in edges.values():
        told = tuple(action for action in edge.actions if isinstance(action, Verb))
        for value in (edge.event, edge.after, told):
            assert from_json(to_json(value)) == value


def test_what_holds_its_default_takes_no_room() -> None:
    gather = Gather((prompt(PromptKey.WHISPER_KEYS, Language.IT),), timeout=7)
    assert json.loads(to_json(gather)) == {
        "type": "Gather",
        "prompts": [{"type": "Prompt", "key": "whisper_keys", "language": "it"}],
    }


def test_a_value_stored_before_a_field_was_added_can_be_read() -> None:
    old = '{"type":"DialEnded","at":"2026-11-23T09:00:00+00:00","outcome":"bridged"}'
    assert from_json(old) == DialEnded(samples.START, DialOutcome.BRIDGED, seconds=0)


def test_an_instant_keeps_its_offset() -> None:
    """The hour that exists twice stays the one that was meant."""
    second = datetime.fromisoformat("2026-10-25T02:30:00+01:00")
    found = from_json(to_json(prompt(PromptKey.GOODBYE, Language.DE, at=Moment(second, second))))
    (_, moment) = found.values[0]
    assert moment.at.isoformat() == "2026-10-25T02:30:00+01:00"


def test_letters_of_every_language_and_line_breaks_survive() -> None:
    value = prompt(PromptKey.TICKET_NUMBER, Language.FR, ticket=Digits('é"\\\n\x00 1'))
    assert from_json(to_json(value)) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "at", "prompts", "x"]), inner, max_size=3)
        | st.fixed_dictionaries({"type": st.sampled_from(["Play", "Moment", "CallStarted"])})
    ),
    max_leaves=8,
)


@EXAMPLES
@given(JSON.map(json.dumps) | st.text(max_size=20))
def test_anything_else_is_refused_in_one_way(text: str) -> None:
    """A damaged row is reported as what it is, never as a KeyError from somewhere inside."""
    try:
        found = from_json(text)
    except MalformedRequestError:
        return
    assert isinstance(found, tuple) or dataclasses.is_dataclass(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "null",
        '{"type":"Unknown"}',
        '{"type":"Path"}',
        '{"type":"CallStarted"}',
        '{"type":"HangUp","extra":1}',
        '{"type":"DialEnded","at":"yesterday","outcome":"bridged"}',
        '{"type":"DialEnded","at":"2026-11-23T09:00:00+00:00","outcome":"lost"}',
        '[{"type":"HangUp"},7]',
    ],
)
def test_what_is_no_stored_value_is_malformed(text: str) -> None:
    with pytest.raises(MalformedRequestError, match="stored call state cannot be read"):
        from_json(text)
