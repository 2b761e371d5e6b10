"""The leg of somebody who was rung: what he hears, what his keys do, and that silence never counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr import resources
from ivr.callflow import samples
from ivr.callflow.events import (
    CallAccepted,
    CallAlreadyTaken,
    CallerHungUp,
    CallerLeft,
    CallerStillWaiting,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    LegAnswered,
    WhisperPrepared,
)
from ivr.callflow.facts import AttemptResult, CustomerFacts, LocationFacts, WhisperFacts
from ivr.callflow.machine import Action
from ivr.callflow.prompts import Language, PromptKey
from ivr.callflow.requests import AcceptCall, CheckCaller, NoteAttempt, PrepareWhisper
from ivr.callflow.samples import START
from ivr.callflow.technician_leg import (
    LEG_SECONDS,
    MAX_REPEATS,
    TECHNICIAN_LEG,
    LegSession,
    State,
    card_prompt,
    whisper_prompt,
)
from ivr.callflow.verbs import Connect, Gather, HangUp, Play
from ivr.callflow.walk import walk
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.roster.hunt import AcceptBy
from ivr.services.dispatch import LEG_LEASE_SECONDS
from ivr.voice.catalogue import Catalogue

LOCATION = LocationFacts(
    1, "Wettingen", 1, "pro", "winCall pro", FirstReaction(ReactionKind.HOURS, 6)
)
CUSTOMER = CustomerFacts(1, "11009", "Schreinerei Huber", Language.DE, (LOCATION,))
FACTS = WhisperFacts(
    Language.DE, AcceptBy.KEY, Language.FR, CUSTOMER, LOCATION, True, OfferKind.ORDER, "100001"
)
WHISPER = [PromptKey.WHISPER, PromptKey.WHISPER_KEYS]


class Leg:
    """One answered telephone; every event comes two seconds after the one before."""

    def __init__(self, facts: WhisperFacts = FACTS) -> None:
        self.at = START
        self.session = LegSession()
        self.actions: tuple[Action, ...] = ()
        self.hears(LegAnswered(self.at))
        assert self.actions == (PrepareWhisper(),)
        self.hears(WhisperPrepared(self.at, facts))

    def hears(self, event: Event) -> "Leg":
        turn = TECHNICIAN_LEG.advance(self.session, replace(event, at=self.at))
        self.session, self.actions = turn.session, turn.actions
        return self

    def presses(self, key: str) -> "Leg":
        self.at += timedelta(seconds=2)
        return self.hears(DigitsEntered(self.at, key))

    @property
    def said(self) -> list[PromptKey]:
        return [
            prompt.key
            for action in self.actions
            if isinstance(action, Play | Gather)
            for prompt in action.prompts
        ]

    @property
    def gather(self) -> Gather:
        (found,) = [action for action in self.actions if isinstance(action, Gather)]
        return found

    def was_released(self, result: AttemptResult) -> bool:
        """Noted with this result, let go, and not connected."""
        assert not any(isinstance(action, Connect) for action in self.actions)
        return NoteAttempt(result) in self.actions and self.actions[-1] == HangUp()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(resources.folder("prompts"))


# What is heard ----------------------------------------------------------------------------------


def test_customer_location_plan_window_reaction_and_language_are_told(catalogue: Catalogue) -> None:
    assert catalogue.text(whisper_prompt(FACTS)) == (
        "Support-Anruf. Schreinerei Huber, Wettingen, winCall pro, in der Servicezeit, "
        "Reaktion in 6 Stunden, Französisch."
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            Language.FR,
            "Appel de support. Schreinerei Huber, Wettingen, winCall pro, en dehors des heures de "
            "service, réaction en 6 heures, français.",
        ),
        (
            Language.IT,
            "Chiamata di supporto. Schreinerei Huber, Wettingen, winCall pro, fuori orario di "
            "servizio, reazione entro 6 ore, francese.",
        ),
        (
            Language.EN,
            "Support call. Schreinerei Huber, Wettingen, winCall pro, outside service hours, "
            "reaction within 6 hours, French.",
        ),
    ],
)
def test_he_hears_it_in_his_own_language_and_the_callers_is_named(
    catalogue: Catalogue, language: Language, text: str
) -> None:
    facts = replace(FACTS, language=language, in_window=False)
    assert catalogue.text(whisper_prompt(facts)) == text


@pytest.mark.rule("A.60")
@pytest.mark.parametrize(
    ("ordered", "said"),
    [(OfferKind.FAST_LANE, "Fast Lane"), (OfferKind.EMERGENCY, "Notfall-Einsatz")],
)
def test_what_was_paid_for_is_told_instead_of_the_closed_window(
    ordered: OfferKind, said: str, catalogue: Catalogue
) -> None:
    facts = replace(FACTS, in_window=False, ordered=ordered)
    text = catalogue.text(whisper_prompt(facts))
    assert said in text
    assert "ausserhalb" not in text


@pytest.mark.parametrize(
    ("reaction", "words"),
    [
        (FirstReaction(ReactionKind.HOURS, 1), "Reaktion in einer Stunde"),
        (FirstReaction(ReactionKind.HOURS, 2), "Reaktion in 2 Stunden"),
        (FirstReaction(ReactionKind.NEXT_BUSINESS_DAY), "Reaktion am nächsten Arbeitstag"),
        (FirstReaction(ReactionKind.BEST_EFFORT), "ohne zugesagte Reaktionszeit"),
    ],
)
def test_every_promise_of_a_plan_has_its_words(
    catalogue: Catalogue, reaction: FirstReaction, words: str
) -> None:
    facts = replace(FACTS, location=replace(LOCATION, first_reaction=reaction))
    assert f", {words}, " in catalogue.text(whisper_prompt(facts))


def test_what_is_not_known_is_left_out_not_invented(catalogue: Catalogue) -> None:
    uncertain = replace(FACTS, location=replace(LOCATION, name=""), in_window=None)
    assert catalogue.text(whisper_prompt(uncertain)) == (
        "Support-Anruf. Schreinerei Huber, winCall pro, Reaktion in 6 Stunden, Französisch."
    )


def test_of_a_stranger_only_the_language_is_told(catalogue: Catalogue) -> None:
    text = catalogue.text(whisper_prompt(replace(FACTS, customer=None, location=None)))
    assert text == "Support-Anruf, Kunde nicht erkannt, Französisch."


# The keys ---------------------------------------------------------------------------------------


def test_who_answers_hears_who_calls_and_the_keys() -> None:
    leg = Leg()
    assert leg.said == WHISPER
    assert leg.session.state == State.DECIDING


def test_the_desk_hears_under_which_number_it_finds_the_caller(catalogue: Catalogue) -> None:
    leg = Leg(replace(FACTS, card="27"))
    assert leg.said == [PromptKey.WHISPER, PromptKey.WHISPER_CARD, PromptKey.WHISPER_KEYS]
    (card,) = card_prompt(leg.session.facts)
    assert catalogue.text(card) == "Karte 2 7."


def test_1_takes_the_call_and_connects_only_after_it_was_stored() -> None:
    leg = Leg().presses("1")
    assert leg.actions == (AcceptCall(),)
    leg.hears(CallAccepted(leg.at))
    assert leg.said == [PromptKey.LEG_ACCEPTED]
    assert leg.actions[-1] == Connect()


def test_2_declines_at_once() -> None:
    leg = Leg().presses("2")
    assert leg.said == [PromptKey.LEG_DECLINED]
    assert leg.was_released(AttemptResult.DECLINED)


def test_3_repeats_everything() -> None:
    assert Leg().presses("3").said == WHISPER


@pytest.mark.rule("P.5")
@pytest.mark.parametrize("key", ["0", "4", "9", "*", "#", "A", "D", "12", ""])
def test_a_wrong_key_asks_again_and_decides_nothing(key: str) -> None:
    leg = Leg().presses(key)
    assert leg.said == [PromptKey.WHISPER_KEYS]
    assert leg.session.state == State.DECIDING


def test_wrong_keys_and_repetitions_have_an_end_and_the_end_is_no_acceptance() -> None:
    leg = Leg()
    for key in "939"[: MAX_REPEATS + 1]:
        leg.presses(key)
    assert leg.actions == (CheckCaller(),)
    leg.hears(CallerStillWaiting(leg.at))
    assert leg.said == [PromptKey.LEG_NOT_ACCEPTED]
    assert leg.was_released(AttemptResult.NO_KEY)


@pytest.mark.rule("P.5")
@pytest.mark.parametrize("keys", ["3", "9", "39", "93"])
def test_1_still_counts_after_a_wrong_key_or_a_repetition(keys: str) -> None:
    leg = Leg()
    for key in keys:
        leg.presses(key)
    assert leg.presses("1").actions == (AcceptCall(),)


@pytest.mark.rule("A.22", "P.4")
def test_no_key_never_counts() -> None:
    """A voicemail answers too, and presses nothing."""
    leg = Leg()
    leg.hears(DigitsTimedOut(leg.at))
    assert leg.actions == (CheckCaller(),)
    leg.hears(CallerStillWaiting(leg.at))
    assert leg.was_released(AttemptResult.NO_KEY)


def test_hanging_up_during_the_whisper_releases_the_leg() -> None:
    leg = Leg()
    assert leg.hears(CallerHungUp(leg.at)).was_released(AttemptResult.HUNG_UP)


# Its own twenty seconds -------------------------------------------------------------------------


def test_an_answered_leg_has_twenty_seconds_of_its_own() -> None:
    leg = Leg()
    assert leg.gather.until == START + timedelta(seconds=20)
    assert leg.presses("3").gather.until == START + timedelta(seconds=2 + 20)
    assert leg.presses("9").gather.until == START + timedelta(seconds=4 + 20)


def test_the_seconds_reserved_for_a_leg_outlast_all_its_answers() -> None:
    """Nothing that waits for the leg, such as the carrier's Dial or the lease, may cut it."""
    assert LEG_LEASE_SECONDS > LEG_SECONDS * (MAX_REPEATS + 1)


