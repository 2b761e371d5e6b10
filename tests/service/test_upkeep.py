"""The work behind the calls: every part has its turn, and a call whose hang-up got lost is closed."""

from datetime import datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.requests import CallResult
from ivr.callflow.support_session import State
from ivr.errors import SpeechError
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Reply
from ivr.services.reports import IncomingCall
from ivr.services.upkeep import LOST_AFTER, Upkeep
from ivr.settings import HuntSettings
from ivr.storage.database import reading, writing
from ivr.storage.models import OutboxMail, RingAttempt, Ticket, Turn
from ivr.worker import TROUBLE_PAUSE_SECONDS, UPKEEP_SECONDS, Worker
from tests.fakes import FrozenClock, Notebook
from tests.service.conftest import Telephone, legs_of

A_MOMENT = timedelta(seconds=1)


def result_of(app: Application, call_id: str) -> str | None:
    with app.storage.reading() as uow:
        return uow.calls.summary(call_id).result


def ended_at(app: Application, call_id: str) -> datetime | None:
    with app.storage.reading() as uow:
        return uow.calls.get(call_id).ended_at


def close_lost(app: Application) -> int:
    return app.upkeep._close_lost_calls(app.clock.now())


# Calls nobody closed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "result", "ticket"),
    [
        (State.HEARING_NOTICE, CallResult.ABANDONED, None),
        (State.CONFIRMING, CallResult.ABANDONED, None),
        (State.MAY_WITHDRAW, CallResult.ABANDONED, None),
        (State.RINGING_TECHNICIANS, CallResult.MISSED, "order"),
    ],
)
def test_a_call_whose_hang_up_got_lost_is_closed_where_it_stood(
    app: Application, clock: FrozenClock, state: State, result: CallResult, ticket: str | None
) -> None:
    reply = Telephone(app).wait_for(state)
    clock.advance((LOST_AFTER + A_MOMENT).total_seconds())
    assert close_lost(app) == 1
    assert result_of(app, reply.call_id) == result
    assert ended_at(app, reply.call_id) == clock.now()
    with reading(app.storage.engine) as connection:
        assert connection.execute(select(Ticket.kind)).scalar() == ticket
    assert close_lost(app) == 0


def test_a_call_in_progress_is_not_closed(app: Application, clock: FrozenClock) -> None:
    reply = Telephone(app).ring()
    clock.advance(LOST_AFTER.total_seconds())
    assert close_lost(app) == 0
    assert ended_at(app, reply.call_id) is None


def test_no_bridge_may_last_as_long() -> None:
    longest = HuntSettings(bridge_limit_seconds=14400).bridge_limit_seconds
    assert timedelta(seconds=longest) < LOST_AFTER


def test_a_lost_bridge_counts_as_one_and_frees_the_technician(
    app: Application, clock: FrozenClock
) -> None:
    telephone = Telephone(app)
    ringing = telephone.ring()
    (leg,) = legs_of(ringing)
    whisper = app.calls.begin_leg(leg.attempt_id, telephone.at)
    accepted = app.calls.report(leg.attempt_id, whisper.turn, DigitsEntered(telephone.at, "1"))
    assert accepted.over
    clock.advance((LOST_AFTER + A_MOMENT).total_seconds())
    close_lost(app)
    assert result_of(app, ringing.call_id) == CallResult.BRIDGED
    with reading(app.storage.engine) as connection:
        open_attempts = select(RingAttempt.id).where(RingAttempt.ended_at.is_(None))
        assert connection.execute(open_attempts).all() == []


def test_a_lost_call_that_rang_mails_nobody_twice(app: Application, clock: FrozenClock) -> None:
    """The order was mailed when it was made."""
    Telephone(app).ring()
    clock.advance((LOST_AFTER + A_MOMENT).total_seconds())
    close_lost(app)
    with reading(app.storage.engine) as connection:
        assert len(connection.execute(select(OutboxMail.id)).all()) == 2


@pytest.mark.parametrize("shift", [timedelta(weeks=-40), timedelta(weeks=40)])
def test_a_rehearsal_in_another_year_is_only_closed_when_it_is_really_lost(
    app: Application, clock: FrozenClock, shift: timedelta
) -> None:
    reply = rehearsed(app, shift)
    assert close_lost(app) == 0
    clock.advance((LOST_AFTER + A_MOMENT).total_seconds())
    assert close_lost(app) == 1
    assert result_of(app, reply.call_id) == CallResult.ABANDONED


