"""After a build nobody waits for a speech engine: not on a call, not on a rung leg, not for a name."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.cli.line_pieces import all_pieces
from ivr.services.disturbances import spoken, to_be_spoken
from ivr.storage.models import Customer
from ivr.voice.sounds import IN_TURN
from tests.fakes import CountedIds, FrozenClock, Notebook, QuickSpeaker
from tests.players import rehearsal_player
from tests.players.agi_player import AgiPlayer
from tests.players.twilio_player import TwilioPlayer
from tests.story import STORIES, Story, disturb, prepare
from tests.wiring import quick_application

ORDINARY = [
    story for story in STORIES if not (story.tariffs or story.settings or story.disturbances)
]
"""With the prices of the installation, and without words of their own that are spoken when saved."""

SOME = ORDINARY[:: len(ORDINARY) // 2]
"""`python -m tests.bench --only voice` plays all of them."""


@pytest.fixture(scope="module")
def built(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration after `pikett prompts build`."""
    folder = tmp_path_factory.mktemp("built") / "data"
    shutil.copytree(demo_database, folder)
    app = quick_application(folder)
    for _ in app.sounds.build(all_pieces(app)):
        pass
    app.storage.engine.dispose()
    return folder


@pytest.fixture
def open_story(built: Path, tmp_path: Path) -> Iterator[Callable[[Story], Application]]:
    """Sounds are shared: a file never changes."""
    made: list[Application] = []

    def open_it(story: Story) -> Application:
        folder = tmp_path / f"{len(made)}"
        shutil.copytree(built, folder, ignore=shutil.ignore_patterns("sounds"))
        (folder / "sounds").symlink_to(built / "sounds")
        clock = FrozenClock(datetime.fromisoformat(story.at).astimezone(UTC))
        made.append(prepare(story, folder, clock=clock, ids=CountedIds(), observer=Notebook()))
        return made[-1]

    yield open_it
    for app in made:
        app.storage.engine.dispose()


def in_turn() -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels.values()): sample.value
        for metric in IN_TURN.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


def on_asterisk(app: Application, story: Story) -> None:
    AgiPlayer(app, app.clock, story).play()  # type: ignore[arg-type]


def on_twilio(app: Application, story: Story) -> None:
    TwilioPlayer(app, app.clock, story).play()  # type: ignore[arg-type]


def rehearsed(app: Application, story: Story) -> None:
    rehearsal_player.play(app, story)


@pytest.mark.parametrize("play", [rehearsed, on_asterisk, on_twilio])
def test_after_a_build_no_turn_waits_for_speech(
    open_story: Callable[[Story], Application], play: Callable[[Application, Story], Any]
) -> None:
    before = in_turn()
    for story in SOME:
        app = open_story(story)
        play(app, story)
        assert in_turn() == before, story.name


def test_a_sound_that_is_made_in_a_turn_is_counted_once_with_engine_and_reason(
    app: Application,
) -> None:
    before = in_turn().get(("pico", "missing"), 0)
    goodbye = prompt(PromptKey.GOODBYE, Language.EN)
    for _ in range(3):
        app.sounds.sounds([goodbye])
    assert in_turn()[("pico", "missing")] == before + 1
    app.sounds.beforehand([prompt(PromptKey.GREETING, Language.EN)])
    assert in_turn()[("pico", "missing")] == before + 1


def test_a_disturbance_is_spoken_once_when_it_is_declared_for_all_its_days(
    app: Application,
) -> None:
    number = disturb(app, "2026-11-23T09:17:00+01:00", scopes=["all"], texts={"de": "Internet"})
    with app.storage.reading() as uow:
        record = uow.disturbances.find(number)
    assert record is not None
    app.sounds.beforehand(to_be_spoken(record, app.clock.now()))
    for days in (0, 1, 3, 6):
        said = spoken(record, Language.DE, app.clock.now() + timedelta(days=days))
        pieces = [piece for each in said for piece in app.catalogue.pieces(each)]
        assert app.sounds.has_all(pieces), "as whole sentences, not in parts"


@pytest.mark.parametrize("play", [on_asterisk, on_twilio])
def test_a_new_name_is_spoken_in_the_background_as_soon_as_its_caller_is_known(
    open_story: Callable[[Story], Application], play: Callable[[Application, Story], Any]
) -> None:
    """Nobody is rung in this call: it is enough that the number was recognised."""
    story = next(each for each in STORIES if each.name == "plan_premium_sunday")
    app = open_story(story)
    name = f"Neue Firma Bänninger {play.__name__}"
    with app.storage.engine.begin() as connection:
        connection.execute(update(Customer).values(name=name))
    before = in_turn()
    play(app, story)
    assert app.sounds.synthesis.is_done_ahead(10)
    assert in_turn() == before
    speaker = app.sounds.synthesis.engines.best(Language.DE)
    assert isinstance(speaker, QuickSpeaker)
    assert speaker.spoken.count(name) == len(Language)
