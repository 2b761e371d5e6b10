"""Green or red: who has duty in the coming days, and whether his telephone is known to reach him."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.roster.duty import Shift
from ivr.roster.hunt import RINGING, Level
from ivr.roster.problems import Problem, ProblemKind
from ivr.services.roster_plans import Rosters
from ivr.services.roster_store import MethodKind
from ivr.services.selftest_store import CheckState, ReadinessCheck
from ivr.services.stores import Storage, UnitOfWork

AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Readied:
    """One technician and his first duty of the coming days.

    `backup` is who stands behind him when it begins, if anybody does.
    """

    name: str
    level: Level
    starts_at: datetime
    ends_at: datetime
    verified_at: datetime | None
    check: ReadinessCheck | None
    absent: Problem | None
    backup: str
    unreachable: bool = False
    """The carrier could not ring one of his telephones the last time somebody tried."""

    @property
    def tried(self) -> bool | None:
        """Whether the last try was confirmed; None where there was none or it still runs."""
        if self.check is None or self.check.settled_at is None:
            return None
        return self.check.state is CheckState.CONFIRMED

    @property
    def ready(self) -> bool:
        """Nothing is known that speaks against it."""
        return (
            self.verified_at is not None
            and self.tried is not False
            and not self.unreachable
            and self.absent is None
            and bool(self.backup)
        )


class ReadinessBoard:
    """Reads roster, telephones and tries."""

    def __init__(self, storage: Storage, rosters: Rosters) -> None:
        self._storage = storage
        self._rosters = rosters

    def rows(self, now: datetime) -> list[Readied]:
        """Everybody who is rung in the coming days, by his first duty."""
        shifts = sorted(
            (each for each in self._rosters.published(now) if each.starts_at < now + AHEAD),
            key=lambda each: (max(each.starts_at, now), RINGING.index(each.level), each.rank),
        )
        problems = self._rosters.problems(now, AHEAD)
        first: dict[int, Shift] = {}
        for shift in shifts:
            first.setdefault(shift.technician_id, shift)
        with self._storage.reading() as uow:
            return [_row(uow, shift, shifts, problems, now) for shift in first.values()]


def _row(
    uow: UnitOfWork, shift: Shift, shifts: list[Shift], problems: list[Problem], now: datetime
) -> Readied:
    methods = uow.contact_methods.list_of(shift.technician_id)
    checked = [each.verified_at for each in methods if each.kind is MethodKind.PHONE]
    his = {each.kind: each for each in problems[::-1] if each.technician_id == shift.technician_id}
    at = max(shift.starts_at, now)
    behind = [
        each for each in shifts if each.covers(at) and each.technician_id != shift.technician_id
    ]
    return Readied(
        shift.name,
        shift.level,
        shift.starts_at,
        shift.ends_at,
        max((each for each in checked if each is not None), default=None),
        uow.readiness.latest(shift.technician_id),
        his.get(ProblemKind.ABSENT),
        behind[0].name if behind else "",
        ProblemKind.UNREACHABLE in his,
    )
