"""What users of other lines suffered from, where no test of a part shows the whole of it (P.1 to P.16)."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from sqlalchemy import select

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.prompts import Language
from ivr.callflow.support_session import State
from ivr.callflow.technician_leg import State as LegState
from ivr.errors import SpeechError
from ivr.roster.problems import ProblemKind
from ivr.services.calls import Reply
from ivr.services.reports import DialReport, DialStatus
from ivr.storage.models import OutboxMail
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import Utterance
from tests.fakes import FrozenClock, Notebook, QuickSpeaker
from tests.players.agi_player import AgiPlayer
from tests.players.twilio_player import TwilioPlayer
from tests.service.conftest import OpenLine, Telephone, legs_of
from tests.service.crew import crew
from tests.service.escalating import Night, NotingTelephone
from tests.service.monitored import Source, alert, open_cases
from tests.service.test_escalations import ANNA, CHLOE, LUCA
from tests.service.twilio_line import FORM, calls_stored, header
from tests.story import FOLDER, Story, attempt_results, load_story, outcome
from tests.wiring import quick_application
from webhooks.app import create_app

FRENCH = "+41440001002"
PROXIED = "https://pikett.example/line"
INNER = "http://127.0.0.1:8080"
REFUSED = "pikett_twilio_refused_total"


def press_1(app: Application, telephone: Telephone, ringing: Reply) -> Reply:
    """The telephone that rings is answered, and its technician takes the call."""
    (leg,) = legs_of(ringing)
    answered = app.calls.begin_leg(leg.attempt_id, telephone.at)
    pressed = DigitsEntered(telephone.at, "1")
    return app.calls.report(answered.leg_id, answered.turn, pressed)


def dial_ended(app: Application, ringing: Reply, status: DialStatus, at: Any) -> Reply:
    return app.calls.report(ringing.leg_id, ringing.turn, DialReport(at, status, 0))


def told_of(notebook: Notebook, what: str) -> list[dict[str, Any]]:
    return [facts for name, facts in notebook.troubles if name == what]


# A number that leads nowhere ----------------------------------------------------------------------


@pytest.mark.rule("P.2")
def test_a_premium_number_is_passed_over_and_told(app: Application, notebook: Notebook) -> None:
    with app.storage.writing() as uow:
        uow.technicians.change(1, number="0900 123 456")
    ringing = Telephone(app).ring()
    assert [leg.number for leg in legs_of(ringing)] == [LUCA]
    (told,) = told_of(notebook, "number_refused")
    assert (told["call"], told["target"]) == (ringing.call_id, "Anna Meier")


def warned(app: Application, notebook: Notebook) -> Sequence[str]:
    """What the roster's watch tells of telephones, a day after it did the last time."""
    assert isinstance(app.clock, FrozenClock)
    app.clock.at += timedelta(days=1)
    notebook.troubles.clear()
    app.roster_watch.watch(app.clock.now())
    return [what for what, _ in notebook.troubles]


def ring_anna(app: Application, status: DialStatus) -> None:
    """A call of today rings her first, and this is what the carrier says."""
    now = app.clock.now()
    telephone = Telephone(app, f"call at {now}", now)
    ringing = telephone.ring()
    assert [leg.number for leg in legs_of(ringing)] == [ANNA]
    telephone.hang_up(dial_ended(app, ringing, status, telephone.at))


@pytest.mark.rule("P.2")
def test_a_number_out_of_order_is_told_every_day_until_it_rings_again(line: Application) -> None:
    app, notebook = line, line.observer
    assert isinstance(notebook, Notebook)
    assert warned(app, notebook) == []
    ring_anna(app, DialStatus.FAILED)
    for _ in range(2):
        assert warned(app, notebook) == ["roster_unreachable"]
    with app.storage.engine.connect() as connection:
        mails = connection.scalars(select(OutboxMail.body)).all()
    told = [body for body in mails if "Anna Meier" in body and "nicht erreichbar" in body]
    assert len(told) == 2
    shown = {each.kind: each.name for each in app.rosters.problems(app.clock.now())}
    assert shown[ProblemKind.UNREACHABLE] == "Anna Meier"
    ring_anna(app, DialStatus.NO_ANSWER)
    assert warned(app, notebook) == []


@pytest.mark.rule("P.2")
def test_whoever_says_that_it_rings_again_ends_the_warning(
    app: Application, notebook: Notebook
) -> None:
    ring_anna(app, DialStatus.FAILED)
    assert warned(app, notebook) == ["roster_unreachable"]
    phone = app.technicians.get("Anna Meier")[1][0]
    app.technicians.verify("Anna Meier", phone.id, None, app.clock.now())
    assert warned(app, notebook) == []


@pytest.mark.rule("P.2")
def test_a_number_that_is_no_longer_his_is_no_trouble(app: Application, notebook: Notebook) -> None:
    ring_anna(app, DialStatus.FAILED)
    with app.storage.writing() as uow:
        uow.technicians.change(1, number="+41440009011")
        for method in uow.contact_methods.list_of(1):
            uow.contact_methods.remove(method.id)
    assert "roster_unreachable" not in warned(app, notebook)


# Several at once, and a leg that fails ------------------------------------------------------------


@pytest.mark.rule("P.7")
def test_three_callers_at_once_have_a_technician_each(open_line: OpenLine) -> None:
    """Also where callers may wait: nobody is left to wait while somebody is free."""
    app = open_line(hunt={"wait_seconds": 300})
    calls = [Telephone(app, f"call-{n}", caller=f"+4144000100{n}") for n in (1, 5, 9)]
    ordered = [each.wait_for(State.MAY_WITHDRAW) for each in calls]
    with crew(3) as together:
        go = [
            partial(app.calls.report, reply.leg_id, reply.turn, call.answer(reply))
            for call, reply in zip(calls, ordered, strict=True)
        ]
        ringing = together(go)
        assert sorted(legs_of(each)[0].number for each in ringing) == [ANNA, LUCA, CHLOE]
        take = [
            partial(press_1, app, call, reply) for call, reply in zip(calls, ringing, strict=True)
        ]
        assert {leg.state for leg in together(take)} == {LegState.CONNECTED}


