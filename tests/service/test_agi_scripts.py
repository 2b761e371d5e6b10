"""A hang-up or a broken connection at any command of a call, odd keys at every gather."""

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import structlog

from agi_scripts.app import FastAgiApp
from ivr.bootstrap import Application
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.players import agi_player
from tests.players.agi_player import AgiPlayer, CallerKeys, Channel, LegKeys
from tests.service.ready import with_all_sounds
from tests.story import FOLDER, Story, attempt_results, load_story, outcome, prepare
from tests.wiring import quick_application

STORY_NAMES = ("unknown_with_code", "nobody_answers", "accepted")
STORIES = {name: load_story(FOLDER / f"{name}.yaml") for name in STORY_NAMES}
NEVER = 10_000
UNCHANGING = ("catalogue", "plans", "calendar", "pins", "sounds")
RETRY_PAUSE_SECONDS = 1.2


class Cut(Exception):
    """The emulated Asterisk closes the socket in the middle of a conversation."""


class Cutter:
    """Counts commands over all channels of a call and does something to one of them."""

    def __init__(self, how: str, number: int) -> None:
        self._how = how
        self._number = number
        self.seen = 0

    def answer(self, channel: Channel, real: Callable[[], str]) -> str:
        self.seen += 1
        if self.seen - 1 != self._number:
            return real()
        match self._how:
            case "before":
                channel.up = False
                reply = real().removeprefix("HANGUP\n")
                return f"HANGUP\n{reply}"
            case "after":
                reply = real()
                channel.up = False
                return f"{reply}\nHANGUP"
            case "close":
                raise Cut
        raise AssertionError(self._how)


class CutChannel(Channel):
    """An emulated channel whose conversations may break off."""

    def __init__(self, cutter: Cutter, fast_agi: Any, *rest: Any) -> None:
        super().__init__(fast_agi, *rest)
        self.cutter = cutter

    def agi(self, script: str, keys: CallerKeys | LegKeys | None, *arguments: str) -> None:
        with contextlib.suppress(Cut, ConnectionError):
            super().agi(script, keys, *arguments)
        self._fast_agi.settle()  # type: ignore[attr-defined]

    def _answer(self, line: str, keys: CallerKeys | LegKeys | None) -> str:
        return self.cutter.answer(self, lambda: super(CutChannel, self)._answer(line, keys))


class WatchedServer(FastAgiApp):
    """The real server application; knows the threads it serves in."""

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self._threads: list[threading.Thread] = []

    def serve(self, connection: socket) -> None:
        self._threads.append(threading.current_thread())
        super().serve(connection)

    def settle(self) -> None:
        """Every conversation has ended."""
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a conversation hangs"


class CutPlayer(AgiPlayer):
    """Plays a story until something breaks, then does what the dialplan does."""

    def __init__(self, app: Application, clock: FrozenClock, story: Story, cutter: Cutter) -> None:
        super().__init__(app, clock, story)
        self.fast_agi = WatchedServer(app)
        self.caller = CutChannel(
            cutter, self.fast_agi, clock, self.caller._caller, self.caller._unique
        )

    def play(self) -> str:
        """Like the context pikett-support: an unanswered turn is asked for once more."""
        arguments: tuple[str, ...] = ()
        tried = False
        while self.caller.up:
            self.caller.variables["PIKETT_NEXT"] = ""
            self.caller.agi("support_line", self.keys, *arguments)
            if self.caller.variables["PIKETT_NEXT"] == "" and not tried:
                self.clock.advance(RETRY_PAUSE_SECONDS)
                tried = True
                continue
            if self.caller.variables["PIKETT_NEXT"] != "dial":
                break
            tried = False
            arguments = self._dial()
        if self.caller.variables["PIKETT_NEXT"] != "done":
            self.caller.agi("call_ended", None)
        call_id = self._app.calls.find("asterisk", self.caller._unique)
        assert call_id is not None
        return call_id


MakeApp = Callable[[Story], tuple[Application, FrozenClock]]


