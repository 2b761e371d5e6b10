"""Two transactions that wait for each other: one gives way and can be done again."""

import pytest
from sqlalchemy import text

from ivr.bootstrap import Application
from ivr.errors import WriteConflictError
from ivr.services.reports import DialStatus
from ivr.services.timers import DueTimer, Queue, Timekeeper
from tests.fakes import FrozenClock, Notebook
from tests.service.conftest import POSTGRESQL
from tests.service.crew import crew


@pytest.fixture(params=[POSTGRESQL])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def touch(app: Application, *names: str) -> bool:
    """Change technicians in this order, slowly; False if this one had to give way."""
    try:
        with app.storage.writing() as uow:
            for name in names:
                uow.connection.execute(
                    text("update technician set language = language where name = :name"),
                    {"name": name},
                )
                uow.connection.execute(text("select pg_sleep(0.5)"))
    except WriteConflictError:
        return False
    return True


def test_one_of_two_gives_way_and_says_so(line: Application) -> None:
    names = ("Anna Meier", "Luca Bernasconi")
    with crew(2) as together:
        done = together([lambda: touch(line, *names), lambda: touch(line, *reversed(names))])
    assert sorted(done) == [False, True]


def test_the_end_of_a_page_is_told_again_where_it_had_to_give_way(
    line: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def once(page_id: str, status: DialStatus, at: object) -> None:
        told.append(page_id)
        if len(told) == 1:
            raise WriteConflictError("gave way")

    monkeypatch.setattr(line.paging, "_ended", once)
    line.paging.ended("page", DialStatus.BUSY, line.clock.now())
    assert told == ["page", "page"]


def test_a_job_that_gave_way_goes_on_in_a_moment_and_is_no_trouble(line: Application) -> None:
    tries: list[str] = []

    def job(timer: DueTimer, _now: object) -> None:
        tries.append(timer.subject)
        if len(tries) < 3:
            raise WriteConflictError("gave way")
        with line.storage.writing() as uow:
            uow.timers.done(timer)

    clock, notebook = line.clock, line.observer
    assert isinstance(clock, FrozenClock)
    assert isinstance(notebook, Notebook)
    keeper = Timekeeper(line.storage, clock, notebook, {"try": job})
    with line.storage.writing() as uow:
        uow.timers.schedule("try:1", "try", clock.now(), "1")
    for _ in range(3):
        keeper.run_due(Queue.CALLS)
        clock.advance(0.3)
    assert tries == ["1", "1", "1"]
    assert notebook.troubles == []
    assert keeper.seconds_to_next(Queue.CALLS) is None
