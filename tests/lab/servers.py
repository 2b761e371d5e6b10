"""Our own servers for the lab, started as an installation starts them."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.lab.processes import Child, free_port, is_listening, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 30


class FastAgiServer:
    """gunicorn with our worker class, on a port of its own."""

    def __init__(
        self, data_dir: Path, folder: Path, settings: Mapping[str, str], workers: int = 2
    ) -> None:
        self.port = free_port()
        self._folder = folder
        self._environment = lab_environment(data_dir) | {
            "PIKETT_FASTAGI__BIND": f"127.0.0.1:{self.port}",
            "PIKETT_FASTAGI__WORKERS": str(workers),
            **settings,
        }
        self.child: Child | None = None

    def start(self) -> "FastAgiServer":
        self.child = Child(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                "python:agi_scripts.gunicorn_conf",
                "agi_scripts.app:create_app()",
            ],
            self._folder / "fastagi.log",
            self._environment,
            REPOSITORY,
        )
        wait_until(lambda: is_listening(self.port), START_SECONDS, "the FastAGI server")
        return self

    def kill(self) -> None:
        """kill -9 of the master and all workers."""
        assert self.child is not None
        self.child.kill_all()

    def kill_workers(self) -> None:
        """kill -9 of the workers; the master starts new ones."""
        assert self.child is not None
        for pid in self.child.children():
            os.kill(pid, signal.SIGKILL)

    def reload(self) -> None:
        """What `systemctl reload` does."""
        assert self.child is not None
        self.child.signal(signal.SIGHUP)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(5)

    def log(self) -> str:
        return (self._folder / "fastagi.log").read_text(errors="replace")


class Worker:
    """`pikett worker`."""

    def __init__(self, data_dir: Path, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = lab_environment(data_dir) | dict(settings)
        self.child: Child | None = None

    def start(self) -> "Worker":
        command = [sys.executable, "-m", "ivr", "worker"]
        self.child = Child(command, self._folder / "worker.log", self._environment, REPOSITORY)
        return self

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(10)


def lab_environment(data_dir: Path) -> dict[str, str]:
    """Settings of the demonstration; nothing of the developer's own."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PIKETT_")}
    return kept | {
        "PIKETT_DATA_DIR": str(data_dir),
        "PIKETT_CONFIG": str(REPOSITORY / "config" / "pikett.toml"),
        "PYTHONUNBUFFERED": "1",
    }
