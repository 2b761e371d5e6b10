"""`python -m tests.lab.dying_worker TELEPHONE OWN`: the real worker, forked anew whenever it was killed.

Both are folders. Calls are lines of a file, written for good before anything
else happens; where a file `token` lies there, the worker that places the next call takes it and dies
by kill -9 of its own hand: after the effect, before it is recorded. Nothing of this is in the product.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from ivr.bootstrap import Application
from ivr.bootstrap_work import WorkParts
from ivr.cli import cli
from ivr.services import paging, timers
from ivr.services.outbound import OutboundCall
from ivr.services.timers import DueTimer

CLAIM_VARIABLE = "PIKETT_TEST_CLAIM_SECONDS"
NOTE = "note"
"""A job of the bench: it writes down how late it is."""


@dataclass(frozen=True)
class Placed:
    """A line of the file: this call was placed by this process at this time."""

    call_id: str
    number: str
    at: float
    pid: int
    dies: bool


class FolderTelephone:
    """Remembers in a folder what rings, whoever lives or dies."""

    name = "asterisk"

    def __init__(self, folder: Path) -> None:
        self._lines = folder / "placed"
        self._token = folder / "token"
        self._up = folder / "up"
        self._up.mkdir(parents=True, exist_ok=True)

    def place(self, call: OutboundCall) -> str:
        dies = self._takes_token()
        (self._up / call.id).touch()
        self._append(Placed(call.id, call.number, time.time(), os.getpid(), dies))
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return f"sid-{call.id}"

    def is_up(self, call_id: str, provider_id: str | None) -> bool | None:
        """Every third call is one nobody can tell anything of."""
        if int(call_id, 16) % 3 == 0:
            return None
        return (self._up / call_id).exists()

    def hang_up(self, call_id: str, provider_id: str | None) -> None:
        (self._up / call_id).unlink(missing_ok=True)

    def read(self, offset: int) -> tuple[list[Placed], int]:
        """What was placed since, and how far that is."""
        text = self._lines.read_bytes()[offset:] if self._lines.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        lines = [Placed(**json.loads(line)) for line in whole.splitlines()]
        return lines, offset + len(whole)

    def lay_token(self) -> None:
        """Whoever places the next call dies of it."""
        self._token.touch()

    @property
    def has_token(self) -> bool:
        return self._token.exists()

    def lags(self) -> list[float]:
        """Of the bench's timers, in seconds."""
        path = self._lines.with_name("lags")
        return [float(line) for line in path.read_text().split()] if path.exists() else []

    def ringing(self) -> set[str]:
        return {path.name for path in self._up.iterdir()}

    def _takes_token(self) -> bool:
        try:
            self._token.unlink()
        except FileNotFoundError:
            return False
        return True

    def _append(self, placed: Placed) -> None:
        with self._lines.open("ab", buffering=0) as file:
            file.write(json.dumps(asdict(placed)).encode() + b"\n")
            os.fsync(file.fileno())


def main(telephone: Path, own: Path) -> None:
    """Start it, and start it again where it was killed; ends when it ends by itself."""
    Application.telephones = (FolderTelephone(telephone),)  # type: ignore[assignment,misc]
    known = WorkParts.jobs.func
    lags = telephone / "lags"
    Application.jobs = property(  # type: ignore[assignment,misc]
        lambda app: {**known(app), NOTE: partial(_note, lags, app)}
    )
    if CLAIM_VARIABLE in os.environ:
        timers.CLAIM = paging.CLAIM = timedelta(seconds=float(os.environ[CLAIM_VARIABLE]))
    for pid in _workers():
        (own / "pid").write_text(str(pid))
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))
        with (own / "deaths").open("a") as file:
            file.write(f"{pid}\n")


def _note(path: Path, app: Application, timer: DueTimer, now: datetime) -> None:
    lag = time.time() - timer.due_at.timestamp()
    with path.open("ab", buffering=0) as file:
        file.write(f"{lag}\n".encode())
    with app.storage.writing() as uow:
        uow.timers.done(timer)


def _workers() -> Iterator[int]:
    while True:
        pid = os.fork()
        if pid == 0:
            cli(["worker"])
        yield pid


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
