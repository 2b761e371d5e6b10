"""The database: SQLite on one machine, PostgreSQL on several.

SQLite runs in WAL mode with `synchronous=FULL`, since an order must survive a power cut, and every
transaction that may write takes the write lock at its start, so that no reader is refused half-way.
A write transaction is never held across anything slow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite writer waits for another one before the caller hears an apology."""


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for `url`, with the pragmas and locking this application relies on."""
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url, pool_size)
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
    )


def _open_sqlite(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=pool_size, pool_timeout=10, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("read_only"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; committed at the end, rolled back on any error."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for reading only, which takes no write lock."""
    with engine.connect().execution_options(read_only=True) as connection:
        yield connection