# Too late ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["1", None])
def test_if_the_caller_has_gone_he_is_told_with_the_ticket_number(
    catalogue: Catalogue, key: str | None
) -> None:
    """Whether he pressed 1 or let the time pass: he must not wonder what became of it."""
    leg = Leg()
    leg = leg.presses(key) if key else leg.hears(DigitsTimedOut(leg.at))
    leg.hears(CallerLeft(leg.at, "100001"))
    assert leg.said == [PromptKey.CALLER_LEFT_TICKET]
    assert leg.was_released(AttemptResult.CALLER_LEFT)
    (play,) = [action for action in leg.actions if isinstance(action, Play)]
    assert catalogue.text(play.prompts[0]) == (
        "Der Anrufer hat aufgelegt. Die Ticketnummer ist 1 0 0 0 0 1. Danke."
    )


def test_without_a_ticket_he_is_told_that_the_caller_has_gone() -> None:
    leg = Leg().presses("1")
    assert leg.hears(CallerLeft(leg.at, None)).said == [PromptKey.CALLER_LEFT]


@pytest.mark.parametrize("key", ["1", None])
def test_if_another_was_first_he_hears_so_and_is_not_connected(key: str | None) -> None:
    leg = Leg()
    leg = leg.presses(key) if key else leg.hears(DigitsTimedOut(leg.at))
    leg.hears(CallAlreadyTaken(leg.at))
    assert leg.said == [PromptKey.ALREADY_TAKEN]
    assert leg.was_released(AttemptResult.TOO_LATE)


