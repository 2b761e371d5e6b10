"""Timers on both databases: who gets them, when they are worked on, and who wakes for them."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ivr.bootstrap import Application
from ivr.bootstrap_base import DOORBELL
from ivr.cli.locks import held_lock
from ivr.clock import SystemClock
from ivr.services.paging import SWEEP
from ivr.services.timers import CLAIM, LONGEST_PAUSE_SECONDS, DueTimer, Queue, Timekeeper
from ivr.storage.doorbell import DatagramBell, DatagramEar, NotifyEar
from ivr.storage.leadership import Leadership
from ivr.worker import POLL_SECONDS, Ear, Worker
from tests.fakes import MONDAY_TEN, FrozenClock, Notebook
from tests.lab.processes import wait_until
from tests.service.admin import admin  # noqa: F401 - a fixture
from tests.service.conftest import POSTGRESQL
from tests.service.crew import crew
from tests.service.terminal import Pikett

NOW = MONDAY_TEN
ON_POSTGRESQL = pytest.mark.parametrize("database", [POSTGRESQL])
SECOND = timedelta(seconds=1)
LONG = 20.0
"""Seconds nobody waits in vain: a bell that is heard ends them long before."""


@dataclass
class Times:
    """A line with timers, in frozen time."""

    app: Application
    ran: list[str] = field(default_factory=list)

    @property
    def clock(self) -> FrozenClock:
        clock = self.app.clock
        assert isinstance(clock, FrozenClock)
        return clock

    @property
    def notebook(self) -> Notebook:
        observer = self.app.observer
        assert isinstance(observer, Notebook)
        return observer

    def schedule(self, key: str, after: float = 0, queue: Queue = Queue.CALLS) -> int:
        due = self.clock.now() + timedelta(seconds=after)
        with self.app.storage.writing() as uow:
            uow.timers.schedule(key, "note", due, key, queue)
            found = uow.connection.execute(text("select id from timer where key = :k"), {"k": key})
            return int(found.scalar_one())

    def schedule_in_vain(self) -> None:
        """The transaction fails after that."""

        def fail() -> None:
            with self.app.storage.writing() as uow:
                uow.timers.schedule("vain", "note", self.clock.now(), "vain")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()

    def claim(self, timer_id: int) -> DueTimer | None:
        now = self.clock.now()
        with self.app.storage.writing() as uow:
            return uow.timers.claim(timer_id, now, now + CLAIM)

    def claimed(self, key: str) -> DueTimer:
        timer = self.claim(self.schedule(key))
        assert timer is not None
        return timer

    def due(self, queue: Queue = Queue.CALLS) -> list[int]:
        with self.app.storage.reading() as uow:
            return list(uow.timers.list_due(queue, self.clock.now(), 50))

    def next_due(self, queue: Queue = Queue.CALLS) -> datetime | None:
        with self.app.storage.reading() as uow:
            return uow.timers.next_due().get(queue)

    def done(self, timer: DueTimer) -> None:
        with self.app.storage.writing() as uow:
            uow.timers.done(timer)

    def note(self, timer: DueTimer, now: datetime) -> None:
        """The job."""
        self.ran.append(timer.subject)
        self.done(timer)

    def keeper(self, job: Callable[[DueTimer, datetime], None] | None = None) -> Timekeeper:
        jobs = {"note": job or self.note, SWEEP: lambda timer, now: self.done(timer)}
        return Timekeeper(self.app.storage, self.clock, self.notebook, jobs)


@pytest.fixture
def times(line: Application) -> Times:
    return Times(line)


# The store ----------------------------------------------------------------------------------------


def test_of_many_who_claim_it_in_the_same_instant_one_gets_it(times: Times) -> None:
    for turn in range(10):
        timer_id = times.schedule(f"t{turn}")
        with crew(4) as together:
            got = together([lambda timer_id=timer_id: times.claim(timer_id)] * 4)
        assert len([each for each in got if each is not None]) == 1


def test_a_claimed_timer_is_hidden_until_its_claim_ends(times: Times) -> None:
    timer = times.claimed("a")
    assert times.due() == []
    assert times.claim(timer.id) is None
    times.clock.advance(CLAIM.total_seconds() - 0.001)
    assert times.due() == []
    times.clock.advance(0.001)
    assert times.due() == [timer.id]
    again = times.claim(timer.id)
    assert again == timer


def test_nobody_gets_one_before_its_time_or_of_another_queue(times: Times) -> None:
    later = times.schedule("later", after=1)
    notice = times.schedule("notice", queue=Queue.NOTICES)
    assert times.due() == []
    assert times.claim(later) is None
    assert times.due(Queue.NOTICES) == [notice]


def test_the_longest_overdue_comes_first(times: Times) -> None:
    ids = [times.schedule(f"t{after}", after=after) for after in (3, 1, 2)]
    times.clock.advance(5)
    assert times.due() == [ids[1], ids[2], ids[0]]
    with times.app.storage.reading() as uow:
        assert list(uow.timers.list_due(Queue.CALLS, times.clock.now(), 2)) == [ids[1], ids[2]]
        assert uow.timers.oldest_due(times.clock.now()) == NOW + SECOND


def test_scheduling_again_overwrites_the_time(times: Times) -> None:
    first = times.schedule("a")
    assert times.schedule("a", after=60) == first
    assert times.due() == []
    assert times.next_due() == NOW + 60 * SECOND


def test_what_is_scheduled_again_while_it_is_worked_on_stays(times: Times) -> None:
    timer = times.claimed("a")
    times.schedule("a", after=60)
    times.done(timer)
    assert times.next_due() == NOW + 60 * SECOND
    with times.app.storage.writing() as uow:
        uow.timers.put_off(timer, NOW, "late")
    assert times.next_due() == NOW + 60 * SECOND


def test_what_is_done_is_gone(times: Times) -> None:
    times.done(times.claimed("a"))
    times.clock.advance(3600)
    assert times.due() == []
    assert times.next_due() is None


def test_it_is_put_off_with_its_attempts_and_the_reason(times: Times) -> None:
    timer = times.claimed("a")
    with times.app.storage.writing() as uow:
        uow.timers.put_off(timer, NOW + 2 * SECOND, "x" * 500)
    assert times.due() == []
    times.clock.advance(2)
    again = times.claim(timer.id)
    assert again is not None
    assert (again.attempts, again.due_at) == (1, NOW + 2 * SECOND)


def test_it_is_expedited_and_cancelled(times: Times) -> None:
    timer_id = times.schedule("a", after=60)
    with times.app.storage.writing() as uow:
        uow.timers.expedite("a", NOW)
        uow.timers.expedite("nobody", NOW)
    assert times.due() == [timer_id]
    with times.app.storage.writing() as uow:
        uow.timers.cancel("a")
        uow.timers.cancel("nobody")
    assert times.due() == []


def test_a_worker_wakes_for_the_first_due_and_for_the_first_claim_that_ends(times: Times) -> None:
    assert times.next_due() is None
    times.claimed("claimed")
    assert times.next_due() == NOW + CLAIM
    times.schedule("later", after=60)
    assert times.next_due() == NOW + CLAIM
    times.schedule("soon", after=5)
    assert times.next_due() == NOW + 5 * SECOND
    assert times.next_due(Queue.NOTICES) is None


def test_what_was_not_committed_falls_due_for_nobody(times: Times) -> None:
    times.schedule_in_vain()
    assert times.due() == []


# The timekeeper -----------------------------------------------------------------------------------


def test_whatever_is_due_is_worked_off_once(times: Times) -> None:
    for number in range(60):
        times.schedule(f"{number}")
    keepers = [times.keeper() for _ in range(4)]
    with crew(4) as together:
        together([lambda keeper=keeper: _run_all(keeper) for keeper in keepers])
    assert sorted(times.ran, key=int) == [str(number) for number in range(60)]
    assert times.next_due() is None


def _run_all(keeper: Timekeeper) -> None:
    while keeper.run_due(Queue.CALLS):
        pass


@pytest.mark.parametrize("error", [ValueError("+41440001001"), LookupError("x"), OSError("x")])
def test_a_job_that_fails_is_tried_again_less_and_less_often(
    times: Times, error: Exception
) -> None:
    """And told of by its kind only: its own words may hold a number."""

    def fail(timer: DueTimer, now: datetime) -> None:
        raise error

    times.schedule("a")
    keeper, pauses = times.keeper(fail), []
    for _ in range(14):
        assert keeper.run_due(Queue.CALLS) == 1
        waits = keeper.seconds_to_next(Queue.CALLS)
        assert waits is not None
        pauses.append(waits)
        times.clock.advance(waits)
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    facts = {"job": "note", "subject": "a", "error": type(error).__name__}
    assert times.notebook.troubles == [("timer_failed", facts)] * 14


def test_a_job_of_a_name_that_nobody_knows_waits_for_a_version_that_does(times: Times) -> None:
    timer_id = times.schedule("a")
    stranger = Timekeeper(times.app.storage, times.clock, times.notebook, {})
    assert stranger.run(timer_id)
    times.clock.advance(1)
    assert times.keeper().run(timer_id)
    assert times.ran == ["a"]


# Who wakes whom -----------------------------------------------------------------------------------


@contextmanager
def ear_of(app: Application) -> Iterator[Ear]:
    engine, path = app.storage.engine, app.settings.path(DOORBELL)
    postgresql = engine.dialect.name == "postgresql"
    ear: Ear = NotifyEar(engine) if postgresql else DatagramEar(path)
    try:
        yield ear
    finally:
        ear.close()


def seconds_of(act: Callable[[], None]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


def test_the_doorbell_wakes_whoever_waits(times: Times) -> None:
    """What was scheduled is there to be seen when it has rung."""
    with ear_of(times.app) as ear:
        ear.wait(0.01)
        for number in range(3):
            ringing = threading.Timer(0.1, times.schedule, [f"t{number}"])
            ringing.start()
            assert seconds_of(lambda: ear.wait(LONG)) < LONG / 2
            ringing.join()
            assert len(times.due()) == number + 1


def test_a_bell_that_rang_while_nobody_waited_is_heard_later(times: Times) -> None:
    with ear_of(times.app) as ear:
        ear.wait(0.01)
        times.schedule("a")
        assert seconds_of(lambda: ear.wait(LONG)) < LONG / 2


def test_nobody_is_woken_for_nothing(times: Times) -> None:
    """Neither by a transaction that was rolled back, nor by one that scheduled nothing."""
    with ear_of(times.app) as ear:
        ear.wait(0.01)
        times.schedule_in_vain()
        with times.app.storage.writing() as uow:
            uow.timers.cancel("a")
        assert seconds_of(lambda: ear.wait(0.3)) >= 0.3


def test_a_bell_that_nobody_hears_disturbs_nobody(tmp_path: Path) -> None:
    DatagramBell(tmp_path / "nobody.sock").after_commit()


@ON_POSTGRESQL
def test_a_worker_hears_again_after_its_connection_was_lost(times: Times) -> None:
    with ear_of(times.app) as ear:
        ear.wait(0.01)
        _cut(times.app, "query like 'LISTEN%'")
        with pytest.raises(Exception, match="connection"):
            ear.wait(LONG)
        ear.wait(0.01)
        times.schedule("a")
        assert seconds_of(lambda: ear.wait(LONG)) < LONG / 2


@contextmanager
def working(times: Times) -> Iterator[None]:
    """The real loop, in a thread."""
    times.app.timekeeper = times.keeper()
    stop = threading.Event()
    running = threading.Thread(target=Worker(times.app, stop).run)
    running.start()
    try:
        yield
    finally:
        stop.set()
        running.join(LONG)
        assert not running.is_alive()


def test_a_worker_works_on_what_is_scheduled(times: Times) -> None:
    with working(times):
        for number in range(5):
            times.schedule(f"{number}")
            wait_until(lambda number=number: len(times.ran) > number, LONG, "the timer")


def test_a_worker_whose_bell_is_lost_finds_out_by_itself(times: Times) -> None:
    times.app.storage._bell = None
    with working(times):
        times.schedule("a")
        taken = seconds_of(lambda: wait_until(lambda: times.ran == ["a"], LONG, "the timer"))
    assert taken < POLL_SECONDS + LONG / 2


# One of several -----------------------------------------------------------------------------------


def _cut(app: Application, which: str) -> None:
    """Somebody's connection is gone."""
    with app.storage.engine.connect() as connection:
        found = connection.execute(
            text(f"select pg_terminate_backend(pid) from pg_stat_activity where {which}")  # noqa: S608
        ).all()
    assert [tuple(row) for row in found] == [(True,)]


