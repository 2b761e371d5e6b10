"""One of several workers does what must be done once: an advisory lock that ends with its process.

On SQLite there is one worker anyway.
"""

import contextlib
from typing import Any

from sqlalchemy import Engine

KEY = 0x50494B57


class Leadership:
    """Asked before each round; the holder keeps it until its connection is gone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None

    def is_ours(self) -> bool:
        """Whether this process has it, or gets it now; raises what the database raises."""
        if self._engine.dialect.name != "postgresql":
            return True
        if self._connection is not None and self._is_alive():
            return True
        return self._try()

    def _is_alive(self) -> bool:
        try:
            self._connection.execute("SELECT 1")
        except Exception:  # noqa: BLE001 - whatever it is, the lock went with the connection
            self.give_up()
            return False
        return True

    def _try(self) -> bool:
        raw = self._engine.raw_connection()
        connection: Any = raw.driver_connection
        raw.detach()
        connection.autocommit = True
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (KEY,)).fetchone()
        if row[0]:
            self._connection = connection
            return True
        connection.close()
        return False

    def give_up(self) -> None:
        """Somebody else may have it."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
            self._connection = None
