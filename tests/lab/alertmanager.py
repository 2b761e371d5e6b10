"""Debian's Alertmanager, with one receiver: our web application."""

import sys
from pathlib import Path
from typing import Any

import requests

from tests.lab.parts import ALERTMANAGER
from tests.lab.processes import Child, free_port, is_listening, wait_until
from tests.lab.servers import REPOSITORY, lab_environment

START_SECONDS = 30
CONFIGURATION = """
route:
  receiver: pikett
  group_by: [job]
  group_wait: 200ms
  group_interval: 1s
  repeat_interval: 2s
receivers:
  - name: pikett
    webhook_configs:
      - url: http://127.0.0.1:{port}/alerts/{source}
        send_resolved: true
        max_alerts: {max_alerts}
        http_config:
          authorization:
            type: Bearer
            credentials_file: {key_file}
"""


class WebServer:
    """gunicorn with our web application, on a port of its own, with an access log."""

    def __init__(self, data_dir: Path, folder: Path) -> None:
        self.port = free_port()
        self.access_log = folder / "access.log"
        environment = lab_environment(data_dir) | {
            "PIKETT_WEB__BIND": f"127.0.0.1:{self.port}",
            "PIKETT_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "python:webhooks.gunicorn_conf"]
        command += ["--access-logfile", str(self.access_log), "webhooks.app:create_app()"]
        self.child = Child(command, folder / "web.log", environment, REPOSITORY)
        wait_until(lambda: is_listening(self.port), START_SECONDS, "the web application")

    def stop(self) -> None:
        self.child.stop(10)


class Alertmanager:
    """Started on a folder of its own, alone in its cluster."""

    def __init__(self, folder: Path, port: int, source: str, key: str, max_alerts: int = 0) -> None:
        self.port = free_port()
        key_file = folder / "pikett.key"
        key_file.write_text(key)
        configuration = folder / "alertmanager.yml"
        configuration.write_text(
            CONFIGURATION.format(port=port, source=source, key_file=key_file, max_alerts=max_alerts)
        )
        command = [
            ALERTMANAGER.program,
            f"--config.file={configuration}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--storage.path={folder / 'alertmanager'}",
            "--cluster.listen-address=",
        ]
        self.child = Child(command, folder / "alertmanager.log")
        wait_until(lambda: is_listening(self.port), START_SECONDS, "Alertmanager")

    def post(self, alerts: list[dict[str, Any]]) -> None:
        """By its API, as Prometheus does."""
        address = f"http://127.0.0.1:{self.port}/api/v2/alerts"
        requests.post(address, json=alerts, timeout=20).raise_for_status()

    def log(self) -> str:
        return self.child.log.read_text(errors="replace")

    def stop(self) -> None:
        self.child.stop(10)
