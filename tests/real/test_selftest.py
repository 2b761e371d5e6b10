"""The line phones itself on a real Asterisk: out over the trunk, back in, keys, the test telephone."""

import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ivr.bootstrap import Application
from ivr.services.selftest_store import RunState, SelftestRun, Step
from ivr.services.timers import Queue
from ivr.storage.models import Account, Call, OutboxMail, RingAttempt, Ticket
from tests.fakes import Notebook
from tests.lab.asterisk import LINES, Asterisk
from tests.lab.in_process import ThreadedFastAgi
from tests.lab.processes import free_port, is_bound, wait_until
from tests.lab.sipp import AwaitHangUp, Line
from tests.lab.stage import build_quick_sounds
from tests.wiring import quick_application

pytestmark = pytest.mark.asterisk

LINE_NUMBER, TEST_TELEPHONE, CALLER = "1100", "+41440009002", "+41440001001"
KEYS = "ww1" * 20
WITHIN_SECONDS = 25
LEAD = "lead@demo.pikett.invalid"


@dataclass
class Place:
    """An Asterisk whose trunk leads back to itself, and our application on it."""

    folder: Path
    app: Application
    asterisk: Asterisk
    scenes: int = field(default=0)

    def telephone(self, *steps: AwaitHangUp, name: str = "9002", **more: object) -> Line:
        self.scenes += 1
        scene = self.folder / f"scene{self.scenes}"
        scene.mkdir()
        port = self.asterisk.line_ports[name]
        line = Line(scene, f"line{name}", port, 39000 + 4 * self.scenes, steps=steps, **more)  # type: ignore[arg-type]
        line.start()
        wait_until(lambda: is_bound(port), 5, "SIPp to listen")
        return line

    def run(self, seconds: float = WITHIN_SECONDS + 15) -> SelftestRun:
        """What `pikett selftest run` and a worker do."""
        (run_id,) = self.app.selftest.plan(None, self.app.clock.now())
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.app.timekeeper.run_due(Queue.CALLS)
            found = next(run for run in self.app.selftest.latest() if run.id == run_id)
            if found.state in (RunState.PASSED, RunState.FAILED):
                self.quiet()
                return found
            time.sleep(0.2)
        raise AssertionError(f"no result: {found}")

    def quiet(self) -> None:
        """Whoever has picked up hears the whisper to its end, though the caller is gone."""
        wait_until(lambda: self.asterisk.channels() == 0, 60, "all channels to be gone")

    def count(self, *where: object) -> int:
        with self.app.storage.engine.connect() as connection:
            return int(connection.scalar(select(func.count()).where(*where)) or 0)  # type: ignore[arg-type]


@contextmanager
def open_place(
    folder: Path, demo: Path, trunk: Callable[[int], int] = lambda sip_port: sip_port
) -> Iterator[Place]:
    """`trunk` says where calls to the line's own number are sent, from the port where it listens."""
    data_dir = folder / "data"
    shutil.copytree(demo, data_dir)
    for name in ("inbox", "spool"):
        (data_dir / name).mkdir(exist_ok=True)
    sip_port, manager_port, secret = free_port(socket.SOCK_DGRAM), free_port(), secrets.token_hex(8)
    app = quick_application(
        data_dir,
        observer=Notebook(),
        speech_seconds=0.3,
        hunt={"ring_seconds": 4},
        paging={
            "telephones": ["asterisk"],
            "asterisk": {"port": manager_port, "secret": secret},
        },
        selftest={
            "customer": "11001",
            "caller": CALLER,
            "technician": TEST_TELEPHONE,
            "keys": KEYS,
            "within_seconds": WITHIN_SECONDS,
        },
        escalation={"lead_emails": [LEAD]},
    )
    build_quick_sounds(app)
    server = ThreadedFastAgi(lambda: app)
    (folder / "asterisk").mkdir()
    lines = {line: free_port(socket.SOCK_DGRAM) for line in LINES}
    asterisk = Asterisk(
        folder / "asterisk",
        data_dir,
        f"agi://127.0.0.1:{server.port}",
        sip_port=sip_port,
        line_ports=lines | {LINE_NUMBER: trunk(sip_port)},
        manager_port=manager_port,
        manager_secret=secret,
    ).start()
    try:
        yield Place(folder, app, asterisk)
    finally:
        asterisk.stop()
        server.stop()
        app.storage.engine.dispose()


@pytest.fixture(scope="module")
def place(
    asterisk_parts: None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    with open_place(tmp_path_factory.mktemp("place"), demo_database) as place:
        yield place


def messages(line: Line) -> str:
    path = line.folder / f"{line.name}.messages"
    return path.read_text(errors="replace") if path.exists() else ""


def troubles(place: Place) -> list[tuple[str, dict[str, object]]]:
    observer = place.app.observer
    assert isinstance(observer, Notebook)
    return [each for each in observer.troubles if each[0] == "selftest_failed"]


def test_the_invite_of_the_self_test_reaches_the_test_telephone(place: Place) -> None:
    """Out over the trunk, back in as the test customer, ordered by keys, rung, answered by a machine."""
    line, other = place.telephone(AwaitHangUp()), place.telephone(name="9001", answers=False)
    run = place.run()
    assert (run.state, run.step) == (RunState.PASSED, None), (run, place.asterisk.log()[-2000:])
    moments = [run.moment(step) for step in Step]
    assert None not in moments
    assert f"INVITE sip:{TEST_TELEPHONE}@" in messages(line)
    assert "INVITE sip:" not in messages(other), "whoever has duty is left alone"
    line.wait(20)
    assert troubles(place) == []


def test_it_is_never_billed_or_counted_and_mails_nobody(place: Place) -> None:
    place.telephone(AwaitHangUp())
    assert place.run().state is RunState.PASSED
    calls = place.count(Call.channel == "asterisk", Call.rehearsal.is_(True))
    assert calls >= 1
    assert place.count(Call.channel == "asterisk", Call.rehearsal.is_(False)) == 0
    assert place.count(Ticket.rehearsal.is_(False)) == 0
    assert place.count(Account.ticket_number.is_not(None)) == 0
    assert place.count(OutboxMail.state != "held") == 0
    assert place.count(RingAttempt.technician_id.is_not(None)) == 0


def test_a_test_telephone_that_does_not_answer_is_told_of(place: Place) -> None:
    before = len(troubles(place))
    line = place.telephone(answers=False)
    run = place.run()
    assert (run.state, run.step) == (RunState.FAILED, Step.ANSWERED)
    assert f"INVITE sip:{TEST_TELEPHONE}@" in messages(line)
    (told,) = troubles(place)[before:]
    assert told[1] == {"back_end": "asterisk", "step": "answered", "run": run.id}
    assert place.count(OutboxMail.recipient == LEAD, OutboxMail.state == "waiting") == 1


def test_a_broken_trunk_fails_loudly(
    asterisk_parts: None, demo_database: Path, tmp_path: Path
) -> None:
    """Nobody listens where the calls to the line's own number are sent."""
    nowhere = free_port(socket.SOCK_DGRAM)
    with open_place(tmp_path, demo_database, lambda _: nowhere) as place:
        run = place.run(seconds=60)
        assert (run.state, run.step) == (RunState.FAILED, Step.ARRIVED), run
        assert [facts["step"] for _, facts in troubles(place)] == ["arrived"]
        assert place.count(OutboxMail.recipient == LEAD) == 1
        assert place.count(Call.channel == "asterisk") == 0
