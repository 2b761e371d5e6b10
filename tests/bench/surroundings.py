"""What benchmarks run in: data folders, our servers, and rosters for many calls at once."""

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.bootstrap import Application
from ivr.roster.hunt import Level
from ivr.storage import migrate
from ivr.storage.demo import load_demo
from ivr.storage.models import Call, RingAttempt, RosterEntry, Technician
from tests.lab.processes import Child
from tests.lab.servers import FastAgiServer, Worker
from tests.lab.stage import build_quick_sounds
from tests.wiring import demo_document, quick_application

PREMIUM = ("+41440001001", "+41440001002", "+41440001003")
"""Three customers in three languages whose window is always open."""


def make_demo(folder: Path) -> None:
    """A migrated database with the demo data, to be copied."""
    app = quick_application(folder)
    migrate.upgrade(app.storage.engine)
    load_demo(app.storage.engine, demo_document(), app.pins)
    app.storage.engine.dispose()


def demo_application(place: Path, demo: Path, speech_seconds: float | None) -> Application:
    """A copy of the demonstration with its sounds, each so long; None for the length of its words."""
    data_dir = place / "data"
    shutil.copytree(demo, data_dir)
    for name in ("inbox", "spool", "metrics"):
        (data_dir / name).mkdir()
    app = quick_application(data_dir, speech_seconds=speech_seconds)
    build_quick_sounds(app)
    return app


@contextmanager
def fastagi(
    app: Application, place: Path, settings: Mapping[str, str] | None = None, workers: int = 2
) -> Iterator[FastAgiServer]:
    """Our FastAGI server as an installation runs it, metrics included."""
    with_metrics = server_settings(app) | dict(settings or {})
    server = FastAgiServer(app.settings.path(), place, with_metrics, workers)
    try:
        yield server.start()
    finally:
        server.stop()


def server_settings(app: Application) -> dict[str, str]:
    """What `pikett run` sets as well; and talks as short as these are not taken for lost ones.

    Few telephones call again and again, and fewer technicians are there: nobody waits or is known.
    """
    return {
        "PROMETHEUS_MULTIPROC_DIR": str(app.settings.path("metrics")),
        "PIKETT_HUNT__LOST_BRIDGE_SECONDS": "0",
        "PIKETT_HUNT__WAIT_SECONDS": "0",
        "PIKETT_REPEAT__HOURS": "0",
    }


@contextmanager
def ending(child: Child) -> Iterator[Child]:
    """A process that is ended with its session, whatever happens."""
    try:
        yield child
    finally:
        child.stop(5)


def pid_of(server: FastAgiServer) -> int:
    assert server.child is not None
    return server.child.pid


@dataclass(frozen=True)
class Shifts:
    """Duties for many calls: `rate` a second, each engaging a technician for `engaged` seconds.

    Whoever is engaged is not rung, so one technician could take one call at a time. Here the shift
    changes so often that each call finds a free telephone first, or soon, and hunts stay short.
    """

    rate: float
    engaged: float
    seconds: float
    calls: float = 0.5
    people: int = 3

    @property
    def length(self) -> float:
        return self.calls / self.rate

    @property
    def technicians(self) -> int:
        return (int(self.engaged / self.length) + 2) * self.people

    def entries(self, technicians: Sequence[int]) -> Iterator[dict[str, Any]]:
        """Roster entries from now on."""
        start, step = datetime.now(UTC), timedelta(seconds=self.length)
        for shift in range(int(self.seconds / self.length) + 1):
            for place in range(self.people):
                yield {
                    "technician_id": technicians[(shift * self.people + place) % len(technicians)],
                    "level": Level.DEPUTY if place else Level.ON_DUTY,
                    "rank": place,
                    "starts_at": start + shift * step,
                    "ends_at": start + (shift + 1) * step,
                }


@contextmanager
def on_duty(app: Application, shifts: Shifts) -> Iterator[None]:
    """These technicians and nobody else, from now on.

    What is over is deleted every second: no roster in the world holds thousands of past shifts.
    """
    _put_on_duty(app, shifts)
    over = threading.Event()
    changing = threading.Thread(target=_forget_past_shifts, args=(app, over))
    changing.start()
    try:
        yield
    finally:
        over.set()
        changing.join()


def _put_on_duty(app: Application, shifts: Shifts) -> None:
    rows = [
        {
            "name": f"Technician {n}",
            "number": f"+4144000{7000 + n}",
            "email": f"technician{n}@demo.pikett.invalid",
            "language": "de",
            "demo": True,
        }
        for n in range(shifts.technicians)
    ]
    added = select(Technician.id).where(Technician.name.like("Technician %"))
    with app.storage.engine.begin() as connection:
        connection.execute(delete(RosterEntry))
        connection.execute(insert(Technician), rows)
        technicians = connection.execute(added.order_by(Technician.id)).scalars().all()
        connection.execute(insert(RosterEntry), list(shifts.entries(technicians)))


def _forget_past_shifts(app: Application, over: threading.Event) -> None:
    while not over.wait(1):
        past = delete(RosterEntry).where(RosterEntry.ends_at < datetime.now(UTC))
        with suppress(SQLAlchemyError), app.storage.writing() as uow:
            uow.connection.execute(past)


def results(app: Application) -> dict[str, int]:
    """How many calls ended how."""
    query = select(func.coalesce(Call.result, "open"), func.count()).group_by(Call.result)
    with app.storage.engine.connect() as connection:
        return {str(result): count for result, count in connection.execute(query)}


def attempts(app: Application) -> dict[str, int]:
    """How many telephones were rung at each level."""
    query = select(RingAttempt.level, func.count()).group_by(RingAttempt.level)
    with app.storage.engine.connect() as connection:
        return {str(level): count for level, count in connection.execute(query)}


def at_once(jobs: list[threading.Thread]) -> None:
    """Start all, wait for all."""
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()


@contextmanager
def upkeep(app: Application, place: Path) -> Iterator[None]:
    """The worker that sends the mails of all these orders."""
    worker = Worker(app.settings.path(), place, server_settings(app))
    try:
        worker.start()
        yield
    finally:
        worker.stop()
