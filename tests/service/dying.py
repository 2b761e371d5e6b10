"""Workers that are killed: by us at random instants, and by themselves right after a call was placed."""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ivr.bootstrap import Application
from tests.lab.dying_worker import CLAIM_VARIABLE, FolderTelephone
from tests.lab.processes import Child
from tests.lab.servers import REPOSITORY, lab_environment

GENEROUS = {"calls_per_minute": 60, "calls_per_quarter": 200, "calls_per_hour": 500}
"""Else the limits of a telephone, which have tests of their own, would make this take an hour."""


@dataclass(frozen=True)
class Night:
    """How much there is to do, and how often somebody is killed."""

    cases: int
    kills: int
    claim_seconds: float
    seconds: float

    @property
    def after_effect(self) -> int:
        """Kills between placing a call and recording it."""
        return max(3, self.kills // 3)


class Workers:
    """One or more, each with whoever starts it again."""

    def __init__(self, app: Application, folder: Path, count: int, claim_seconds: float) -> None:
        self.telephone = FolderTelephone(folder / "telephone")
        self.victims: set[int] = set()
        self._folders = [folder / f"worker{number}" for number in range(count)]
        self._children = [self._start(app, own, claim_seconds) for own in self._folders]

    def _start(self, app: Application, own: Path, claim_seconds: float) -> Child:
        own.mkdir()
        module = "tests.lab.dying_worker"
        command = [sys.executable, "-m", module, str(own.parent / "telephone"), str(own)]
        given = {
            "PIKETT_DATABASE_URL": app.settings.database,
            "PIKETT_HUNT__SECOND_RING_AT_NIGHT": "false",
            CLAIM_VARIABLE: str(claim_seconds),
        } | {f"PIKETT_ESCALATION__{name.upper()}": str(each) for name, each in GENEROUS.items()}
        environment = lab_environment(app.settings.path()) | given
        return Child(command, own / "log", environment, REPOSITORY)

    def pid(self, number: int) -> int | None:
        """Of the worker that lives now."""
        try:
            return int((self._folders[number] / "pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def killed(self) -> list[int]:
        """The pids of all that were killed and reaped."""
        texts = [path.read_text() for each in self._folders if (path := each / "deaths").exists()]
        return [int(pid) for text in texts for pid in text.split()]

    @property
    def dead(self) -> set[int]:
        """Those that were killed from outside count at once."""
        return {*self.killed(), *self.victims}

    def kill(self, number: int) -> int | None:
        """kill -9; the pid, None where it is dead already."""
        pid = self.pid(number)
        if pid is None or pid in self.dead:
            return None
        os.kill(pid, signal.SIGKILL)
        self.victims.add(pid)
        return pid

    def end_one_for_good(self) -> None:
        """With whoever would start it again."""
        pid = self.pid(0)
        assert pid is not None
        self._children.pop(0).kill_all()
        self._folders.append(self._folders.pop(0))
        self.victims.add(pid)

    def stop(self) -> None:
        for child in self._children:
            child.kill_all()

    def logs(self) -> str:
        return "\n".join(child.output() for child in self._children)

    @property
    def leaders(self) -> list[int]:
        """The sessions of the workers, by their first processes."""
        return [child.pid for child in self._children]

    def __len__(self) -> int:
        return len(self._children)


@contextmanager
def working(app: Application, folder: Path, count: int, claim_seconds: float) -> Iterator[Workers]:
    workers = Workers(app, folder, count, claim_seconds)
    try:
        yield workers
    finally:
        workers.stop()


@dataclass
class Killer:
    """Kills at random instants, and lets a worker kill itself right after a call was placed."""

    workers: Workers
    chance: random.Random
    night: Night
    kinds: list[str] = field(default_factory=list)
    _next: float = 0.0
    _struck: int = 0

    def __post_init__(self) -> None:
        rest = self.night.kills - self.night.after_effect
        self.kinds = ["token"] * self.night.after_effect + ["any"] * rest
        self.chance.shuffle(self.kinds)
        self._next = time.time() + 1

    @property
    def done(self) -> bool:
        return not self.kinds and self.nobody_is_dying

    def end_one_for_good(self) -> None:
        """Nobody starts it again; one that was killed a moment ago does not die twice."""
        before = len(self.workers.dead)
        self.workers.end_one_for_good()
        self._struck += len(self.workers.dead) - before

    @property
    def nobody_is_dying(self) -> bool:
        """Whoever was struck last; a token is taken with the next call."""
        return len(self.workers.dead) >= self._struck

    def strike(self) -> None:
        """The next one, if it is time; after a token not before it was taken."""
        if not self.kinds or time.time() < self._next or not self.nobody_is_dying:
            return
        if self.kinds[-1] == "token":
            self.workers.telephone.lay_token()
        else:
            if self.workers.kill(self.chance.randrange(len(self.workers))) is None:
                return
        self.kinds.pop()
        self._struck += 1
        self._next = time.time() + self.chance.uniform(0.1, 0.8)
