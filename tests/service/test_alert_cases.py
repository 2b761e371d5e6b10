"""Cases of alerts that get worse, that a storm must not swallow, or whose source is gone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.alerts.documents import RESERVED
from ivr.alerts.event import SourceKind
from ivr.bootstrap import Application
from ivr.contracts.faults import Fact, Phase, Role
from ivr.services.disturbance_records import NewInform
from ivr.storage.models import Alert, Call, Escalation, OutboxMail, Ticket, TicketNote
from tests.fakes import FrozenClock
from tests.service.escalating import Night, NotingTelephone
from tests.service.monitored import (
    NAME,
    Source,
    alert,
    alerts_in,
    cases,
    escalations,
    open_cases,
    rows,
    tickets,
)

STORM = tuple(alert(f"a{each}") for each in range(12))
SHIFT = timedelta(minutes=20)
BEGUN = "2026-11-23T08:00:00Z"


@pytest.fixture
def night(line: Application) -> Night:
    clock = line.clock
    assert isinstance(clock, FrozenClock)
    telephone = NotingTelephone()
    line.telephones = (telephone,)
    return Night(line, clock, telephone)


@pytest.fixture
def source(night: Night) -> Source:
    return Source(night.app)


@pytest.fixture
def stormy(night: Night, source: Source) -> Source:
    """A storm rings somebody."""
    source.send(*STORM)
    night.work()
    return source


@pytest.fixture
def asked(night: Night, source: Source) -> Source:
    """A caller hears of an alert that rings, and wants to be told of its end."""
    with night.app.storage.writing() as uow:
        uow.disturbances.attach(1, "internet")
    source.fire("core", services=["internet"])
    ((call,),) = rows(night.app, select(Call.id))
    at, mail = night.clock.now(), "eva@example.ch"
    with night.app.storage.writing() as uow:
        (known,) = uow.disturbances.list_current(at)
        uow.disturbances.ask(NewInform(known.id, call, 1, None, mail, "de", at, False))
    return source


def told(night: Night) -> int:
    """How many callers are told now that it is over."""
    return night.app.disturbance_ends.collect(night.clock.now())


def maintain(night: Night, span: timedelta = SHIFT) -> None:
    now = night.clock.now()
    night.app.alert_sources.add_maintenance(NAME, {}, "", now, now + span, "lead", now)


def after_maintenance(night: Night) -> None:
    night.pass_time(seconds=SHIFT.total_seconds())
    assert night.app.alerts.collect(night.clock.now()) == 1
    night.work()


def say(night: Night, ticket: int, phase: Phase) -> None:
    now = night.clock.now()
    with night.app.storage.writing() as uow:
        said = {Fact.PHASE: phase.value}
        night.app.faults.note_in(uow, ticket, "Anna Meier", said, None, now, Role.TECHNICIAN)


def policies(app: Application) -> list[bool]:
    """Whether each search may reach the third level, oldest first."""
    found = rows(app, select(Escalation.policy).order_by(Escalation.id))
    return ["chief_technician" in policy for (policy,) in found]


def test_an_alert_that_got_worse_during_maintenance_leaves_its_first_case(
    night: Night, source: Source
) -> None:
    source.fire("a", "major")
    night.work()
    maintain(night)
    source.fire("a", "critical")
    after_maintenance(night)
    assert open_cases(night.app) == [("a is down", 1)]
    assert escalations(night.app) == ["closed", "open"]
    source.resolve("a")
    rung, mailed = len(night.telephone.placed), len(rows(night.app, select(OutboxMail.id)))
    night.pass_time(hours=3)
    assert (len(night.telephone.placed), len(rows(night.app, select(OutboxMail.id)))) == (
        rung,
        mailed,
    )
    assert escalations(night.app) == ["closed", "closed"]


def test_the_ticket_of_an_alert_that_got_worse_does_not_say_it_is_resolved(
    night: Night, source: Source
) -> None:
    source.fire("a", "major")
    source.fire("a", "critical")
    notes = [text for (text,) in rows(night.app, select(TicketNote.text))]
    assert "The alert is resolved." not in notes
    assert "The alert has become worse and has a new case." in notes


def test_whoever_asked_is_not_told_that_what_got_worse_is_over(night: Night, asked: Source) -> None:
    night.clock.advance(60)
    asked.fire("core", "critical", services=["internet"])
    assert told(night) == 0
    with night.app.storage.reading() as uow:
        assert len(uow.disturbances.list_current(night.clock.now())) == 1
    asked.resolve("core")
    assert told(night) == 1


def test_nor_where_it_got_worse_during_maintenance(night: Night, asked: Source) -> None:
    maintain(night)
    asked.fire("core", "critical", services=["internet"])
    after_maintenance(night)
    assert told(night) == 0
    asked.resolve("core")
    assert told(night) == 1


def test_nor_where_it_got_worse_and_a_storm_takes_it_in(night: Night, asked: Source) -> None:
    night.clock.advance(600)
    asked.send(*[alert(f"a{each}", "critical") for each in range(12)])
    asked.fire("core", "critical", services=["internet"])
    assert len(open_cases(night.app)) == 1
    assert told(night) == 0
    asked.resolve("core", *[f"a{each}" for each in range(12)])
    assert told(night) == 1


def test_a_storm_whose_ticket_is_closed_takes_nothing_in(night: Night, stormy: Source) -> None:
    night.press(night.last, "1")
    ((ticket,),) = rows(night.app, select(Ticket.number))
    say(night, ticket, Phase.CLOSED)
    night.clock.advance(240)
    stormy.fire("new")
    night.work()
    assert open_cases(night.app)[-1][0].endswith("new is down")
    assert len(tickets(night.app)) == 2
    assert escalations(night.app) == ["acknowledged", "open"]
    assert len(night.telephone.placed) == 2


def test_a_storm_that_somebody_has_taken_takes_in_only_what_comes_soon(
    night: Night, stormy: Source
) -> None:
    night.press(night.last, "1")
    for each in range(3):
        night.clock.advance(240)
        stormy.fire(f"soon{each}")
    assert open_cases(night.app) == [("probe: a0 is down", 15)]
    night.clock.advance(240)
    stormy.fire("later")
    assert len(open_cases(night.app)) == 2
    assert escalations(night.app) == ["acknowledged", "open"]


def test_a_storm_that_nobody_has_taken_goes_on_while_it_rings(night: Night, stormy: Source) -> None:
    for each in range(5):
        night.clock.advance(240)
        stormy.fire(f"more{each}")
    assert open_cases(night.app) == [("probe: a0 is down", 17)]
    assert escalations(night.app) == ["open"]


def test_a_storm_that_reached_nobody_rings_anew_for_what_comes_then(
    night: Night, stormy: Source
) -> None:
    ((ticket,),) = rows(night.app, select(Ticket.number))
    for each in range(200):
        night.pass_time(seconds=240)
        if night.state(ticket) != "open":
            break
        stormy.fire(f"more{each}")
    assert night.state(ticket) == "exhausted"
    stormy.fire("new")
    assert escalations(night.app)[-1] == "open"
    assert len(tickets(night.app)) == 2


def test_a_source_that_falls_silent_rings_through_its_own_storm(night: Night) -> None:
    source = Source(night.app, heartbeat=60)
    source.send(*STORM)
    night.work()
    night.press(night.last, "1")
    night.clock.advance(61)
    assert night.app.heartbeats.collect(night.clock.now()) == 1
    assert open_cases(night.app) == [
        ("probe: a0 is down", 12),
        ("probe: no sign of life for 60 seconds", 1),
    ]
    assert escalations(night.app) == ["acknowledged", "open"]
    source.send()
    assert escalations(night.app) == ["acknowledged", "closed"]
    assert [key for key, _, fires in alerts_in(night.app) if not fires] == [f"{RESERVED}silent"]


def test_the_same_beginning_again_is_ignored_only_right_after_its_end(
    night: Night, source: Source
) -> None:
    """Alertmanager lost sight of Prometheus: resolved for want of news, then firing as before."""
    source.fire("a", starts_at=BEGUN)
    source.resolve("a")
    night.clock.advance(30)
    assert source.fire("a", starts_at=BEGUN).ignored == 1
    night.clock.advance(30)
    assert source.fire("a", starts_at=BEGUN).new == 1
    assert [over for *_, over in cases(night.app)] == ["resolved", None]


def test_what_a_person_resolved_too_early_rings_again(night: Night, source: Source) -> None:
    source.fire("a", starts_at=BEGUN)
    assert night.app.alerts.resolve(1, "Eva", night.clock.now())
    night.clock.advance(3600)
    assert source.fire("a", starts_at=BEGUN).new == 1
    assert escalations(night.app) == ["closed", "open"]


def test_a_report_that_its_end_has_overtaken_rings_nobody(night: Night, source: Source) -> None:
    for _ in range(2):
        over = {"key": "a", "status": "resolved", "starts_at": BEGUN}
        assert source.send(over).ignored == 1
    assert alerts_in(night.app) == [("a", 0, False)]
    night.clock.advance(5)
    assert source.fire("a", starts_at=BEGUN).ignored == 1
    assert source.fire("a", starts_at="2026-11-23T09:00:00Z").new == 1
    assert open_cases(night.app) == [("a is down", 1)]


def test_ends_of_what_never_began_are_kept_once(night: Night, source: Source) -> None:
    """A test alert that is resolved every minute is a heartbeat."""
    for minute in range(3):
        begun = f"2026-11-23T08:0{minute}:00Z"
        source.send({"key": "beat", "status": "resolved", "starts_at": begun})
        night.clock.advance(60)
    assert alerts_in(night.app) == [("beat", 0, False)]


def test_of_a_problem_of_zabbix_only_a_person_may_be_wrong(night: Night) -> None:
    """Its recovery is final, also where it comes before the problem; a step may report it again."""
    source = Source(night.app, kind=SourceKind.ZABBIX)
    assert source.event("7", "0").ignored == 1
    night.clock.advance(3600)
    assert source.event("7", "1").ignored == 1
    assert source.event("8", "1").new == 1
    ((number,),) = rows(night.app, select(Alert.id).where(Alert.key == "8"))
    assert night.app.alerts.resolve(number, "Eva", night.clock.now())
    assert source.event("8", "1").ignored == 1
    night.clock.advance(60)
    assert source.event("8", "1").new == 1


@pytest.mark.rule("A.35")
def test_a_storm_of_several_customers_own_systems_reaches_no_third_level(
    night: Night, source: Source
) -> None:
    source.send(*[alert(f"a{each}", customer=f"1100{1 + each % 2}") for each in range(12)])
    assert tickets(night.app) == [("monitoring", None)]
    assert policies(night.app) == [False]


@pytest.mark.rule("A.35")
def test_a_storm_that_began_with_our_own_systems_is_ours(night: Night, source: Source) -> None:
    """Whose the last of its alerts is does not matter."""
    source.send(*[alert(f"a{each}") for each in range(10)])
    source.fire("last", customer="11001")
    assert open_cases(night.app) == [("probe: last is down", 11)]
    assert tickets(night.app)[-1] == ("monitoring", None)
    assert policies(night.app)[-1]


@pytest.mark.rule("A.35", "A.110")
def test_our_own_alert_does_not_vanish_in_the_storm_of_a_customer(
    night: Night, source: Source
) -> None:
    source.send(*[alert(f"a{each}", customer="11001") for each in range(12)])
    source.fire("his", customer="11001")
    assert policies(night.app) == [False]
    source.fire("ours")
    assert open_cases(night.app) == [("probe: ours is down", 14)]
    assert tickets(night.app)[-1] == ("monitoring", None)
    assert policies(night.app) == [False, True]


def test_nobody_is_rung_for_a_source_that_was_removed(night: Night, asked: Source) -> None:
    night.work()
    night.app.alert_sources.remove(NAME, night.clock.now())
    assert night.app.alerts.collect(night.clock.now()) == 1
    night.work()
    rung = len(night.telephone.placed)
    night.pass_time(hours=2)
    assert len(night.telephone.placed) == rung
    assert open_cases(night.app) == []
    assert rows(night.app, select(Alert.resolved_by)) == [("source removed",)]
    assert told(night) == 0, "whether it is over nobody knows"
    assert night.app.alerts.collect(night.clock.now()) == 0
    night.app.disturbances.end(1, night.clock.now())
    Source(night.app)
