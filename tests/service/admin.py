"""The command `pikett` for administrators, on a data folder of the test's own."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.cli.common import application
from tests.lab.servers import REPOSITORY
from tests.service.captured_logs import captured_logs
from tests.service.terminal import Ended, Pikett

LOG_LEVEL = "error"


@pytest.fixture
def admin(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Pikett]:
    """The command as the console script runs it."""
    monkeypatch.setenv("PIKETT_DATA_DIR", str(data_dir))
    monkeypatch.setenv("PIKETT_CONFIG", str(REPOSITORY / "config" / "pikett.toml"))

    def run(*arguments: str, typed: str = "") -> Ended:
        monkeypatch.setattr("sys.argv", ["pikett", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with captured_logs() as logs, pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err + logs.getvalue())

    yield run
    with captured_logs():
        application(LOG_LEVEL).storage.engine.dispose()
    application.cache_clear()
