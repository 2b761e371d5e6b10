"""On a real PBX: two callers wait for the one technician, and he is offered the higher plan first."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.storage.models import Call, RingAttempt, RosterEntry
from tests.lab.in_process import open_monday_stage
from tests.lab.processes import wait_until
from tests.lab.sipp import AwaitHangUp, HangUp, Pause, Press
from tests.lab.stage import Stage
from tests.players.asterisk_player import is_free

pytestmark = pytest.mark.asterisk

TALKING, PRO, PREMIUM = "+41440001002", "+41440001009", "+41440001001"
ORDER = (Pause(2600), Press("1"))
TAKES_IT = (Pause(1500), Press("1"))
ANNA = "9001"


@pytest.fixture
def alone(asterisk_parts: None, demo_database: Path, tmp_path: Path) -> Iterator[Stage]:
    """Only Anna is on duty."""
    stage = open_monday_stage(tmp_path, demo_database, only_anna)
    yield stage
    stage.stop()


def only_anna(app: Application) -> None:
    with app.storage.engine.begin() as connection:
        connection.execute(delete(RosterEntry).where(RosterEntry.technician_id != 1))


def call_of(stage: Stage, number: str) -> str | None:
    with stage.app.storage.engine.connect() as connection:
        return connection.scalar(select(Call.id).where(Call.caller_number == number))


def is_in(stage: Stage, number: str, state: State) -> bool:
    call_id = call_of(stage, number)
    return call_id is not None and stage.state_of(call_id) == state


def taken(stage: Stage) -> list[tuple[str, datetime, datetime]]:
    """Whose calls Anna took, in the order in which she did."""
    query = (
        select(Call.caller_number, RingAttempt.accepted_at, RingAttempt.ended_at)
        .join(RingAttempt, RingAttempt.call_id == Call.id)
        .where(RingAttempt.accepted_at.is_not(None))
        .order_by(RingAttempt.accepted_at)
    )
    with stage.app.storage.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]  # type: ignore[misc]


@pytest.mark.rule("A.19")
def test_who_waits_is_offered_at_the_hang_up_the_higher_plan_first(alone: Stage) -> None:
    stage = alone
    scene = stage.scene()
    first = stage.line(ANNA, scene, steps=(*TAKES_IT, Pause(22000), HangUp()))
    first.start()
    talking = stage.caller(TALKING, (*ORDER, AwaitHangUp())).start()
    wait_until(lambda: len(taken(stage)) == 1, 30, "Anna to take the first call")
    pro = stage.caller(PRO, (*ORDER, AwaitHangUp())).start()
    wait_until(lambda: is_in(stage, PRO, State.WAITING_FOR_TECHNICIAN), 30, "the pro caller waits")
    premium = stage.caller(PREMIUM, (*ORDER, AwaitHangUp())).start()
    wait_until(
        lambda: is_in(stage, PREMIUM, State.WAITING_FOR_TECHNICIAN), 30, "the premium caller waits"
    )
    first.wait(60)
    for again in (1, 2):
        line = stage.line(ANNA, scene, steps=(*TAKES_IT, Pause(3500), HangUp()))
        line.name = f"line{ANNA}-{again}"
        wait_until(lambda line=line: is_free(line), 20, "the telephone to be free")  # type: ignore[misc]
        line.start()
        line.wait(60)
    for caller in (talking, pro, premium):
        caller.wait()
    found = taken(stage)
    assert [number for number, _, _ in found] == [TALKING, PREMIUM, PRO]
    for before, after in itertools.pairwise(found):
        assert timedelta(0) <= after[1] - before[2] < timedelta(seconds=15)
