"""Calls of the line's own on a real Asterisk: who answers, who does not, and how it is told."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ivr.bootstrap import Application
from ivr.callflow.events import CaseAlreadyTaken, CaseClosed
from ivr.callflow.facts import PageResult
from ivr.paging_settings import AmiSettings
from ivr.services.outbound import OutboundCall, OutboundError
from ivr.services.reports import DialStatus
from ivr.telephony.asterisk_ami import AmiConnection, AsteriskTelephone
from tests.lab.asterisk import Asterisk
from tests.lab.in_process import ThreadedFastAgi
from tests.lab.processes import is_bound, wait_until
from tests.lab.sipp import AwaitHangUp, HangUp, Line, Pause, Press, Step
from tests.lab.stage import build_quick_sounds
from tests.service.paged import FACTS, Pager
from tests.wiring import quick_application

pytestmark = pytest.mark.asterisk

BUSY = "486 Busy Here"
RING_SECONDS, LIMIT_SECONDS = 4, 60
HEARS_IT = Pause(1200)


@dataclass
class Office:
    """Asterisk with a manager interface, our FastAGI server, and telephones on demand."""

    folder: Path
    asterisk: Asterisk
    telephone: AsteriskTelephone
    settings: AmiSettings
    pager: Pager
    scenes: int = 0

    def line(self, *steps: Step, name: str = "9001", **more: object) -> Line:
        self.scenes += 1
        scene = self.folder / f"scene{self.scenes}"
        scene.mkdir()
        port = self.asterisk.line_ports[name]
        line = Line(scene, f"line{name}", port, 36000 + 4 * self.scenes, steps=steps, **more)  # type: ignore[arg-type]
        line.start()
        wait_until(lambda: is_bound(port), 5, "SIPp to listen")
        return line

    def call(self, number: str = "+41440009001", ring_seconds: int = RING_SECONDS) -> OutboundCall:
        page = self.pager.page(number)
        return OutboundCall(page, number, ring_seconds, LIMIT_SECONDS, "alert_call")

    def place(self, call: OutboundCall) -> str:
        assert self.telephone.place(call) == call.id
        return call.id

    def wait_end(self, page: str, seconds: float = 20) -> DialStatus:
        """How the dialplan says it ended; it says it once."""
        wait_until(lambda: bool(self.pager.ends_of(page)), seconds, "the end of the page")
        wait_until(lambda: self.asterisk.channels() == 0, 10, "all channels to be gone")
        (status,) = self.pager.ends_of(page)
        return status


@pytest.fixture(scope="module")
def office(
    asterisk_parts: None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    app = _application(folder, demo_database)
    server = ThreadedFastAgi(lambda: app)
    (folder / "asterisk").mkdir()
    agi = f"agi://127.0.0.1:{server.port}"
    asterisk = Asterisk(folder / "asterisk", app.settings.data_dir, agi).start()
    settings = AmiSettings(port=asterisk.manager_port, secret=asterisk.manager_secret)  # type: ignore[arg-type]
    yield Office(folder, asterisk, AsteriskTelephone(settings), settings, Pager(app))
    asterisk.stop()
    server.stop()
    app.storage.engine.dispose()


def _application(folder: Path, demo: Path) -> Application:
    import shutil

    data_dir = folder / "data"
    shutil.copytree(demo, data_dir)
    for name in ("inbox", "spool"):
        (data_dir / name).mkdir(exist_ok=True)
    app = quick_application(data_dir, speech_seconds=0.3)
    build_quick_sounds(app)
    return app


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> None:
    if "office" in request.fixturenames:
        pager = request.getfixturevalue("office").pager
        pager.facts, pager.prepared, pager.taken = FACTS, None, None


def test_1_takes_the_case_and_the_telephone_rings_at_once(office: Office) -> None:
    line = office.line(HEARS_IT, Press("1"), AwaitHangUp())
    began = time.monotonic()
    page = office.place(office.call())
    wait_until(lambda: _invited(line), 5, "the INVITE")
    took = time.monotonic() - began
    print(f"place to INVITE: {took * 1000:.0f} ms")
    assert took < 1.0
    line.wait()
    assert office.pager.results_of(page) == [PageResult.TAKEN]
    assert office.wait_end(page) is DialStatus.ANSWERED
    assert "+41440001100" in _messages(line), "the number that is shown is the line's own"


def _invited(line: Line) -> bool:
    return "INVITE sip:" in _messages(line)


def _messages(line: Line) -> str:
    path = line.folder / f"{line.name}.messages"
    return path.read_text(errors="replace") if path.exists() else ""


@pytest.mark.parametrize(
    ("keys", "result"),
    [("2", PageResult.PASSED_ON), ("4", PageResult.DEFERRED), ("931", PageResult.TAKEN)],
)
def test_what_else_he_may_press(keys: str, result: PageResult, office: Office) -> None:
    """A wrong key and a repetition cut nobody off."""
    steps = [step for key in keys for step in (HEARS_IT, Press(key))]
    line = office.line(*steps, AwaitHangUp())
    page = office.place(office.call())
    line.wait()
    assert office.wait_end(page) is DialStatus.ANSWERED
    assert office.pager.results_of(page) == [result]


def test_whoever_hangs_up_has_not_taken_it(office: Office) -> None:
    line = office.line(HEARS_IT, HangUp())
    page = office.place(office.call())
    line.wait()
    assert office.wait_end(page) is DialStatus.ANSWERED
    assert office.pager.results_of(page) == [PageResult.HUNG_UP]


@pytest.mark.rule("P.4")
def test_a_voicemail_that_answers_and_talks_has_not_taken_it(office: Office) -> None:
    """It never presses a key; after thirty seconds it is let go."""
    line = office.line(AwaitHangUp())
    page = office.place(office.call())
    line.wait(60)
    assert office.wait_end(page) is DialStatus.ANSWERED
    assert office.pager.results_of(page) == [PageResult.NO_KEY]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"refuses_with": BUSY}, DialStatus.BUSY),
        ({"refuses_with": "503 Service Unavailable"}, DialStatus.FAILED),
        ({"answers": False}, DialStatus.NO_ANSWER),
    ],
    ids=["busy", "unavailable", "no answer"],
)
def test_who_cannot_be_reached_is_told_of_promptly(
    more: dict[str, object], status: DialStatus, office: Office
) -> None:
    line = office.line(**more)
    began = time.monotonic()
    page = office.place(office.call(ring_seconds=2))
    assert office.wait_end(page) is status
    assert time.monotonic() - began < 6
    assert office.pager.results_of(page) == []
    line.wait()


def test_a_telephone_that_is_not_there_is_told_of_within_its_ringing(office: Office) -> None:
    """Nobody listens at the address: no error comes back, the ringing time ends it."""
    page = office.place(office.call("+41440009003", ring_seconds=2))
    assert office.wait_end(page) is DialStatus.NO_ANSWER


def test_a_number_that_leads_nowhere_has_failed_at_once(office: Office) -> None:
    page = office.place(office.call("+41440009999"))
    assert office.wait_end(page, 3) is DialStatus.FAILED
    assert office.telephone.is_up(page, page) is False


def test_hanging_up_stops_the_ringing_within_a_second(office: Office) -> None:
    line = office.line(answers=False)
    page = office.place(office.call(ring_seconds=30))
    wait_until(lambda: _invited(line), 5, "the INVITE")
    assert office.telephone.is_up(page, page) is True
    began = time.monotonic()
    office.telephone.hang_up(page, page)
    wait_until(lambda: "CANCEL sip:" in _messages(line), 5, "the CANCEL")
    took = time.monotonic() - began
    print(f"hang-up to CANCEL: {took * 1000:.0f} ms")
    assert took < 1.0
    line.wait()
    assert office.wait_end(page) is DialStatus.CANCELLED
    assert office.telephone.is_up(page, page) is False
    office.telephone.hang_up(page, page)


def test_a_call_can_be_ended_the_moment_it_is_placed(office: Office) -> None:
    """Again and again, so that each moment of its beginning is met: nothing may ring on.

    On a line of its own: an INVITE that nobody has answered yet is repeated for half a minute.
    """
    office.line(answers=False, name="9009")
    for _ in range(20):
        page = office.place(office.call("+41440009009", 30))
        office.telephone.hang_up(page, page)
        wait_until(lambda: office.asterisk.channels() == 0, 2, "the call to be gone")
        assert office.telephone.is_up(page, page) is False


def test_hanging_up_one_leaves_the_other_ringing(office: Office) -> None:
    one, other = office.line(answers=False), office.line(answers=False, name="9002")
    stays, goes = (office.place(office.call(f"+4144000{n}", 30)) for n in ("9001", "9002"))
    wait_until(lambda: _invited(one) and _invited(other), 5, "both to ring")
    office.telephone.hang_up(goes, goes)
    wait_until(lambda: bool(office.pager.ends_of(goes)), 5, "one to end")
    assert office.telephone.is_up(stays, stays) is True
    office.telephone.hang_up(stays, stays)
    office.wait_end(stays)


def test_the_same_page_placed_twice_rings_once(office: Office) -> None:
    """A worker that died between placing and writing it down is followed by one who places again."""
    line = office.line(answers=False)
    call = office.call(ring_seconds=30)
    page = office.place(call)
    wait_until(lambda: _invited(line), 5, "the INVITE")
    channels = office.asterisk.channels()
    assert office.place(call) == page
    assert office.asterisk.channels() == channels
    office.telephone.hang_up(page, page)
    office.wait_end(page)
    line.wait()


def test_who_comes_too_late_is_told_who_was_first(office: Office) -> None:
    pager = office.pager
    pager.taken = CaseAlreadyTaken(pager.app.clock.now(), "Luca")
    line = office.line(HEARS_IT, Press("1"), AwaitHangUp())
    page = office.place(office.call())
    line.wait()
    office.wait_end(page)
    assert pager.results_of(page) == [PageResult.ALREADY_TAKEN]


def test_a_case_that_is_over_is_told_and_asks_nothing(office: Office) -> None:
    pager = office.pager
    pager.prepared = CaseClosed(pager.app.clock.now())
    line = office.line(AwaitHangUp())
    page = office.place(office.call())
    line.wait(20)
    office.wait_end(page)
    assert pager.results_of(page) == [PageResult.CLOSED]


@pytest.mark.parametrize(
    "given",
    [
        {"id": "a\r\nAction: Hangup"},
        {"id": "a-b"},
        {"number": "+41440009001\r\nVariable: X=1"},
        {"number": "+41440009001&PJSIP/premium"},
        {"number": "9001@pikett-support"},
        {"script": "alert_call\r\nApplication: System"},
        {"script": "alert call"},
    ],
    ids=str,
)
def test_a_line_break_or_a_second_address_never_reaches_asterisk(
    given: dict[str, str], office: Office
) -> None:
    call = OutboundCall("a1", "+41440009001", 2, 60, "alert_call")
    before = office.asterisk.console("core show channels count")
    with pytest.raises(OutboundError) as caught:
        office.telephone.place(replace(call, **given))
    assert not caught.value.retry
    assert office.asterisk.console("core show channels count") == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda settings: settings.model_copy(update={"secret": _secret("wrong")}),
        lambda settings: settings.model_copy(update={"user": "admin"}),
        lambda settings: settings.model_copy(update={"secret": _secret("")}),
        lambda settings: settings.model_copy(update={"secret": _secret("a\r\nAction: Ping")}),
    ],
    ids=["wrong secret", "wrong user", "no secret", "a line break"],
)
def test_nobody_places_calls_without_the_secret(
    spoil: Callable[[AmiSettings], AmiSettings], office: Office
) -> None:
    stranger = AsteriskTelephone(spoil(office.settings))
    with pytest.raises(OutboundError):
        stranger.place(OutboundCall("a1", "+41440009001", 2, 60, "alert_call"))
    assert stranger.is_up("a1", None) is None


def _secret(text: str) -> object:
    from pydantic import SecretStr

    return SecretStr(text)


@pytest.mark.parametrize(
    "action",
    [
        {"Action": "Command", "Command": "core-show-version"},
        {"Action": "GetConfig", "Filename": "manager.conf"},
        {"Action": "Redirect", "Channel": "a1", "Context": "x", "Exten": "s", "Priority": "1"},
        {"Action": "Originate", "Channel": "Local/s@pikett-page", "Application": "System"},
    ],
    ids=lambda action: action["Action"],
)
def test_our_user_may_do_nothing_else(action: dict[str, str], office: Office) -> None:
    ami = AmiConnection()
    try:
        ami.connect(office.settings.host, office.settings.port)
        ami.login(office.settings.user, office.settings.secret.get_secret_value())
        assert ami.send_action(action).get_header("Response") == "Error"
    finally:
        ami.close()


def test_the_manager_interface_is_on_loopback_only(office: Office) -> None:
    address = socket.gethostbyname(socket.gethostname())
    shown = office.asterisk.console("manager show settings")
    assert "127.0.0.1" in shown, address
