"""The alert call through the loop of all calls: turns are stored, and a report that comes twice is."""

from datetime import timedelta
from pathlib import Path

import pytest

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.alert_call import alert_prompts
from ivr.callflow.alert_session import LEG_SECONDS, State
from ivr.callflow.events import DigitsEntered
from ivr.callflow.facts import AlertFacts, AlertKind, PageResult
from ivr.callflow.prompts import Language, PromptKey
from ivr.callflow.verbs import Gather, Play
from ivr.contracts.faults import FaultClass
from ivr.voice.catalogue import Catalogue
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import PicoSpeaker
from tests.fakes import MONDAY_TEN
from tests.service.agi_wire import converse
from tests.service.paged import Pager

FIRST_KEY_SECONDS, DECIDING_SECONDS = 12.0, 5.0


@pytest.fixture
def pager(app: Application) -> Pager:
    return Pager(app)


def test_it_begins_once_however_often_it_is_asked_for(pager: Pager) -> None:
    page = pager.page()
    first = pager.app.calls.begin_page(page, MONDAY_TEN)
    again = pager.app.calls.begin_page(page, MONDAY_TEN + timedelta(seconds=2))
    assert (again.turn, again.verbs) == (first.turn, first.verbs)
    assert (first.state, first.leg_id) == (State.DECIDING, page)


def test_1_pressed_twice_is_pressed_once(pager: Pager) -> None:
    page = pager.page()
    asked = pager.app.calls.begin_page(page, MONDAY_TEN)
    for _ in range(2):
        said = pager.app.calls.report(page, asked.turn, DigitsEntered(MONDAY_TEN, "1"))
        assert said.over
    assert pager.results_of(page) == [PageResult.TAKEN]


def test_a_hang_up_after_the_acceptance_changes_nothing(pager: Pager) -> None:
    page = pager.page()
    asked = pager.app.calls.begin_page(page, MONDAY_TEN)
    pager.app.calls.report(page, asked.turn, DigitsEntered(MONDAY_TEN, "1"))
    pager.app.calls.hang_up(page, MONDAY_TEN)
    assert pager.results_of(page) == [PageResult.TAKEN]


def test_a_hang_up_before_it_is_written_down(pager: Pager) -> None:
    page = pager.page()
    pager.app.calls.begin_page(page, MONDAY_TEN)
    pager.app.calls.hang_up(page, MONDAY_TEN)
    assert pager.results_of(page) == [PageResult.HUNG_UP]


def test_a_page_of_nobody_is_refused(pager: Pager) -> None:
    with pytest.raises(LookupError):
        pager.app.calls.begin_page("guessed", MONDAY_TEN)


def test_a_script_with_a_guessed_page_leads_nowhere(pager: Pager) -> None:
    heard = converse(pager.app, b"agi_request: x\nagi_network_script: alert_call\nagi_arg_1: a\n\n")
    assert "STREAM FILE" not in heard
    assert pager.results == []


def test_the_script_of_the_end_tells_the_escalation(pager: Pager) -> None:
    page = pager.page()
    for word in (b"BUSY", b"CONGESTION"):
        converse(
            pager.app,
            b"agi_request: x\nagi_network_script: page_ended\nagi_arg_1: %s\nagi_arg_2: %s\n\n"
            % (page.encode(), word),
        )
    assert [status.value for status in pager.ends_of(page)] == ["busy", "failed"]


def test_the_prompts_to_be_made_before_the_call_are_those_that_are_said(pager: Pager) -> None:
    """Whoever places the call has them synthesised while it rings."""
    asked = pager.app.calls.begin_page(pager.page(), MONDAY_TEN)
    (gather,) = [verb for verb in asked.verbs if isinstance(verb, Gather)]
    assert gather.prompts == alert_prompts(pager.facts, MONDAY_TEN)


def test_who_takes_it_hears_ticket_and_deadline(pager: Pager) -> None:
    page = pager.page()
    asked = pager.app.calls.begin_page(page, MONDAY_TEN)
    said = pager.app.calls.report(page, asked.turn, DigitsEntered(MONDAY_TEN, "1"))
    (play,) = [verb for verb in said.verbs if isinstance(verb, Play)]
    assert [prompt.key for prompt in play.prompts] == [PromptKey.ALERT_TAKEN]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> SoundLibrary:
    catalogue = Catalogue.load(resources.folder("prompts"))
    folder: Path = tmp_path_factory.mktemp("spoken")
    return SoundLibrary(
        catalogue, PicoSpeaker(), folder, resources.folder("prompts") / "recordings"
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", Language)
def test_a_half_asleep_technician_knows_his_keys_within_twelve_seconds(
    language: Language, library: SoundLibrary
) -> None:
    """With the real voice, the longest words, and time left to find the key."""
    alerts = [
        AlertFacts(
            language,
            kind,
            "100123",
            "Schreinerei Huber AG",
            "11009",
            "Wettingen",
            "winCall premium",
            FaultClass.CRITICAL,
            MONDAY_TEN + timedelta(hours=5, minutes=37),
            further=3,
            can_wait=can_wait,
        )
        for kind in AlertKind
        for can_wait in (True, False)
    ]
    for facts in alerts:
        prompts = alert_prompts(facts, MONDAY_TEN)
        keys = PromptKey.ALERT_KEYS if facts.can_wait else PromptKey.ALERT_KEYS_AT_ONCE
        before = prompts[: [prompt.key for prompt in prompts].index(keys)]
        assert library.seconds(before) < FIRST_KEY_SECONDS, facts.kind
        assert library.seconds(prompts) < LEG_SECONDS - DECIDING_SECONDS, facts.kind
