"""Debian's real Alertmanager sends to our real web application; the key is in a header."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.alerts.event import SourceKind
from ivr.bootstrap import Application
from tests.lab import parts
from tests.lab.alertmanager import Alertmanager, WebServer
from tests.lab.processes import wait_until
from tests.real.conftest import need
from tests.service.monitored import alerts_in, escalations, open_cases, tickets
from tests.wiring import quick_application

pytestmark = pytest.mark.alertmanager
SECONDS = 30
MANY = 2000


@pytest.fixture(autouse=True)
def _parts() -> None:
    need([part.name for part in (parts.ALERTMANAGER,) if part.path is None])


@pytest.fixture
def line(demo_database: Path, tmp_path: Path) -> Iterator[Application]:
    folder = tmp_path / "data"
    shutil.copytree(demo_database, folder)
    app = quick_application(folder)
    yield app
    app.storage.engine.dispose()


@pytest.fixture
def web(line: Application, tmp_path: Path) -> Iterator[WebServer]:
    server = WebServer(line.settings.data_dir, tmp_path)
    yield server
    server.stop()


@pytest.fixture
def key(line: Application) -> str:
    return line.alert_sources.add("prometheus", SourceKind.ALERTMANAGER, line.clock.now())


@pytest.fixture
def sender(web: WebServer, key: str, tmp_path: Path) -> Iterator[Alertmanager]:
    started = Alertmanager(tmp_path, web.port, "prometheus", key)
    yield started
    started.stop()


def alert(number: int, **more: str) -> dict[str, Any]:
    labels = {"alertname": "Down", "job": "probe", "instance": f"host{number}"}
    return {
        "labels": labels | {"severity": "critical"} | more,
        "annotations": {"summary": f"host{number} is down"},
        "startsAt": now().isoformat(),
        "endsAt": (now() + timedelta(hours=1)).isoformat(),
    }


def now() -> datetime:
    return datetime.now(UTC)


def over(alert: dict[str, Any]) -> dict[str, Any]:
    return alert | {"endsAt": now().isoformat()}


def test_an_alert_opens_a_case_and_its_end_stops_the_calls(
    line: Application, sender: Alertmanager, web: WebServer, key: str
) -> None:
    fired = alert(1, spof="true")
    sender.post([fired])
    wait_until(lambda: escalations(line) == ["open"], SECONDS, "the case")
    assert open_cases(line) == [("host1 is down", 1)]
    assert [kind for kind, _ in tickets(line)] == ["monitoring"]
    wait_until(lambda: alerts_in(line)[0][1] > 1, SECONDS, "the repetition")
    assert len(tickets(line)) == 1
    sender.post([over(fired)])
    wait_until(lambda: escalations(line) == ["closed"], SECONDS, "the end")
    assert open_cases(line) == []
    assert key not in web.access_log.read_text()
    assert "POST /alerts/prometheus" in web.access_log.read_text()


@pytest.mark.rule("P.16")
def test_a_storm_is_one_case(line: Application, sender: Alertmanager) -> None:
    sender.post([alert(each) for each in range(MANY)])
    wait_until(lambda: len(alerts_in(line)) == MANY, SECONDS, "the storm")
    wait_until(lambda: [count for _, count in open_cases(line)] == [MANY], SECONDS, "the case")
    assert escalations(line).count("open") == 1


def test_amtool_fires_too(line: Application, sender: Alertmanager) -> None:
    """As an operator tries it out."""
    command = ["amtool", f"--alertmanager.url=http://127.0.0.1:{sender.port}", "alert", "add"]
    subprocess.run(
        [*command, "alertname=Try", "severity=info", "--annotation=summary=A try"],
        check=True,
        timeout=20,
        capture_output=True,
    )
    wait_until(lambda: len(alerts_in(line)) == 1, SECONDS, "the alert")
    assert open_cases(line) == [("A try", 1)]
    assert escalations(line) == []


def test_with_a_wrong_key_nothing_comes_in_and_it_says_so(
    line: Application, web: WebServer, key: str, tmp_path: Path
) -> None:
    sender = Alertmanager(tmp_path, web.port, "prometheus", f"{key}x")
    try:
        sender.post([alert(1)])
        wait_until(lambda: "401" in sender.log(), SECONDS, "the refusal")
    finally:
        sender.stop()
    assert alerts_in(line) == []


def test_what_it_leaves_out_is_counted(
    line: Application, web: WebServer, key: str, tmp_path: Path
) -> None:
    """The setting `max_alerts`; the log of the web application says how many."""
    sender = Alertmanager(tmp_path, web.port, "prometheus", key, max_alerts=5)
    try:
        sender.post([alert(each) for each in range(8)])
        wait_until(lambda: len(alerts_in(line)) >= 5, SECONDS, "the alerts")
        log = tmp_path / "web.log"
        wait_until(lambda: "alerts_truncated" in log.read_text(), SECONDS, "the trouble")
    finally:
        sender.stop()
