"""Of several who press 1 at the same instant one has the call, on either database.

Everything here happens in threads that a barrier lets go together.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered, DigitsTimedOut
from ivr.callflow.facts import AttemptResult
from ivr.callflow.prompts import PromptKey
from ivr.callflow.support_session import State
from ivr.callflow.technician_leg import State as LegState
from ivr.callflow.verbs import Connect, Play
from ivr.services.calls import Reply
from ivr.storage.database import writing
from ivr.storage.models import Call, RingAttempt, RosterEntry, Technician
from tests.fakes import MONDAY_TEN
from tests.service.conftest import OpenLine, Telephone, legs_of
from tests.service.crew import Job, crew

ROUNDS = 200
PARALLEL_CALLS = 8
AN_HOUR = timedelta(hours=1)
TECHNICIANS = ("+41440009001", "+41440009002")


@pytest.fixture
def together_line(open_line: OpenLine) -> Application:
    """All technicians ring at once; in each hour two of them are on duty whom nobody else has."""
    app = open_line(hunt={"simultaneous": True})
    with writing(app.storage.engine) as connection:
        connection.execute(delete(RosterEntry))
        for hour in range(ROUNDS):
            connection.execute(insert(Technician), [_technician(hour, n) for n in range(2)])
            connection.execute(insert(RosterEntry), [_duty(hour, n) for n in range(2)])
    return app


def _technician(hour: int, place: int) -> dict[str, Any]:
    key = 1000 + 2 * hour + place
    return {
        "id": key,
        "name": f"Technician {key}",
        "number": TECHNICIANS[place],
        "email": "",
        "language": "de",
        "demo": True,
    }


def _duty(hour: int, place: int) -> dict[str, Any]:
    starts_at = MONDAY_TEN + hour * AN_HOUR
    return {
        "technician_id": 1000 + 2 * hour + place,
        "level": "deputy" if place else "on_duty",
        "starts_at": starts_at,
        "ends_at": starts_at + AN_HOUR,
    }


def _answered(app: Application, hour: int) -> tuple[Telephone, Reply, list[Reply]]:
    """A caller whose two technicians have picked up and hear who calls."""
    telephone = Telephone(app, f"hour-{hour}", MONDAY_TEN + hour * AN_HOUR)
    ringing = telephone.ring()
    legs = [app.calls.begin_leg(leg.attempt_id, telephone.at) for leg in legs_of(ringing)]
    assert [leg.state for leg in legs] == [LegState.DECIDING, LegState.DECIDING]
    return telephone, ringing, legs


def _press(app: Application, leg: Reply, telephone: Telephone) -> Job:
    return lambda: app.calls.report(leg.leg_id, leg.turn, DigitsEntered(telephone.at, "1"))


def _hears(reply: Reply) -> list[PromptKey]:
    return [prompt.key for verb in reply.verbs if isinstance(verb, Play) for prompt in verb.prompts]


@pytest.mark.rule("B.16", "P.6")
def test_one_of_two_who_press_at_the_same_instant_has_the_call(together_line: Application) -> None:
    """200 calls, several at a time, each with two technicians who press 1 together."""
    app = together_line
    with crew(2 * PARALLEL_CALLS) as together, ThreadPoolExecutor(PARALLEL_CALLS) as calls:

        def play(hour: int) -> str:
            telephone, ringing, legs = _answered(app, hour)
            replies = together([_press(app, leg, telephone) for leg in legs])
            _one_winner(app, ringing.call_id, replies)
            report = telephone.bridge_ended()
            assert app.calls.report(ringing.call_id, ringing.turn, report).state == State.ENDED
            return ringing.call_id

        played = list(calls.map(play, range(ROUNDS)))
    assert len(set(played)) == ROUNDS
    _nothing_is_left_open(app)


def _one_winner(app: Application, call_id: str, replies: list[Reply]) -> None:
    (winner,) = [reply for reply in replies if reply.state == LegState.CONNECTED]
    (other,) = [reply for reply in replies if reply.state == LegState.RELEASED]
    assert any(isinstance(verb, Connect) for verb in winner.verbs)
    assert _hears(other) == [PromptKey.ALREADY_TAKEN]
    with app.storage.reading() as uow:
        assert uow.calls.get(call_id).accepted_attempt == winner.leg_id
        assert uow.attempts.get(winner.leg_id).result is AttemptResult.ACCEPTED
        assert uow.attempts.get(other.leg_id).result is AttemptResult.TOO_LATE


def _nothing_is_left_open(app: Application) -> None:
    accepted = select(RingAttempt.call_id).where(RingAttempt.accepted_at.is_not(None))
    with app.storage.engine.connect() as connection:
        results = connection.execute(
            select(RingAttempt.result, func.count()).group_by(RingAttempt.result)
        ).all()
        calls = connection.execute(select(Call.result, func.count()).group_by(Call.result)).all()
        winners = connection.execute(accepted).scalars().all()
        open_attempts = select(func.count()).where(RingAttempt.ended_at.is_(None))
        assert connection.execute(open_attempts).scalar() == 0
    assert {tuple(row) for row in results} == {("accepted", ROUNDS), ("too_late", ROUNDS)}
    assert [tuple(row) for row in calls] == [("bridged", ROUNDS)]
    assert len(winners) == len(set(winners)) == ROUNDS


@pytest.mark.rule("P.8")
def test_accepting_while_the_caller_hangs_up(together_line: Application) -> None:
    """Either he is bridged and then gone, or the technician hears that he left; nothing between."""
    app = together_line
    ends = set()
    with crew(2) as together:
        for hour in range(40):
            telephone, ringing, legs = _answered(app, hour)
            press = _press(app, legs[0], telephone)
            leg, _ = together([press, _hanging_up(telephone, ringing)])
            ends.add(_settled(app, ringing.call_id, leg))
    assert ends <= {("bridged", "connected"), ("missed", "released")}


def _settled(app: Application, call_id: str, leg: Reply) -> tuple[str | None, str]:
    with app.storage.reading() as uow:
        call, result = uow.calls.get(call_id), uow.calls.summary(call_id).result
        attempt = uow.attempts.get(leg.leg_id)
    assert call.ended_at is not None
    assert attempt.ended_at is not None, f"{attempt.result} attempt left open by a call {result}"
    if leg.state == LegState.CONNECTED:
        assert (call.accepted_attempt, attempt.result) == (leg.leg_id, AttemptResult.ACCEPTED)
    else:
        assert (call.accepted_attempt, attempt.result) == (None, AttemptResult.CALLER_LEFT)
        assert _hears(leg) in ([PromptKey.CALLER_LEFT], [PromptKey.CALLER_LEFT_TICKET])
    return result, leg.state


@pytest.mark.rule("P.7")
def test_calls_at_once_never_reserve_the_same_technician(open_line: OpenLine) -> None:
    """Eight orders are due at the same instant and three technicians are there."""
    app = open_line()
    with crew(PARALLEL_CALLS) as together:
        for number in range(6):
            telephones = [
                Telephone(app, f"round-{number}-{n}", MONDAY_TEN + number * AN_HOUR)
                for n in range(PARALLEL_CALLS)
            ]
            waiting = [each.wait_for(State.MAY_WITHDRAW) for each in telephones]
            jobs = [_let_pass(app, *pair) for pair in zip(telephones, waiting, strict=True)]
            rung = [legs_of(reply)[0].number for reply in together(jobs)]
            assert sorted(rung)[:3] == [f"+4144000900{n}" for n in (1, 2, 3)]
            assert sorted(rung)[3:] == ["+41440009009"] * (PARALLEL_CALLS - 3)
            together([_hanging_up(*pair) for pair in zip(telephones, waiting, strict=True)])


def _let_pass(app: Application, telephone: Telephone, waiting: Reply) -> Job:
    timed_out = DigitsTimedOut(telephone.at + timedelta(seconds=10))
    return lambda: app.calls.report(waiting.leg_id, waiting.turn, timed_out)


def _hanging_up(telephone: Telephone, waiting: Reply) -> Job:
    return lambda: telephone.hang_up(waiting)


def test_calls_that_ring_the_same_two_in_opposite_order(open_line: OpenLine) -> None:
    """Planned before and after a change of shift: one call rings both, neither waits for ever."""
    app = open_line(hunt={"simultaneous": True})
    shift = MONDAY_TEN + AN_HOUR
    with writing(app.storage.engine) as connection:
        connection.execute(delete(RosterEntry))
        connection.execute(insert(Technician), [_technician(0, n) for n in range(2)])
        before = [_duty(0, n) for n in range(2)]
        after = [{**duty, "starts_at": shift, "ends_at": shift + AN_HOUR} for duty in before]
        after[0]["level"], after[1]["level"] = after[1]["level"], after[0]["level"]
        connection.execute(insert(RosterEntry), before + after)
    with crew(2) as together:
        for number in range(40):
            pair = [
                Telephone(app, f"before-{number}", shift - timedelta(seconds=30)),
                Telephone(app, f"after-{number}", shift),
            ]
            waiting = [each.wait_for(State.MAY_WITHDRAW) for each in pair]
            jobs = [_let_pass(app, *each) for each in zip(pair, waiting, strict=True)]
            rung = [[leg.number for leg in legs_of(reply)] for reply in together(jobs)]
            assert sorted(len(numbers) for numbers in rung) == [1, 2], rung
            for telephone, reply in zip(pair, waiting, strict=True):
                telephone.hang_up(reply)
