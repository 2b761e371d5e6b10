"""Whose telephone is tried: of everybody whose duty begins soon, and of whom somebody names."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ivr.roster.duty import Shift
from ivr.roster.hunt import RINGING
from ivr.roster.readiness import when_to_try
from ivr.roster.walltime import DAY, Span
from ivr.services.outbound import Telephone
from ivr.services.readiness import Readiness
from ivr.services.roster_input import RosterRefusedError
from ivr.services.roster_plans import Rosters
from ivr.services.selftest_store import UNSETTLED, CheckState
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.timers import DueTimer

READINESS = "readiness"
EVERY = timedelta(minutes=5)


class ReadinessWatch:
    """Looks at the roster every few minutes; with `before` of zero nobody is tried by himself."""

    def __init__(
        self,
        storage: Storage,
        rosters: Rosters,
        readiness: Readiness,
        telephones: Callable[[], Sequence[Telephone]],
        before: timedelta,
        retry: timedelta,
    ) -> None:
        self._storage = storage
        self._rosters = rosters
        self._readiness = readiness
        self._telephones = telephones
        self._before = before
        self._retry = retry

    def begin_in(self, uow: UnitOfWork, now: datetime) -> None:
        """A worker starts."""
        if self._before:
            uow.timers.schedule(READINESS, READINESS, now, READINESS)
        else:
            uow.timers.cancel(READINESS)

    def watch(self, timer: DueTimer, now: datetime) -> None:
        """Every few minutes: whose duty begins soon, and nobody has tried his telephone?"""
        due = self._due(now) if self._before else []
        with self._storage.writing() as uow:
            for shift in due:
                if self._is_to_be_tried(uow, shift, now):
                    self._readiness.intend(uow, shift.technician_id, shift, now)
            if self._before:
                uow.timers.schedule(READINESS, READINESS, now + EVERY, READINESS)
            else:
                uow.timers.done(timer)

    def _is_to_be_tried(self, uow: UnitOfWork, shift: Shift, now: datetime) -> bool:
        """Nobody has tried him for this duty; or once, in vain, and that is some minutes ago."""
        tries = uow.readiness.list_for(shift.technician_id, shift.starts_at)
        if not tries:
            return True
        only, ended = tries[0], tries[0].settled_at
        in_vain = only.state not in (*UNSETTLED, CheckState.CONFIRMED)
        again = in_vain and ended is not None and now - ended >= self._retry
        return bool(self._retry) and len(tries) == 1 and again

    def _due(self, now: datetime) -> list[Shift]:
        ahead = self._rosters.shifts(Span(now, now + self._before + 2 * DAY), now)
        return [
            shift
            for shift in ahead
            if shift.level in RINGING
            and shift.starts_at > now
            and when_to_try(shift.starts_at, self._before) <= now
        ]

    def check(self, name: str, now: datetime) -> str:
        """By hand, at once; the id of the try."""
        with self._storage.reading() as uow:
            found = uow.technicians.find(" ".join(name.split()))
        if found is None:
            text = f"there is no technician {name!r}"
            raise RosterRefusedError("name", "roster.error.technician", text)
        if not self._telephones():
            text = "no telephone is set up in paging.telephones"
            raise RosterRefusedError("name", "roster.error.technician", text)
        ahead = self._rosters.shifts(Span(now, now + self._rosters.rules.warn), now)
        his = [each for each in ahead if each.technician_id == found.id and each.level in RINGING]
        with self._storage.writing() as uow:
            return self._readiness.intend(uow, found.id, his[0] if his else None, now)
