"""Orders whose mails go to a real SMTP server, or into the mailbox folder."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.storage.database import reading, writing
from ivr.storage.models import OutboxMail
from tests.fakes import FrozenClock, Notebook
from tests.lab.mail_server import MailServer
from tests.service.conftest import Telephone
from tests.wiring import quick_application

ANNA, DESK = "anna@demo.pikett.invalid", "desk@demo.pikett.invalid"
SENDER = "pikett@provider.invalid"
MakeApp = Callable[..., Application]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def posting(data_dir: Path, clock: FrozenClock, notebook: Notebook) -> Iterator[MakeApp]:
    """The application with a mail server at this port."""
    opened: list[Application] = []

    def make(port: int, **mail: Any) -> Application:
        settings = {"host": "127.0.0.1", "port": port, "starttls": False, "sender": SENDER}
        app = quick_application(data_dir, clock=clock, observer=notebook, mail=settings | mail)
        opened.append(app)
        return app

    yield make
    for app in opened:
        app.storage.engine.dispose()


def post(app: Application) -> int:
    return app.upkeep._posting.post(app.clock.now())


def order(
    app: Application, *, until: State = State.RINGING_TECHNICIANS, rehearsal: bool = False
) -> None:
    """A confirmed order: its ticket is mailed to the technician on duty and to the desk."""
    telephone = Telephone(app)
    app.calls.begin(replace(telephone.incoming(), rehearsal=rehearsal))
    telephone.wait_for(until)
    assert isinstance(app.clock, FrozenClock)
    app.clock.at = telephone.at


def states(app: Application) -> dict[str, tuple[str, int]]:
    """State and attempts of the newest mail by recipient."""
    query = select(OutboxMail.recipient, OutboxMail.state, OutboxMail.attempts)
    with reading(app.storage.engine) as connection:
        rows = connection.execute(query.order_by(OutboxMail.id)).all()
    return {recipient: (state, attempts) for recipient, state, attempts in rows}


def change(app: Application, model: Any, **values: Any) -> None:
    """Every row of a table."""
    with writing(app.storage.engine) as connection:
        connection.execute(update(model).values(**values))