@ON_POSTGRESQL
def test_one_of_two_leads_until_its_connection_is_gone(line: Application) -> None:
    first, second = Leadership(line.storage.engine), Leadership(line.storage.engine)
    assert [first.is_ours(), second.is_ours(), first.is_ours(), second.is_ours()] == [
        True,
        False,
        True,
        False,
    ]
    _cut(line, "pid in (select pid from pg_locks where locktype = 'advisory')")
    assert second.is_ours()
    assert not first.is_ours()
    second.give_up()
    assert first.is_ours()
    first.give_up()


@pytest.mark.parametrize("database", ["sqlite"])
def test_on_sqlite_the_only_one_leads(line: Application) -> None:
    assert Leadership(line.storage.engine).is_ours()


@pytest.fixture
def signals() -> Iterator[None]:
    """The command takes them for its process, which is ours here."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_the_command_does_what_is_due_and_ends(admin: Pikett, app: Application) -> None:  # noqa: F811
    now = SystemClock().now()
    with app.storage.writing() as uow:
        uow.timers.schedule(SWEEP, SWEEP, now - timedelta(minutes=1), SWEEP)
    ended = admin("worker", "--once")
    assert (ended.code, ended.err) == (0, "")
    with app.storage.reading() as uow:
        due = uow.timers.next_due().get(Queue.CALLS)
    assert due is not None
    assert due > now


@pytest.mark.usefixtures("signals")
def test_a_second_worker_on_sqlite_refuses_to_start(admin: Pikett, app: Application) -> None:  # noqa: F811
    with held_lock(app.settings.path("worker.lock")) as first:
        assert first
        for options in ([], ["--once"]):
            ended = admin("worker", *options)
            assert ended.code == 1
            assert "another worker is at work on this data folder" in ended.err
