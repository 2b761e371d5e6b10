"""How soon a telephone rings and stops, how late timers are, and what waiting costs; on both databases."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import delete, func, insert, select

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.requests import TicketKind
from ivr.escalation.policy import RESPONSIBLE, Policy, Reason, Step
from ivr.roster.hunt import Level
from ivr.services.cases import NewCase
from ivr.services.timers import CLAIM, Queue
from ivr.storage.models import RosterEntry, Technician, Timer
from tests.bench.figures import Bench, Figure, percentile
from tests.bench.machine import cpu_seconds
from tests.fakes import Notebook
from tests.lab.dying_worker import NOTE, FolderTelephone, Placed
from tests.lab.postgres import PostgresCluster, missing_parts
from tests.service.conftest import set_up
from tests.service.crashing import open_night
from tests.service.dying import Workers, working

TITLE = "Pages, timers and the worker"
LIMIT_SECONDS = 1800
NEEDS_ASTERISK = False
PATIENCE = 60.0
LOOK_SECONDS = 0.002
TOGETHER = Policy("together", (Step((Level.ON_DUTY,), at_once=True),), rounds=1)
"""Two telephones at once: one takes the case, the other one stops."""
ALONE = Policy("alone", (Step((RESPONSIBLE,)),), rounds=1)
PEOPLE = 2
TIMERS_A_SECOND = 10_000 / 300


@dataclass
class Line:
    """A real worker, its telephone, and the application of whoever opens cases and answers."""

    app: Application
    workers: Workers
    name: str
    opened: int = 0
    seen: int = 0

    @property
    def telephone(self) -> FolderTelephone:
        return self.workers.telephone

    def open(self, policy: Policy) -> tuple[int, float]:
        """The id of the escalation, and when it was committed."""
        self.opened += 1
        now = self.app.clock.now()
        case = NewCase("monitoring", f"{self.opened}", TicketKind.MONITORING, 1, 1, "Line down")
        with self.app.storage.writing() as uow:
            ticket = self.app.cases.open(uow, case, now)
            first = f"Technician {self.opened * PEOPLE}"
            reason, name = Reason.MONITORING, policy.name
            opened = self.app.escalations.open_in(
                uow, ticket, reason, now, policy=name, first_name=first
            )
        assert opened is not None
        return opened, time.time()

    def rings(self, count: int, what: str = "a ring", seconds: float = PATIENCE) -> list[Placed]:
        """The next so many calls."""
        found: list[Placed] = []

        def look() -> bool:
            fresh, self.seen = self.telephone.read(self.seen)
            found.extend(fresh)
            return len(found) >= count

        _look_for(look, seconds, what)
        return found


def measure(bench: Bench) -> Iterator[Figure]:
    """SQLite first, which every machine has."""
    with _sqlite(bench) as line:
        yield from _all(bench, line)
    if lacking := missing_parts():
        raise RuntimeError(f"PostgreSQL not measured: {', '.join(lacking)} is missing")
    with _postgresql(bench) as line:
        yield from _all(bench, line)


@contextmanager
def _sqlite(bench: Bench) -> Iterator[Line]:
    with _line(bench, bench.place("escalation-sqlite"), "", "SQLite") as line:
        yield line


@contextmanager
def _postgresql(bench: Bench) -> Iterator[Line]:
    place = bench.place("escalation-postgresql")
    with PostgresCluster() as cluster, _line(bench, place, cluster.url(), "PostgreSQL") as line:
        yield line


@contextmanager
def _line(bench: Bench, place: Path, url: str, name: str) -> Iterator[Line]:
    app = open_night(place, bench.demo, url)
    app.observer = Notebook()
    if url:
        set_up(app)
    app.policies = {**app.policies, TOGETHER.name: TOGETHER, ALONE.name: ALONE}
    _hire(app, 1000)
    with working(app, place, 1, CLAIM.total_seconds()) as workers:
        line = Line(app, workers, name)
        line.open(ALONE)
        (first,) = line.rings(1, "the first call")
        line.telephone.hang_up(first.call_id, None)
        yield line
    app.storage.engine.dispose()


def _all(bench: Bench, line: Line) -> Iterator[Figure]:
    yield from _prompt(bench, line)
    yield _lag(bench, line)
    yield _recovery(bench, line)
    yield _idle(bench, line)


def _hire(app: Application, people: int) -> None:
    rows = [
        {
            "name": f"Technician {n}",
            "number": f"+4144000{7000 + n}",
            "email": "",
            "language": "de",
            "demo": True,
        }
        for n in range(people)
    ]
    with app.storage.writing() as uow:
        uow.connection.execute(delete(RosterEntry))
        uow.connection.execute(insert(Technician), rows)


def _put_on_duty(line: Line) -> None:
    """Two whom nobody has rung yet, so that no limit of a telephone is reached."""
    names = [f"Technician {(line.opened + 1) * PEOPLE + n}" for n in range(PEOPLE)]
    begins = datetime.now(UTC) - timedelta(hours=1)
    with line.app.storage.writing() as uow:
        uow.connection.execute(delete(RosterEntry))
        people = uow.connection.scalars(select(Technician.id).where(Technician.name.in_(names)))
        rows = [
            {
                "technician_id": each,
                "level": Level.ON_DUTY,
                "rank": rank,
                "starts_at": begins,
                "ends_at": begins + timedelta(days=1),
            }
            for rank, each in enumerate(people.all())
        ]
        uow.connection.execute(insert(RosterEntry), rows)


def _prompt(bench: Bench, line: Line) -> Iterator[Figure]:
    """From the commit of a case to its first ring; from the key 1 to the end of the other ring."""
    rings, stops = [], []
    for number in range(bench.size(200, 30)):
        _put_on_duty(line)
        time.sleep(0.05 + number % 7 * 0.05)
        _, committed = line.open(TOGETHER)
        placed = line.rings(PEOPLE)
        rings.append((placed[0].at - committed) * 1000)
        stops.append(_take(line, placed) * 1000)
    yield _times(line, "enqueue to first ring", rings, "a case with two telephones at once")
    yield _times(line, "acknowledgement to stop", stops, "the key 1 to the other's hang-up")


def _take(line: Line, placed: Sequence[Placed]) -> float:
    """Seconds until everybody else's telephone is silent."""
    taker, others = placed[0].call_id, {each.call_id for each in placed[1:]}
    reply = line.app.calls.begin_page(taker, line.app.clock.now())
    line.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(line.app.clock.now(), "1"))
    committed = time.time()
    line.telephone.hang_up(taker, None)
    _look_for(lambda: not others & line.telephone.ringing(), PATIENCE, "the end of the others")
    return time.time() - committed


