"""A technician's telephone is tried before his duty: who is called when, and what comes of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered, DigitsTimedOut
from ivr.roster.hunt import Level
from ivr.roster.plan import Override
from ivr.roster.walltime import ZONE
from ivr.services.outbound import OutboundError
from ivr.services.reports import DialReport, DialStatus
from ivr.services.roster_changes import AddOverride
from ivr.services.roster_input import RosterRefusedError
from ivr.services.selftest_store import CheckState, ReadinessCheck
from ivr.storage.models import ContactMethod, OutboxMail, RosterEntry
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.service.conftest import Telephone, legs_of
from tests.service.escalating import NotingTelephone
from tests.service.trying import LEAD, trial_application, work

ANNA, ANNAS_MAIL = "Anna Meier", "anna@demo.pikett.invalid"


@pytest.fixture
def trial(
    data_dir: Path, clock: FrozenClock, notebook: Notebook
) -> Iterator[tuple[Application, NotingTelephone]]:
    app, telephone = trial_application(
        data_dir,
        clock=clock,
        ids=CountedIds(),
        observer=notebook,
        readiness={"hours_before": 12},
    )
    with app.storage.engine.begin() as connection:
        connection.execute(ContactMethod.__table__.delete())  # type: ignore[attr-defined]
    yield app, telephone
    app.storage.engine.dispose()


@pytest.fixture
def app(trial: tuple[Application, NotingTelephone]) -> Application:
    return trial[0]


@pytest.fixture
def telephone(trial: tuple[Application, NotingTelephone]) -> NotingTelephone:
    return trial[1]


def try_anna(app: Application, clock: FrozenClock) -> str:
    check_id = app.readiness_watch.check(ANNA, clock.now())
    work(app, clock)
    return check_id


def press(app: Application, check_id: str, *keys: str) -> None:
    """She answers, and presses these; without any, a voicemail has answered."""
    reply = app.calls.begin_page(check_id, app.clock.now())
    for key in keys:
        report = DigitsEntered(app.clock.now(), key)
        reply = app.calls.report(reply.leg_id, reply.turn, report)
    if not keys:
        app.calls.report(reply.leg_id, reply.turn, DigitsTimedOut(app.clock.now()))


def checked(app: Application, check_id: str) -> ReadinessCheck:
    found = app.readiness.find(check_id)
    assert found is not None
    return found


def verified(app: Application) -> datetime | None:
    methods = app.technicians.get(ANNA)[1]
    return next(each.verified_at for each in methods if each.kind == "phone")


def mails(app: Application) -> list[str]:
    with app.storage.engine.connect() as connection:
        return sorted(connection.execute(select(OutboxMail.recipient)).scalars())


def told(notebook: Notebook) -> list[str]:
    return [facts["result"] for what, facts in notebook.troubles if what == "technician_not_ready"]


def test_1_confirms_the_telephone(
    app: Application, telephone: NotingTelephone, clock: FrozenClock, notebook: Notebook
) -> None:
    check_id = try_anna(app, clock)
    assert telephone.numbers == ["+41440009001"]
    assert verified(app) is None
    press(app, check_id, "1")
    assert checked(app, check_id).state is CheckState.CONFIRMED
    assert verified(app) == clock.now()
    app.readiness.ended(check_id, DialStatus.ANSWERED, clock.now())
    work(app, clock, 300)
    assert (mails(app), told(notebook)) == ([], [])
    assert checked(app, check_id).state is CheckState.CONFIRMED


@pytest.mark.rule("P.4")
def test_a_voicemail_is_none(app: Application, clock: FrozenClock, notebook: Notebook) -> None:
    check_id = try_anna(app, clock)
    press(app, check_id)
    assert (checked(app, check_id).state, verified(app)) == (CheckState.NO_KEY, None)
    assert mails(app) == [ANNAS_MAIL, "desk@demo.pikett.invalid", LEAD]
    assert told(notebook) == ["no_key"]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (DialStatus.BUSY, CheckState.BUSY),
        (DialStatus.NO_ANSWER, CheckState.NO_ANSWER),
        (DialStatus.FAILED, CheckState.FAILED),
        (DialStatus.CANCELLED, CheckState.NO_ANSWER),
        (DialStatus.ANSWERED, CheckState.NO_KEY),
    ],
)
def test_whoever_is_not_reached_is_written_to_once(
    status: DialStatus,
    state: CheckState,
    app: Application,
    clock: FrozenClock,
    notebook: Notebook,
) -> None:
    check_id = try_anna(app, clock)
    for _ in range(2):
        app.readiness.ended(check_id, status, clock.now())
    assert checked(app, check_id).state is state
    assert told(notebook) == [state]
    assert len(mails(app)) == 3


@pytest.mark.parametrize(("answers", "state"), [(False, "no_answer"), (True, "no_key")])
def test_an_end_that_nobody_tells_is_missed(
    answers: bool, state: str, app: Application, clock: FrozenClock, notebook: Notebook
) -> None:
    check_id = try_anna(app, clock)
    if answers:
        app.calls.begin_page(check_id, clock.now())
    work(app, clock, 200)
    assert told(notebook) == [state]
    assert checked(app, check_id).settled_at is not None


def test_no_telephone_that_takes_the_call_is_told(
    app: Application, telephone: NotingTelephone, clock: FrozenClock, notebook: Notebook
) -> None:
    telephone.troubles = [OutboundError("away", retry=True)]
    try_anna(app, clock)
    assert told(notebook) == ["failed"]


def test_the_other_telephone_is_tried_where_the_first_is_away(
    app: Application, telephone: NotingTelephone, clock: FrozenClock
) -> None:
    other = NotingTelephone("twilio")
    app.telephones = (telephone, other)
    telephone.troubles = [OutboundError("away", retry=True)]
    check_id = try_anna(app, clock)
    assert (len(other.placed), checked(app, check_id).telephone) == (1, "twilio")


def test_while_it_rings_nobody_else_rings_him_and_after_it_everybody_may(
    app: Application, clock: FrozenClock
) -> None:
    check_id = try_anna(app, clock)
    with app.storage.reading() as uow:
        assert uow.attempts.is_engaged(1, clock.now(), rehearsal=False)
    press(app, check_id, "1")
    with app.storage.reading() as uow:
        assert not uow.attempts.is_engaged(1, clock.now(), rehearsal=False)


def test_whoever_is_on_a_call_is_tried_afterwards(
    app: Application, telephone: NotingTelephone, clock: FrozenClock
) -> None:
    phone = Telephone(app, "caller-1", clock.now())
    (leg,) = legs_of(phone.ring())
    clock.at = phone.at
    app.calls.begin_leg(leg.attempt_id, clock.now())
    try_anna(app, clock)
    assert telephone.placed == []
    work(app, clock, 200)
    assert telephone.numbers == ["+41440009001"]


def test_a_worker_that_dies_while_it_places_is_followed_by_one_who_places_again(
    app: Application, telephone: NotingTelephone, clock: FrozenClock
) -> None:
    def dies(_: object) -> None:
        telephone.on_place = lambda _: None
        raise KeyboardInterrupt

    telephone.on_place = dies
    check_id = app.readiness_watch.check(ANNA, clock.now())
    with pytest.raises(KeyboardInterrupt):
        work(app, clock)
    work(app, clock, 40)
    assert len(telephone.placed) == 2
    press(app, check_id, "1")
    assert checked(app, check_id).state is CheckState.CONFIRMED


def test_a_number_that_may_not_be_dialled_is_not(
    app: Application, telephone: NotingTelephone, clock: FrozenClock, notebook: Notebook
) -> None:
    with app.storage.writing() as uow:
        uow.technicians.change(1, number="0900123456")
    try_anna(app, clock)
    assert (telephone.placed, told(notebook)) == ([], ["failed"])


def test_somebody_unknown_is_refused(app: Application, clock: FrozenClock) -> None:
    with pytest.raises(RosterRefusedError):
        app.readiness_watch.check("Nobody", clock.now())
    app.telephones = ()
    with pytest.raises(RosterRefusedError, match="no telephone"):
        app.readiness_watch.check(ANNA, clock.now())


# Before each duty -----------------------------------------------------------------------------------


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def one_duty(app: Application, clock: FrozenClock) -> None:
    """Nobody has duty but Anna, on Wednesday from 18:00 to Thursday at 08:00."""
    with app.storage.engine.begin() as connection:
        connection.execute(RosterEntry.__table__.delete())  # type: ignore[attr-defined]
    change = AddOverride(
        Override(0, Level.ON_DUTY, 1, wall("2026-11-25T18:00"), wall("2026-11-26T08:00"), 1)
    )
    app.rosters.change(change, None, clock.now())


def watch_until(app: Application, clock: FrozenClock, end: str) -> None:
    """A worker runs to this wall time."""
    with app.storage.writing() as uow:
        app.begin_trials_in(uow, clock.now())
    while clock.now() < wall(end):
        work(app, clock)
        clock.at += timedelta(minutes=5)


@pytest.mark.rule("P.15")
@pytest.mark.usefixtures("one_duty")
def test_before_his_duty_he_is_tried_once_and_not_at_night(
    app: Application, telephone: NotingTelephone, clock: FrozenClock
) -> None:
    """Twelve hours before 18:00 is 06:00: the line waits for 08:00."""
    clock.at = wall("2026-11-25T05:55")
    watch_until(app, clock, "2026-11-25T07:59")
    assert telephone.placed == []
    watch_until(app, clock, "2026-11-25T08:01")
    (call,) = telephone.placed
    found = checked(app, call.id)
    assert found.starts_at == wall("2026-11-25T18:00")
    press(app, call.id, "1")
    assert checked(app, call.id).state is CheckState.CONFIRMED
    watch_until(app, clock, "2026-11-25T10:30")
    assert len(telephone.placed) == 1


@pytest.mark.usefixtures("one_duty")
def test_with_zero_hours_nobody_is_tried_by_himself(
    app: Application, telephone: NotingTelephone, clock: FrozenClock
) -> None:
    app.readiness_watch._before = timedelta()
    watch_until(app, clock, "2026-11-25T18:00")
    assert telephone.placed == []


@pytest.mark.usefixtures("one_duty")
@pytest.mark.parametrize("reached", [True, False])
def test_who_is_not_reached_is_tried_once_more_before_it_is_told(
    app: Application,
    telephone: NotingTelephone,
    clock: FrozenClock,
    notebook: Notebook,
    reached: bool,
) -> None:
    """A quarter of an hour later, and then no more."""
    clock.at = wall("2026-11-25T07:55")
    watch_until(app, clock, "2026-11-25T08:01")
    (first,) = telephone.placed
    app.readiness.ended(first.id, DialStatus.BUSY, clock.now())
    watch_until(app, clock, "2026-11-25T08:16")
    assert (len(telephone.placed), mails(app), told(notebook)) == (1, [], [])
    watch_until(app, clock, "2026-11-25T08:21")
    (_, second) = telephone.placed
    if reached:
        press(app, second.id, "1")
    else:
        app.readiness.ended(second.id, DialStatus.NO_ANSWER, clock.now())
    watch_until(app, clock, "2026-11-25T08:50")
    assert len(telephone.placed) == 2
    assert told(notebook) == ([] if reached else ["no_answer"])


@pytest.mark.usefixtures("one_duty")
def test_just_before_his_duty_it_is_told_at_once(
    app: Application, telephone: NotingTelephone, clock: FrozenClock, notebook: Notebook
) -> None:
    clock.at = wall("2026-11-25T17:45")
    watch_until(app, clock, "2026-11-25T17:46")
    app.readiness.ended(telephone.placed[0].id, DialStatus.BUSY, clock.now())
    assert told(notebook) == ["busy"]


# The board ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("one_duty")
def test_the_board_says_what_speaks_against_him(app: Application, clock: FrozenClock) -> None:
    (row,) = app.readiness_board.rows(clock.now())
    assert (row.name, row.verified_at, row.tried, row.backup) == (ANNA, None, None, "")
    assert not row.ready
    check_id = try_anna(app, clock)
    press(app, check_id, "1")
    deputy = AddOverride(
        Override(0, Level.DEPUTY, 1, wall("2026-11-25T18:00"), wall("2026-11-26T08:00"), 2)
    )
    app.rosters.change(deputy, None, clock.now())
    row = next(each for each in app.readiness_board.rows(clock.now()) if each.name == ANNA)
    assert (row.verified_at, row.tried, row.backup) == (clock.now(), True, "Luca Bernasconi")
    assert row.ready
    assert not replace(row, backup="").ready
    assert not replace(row, verified_at=None).ready


@pytest.mark.usefixtures("one_duty")
def test_a_trial_that_failed_makes_him_red_though_the_number_was_checked(
    app: Application, clock: FrozenClock
) -> None:
    press(app, try_anna(app, clock), "1")
    clock.advance(60)
    press(app, try_anna(app, clock))
    (row,) = app.readiness_board.rows(clock.now())
    assert (row.verified_at is not None, row.tried, row.ready) == (True, False, False)


@pytest.mark.usefixtures("one_duty")
def test_whose_telephone_could_not_be_rung_is_not_ready(
    app: Application, clock: FrozenClock
) -> None:
    """The board knows what the roster's page knows of real calls; a confirmed trial settles it."""
    deputy = AddOverride(
        Override(0, Level.DEPUTY, 1, wall("2026-11-25T18:00"), wall("2026-11-26T08:00"), 2)
    )
    app.rosters.change(deputy, None, clock.now())
    press(app, try_anna(app, clock), "1")
    clock.at = wall("2026-11-25T18:30")
    phone = Telephone(app, "real", clock.now())
    ringing = phone.ring()
    lost = DialReport(phone.at, DialStatus.FAILED, 0)
    phone.hang_up(app.calls.report(ringing.leg_id, ringing.turn, lost))
    clock.at = wall("2026-11-25T19:00")
    anna = next(each for each in app.readiness_board.rows(clock.now()) if each.name == ANNA)
    assert (anna.tried, anna.unreachable, anna.ready) == (True, True, False)
    press(app, try_anna(app, clock), "1")
    anna = next(each for each in app.readiness_board.rows(clock.now()) if each.name == ANNA)
    assert (anna.tried, anna.unreachable, anna.ready) == (True, False, True)
    assert (anna.starts_at, anna.ends_at) == (wall("2026-11-25T18:00"), wall("2026-11-26T08:00"))
