"""Stages for tests with real parts; without the parts the tests are listed as not run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REQUIRED
from tests.lab import parts
from tests.lab.sipp import hang_up_all
from tests.lab.stage import Stage, open_stage


def need(missing: list[str]) -> None:
    """Not run without these parts; a failure where everything is required."""
    if missing and REQUIRED:
        pytest.fail(f"required and missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not run: needs {', '.join(missing)}")


@pytest.fixture(autouse=True)
def _nothing_left_ringing() -> Iterator[None]:
    yield
    hang_up_all()


@pytest.fixture(scope="session")
def asterisk_parts() -> None:
    missing = [part.name for part in (parts.SIPP,) if part.path is None]
    need(missing + ([] if parts.has_asterisk() else ["Asterisk"]))


@pytest.fixture(scope="session")
def stage(
    asterisk_parts: None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """PBX and servers for calls one after the other."""
    stage = open_stage(tmp_path_factory.mktemp("stage"), demo_database)
    print(f"\nreal calls on {stage.asterisk.version}")
    yield stage
    stage.stop()
