"""An alert comes in, and a real Asterisk rings real telephones until somebody has pressed 1."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.requests import TicketKind
from ivr.paging_settings import AmiSettings
from ivr.services.cases import NewCase
from ivr.services.escalation_store import Channel, EscalationState
from ivr.telephony.asterisk_ami import AsteriskTelephone
from ivr.worker import Worker
from tests.lab.asterisk import Asterisk
from tests.lab.in_process import ThreadedFastAgi
from tests.lab.processes import is_bound, wait_until
from tests.lab.sipp import AwaitHangUp, Line, Pause, Press, Step
from tests.lab.stage import build_quick_sounds
from tests.service.monitored import Source, alert
from tests.wiring import quick_application
from webhooks.app import create_app

pytestmark = pytest.mark.asterisk

HEARS_IT = Pause(1200)
ANNA, LUCA, CHLOE = "9001", "9002", "9003"
POLICIES = """
policies:
  ticket: &together
    rounds: 1
    pause_seconds: 30
    steps: [{targets: [on_duty, deputy], at_once: true}]
  callback: *together
  reaction: *together
  monitoring:
    rounds: 1
    pause_seconds: 30
    third_level: true
    steps: [{targets: [on_duty]}, {targets: [deputy]}, {targets: [chief_technician]}]
"""


@dataclass
class Watch:
    """A whole installation in this process: web, FastAGI, worker, and Asterisk beside it."""

    folder: Path
    app: Application
    asterisk: Asterisk
    source: Source
    posted: int = 0
    lines: dict[str, Line] = field(default_factory=dict)

    def line(self, name: str, *steps: Step, **more: Any) -> Line:
        scene = self.folder / f"scene-{time.monotonic_ns()}"
        scene.mkdir()
        port = self.asterisk.line_ports[name]
        line = Line(scene, f"line{name}", port, 37000 + 4 * int(name[-1]), steps=steps, **more)
        line.start()
        wait_until(lambda: is_bound(port), 5, "SIPp to listen")
        self.lines[name] = line
        return line

    def alert(self) -> int:
        """Post one over HTTP; the ticket of its case."""
        self.posted += 1
        key = f"router-{self.posted}"
        answer = self.source.post(create_app(self.app).test_client(), {"alerts": [alert(key)]})
        assert answer.status_code == 202, answer.text
        wait_until(lambda: self._newest() is not None, 5, "the case")
        ticket = self._newest()
        assert ticket is not None
        return ticket

    def _newest(self) -> int | None:
        with self.app.storage.engine.connect() as connection:
            query = "select max(ticket_number) from alert_case"
            return connection.exec_driver_sql(query).scalar()

    def order(self) -> int:
        """A ticket that is nobody's: both ring together."""
        case = NewCase(
            "monitoring",
            f"order-{time.monotonic_ns()}",
            TicketKind.ORDER,
            1,
            1,
            "",
            policy="ticket",
        )
        with self.app.storage.writing() as uow:
            return self.app.cases.open(uow, case, self.app.clock.now())

    def resolve(self) -> None:
        self.source.resolve(f"router-{self.posted}")

    def state(self, ticket: int) -> EscalationState:
        with self.app.storage.reading() as uow:
            return uow.escalations.list_of(ticket)[-1].state

    def rung(self, ticket: int) -> list[tuple[str, str]]:
        with self.app.storage.reading() as uow:
            pages = uow.pages.list_of(uow.escalations.list_of(ticket)[-1].id)
        return [(p.name, str(p.state)) for p in pages if p.channel is Channel.CALL]

    def wait_quiet(self) -> None:
        wait_until(lambda: self.asterisk.channels() == 0, 10, "all channels to be gone")


def said(line: Line, word: str) -> Callable[[], bool]:
    path = line.folder / f"{line.name}.messages"
    return lambda: path.exists() and word in path.read_text(errors="replace")


@pytest.fixture(scope="module")
def watch(
    asterisk_parts: None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watch]:
    folder = tmp_path_factory.mktemp("watch")
    app = _application(folder, demo_database)
    server = ThreadedFastAgi(lambda: app)
    (folder / "asterisk").mkdir()
    agi = f"agi://127.0.0.1:{server.port}"
    asterisk = Asterisk(folder / "asterisk", app.settings.data_dir, agi).start()
    ami = AmiSettings(port=asterisk.manager_port, secret=asterisk.manager_secret)  # type: ignore[arg-type]
    app.telephones = (AsteriskTelephone(ami),)
    stop = threading.Event()
    worker = threading.Thread(target=Worker(app, stop).run)
    worker.start()
    yield Watch(folder, app, asterisk, Source(app))
    stop.set()
    worker.join(30)
    asterisk.stop()
    server.stop()
    app.storage.engine.dispose()


