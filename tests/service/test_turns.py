"""A turn happens once, however often and by however many it is reported, on either database."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.support_session import State
from ivr.callflow.technician_leg import State as LegState
from ivr.errors import TurnOutOfOrderError
from ivr.numbers.caller_id import CallerId
from ivr.services.calls import Reply
from ivr.services.fallback import FallbackMessage
from ivr.services.reports import Report
from tests.service.conftest import OpenLine, Telephone, contents, legs_of
from tests.service.crew import Together, crew

AT_ONCE = 20


@pytest.fixture
def together() -> Iterator[Together]:
    with crew(AT_ONCE) as at_once:
        yield at_once


@pytest.fixture
def telephone(line: Application) -> Telephone:
    return Telephone(line)


def _answer(reply: Reply) -> tuple[object, ...]:
    """What whoever reports is told; a stored answer only lacks the log."""
    return (reply.call_id, reply.leg_id, reply.turn, reply.verbs, reply.state, reply.over)


@pytest.mark.rule("B.15")
def test_a_turn_told_twice_gives_the_stored_answer(telephone: Telephone) -> None:
    """After each turn of a call with an order, everything told so far is told again."""
    app, told = telephone.app, []
    reply = telephone.begin()
    while reply.state != State.RINGING_TECHNICIANS:
        report = telephone.answer(reply)
        answer = app.calls.report(reply.leg_id, reply.turn, report)
        told.append((reply, report, answer))
        stored = contents(app)
        for before, again, first in told:
            second = app.calls.report(before.leg_id, before.turn, again)
            assert _answer(second) == _answer(first)
            assert second.log == ()
        assert contents(app) == stored
        reply = answer
    assert len(told) == 3


def test_another_report_to_an_answered_turn_changes_nothing(telephone: Telephone) -> None:
    """The key 1 was taken; that the time is over too is heard of too late."""
    app = telephone.app
    confirming = telephone.wait_for(State.CONFIRMING)
    withdraw = DigitsEntered(telephone.at, "2")
    ordered = app.calls.report(confirming.leg_id, confirming.turn, telephone.answer(confirming))
    stored = contents(app)
    late = app.calls.report(confirming.leg_id, confirming.turn, withdraw)
    assert _answer(late) == _answer(ordered)
    assert contents(app) == stored


@pytest.mark.rule("B.15")
def test_every_turn_told_by_twenty_at_once_is_taken_once(
    telephone: Telephone, together: Together
) -> None:
    """From the first ring to the end of the bridge, the rung telephone's turns included."""
    app = telephone.app
    reply = _once(together, telephone.begin)
    while reply.state != State.RINGING_TECHNICIANS:
        reply = _report(together, app, reply, telephone.answer(reply))
    (rung,) = legs_of(reply)
    leg = _once(together, lambda: app.calls.begin_leg(rung.attempt_id, telephone.at))
    leg = _report(together, app, leg, DigitsEntered(telephone.at, "1"))
    assert leg.state == LegState.CONNECTED
    over = _report(together, app, reply, telephone.bridge_ended())
    assert over.state == State.ENDED
    rows = {name: len(found) for name, found in contents(app).items()}
    once = {"call": 1, "consent": 1, "ticket": 1, "outbox_mail": 2, "ring_attempt": 1, "turn": 7}
    assert {name: rows[name] for name in once} == once
    _heard_of_each_once(app)


def _report(together: Together, app: Application, reply: Reply, report: Report) -> Reply:
    return _once(together, lambda: app.calls.report(reply.leg_id, reply.turn, report))


def _once(together: Together, job: Callable[[], Reply]) -> Reply:
    """Everybody is told the same, and one of them took the turn."""
    replies = together([job] * AT_ONCE)
    assert len({_answer(reply) for reply in replies}) == 1
    (fresh,) = [reply for reply in replies if reply.log]
    return fresh


def _heard_of_each_once(app: Application) -> None:
    """Logs and metrics tell of no turn that was not stored, and of none twice."""
    observer = app.observer
    told = [(turn.leg_id, turn.number) for turn in observer.turns]
    assert sorted(told) == sorted((row[0], row[1]) for row in contents(app)["turn"])
    assert observer.attempts == [("accepted", False)]


def test_a_support_code_told_by_twenty_at_once_counts_once(
    line: Application, together: Together
) -> None:
    """A wrong code sent again by an impatient carrier costs one try, not all three."""
    telephone = Telephone(line, caller="anonymous")
    reply = telephone.begin()
    reply = line.calls.report(reply.leg_id, reply.turn, DigitsEntered(telephone.at, "1"))
    assert reply.state == State.ENTERING_SUPPORT_CODE
    wrong = _report(together, line, reply, DigitsEntered(telephone.at, "11001000000"))
    assert wrong.state == State.ENTERING_SUPPORT_CODE
    right = _report(together, line, wrong, DigitsEntered(telephone.at, "11001123456"))
    assert right.state == State.HEARING_NOTICE


