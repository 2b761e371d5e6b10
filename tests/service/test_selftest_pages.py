"""What people see and type of the line's trials: the page "readiness", and two commands."""

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from markupsafe import escape

from ivr.bootstrap import Application
from ivr.cli import cli
from ivr.cli.common import application
from ivr.services.reports import DialReport, DialStatus
from ivr.services.selftest_store import RunState, SelftestRun
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.service.conftest import Telephone
from tests.service.console import logged_in
from tests.service.escalating import NotingTelephone
from tests.service.terminal import Pikett, pikett, spoken_data_dir
from tests.service.trying import SELFTEST, trial_application, work

__all__ = ["pikett", "spoken_data_dir"]


@pytest.fixture
def trial(
    data_dir: Path, clock: FrozenClock, notebook: Notebook
) -> Iterator[tuple[Application, NotingTelephone]]:
    app, telephone = trial_application(data_dir, clock=clock, ids=CountedIds(), observer=notebook)
    yield app, telephone
    app.storage.engine.dispose()


def page(app: Application) -> str:
    answer = logged_in(app, "lead").get("/console/readiness")
    assert answer.status_code == 200
    return answer.text


def test_the_page_shows_who_is_ready_and_every_step(
    trial: tuple[Application, NotingTelephone], clock: FrozenClock
) -> None:
    app, _ = trial
    text = page(app)
    assert "Anna Meier" in text
    assert "Noch kein Selbsttest." in text
    check_id = app.readiness_watch.check("Anna Meier", clock.now())
    work(app, clock)
    assert "läuft" in page(app)
    app.calls.begin_page(check_id, clock.now())
    app.calls.hang_up(check_id, clock.now())
    app.selftest.plan(None, clock.now())
    work(app, clock, 130)
    text = page(app)
    for words in (
        "keine Taste",
        "nicht bereit",
        "fehlgeschlagen",
        "not in time",
        "Testtelefon läutet",
    ):
        assert str(escape(words)) in text
    assert SELFTEST["caller"] not in text, "no number stands on it"


def test_who_could_not_be_rung_is_said_with_what_to_do(
    trial: tuple[Application, NotingTelephone], clock: FrozenClock
) -> None:
    app, _ = trial
    assert "Letzter Anruf" in page(app)
    assert "Rufen Sie die Nummer selbst an" not in page(app)
    phone = Telephone(app, "real", clock.now())
    ringing = phone.ring()
    lost = DialReport(phone.at, DialStatus.FAILED, 0)
    phone.hang_up(app.calls.report(ringing.leg_id, ringing.turn, lost))
    clock.at = phone.at
    text = page(app)
    assert "Anna Meier: Beim letzten Anruf war ein Telefon nicht erreichbar" in text
    assert "Rufen Sie die Nummer selbst an" in text


def test_the_page_in_every_language(
    trial: tuple[Application, NotingTelephone], clock: FrozenClock
) -> None:
    app, _ = trial
    titles = set()
    for language in ("de", "fr", "it", "en"):
        with app.storage.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE person SET language = ?", (language,))
        titles.add(page(app).split("<title>")[1].split("</title>")[0])
    assert len(titles) == 4


def test_an_empty_roster_is_no_error(
    trial: tuple[Application, NotingTelephone], clock: FrozenClock
) -> None:
    app, _ = trial
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM roster_entry")
    assert "Bereitschaft" in page(app)
    assert app.readiness_board.rows(clock.now()) == []


# Commands -------------------------------------------------------------------------------------------


@pytest.fixture
def typed(
    pikett: Pikett, spoken_data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pikett]:
    """On a data folder of its own, with a telephone that is never reached."""
    folder = tmp_path / "data"
    shutil.copytree(spoken_data_dir, folder)
    monkeypatch.setenv("PIKETT_DATA_DIR", str(folder))
    monkeypatch.setenv("PIKETT_PAGING__TELEPHONES", '["asterisk"]')
    monkeypatch.setenv("PIKETT_PAGING__ASTERISK__SECRET", "secret")
    for name, value in SELFTEST.items():
        monkeypatch.setenv(f"PIKETT_SELFTEST__{name.upper()}", value)
    yield pikett
    application("error").storage.engine.dispose()


def test_a_run_is_planned_and_shown(typed: Pikett) -> None:
    assert "1 planned" in typed("selftest", "run", "--no-wait").out
    shown = typed("selftest", "show").out
    assert "asterisk planned" in shown
    assert "answered: -" in shown


def test_the_result_is_waited_for_and_a_failure_ends_with_1(
    typed: Pikett, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worked(_: float) -> None:
        app = application("error")
        with app.storage.writing() as uow:
            (run,) = [each for each in uow.selftests.latest(5) if each.state is RunState.PLANNED]
            uow.selftests.change(
                run.id, state=RunState.FAILED, step="arrived", reason="not in time"
            )

    clock = SimpleNamespace(sleep=worked, monotonic=time.monotonic)
    monkeypatch.setattr(sys.modules["ivr.cli.selftest"], "time", clock)
    ended = typed("selftest", "run", "--back-end", "asterisk")
    assert (ended.code, "failed: arrived is missing, not in time" in ended.out) == (1, True)


def test_a_telephone_that_is_not_set_up_is_refused(typed: Pikett) -> None:
    ended = typed("selftest", "run", "--back-end", "twilio")
    assert ended.code == 2
    assert "twilio" in ended.err


def test_a_technician_is_tried_by_hand(typed: Pikett) -> None:
    assert "Anna Meier: intended" in typed("technician", "check", "Anna Meier", "--no-wait").out
    ended = typed("technician", "check", "Nobody")
    assert (ended.code, "Nobody" in ended.err) == (2, True)


@pytest.mark.parametrize("command", ["selftest", "selftest run", "selftest show"])
def test_each_command_shows_an_example(command: str) -> None:
    shown = CliRunner().invoke(cli, [*command.split(), "--help"])
    assert "Example" in shown.output


def test_a_run_says_which_step_is_missing_first(clock: FrozenClock) -> None:
    run = SelftestRun("a", "asterisk", RunState.RUNNING, clock.now(), placed_at=clock.now())
    assert run.missing == "arrived"
