"""A known outage on a real PBX: 24 calls within six seconds, two technicians.

Everybody hears something soon, and each call has its end on record. How 2,000 callers fare is played
without telephones in `tests/service/test_outage.py`.
"""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.storage.models import Call, InformMe, RingAttempt, WaitingCaller
from tests.lab.capture import Capture, RtpStream
from tests.lab.in_process import open_monday_stage
from tests.lab.processes import wait_until
from tests.lab.sipp import AwaitHangUp, Caller, HangUp, Pause, Press, Sing, Step
from tests.lab.stage import CALLER_TONE, Stage
from tests.service.outage_scene import (
    caller_number,
    declare,
    end_of,
    has_address,
    subscribe,
    two_technicians,
)

pytestmark = pytest.mark.asterisk

CALLERS, A_SECOND = 24, 4
HEARS_WITHIN_SECONDS, HEARS_AT_LEAST_PACKETS = 5, 50
DONE_WITHIN_SECONDS = 60
TO_CHOICE = Pause(2600)
INFORM: tuple[Step, ...] = (TO_CHOICE, Press("1"), AwaitHangUp())
LEAVE: tuple[Step, ...] = (TO_CHOICE, HangUp())
ORDER: tuple[Step, ...] = (TO_CHOICE, Press("2"), Pause(3000), Press("1"), Pause(4000), Press("1"))
"""The second 1 is for a machine on which the notice took longer; while somebody waits it does nothing."""
STAY: tuple[Step, ...] = (*ORDER, AwaitHangUp())
SPEAK: tuple[Step, ...] = (Pause(1500), Sing(CALLER_TONE, 2.0), Pause(2300), Press("#"))
WORDS: tuple[Step, ...] = (*ORDER, Pause(6000), Press("2"), *SPEAK, AwaitHangUp())
GIVE_UP: tuple[Step, ...] = (*ORDER, Pause(6000), HangUp())
STAYING = (0, 7, 14, 21, 5, 12)
LATE = {19: WORDS, 9: GIVE_UP}
"""Both have the lowest plan and come last: nobody is free for them."""
OTHERS = [each for each in range(CALLERS) if each not in (*STAYING, *LATE)]
INFORMED, LEAVING = OTHERS[:12], OTHERS[12:]


@pytest.fixture
def stage(asterisk_parts: None, demo_database: Path, tmp_path: Path) -> Iterator[Stage]:
    stage = open_monday_stage(tmp_path, demo_database, outage)
    yield stage
    stage.stop()


def outage(app: Application) -> None:
    subscribe(app, CALLERS)
    two_technicians(app)
    declare(app)


def burst(stage: Stage) -> dict[int, Caller]:
    """Between two who stay come two who leave with a wish."""
    informed = iter(INFORMED)
    order = [one for each in STAYING for one in (each, next(informed), next(informed))]
    steps = dict.fromkeys(STAYING, STAY) | dict.fromkeys(INFORMED, INFORM) | LATE
    return {
        each: stage.caller(caller_number(each), steps.get(each, LEAVE))
        for each in (*order, *LEAVING, *LATE)
    }


def ring_in(callers: dict[int, Caller]) -> dict[int, float]:
    """One after the other; when each of them dialled."""
    began, dialled = time.monotonic(), {}
    for place, (each, caller) in enumerate(callers.items()):
        instant = began + place / A_SECOND
        wait_until(lambda instant=instant: time.monotonic() >= instant, 5, "his turn to dial")  # type: ignore[misc]
        dialled[each] = time.time()
        caller.start()
    return dialled


@pytest.mark.rule("A.19")
def test_a_burst_of_calls_while_there_is_an_outage(stage: Stage) -> None:
    began, scene = time.monotonic(), stage.scene()
    for name in ("9001", "9002"):
        takes = (Pause(1500), Press("1"), Pause(3500), HangUp())
        stage.line(name, scene, steps=takes, calls=CALLERS).start()
    callers = burst(stage)
    with Capture([each.media_port for each in callers.values()], keep_payload=False) as capture:
        dialled = ring_in(callers)
        for caller in callers.values():
            caller.wait(DONE_WITHIN_SECONDS)
    wait_until(lambda: stage.asterisk.channels() == 0, 20, "all channels to be gone")
    seconds = time.monotonic() - began
    late = max(
        seconds_to_sound(capture.to(caller.media_port), dialled[each])
        for each, caller in callers.items()
    )
    ends = ends_of(stage.app)
    print(f"\n{CALLERS} calls in {seconds:.0f} s, a sound after {late:.1f} s at the latest")
    assert late < HEARS_WITHIN_SECONDS
    assert seconds < DONE_WITHIN_SECONDS
    assert {each for each, end in ends.items() if end == "told"} == set(INFORMED)
    assert {each for each, end in ends.items() if end == "hung up"} == set(LEAVING)
    assert {each for each, end in ends.items() if end == "ticket"} == set(LATE)
    assert {each for each, end in ends.items() if end == "bridged"} == set(STAYING)
    assert_nobody_is_left(stage.app)


def seconds_to_sound(stream: RtpStream, dialled: float) -> float:
    """From the call to the first of many packets."""
    assert len(stream.times) >= HEARS_AT_LEAST_PACKETS
    return stream.times[0] - dialled


def ends_of(app: Application) -> dict[int, str]:
    """Of every caller; each has called once."""
    with app.storage.engine.connect() as connection:
        calls = connection.execute(select(Call.caller_number, Call.id)).all()
    ids = dict(tuple(row) for row in calls)
    assert sorted(ids) == [caller_number(each) for each in range(CALLERS)]
    assert len(ids) == len(calls)
    return {each: end_of(app, ids[caller_number(each)]) for each in range(CALLERS)}


def assert_nobody_is_left(app: Application) -> None:
    """Nobody waits or rings, no technician has talked with two, and every wish has its address."""
    with app.storage.engine.connect() as connection:
        assert connection.execute(select(WaitingCaller)).all() == []
        wishes = connection.scalars(select(InformMe.email)).all()
        talks = select(RingAttempt.technician_id, RingAttempt.accepted_at, RingAttempt.ended_at)
        talked = connection.execute(talks.order_by(RingAttempt.accepted_at)).all()
    assert sorted(map(str, wishes)) == sorted(f"e{each}@example.ch" for each in INFORMED)
    assert all(map(has_address, INFORMED))
    assert all(ended is not None for _, _, ended in talked)
    for technician_id in {row[0] for row in talked}:
        his = [row for row in talked if row[0] == technician_id]
        assert all(before[2] <= after[1] for before, after in itertools.pairwise(his))
