"""The static fallback of Twilio, and recordings that are not where they should be."""

import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import structlog

from ivr import resources
from ivr.bootstrap import Application, build
from ivr.services.recordings import RecordingUnavailableError
from ivr.settings import load_settings
from ivr.telephony.twilio_recordings import TwilioRecordings
from tests.fakes import FrozenClock
from tests.players.twilio_player import ACCOUNT, RECORDING
from tests.players.twiml_rules import check_document
from tests.service.twilio_line import FORM, PUBLIC, TOKEN, Line, assert_safe, calls_stored
from tests.story import outcome
from tests.wiring import quick_application
from webhooks.app import create_app
from webhooks.twilio.fallback import fallback_document


@pytest.mark.rule("B.15", "P.10")
def test_the_fallback_needs_neither_database_nor_flow(data_dir: Path) -> None:
    for left in data_dir.glob("pikett.db*"):
        left.unlink()
    app = quick_application(data_dir)
    client = create_app(app).test_client()
    for answer in (client.get("/twilio/fallback"), client.post("/twilio/fallback", data=FORM)):
        assert answer.status_code == 200
        document = ET.fromstring(answer.text)
        check_document(document)
        assert_safe(document)
    assert not {"storage", "calls"} & set(vars(app))
    assert not list(data_dir.glob("pikett.db*"))


@pytest.mark.rule("B.15")
def test_a_database_that_is_gone_in_mid_call_leads_to_the_desk(
    app: Application, clock: FrozenClock
) -> None:
    line = Line(app, clock).asked()
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE turn RENAME TO turn_gone")
    with structlog.testing.capture_logs() as logs:
        assert_safe(line.go("Gather", Digits="1"))
    assert [entry["event"] for entry in logs] == ["twilio_failed"]


@pytest.mark.rule("B.12", "B.14")
@pytest.mark.parametrize("number", ["117", "+41900123456", "desk", "+1 900 555 01 01", "0112", ""])
def test_the_fallback_never_dials_what_may_not_be_dialled(number: str, data_dir: Path) -> None:
    """It records a message instead."""
    app = quick_application(data_dir, desk={"number": number}, hunt={"extensions": ["desk"]})
    document = ET.fromstring(fallback_document(app.settings, app.catalogue))
    check_document(document)
    assert [verb.tag for verb in document] == ["Say", "Say", "Record", "Say", "Hangup"]


@pytest.mark.rule("P.10")
def test_the_file_for_a_twiml_bin_is_what_the_demonstration_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Made anew by `curl http://127.0.0.1:8080/twilio/fallback` when settings or words change."""
    config = resources.folder("config")
    monkeypatch.setenv("PIKETT_CONFIG", str(config / "pikett.toml"))
    app = build(load_settings(public_url=PUBLIC))
    made = fallback_document(app.settings, app.catalogue)
    kept = (config / "twilio" / "fallback.xml").read_text(encoding="utf-8")
    assert ET.canonicalize(kept, strip_text=True) == ET.canonicalize(made, strip_text=True)
    document = ET.fromstring(kept)
    check_document(document)
    assert_safe(document)


class Trap(BaseHTTPRequestHandler):
    """Sends whoever asks on to another page of itself."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/next")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """A web server that should not be asked, and what it was asked for."""
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("OneTrap", (Trap,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


FOREIGN = [
    "{trap}/RE1",
    f"{{trap}}/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE{'2' * 32}",
    RECORDING.replace("https", "http"),
    RECORDING.replace("api.twilio.com", "api.twilio.com.evil.example"),
    RECORDING.replace("api.twilio.com", "api.twilio.com@127.0.0.1"),
    RECORDING.replace("api.twilio.com", "api.twilio.com:444"),
    RECORDING.replace(ACCOUNT, "AC" + "1" * 32),
    RECORDING + "/../../../Accounts/x",
    RECORDING + "?x=y",
    RECORDING + "#x",
    RECORDING + "\n",
    RECORDING[:-1],
    "file:///etc/passwd",
    "file:0123456789abcdef.wav",
    "//evil.example/x",
    "",
]


@pytest.mark.parametrize("source", FOREIGN)
def test_a_recording_elsewhere_is_never_fetched(
    source: str, app: Application, clock: FrozenClock, trap: tuple[str, list[str]]
) -> None:
    """Nor is a file of our own inbox taken for one. The caller's ticket exists in any case."""
    address, asked = trap
    inbox = app.settings.path("inbox")
    inbox.mkdir()
    (inbox / "0123456789abcdef.wav").write_bytes(b"somebody else's message")
    foreign = source.format(trap=address)
    assert not TwilioRecordings(ACCOUNT, TOKEN).owns(foreign)
    line = Line(app, clock).asked()
    document = line.go("Gather", Digits="4")
    while document.find("Record") is not None:
        document = line.go("Record", RecordingUrl=foreign, RecordingDuration="5", Digits="#")
    line.client.post("/twilio/fallback-recording", RecordingUrl=foreign, RecordingDuration="5")
    assert app.recordings.collect(clock.now()) == 0
    assert asked == []
    assert (inbox / "0123456789abcdef.wav").exists()
    assert not list(app.settings.path("recordings").glob("*"))
    assert outcome(app, calls_stored(app)[0][0])[1]


def test_our_credentials_do_not_follow_a_redirect(
    trap: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = trap
    recordings = TwilioRecordings(ACCOUNT, TOKEN, host=address)
    with pytest.raises(RecordingUnavailableError):
        recordings.fetch(RECORDING, tmp_path / "x.wav")
    assert len(asked) == 1
    assert not (tmp_path / "x.wav").exists()
