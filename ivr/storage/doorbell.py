"""Waking a worker at once, instead of letting it find out by itself half a second later.

On SQLite everybody is on one machine: a datagram to a socket in the data folder, sent after the
commit. On PostgreSQL the database tells it with the commit. Nobody relies on either: who does not
hear the bell looks by himself.
"""

import contextlib
import select
import socket
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

CHANNEL = "pikett_timers"


class Doorbell(Protocol):
    """Rung by whoever scheduled something."""

    def before_commit(self, connection: Connection) -> None: ...

    def after_commit(self) -> None: ...


class DatagramBell:
    """A socket in the data folder."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def before_commit(self, connection: Connection) -> None:
        """Too early: nobody could see it yet."""

    def after_commit(self) -> None:
        """Sent and forgotten."""
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell,
        ):
            bell.setblocking(False)
            bell.sendto(b"1", self._path)


class NotifyBell:
    """PostgreSQL's own: heard by all workers, after the commit and only then."""

    def before_commit(self, connection: Connection) -> None:
        """In the transaction."""
        connection.execute(sa.text(f"NOTIFY {CHANNEL}"))

    def after_commit(self) -> None:
        """It was told already."""


class DatagramEar:
    """The worker's end of the socket."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)

    def wait(self, seconds: float) -> None:
        """Until it rings, or so long."""
        if select.select([self._socket], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                while True:
                    self._socket.recv(16)

    def close(self) -> None:
        """Nobody hears any more."""
        self._socket.close()


class NotifyEar:
    """A connection of its own that listens; it is opened again where it was lost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None

    def wait(self, seconds: float) -> None:
        """Until it rings, or so long; raises OSError or the driver's error while nobody answers."""
        try:
            if self._connection is None:
                self._connection = self._listen()
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                return
        except Exception:
            self.close()
            raise

    def _listen(self) -> Any:
        raw = self._engine.raw_connection()
        connection: Any = raw.driver_connection
        raw.detach()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        return connection

    def close(self) -> None:
        """Nobody hears any more."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
            self._connection = None
