"""Plays a story through the rehearsal, the way `pikett call` does."""

from datetime import datetime, timedelta
from typing import Any

import yaml

from ivr.bootstrap import Application
from ivr.callflow.codec import from_json, to_json
from ivr.cli.call_views import StoryView
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.rehearsal import Rehearsal
from ivr.services.reports import IncomingCall, rehearsed_id
from ivr.services.script import Script, parse_script
from tests.story import SERIES, Story


def play(app: Application, story: Story, listener: Any = None) -> tuple[str, Rehearsal]:
    """The id of the played call, and the rehearsal with its own clock."""
    at = datetime.fromisoformat(story.at)
    rehearsal = Rehearsal(
        app.calls, app.sounds, listener or Silent(), Script(parse_script(story.keys)), at
    )
    incoming = IncomingCall(
        channel="rehearsal",
        provider_call_id=rehearsed_id(SERIES, app.ids.new()),
        caller=parse_caller_id(story.caller, own_numbers=app.settings.own_numbers),
        raw_caller=story.caller,
        at=at,
        can_ring_at_once=True,
        rehearsal=True,
    )
    return rehearsal.play(incoming), rehearsal


class Silent:
    """A listener that checks that every moved session survives its way through JSON."""

    def heard(self, *_: Any) -> None: ...

    def moved(self, *_: Any) -> None: ...

    def rings(self, *_: Any) -> None: ...

    def acts(self, *_: Any) -> None: ...

    def waits(self, verb: Any) -> None:
        assert from_json(to_json(verb)) == verb


class Stopwatch(Silent):
    """Seconds of speech the caller hears until the first telephone rings."""

    def __init__(self) -> None:
        self.speech = 0.0
        self.until_first_ring: float | None = None
        self.notices: list[float] = []

    def heard(self, who: str, prompts: Any, seconds: float) -> None:
        if who == "caller":
            self.speech += seconds
            if any(prompt.key.startswith("notice") for prompt in prompts):
                self.notices.append(seconds)

    def rings(self, legs: Any, at: datetime) -> None:
        if self.until_first_ring is None:
            self.until_first_ring = self.speech


def tell(app: Application, story: Story, capture: Any) -> dict[str, Any]:
    """The story as the program tells it, read back from what it prints."""
    view = StoryView(app.catalogue)
    view.starts(story.caller, datetime.fromisoformat(story.at), story.keys)
    call_id, _ = play(app, story, view)
    with app.storage.reading() as uow:
        view.ends(uow.calls.summary(call_id), uow.attempts.list_of(call_id))
    told: dict[str, Any] = yaml.safe_load(capture.readouterr().out)
    return told


def rehearsed_seconds(start: str, rehearsal: Rehearsal) -> timedelta:
    return rehearsal.now - datetime.fromisoformat(start)
