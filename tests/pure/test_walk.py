"""A walk over every state a call can be in: nothing is a dead end, and every path ends."""

from collections.abc import Iterable
from typing import Any

import pytest

from ivr.callflow import alert_samples, readiness_samples, recording_samples, samples
from ivr.callflow.alert_call import ALERT_CALL
from ivr.callflow.charging import PRECONDITIONS
from ivr.callflow.events import (
    CallerHungUp,
    DialEnded,
    DigitsEntered,
    DigitsTimedOut,
    MessageRecorded,
    PlaybackFinished,
    SupportCodeAccepted,
)
from ivr.callflow.facts import IdentifiedBy
from ivr.callflow.follow_up import FOLLOW_UP
from ivr.callflow.machine import Flow
from ivr.callflow.readiness import READINESS_CALL
from ivr.callflow.recording_call import RECORDING_CALL
from ivr.callflow.requests import CloseCall, Command, NoteConsent, NoteOrder, OrderState, Question
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.support_session import State
from ivr.callflow.technician_leg import TECHNICIAN_LEG
from ivr.callflow.verbs import (
    Announce,
    Connect,
    Dial,
    Gather,
    HangUp,
    Play,
    Record,
    Verb,
)
from ivr.callflow.walk import Edge, walk
from ivr.contracts.offers import OfferKind
from ivr.errors import UnexpectedEventError

INBOUND = walk(SUPPORT_LINE, samples.support_events, samples.support_key)
LEG = walk(TECHNICIAN_LEG, samples.leg_events, samples.leg_key)
AFTER = walk(FOLLOW_UP, samples.follow_up_events, samples.follow_up_key)
ALERT = walk(ALERT_CALL, alert_samples.alert_events, alert_samples.alert_key)
TRIAL = walk(READINESS_CALL, readiness_samples.readiness_events, readiness_samples.readiness_key)
TAPE = walk(RECORDING_CALL, recording_samples.recording_events, recording_samples.recording_key)
WALKS = [
    pytest.param(SUPPORT_LINE, INBOUND, samples.support_key, id="support_line"),
    pytest.param(TECHNICIAN_LEG, LEG, samples.leg_key, id="technician_leg"),
    pytest.param(FOLLOW_UP, AFTER, samples.follow_up_key, id="follow_up"),
    pytest.param(ALERT_CALL, ALERT, alert_samples.alert_key, id="alert_call"),
    pytest.param(READINESS_CALL, TRIAL, readiness_samples.readiness_key, id="readiness_call"),
    pytest.param(RECORDING_CALL, TAPE, recording_samples.recording_key, id="recording_call"),
]
MUST_HANDLE = {
    Gather: {DigitsEntered, DigitsTimedOut, CallerHungUp},
    Announce: {PlaybackFinished, CallerHungUp},
    Record: {MessageRecorded, CallerHungUp},
    Dial: {DialEnded, CallerHungUp},
}


@pytest.mark.parametrize(("flow", "edges", "key"), WALKS)
def test_every_state_and_every_handler_is_reached(
    flow: Flow[Any], edges: list[Edge[Any]], key: Any
) -> None:
    reached = {(edge.before.state, type(edge.event)) for edge in edges}
    declared = {(state, event) for state, handlers in flow.table.items() for event in handlers}
    assert reached == declared


@pytest.mark.parametrize(("flow", "edges", "key"), WALKS)
def test_every_wait_handles_what_the_telephone_can_report(
    flow: Flow[Any], edges: list[Edge[Any]], key: Any
) -> None:
    for edge in edges:
        if isinstance(edge.wait, Verb) and edge.wait.waits:
            missing = MUST_HANDLE[type(edge.wait)] - set(flow.table[edge.after.state])
            assert not missing, f"{edge.after.state} does not handle {missing}"


@pytest.mark.parametrize(("flow", "edges", "key"), WALKS)
def test_every_turn_waits_asks_or_ends(flow: Flow[Any], edges: list[Edge[Any]], key: Any) -> None:
    for edge in edges:
        steps = [action for action in edge.actions if not isinstance(action, Command)]
        for step in steps[:-1]:
            assert isinstance(step, Verb)
            assert not step.waits, f"{edge.states}: something follows a wait"
        if flow.is_over(edge.after):
            assert isinstance(steps[-1], HangUp | Connect), edge.states
        else:
            assert isinstance(steps[-1], Question) or steps[-1].waits, edge.states


@pytest.mark.parametrize(("flow", "edges", "key"), WALKS)
def test_from_everywhere_the_end_can_be_reached(
    flow: Flow[Any], edges: list[Edge[Any]], key: Any
) -> None:
    ends = {key(edge.after) for edge in edges if flow.is_over(edge.after)}
    assert _all_before(edges, ends, key) >= {key(edge.before) for edge in edges}


@pytest.mark.rule("P.1")
@pytest.mark.parametrize(("flow", "edges", "key"), WALKS)
def test_no_path_goes_round_for_ever(flow: Flow[Any], edges: list[Edge[Any]], key: Any) -> None:
    """The time to withdraw, the wait for a technician and a call in which prompts are recorded end
    by the clock, not by a count."""
    steps = [
        (key(edge.before), key(edge.after))
        for edge in edges
        if not (edge.before.state == edge.after.state == State.MAY_WITHDRAW)
        and edge.after.state != State.WAITING_FOR_TECHNICIAN
        and not (flow is RECORDING_CALL and recording_samples.goes_on(edge))
    ]
    assert not _cycle(steps)