@pytest.mark.parametrize("ahead", [1, 2, 1000])
def test_a_turn_from_the_future_is_refused(telephone: Telephone, ahead: int) -> None:
    reply = telephone.begin()
    stored = contents(telephone.app)
    with pytest.raises(TurnOutOfOrderError):
        telephone.app.calls.report(reply.leg_id, reply.turn + ahead, telephone.answer(reply))
    assert contents(telephone.app) == stored


def test_a_turn_of_an_unknown_leg_is_refused(telephone: Telephone) -> None:
    with pytest.raises(TurnOutOfOrderError):
        telephone.app.calls.report("0123abc", 1, telephone.gone())
    with pytest.raises(LookupError):
        telephone.app.calls.begin_leg("0123abc", telephone.at)
    assert contents(telephone.app)["turn"] == []


def test_a_call_that_begins_again_goes_on_where_it_stands(telephone: Telephone) -> None:
    confirming = telephone.wait_for(State.CONFIRMING)
    stored = contents(telephone.app)
    assert _answer(telephone.begin()) == _answer(confirming)
    assert contents(telephone.app) == stored


def test_the_same_id_on_another_channel_is_another_call(line: Application) -> None:
    ids = {Telephone(line, channel=channel).begin().call_id for channel in ("asterisk", "twilio")}
    assert len(ids) == 2


def test_hanging_up_is_heard_of_twice(telephone: Telephone) -> None:
    reply = telephone.ring()
    telephone.hang_up(reply)
    stored = contents(telephone.app)
    telephone.at += timedelta(seconds=1)
    telephone.hang_up(reply)
    assert contents(telephone.app) == stored


def test_hanging_up_of_an_unknown_leg_is_harmless(telephone: Telephone) -> None:
    stored = contents(telephone.app)
    telephone.app.calls.hang_up("0123abc", telephone.at)
    assert contents(telephone.app) == stored


def test_twenty_hang_ups_at_once_are_one(telephone: Telephone, together: Together) -> None:
    app, reply = telephone.app, telephone.ring()
    together([lambda: telephone.hang_up(reply)] * AT_ONCE)
    assert app.calls.current(reply.call_id).state == State.ENDED
    assert app.observer.attempts == [("cancelled", False)]


def test_a_hang_up_at_the_instant_of_a_key_is_not_lost(
    line: Application, together: Together
) -> None:
    """Whichever is stored first: the call is over afterwards, and nobody is dialled for a ghost."""
    for number in range(40):
        telephone = Telephone(line, f"call-{number}")
        confirming = telephone.wait_for(State.CONFIRMING)
        key = partial(line.calls.report, confirming.leg_id, confirming.turn)
        answer = telephone.answer(confirming)
        together([partial(key, answer), partial(telephone.hang_up, confirming)])
        assert line.calls.current(confirming.leg_id).over, f"round {number}"


def test_a_fallback_message_told_by_twenty_at_once_is_one_ticket(
    telephone: Telephone, together: Together
) -> None:
    """Also where the call was never heard of before, and has to be written first."""
    app, known = telephone.app, telephone.begin()
    for unique, kept in ((telephone.unique, 1), ("never-heard-of", 2)):
        message = FallbackMessage(
            "asterisk", unique, CallerId(), telephone.at, f"file:{kept}.wav", 10.0
        )
        together([partial(app.fallback.keep, message)] * AT_ONCE)
        rows = contents(app)
        assert [len(rows[name]) for name in ("call", "ticket", "recording")] == [kept] * 3
    assert app.calls.current(known.leg_id).over


def test_after_the_end_the_last_answer_is_told_again(telephone: Telephone) -> None:
    app, reply = telephone.app, telephone.wait_for(State.CONFIRMING)
    telephone.hang_up(reply)
    last = app.calls.current(reply.leg_id)
    stored = contents(app)
    for turn in (reply.turn, last.turn):
        again = app.calls.report(reply.leg_id, turn, telephone.answer(reply))
        assert _answer(again) == _answer(last)
        assert again.over
    assert contents(app) == stored


def test_somebody_who_had_no_key_cannot_accept_later(open_line: OpenLine) -> None:
    """The leg was let go; its late key is told the same farewell and connects nobody."""
    app = open_line()
    telephone = Telephone(app)
    (rung,) = legs_of(telephone.ring())
    leg = app.calls.begin_leg(rung.attempt_id, telephone.at)
    declined = app.calls.report(leg.leg_id, leg.turn, DigitsEntered(telephone.at, "2"))
    late = app.calls.report(leg.leg_id, declined.turn, DigitsEntered(telephone.at, "1"))
    assert _answer(late) == _answer(declined)
    with app.storage.reading() as uow:
        assert uow.calls.get(leg.call_id).accepted_attempt is None