@pytest.fixture(scope="module")
def unchanging(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What no call changes, sounds included, made once for all applications of this module."""
    folder = tmp_path_factory.mktemp("unchanging") / "data"
    shutil.copytree(demo_database, folder)
    app = with_all_sounds(quick_application(folder))
    app.storage.engine.dispose()
    return {name: getattr(app, name) for name in UNCHANGING}


@pytest.fixture
def make_app(demo_database: Path, tmp_path: Path, unchanging: dict[str, Any]) -> Iterator[MakeApp]:
    """A fresh application for a story."""
    made: list[Application] = []

    def make(story: Story) -> tuple[Application, FrozenClock]:
        folder = tmp_path / f"data{len(made)}"
        shutil.copytree(demo_database, folder)
        clock = FrozenClock(datetime.fromisoformat(story.at).astimezone(UTC))
        app = prepare(story, folder, clock=clock, ids=CountedIds(), observer=Notebook())
        vars(app).update(unchanging)
        made.append(app)
        return app, clock

    yield make
    for app in made:
        app.storage.engine.dispose()


@pytest.fixture
def play(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Callable[..., "Played"]:
    """Plays a story with something done to one command of one of its channels."""

    def played(story: Story, how: str, number: int, *, legs: bool) -> Played:
        app, clock = make_app(story)
        cutter = Cutter(how, number)
        for_legs = cutter if legs else Cutter("never", NEVER)
        monkeypatch.setattr(agi_player, "Channel", partial(CutChannel, for_legs))
        player = CutPlayer(app, clock, story, cutter)
        with structlog.testing.capture_logs() as logs:
            call_id = player.play()
        app.storage.engine.dispose()
        return Played(app, clock, player, call_id, logs, cutter.seen)

    return played


class Played:
    """A call that was played to its end."""

    def __init__(
        self,
        app: Application,
        clock: FrozenClock,
        player: CutPlayer,
        call_id: str,
        logs: Any,
        commands: int,
    ) -> None:
        self.app = app
        self.clock = clock
        self.player = player
        self.call_id = call_id
        self.logs = logs
        self.commands = commands

    def check(self) -> None:
        """Nothing failed, the record is closed, nobody stays engaged."""
        assert [line for line in self.logs if line["event"] == "agi_failed"] == []
        with self.app.storage.reading() as uow:
            call = uow.calls.get(self.call_id)
            assert call.ended_at is not None
            assert uow.calls.summary(self.call_id).result is not None
            later = self.clock.now() + timedelta(minutes=1)
            assert not any(
                uow.attempts.is_engaged(technician, later, rehearsal=False)
                for technician in (1, 2, 3)
            )

    @property
    def told(self) -> tuple[Any, ...]:
        return (*outcome(self.app, self.call_id), attempt_results(self.app, self.call_id))


def every_command(
    play: Callable[..., Played], story: Story, how: str, *, legs: bool
) -> Iterator[Played]:
    """The story as often as it has commands, each time with another one spoiled."""
    whole = play(story, "never", NEVER, legs=legs)
    whole.check()
    for number in range(whole.commands):
        yield play(story, how, number, legs=legs)


HANG_UPS = [
    ("unknown_with_code", "before"),
    ("unknown_with_code", "after"),
    ("nobody_answers", "after"),
]


@pytest.mark.rule("A.28", "P.8")
@pytest.mark.parametrize(("name", "how"), HANG_UPS)
def test_a_hang_up_at_any_command_closes_the_record(
    name: str, how: str, play: Callable[..., Played]
) -> None:
    """And what was not dispatched yet was never ordered."""
    for played in every_command(play, STORIES[name], how, legs=True):
        played.check()
        result, _, order, attempts = played.told
        if not attempts:
            assert (result, order) in (("abandoned", "none"), ("abandoned", "withdrawn"))


@pytest.mark.rule("B.15")
def test_a_broken_connection_is_taken_up_again_with_the_same_turn(
    play: Callable[..., Played],
) -> None:
    """The caller hears a piece twice; how his call ends does not change."""
    whole = play(STORIES["nobody_answers"], "never", NEVER, legs=False)
    for played in every_command(play, STORIES["nobody_answers"], "close", legs=False):
        played.check()
        assert played.told == whole.told
        assert played.player.caller.variables["PIKETT_NEXT"] == "done"


def test_a_broken_connection_of_a_leg_connects_nobody_by_mistake(
    play: Callable[..., Played],
) -> None:
    for played in every_command(play, STORIES["accepted"], "close", legs=True):
        played.check()
        result, _, _, attempts = played.told
        assert (result == "bridged") == ("accepted" in attempts)


ODD_KEYS = ["A", "*", "*#B", "#", "C", "9" * 30, "D", "**", "*A"]


@pytest.mark.rule("B.13")
@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize(
    ("name", "orders_at"),
    [("unknown_with_code", 2), ("english_location", 2), ("outside_window_desk", NEVER)],
)
def test_odd_keys_at_every_gather_order_nothing_and_end_well(
    name: str, orders_at: int, first: int, play: Callable[..., Played]
) -> None:
    story = load_story(FOLDER / f"{name}.yaml")
    tokens = story.keys.split()
    for place in range(len(tokens)):
        odd = islice(cycle(ODD_KEYS), first * 3, first * 3 + 12)
        keys = " ".join([*tokens[:place], *odd])
        played = play(replace(story, keys=keys), "never", NEVER, legs=True)
        played.check()
        assert (played.told[2] != "none") == (place > orders_at)
