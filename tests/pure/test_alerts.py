"""Payloads of monitoring systems, and what becomes of an alert (items 4, 8-14, 110)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.alerts.documents import MAX_DEPTH, RESERVED
from ivr.alerts.event import AlertEvent, AlertRefusedError, AlertStatus, Reading, SourceKind
from ivr.alerts.generic import FIELDS
from ivr.alerts.judging import (
    AlertRules,
    Storm,
    Window,
    belongs,
    held_until,
    is_storm,
    joins,
)
from ivr.alerts.reading import read_alerts
from ivr.alerts.touching import Scope, ScopeKind, Touched, touches
from ivr.contracts.faults import FaultClass
from tests.fakes import MONDAY_TEN
from tests.guard.sources import ROOT

SAMPLES = ROOT / "docs" / "alerts"
RULES = AlertRules(10, timedelta(minutes=5), FaultClass.MAIN)
ALERTMANAGER, ZABBIX, GENERIC = SourceKind.ALERTMANAGER, SourceKind.ZABBIX, SourceKind.GENERIC


def read(kind: SourceKind, document: Any) -> Reading:
    return read_alerts(kind, json.dumps(document).encode(), "probe")


def only(kind: SourceKind, document: Any) -> AlertEvent:
    (event,) = read(kind, document).events
    return event


def shown(event: AlertEvent) -> dict[str, Any]:
    return {
        "key": event.key,
        "status": event.status,
        "class": event.effective_class,
        "spof": event.spof,
        "title": event.title,
        "services": list(event.services),
        "starts_at": event.starts_at.isoformat() if event.starts_at else None,
        "customer": event.customer,
    }


def prometheus(**changes: Any) -> dict[str, Any]:
    alert = {"status": "firing", "labels": {"alertname": "Down"}, "fingerprint": "f1"} | changes
    return {"version": "4", "alerts": [alert]}


def zabbix(**changes: Any) -> dict[str, Any]:
    return {"event_id": "1", "value": "1", "severity": "3", "name": "Down"} | changes


def generic(**changes: Any) -> dict[str, Any]:
    return {"key": "a", "title": "Down"} | changes


@pytest.mark.rule("A.4", "A.8", "A.9", "A.10", "A.11", "A.14")
@pytest.mark.parametrize("kind", SourceKind)
def test_the_documented_sample_gives_the_documented_result(kind: SourceKind) -> None:
    body = (SAMPLES / f"{kind}.json").read_bytes()
    expected = json.loads((SAMPLES / f"{kind}.expected.json").read_text())
    assert [shown(event) for event in read_alerts(kind, body, "probe").events] == expected


def test_the_schema_names_what_is_read() -> None:
    schema = json.loads((SAMPLES / "generic.schema.json").read_text())["$defs"]["alert"]
    assert set(schema["properties"]) == FIELDS
    assert schema["properties"]["class"]["enum"] == list(FaultClass)
    assert schema["properties"]["status"]["enum"] == list(AlertStatus)


BROKEN = {
    "nothing": b"",
    "words": b"hello",
    "not UTF-8": b'{"key": "\xff"}',
    "half": b'{"key": "a"',
    "not a number": b'{"key": NaN}',
    "an endless figure": b'{"key": ' + b"9" * 5000 + b"}",
    "two documents": b"{} {}",
}


@pytest.mark.parametrize("kind", SourceKind)
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_json_is_refused_in_words(kind: SourceKind, name: str) -> None:
    with pytest.raises(AlertRefusedError, match="not JSON"):
        read_alerts(kind, BROKEN[name], "probe")


@pytest.mark.parametrize("kind", SourceKind)
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000, 500_000])
def test_deep_nesting_is_refused_before_it_is_parsed(
    kind: SourceKind, opening: bytes, depth: int
) -> None:
    with pytest.raises(AlertRefusedError, match="deep"):
        read_alerts(kind, opening * depth, "probe")


def test_brackets_in_texts_are_no_depth() -> None:
    assert only(GENERIC, generic(title='[{"[{' * 30)).title.startswith("[{")


def test_tags_within_the_text_of_zabbix_are_counted_too() -> None:
    with pytest.raises(AlertRefusedError, match="deep"):
        read(ZABBIX, zabbix(tags="[" * 10_000))


@pytest.mark.parametrize(
    ("kind", "document", "words"),
    [
        (GENERIC, [], "not an object"),
        (GENERIC, {"title": "Down"}, "no key"),
        (GENERIC, {"key": "a"}, "no title"),
        (GENERIC, generic(status="on fire"), "neither firing nor resolved"),
        (GENERIC, generic(**{"class": "horrible"}), "class is none of minor, main"),
        (GENERIC, generic(spof="yes"), "neither true nor false"),
        (GENERIC, generic(severity="x"), "unknown field 'severity'"),
        (GENERIC, generic(services=["no good"]), "not a service key"),
        (GENERIC, generic(services="mail"), "not an array"),
        (GENERIC, generic(starts_at="yesterday"), "not an instant"),
        (GENERIC, generic(starts_at="2026-11-23T10:00"), "not an instant with its offset"),
        (GENERIC, generic(key=RESERVED + "silent"), "must not begin"),
        (GENERIC, {"alerts": {}}, "not an array"),
        (GENERIC, {"alerts": [generic(), 5]}, r"alerts\[1\] is not an object"),
        (ALERTMANAGER, {}, "no alerts"),
        (ALERTMANAGER, {"version": "5", "alerts": []}, "version '5' is unknown"),
        (ALERTMANAGER, prometheus(labels={}), "no labels"),
        (ALERTMANAGER, prometheus(labels="x"), "not an object"),
        (ALERTMANAGER, prometheus(status=None), "neither firing nor resolved"),
        (ZABBIX, zabbix(event_id=""), "no event_id"),
        (ZABBIX, zabbix(event_id="{EVENT.ID}"), "could not resolve"),
        (ZABBIX, zabbix(value="*UNKNOWN*"), "could not resolve"),
        (ZABBIX, zabbix(value="2"), "neither 1"),
        (ZABBIX, zabbix(tags="not json"), "not JSON"),
        (ZABBIX, zabbix(tags={"a": 1}), "not an array"),
    ],
)
def test_what_is_missing_or_wrong_is_said(kind: SourceKind, document: Any, words: str) -> None:
    with pytest.raises(AlertRefusedError, match=words):
        read(kind, document)


def test_texts_are_one_clean_line() -> None:
    """No database and no page takes NUL, half a surrogate or a line break in a title."""
    event = only(GENERIC, generic(title="a\0b\n c\ud800\u202e", key="k\ud800"))
    assert (event.title, event.key) == ("ab c", "k")


def test_a_long_key_is_kept_as_its_digest_and_still_tells_alerts_apart() -> None:
    one, other = only(GENERIC, generic(key="x" * 400)), only(GENERIC, generic(key="x" * 399))
    assert len(one.key) < 100
    assert one.key != other.key


def test_without_a_fingerprint_the_labels_are_the_key() -> None:
    first = only(ALERTMANAGER, prometheus(fingerprint="", labels={"a": "1", "b": "2"}))
    same = only(ALERTMANAGER, prometheus(fingerprint=None, labels={"b": "2", "a": "1"}))
    other = only(ALERTMANAGER, prometheus(fingerprint="", labels={"a": "1", "b": "3"}))
    assert first.key == same.key != other.key


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("info", FaultClass.MINOR),
        ("warning", FaultClass.MAIN),
        ("error", FaultClass.MAJOR),
        ("CRITICAL", FaultClass.CRITICAL),
        ("", FaultClass.MAIN),
        ("sev-π", FaultClass.MAIN),
    ],
)
def test_a_severity_nobody_knows_is_not_lost(word: str, expected: FaultClass) -> None:
    labels = {"alertname": "Down", "severity": word}
    assert only(ALERTMANAGER, prometheus(labels=labels)).fault_class is expected


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("0", "main"),
        ("1", "minor"),
        ("2", "minor"),
        ("3", "main"),
        ("4", "major"),
        ("5", "critical"),
    ],
)
def test_the_severities_of_zabbix(severity: str, expected: str) -> None:
    assert only(ZABBIX, zabbix(severity=severity)).fault_class == expected


def test_a_recovery_of_zabbix_has_the_key_of_its_problem() -> None:
    recovery = only(ZABBIX, zabbix(value="0", severity="3", tags=""))
    assert (recovery.key, recovery.status) == ("1", AlertStatus.RESOLVED)


@pytest.mark.rule("A.9")
@pytest.mark.parametrize("fault_class", FaultClass)
def test_a_single_point_of_failure_is_never_below_main(fault_class: FaultClass) -> None:
    event = only(GENERIC, generic(spof=True, **{"class": fault_class}))
    assert event.effective_class.rank == max(fault_class.rank, FaultClass.MAIN.rank)


def test_what_the_sender_left_out_is_counted() -> None:
    assert read(ALERTMANAGER, {"truncatedAlerts": 7, "alerts": []}).truncated == 7
    assert read(ALERTMANAGER, {"truncatedAlerts": "x", "alerts": []}).truncated == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [*sorted(FIELDS), "alerts", "version", "event_id", "value", "tags", "name"]
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


def events_of(kind: SourceKind, document: Any) -> tuple[AlertEvent, ...]:
    """Anything but words of refusal is a mistake of ours."""
    try:
        return read(kind, document).events
    except AlertRefusedError:
        return ()


@given(st.sampled_from(list(SourceKind)), json_values)
def test_any_document_is_read_or_refused_in_words(kind: SourceKind, document: Any) -> None:
    for event in events_of(kind, document):
        assert event.key
        assert event.title
        assert (event.key + event.title).isprintable()


def window(**labels: str) -> Window:
    ends = MONDAY_TEN + timedelta(hours=1)
    return Window(1, "probe", MONDAY_TEN, ends, labels)


def test_a_maintenance_window_covers_its_source_its_labels_and_its_time() -> None:
    event = only(GENERIC, generic(labels={"job": "backup", "room": "B"}))
    until = MONDAY_TEN + timedelta(hours=1)
    assert held_until([window(), window(job="backup")], event, MONDAY_TEN) == until
    assert held_until([window(job="mail")], event, MONDAY_TEN) is None
    assert held_until([window(job="backup", rack="1")], event, MONDAY_TEN) is None
    assert held_until([window()], event, until) is None
    assert held_until([window()], event, MONDAY_TEN - timedelta(seconds=1)) is None
    other = read_alerts(GENERIC, b'{"key":"a","title":"b"}', "another").events[0]
    assert held_until([window()], other, MONDAY_TEN) is None


def test_a_storm_begins_with_one_more_than_the_limit() -> None:
    assert not is_storm(9, 1, RULES)
    assert is_storm(10, 1, RULES)
    assert is_storm(0, 11, RULES)


def test_what_is_worse_than_the_storm_does_not_join_it() -> None:
    storm = Storm(1, FaultClass.MAJOR, MONDAY_TEN)
    assert joins(storm, FaultClass.MAJOR, MONDAY_TEN, RULES)
    assert joins(storm, FaultClass.MINOR, MONDAY_TEN + timedelta(minutes=5), RULES)
    assert not joins(storm, FaultClass.CRITICAL, MONDAY_TEN, RULES)
    assert not joins(storm, FaultClass.MAIN, MONDAY_TEN + timedelta(minutes=6), RULES)
    assert not joins(None, FaultClass.MINOR, MONDAY_TEN, RULES)


def test_a_storm_that_somebody_has_is_joined_for_a_while_and_a_dead_one_never() -> None:
    last = MONDAY_TEN + timedelta(minutes=14)
    storm = Storm(1, FaultClass.MAJOR, last, settled_at=MONDAY_TEN)
    assert joins(storm, FaultClass.MAJOR, MONDAY_TEN + timedelta(minutes=15), RULES)
    assert not joins(storm, FaultClass.MAJOR, MONDAY_TEN + timedelta(minutes=16), RULES)
    assert not joins(Storm(1, FaultClass.MAJOR, last, dead=True), FaultClass.MINOR, last, RULES)


@pytest.mark.rule("A.35", "A.110")
@pytest.mark.parametrize(
    ("ours", "customer", "whose"),
    [
        (True, None, {None, 1, 2}),
        (False, None, {1, 2}),
        (False, 1, {1}),
    ],
)
def test_whose_alerts_belong_to_a_storm(
    ours: bool, customer: int | None, whose: set[int | None]
) -> None:
    storm = Storm(1, FaultClass.MAJOR, MONDAY_TEN, ours=ours, customer_id=customer)
    assert {each for each in (None, 1, 2) if belongs(storm, each)} == whose


KNOWN = Touched("11001", frozenset({"pro"}), frozenset({"mail"}))


@pytest.mark.parametrize(
    ("scope", "known", "unknown"),
    [
        (Scope(ScopeKind.ALL), True, True),
        (Scope(ScopeKind.PLAN, "pro"), True, False),
        (Scope(ScopeKind.PLAN, "basic"), False, False),
        (Scope(ScopeKind.CUSTOMER, "11001"), True, False),
        (Scope(ScopeKind.SERVICE, "mail"), True, False),
        (Scope(ScopeKind.SERVICE, "voip"), False, False),
    ],
)
def test_whom_a_disturbance_touches(scope: Scope, known: bool, unknown: bool) -> None:
    assert touches([scope], KNOWN) is known
    assert touches([scope], Touched()) is unknown
    assert touches([Scope(ScopeKind.PLAN, "none"), scope], KNOWN) is known


def test_the_year_one_of_go_is_no_beginning() -> None:
    assert only(ALERTMANAGER, prometheus(startsAt="0001-01-01T00:00:00Z")).starts_at is None
    told = only(ALERTMANAGER, prometheus(startsAt="2026-11-23T09:00:00.123456789Z")).starts_at
    assert told == datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
