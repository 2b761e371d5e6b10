"""Every story through every back end: the same event log, whoever carries the call."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.bootstrap import Application
from ivr.callflow.machine import Handler
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.technician_leg import TECHNICIAN_LEG
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.players import rehearsal_player
from tests.players.agi_player import AgiPlayer
from tests.players.twilio_player import TwilioPlayer
from tests.story import STORIES, Story, attempt_results, event_log, notice_text, outcome, prepare

MakeApp = Callable[[Story], tuple[Application, FrozenClock]]
IDS = [str(story) for story in STORIES]


@pytest.fixture
def make_app(demo_database: Path, tmp_path: Path) -> Iterator[MakeApp]:
    """A fresh application for a story, with a clock that stands at its beginning."""
    made: list[Application] = []

    def make(story: Story) -> tuple[Application, FrozenClock]:
        folder = tmp_path / f"data{len(list(tmp_path.iterdir()))}"
        shutil.copytree(demo_database, folder)
        clock = FrozenClock(datetime.fromisoformat(story.at).astimezone(UTC))
        app = prepare(story, folder, clock=clock, ids=CountedIds(), observer=Notebook())
        made.append(app)
        return app, clock

    yield make
    for app in made:
        app.storage.engine.dispose()


@pytest.mark.parametrize("story", STORIES, ids=IDS)
def test_rehearsal_tells_the_story(
    story: Story, make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app, _ = make_app(story)
    told = rehearsal_player.tell(app, story, capsys)
    assert {name: told[name] for name in story.expected} == story.expected


@pytest.mark.parametrize("story", [story for story in STORIES if story.notice], ids=str)
def test_the_notice_has_these_words(story: Story, make_app: MakeApp) -> None:
    """On one back end: the others have the same log, with the same conditions in it."""
    app, _ = make_app(story)
    call_id, _ = rehearsal_player.play(app, story)
    assert notice_text(app, call_id) == story.notice


@pytest.mark.parametrize("story", [story for story in STORIES if "agi" in story.back_ends], ids=str)
def test_asterisk_has_the_same_log(story: Story, make_app: MakeApp) -> None:
    app, _ = make_app(story)
    rehearsed, _ = rehearsal_player.play(app, story)
    other, clock = make_app(story)
    played = AgiPlayer(other, clock, story).play()
    assert event_log(other, played) == event_log(app, rehearsed)
    assert attempt_results(other, played) == attempt_results(app, rehearsed)
    assert outcome(other, played) == outcome(app, rehearsed)


@pytest.mark.rule("Q11")
@pytest.mark.parametrize(
    "story", [story for story in STORIES if "twilio" in story.back_ends], ids=str
)
def test_twilio_has_the_same_log(story: Story, make_app: MakeApp) -> None:
    app, _ = make_app(story)
    rehearsed, _ = rehearsal_player.play(app, story)
    other, clock = make_app(story)
    played = TwilioPlayer(other, clock, story).play()
    assert event_log(other, played) == event_log(app, rehearsed)
    assert attempt_results(other, played) == attempt_results(app, rehearsed)
    assert outcome(other, played) == outcome(app, rehearsed)


def test_the_stories_visit_every_handler(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler that no story visits is a path that nobody has walked."""
    visited: set[str] = set()
    for flow in (SUPPORT_LINE, TECHNICIAN_LEG):
        find = type(flow).handler

        def noting(self: object, session: object, event: object, _find: Handler = find) -> Handler:  # type: ignore[type-arg]
            handler = _find(self, session, event)  # type: ignore[call-arg]
            visited.add(handler.__name__)
            return handler

        monkeypatch.setattr(type(flow), "handler", noting)
    for story in STORIES:
        app, _ = make_app(story)
        rehearsal_player.play(app, story)
    declared = {
        handler.__name__
        for flow in (SUPPORT_LINE, TECHNICIAN_LEG)
        for handlers in flow.table.values()
        for handler in handlers.values()
    }
    assert declared - visited == set()
