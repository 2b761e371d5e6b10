"""Stages for tests with real parts; without the parts the tests are listed as not run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REQUIRED
from tests.lab import parts
from tests.lab.processes import Child, end_started_since
from tests.lab.stage import Stage, open_stage


def need(missing: list[str]) -> None:
    """Not run without these parts; a failure where everything is required."""
    if missing and REQUIRED:
        pytest.fail(f"required and missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not run: needs {', '.join(missing)}")


@pytest.fixture(autouse=True)
def _nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Telephones of a failed test must not answer the next test's calls."""
    for name in ("stage", "together_stage"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
    count = len(Child.living)
    yield
    end_started_since(count)


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
