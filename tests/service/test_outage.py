"""The case to build for: 2,000 callers in ten minutes, two technicians (a simulation with a frozen clock).

Every caller hears the disturbance as the first thing after he is identified, within fifteen seconds of
speech. He leaves, or waits for his turn: by plan, then by due time, then by when he came. Nobody is lost:
each call ends with a wish to be told, a bridge, a ticket, or because the caller hung up.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.desk.board import Phase
from ivr.storage.models import InformMe, OutboxMail, WaitingCaller
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import PicoSpeaker
from tests.fakes import MONDAY_TEN, CountedIds, FrozenClock, Notebook
from tests.service.outage import Caller, Reference, play
from tests.service.outage_scene import declare, end_of, subscribe, two_technicians
from tests.wiring import quick_application

FEW, MANY = (60, 2), (int(os.environ.get("PIKETT_TEST_CALLERS", "300")), 10)
"""Callers and minutes. 2,000 in ten is the case that is built for; it takes minutes and is played by
hand: `PIKETT_TEST_CALLERS=2000 pytest -s -o timeout=0 -k 2000 tests/service/test_outage.py`."""
CHOICES = (PromptKey.DISTURBANCE_CHOICE, PromptKey.DISTURBANCE_CHOICE_STAY)
LONGEST_SECONDS = 15.0


@pytest.fixture
def app(demo_database: Path, folder: Path) -> Iterator[Application]:
    """In memory: thousands of turns are not about a disk."""
    shutil.copytree(demo_database, folder / "data")
    made = quick_application(
        folder / "data", clock=FrozenClock(), ids=CountedIds(), observer=Notebook()
    )
    yield made
    made.storage.engine.dispose()


@pytest.mark.rule("A.19")
@pytest.mark.parametrize(("number", "minutes"), [FEW, pytest.param(*MANY, marks=pytest.mark.slow)])
def test_everybody_hears_it_first_and_nobody_is_lost(
    number: int, minutes: int, app: Application
) -> None:
    """Whoever stays is offered to a technician in the order of `Reference`, checked at every look."""
    subscribe(app, number)
    two_technicians(app)
    reference = Reference()
    callers = [
        Caller(app, each, reference, arrival(each, minutes / number)) for each in range(number)
    ]
    again = [caller for caller in callers if caller.called_before]
    for caller in again:
        caller.call_before()
    outage = declare(app)
    play(callers, Looker(app, callers, reference))
    _all_heard_it_first(app, {caller.first_speech for caller in callers})
    ended = Counter(_end(app, caller) for caller in callers)
    print(f"\n{number} callers: {dict(ended)}; {reference.overtaken=} {reference.longest=}")
    assert ended["lost"] == 0
    assert ended["told"] == sum(caller.leaves for caller in callers)
    assert ended["bridged"] == len(reference.offered)
    assert min(ended[end] for end in ("told", "bridged", "ticket", "hung up")) > 0
    assert min(reference.overtaken.values()) > 0
    assert (reference.queue, reference.busy) == ({}, set())
    _tell_all(app, outage, ended["told"])


def _all_heard_it_first(app: Application, speeches: Set[tuple[Prompt, ...]]) -> None:
    """By the seconds of the real voice."""
    folder = app.settings.path("voice")
    voice = SoundLibrary(app.catalogue, PicoSpeaker(), folder, folder / "none")
    said = [piece for each in speeches for one in each for piece in app.catalogue.pieces(one)]
    for _ in voice.build(said):
        pass
    assert {each[0].language for each in speeches} == set(Language)
    for greeting, first, *others in speeches:
        assert (greeting.key, first.key) == (PromptKey.GREETING, PromptKey.DISTURBANCE)
        *state, choice = greeting, first, *others
        assert choice.key in CHOICES
        assert LONGEST_SECONDS / 2 < voice.seconds(state) <= LONGEST_SECONDS


class Looker:
    """The desk's board, looked at while the queue is short and while it is long."""

    def __init__(self, app: Application, callers: list[Caller], reference: Reference) -> None:
        self._app, self._callers, self._reference = app, callers, reference
        self._lengths = [9, 6, 3]

    def __call__(self) -> None:
        queue = self._reference.order()
        if self._lengths and len(queue) == self._lengths[-1]:
            self._lengths.pop()
            lines = [each.line for each in self._app.desk_board.board().calls]
            shown = [line.call_id for line in lines if line.phase is Phase.WAITING]
            assert shown == [self._callers[each].call_id for each in queue]


def arrival(each: int, every: float) -> datetime:
    return MONDAY_TEN + timedelta(minutes=each * every)


def _end(app: Application, caller: Caller) -> str:
    found = end_of(app, caller.call_id)
    return "lost" if found == "hung up" and not caller.hung_up else found


def _tell_all(app: Application, outage: int, left: int) -> None:
    """At the end every one of them has his mail."""
    later = MONDAY_TEN + timedelta(hours=2)
    assert app.disturbances.end(outage, later) == left
    while app.disturbance_ends.collect(later):
        pass
    with app.storage.engine.connect() as connection:
        mailed = select(func.count()).where(OutboxMail.created_at == later)
        assert connection.execute(mailed).scalar_one() == left
        waits = select(func.count()).where(InformMe.informed_at.is_(None))
        assert connection.execute(waits).scalar_one() == 0
        assert connection.execute(select(WaitingCaller)).all() == []
