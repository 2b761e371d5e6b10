"""The line on SQLite and on a real PostgreSQL, and calls that are taken to a point by hand."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.events import CallerHungUp, DigitsEntered, DigitsTimedOut, PlaybackFinished
from ivr.callflow.support_session import State
from ivr.callflow.verbs import Dial, DialLeg
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Reply
from ivr.services.reports import DialReport, DialStatus, IncomingCall, Report
from ivr.storage import migrate
from ivr.storage.database import reading
from ivr.storage.demo import load_demo
from ivr.storage.models import Base
from tests.fakes import MONDAY_TEN, FrozenClock, Notebook
from tests.lab.postgres import PostgresCluster, missing_parts
from tests.real.conftest import need
from tests.wiring import demo_document, quick_application

POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)
DATABASES = ("sqlite", POSTGRESQL)
DEMO_TEMPLATE = "demo"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108
CUSTOMER = "+41440001001"
STEP = timedelta(seconds=5)

OpenLine = Callable[..., Application]
Contents = dict[str, list[Any]]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A server of our own."""
    need(missing_parts())
    with PostgresCluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresCluster) -> str:
    """The address of the server's own first database."""
    return postgres.url()


@pytest.fixture
def empty_postgres(postgres: PostgresCluster) -> Iterator[str]:
    """The address of an empty database that only this test has."""
    with _copy_of(postgres, "template0") as url:
        yield url


@pytest.fixture(scope="session")
def demo_template(postgres: PostgresCluster, demo_database: Path) -> str:
    """A migrated database with the demo data, for the server to copy."""
    url = postgres.create_database(DEMO_TEMPLATE)
    app = quick_application(demo_database, database_url=url)
    set_up(app)
    app.storage.engine.dispose()
    return DEMO_TEMPLATE


@pytest.fixture
def demo_postgres(postgres: PostgresCluster, demo_template: str) -> Iterator[str]:
    """The address of a database with the demo data that only this test has."""
    with _copy_of(postgres, demo_template) as url:
        yield url


@contextmanager
def _copy_of(postgres: PostgresCluster, template: str) -> Iterator[str]:
    name = f"test{next(_numbers)}"
    yield postgres.create_database(name, template)
    postgres.drop_database(name)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Which database this run of the test is about."""
    return str(request.param)


@pytest.fixture
def empty_url(database: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """An empty database of either kind."""
    if database == "postgresql":
        return str(request.getfixturevalue("empty_postgres"))
    return f"sqlite:///{folder / 'empty' / 'pikett.db'}"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where the machine has such a place: these tests are not about a busy disk."""
    where = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else tmp_path
    with TemporaryDirectory(prefix="pikett-", dir=where) as made:
        yield Path(made)


@pytest.fixture
def open_line(
    database: str, request: pytest.FixtureRequest, demo_database: Path, folder: Path
) -> Iterator[OpenLine]:
    """Wires the line on a migrated database with demo data; settings as arguments."""
    url = request.getfixturevalue("demo_postgres") if database == "postgresql" else ""
    opened: list[Application] = []

    def open_it(**given: Any) -> Application:
        data_dir = folder / "data"
        if not data_dir.exists():
            shutil.copytree(demo_database, data_dir)
        opened.append(wired(data_dir, database_url=url, **given))
        return opened[-1]

    yield open_it
    for app in opened:
        assert app.sounds.synthesis.is_done_ahead(20), "still speaking ahead"
        app.storage.engine.dispose()


@pytest.fixture
def line(open_line: OpenLine) -> Application:
    """The line as the demonstration has it."""
    return open_line()


def wired(folder: Path, **given: Any) -> Application:
    """The application with frozen time, and ids that threads may ask for at once.

    The same customer calls often here; that he is known to have called before, and
    that whoever meets engaged technicians waits for them, is shown elsewhere.
    """
    given.setdefault("repeat", {"hours": 0})
    given["hunt"] = {"wait_seconds": 0} | given.get("hunt", {})
    return quick_application(folder, clock=FrozenClock(), observer=Notebook(), **given)


def set_up(app: Application) -> int:
    """What `pikett demo` does; returns how many customers were added."""
    migrate.upgrade(app.storage.engine)
    return load_demo(app.storage.engine, demo_document(), app.pins)


def contents(app: Application) -> Contents:
    """Every row of every table."""
    with reading(app.storage.engine) as connection:
        return {
            name: sorted(tuple(row) for row in connection.execute(select(table)))
            for name, table in Base.metadata.tables.items()
        }


@dataclass
class Telephone:
    """A caller without a carrier: reports straight to the service, in a time of its own."""

    app: Application
    unique: str = "telephone-1"
    at: datetime = MONDAY_TEN
    caller: str = CUSTOMER
    channel: str = "asterisk"

    def incoming(self) -> IncomingCall:
        return IncomingCall(
            channel=self.channel,
            provider_call_id=self.unique,
            caller=parse_caller_id(self.caller),
            raw_caller=self.caller,
            at=self.at,
            can_ring_at_once=True,
        )

    def begin(self) -> Reply:
        return self.app.calls.begin(self.incoming())

    def bridge_ended(self) -> DialReport:
        """The technician hangs up after a minute."""
        self.at += timedelta(seconds=60)
        return DialReport(self.at, DialStatus.ANSWERED, 60)

    def answer(self, reply: Reply) -> Report:
        """What a caller who orders does next."""
        self.at += STEP
        match reply.state:
            case State.HEARING_NOTICE:
                return PlaybackFinished(self.at, complete=True, seconds=5.0)
            case State.CONFIRMING:
                return DigitsEntered(self.at, "1")
            case State.MAY_WITHDRAW:
                return DigitsTimedOut(self.at)
        raise AssertionError(f"nothing to be done in {reply.state}")

    def wait_for(self, state: State) -> Reply:
        """Go on from the beginning to where the call is in this state."""
        reply = self.begin()
        while reply.state != state:
            reply = self.app.calls.report(reply.leg_id, reply.turn, self.answer(reply))
        return reply

    def ring(self) -> Reply:
        """Order, and let the time to withdraw pass: telephones ring."""
        return self.wait_for(State.RINGING_TECHNICIANS)

    def hang_up(self, reply: Reply) -> None:
        self.app.calls.hang_up(reply.call_id, self.at)

    def gone(self) -> CallerHungUp:
        return CallerHungUp(self.at)


def legs_of(reply: Reply) -> tuple[DialLeg, ...]:
    """The telephones that a reply has rung."""
    return next(verb.legs for verb in reply.verbs if isinstance(verb, Dial))
