"""The line phones itself, with a telephone that notes: every step, every way to fail, nothing counted."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.support_session import State
from ivr.services.outbound import OutboundError
from ivr.services.reports import DialStatus
from ivr.services.selftest import SelftestError
from ivr.services.selftest_store import CheckState, RunState, Step
from ivr.storage.models import Call, OutboxMail, Ticket, Timer
from ivr.worker import Worker
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.service.conftest import OpenLine, legs_of
from tests.service.escalating import NotingTelephone
from tests.service.trying import (
    CALLER,
    LEAD,
    SELFTEST,
    TEST_TELEPHONE,
    caller,
    only_run,
    trial_application,
    work,
)

OpenTrial = Any


@pytest.fixture
def open_trial(data_dir: Path, clock: FrozenClock, notebook: Notebook) -> Iterator[OpenTrial]:
    opened: list[Application] = []

    def open_it(**given: Any) -> tuple[Application, NotingTelephone]:
        app, telephone = trial_application(
            data_dir, clock=clock, ids=CountedIds(), observer=notebook, **given
        )
        opened.append(app)
        return app, telephone

    yield open_it
    for app in opened:
        app.storage.engine.dispose()


@pytest.fixture
def trial(open_trial: OpenTrial) -> tuple[Application, NotingTelephone]:
    return open_trial()  # type: ignore[no-any-return]


@pytest.fixture
def app(trial: tuple[Application, NotingTelephone]) -> Application:
    return trial[0]


@pytest.fixture
def telephone(trial: tuple[Application, NotingTelephone]) -> NotingTelephone:
    return trial[1]


def arrive(app: Application, clock: FrozenClock, unique: str = "trial-1") -> tuple[Any, Any]:
    """The call comes back to the line; who calls, and the first answer."""
    phone = caller(app, clock, unique)
    return phone, app.calls.begin(app.selftest.marked(phone.incoming()))


def go_on(app: Application, clock: FrozenClock, phone: Any, reply: Any, until: State) -> Any:
    """Keys are pressed until the call is in this state."""
    while reply.state != until:
        phone.at = clock.now()
        reply = app.calls.report(reply.leg_id, reply.turn, phone.answer(reply))
        clock.at = phone.at
    return reply


def ring(app: Application, clock: FrozenClock, unique: str = "trial-1") -> Any:
    """All the way to the test telephone, which rings."""
    phone, reply = arrive(app, clock, unique)
    return go_on(app, clock, phone, reply, State.RINGING_TECHNICIANS)


def count(app: Application, *where: Any) -> int:
    with app.storage.engine.connect() as connection:
        return int(connection.scalar(select(func.count()).where(*where)) or 0)


def failures(notebook: Notebook) -> list[str]:
    return [facts["step"] for what, facts in notebook.troubles if what == "selftest_failed"]


def test_a_run_is_placed_as_the_test_customer_to_the_own_number(
    app: Application, telephone: NotingTelephone, clock: FrozenClock
) -> None:
    app.selftest.plan(None, clock.now())
    work(app, clock)
    (call,) = telephone.placed
    assert (call.number, call.caller, call.script) == (
        app.settings.line.number,
        CALLER,
        "selftest",
    )
    assert app.selftest.keys(call.id) == app.settings.selftest.keys
    assert app.selftest.keys("another") == ""


def test_it_passes_once_the_test_telephone_has_answered(
    app: Application, telephone: NotingTelephone, clock: FrozenClock, notebook: Notebook
) -> None:
    app.selftest.plan(None, clock.now())
    work(app, clock, 3)
    (leg,) = legs_of(ring(app, clock))
    assert leg.number == TEST_TELEPHONE
    work(app, clock, 3)
    assert only_run(app).state is RunState.RUNNING
    app.calls.begin_leg(leg.attempt_id, clock.now())
    work(app, clock, 3)
    run = only_run(app)
    assert (run.state, run.step, failures(notebook)) == (RunState.PASSED, None, [])
    moments = [run.moment(step) for step in Step]
    assert None not in moments
    assert telephone.ended == [run.id], "the caller hangs up"


def test_nothing_of_it_is_counted_or_mailed_and_only_the_test_telephone_is_rung(
    app: Application, clock: FrozenClock
) -> None:
    app.selftest.plan(None, clock.now())
    work(app, clock)
    reply = ring(app, clock)
    assert [leg.number for leg in legs_of(reply)] == [TEST_TELEPHONE]
    assert count(app, Call.rehearsal.is_(False)) == 0
    assert count(app, Ticket.rehearsal.is_(False)) == 0
    assert count(app, OutboxMail.state != "held") == 0
    with app.storage.reading() as uow:
        assert uow.escalations.list_of(100001) == []


def test_the_same_number_at_another_time_is_an_ordinary_call(
    app: Application, clock: FrozenClock
) -> None:
    _, reply = arrive(app, clock)
    with app.storage.reading() as uow:
        assert not uow.calls.get(reply.call_id).rehearsal


def test_a_second_call_during_a_run_is_an_ordinary_one(
    app: Application, clock: FrozenClock
) -> None:
    app.selftest.plan(None, clock.now())
    work(app, clock)
    first = ring(app, clock)
    other = ring(app, clock, "somebody-else")
    with app.storage.reading() as uow:
        assert uow.calls.get(first.call_id).rehearsal
        assert not uow.calls.get(other.call_id).rehearsal
    assert TEST_TELEPHONE not in [leg.number for leg in legs_of(other)]


def test_a_webhook_that_comes_twice_is_the_same_call(app: Application, clock: FrozenClock) -> None:
    app.selftest.plan(None, clock.now())
    work(app, clock)
    _, first = arrive(app, clock)
    _, again = arrive(app, clock)
    assert first.call_id == again.call_id


@pytest.mark.parametrize(
    ("until", "step"),
    [
        (None, Step.ARRIVED),
        (State.CONFIRMING, Step.ORDERED),
        (State.RINGING_TECHNICIANS, Step.ANSWERED),
    ],
)
def test_whatever_is_missing_in_time_is_told(
    until: State | None, step: Step, app: Application, clock: FrozenClock, notebook: Notebook
) -> None:
    app.selftest.plan(None, clock.now())
    work(app, clock)
    if until is not None:
        phone, reply = arrive(app, clock)
        go_on(app, clock, phone, reply, until)
    within = app.settings.selftest.within_seconds
    work(app, clock, within + 5)
    run = only_run(app)
    assert (run.state, run.step, run.reason) == (RunState.FAILED, step, "not in time")
    assert failures(notebook) == [step]
    assert count(app, OutboxMail.recipient == LEAD, OutboxMail.state == "waiting") == 1


def test_a_customer_who_is_not_the_expected_one_is_told(
    open_trial: OpenTrial, clock: FrozenClock
) -> None:
    app, _ = open_trial(selftest={"customer": "11009"})
    app.selftest.plan(None, clock.now())
    work(app, clock)
    reply = ring(app, clock)
    app.calls.begin_leg(legs_of(reply)[0].attempt_id, clock.now())
    work(app, clock, 130)
    assert only_run(app).step == Step.IDENTIFIED


@pytest.mark.parametrize(
    "status", [DialStatus.FAILED, DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.ANSWERED]
)
def test_a_call_that_ends_before_it_arrives_fails_at_once(
    status: DialStatus,
    app: Application,
    telephone: NotingTelephone,
    clock: FrozenClock,
    notebook: Notebook,
) -> None:
    app.selftest.plan(None, clock.now())
    work(app, clock)
    app.selftest.ended(telephone.placed[0].id, status, clock.now())
    work(app, clock)
    run = only_run(app)
    assert (run.step, run.reason) == (Step.ARRIVED, f"the call ended: {status}")
    assert failures(notebook) == ["arrived"]
    assert telephone.ended == []


def test_a_telephone_that_does_not_take_it_fails_at_once(
    app: Application, telephone: NotingTelephone, clock: FrozenClock, notebook: Notebook
) -> None:
    telephone.troubles = [OutboundError("Asterisk: TimeoutError", retry=True)]
    app.selftest.plan(None, clock.now())
    work(app, clock, 30)
    run = only_run(app)
    assert (run.state, run.step, run.reason) == (
        RunState.FAILED,
        Step.PLACED,
        "Asterisk: TimeoutError",
    )
    assert failures(notebook) == ["placed"]


def test_each_back_end_has_its_turn_and_one_that_is_dead_holds_up_no_other(
    app: Application, telephone: NotingTelephone, clock: FrozenClock, notebook: Notebook
) -> None:
    other = NotingTelephone("twilio")
    app.telephones = (telephone, other)
    app.selftest.plan(None, clock.now())
    work(app, clock, 10)
    assert [len(each.placed) for each in (telephone, other)] in ([1, 0], [0, 1])
    work(app, clock, 140)
    assert [len(each.placed) for each in (telephone, other)] == [1, 1]
    work(app, clock, 140)
    assert failures(notebook) == ["arrived", "arrived"]


def test_the_second_run_meets_no_ticket_of_the_first(
    app: Application, telephone: NotingTelephone, clock: FrozenClock
) -> None:
    """Whoever calls again is offered his open ticket; a self-test has to order anew."""
    for unique in ("trial-1", "trial-2"):
        app.selftest.plan(None, clock.now())
        work(app, clock, 3)
        reply = ring(app, clock, unique)
        app.calls.begin_leg(legs_of(reply)[0].attempt_id, clock.now())
        work(app, clock, 3)
        app.calls.hang_up(reply.leg_id, clock.now())
    assert [run.state for run in app.selftest.latest()] == [RunState.PASSED] * 2


def test_a_case_rings_people_where_it_is_wanted(open_trial: OpenTrial, clock: FrozenClock) -> None:
    app, telephone = open_trial(selftest={"policy": "monitoring"})
    telephone.troubles = [OutboundError("no", retry=True)]
    app.selftest.plan(None, clock.now())
    work(app, clock)
    assert count(app, Ticket.kind == "monitoring", Ticket.rehearsal.is_(False)) == 1
    assert "selftest" not in [call.script for call in telephone.placed]
    assert telephone.placed, "somebody is called for it"


def test_a_worker_that_dies_while_it_places_is_followed_by_one_who_places_again(
    app: Application, telephone: NotingTelephone, clock: FrozenClock
) -> None:
    def dies(_: object) -> None:
        telephone.on_place = lambda _: None
        raise KeyboardInterrupt

    telephone.on_place = dies
    app.selftest.plan(None, clock.now())
    with pytest.raises(KeyboardInterrupt):
        work(app, clock)
    work(app, clock, 40)
    assert len(telephone.placed) == 2
    assert only_run(app).placed_at is not None


def test_without_settings_there_is_none(app: Application, open_trial: OpenTrial) -> None:
    bare, _ = open_trial(selftest={"customer": "", "caller": "", "technician": ""})
    with pytest.raises(SelftestError, match=r"selftest\.customer"):
        bare.selftest.plan(None, bare.clock.now())
    with pytest.raises(SelftestError, match="twilio"):
        app.selftest.plan("twilio", app.clock.now())


# Every day ------------------------------------------------------------------------------------------


def starts(app: Application) -> None:
    """What a worker does first."""
    with app.storage.writing() as uow:
        app.begin_trials_in(uow, app.clock.now())


def test_it_runs_every_day_at_its_wall_time(open_trial: OpenTrial, clock: FrozenClock) -> None:
    app, telephone = open_trial(selftest={"daily_at": "04:30"})
    starts(app)
    work(app, clock)
    assert telephone.placed == []
    for day in (24, 25):
        clock.at = datetime(2026, 11, day, 3, 30, tzinfo=UTC)
        work(app, clock, 200)
    assert len(telephone.placed) == 2
    assert [run.due_at.hour for run in app.selftest.latest()] == [3, 3]


def test_a_run_that_was_missed_is_made_up_for_once(
    open_trial: OpenTrial, clock: FrozenClock
) -> None:
    app, telephone = open_trial(selftest={"daily_at": "04:30"})
    starts(app)
    clock.at = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
    work(app, clock, 200)
    clock.at += timedelta(days=2)
    starts(app)
    work(app, clock, 200)
    starts(app)
    work(app, clock, 200)
    assert len(telephone.placed) == 2


def test_turned_off_it_stops(open_trial: OpenTrial, clock: FrozenClock) -> None:
    app, _ = open_trial(selftest={"daily_at": "04:30"})
    starts(app)
    off, telephone = open_trial()
    clock.at += timedelta(days=2)
    work(off, clock)
    assert telephone.placed == []
    starts(off)
    assert off.timekeeper.waits() == {}


def test_a_daily_run_without_any_telephone_is_told(
    open_trial: OpenTrial, clock: FrozenClock, notebook: Notebook
) -> None:
    app, _ = open_trial(selftest={"daily_at": "04:30"})
    app.telephones = ()
    starts(app)
    clock.at += timedelta(days=1)
    work(app, clock)
    assert failures(notebook) == ["placed"]


def test_a_worker_begins_it(open_trial: OpenTrial) -> None:
    app, _ = open_trial(selftest={"daily_at": "04:30"}, readiness={"hours_before": 12})
    Worker(app, threading.Event())._begin_sweeping()
    with app.storage.engine.connect() as connection:
        jobs = set(connection.execute(select(Timer.job)).scalars())
    assert jobs == {"sweep", "selftest", "readiness"}


def test_on_either_database_a_run_passes_and_a_telephone_is_confirmed(open_line: OpenLine) -> None:
    app = open_line(selftest=SELFTEST)
    clock, telephone = app.clock, NotingTelephone()
    assert isinstance(clock, FrozenClock)
    app.telephones = (telephone,)
    app.selftest.plan(None, clock.now())
    work(app, clock)
    reply = ring(app, clock)
    app.calls.begin_leg(legs_of(reply)[0].attempt_id, clock.now())
    work(app, clock, 3)
    assert only_run(app).state is RunState.PASSED
    check_id = app.readiness_watch.check("Anna Meier", clock.now())
    work(app, clock)
    leg = app.calls.begin_page(check_id, clock.now())
    app.calls.report(leg.leg_id, leg.turn, DigitsEntered(clock.now(), "1"))
    check = app.readiness.find(check_id)
    assert check is not None
    assert check.state is CheckState.CONFIRMED
    assert app.readiness_board.rows(clock.now())
    app.selftest.plan(None, clock.now())
    work(app, clock, 3)
    assert count(app, Ticket.rehearsal, Ticket.over_at.is_(None)) == 0
