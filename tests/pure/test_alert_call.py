"""The alert call: what somebody who is woken hears, what his keys do, and that silence never counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr import resources
from ivr.callflow.alert_call import ALERT_CALL, alert_prompts
from ivr.callflow.alert_samples import FULL, PLAIN, alert_events, alert_key
from ivr.callflow.alert_session import LEG_SECONDS, MAX_REPEATS, AlertSession, State
from ivr.callflow.events import (
    AlertPrepared,
    CallerHungUp,
    CaseAlreadyTaken,
    CaseClosed,
    CaseTaken,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    LegAnswered,
)
from ivr.callflow.facts import AlertFacts, PageResult
from ivr.callflow.machine import Action
from ivr.callflow.prompts import Language, PromptKey
from ivr.callflow.requests import NotePage, PrepareAlert, TakeCase
from ivr.callflow.samples import START
from ivr.callflow.verbs import Gather, HangUp, Play
from ivr.callflow.walk import walk
from ivr.contracts.faults import FaultClass
from ivr.voice.catalogue import Catalogue

GERMAN = replace(FULL, language=Language.DE, fault_class=FaultClass.MAJOR)


class Leg:
    """One answered telephone; every event comes two seconds after the one before."""

    def __init__(self, facts: AlertFacts = PLAIN) -> None:
        self.at = START
        self.session = AlertSession()
        self.actions: tuple[Action, ...] = ()
        self.happens(LegAnswered(self.at))
        assert self.actions == (PrepareAlert(),)
        self.happens(AlertPrepared(self.at, facts))

    def happens(self, event: Event) -> None:
        turn = ALERT_CALL.advance(self.session, replace(event, at=self.at))
        self.session, self.actions = turn.session, turn.actions
        self.at += timedelta(seconds=2)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.happens(DigitsEntered(self.at, key))

    @property
    def heard(self) -> list[PromptKey]:
        return [
            prompt.key
            for action in self.actions
            if isinstance(action, Play | Gather)
            for prompt in action.prompts
        ]

    @property
    def result(self) -> PageResult | None:
        results = [action.result for action in self.actions if isinstance(action, NotePage)]
        assert len(results) == (self.session.state == State.OVER)
        return results[0] if results else None


def words(facts: AlertFacts) -> str:
    catalogue = Catalogue.load(resources.folder("prompts"))
    return " ".join(catalogue.text(prompt) for prompt in alert_prompts(facts, START))


def test_he_hears_whom_it_concerns_until_when_and_what_he_can_do() -> None:
    assert words(GERMAN) == (
        "Pikett, Alarm der Überwachung, Muster AG, Baden, winCall pro, schwerer Fehler. "
        "Frist heute um 10 Uhr 03. Dazu 2 weitere Fälle. "
        "Übernehmen 1, weitergeben 2, wiederholen 3. Ticket 1 0 0 0 0 1."
    )


def test_what_nobody_knows_is_left_out() -> None:
    assert words(PLAIN) == (
        "Pikett, neues Ticket. Übernehmen 1, weitergeben 2, wiederholen 3, in fünf Minuten 4. "
        "Ticket 1 0 0 0 0 1."
    )


def test_a_deadline_that_is_past_is_no_time_of_day() -> None:
    assert "Die Frist ist vorbei." in words(replace(GERMAN, due=START))


@pytest.mark.parametrize("further", [0, 1])
def test_other_cases_are_counted(further: int) -> None:
    said = words(replace(GERMAN, further=further))
    assert ("Dazu ein weiterer Fall." in said) is (further == 1)


def test_any_key_cuts_it_short_and_one_instant_ends_it() -> None:
    leg = Leg()
    (gather,) = leg.actions
    assert isinstance(gather, Gather)
    assert gather.max_digits == 1
    assert gather.until == START + timedelta(seconds=2 + LEG_SECONDS)


def test_1_takes_the_case_and_says_whose_it_is_now() -> None:
    leg = Leg(GERMAN)
    leg.press("1")
    assert leg.actions == (TakeCase(),)
    leg.happens(CaseTaken(leg.at))
    assert leg.result is PageResult.TAKEN
    assert leg.heard == [PromptKey.ALERT_TAKEN, PromptKey.ALERT_DUE]
    assert isinstance(leg.actions[-1], HangUp)


def test_the_second_is_told_who_was_first() -> None:
    leg = Leg()
    leg.press("1")
    leg.happens(CaseAlreadyTaken(leg.at, "Anna Meier"))
    assert leg.result is PageResult.ALREADY_TAKEN
    (said,) = [action.prompts[0] for action in leg.actions if isinstance(action, Play)]
    text = Catalogue.load(resources.folder("prompts")).text(said)
    assert text == "Der Fall ist schon übernommen, von Anna Meier. Danke."


def test_a_case_that_ended_meanwhile_is_over() -> None:
    leg = Leg()
    leg.press("1")
    leg.happens(CaseClosed(leg.at))
    assert (leg.result, leg.heard) == (PageResult.CLOSED, [PromptKey.ALERT_CLOSED])


@pytest.mark.parametrize("told", [CaseAlreadyTaken(START, "Anna", Language.IT), None])
def test_whoever_answers_too_late_is_asked_nothing(told: Event | None) -> None:
    """In the language that the answer brings: no facts were told before."""
    session = ALERT_CALL.advance(AlertSession(), LegAnswered(START)).session
    turn = ALERT_CALL.advance(session, told or CaseClosed(START, Language.IT))
    assert turn.session.state == State.OVER
    (said,) = [action.prompts for action in turn.actions if isinstance(action, Play)]
    assert said[0].language is Language.IT


@pytest.mark.parametrize(
    ("key", "result", "heard"),
    [
        ("2", PageResult.PASSED_ON, PromptKey.ALERT_PASSED_ON),
        ("4", PageResult.DEFERRED, PromptKey.ALERT_DEFERRED),
    ],
)
def test_2_and_4_end_it(key: str, result: PageResult, heard: PromptKey) -> None:
    leg = Leg()
    leg.press(key)
    assert (leg.result, leg.heard) == (result, [heard])


def test_4_is_refused_where_the_case_cannot_wait_and_he_is_asked_again() -> None:
    leg = Leg(FULL)
    assert PromptKey.ALERT_KEYS not in leg.heard, "it was not offered"
    leg.press("4")
    assert leg.heard == [PromptKey.ALERT_CANNOT_WAIT, PromptKey.ALERT_KEYS_AT_ONCE]
    leg.press("1")
    assert leg.actions == (TakeCase(),)


def test_3_repeats_all_of_it() -> None:
    leg = Leg()
    heard = leg.heard
    leg.press("3")
    assert leg.heard == heard


@pytest.mark.rule("P.5")
@pytest.mark.parametrize("key", ["0", "5", "9", "*", "#", "A"])
def test_a_wrong_key_asks_again_and_cuts_nobody_off(key: str) -> None:
    leg = Leg()
    leg.press(key)
    assert (leg.result, leg.heard) == (None, [PromptKey.ALERT_KEYS])
    (gather,) = leg.actions
    assert isinstance(gather, Gather)
    assert gather.until == leg.at - timedelta(seconds=2) + timedelta(seconds=LEG_SECONDS)


@pytest.mark.parametrize("key", ["3", "9"])
def test_he_is_asked_a_few_times_and_not_for_ever(key: str) -> None:
    leg = Leg()
    leg.press(*[key] * MAX_REPEATS)
    assert leg.result is None
    leg.press(key)
    assert (leg.result, leg.heard) == (PageResult.NO_KEY, [PromptKey.ALERT_NO_KEY])


def test_the_last_repetition_can_still_be_answered() -> None:
    leg = Leg()
    leg.press(*["9"] * MAX_REPEATS, "1")
    assert leg.actions == (TakeCase(),)


@pytest.mark.rule("B.12", "P.4")
def test_a_voicemail_presses_no_key_and_has_taken_nothing() -> None:
    leg = Leg()
    leg.happens(DigitsTimedOut(leg.at))
    assert leg.result is PageResult.NO_KEY


def test_a_hang_up_takes_nothing() -> None:
    leg = Leg()
    leg.happens(CallerHungUp(leg.at))
    assert leg.result is PageResult.HUNG_UP


def test_only_the_key_1_asks_for_the_case_and_only_a_stored_answer_takes_it() -> None:
    for edge in walk(ALERT_CALL, alert_events, alert_key):
        if TakeCase() in edge.actions:
            assert isinstance(edge.event, DigitsEntered)
            assert edge.event.digits == "1"
        if NotePage(PageResult.TAKEN) in edge.actions:
            assert isinstance(edge.event, CaseTaken)


HIS = {State.CHOOSING, State.RESERVING, State.TALKING, State.FOLLOWING_UP}
"""The case is his, and his page is written down; the rest is about the customer."""


def test_every_leg_says_once_how_it_ended() -> None:
    for edge in walk(ALERT_CALL, alert_events, alert_key):
        said = [action for action in edge.actions if isinstance(action, NotePage)]
        ends = edge.before.state not in HIS and edge.after.state in {State.OVER, State.CHOOSING}
        assert len(said) == ends
