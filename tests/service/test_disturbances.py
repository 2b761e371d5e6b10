"""A known disturbance: who hears of it, who is told of its end, and how alerts begin one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import Language
from ivr.identity.contacts import Contact
from ivr.services.disturbances import Declared, DisturbanceRefusedError, spoken
from ivr.services.explain import Caller
from ivr.storage.models import InformMe, OutboxMail, TextMessage
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import PicoSpeaker
from tests.fakes import MONDAY_TEN, FrozenClock
from tests.players import rehearsal_player
from tests.service.monitored import Source, open_cases, rows
from tests.story import Story, add_mail, disturb

CALLER, MOBILE = "+41440001001", "+41790001122"
SINCE = "2026-11-23T08:40:00+01:00"
LEAVES = "1"


def declared(**given: Any) -> Declared:
    return Declared(**({"title": "Outage", "scopes": ["all"], "texts": {}} | given))


def heard(app: Application, caller: str = CALLER, keys: str = "hangup", **given: Any) -> list[str]:
    """Prompts in the order in which the caller hears them."""
    story = Story("probe", "", caller, MONDAY_TEN.isoformat(), keys, {}, **given)
    listener = Ear()
    rehearsal_player.play(app, story, listener)
    return listener.prompts


class Ear(rehearsal_player.Silent):
    def __init__(self) -> None:
        self.prompts: list[str] = []

    def heard(self, who: str, prompts: Any, seconds: float) -> None:
        if who == "caller":
            self.prompts += [str(prompt.key) for prompt in prompts]


@pytest.fixture
def contact(app: Application) -> None:
    """Customer 11001 has somebody with an address."""
    add_mail(app, "11001", "eva@example.ch")


def real_wishes(app: Application) -> None:
    """What a rehearsal has asked counts as asked by a real call."""
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE inform_me SET rehearsal = false")


def told(app: Application) -> list[tuple[str, str]]:
    """Recipients and subjects of the mails, and numbers with the text of the texts."""
    query = select(OutboxMail.recipient, OutboxMail.subject).where(OutboxMail.state == "waiting")
    texts = select(TextMessage.number, TextMessage.body).where(TextMessage.state == "waiting")
    return [tuple(row) for row in [*rows(app, query), *rows(app, texts)]]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("scopes", "touched"),
    [
        (["all"], True),
        (["plan:premium"], True),
        (["plan:pro", "customer:11001"], True),
        (["service:mail"], True),
        (["plan:pro", "customer:11002", "service:voip"], False),
    ],
)
def test_who_is_touched_hears_it_before_any_notice(
    scopes: list[str], touched: bool, app: Application
) -> None:
    with app.storage.writing() as uow:
        uow.disturbances.attach(1, "mail")
    disturb(app, SINCE, scopes=scopes)
    prompts = heard(app)
    assert ("disturbance_unnamed" in prompts) is touched
    notices = [key for key in prompts if key.startswith("notice")]
    assert bool(notices) is not touched, "he has hung up at the question that came first"


def test_the_newest_is_told(app: Application) -> None:
    disturb(app, "2026-11-22T08:00:00+01:00", scopes=["all"], texts={"de": "Alt"})
    disturb(app, SINCE, scopes=["all"])
    assert "disturbance_unnamed" in heard(app)


def test_somebody_without_a_number_we_know_of_hears_only_what_touches_all(
    app: Application,
) -> None:
    disturb(app, SINCE, scopes=["plan:premium"])
    assert "disturbance_unnamed" not in heard(app, "anonymous", "1 hangup")
    disturb(app, SINCE, scopes=["all"])
    assert "disturbance_unnamed" in heard(app, "anonymous", "1 hangup")


def test_an_expected_end_that_has_passed_is_not_said(app: Application) -> None:
    disturb(app, SINCE, scopes=["all"], expected_at="2026-11-23T09:59:00+01:00")
    assert "disturbance_until" not in heard(app)


@pytest.mark.usefixtures("contact")
def test_at_its_end_those_who_asked_are_mailed_once(app: Application, clock: FrozenClock) -> None:
    number = disturb(app, SINCE, scopes=["all"])
    assert heard(app, keys=LEAVES)[-1] == "inform_noted"
    heard(app, keys=LEAVES)
    real_wishes(app)
    assert app.disturbance_ends.collect(clock.at) == 0
    clock.advance(3600)
    assert app.disturbances.end(number, clock.at) == 2
    assert told(app) == []
    app.upkeep.round(clock.at)
    with app.storage.engine.connect() as connection:
        bodies = connection.execute(select(OutboxMail.recipient, OutboxMail.body)).all()
    assert [recipient for recipient, _ in bodies] == ["eva@example.ch"]
    assert "Störung vom 23.11.2026 08:40" in bodies[0][1]
    assert "seit 23.11.2026 11:00 behoben" in bodies[0][1]
    assert app.disturbance_ends.collect(clock.at) == 0


def test_from_a_mobile_phone_he_is_told_by_text(app: Application, clock: FrozenClock) -> None:
    number = disturb(app, SINCE, scopes=["all"])
    heard(app, MOBILE, "2 1")
    real_wishes(app)
    app.disturbances.end(number, clock.at)
    app.disturbance_ends.collect(clock.at)
    ((address, body),) = told(app)
    assert address == MOBILE
    assert "panne du 23.11.2026 08:40" in body
    assert len(body) <= 160


@pytest.mark.usefixtures("contact")
def test_a_rehearsal_tells_nobody(app: Application, clock: FrozenClock) -> None:
    number = disturb(app, SINCE, scopes=["all"])
    heard(app, keys=LEAVES)
    app.disturbances.end(number, clock.at)
    assert app.disturbance_ends.collect(clock.at) == 1
    assert told(app) == []


def test_the_callers_own_address_comes_first(app: Application) -> None:
    with app.storage.writing() as uow:
        for name, email, phone, may in (
            ("A", "boss@example.ch", None, True),
            ("B", "own@example.ch", "+41440001051", False),
            ("C", "none@example.ch", None, False),
        ):
            uow.contacts.add(1, Contact(name, phone, email, None, may), MONDAY_TEN)
    disturb(app, SINCE, scopes=["all"])
    heard(app, CALLER, LEAVES)
    heard(app, "+41440001051", LEAVES)
    wishes = [each for (each,) in rows(app, select(InformMe.email).order_by(InformMe.id))]
    assert wishes == ["boss@example.ch", "own@example.ch"]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"title": "  "}, "title"),
        ({"scopes": []}, "scope"),
        ({"scopes": ["everybody"]}, "scope"),
        ({"scopes": ["plan:gold"]}, "scope"),
        ({"scopes": ["customer:99999"]}, "scope"),
        ({"scopes": ["service:No Good"]}, "scope"),
        ({"texts": {"de": "x" * 61}}, "text"),
        ({"texts": {"de": "<b>"}}, "text"),
        ({"expected_at": MONDAY_TEN}, "expected"),
        ({"started_at": MONDAY_TEN + timedelta(seconds=1)}, "start"),
    ],
)
def test_what_cannot_be_declared(given: dict[str, Any], key: str, app: Application) -> None:
    with pytest.raises(DisturbanceRefusedError) as refused:
        app.disturbances.declare(declared(**given), "lead", MONDAY_TEN)
    assert refused.value.key == f"alerts.wrong.{key}"


def test_what_is_over_can_neither_be_changed_nor_ended(app: Application) -> None:
    number = disturb(app, SINCE, ends=MONDAY_TEN.isoformat(), scopes=["all"])
    with pytest.raises(DisturbanceRefusedError, match="goes on"):
        app.disturbances.end(number, MONDAY_TEN)
    with pytest.raises(DisturbanceRefusedError, match="goes on"):
        app.disturbances.update(number, {}, None, MONDAY_TEN)


def test_words_are_changed_one_by_one(app: Application) -> None:
    number = disturb(app, SINCE, scopes=["all"], texts={"de": "Alt", "fr": "Vieux"})
    app.disturbances.update(number, {"de": "Neu"}, None, MONDAY_TEN)
    with app.storage.reading() as uow:
        found = uow.disturbances.find(number)
    assert found is not None
    assert found.texts == {"de": "Neu", "fr": "Vieux"}


@pytest.mark.slow
@pytest.mark.parametrize("language", Language)
def test_the_choice_comes_within_fifteen_seconds(
    language: Language, app: Application, tmp_path: Path
) -> None:
    """With the longest times, by the real voice; the longest text may take three more."""
    number = disturb(
        app,
        "2026-11-22T23:57:00+01:00",
        scopes=["all"],
        texts={each: ("Wort " * 12).strip() for each in Language},
        expected_at="2026-11-24T23:57:00+01:00",
    )
    with app.storage.reading() as uow:
        found = uow.disturbances.find(number)
    assert found is not None
    recordings = resources.folder("prompts") / "recordings"
    voice = SoundLibrary(app.catalogue, PicoSpeaker(), tmp_path / "voice", recordings)
    usual = replace_text(found, "Internet in Baden")
    assert 5 < voice.beforehand(spoken(usual, language, MONDAY_TEN)) <= 15
    assert voice.beforehand(spoken(found, language, MONDAY_TEN)) <= 18


def replace_text(record: Any, text: str) -> Any:
    return replace(record, texts=dict.fromkeys(Language, text))


@pytest.fixture
def depending(app: Application) -> Source:
    """Customer 11001's only place depends on what the source reports."""
    with app.storage.writing() as uow:
        uow.disturbances.attach(1, "internet")
    return Source(app)