@pytest.mark.rule("A.29", "K-20", "P.1")
def test_who_does_nothing_reaches_a_person_or_a_ticket() -> None:
    """No key anywhere, nobody answers: the caller ends at the desk's telephone and the message."""
    silent = {
        "no key",
        "not connected",
        "free",
        "heard in full",
        "ticket stored",
        "technicians and desk",
        "call without number",
        "disturbance",
        "message, silence",
    }
    state, visited = State.NEW, []
    following = {(samples.support_key(edge.before), edge.label): edge for edge in INBOUND}
    key = samples.support_key(SUPPORT_LINE.initial)
    while state != State.ENDED:
        edge = next(following[key, label] for label in sorted(silent) if (key, label) in following)
        key, state = samples.support_key(edge.after), edge.after.state
        visited.append(state)
    assert State.RINGING_DESK in visited
    assert State.LEAVING_MESSAGE in visited


def test_no_silence_between_two_waits() -> None:
    """Whoever waits has been told something in the same turn, but for keys that change nothing."""
    for edge in INBOUND:
        if not isinstance(edge.wait, Dial | Record | Gather):
            continue
        spoken = [action for action in edge.actions if isinstance(action, Play)]
        prompts = getattr(edge.wait, "prompts", ())
        first_ring = isinstance(edge.wait, Dial) and edge.after.hunt.rung == 1
        in_withdrawal = edge.before.state == edge.after.state == State.MAY_WITHDRAW
        assert spoken or prompts or first_ring or in_withdrawal, edge.states


@pytest.mark.rule("B.8")
def test_only_the_key_1_after_the_whole_notice_is_an_order() -> None:
    for edge in INBOUND:
        if not any(_is_order(action) for action in edge.actions):
            continue
        assert edge.before.notice.heard_until is not None
        assert any(isinstance(action, NoteConsent) for action in edge.actions)
        if edge.before.state == State.CHECKING_AUTHORISATION:
            assert edge.before.notice.pressed_at is not None
            assert isinstance(edge.event, SupportCodeAccepted)
        else:
            assert edge.event.digits == "1"
            assert edge.before.state in (State.CONFIRMING, State.CONFIRMING_CHARGE)


@pytest.mark.rule("A.60", "B.6", "Q19")
def test_a_fixed_price_is_never_ordered_without_the_support_code() -> None:
    orders = [edge for edge in INBOUND if any(_is_order(action) for action in edge.actions)]
    charged = [edge for edge in orders if edge.before.notice.conditions.is_chargeable]
    assert {edge.before.notice.conditions.offer for edge in charged} == {
        OfferKind.FAST_LANE,
        OfferKind.EMERGENCY,
    }
    for edge in charged:
        (consent,) = [action for action in edge.actions if isinstance(action, NoteConsent)]
        assert consent.authorised_by is IdentifiedBy.SUPPORT_CODE


@pytest.mark.rule("A.78", "A.79")
def test_the_emergency_product_is_never_announced_before_both_questions_have_a_yes() -> None:
    for edge in INBOUND:
        notice = edge.after.notice
        if edge.after.state == State.HEARING_NOTICE and notice.conditions.emergency:
            assert edge.after.preconditions == len(PRECONDITIONS)


def _is_order(action: Any) -> bool:
    return isinstance(action, NoteOrder) and action.state is OrderState.ORDERED


@pytest.mark.rule("B.8")
def test_nobody_is_dialled_for_an_order_before_five_seconds_have_passed() -> None:
    for edge in INBOUND:
        if edge.before.state == State.MAY_WITHDRAW and edge.after.state == State.OPENING_ORDER:
            assert (edge.event.at - edge.before.notice.heard_until).total_seconds() >= 5


def test_a_closed_call_says_how_it_ended() -> None:
    """On every path exactly one result is stored: at the end, or just before the last ticket."""
    for edge in INBOUND:
        closing = [action for action in edge.actions if isinstance(action, CloseCall)]
        if edge.after.state in (State.STORING_MESSAGE, State.STORING_LAST_WORDS) or (
            edge.after.state == State.ENDED
            and edge.before.state
            not in (
                State.STORING_MESSAGE,
                State.STORING_LAST_WORDS,
            )
        ):
            assert len(closing) == 1
        else:
            assert not closing


def test_an_unknown_event_raises() -> None:
    with pytest.raises(UnexpectedEventError, match="DigitsTimedOut in new"):
        SUPPORT_LINE.advance(SUPPORT_LINE.initial, DigitsTimedOut(samples.START))


def _all_before(edges: Iterable[Edge[Any]], ends: set[Any], key: Any) -> set[Any]:
    reaching = set(ends)
    grown = True
    while grown:
        before = {key(edge.before) for edge in edges if key(edge.after) in reaching}
        grown = not before <= reaching
        reaching |= before
    return reaching


def _cycle(steps: list[tuple[Any, Any]]) -> bool:
    """True if the steps contain a circle (Kahn's count of what can be sorted)."""
    nodes = {node for step in steps for node in step}
    incoming = dict.fromkeys(nodes, 0)
    following: dict[Any, list[Any]] = {node: [] for node in nodes}
    for before, after in steps:
        incoming[after] += 1
        following[before].append(after)
    free = [node for node, count in incoming.items() if count == 0]
    sorted_nodes = 0
    while free:
        node = free.pop()
        sorted_nodes += 1
        for after in following[node]:
            incoming[after] -= 1
            if incoming[after] == 0:
                free.append(after)
    return sorted_nodes < len(nodes)
