"""The part of the wiring that tries the line and the telephones of technicians; see `bootstrap.py`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from ivr import resources
from ivr.bootstrap_callbacks import CallbackParts
from ivr.services.readiness import READINESS_CHECK, Readiness, ReadinessRules
from ivr.services.readiness_board import ReadinessBoard
from ivr.services.readiness_notices import ReadinessNotices
from ivr.services.readiness_watch import READINESS, ReadinessWatch
from ivr.services.selftest import SELFTEST, SELFTEST_RUN, Selftest, SelftestRules
from ivr.services.selftest_alarm import SelftestAlarm
from ivr.services.stores import UnitOfWork
from ivr.services.timers import Job
from ivr.setting_rules import notice_rules, selftest_technician


class SelftestParts(CallbackParts):
    """What the line does to know that it works."""

    @cached_property
    def selftest(self) -> Selftest:
        """Calls of the line to itself."""
        own = self.settings.selftest
        rules = SelftestRules(
            line=self.settings.line.number,
            customer=own.customer,
            caller=own.caller,
            technician=selftest_technician(self.settings),
            keys=own.keys,
            within=timedelta(seconds=own.within_seconds),
            daily_at=own.at,
        )
        alarm = SelftestAlarm(
            self._trial_words,
            notice_rules(self.settings).last,
            self.cases,
            own.policy,
            self._readiness_page,
        )
        return Selftest(
            self.storage, self.ids, self.observer, rules, lambda: self.telephones, alarm
        )

    @cached_property
    def readiness(self) -> Readiness:
        """Tries of technicians' telephones."""
        rules = ReadinessRules(
            self.settings.readiness.ring_seconds,
            frozenset(self.settings.hunt.extensions),
            *self._trial_times,
        )
        leads = notice_rules(self.settings).last
        notices = ReadinessNotices(self._trial_words, leads, self._readiness_page)
        return Readiness(
            self.storage,
            self.ids,
            self.observer,
            rules,
            lambda: self.telephones,
            self.freed,
            notices,
        )

    @cached_property
    def readiness_watch(self) -> ReadinessWatch:
        """Whose telephone is tried."""
        return ReadinessWatch(
            self.storage, self.rosters, self.readiness, lambda: self.telephones, *self._trial_times
        )

    @property
    def _trial_times(self) -> tuple[timedelta, timedelta]:
        """How long before a duty, and how long after a try in vain."""
        own = self.settings.readiness
        return timedelta(hours=own.hours_before), timedelta(minutes=own.retry_minutes)

    @cached_property
    def readiness_board(self) -> ReadinessBoard:
        """Who is ready for his duty."""
        return ReadinessBoard(self.storage, self.rosters)

    @cached_property
    def jobs(self) -> Mapping[str, Job]:
        """What timers do, by the names that are stored with them: never rename one."""
        return {
            **super().jobs,
            SELFTEST: self.selftest.daily,
            SELFTEST_RUN: self.selftest.work,
            READINESS: self.readiness_watch.watch,
            READINESS_CHECK: self.readiness.work,
        }

    def begin_trials_in(self, uow: UnitOfWork, now: datetime) -> None:
        """A worker starts: what is done every day or every few minutes gets its timer."""
        self.selftest.begin_in(uow, now)
        self.readiness_watch.begin_in(uow, now)

    @cached_property
    def _trial_words(self) -> Any:
        return resources.load_yaml(resources.folder("prompts") / "trials.yaml")

    @property
    def _readiness_page(self) -> str:
        return f"{self.settings.public_url.rstrip('/')}/console/readiness"
