"""Fixtures for all tests, and the rule about parts that a machine may lack."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language
from ivr.cli.common import application
from ivr.settings import Settings
from ivr.storage import migrate
from ivr.storage.demo import load_demo
from tests.fakes import CountedIds, FrozenClock, Notebook, QuickSpeaker
from tests.wiring import demo_document, quick_application

REQUIRED = os.environ.get("PIKETT_TEST_REQUIRE") == "all"


# Where everything is required the same examples are tried in every run; elsewhere new ones are sought.
hypothesis.settings.register_profile("required", derandomize=True)
if REQUIRED:
    hypothesis.settings.load_profile("required")


def pytest_configure(config: pytest.Config) -> None:
    for name in ("alertmanager", "asterisk", "chromium", "postgresql"):
        config.addinivalue_line("markers", f"{name}: needs a real {name}")
    config.addinivalue_line("markers", "rule(*names): the rules of docs/rules.md that this shows")
    config.addinivalue_line("markers", "slow: takes long; not part of `make test-fast`")
    plainly = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[structlog.processors.add_log_level, plainly])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Where everything is required, a skip is a failure: nothing may hide."""
    report = yield
    if REQUIRED and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped although everything is required: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests set what they need: nothing of the developer's own settings, nor an earlier test's."""
    application.cache_clear()
    for name in list(os.environ):
        if name.startswith("PIKETT_") and not name.startswith("PIKETT_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database with the demo data, copied by each test that needs one."""
    folder = tmp_path_factory.mktemp("demo")
    app = quick_application(folder)
    migrate.upgrade(app.storage.engine)
    load_demo(app.storage.engine, demo_document(), app.pins)
    app.storage.engine.dispose()
    return folder


@pytest.fixture
def data_dir(demo_database: Path, tmp_path: Path) -> Path:
    """A data folder of its own with the demo data in it."""
    folder = tmp_path / "data"
    shutil.copytree(demo_database, folder)
    return folder


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def app(data_dir: Path, clock: FrozenClock, notebook: Notebook) -> Iterator[Application]:
    """The wired application on SQLite with demo data, frozen time and counted ids."""
    application = quick_application(data_dir, clock=clock, ids=CountedIds(), observer=notebook)
    yield application
    application.storage.engine.dispose()


@pytest.fixture
def settings(app: Application) -> Settings:
    return app.settings


@pytest.fixture
def speaker(app: Application) -> QuickSpeaker:
    found = app.sounds.synthesis.engines.best(Language.DE)
    assert isinstance(found, QuickSpeaker)
    return found