# A desk that never presses a key ----------------------------------------------------------------


def test_a_desk_is_taken_as_it_answers_and_hears_the_whisper_then() -> None:
    leg = Leg(replace(FACTS, accept=AcceptBy.ANSWER))
    assert leg.actions == (AcceptCall(),)
    leg.hears(CallAccepted(leg.at))
    assert leg.said == [PromptKey.WHISPER]
    assert leg.actions[-1] == Connect()


def test_a_desk_is_told_too_if_the_caller_has_gone() -> None:
    leg = Leg(replace(FACTS, accept=AcceptBy.ANSWER))
    assert leg.hears(CallerLeft(leg.at, "100001")).was_released(AttemptResult.CALLER_LEFT)


@pytest.mark.rule("Q14")
@pytest.mark.parametrize("language", list(Language))
def test_everything_on_the_leg_is_said_in_the_language_of_who_answered(language: Language) -> None:
    for event in (CallAccepted(START), CallAlreadyTaken(START), CallerLeft(START, "100001")):
        leg = Leg(replace(FACTS, language=language)).presses("1").hears(event)
        prompts = [p for each in leg.actions if isinstance(each, Play) for p in each.prompts]
        assert prompts
        assert {each.language for each in prompts} == {language}


@pytest.mark.rule("A.22", "P.4")
def test_only_a_stored_acceptance_connects() -> None:
    for edge in walk(TECHNICIAN_LEG, samples.leg_events, samples.leg_key):
        assert (Connect() in edge.actions) == isinstance(edge.event, CallAccepted)
