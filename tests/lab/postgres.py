"""A real PostgreSQL of our own: made in a temporary folder, reached over its Unix socket only."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.lab.parts import POSTGRESQL
from tests.lab.processes import Child, wait_until

DEBIAN = Path("/usr/lib/postgresql")
OLDEST = 15
SYSTEM_USERS = ("postgres", "nobody")
START_SECONDS = 30
STOP_SECONDS = 15
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "max_connections": "120",
    # Far from UTC and from Zurich: an instant that comes back wrong is seen.
    "timezone": "America/St_Johns",
}


def missing_parts() -> list[str]:
    """Names of what is not here; empty where a cluster can be started."""
    lacking = [] if binaries() is not None else [POSTGRESQL.name]
    return lacking + ([] if find_spec("psycopg") else ["psycopg"])


def binaries() -> Path | None:
    """The folder of the newest server that is new enough."""
    versions = [int(path.name) for path in DEBIAN.glob("*") if path.name.isdigit()]
    folders = [DEBIAN / str(version) / "bin" for version in sorted(versions, reverse=True)]
    fit = [path for path in folders if (path / "initdb").exists() and _version(path) >= OLDEST]
    return fit[0] if fit else None


def _version(folder: Path) -> int:
    return int(folder.parent.name)


class PostgresCluster:
    """Started by `with`; `crash` and `start` again for tests of a database that is gone."""

    def __init__(self) -> None:
        found = binaries()
        assert found is not None
        self._binaries = found
        self._user = _server_user()
        self._folder = Path(tempfile.mkdtemp(prefix="pikett-postgres-"))
        self._child: Child | None = None

    def __enter__(self) -> "PostgresCluster":
        try:
            self._initialise()
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    def url(self, name: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://pikett@/{name}?host={self._folder}"

    def create_database(self, name: str, template: str = "template0") -> str:
        """A new database; returns its address."""
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def start(self) -> None:
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = ["postgres", "-D", self._data, "-k", str(self._folder), *options]
        self._child = Child(self._as_user(*command), self._folder / "log", cwd=self._folder)
        wait_until(self._answers, START_SECONDS, "PostgreSQL")

    def crash(self) -> None:
        """Gone at once, its connections with it; `start` recovers."""
        self._end(signal.SIGQUIT)

    def remove(self) -> None:
        self._end(signal.SIGINT)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _initialise(self) -> None:
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        command = ["initdb", "-D", self._data, "--username=pikett", "--auth=trust", "--no-sync"]
        done = subprocess.run(
            self._as_user(*command, "--encoding=UTF8", "--locale=C.UTF-8"),
            cwd=self._folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _as_user(self, program: str, *arguments: str) -> list[str]:
        """The server refuses to run as root; it ends if this process dies without a word."""
        command = ["setpriv", "--pdeathsig", "INT"]
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            ids = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}")
            command += [*ids, "--clear-groups"]
        return [*command, str(self._binaries / program), *arguments]

    def _answers(self) -> bool:
        assert self._child is not None
        assert self._child.poll() is None, self._child.output()
        try:
            self._execute("SELECT 1")
        except OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        engine = create_engine(self.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))

    def _end(self, number: signal.Signals) -> None:
        if self._child is None:
            return
        self._child.signal(number)
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill_all()
        self._child = None


def _server_user() -> str | None:
    """Who runs the server where we are root; None where we are somebody ourselves."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name for account in pwd.getpwall()}
    return next(name for name in SYSTEM_USERS if name in known)
