"""Looking days ahead: publishing once a day, and telling people of gaps before they are there.

Every problem is told once a day to the leads and admins, by mail through the outbox, and to the
operators as trouble. The day of the alarms begins at a time of the settings, so that what lasts is
told again in the morning and not at midnight; what is new is told at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ivr.people.roles import SECOND_FACTOR
from ivr.roster.problems import Problem, ProblemKind
from ivr.roster.walltime import local
from ivr.services.mail_text import Recipient
from ivr.services.ports import Observer
from ivr.services.records import NewMail
from ivr.services.roster_plans import Rosters
from ivr.services.stores import Storage, UnitOfWork

EVERY = timedelta(minutes=5)
TOLD = {
    ProblemKind.EMPTY: "roster_empty",
    ProblemKind.GAP: "roster_gap",
    ProblemKind.UNVERIFIED: "roster_unverified",
    ProblemKind.UNREACHABLE: "roster_unreachable",
    ProblemKind.ABSENT: "roster_absent",
}
"""What is alarmed; labour law stands on the page."""


@dataclass(frozen=True, slots=True)
class WatchRules:
    """Whom to tell beside leads and admins, and whom if there is nobody; when the day begins."""

    alarm_to: tuple[str, ...] = ()
    desk: Recipient | None = None
    language: str = "de"
    day_begins: time = time(8)
    page: str = ""


class RosterWatch:
    """Looks after the roster."""

    def __init__(
        self,
        storage: Storage,
        rosters: Rosters,
        observer: Observer,
        words: Mapping[str, Mapping[str, str]],
        rules: WatchRules,
    ) -> None:
        self._storage = storage
        self._rosters = rosters
        self._observer = observer
        self._words = words
        self._rules = rules
        self._looked_at: datetime | None = None
        self._published_on: date | None = None

    def collect(self, now: datetime) -> int:
        """Every few minutes; a clock that was set back is no reason to wait."""
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + EVERY:
            return 0
        told = self.watch(now)
        self._looked_at = now
        return told

    def watch(self, now: datetime) -> int:
        """Publish what a new day brings, and tell of what is wrong; returns how much was told."""
        if self._published_on != local(now).date():
            self._rosters.publish(now)
            self._published_on = local(now).date()
        found = [each for each in self._rosters.problems(now) if each.kind in TOLD]
        fresh = self._tell(found, now)
        for each in fresh:
            self._observer.trouble(TOLD[each.kind], **_facts(each))
        return len(fresh)

    def _tell(self, found: Sequence[Problem], now: datetime) -> list[Problem]:
        begins = self._rules.day_begins
        day = (local(now) - timedelta(hours=begins.hour, minutes=begins.minute)).date()
        if not found:
            return []
        with self._storage.reading() as uow:
            if all(each.key in uow.roster_rules.alarmed(day) for each in found):
                return []
        with self._storage.writing() as uow:
            uow.roster_rules.lock()
            known = uow.roster_rules.alarmed(day)
            fresh = list({each.key: each for each in found if each.key not in known}.values())
            uow.roster_rules.note_alarmed([each.key for each in fresh], day)
            for recipient in self._recipients(uow) if fresh else ():
                subject, body = self._written(fresh, recipient.language)
                uow.outbox.add(NewMail(None, recipient.address, subject, body, False, now))
        return fresh

    def _recipients(self, uow: UnitOfWork) -> list[Recipient]:
        """Leads and admins with an address; the desk rather than nobody."""
        found = [Recipient(address, self._rules.language) for address in self._rules.alarm_to]
        for person in uow.people.list_all():
            if person.role not in SECOND_FACTOR or person.disabled_at or not person.technician_id:
                continue
            known = uow.roster.find_technician(person.technician_id)
            if known is not None and known.email:
                found.append(Recipient(known.email, person.language))
        fallback = [self._rules.desk] if self._rules.desk is not None else []
        return list({each.address: each for each in found or fallback}.values())

    def _written(self, fresh: Sequence[Problem], language: str) -> tuple[str, str]:
        words = self._words[language]
        lines = [_line(each, words) for each in fresh]
        subject = words["subject"].format(count=len(fresh))
        return subject, "\n".join(
            [words["intro"], "", *lines, "", words["page"], self._rules.page, ""]
        )


def _line(problem: Problem, words: Mapping[str, str]) -> str:
    level = words[problem.level] if problem.level is not None else ""
    return "- " + words[problem.kind].format(
        name=problem.name,
        level=level,
        first=f"{local(problem.starts_at):%d.%m.%Y %H:%M}",
        last=f"{local(problem.ends_at):%d.%m.%Y %H:%M}",
    )


def _facts(problem: Problem) -> dict[str, str | int]:
    """Keys and times only: logs name nobody."""
    facts: dict[str, str | int] = {
        "starts_at": problem.starts_at.isoformat(),
        "ends_at": problem.ends_at.isoformat(),
    }
    if problem.level is not None:
        facts["level"] = problem.level.value
    if problem.technician_id is not None:
        facts["technician"] = problem.technician_id
    return facts
