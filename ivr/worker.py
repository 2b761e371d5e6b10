"""The worker: timers to the second, and beside them the work that may take its time.

Calls for cases are placed by a few threads, notices by one, upkeep (mails, messages, what a fallback
recorded) by one more, so that a slow mail server never holds up a page. Nothing is lost with the
process: what it had begun falls due again.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from ivr.bootstrap import Application
from ivr.bootstrap_base import DOORBELL
from ivr.services.paging import SWEEP
from ivr.services.timers import Queue
from ivr.storage.doorbell import DatagramEar, NotifyEar
from ivr.storage.leadership import Leadership

POLL_SECONDS = 0.5
"""How late a timer is at most where the bell was lost."""
UPKEEP_SECONDS = 2.0
SHORTEST_PAUSE_SECONDS = 0.01
TROUBLE_PAUSE_SECONDS = 5.0
FOLLOWER_PAUSE_SECONDS = 2.0
_log = structlog.get_logger()


class Ear(Protocol):
    """Hears the bell of whoever scheduled something."""

    def wait(self, seconds: float) -> None:
        """Until it rings, or so long."""
        ...

    def close(self) -> None:
        """Nobody hears any more."""
        ...


class Worker:
    """Runs until `stop` is set."""

    def __init__(self, app: Application, stop: threading.Event) -> None:
        self._app = app
        self._stop = stop
        self._leadership = Leadership(app.storage.engine)
        self._busy: set[int] = set()
        sizes = {Queue.CALLS: app.settings.escalation.workers, Queue.NOTICES: 1}
        self._pools = {queue: ThreadPoolExecutor(size) for queue, size in sizes.items()}

    def run(self) -> None:
        """Timers here, upkeep in a thread of its own."""
        upkeep = threading.Thread(target=self._keep_up, name="upkeep")
        upkeep.start()
        ear = self._open_ear()
        try:
            self._keep_time(ear)
        finally:
            self._stop.set()
            ear.close()
            for pool in self._pools.values():
                pool.shutdown(wait=True, cancel_futures=True)
            upkeep.join()
            self._leadership.give_up()

    def _open_ear(self) -> Ear:
        engine = self._app.storage.engine
        if engine.dialect.name == "postgresql":
            return NotifyEar(engine)
        return DatagramEar(self._app.settings.path(DOORBELL))

    def _keep_time(self, ear: Ear) -> None:
        swept = False
        while not self._stop.is_set():
            try:
                swept = swept or self._begin_sweeping()
                ear.wait(self._hand_out())
            except Exception as error:  # noqa: BLE001 - no trouble ends the worker
                _log.error("worker_timers_failed", error=type(error).__name__)
                self._stop.wait(POLL_SECONDS)

    def _begin_sweeping(self) -> bool:
        with self._app.storage.writing() as uow:
            uow.timers.schedule(SWEEP, SWEEP, self._app.clock.now(), SWEEP)
            self._app.begin_trials_in(uow, self._app.clock.now())
        return True

    def _hand_out(self) -> float:
        """What is due to whoever is free; seconds until there is more."""
        waits = self._app.timekeeper.waits()
        for queue in waits:
            if waits[queue] <= 0:
                self._hand_out_of(queue)
        return min([POLL_SECONDS, *(max(each, SHORTEST_PAUSE_SECONDS) for each in waits.values())])

    def _hand_out_of(self, queue: Queue) -> None:
        for timer_id in self._app.timekeeper.list_due(queue):
            if timer_id not in self._busy:
                self._busy.add(timer_id)
                self._pools[queue].submit(self._work_on, timer_id)

    def _work_on(self, timer_id: int) -> None:
        try:
            self._app.timekeeper.run(timer_id)
        except Exception as error:  # noqa: BLE001 - the database is away: it stays due
            _log.error("timer_not_run", timer=timer_id, error=type(error).__name__)
        finally:
            self._busy.discard(timer_id)

    def _keep_up(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self.round())

    def round(self) -> float:
        """One round of upkeep; seconds to wait before the next. No trouble ends the worker."""
        try:
            if not self._leadership.is_ours():
                return FOLLOWER_PAUSE_SECONDS
            return 0.0 if self._app.upkeep.round(self._app.clock.now()) else UPKEEP_SECONDS
        except Exception as error:  # noqa: BLE001 - whatever the database or its driver raises
            _log.error("worker_round_failed", exc_info=error)
            return TROUBLE_PAUSE_SECONDS

    def once(self) -> None:
        """What is due now, in this thread."""
        self.round()
        for queue in Queue:
            while self._app.timekeeper.run_due(queue):
                pass
        self._leadership.give_up()
