"""The command `pikett` as the console script runs it, on a data folder that has all its sounds."""

import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ivr.cli import main
from ivr.cli.common import application
from tests.lab.servers import REPOSITORY
from tests.service.captured_logs import captured_logs
from tests.service.spoken import speak_everything

PREMIUM, PRO = "+41 44 000 10 01", "+41 44 000 10 09"
AT = "2026-11-23T10:00"
LOG_LEVELS = ("critical", "error")
ACCEPTED = ("--from", PREMIUM, "--at", AT, "--keys", "1 - dial:accept")


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Pikett = Callable[..., Ended]


@pytest.fixture(scope="module")
def spoken_data_dir(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("call") / "data"
    shutil.copytree(demo_database, folder)
    speak_everything(folder)
    return folder


@pytest.fixture
def pikett(
    spoken_data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Pikett]:
    """The command as the console script runs it, `typed` on its standard input."""
    monkeypatch.setenv("PIKETT_DATA_DIR", str(spoken_data_dir))
    monkeypatch.setenv("PIKETT_CONFIG", str(REPOSITORY / "config" / "pikett.toml"))

    def run(*arguments: str, typed: str = "") -> Ended:
        monkeypatch.setattr("sys.argv", ["pikett", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with captured_logs(), pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    yield run
    with captured_logs():
        for level in LOG_LEVELS:
            application(level).storage.engine.dispose()
    application.cache_clear()
