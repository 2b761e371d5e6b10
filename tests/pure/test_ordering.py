"""What makes an order and what never does; the five seconds; withdrawing (A.7 and B.8 of the rules)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.callflow import samples
from ivr.callflow.disturbed import DisturbanceFound
from ivr.callflow.events import (
    CallerHungUp,
    CallerIdentified,
    CallStarted,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    PlaybackFinished,
    WindowAssessed,
)
from ivr.callflow.machine import Action
from ivr.callflow.ordering import MAX_REPEATS, MAX_TRIES, WITHDRAWAL_TIME, in_words
from ivr.callflow.prompts import PromptKey
from ivr.callflow.requests import (
    CallResult,
    CloseCall,
    NoteConsent,
    NoteOrder,
    NoteWindow,
    OpenTicket,
    OrderState,
    PlanHunt,
    ReportUnplayable,
    TicketKind,
)
from ivr.callflow.samples import ONE_PLACE, START
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.support_session import State
from ivr.callflow.verbs import Announce, Gather, HangUp, Play, Record
from ivr.callflow.walk import walk
from ivr.contracts.conditions import Conditions
from ivr.contracts.offers import OfferKind
from ivr.contracts.windows import WindowState

NOTICES = {key for key in PromptKey if key.startswith("notice")}
NOTICE_SECONDS = 9.0
OPEN = WindowState(open=True, closes_at=START + timedelta(hours=2))
INBOUND = walk(SUPPORT_LINE, samples.support_events, samples.support_key)


class Call:
    """A known caller, identified by his number; time passes as it is told to."""

    def __init__(
        self,
        window: WindowState = OPEN,
        customer: object = ONE_PLACE,
        offer: Conditions | None = None,
    ) -> None:
        self.at = START
        self.session = SUPPORT_LINE.initial
        self.actions: tuple[Action, ...] = ()
        self.reports(CallStarted(START, "+41440001001", can_ring_at_once=False))
        self.reports(CallerIdentified(START, (customer,)))  # type: ignore[arg-type]
        self.reports(DisturbanceFound(START, None))
        self.assessed(window, offer)

    def assessed(self, window: WindowState, offer: Conditions | None = None) -> "Call":
        found = offer or (samples.IN_HOURS if window.open else samples.NO_OFFER)
        return self.reports(WindowAssessed(START, window, found))

    def reports(self, event: Event, after: float = 0.0) -> "Call":
        self.at += timedelta(seconds=after)
        turn = SUPPORT_LINE.advance(self.session, replace(event, at=self.at))
        self.session, self.actions = turn.session, turn.actions
        return self

    def hears_notice(self) -> "Call":
        heard = PlaybackFinished(START, complete=True, seconds=NOTICE_SECONDS)
        return self.reports(heard, NOTICE_SECONDS)

    def presses(self, key: str, after: float = 1.0) -> "Call":
        return self.reports(DigitsEntered(START, key), after)

    def does_nothing(self, seconds: float = 7.0) -> "Call":
        return self.reports(DigitsTimedOut(START), seconds)

    def hangs_up(self) -> "Call":
        return self.reports(CallerHungUp(START), 0.5)

    @property
    def state(self) -> State:
        return self.session.state

    def did(self, action: Action) -> bool:
        return action in self.actions


def _is_dispatching(call: Call) -> bool:
    return any(
        isinstance(action, OpenTicket) and action.kind is TicketKind.ORDER
        for action in call.actions
    )


def confirming() -> Call:
    return Call().hears_notice()


def ordered(after: float = 1.0) -> Call:
    return confirming().presses("1", after)


# The notice -------------------------------------------------------------------------------------


@pytest.mark.rule("B.8")
def test_the_notice_comes_first_and_cannot_be_interrupted() -> None:
    """It is announced by itself; the question that a key may answer follows in the next turn."""
    call = Call()
    (announce,) = [action for action in call.actions if isinstance(action, Announce)]
    assert [prompt.key for prompt in announce.prompts] == [PromptKey.NOTICE_PRICE_LIST_UNITS]
    assert not any(isinstance(action, Gather) for action in call.actions)
    assert call.hears_notice().state == State.CONFIRMING


@pytest.mark.rule("B.8")
def test_no_notice_is_ever_part_of_what_a_key_may_interrupt() -> None:
    for edge in INBOUND:
        for action in edge.actions:
            if isinstance(action, Play | Gather | Record):
                assert not NOTICES & {prompt.key for prompt in action.prompts}, edge.states


@pytest.mark.rule("B.8")
def test_keys_pressed_during_the_notice_have_no_handler_at_all() -> None:
    assert DigitsEntered not in SUPPORT_LINE.table[State.HEARING_NOTICE]


@pytest.mark.rule("B.8")
def test_a_notice_not_heard_in_full_informs_nobody() -> None:
    """No order can follow; the operator is told and the desk rings (B.8, last point)."""
    call = Call().reports(PlaybackFinished(START, complete=False, seconds=3.0), 3)
    assert any(isinstance(action, ReportUnplayable) for action in call.actions)
    assert any(isinstance(action, PlanHunt) for action in call.actions)
    assert call.state == State.PLANNING_DESK


@pytest.mark.rule("A.24", "B.8")
def test_the_consent_holds_what_was_heard_when_and_what_was_pressed() -> None:
    call = ordered(after=2)
    (consent,) = [action for action in call.actions if isinstance(action, NoteConsent)]
    assert [prompt.key for prompt in consent.notice] == [PromptKey.NOTICE_PRICE_LIST_UNITS]
    assert consent.heard_from == START
    assert consent.heard_until == START + timedelta(seconds=NOTICE_SECONDS)
    assert (consent.key, consent.pressed_at) == ("1", consent.heard_until + timedelta(seconds=2))


def test_the_words_of_the_announcement_are_heard_again_and_sealed() -> None:
    """Whatever is published meanwhile: they are chosen once."""
    call = Call()
    call.session = in_words(call.session, lambda prompt: replace(prompt, template="In words."))
    call.hears_notice().presses("3")
    (again,) = [action for action in call.actions if isinstance(action, Announce)]
    call.hears_notice().presses("1")
    (consent,) = [action for action in call.actions if isinstance(action, NoteConsent)]
    assert consent.notice == again.prompts
    assert {prompt.template for prompt in consent.notice} == {"In words."}


# The confirmation -------------------------------------------------------------------------------


@pytest.mark.rule("A.24")
def test_1_orders_and_says_that_it_can_be_withdrawn() -> None:
    call = ordered()
    assert call.did(NoteOrder(OrderState.ORDERED, OfferKind.ORDER))
    (gather,) = [action for action in call.actions if isinstance(action, Gather)]
    assert [prompt.key for prompt in gather.prompts] == [PromptKey.ORDERED]


@pytest.mark.rule("A.28", "K-17")
def test_2_withdraws_and_nothing_is_charged() -> None:
    call = confirming().presses("2")
    assert call.did(CloseCall(CallResult.WITHDRAWN))
    assert call.state == State.ENDED
    assert call.session.order is OrderState.WITHDRAWN


def test_3_repeats_the_notice_but_not_for_ever() -> None:
    call = confirming()
    for _ in range(MAX_REPEATS):
        assert call.presses("3").state == State.HEARING_NOTICE
        call.hears_notice()
    assert call.presses("3").state == State.CONFIRMING


def test_after_a_repetition_the_times_of_the_last_hearing_count() -> None:
    call = confirming().presses("3").hears_notice().presses("1")
    (consent,) = [action for action in call.actions if isinstance(action, NoteConsent)]
    assert consent.heard_until == consent.pressed_at - timedelta(seconds=1)


def test_4_takes_a_message_for_the_next_window() -> None:
    assert confirming().presses("4").state == State.LEAVING_MESSAGE


def test_0_asks_for_the_desk_without_an_order() -> None:
    call = confirming().presses("0")
    assert call.state == State.PLANNING_DESK
    assert call.session.order is OrderState.NONE


@pytest.mark.rule("A.29", "B.8")
def test_no_key_repeats_twice_and_then_goes_to_the_desk() -> None:
    call = confirming()
    for _ in range(MAX_TRIES - 1):
        assert call.does_nothing().state == State.CONFIRMING
        assert any(isinstance(action, Gather) for action in call.actions)
    assert call.does_nothing().state == State.PLANNING_DESK
    assert call.session.order is OrderState.NONE


@pytest.mark.rule("B.8", "B.13")
@pytest.mark.parametrize("key", ["5", "6", "7", "8", "9", "*", "#", "A", "B", "C", "D", "11", ""])
def test_a_wrong_key_is_no_order_and_counts_like_silence(key: str) -> None:
    call = confirming().presses(key).presses(key)
    assert call.state == State.CONFIRMING
    assert call.presses(key).state == State.PLANNING_DESK
    assert call.session.order is OrderState.NONE


@pytest.mark.rule("B.8")
def test_hanging_up_at_the_question_orders_nothing() -> None:
    call = confirming().hangs_up()
    assert call.did(CloseCall(CallResult.ABANDONED))
    assert call.session.order is OrderState.NONE


def test_hanging_up_during_the_notice_orders_nothing() -> None:
    assert Call().hangs_up().did(CloseCall(CallResult.ABANDONED))


# The five seconds -------------------------------------------------------------------------------


@pytest.mark.rule("B.8")
@pytest.mark.parametrize("pressed_after", [0.0, 1.0, 4.9])
def test_nobody_is_rung_before_five_seconds_after_the_end_of_the_notice(
    pressed_after: float,
) -> None:
    """Whatever a carrier reports, and however early: the flow waits on."""
    call = ordered(pressed_after)
    (gather,) = [action for action in call.actions if isinstance(action, Gather)]
    assert gather.not_before == START + timedelta(seconds=NOTICE_SECONDS) + WITHDRAWAL_TIME
    call.does_nothing(4.999 - pressed_after)
    assert call.state == State.MAY_WITHDRAW
    assert not _is_dispatching(call)
    assert _is_dispatching(call.does_nothing(0.001))


@pytest.mark.rule("A.28", "K-17")
def test_who_orders_later_than_that_may_still_withdraw_before_the_first_ring() -> None:
    call = ordered(after=6.5)
    assert call.state == State.MAY_WITHDRAW
    assert call.presses("2").did(CloseCall(CallResult.WITHDRAWN))


@pytest.mark.rule("B.13")
@pytest.mark.parametrize("key", ["1", "3", "9", "#"])
def test_another_key_neither_shortens_the_time_nor_withdraws(key: str) -> None:
    call = ordered(after=0.0).presses(key, 0.5)
    assert call.state == State.MAY_WITHDRAW
    assert call.session.order is OrderState.ORDERED


@pytest.mark.rule("A.28", "K-17")
def test_2_within_the_time_withdraws_and_dials_nobody() -> None:
    call = ordered().presses("2", 3)
    assert call.did(NoteOrder(OrderState.WITHDRAWN))
    assert call.actions[-1] == HangUp()
    assert call.state == State.ENDED


@pytest.mark.rule("A.28")
def test_hanging_up_within_the_time_withdraws() -> None:
    call = ordered().hangs_up()
    assert call.did(NoteOrder(OrderState.WITHDRAWN))
    assert call.did(CloseCall(CallResult.ABANDONED))


# Outside the window -----------------------------------------------------------------------------


CLOSED = WindowState(open=False, opens_at=START + timedelta(minutes=10))


@pytest.mark.rule("K-2")
@pytest.mark.parametrize("key", ["1", "2", "9"])
def test_outside_the_window_nothing_can_be_ordered(key: str) -> None:
    call = Call(CLOSED).hears_notice().presses(key)
    assert call.state == State.CHOOSING_OUTSIDE_WINDOW
    assert call.session.order is OrderState.NONE


@pytest.mark.rule("A.29", "K-15")
def test_outside_the_window_silence_reaches_the_desk() -> None:
    call = Call(CLOSED).hears_notice()
    for _ in range(MAX_TRIES):
        call.does_nothing()
    assert call.state == State.PLANNING_DESK


@pytest.mark.parametrize("key", ["0", "1", "4"])
def test_a_window_that_opens_meanwhile_offers_the_order(key: str) -> None:
    """With a notice of its own: the words that were heard did not fit any more."""
    call = Call(CLOSED).hears_notice().presses(key, after=600).assessed(OPEN)
    (announce,) = [action for action in call.actions if isinstance(action, Announce)]
    assert announce.prompts[0].key == PromptKey.NOTICE_PRICE_LIST_UNITS
    assert call.hears_notice().presses("1").did(NoteOrder(OrderState.ORDERED, OfferKind.ORDER))


@pytest.mark.rule("A.1")
def test_a_window_that_closes_meanwhile_does_not_take_the_offer_back() -> None:
    """What is better for the caller counts; that it was closed by then is on the record."""
    closing = WindowState(open=True, closes_at=START + timedelta(seconds=NOTICE_SECONDS + 1))
    call = Call(closing).hears_notice().presses("1", after=2)
    assert call.did(NoteOrder(OrderState.ORDERED, OfferKind.ORDER))
    assert call.did(NoteWindow(open=False, at_confirmation=True))