@pytest.mark.rule("P.9")
@pytest.mark.parametrize("status", [each for each in DialStatus if each != DialStatus.ANSWERED])
def test_a_leg_that_fails_after_its_acceptance_is_followed_by_the_next(
    status: DialStatus, app: Application
) -> None:
    """He pressed 1, and then his line broke before anybody was connected with him."""
    telephone = Telephone(app)
    ringing = telephone.ring()
    assert press_1(app, telephone, ringing).state == LegState.CONNECTED
    following = dial_ended(app, ringing, status, telephone.at)
    assert following.state == State.RINGING_TECHNICIANS
    assert [leg.number for leg in legs_of(following)] == [LUCA]
    assert press_1(app, telephone, following).state == LegState.CONNECTED
    app.calls.report(following.leg_id, following.turn, telephone.bridge_ended())
    assert attempt_results(app, ringing.call_id) == ["lost", "accepted"]
    assert outcome(app, ringing.call_id) == ("bridged", True, "ordered")
    with app.storage.reading() as uow:
        assert not uow.attempts.is_engaged(1, telephone.at, rehearsal=False)


# Behind a proxy -----------------------------------------------------------------------------------


@pytest.mark.rule("P.11")
def test_behind_a_proxy_the_public_address_counts_and_refusals_are_noticed(data_dir: Path) -> None:
    """The proxy ends TLS, takes a path away and shows its own host; a stranger signs what he sees."""
    app = quick_application(data_dir, public_url=PROXIED)
    client, path = create_app(app).test_client(), "/twilio/voice"
    forwarded = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}

    def ask(signed: str) -> int:
        headers = forwarded | header(signed + path, FORM)
        return client.post(path, data=FORM, headers=headers, base_url=INNER).status_code

    before = REGISTRY.get_sample_value(REFUSED) or 0
    assert ask(PROXIED) == 200
    assert len(calls_stored(app)) == 1
    assert REGISTRY.get_sample_value(REFUSED) == before
    assert [ask(each) for each in (INNER, "http://evil.example", "https://evil.example")] == [
        403
    ] * 3
    assert REGISTRY.get_sample_value(REFUSED) == before + 3
    assert len(calls_stored(app)) == 1


@pytest.mark.rule("P.11")
def test_an_alert_watches_the_refusals() -> None:
    file = resources.folder("config") / "prometheus" / "pikett-alerts.yaml"
    rules = yaml.safe_load(file.read_text())["groups"][0]["rules"]
    assert any(rule["expr"].startswith(f"increase({REFUSED}[") for rule in rules)


# Words that are missing in French -----------------------------------------------------------------


class NoFrench(QuickSpeaker):
    """An engine without this language."""

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        if any(each.language is Language.FR for each in utterances):
            raise SpeechError("no voice")
        return super().speak(utterances)


@pytest.fixture
def without_french(app: Application, tmp_path: Path) -> Application:
    """French words have neither a sound nor a voice."""
    app.sounds = SoundLibrary(app.catalogue, NoFrench(), tmp_path / "few", tmp_path / "none")
    return app


@pytest.fixture
def call_in_french() -> Story:
    """Her telephone says which language she speaks."""
    accepted = load_story(FOLDER / "accepted.yaml")
    return Story("french", "", FRENCH, accepted.at, accepted.keys, accepted.expected)


@pytest.mark.rule("P.14")
def test_a_prompt_without_a_french_sound_is_told_and_the_caller_has_the_desk(
    without_french: Application, clock: FrozenClock, notebook: Notebook, call_in_french: Story
) -> None:
    """Never another language by mistake: the dialplan apologises and rings the desk."""
    player = AgiPlayer(without_french, clock, call_in_french)
    player.play()
    assert player.caller.variables["PIKETT_NEXT"] == "fallback"
    assert not [line for line in player.caller.commands if line.startswith("STREAM FILE")]
    (told,) = told_of(notebook, "sound_missing")
    assert "in fr" in told["reason"]
    assert "Clinique" not in told["reason"]


@pytest.mark.rule("P.14")
def test_a_carrier_speaks_french_where_the_line_has_no_sound(
    without_french: Application, clock: FrozenClock, call_in_french: Story
) -> None:
    player = TwilioPlayer(without_french, clock, call_in_french)
    call_id = player.play()
    assert outcome(without_french, call_id) == ("bridged", True, "ordered")
    spoken = [each for text in player.client.documents for each in ET.fromstring(text).iter("Say")]
    to_her = [each.attrib["language"] for each in spoken[:3]]
    assert to_her == ["fr-FR"] * 3


# A storm ------------------------------------------------------------------------------------------


@pytest.mark.rule("P.16")
def test_of_a_storm_one_call_rings_and_whoever_missed_it_is_rung_again(
    app: Application, clock: FrozenClock
) -> None:
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    night = Night(app, clock, telephone)
    Source(app).send(*[alert(f"a{each}") for each in range(200)])
    night.work()
    assert open_cases(app) == [("probe: a0 is down", 200)]
    assert telephone.numbers == [ANNA]
    night.app.paging.ended(night.last, DialStatus.NO_ANSWER, clock.now())
    night.pass_time(seconds=1)
    assert telephone.numbers == [ANNA, ANNA]
