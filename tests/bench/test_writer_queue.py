"""What the benchmarks found: SQLite's waiting writers ask again and again, and some never get in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import SQLAlchemyError

from ivr.bootstrap import Application
from ivr.storage import unit_of_work


@contextmanager
def _somebody_writes(app: Application) -> Iterator[None]:
    begun, over = threading.Event(), threading.Event()

    def write() -> None:
        with app.storage.writing():
            begun.set()
            over.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(10)
    try:
        yield
    finally:
        over.set()
        writer.join(10)


def test_a_waiting_writer_takes_no_connection_and_comes_next(app: Application) -> None:
    written = threading.Event()

    def write() -> None:
        with app.storage.writing():
            written.set()

    waiting = threading.Thread(target=write)
    with _somebody_writes(app):
        waiting.start()
        assert not written.wait(0.3)
        assert app.storage.engine.pool.checkedout() == 1
    waiting.join(10)
    assert written.is_set()


def test_nobody_waits_for_ever(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_of_work, "PATIENCE_SECONDS", 0.05)
    with _somebody_writes(app), pytest.raises(SQLAlchemyError), app.storage.writing():
        raise AssertionError("two writers at once")


def test_a_failed_writer_lets_the_next_one_in(app: Application) -> None:
    with pytest.raises(ZeroDivisionError), app.storage.writing():
        raise ZeroDivisionError
    with app.storage.writing() as uow:
        assert uow.calls.find_id("asterisk", "nobody") is None
