"""What is to happen at an instant: rows, and whoever works them off.

A timer is stored in the transaction that promised it, so it outlives every process. Whoever works on
one has claimed it for a while; if he dies, it falls due again when the claim ends. No trouble ends a
timer either: it is written down, told to the operator and tried again, less and less often.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ivr.errors import WriteConflictError
from ivr.services.ports import Clock, Observer

if TYPE_CHECKING:
    from ivr.services.stores import Storage

CLAIM = timedelta(seconds=25)
"""Longer than any job may take; after a crash the next worker goes on then."""
LONGEST_PAUSE_SECONDS = 600
GIVE_WAY = timedelta(milliseconds=200)
BATCH = 50


class Queue(StrEnum):
    """Telephones must not wait for whatever else is slow."""

    CALLS = "calls"
    NOTICES = "notices"


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer that was claimed. `subject` is an id; everything else is read when it runs."""

    id: int
    key: str
    job: str
    subject: str
    due_at: datetime
    attempts: int


class TimerStore(Protocol):
    """The timers of one transaction."""

    def schedule(
        self, key: str, job: str, due: datetime, subject: str, queue: Queue = Queue.CALLS
    ) -> None:
        """Let `job` run at `due`; a timer of this key that is there gets the new time."""
        ...

    def expedite(self, key: str, now: datetime) -> None:
        """Now instead of later; harmless where there is none."""
        ...

    def cancel(self, key: str) -> None:
        """Harmless where there is none."""
        ...

    def list_due(self, queue: Queue, now: datetime, limit: int) -> Sequence[int]:
        """Ids of timers that are due and that nobody works on, the longest overdue first."""
        ...

    def claim(self, timer_id: int, now: datetime, until: datetime) -> DueTimer | None:
        """This timer for nobody else, until then; None if somebody was faster."""
        ...

    def next_due(self) -> Mapping[Queue, datetime]:
        """When somebody has to wake, for each queue in which something waits."""
        ...

    def done(self, timer: DueTimer) -> None:
        """Its work is stored with this; one that was scheduled again meanwhile stays for then."""
        ...

    def put_off(self, timer: DueTimer, due: datetime, error: str) -> None:
        """Again at `due`, after a trouble."""
        ...

    def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the longest overdue one waits; what an operator watches."""
        ...


Job = Callable[[DueTimer, datetime], None]
"""Carries out one kind of timer. It makes its own transactions, tells `done` in the last of them, and
never holds one while a network is asked. What it does twice must be harmless."""


class Timekeeper:
    """Works off what is due. Any number of them may run, in one process or on many machines."""

    def __init__(
        self, storage: "Storage", clock: Clock, observer: Observer, jobs: Mapping[str, Job]
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._observer = observer
        self._jobs = jobs

    def list_due(self, queue: Queue) -> Sequence[int]:
        """Ids of what is due now."""
        with self._storage.reading() as uow:
            return uow.timers.list_due(queue, self._clock.now(), BATCH)

    def waits(self) -> Mapping[Queue, float]:
        """Seconds until something falls due, for each queue in which something waits."""
        with self._storage.reading() as uow:
            found = uow.timers.next_due()
        now = self._clock.now()
        return {queue: (due - now).total_seconds() for queue, due in found.items()}

    def seconds_to_next(self, queue: Queue) -> float | None:
        """Of one queue; None where nothing waits."""
        return self.waits().get(queue)

    def run_due(self, queue: Queue) -> int:
        """One after the other; returns how many were worked on."""
        return sum(self.run(timer_id) for timer_id in self.list_due(queue))

    def run(self, timer_id: int) -> bool:
        """Work on this one, unless somebody else does. No trouble of a job gets out."""
        now = self._clock.now()
        with self._storage.writing() as uow:
            timer = uow.timers.claim(timer_id, now, now + CLAIM)
        if timer is None:
            return False
        try:
            self._jobs[timer.job](timer, now)
        except Exception as error:  # noqa: BLE001 - a job's trouble must not end its timer
            self._put_off(timer, error)
        return True

    def _put_off(self, timer: DueTimer, error: Exception) -> None:
        """Never with the error's own text, which may quote what is secret.

        Who only gave way to another transaction has had no trouble: it goes on in a moment.
        """
        if isinstance(error, WriteConflictError):
            with self._storage.writing() as uow:
                uow.timers.schedule(
                    timer.key, timer.job, self._clock.now() + GIVE_WAY, timer.subject
                )
            return
        self._observer.trouble(
            "timer_failed", job=timer.job, subject=timer.subject, error=_name(error)
        )
        pause = timedelta(seconds=min(2**timer.attempts, LONGEST_PAUSE_SECONDS))
        with self._storage.writing() as uow:
            uow.timers.put_off(timer, self._clock.now() + pause, _name(error))


def _name(error: Exception) -> str:
    return type(error).__name__
