"""Whoever took a case is connected with the customer who waits: keys, silence, three attempts."""

from datetime import timedelta

import pytest

from ivr.callflow.alert_call import ALERT_CALL
from ivr.callflow.alert_samples import CUSTOMERS_LEG, FULL, alert_events, alert_key
from ivr.callflow.alert_session import LEG_SECONDS, MAX_REPEATS, AlertSession, State
from ivr.callflow.called_back import (
    CallbackOff,
    CallbackReady,
    NoteCustomerAnswered,
    NoteFeedback,
    NoteParting,
    Parting,
    PrepareCallback,
)
from ivr.callflow.codec import from_json, to_json
from ivr.callflow.customer_leg import CUSTOMER_LEG
from ivr.callflow.events import (
    CallerHungUp,
    CaseTaken,
    DialEnded,
    DialOutcome,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    LegAnswered,
)
from ivr.callflow.facts import PageResult
from ivr.callflow.machine import Action
from ivr.callflow.prompts import PromptKey
from ivr.callflow.requests import NotePage
from ivr.callflow.samples import START
from ivr.callflow.verbs import Connect, Dial, Gather, HangUp
from ivr.callflow.walk import walk

READY = CallbackReady(START, CUSTOMERS_LEG, 3600)


class Leg:
    """The case was taken this moment."""

    def __init__(self) -> None:
        self.session = AlertSession(State.TAKING, FULL)
        self.actions: tuple[Action, ...] = ()
        self.happens(CaseTaken(START, callback=True))

    def happens(self, *events: Event) -> "Leg":
        for event in events:
            turn = ALERT_CALL.advance(self.session, event)
            self.session, self.actions = turn.session, turn.actions
        return self

    def press(self, *keys: str) -> "Leg":
        return self.happens(*(DigitsEntered(START, key) for key in keys))

    @property
    def heard(self) -> list[PromptKey]:
        return [prompt.key for action in self.actions for prompt in getattr(action, "prompts", ())]

    @property
    def said(self) -> list[Action]:
        """What is to be written down."""
        return [each for each in self.actions if isinstance(each, NoteParting | NoteFeedback)]


def test_the_case_is_his_before_he_is_asked_anything() -> None:
    leg = Leg()
    assert NotePage(PageResult.TAKEN) in leg.actions
    assert leg.heard[0] is PromptKey.ALERT_TAKEN
    assert leg.heard[-1] is PromptKey.CALLBACK_KEYS
    gather = leg.actions[-1]
    assert isinstance(gather, Gather)
    assert gather.until == START + timedelta(seconds=LEG_SECONDS)


def test_1_asks_for_the_customer_and_rings_him_without_a_key() -> None:
    leg = Leg().press("1")
    assert leg.actions == (PrepareCallback(),)
    leg.happens(READY)
    assert isinstance(leg.actions[-1], Dial)
    assert leg.actions[-1] == Dial((CUSTOMERS_LEG,), 3600)


@pytest.mark.rule("K-11")
@pytest.mark.parametrize(
    "event", [DigitsEntered(START, "2"), DigitsTimedOut(START), CallerHungUp(START)]
)
def test_everything_else_is_later(event: Event) -> None:
    leg = Leg().happens(event)
    assert (leg.session.state, leg.said) == (State.OVER, [NoteParting(Parting.LATER)])


def test_a_wrong_key_asks_again_and_not_for_ever() -> None:
    leg = Leg().press(*["9"] * MAX_REPEATS)
    assert leg.heard == [PromptKey.CALLBACK_KEYS]
    assert leg.press("9").said == [NoteParting(Parting.LATER)]


def test_nobody_to_be_called_any_more() -> None:
    leg = Leg().press("1").happens(CallbackOff(START))
    assert (leg.heard, leg.said) == ([PromptKey.CALLBACK_OFF], [])


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (False, PromptKey.CALLBACK_NOT_REACHED),
        (True, PromptKey.CALLBACK_NOT_REACHED_LAST),
    ],
)
def test_a_customer_who_does_not_answer(last: bool, told: PromptKey) -> None:
    ended = DialEnded(START, DialOutcome.NOT_CONNECTED)
    leg = Leg().press("1").happens(CallbackReady(START, CUSTOMERS_LEG, 3600, last), ended)
    assert leg.heard == [told]
    assert isinstance(leg.actions[-1], HangUp)


@pytest.mark.rule("A.64")
@pytest.mark.parametrize(("key", "noted"), [("1", [NoteFeedback()]), ("2", []), ("9", [])])
def test_after_the_talk_only_1_is_a_reaction(key: str, noted: list[Action]) -> None:
    leg = Leg().press("1").happens(READY, DialEnded(START, DialOutcome.BRIDGED, 60))
    assert leg.heard == [PromptKey.FOLLOW_UP]
    assert leg.press(key).said == noted


def test_he_hangs_up_first() -> None:
    leg = Leg().press("1").happens(READY, CallerHungUp(START))
    assert leg.said == [NoteParting(Parting.HUNG_UP)]


def test_nobody_is_dialled_but_by_a_stored_permission() -> None:
    for edge in walk(ALERT_CALL, alert_events, alert_key):
        if any(isinstance(action, Dial) for action in edge.actions):
            assert isinstance(edge.event, CallbackReady)


def test_the_customer_is_connected_as_he_answers() -> None:
    turn = CUSTOMER_LEG.advance(CUSTOMER_LEG.initial, LegAnswered(START))
    assert turn.actions == (NoteCustomerAnswered(), Connect())
    assert CUSTOMER_LEG.is_over(turn.session)
    assert from_json(to_json(turn.session)) == turn.session
