"""Workers are killed while they look for people: nobody is forgotten, nobody is rung by mistake.

Ten deaths by default; `PIKETT_TEST_KILLS=50` for as many as the acceptance test wants, with 200 cases,
and the database away for a minute.
"""

import os
import time
from pathlib import Path

import pytest

from ivr.bootstrap import Application
from ivr.services.records import NewMail
from tests.lab.postgres import PostgresCluster
from tests.lab.processes import wait_until
from tests.service.conftest import set_up
from tests.service.crash_outcome import (
    Outcome,
    assert_no_step_is_skipped,
    assert_nobody_is_forgotten,
    assert_repeats_are_those_of_the_dead,
    assert_silence_after_taking,
    outcome_of,
)
from tests.service.crashing import live_through, open_case, open_night, staff
from tests.service.dying import Night, working

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("PIKETT_TEST_KILLS", "10"))
NIGHT = Night(24, 10, claim_seconds=3, seconds=80)
"""Claims end sooner than in the product, only so that it takes no half minute to miss each of the dead."""
LONG_NIGHT = Night(200, KILLS, claim_seconds=25, seconds=500)
AWAY_SECONDS = 8 if NIGHT.kills >= KILLS else 60
PATIENCE = 30
CASES_BEFORE = 5


@pytest.fixture
def night() -> Night:
    return NIGHT if NIGHT.kills >= KILLS else LONG_NIGHT


def test_one_worker_dies_again_and_again(night: Night, demo_database: Path, folder: Path) -> None:
    app = open_night(folder, demo_database, "")
    with working(app, folder, 1, night.claim_seconds) as workers:
        outcome = outcome_of(app, live_through(app, workers, night, seed=1))
    app.storage.engine.dispose()
    judge(outcome, night)


@pytest.mark.postgresql
def test_two_workers_die_and_one_of_them_for_good(
    night: Night, demo_database: Path, folder: Path, demo_postgres: str
) -> None:
    app = open_night(folder, demo_database, demo_postgres)
    with working(app, folder, 2, night.claim_seconds) as workers:
        outcome = outcome_of(app, live_through(app, workers, night, seed=2, ends_one=True))
    app.storage.engine.dispose()
    judge(outcome, night)


def judge(outcome: Outcome, night: Night) -> None:
    print(outcome)
    assert len(outcome.escalations) == night.cases
    assert len(outcome.killed) >= night.kills
    assert outcome.after_effect >= night.after_effect
    assert_nobody_is_forgotten(outcome)
    assert_no_step_is_skipped(outcome)
    assert_repeats_are_those_of_the_dead(outcome)
    assert_silence_after_taking(outcome)


@pytest.mark.postgresql
def test_a_worker_goes_on_when_its_database_is_back(demo_database: Path, folder: Path) -> None:
    """By itself, with all it does: what was promised before, what came later, and the mails."""
    with PostgresCluster() as cluster:
        app = open_night(folder, demo_database, cluster.url())
        set_up(app)
        staff(app, CASES_BEFORE + 1)
        with working(app, folder, 1, NIGHT.claim_seconds) as workers:
            telephone = workers.telephone
            wait_until(lambda: workers.pid(0) is not None, PATIENCE, "a worker")
            open_case(app, 0)
            wait_until(lambda: len(telephone.ringing()) == 1, PATIENCE, "the first call")
            for number in range(1, CASES_BEFORE):
                open_case(app, number)
            cluster.crash()
            app.storage.engine.dispose()
            back = time.monotonic() + AWAY_SECONDS
            wait_until(lambda: time.monotonic() > back, AWAY_SECONDS + 1, "the time away")
            cluster.start()
            wait_until(lambda: len(telephone.ringing()) == CASES_BEFORE, PATIENCE, "what was due")
            open_case(app, CASES_BEFORE)
            wait_until(lambda: len(telephone.ringing()) > CASES_BEFORE, PATIENCE, "a new case")
            write_mail(app)
            wait_until(lambda: has_mail(app), PATIENCE, "a mail")
            assert workers.killed() == []
        app.storage.engine.dispose()


def write_mail(app: Application) -> None:
    with app.storage.writing() as uow:
        mail = NewMail(100001, "lead@demo.pikett.invalid", "Back", "again", False, app.clock.now())
        uow.outbox.add(mail)


def has_mail(app: Application) -> bool:
    return any("Back" in path.read_text() for path in app.settings.path("mailbox").glob("*"))
