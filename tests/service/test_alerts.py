"""Alerts become cases that ring, storms become one, and what is over stops the calls."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.alerts.event import Reading, SourceKind
from ivr.alerts.reading import read_alerts
from ivr.bootstrap import Application
from ivr.services.alert_sources import SourceRefusedError
from ivr.storage.models import AlertCase, Escalation, OutboxMail, Ticket, TicketNote
from tests.fakes import FrozenClock, Notebook
from tests.service.conftest import OpenLine
from tests.service.monitored import (
    NAME,
    Source,
    alert,
    alerts_in,
    cases,
    escalations,
    mails,
    open_cases,
    rows,
    tickets,
)

MANY = 10_000


@pytest.fixture
def source(app: Application) -> Source:
    return Source(app)


@pytest.mark.rule("A.4", "A.5")
def test_an_alert_is_a_ticket_that_looks_for_somebody(app: Application, source: Source) -> None:
    assert source.fire("a", "critical", spof=True).new == 1
    assert cases(app) == [("a is down", 1, True, None)]
    assert tickets(app) == [("monitoring", None)]
    assert escalations(app) == ["open"]
    (policy,) = rows(app, select(AlertCase.ticket_number))
    with app.storage.reading() as uow:
        stated = uow.ticket_files.statements_of([policy[0]])[policy[0]]
    assert {(each.fact, each.value) for each in stated} >= {
        ("fault_class", "critical"),
        ("spof", "yes"),
    }


def test_the_same_key_again_is_the_same_case(app: Application, source: Source) -> None:
    source.fire("a")
    assert source.fire("a").repeated == 1
    assert alerts_in(app) == [("a", 2, True)]
    assert len(cases(app)) == len(tickets(app)) == 1


def test_another_source_has_keys_of_its_own(app: Application, source: Source) -> None:
    source.fire("a")
    Source(app, "other").fire("a")
    assert len(open_cases(app)) == 2


@pytest.mark.rule("A.5")
def test_resolved_stops_the_calls_and_leaves_the_ticket(app: Application, source: Source) -> None:
    source.fire("a")
    assert source.resolve("a").resolved == 1
    assert cases(app) == [("a is down", 1, True, "resolved")]
    assert escalations(app) == ["closed"]
    assert rows(app, select(Ticket.over_at)) == [(None,)]
    assert ("The alert is resolved.",) in rows(app, select(TicketNote.text))


def test_what_nobody_knows_cannot_be_resolved(app: Application, source: Source) -> None:
    assert source.resolve("a").ignored == 1
    assert alerts_in(app) == []


def test_firing_anew_is_a_new_case(app: Application, source: Source, clock: FrozenClock) -> None:
    source.fire("a")
    source.resolve("a")
    clock.advance(3600)
    source.fire("a")
    assert [over for *_, over in cases(app)] == ["resolved", None]


def test_a_report_that_comes_after_its_end_is_ignored(app: Application, source: Source) -> None:
    begun = "2026-11-23T08:00:00Z"
    source.fire("a", starts_at=begun)
    source.resolve("a")
    assert source.fire("a", starts_at=begun).ignored == 1
    assert open_cases(app) == []
    assert source.fire("a", starts_at="2026-11-23T09:00:00Z").new == 1


def test_a_problem_of_zabbix_is_over_for_good(app: Application) -> None:
    Source(app, kind=SourceKind.ZABBIX)
    for value, expected in (("1", "new"), ("0", "resolved"), ("1", "ignored")):
        with app.storage.reading() as uow:
            record = uow.alerts.find_source(NAME)
        assert record is not None
        body = b'{"event_id": "7", "value": "%s", "name": "Down"}' % value.encode()
        taken = app.alerts.take(record, read_alerts(record.kind, body, NAME), app.clock.now())
        assert getattr(taken, expected) == 1
    assert open_cases(app) == []


@pytest.mark.rule("A.8")
def test_what_is_minor_is_mailed_and_rings_nobody(app: Application, source: Source) -> None:
    source.fire("a", "minor")
    assert cases(app) == [("a is down", 1, False, None)]
    assert tickets(app) == []
    assert mails(app) == ["Pikett: geringfügiger Fehler, probe"] * 2
    recipients = {each for (each,) in rows(app, select(OutboxMail.recipient))}
    assert recipients == {"anna@demo.pikett.invalid", "desk@demo.pikett.invalid"}


@pytest.mark.rule("A.9")
def test_a_minor_single_point_of_failure_rings(app: Application, source: Source) -> None:
    source.fire("a", "minor", spof=True)
    assert escalations(app) == ["open"]


def test_a_class_that_rises_rings_then(app: Application, source: Source) -> None:
    source.fire("a", "minor")
    source.fire("a", "critical")
    assert cases(app) == [("a is down", 1, False, "resolved"), ("a is down", 1, True, None)]
    source.resolve("a")
    assert open_cases(app) == []


@pytest.mark.rule("A.110")
def test_a_customers_own_monitoring_speaks_of_him_only(app: Application) -> None:
    his = Source(app, customer="11004")
    his.fire("a", customer="11001")
    with app.storage.reading() as uow:
        known = uow.customers.find_credentials("11004")
    assert known is not None
    assert tickets(app) == [("monitoring", known.customer_id)]
    policy = [text for (text,) in rows(app, select(Escalation.policy))]
    assert "chief_technician" not in policy[0]


@pytest.mark.rule("A.110")
def test_an_alert_may_name_a_customer_and_a_wrong_one_loses_nothing(
    app: Application, source: Source
) -> None:
    source.fire("a", customer="11004")
    source.fire("b", customer="99999")
    source.fire("c")
    assert [customer is not None for _, customer in tickets(app)] == [True, False, False]
    policies = [text for (text,) in rows(app, select(Escalation.policy))]
    assert ["chief_technician" in each for each in policies] == [False, True, True]


@pytest.mark.rule("P.16")
def test_more_than_the_limit_become_one_case_that_counts(
    app: Application, source: Source, clock: FrozenClock
) -> None:
    for each in range(10):
        source.fire(f"a{each}")
        clock.advance(1)
    assert len(open_cases(app)) == 10
    source.fire("last")
    assert open_cases(app) == [("probe: last is down", 11)]
    assert escalations(app) == ["closed"] * 10 + ["open"]
    source.fire("and", "minor")
    assert open_cases(app) == [("probe: last is down", 12)]


def test_a_storm_is_over_with_its_last_alert(app: Application, source: Source) -> None:
    keys = [f"a{each}" for each in range(30)]
    source.send(*map(alert, keys))
    assert open_cases(app) == [("probe: a0 is down", 30)]
    source.resolve(*keys[1:])
    assert escalations(app) == ["open"]
    source.resolve(keys[0])
    assert escalations(app) == ["closed"]


def test_what_is_worse_rings_through_the_storm(app: Application, source: Source) -> None:
    source.send(*[alert(f"a{each}", "main") for each in range(20)])
    source.fire("worse", "critical")
    assert open_cases(app) == [("probe: worse is down", 21)]
    assert escalations(app) == ["closed", "open"]


def test_when_the_storm_is_past_an_alert_has_its_own_case(
    app: Application, source: Source, clock: FrozenClock
) -> None:
    source.send(*[alert(f"a{each}") for each in range(20)])
    clock.advance(6 * 60)
    source.fire("later")
    assert open_cases(app) == [("probe: a0 is down", 20), ("later is down", 1)]


@pytest.mark.rule("P.16")
def test_ten_thousand_alerts_are_one_case_and_none_is_lost(open_line: OpenLine) -> None:
    """As Alertmanager sends them: in portions; a portion that is sent twice changes nothing."""
    app = open_line()
    source = Source(app)
    portions = [[alert(f"a{at + each}") for each in range(1000)] for at in range(0, MANY, 1000)]
    for portion in portions:
        source.send(*portion)
    assert source.send(*portions[3]).repeated == 1000
    assert open_cases(app) == [("probe: a0 is down", MANY)]
    assert escalations(app) == ["open"]
    assert len({key for key, _, fires in alerts_in(app) if fires}) == MANY
    for portion in portions:
        source.resolve(*[each["key"] for each in portion])
    assert escalations(app) == ["closed"]


def test_the_life_of_an_alert_on_both_databases(open_line: OpenLine) -> None:
    app = open_line()
    source = Source(app)
    source.fire("a", labels={"job": "x"}, services=["mail"])
    source.fire("a")
    source.resolve("a")
    source.fire("a", "minor")
    assert alerts_in(app) == [("a", 2, False), ("a", 1, True)]
    assert [over for *_, over in cases(app)] == ["resolved", None]


def test_during_maintenance_nobody_is_rung_and_afterwards_what_still_fires(
    app: Application, source: Source, clock: FrozenClock
) -> None:
    until = clock.at + timedelta(hours=1)
    app.alert_sources.add_maintenance(NAME, {"job": "x"}, "", clock.at, until, "lead", clock.at)
    source.fire("a", labels={"job": "x"})
    source.fire("b", labels={"job": "x"})
    source.fire("c", labels={"job": "y"})
    assert open_cases(app) == [("c is down", 1)]
    source.resolve("b")
    assert app.alerts.collect(clock.at) == 0
    clock.advance(3600)
    assert app.upkeep.round(clock.at) > 0
    assert open_cases(app) == [("c is down", 1), ("a is down", 1)]


def test_a_longer_window_holds_longer_and_one_that_is_ended_lets_go(
    app: Application, source: Source, clock: FrozenClock
) -> None:
    sources = app.alert_sources
    until = clock.at + timedelta(hours=1)
    sources.add_maintenance(NAME, {}, "", clock.at, until, "lead", clock.at)
    source.fire("a")
    longer = sources.add_maintenance(
        NAME, {}, "", clock.at, until + timedelta(hours=1), "lead", clock.at
    )
    clock.advance(3600)
    app.alerts.collect(clock.at)
    assert cases(app) == []
    assert sources.end_maintenance(longer, clock.at)
    assert app.alerts.collect(clock.at) == 1
    assert open_cases(app) == [("a is down", 1)]
    assert not sources.end_maintenance(longer, clock.at)


def test_a_source_that_falls_silent_is_an_alert_until_it_is_heard(
    app: Application, clock: FrozenClock
) -> None:
    source = Source(app, heartbeat=300)
    clock.advance(300)
    assert app.heartbeats.collect(clock.at) == 0
    clock.advance(1)
    assert app.heartbeats.collect(clock.at) == 1
    assert app.heartbeats.collect(clock.at) == 0
    assert open_cases(app) == [("probe: no sign of life for 300 seconds", 1)]
    clock.advance(60)
    source.send()
    assert escalations(app) == ["closed"]
    clock.advance(301)
    app.upkeep.round(clock.at)
    assert escalations(app) == ["closed", "open"]


def test_a_removed_source_is_not_missed(app: Application, clock: FrozenClock) -> None:
    Source(app, heartbeat=60)
    app.alert_sources.remove(NAME, clock.at)
    clock.advance(3600)
    assert app.heartbeats.collect(clock.at) == 0
    Source(app)


def test_a_person_resolves_an_alert(app: Application, source: Source, clock: FrozenClock) -> None:
    source.fire("a")
    assert app.alerts.resolve(1, "Eva", clock.at)
    assert not app.alerts.resolve(1, "Eva", clock.at)
    assert not app.alerts.resolve(99, "Eva", clock.at)
    assert escalations(app) == ["closed"]


@pytest.mark.parametrize("name", ["", "No", "a b", "x" * 31, "../x", "-a"])
def test_a_source_needs_a_plain_name(app: Application, name: str) -> None:
    with pytest.raises(SourceRefusedError):
        Source(app, name)


def test_a_name_is_somebodys_once(app: Application, source: Source) -> None:
    with pytest.raises(SourceRefusedError, match="already"):
        Source(app)


def test_nothing_of_a_payload_is_stored_where_one_case_cannot_be_opened(
    app: Application, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(app.cases, "open", fail)
    with pytest.raises(OSError, match="disk full"):
        source.send(alert("a", "minor"), alert("b"))
    assert alerts_in(app) == cases(app) == mails(app) == []


def test_what_alertmanager_left_out_is_told(app: Application, notebook: Notebook) -> None:
    Source(app)
    with app.storage.reading() as uow:
        record = uow.alerts.find_source(NAME)
    assert record is not None
    app.alerts.take(record, Reading(truncated=5), app.clock.now())
    assert ("alerts_truncated", {"source": NAME, "left_out": 5}) in notebook.troubles
