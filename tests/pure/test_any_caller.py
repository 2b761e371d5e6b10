"""Anybody, doing anything, at any moment: no way through a call breaks the rules of an order (B.8)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.callflow import samples
from ivr.callflow.events import DigitsEntered, Event, PlaybackFinished
from ivr.callflow.machine import Action
from ivr.callflow.ordering import WITHDRAWAL_TIME
from ivr.callflow.requests import NoteOrder, OrderState, ReserveLegs
from ivr.callflow.samples import START
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.support_session import State, SupportSession
from ivr.callflow.verbs import Dial
from ivr.contracts.offers import OfferKind
from ivr.roster.hunt import Level

Step = tuple[int | None, float]
"""Which of the possible events comes next (None: the one on the way to an order), and when."""

TO_AN_ORDER = {
    "call with number",
    "one customer",
    "window open",
    "heard in full",
    "key 1",
    "no key",
    "ticket stored",
    "technicians and desk",
    "free",
    "not connected",
}
STEPS = st.tuples(st.none() | st.integers(0, 10_000), st.floats(0, 12))


@pytest.mark.rule("A.28", "B.8")
@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=40))
def test_whatever_a_caller_does_the_rules_hold(steps: list[Step]) -> None:
    history = _play(steps)
    for number, (before, event, actions, _) in enumerate(history):
        if NoteOrder(OrderState.ORDERED) in actions:
            _assert_was_informed_and_said_yes(before, event)
            assert _last_notice(history[:number]).complete
        if _rings_technicians(actions):
            _assert_may_ring(before, event)
        if before.order is OrderState.WITHDRAWN:
            assert not any(isinstance(action, Dial | ReserveLegs) for action in actions)
        if SUPPORT_LINE.is_over(before):
            raise AssertionError(f"something came after the end: {history[number:]}")


History = list[tuple[SupportSession, Event, tuple[Action, ...], SupportSession]]


def _play(steps: list[Step]) -> History:
    """A way through the table: at each step one of the events that the state can meet."""
    history: History = []
    session, now = SUPPORT_LINE.initial, START
    for choice, seconds in steps:
        if SUPPORT_LINE.is_over(session):
            break
        now += timedelta(seconds=seconds)
        possible = {
            label: event
            for label, event in samples.support_events(session)
            if type(event) in SUPPORT_LINE.table[session.state]
        }
        labels = sorted(possible, key=lambda label: label not in TO_AN_ORDER)
        event = replace(possible[labels[(choice or 0) % len(labels)]], at=now)
        turn = SUPPORT_LINE.advance(session, event)
        history.append((session, event, turn.actions, turn.session))
        session = turn.session
    return history


def _assert_was_informed_and_said_yes(before: SupportSession, event: Event) -> None:
    assert isinstance(event, DigitsEntered)
    assert event.digits == "1"
    assert before.state == State.CONFIRMING
    assert before.notice is not None
    assert before.notice.window.open
    assert _notice_end(before) <= event.at


def _assert_may_ring(before: SupportSession, event: Event) -> None:
    """Ordered in this call, five seconds after the notice; or in an earlier one, for what is free."""
    if before.order is not OrderState.ORDERED:
        assert before.about is not None
        assert before.about.ordered
        assert before.notice is not None
        assert before.notice.conditions.offer is OfferKind.ORDER
        return
    assert event.at >= _notice_end(before) + WITHDRAWAL_TIME


def _last_notice(history: History) -> PlaybackFinished:
    return [event for _, event, _, _ in history if isinstance(event, PlaybackFinished)][-1]


def _rings_technicians(actions: tuple[Action, ...]) -> bool:
    return any(
        target.level is not Level.SERVICE_DESK
        for action in actions
        if isinstance(action, ReserveLegs)
        for target in action.targets
    )


def _notice_end(session: SupportSession) -> datetime:
    assert session.notice is not None
    assert session.notice.heard_until is not None
    return session.notice.heard_until


def test_the_way_to_an_order_does_reach_the_technicians() -> None:
    """Otherwise the rules above would hold for want of calls."""
    history = _play([(None, 6.0)] * 12)
    assert any(_rings_technicians(actions) for _, _, actions, _ in history)
    assert any(isinstance(action, Dial) for _, _, actions, _ in history for action in actions)
