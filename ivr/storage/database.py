"""The database: SQLite on one machine, PostgreSQL on several.

SQLite runs in WAL mode with `synchronous=FULL`, since an order must survive a power cut, and every
transaction that may write takes the write lock at its start, so that no reader is refused half-way.
A write transaction is never held across anything slow. A file that is not there is not made by looking
at it: an empty one would hide that a disk was not mounted. Only `pikett migrate` makes it.

Nobody waits long for a database that does not answer: the caller hears an apology and the desk rings.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

MAPPED_BYTES = 256 * 1024 * 1024
"""How much of a SQLite database is read without asking the kernel for each page."""
PATIENCE_SECONDS = 5
"""How long to wait for a connection, and again for a lock, before the caller hears an apology."""


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for `url`, with the pragmas and locking this application relies on."""
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url, pool_size)
    return _open_postgresql(url, pool_size)


def _open_postgresql(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=PATIENCE_SECONDS,
        hide_parameters=True,
        connect_args={
            "connect_timeout": PATIENCE_SECONDS,
            "tcp_user_timeout": PATIENCE_SECONDS * 1000,
        },
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        """A process that stands still must not keep everybody else waiting either."""
        cursor = connection.cursor()
        for setting in ("lock_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SET {setting} = '{PATIENCE_SECONDS}s'")
        cursor.close()
        connection.commit()

    return engine


def _open_sqlite(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=PATIENCE_SECONDS,
        hide_parameters=True,
    )
    _open_only_what_is_there(engine)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={int(PATIENCE_SECONDS * 1000)}",
            "journal_mode=WAL",
            f"mmap_size={MAPPED_BYTES}",
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


def _open_only_what_is_there(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def existing(_dialect: Any, _record: Any, given: list[Any], options: dict[str, Any]) -> None:
        if (path := file_of(engine)) is not None:
            given[0] = f"file:{quote(str(path.absolute()))}?mode=rw"
            options["uri"] = True


def file_of(engine: Engine) -> Path | None:
    """Where a SQLite database lies; None for one that is in no file of ours."""
    name = engine.url.database
    is_file = engine.dialect.name == "sqlite" and name and not name.startswith((":", "file:"))
    return Path(str(name)) if is_file else None


def is_missing(engine: Engine) -> bool:
    """The file of a SQLite database is not there, whatever connections to it are still open."""
    path = file_of(engine)
    return path is not None and not path.exists()


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