def rehearsed(app: Application, shift: timedelta) -> Reply:
    """Somebody plays with the telephone in the browser, at a date he chose."""
    at = app.clock.now() + shift
    return app.calls.begin(
        IncomingCall(
            channel="browser",
            provider_call_id="a1",
            caller=parse_caller_id("+41440001001"),
            raw_caller="+41440001001",
            at=at,
            rehearsal=True,
            clock_shift_seconds=shift.total_seconds(),
        )
    )


# A round of everything ----------------------------------------------------------------------------


class Part:
    """A piece of work that notes that it had its turn, and may fail."""

    def __init__(self, done: int = 0, error: Exception | None = None) -> None:
        self.done, self.error, self.turns = done, error, 0

    def collect(self, now: datetime) -> int:
        self.turns += 1
        if self.error is not None:
            raise self.error
        return self.done

    post = collect


def upkeep_of(app: Application, *parts: Part) -> Upkeep:
    recordings, spool, posting = parts
    return Upkeep(app.storage, app.calls, recordings, spool, posting, app.observer)


def test_a_round_adds_up_what_was_done(app: Application, clock: FrozenClock) -> None:
    Telephone(app).ring()
    clock.advance((LOST_AFTER + A_MOMENT).total_seconds())
    assert upkeep_of(app, Part(1), Part(2), Part(3)).round(clock.now()) == 1 + 2 + 3 + 1


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_the_trouble_of_one_part_does_not_keep_the_others_from_their_turn(
    app: Application, clock: FrozenClock, failing: int
) -> None:
    """A spool that cannot be read must not stop the mails."""
    parts = [Part(1), Part(1), Part(1)]
    parts[failing].error = OSError("disk")
    reply = Telephone(app).ring()
    clock.advance((LOST_AFTER + A_MOMENT).total_seconds())
    with pytest.raises(OSError, match="disk"):
        upkeep_of(app, *parts).round(clock.now())
    assert [part.turns for part in parts] == [1, 1, 1]
    assert ended_at(app, reply.call_id) is not None


@pytest.mark.parametrize(
    "error", [OSError("disk"), OperationalError("x", {}, Exception()), SpeechError("mute")]
)
def test_no_trouble_ends_the_worker(app: Application, error: Exception) -> None:
    app.upkeep = upkeep_of(app, Part(error=error), Part(1), Part(1))
    assert Worker(app, Event()).round() == TROUBLE_PAUSE_SECONDS


def test_the_worker_pauses_only_when_there_is_nothing_to_do(app: Application) -> None:
    app.upkeep = upkeep_of(app, Part(), Part(1), Part())
    assert Worker(app, Event()).round() == 0
    app.upkeep = upkeep_of(app, Part(), Part(), Part())
    assert Worker(app, Event()).round() == UPKEEP_SECONDS


def test_one_call_that_cannot_be_read_does_not_keep_the_others_open(
    app: Application, clock: FrozenClock, notebook: Notebook
) -> None:
    damaged = Telephone(app, "a").ring()
    sound = Telephone(app, "b", caller="+41440001002").ring()
    with writing(app.storage.engine) as connection:
        connection.execute(
            update(Turn).where(Turn.leg_id == damaged.call_id).values(session='{"type":"Nothing"}')
        )
    clock.advance((LOST_AFTER + A_MOMENT).total_seconds())
    close_lost(app)
    assert ended_at(app, sound.call_id) is not None
    assert ended_at(app, damaged.call_id) == clock.now()
    assert notebook.troubles == [("call_unreadable", {"call": damaged.call_id})]
    assert close_lost(app) == 0, "an operator is told once"


def test_a_round_on_a_quiet_day_does_nothing(app: Application, clock: FrozenClock) -> None:
    assert app.upkeep.round(clock.now()) == 0


# Turns that were under way ------------------------------------------------------------------------


def test_a_call_goes_on_after_a_crash_where_its_last_turn_was_stored(app: Application) -> None:
    """Another process answers: what the telephone was told last is told again, once more the same."""
    telephone = Telephone(app)
    told = telephone.wait_for(State.CONFIRMING)
    again = app.calls.begin(telephone.incoming())
    assert (again.turn, again.verbs, again.state) == (told.turn, told.verbs, told.state)
    ordered = app.calls.report(again.leg_id, again.turn, telephone.answer(again))
    assert ordered.state == State.MAY_WITHDRAW
    repeated = app.calls.report(again.leg_id, again.turn, telephone.answer(again))
    assert (repeated.turn, repeated.verbs) == (ordered.turn, ordered.verbs)
    assert repeated.log == ()
