"""Absences out of somebody's calendar: the same event, imported again, is changed and not doubled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.people.person import Person
from ivr.roster.plan import Absence
from ivr.services.people_audit import entry
from ivr.services.roster_input import read_technician
from ivr.services.stores import Storage


@dataclass(frozen=True, slots=True)
class Imported:
    """An event of a calendar."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the events."""

    added: int = 0
    changed: int = 0
    same: int = 0
    over: int = 0


class Absences:
    """Brings calendars in."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def bring_in(
        self,
        name: str,
        events: Sequence[Imported],
        by: Person | None,
        now: datetime,
        *,
        store: bool,
    ) -> Told:
        """All or nothing; what is over is left out."""
        with self._storage.writing() as uow:
            uow.roster_rules.lock()
            who = read_technician(uow, name, "technician")
            plan = uow.roster_rules.plan(now)
            known = {
                each.uid: each for each in plan.absences if each.technician_id == who and each.uid
            }
            coming = [each for each in events if each.ends_at > now]
            fresh, changed = _sorted(coming, known, who)
            if store:
                for each in fresh:
                    uow.roster_rules.add_absence(each)
                for each in changed:
                    uow.roster_rules.change_absence(each)
                told = f"{name}: {len(fresh)} new, {len(changed)} changed"
                uow.audit.add(entry(by, "roster_changed", "roster absences", told, now))
        same = len(coming) - len(fresh) - len(changed)
        return Told(len(fresh), len(changed), same, len(events) - len(coming))


def _sorted(
    events: Sequence[Imported], known: dict[str, Absence], who: int
) -> tuple[list[Absence], list[Absence]]:
    fresh, changed = [], []
    for each in events:
        wanted = Absence(0, who, each.starts_at, each.ends_at, each.summary, each.uid)
        before = known.get(each.uid)
        if before is None:
            fresh.append(wanted)
        elif replace(before, id=0) != wanted:
            changed.append(replace(wanted, id=before.id))
    return fresh, changed
