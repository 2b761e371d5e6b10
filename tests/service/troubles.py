"""What can happen to a database in the middle of a call, and both carriers' sides of such a call."""

import sqlite3
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agi_scripts.app import FastAgiApp
from ivr.bootstrap import Application
from ivr.services.script import Message, Script, parse_script
from ivr.storage.database import open_engine
from tests.lab.postgres import PostgresCluster
from tests.players.agi_player import CallerKeys, Channel, LegKeys
from tests.players.twilio_player import CALL_SID, SignedClient
from tests.service.conftest import CUSTOMER

LINE = "+41440001100"
UNIQUE = "lab-1795341600.9"
SQLITE_LOCKED, SQLITE_UNREADABLE = "sqlite locked", "sqlite unreadable"
POSTGRESQL_LOCKED, POSTGRESQL_GONE = (
    pytest.param(name, marks=pytest.mark.postgresql)
    for name in ("postgresql locked", "postgresql gone")
)
TROUBLES = (SQLITE_LOCKED, SQLITE_UNREADABLE, POSTGRESQL_LOCKED, POSTGRESQL_GONE)
LOCKED = (SQLITE_LOCKED, POSTGRESQL_LOCKED)

Happening = Callable[[], AbstractContextManager[None]]


@dataclass
class Trouble:
    """Something that begins when it is told to, and ends at the latest with the test."""

    happening: Happening
    _going_on: ExitStack = field(default_factory=ExitStack, init=False)

    def begins(self) -> None:
        self._going_on.enter_context(self.happening())

    def ends(self) -> None:
        self._going_on.close()


def make_trouble(name: str, app: Application, request: pytest.FixtureRequest) -> Trouble:
    file = app.settings.path("pikett.db")
    match name.split():
        case ["sqlite", "locked"]:
            return Trouble(partial(_locked_file, file))
        case ["sqlite", _]:
            return Trouble(partial(_unreadable_file, app, file))
        case ["postgresql", "locked"]:
            return Trouble(partial(_locked_tables, app.settings.database))
    return Trouble(partial(_crashed, request.getfixturevalue("postgres")))


@contextmanager
def _locked_file(file: Path) -> Iterator[None]:
    """Somebody else, a backup perhaps, holds the write lock."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def _unreadable_file(app: Application, file: Path) -> Iterator[None]:
    """As a process sees it that starts after the disk went bad."""
    app.storage.engine.dispose()
    kept = file.rename(file.with_suffix(".kept"))
    file.write_bytes(b"not what it was" * 1000)
    yield
    app.storage.engine.dispose()
    kept.replace(file)


@contextmanager
def _locked_tables(url: str) -> Iterator[None]:
    """Somebody works on the tables and does not come to an end."""
    engine = open_engine(url)
    with engine.connect() as other:
        other.execute(text("SET idle_in_transaction_session_timeout = 0"))
        other.execute(text("LOCK TABLE call, turn IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()


@contextmanager
def _crashed(cluster: PostgresCluster) -> Iterator[None]:
    cluster.crash()
    yield
    cluster.start()


@dataclass
class Bounded:
    """Takes the time of what must not take long."""

    seconds: float
    took: float = field(default=0.0, init=False)

    def __call__(self, job: Callable[[], Any]) -> Any:
        started = time.monotonic()
        answer = job()
        self.took = time.monotonic() - started
        assert self.took < self.seconds
        return answer


class Asterisk:
    """The dialplan's side of one call: a channel, and its caller's keys."""

    def __init__(self, app: Application, keys: str, **happens: Callable[[], None]) -> None:
        fast_agi = FastAgiApp(app)
        self._app = app
        self._keys = _Keys(Script(parse_script(keys)), app.clock, happens)
        self.channel = Channel(fast_agi, app.clock, CUSTOMER, UNIQUE)
        self._leg = Channel(fast_agi, app.clock, "", "lab-leg-1")
        self._leg.answered = True

    def turn(self, *arguments: str) -> str:
        """AGI(support_line); what the dialplan is to do next."""
        self.channel.variables["PIKETT_NEXT"] = ""
        self.channel.agi("support_line", self._keys, *arguments)
        return self.channel.variables["PIKETT_NEXT"]

    def screen(self, attempt_id: str, before_key: Callable[[], None]) -> dict[str, str]:
        """AGI(technician_leg) with somebody who presses 1; the variables it leaves."""
        keys = _LegKeys("1", self._app.clock, before_key)
        self._leg.agi("technician_leg", keys, attempt_id)
        return self._leg.variables

    def ended(self) -> None:
        """The hang-up handler."""
        self.channel.up = False
        self.channel.agi("call_ended", None)

    @property
    def call_id(self) -> str:
        return str(self._app.calls.find("asterisk", UNIQUE))


class _Keys(CallerKeys):
    """Something happens just before the first `key` or the `message`."""

    def __init__(self, script: Script, clock: Any, happens: dict[str, Callable[[], None]]) -> None:
        super().__init__(script, clock)
        self._happens = happens

    def next_key(self, milliseconds: int) -> str:
        self._happens.pop("key", nothing)()
        return super().next_key(milliseconds)

    def speak(self) -> Message:
        self._happens.pop("message", nothing)()
        return super().speak()


class _LegKeys(LegKeys):
    def __init__(self, keys: str, clock: Any, before_key: Callable[[], None]) -> None:
        super().__init__(keys, clock)
        self._before_key = before_key

    def next_key(self, milliseconds: int) -> str:
        self._before_key()
        return super().next_key(milliseconds)


def nothing() -> None:
    """Happens."""


class Twilio:
    """Twilio's side of one call, up to the question that the caller answers."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._client = SignedClient(app)

    def begin(self) -> ET.Element:
        return self.post("/twilio/voice", From=CUSTOMER, To=LINE)

    def question(self) -> str:
        """The address that is told the key."""
        redirect = self.begin().find("Redirect")
        assert redirect is not None
        return self.action(self.post(str(redirect.text)))

    @staticmethod
    def action(document: ET.Element) -> str:
        gather = document.find("Gather")
        assert gather is not None
        return gather.attrib["action"]

    def press(self, action: str) -> ET.Element:
        """The caller, or whoever was rung, presses 1."""
        return self.post(action, Digits="1")

    def post(self, address: str, **fields: str) -> ET.Element:
        document = self._client.post(address, **fields)
        assert document is not None
        return document

    def ended(self) -> None:
        assert self._client.post("/twilio/status", CallStatus="completed") is None

    @property
    def call_id(self) -> str:
        return str(self._app.calls.find("twilio", CALL_SID))