def _application(folder: Path, demo: Path) -> Application:
    data_dir, config = folder / "data", folder / "config"
    shutil.copytree(demo, data_dir)
    shutil.copytree(resources.folder("config"), config)
    (config / "escalation.yaml").write_text(POLICIES)
    for name in ("inbox", "spool"):
        (data_dir / name).mkdir(exist_ok=True)
    quiet = {"ring_seconds": 10, "calls_per_minute": 60, "calls_per_quarter": 200}
    app = quick_application(
        data_dir,
        speech_seconds=0.3,
        config_dir=config,
        escalation=quiet | {"calls_per_hour": 500},
        hunt={"second_ring_at_night": False},  # the clock is the real one
    )
    build_quick_sounds(app)
    with app.storage.engine.begin() as connection:
        chief = "update roster_entry set level = 'chief_technician' where technician_id = 3"
        connection.exec_driver_sql(chief)
    return app


@pytest.mark.rule("A.5")
def test_an_alert_rings_the_technician_and_1_ends_the_search(watch: Watch) -> None:
    line = watch.line(ANNA, HEARS_IT, Press("1"), AwaitHangUp())
    ticket = watch.alert()
    wait_until(lambda: watch.state(ticket) is EscalationState.ACKNOWLEDGED, 20, "the key")
    line.wait()
    watch.wait_quiet()
    assert watch.rung(ticket) == [("Anna Meier", "taken")]


@pytest.mark.rule("A.5", "A.35")
def test_not_answered_the_deputy_and_then_the_chief(watch: Watch) -> None:
    watch.line(ANNA, answers=False)
    watch.line(LUCA, refuses_with="486 Busy Here")
    chief = watch.line(CHLOE, HEARS_IT, Press("1"), AwaitHangUp())
    ticket = watch.alert()
    wait_until(lambda: watch.state(ticket) is EscalationState.ACKNOWLEDGED, 40, "the chief")
    chief.wait()
    watch.wait_quiet()
    assert watch.rung(ticket) == [
        ("Anna Meier", "no_answer"),
        ("Luca Bernasconi", "busy"),
        ("Chloé Favre", "taken"),
    ]


def test_two_passes_on_to_the_next_at_once(watch: Watch) -> None:
    watch.line(ANNA, HEARS_IT, Press("2"), AwaitHangUp())
    luca = watch.line(LUCA, HEARS_IT, Press("1"), AwaitHangUp())
    ticket = watch.alert()
    wait_until(lambda: watch.state(ticket) is EscalationState.ACKNOWLEDGED, 30, "Luca")
    luca.wait()
    watch.wait_quiet()
    assert watch.rung(ticket) == [("Anna Meier", "passed_on"), ("Luca Bernasconi", "taken")]


def test_a_resolved_alert_stops_the_telephone_within_a_second(watch: Watch) -> None:
    line = watch.line(ANNA, answers=False)
    ticket = watch.alert()
    wait_until(said(line, "INVITE sip:"), 10, "the INVITE")
    wait_until(lambda: watch.rung(ticket) == [("Anna Meier", "placed")], 5, "the ledger")
    watch.resolve()
    began = time.monotonic()
    wait_until(said(line, "CANCEL sip:"), 5, "the CANCEL")
    took = time.monotonic() - began
    print(f"resolved to CANCEL: {took * 1000:.0f} ms")
    assert took < 2
    watch.wait_quiet()
    assert watch.state(ticket) is EscalationState.CLOSED


def test_when_one_has_pressed_1_everything_else_stops(watch: Watch) -> None:
    anna = watch.line(ANNA, answers=False)
    luca = watch.line(LUCA, HEARS_IT, Press("1"), AwaitHangUp())
    ticket = watch.order()
    wait_until(said(anna, "INVITE sip:"), 10, "Anna's INVITE")
    wait_until(lambda: watch.state(ticket) is EscalationState.ACKNOWLEDGED, 20, "Luca's key")
    began = time.monotonic()
    wait_until(said(anna, "CANCEL sip:"), 5, "the CANCEL")
    print(f"acknowledged to CANCEL: {(time.monotonic() - began) * 1000:.0f} ms")
    luca.wait()
    watch.wait_quiet()
    assert sorted(watch.rung(ticket)) == [("Anna Meier", "cancelled"), ("Luca Bernasconi", "taken")]
