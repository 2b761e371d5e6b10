"""Health: alive, ready, and counters that are right over several processes of several servers."""

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient

from ivr.bootstrap import Application
from ivr.voice.engines import Engines
from ivr.voice.speech import SilentSpeaker
from tests.fakes import Notebook
from tests.lab.processes import Child, free_port, is_listening, wait_until
from tests.lab.servers import REPOSITORY, FastAgiServer, lab_environment
from tests.service.agi_wire import converse
from tests.service.spoken import speak_everything
from tests.wiring import quick_application
from webhooks.app import create_app

SECRET = "very-secret-password"
HEALTH = b"agi_request: agi://127.0.0.1/health\nagi_network_script: health\n\n200 result=1\n"


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return create_app(app).test_client()


def move_database_away(app: Application) -> None:
    app.storage.engine.dispose()
    for file in app.settings.path().glob("pikett.db*"):
        file.unlink()
    app.settings.path("pikett.db").mkdir()


# One process --------------------------------------------------------------------------------------


def test_ready_when_the_database_is_there_and_the_line_can_speak(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": True, "sounds": True}


def test_with_the_database_gone_alive_but_not_ready(app: Application, client: FlaskClient) -> None:
    move_database_away(app)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "database": False, "sounds": True}
    assert client.get("/healthz").status_code == 200


def test_a_database_file_that_is_missing_is_told_and_not_made(
    app: Application, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether connections to it are still open or not."""
    assert client.get("/readyz").status_code == 200
    for file in app.settings.path().glob("pikett.db*"):
        file.unlink()
    for _ in range(2):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json == {"status": "not ready", "database": False, "sounds": True}
        assert converse(app, HEALTH) == 'SET VARIABLE PIKETT_NEXT "fallback"\n'
        assert list(app.settings.path().glob("pikett.db*")) == []
        app.storage.engine.dispose()
    assert "no such file" in capsys.readouterr().out


def test_with_a_damaged_database_not_ready(app: Application, client: FlaskClient) -> None:
    app.storage.engine.dispose()
    for file in app.settings.path().glob("pikett.db*"):
        file.write_bytes(b"no database " * 1000)
    assert client.get("/readyz").status_code == 503


def test_a_database_server_that_does_not_answer_is_told_without_its_password(
    data_dir: Path, notebook: Notebook
) -> None:
    url = f"postgresql+psycopg://pikett:{SECRET}@127.0.0.1:{free_port()}/pikett"
    app = quick_application(data_dir, database_url=url, observer=notebook)
    answer = create_app(app).test_client().get("/readyz")
    assert answer.status_code == 503
    assert SECRET not in answer.text


def test_a_database_that_was_not_migrated_is_not_ready(tmp_path: Path) -> None:
    app = quick_application(tmp_path)
    assert create_app(app).test_client().get("/readyz").status_code == 503
    app.storage.engine.dispose()


@pytest.mark.rule("P.14")
def test_a_line_that_cannot_speak_is_not_ready(app: Application) -> None:
    app.sounds.synthesis.engines = Engines.only(SilentSpeaker())
    answer = create_app(app).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "database": True, "sounds": False}


def test_asterisk_can_ask_too(app: Application) -> None:
    assert converse(app, HEALTH) == 'SET VARIABLE PIKETT_HEALTH "ok"\n'


def test_with_the_database_gone_asterisk_is_not_told_that_all_is_well(app: Application) -> None:
    """The variable stays as the dialplan had set it; where to go instead is said."""
    move_database_away(app)
    assert converse(app, HEALTH) == 'SET VARIABLE PIKETT_NEXT "fallback"\n'


# Several processes of several servers -------------------------------------------------------------


@dataclass
class Servers:
    """Two FastAGI servers and the web application, as one machine runs them."""

    agi: list[FastAgiServer]
    address: str

    def metrics(self) -> dict[str, float]:
        text = requests.get(f"{self.address}/metrics", timeout=10).text
        found = re.findall(r"^(pikett_\w+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in found}


@pytest.fixture
def servers(data_dir: Path, tmp_path: Path) -> Iterator[Servers]:
    speak_everything(data_dir)
    (tmp_path / "metrics").mkdir()
    port = free_port()
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}
    with ExitStack() as stack:
        agi = [_fast_agi(stack, data_dir, tmp_path / name, shared) for name in ("a", "b")]
        environment = lab_environment(data_dir) | shared | {"PIKETT_WEB__BIND": f"127.0.0.1:{port}"}
        web = ["-c", "python:webhooks.gunicorn_conf", "webhooks.app:create_app()"]
        command = [sys.executable, "-m", "gunicorn", *web]
        child = Child(command, tmp_path / "web.log", environment, REPOSITORY)
        stack.callback(child.stop)
        wait_until(lambda: is_listening(port), 30, "the web application")
        yield Servers(agi, f"http://127.0.0.1:{port}")


def _fast_agi(
    stack: ExitStack, data_dir: Path, folder: Path, settings: dict[str, str]
) -> FastAgiServer:
    folder.mkdir()
    server = FastAgiServer(data_dir, folder, settings, workers=1)
    stack.callback(server.stop)
    return server.start()


def call(port: int, unique: str) -> None:
    """A call that comes in over Asterisk and is handed over to the dialplan.

    Nothing is ever played to its end here, so the caller is sent to the desk.
    """
    environment = {
        "agi_request": "agi://127.0.0.1/support_line",
        "agi_network_script": "support_line",
        "agi_uniqueid": unique,
        "agi_callerid": "+41440001001",
    }
    with (
        socket.create_connection(("127.0.0.1", port), 10) as connection,
        connection.makefile("rw", encoding="utf-8", newline="\n") as stream,
    ):
        stream.writelines(f"{name}: {value}\n" for name, value in environment.items())
        stream.write("\n")
        stream.flush()
        for _ in stream:
            stream.write("200 result=6 endpos=0\n")
            stream.flush()


def test_the_metrics_add_up_all_processes_and_leave_rehearsals_out(servers: Servers) -> None:
    first, second = servers.agi
    call(first.port, "1.1")
    call(second.port, "2.1")
    call(second.port, "2.2")
    for _ in range(2):
        rehearsed = requests.post(
            f"{servers.address}/phone/calls", json={"from": "+41440001001"}, timeout=10
        )
        assert rehearsed.status_code == 200
    counted = servers.metrics()
    assert counted["pikett_calls_total"] == 3
    assert counted['pikett_agi_conversations_total{script="support_line"}'] == 3
    assert counted['pikett_trouble_total{what="notice_unplayable"}'] == 3
    assert counted['pikett_turns_total{flow="support_line"}'] == 6
    asked_again = [servers.metrics() for _ in range(4)]
    assert all(each == counted for each in asked_again), "whichever process answers"

    second.kill()
    wait_until(
        lambda: servers.metrics().get("pikett_agi_active", 0) == 0, 10, "nobody to be active"
    )
    assert servers.metrics()["pikett_calls_total"] == 3, "a counter never goes back"