def _times(line: Line, what: str, taken: Sequence[float], how: str) -> Figure:
    return Figure(
        f"{line.name}: {what}, p99",
        percentile(taken, 99),
        1000,
        "ms",
        how=f"{len(taken)} times, {how}; median {percentile(taken, 50):.1f} ms, "
        f"longest {max(taken):.0f} ms",
    )


def _lag(bench: Bench, line: Line) -> Figure:
    """Each notes how late it is, in a transaction of its own."""
    seconds = 300 if bench.long else bench.size(60, 12)
    count = round(seconds * TIMERS_A_SECOND)
    starts = datetime.now(UTC) + timedelta(seconds=5)
    rows = [
        {
            "key": f"bench:{n}",
            "job": NOTE,
            "queue": Queue.CALLS,
            "subject": str(n),
            "due_at": starts + timedelta(seconds=seconds * n / count),
        }
        for n in range(count)
    ]
    with line.app.storage.writing() as uow:
        uow.connection.execute(insert(Timer), rows)
    before = _cpu(line)
    done = partial(_noted, line, count)
    _look_for(done, seconds + PATIENCE, "all timers", every=0.5)
    used = (_cpu(line) - before) / seconds * 100
    lags = [each * 1000 for each in line.telephone.lags()]
    return Figure(
        f"{line.name}: lag of waiting timers, p99",
        percentile(lags, 99),
        1000,
        "ms",
        how=f"{count} timers due over {seconds} s; median {percentile(lags, 50):.1f} ms, longest "
        f"{max(lags):.0f} ms; the worker used {used:.0f} % of a core",
    )


def _noted(line: Line, count: int) -> bool:
    return len(line.telephone.lags()) >= count


def _recovery(bench: Bench, line: Line) -> Figure:
    """A worker dies right after it placed a call that dies with it; until it rings again."""
    taken = []
    for _ in range(bench.size(3, 1)):
        line.telephone.lay_token()
        line.open(ALONE)
        (died,) = line.rings(1)
        line.telephone.hang_up(died.call_id, None)
        (again,) = line.rings(1, "the second try")
        assert (died.dies, again.call_id) == (True, died.call_id)
        line.telephone.hang_up(again.call_id, None)
        taken.append(again.at - died.at)
    return Figure(
        f"{line.name}: recovery after kill -9, longest",
        max(taken),
        30,
        "s",
        how=f"{len(taken)} times, from the death between placing and recording to the next ring of "
        f"the same page; the claim of the dead lasts {CLAIM.total_seconds():.0f} s",
    )


def _idle(bench: Bench, line: Line) -> Figure:
    """Nothing falls due but its own sweep; twice a second it looks whether a bell was lost."""
    _quiet(line)
    seconds = bench.size(60, 10)
    time.sleep(2)
    before = _cpu(line)
    time.sleep(seconds)
    used = (_cpu(line) - before) / seconds * 100
    return Figure(
        f"{line.name}: CPU of an idle worker",
        used,
        1,
        "%",
        how=f"of a core, over {seconds} s, upkeep included",
    )


def _quiet(line: Line) -> None:
    """Whoever still waits is forgotten; the sweep stays."""
    with line.app.storage.writing() as uow:
        uow.connection.execute(delete(Timer).where(Timer.job != "sweep"))
        left = uow.connection.execute(select(func.count()).select_from(Timer)).scalar_one()
    assert left == 1, left


def _cpu(line: Line) -> float:
    return sum(cpu_seconds(leader) for leader in line.workers.leaders)


def _look_for(
    condition: Callable[[], bool], seconds: float, what: str, every: float = LOOK_SECONDS
) -> None:
    """As `wait_until`, for what is over within milliseconds, or after minutes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(every)
