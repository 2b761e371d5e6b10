"""Files that the dialplan's fallback has left in the spool."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ivr.bootstrap import Application
from ivr.services.records import CallRecord, TicketView
from ivr.storage.database import reading
from ivr.storage.models import Base, Call, Ticket
from tests.fakes import FrozenClock, write_silence

SECONDS = 4.0
CALLER = "+41440001009"


@pytest.fixture
def spool(app: Application) -> Path:
    folder = app.settings.path("spool")
    folder.mkdir()
    return folder


def name(call: str = "1795341600.7", caller: str = CALLER, at: datetime | None = None) -> str:
    epoch = int((at or datetime(2026, 11, 23, 7, 0, tzinfo=UTC)).timestamp())
    return f"{call}_{caller}_{epoch}.wav"


def left(folder: Path, clock: FrozenClock, file: str = "", seconds: float = SECONDS) -> Path:
    """A message whose recording has long ended."""
    path = folder / (file or name())
    write_silence(path, seconds)
    return settled(path, clock)


def settled(path: Path, clock: FrozenClock, age: float = 60) -> Path:
    written = clock.now().timestamp() - age
    os.utime(path, (written, written))
    return path


def collect(app: Application) -> int:
    return app.upkeep._spool.collect(app.clock.now())


def count(app: Application, model: type[Base]) -> int:
    with reading(app.storage.engine) as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def the_ticket(app: Application) -> TicketView:
    with reading(app.storage.engine) as connection:
        number = connection.execute(select(Ticket.number)).scalar_one()
    with app.storage.reading() as uow:
        return uow.tickets.view(number)


def the_call(app: Application) -> CallRecord:
    with reading(app.storage.engine) as connection:
        call_id = connection.execute(select(Call.id)).scalar_one()
    with app.storage.reading() as uow:
        return uow.calls.get(call_id)


def settled_text(path: Path, clock: FrozenClock) -> Path:
    path.write_text("")
    return settled(path, clock)