@pytest.mark.rule("A.79")
def test_an_alert_of_a_service_is_told_to_those_who_depend_on_it(
    app: Application, depending: Source
) -> None:
    depending.fire("core", services=["internet", "mail"])
    assert "disturbance_unnamed" in heard(app)
    assert "disturbance_unnamed" not in heard(app, "+41440001009")
    depending.resolve("core")
    assert "disturbance_unnamed" not in heard(app)


def test_what_rings_nobody_and_what_touches_nobody_declares_nothing(
    app: Application, depending: Source
) -> None:
    depending.fire("a", "minor", services=["internet"])
    depending.fire("b", services=["voip"])
    depending.fire("c")
    assert rows(app, select(InformMe.id)) == []
    with app.storage.reading() as uow:
        assert uow.disturbances.list_recent(10) == []


def test_a_storm_is_one_disturbance_until_its_last_alert(
    app: Application, depending: Source, clock: FrozenClock
) -> None:
    for each in range(12):
        depending.fire(f"a{each}", services=["internet"])
    assert len(open_cases(app)) == 1
    depending.resolve(*[f"a{each}" for each in range(11)])
    assert "disturbance_unnamed" in heard(app)
    clock.advance(60)
    depending.resolve("a11")
    with app.storage.reading() as uow:
        assert uow.disturbances.list_current(clock.at) == []


def test_explain_knows_nothing_of_it(app: Application) -> None:
    """`pikett explain` shows the notice, which the disturbance does not change."""
    disturb(app, SINCE, scopes=["all"])
    with app.storage.reading() as uow:
        found = app.explain.explain(uow, Caller(number=CALLER), MONDAY_TEN)
    assert found.notice
