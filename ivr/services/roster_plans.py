"""The roster: what it says, what is wrong with it, what a change would do, and publishing it.

Every change and every day makes duties of the rules up to a horizon, in one transaction, and replaces
those that were made before and have still to come. What has been is never rewritten.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ivr.people.person import Person
from ivr.roster.difference import Move, joined, moves
from ivr.roster.duty import FAR, Shift, Source
from ivr.roster.labour import FOUR_WEEKS, LabourRules, labour_warnings
from ivr.roster.month import Row, month_rows, span_of_month
from ivr.roster.plan import Member, Plan, entries_between, shifts_between
from ivr.roster.problems import Problem, Required, problems_of
from ivr.roster.walltime import Span
from ivr.services.people_audit import entry
from ivr.services.roster_changes import Change
from ivr.services.stores import Storage, UnitOfWork

CALL_OUT_MONTHS = 3
A_MONTH = timedelta(days=30)
A_ROUND = timedelta(days=2)
"""The horizon moves on once a day."""
BEFORE = timedelta(days=FOUR_WEEKS)


@dataclass(frozen=True, slots=True)
class RosterRules:
    """Settings of the roster."""

    required: tuple[Required, ...]
    horizon: timedelta = timedelta(days=120)
    warn: timedelta = timedelta(days=7)
    staff_short: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do: to whom, and which problems would come and go."""

    said: str
    moves: tuple[Move, ...]
    new_problems: tuple[Problem, ...]
    solved: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month at a glance."""

    first: date
    span: Span
    rows: list[Row]
    problems: list[Problem]
    plan: Plan


class Rosters:
    """Reads, tries, changes and publishes."""

    def __init__(self, storage: Storage, rules: RosterRules) -> None:
        self._storage = storage
        self.rules = rules

    def month(self, first: date, now: datetime) -> Month:
        """The month that holds this day; problems are those of the coming weeks."""
        span = span_of_month(first)
        with self._storage.reading() as uow:
            plan = uow.roster_rules.plan(min(now, span.starts_at))
            shifts = self._shifts_in(uow, plan, span, now)
            problems = self._problems_in(uow, plan, self._ahead(now), now)
        coming = Span(max(now, span.starts_at), max(now, span.ends_at))
        rows = month_rows(shifts, self.rules.required, span, coming)
        return Month(span_first(first), span, rows, problems, plan)

    def plan(self, now: datetime) -> Plan:
        """All rules."""
        with self._storage.reading() as uow:
            return uow.roster_rules.plan(now)

    def shifts(self, span: Span, now: datetime) -> list[Shift]:
        """Everybody's duties of a span: as published before now, by the rules from now on."""
        with self._storage.reading() as uow:
            return self._shifts_in(uow, uow.roster_rules.plan(now), span, now)

    def published(self, now: datetime) -> list[Shift]:
        """From now on, of those whom a call rings, as calls read them: with their true ends."""
        with self._storage.reading() as uow:
            return self._whole(uow, uow.roster.list_shifts(now), now)

    def published_of(self, technician_id: int, now: datetime) -> list[Shift]:
        """One person's duties of any level from now on, with their true ends."""
        with self._storage.reading() as uow:
            known = uow.roster_rules.list_published(now, now + FAR)
            own = [each for each in known if each.technician_id == technician_id]
            return self._whole(uow, own, now)

    def problems(self, now: datetime, ahead: timedelta | None = None) -> list[Problem]:
        """What is wrong in the coming days: as far as the settings warn, without `ahead`."""
        span = Span(now, now + (ahead or self.rules.warn))
        with self._storage.reading() as uow:
            return self._problems_in(uow, uow.roster_rules.plan(now), span, now)

    def preview(self, change: Change, now: datetime) -> Preview:
        """Changes nothing."""
        with self._storage.reading() as uow:
            before = uow.roster_rules.plan(now)
            after = change.on(before)
            span = self._horizon(now)
            old, new = (shifts_between(each, *span.ends) for each in (before, after))
            was = {each.key: each for each in self._problems_in(uow, before, span, now)}
            will = {each.key: each for each in self._problems_in(uow, after, span, now)}
        return Preview(
            change.said(before),
            tuple(moves(old, new)),
            tuple(each for key, each in will.items() if key not in was),
            tuple(each for key, each in was.items() if key not in will),
        )

    def change(self, change: Change, by: Person | None, now: datetime) -> int:
        """Stored and published together; returns the id of the rule."""
        with self._storage.writing() as uow:
            uow.roster_rules.lock()
            return self.change_in(uow, change, by, now)

    def change_in(self, uow: UnitOfWork, change: Change, by: Person | None, now: datetime) -> int:
        """Within a transaction that holds the lock."""
        plan = uow.roster_rules.plan(now)
        change.on(plan)
        said = change.said(plan)
        rule_id = change.store(uow)
        action = f"{type(change).__name__}: {said}"
        uow.audit.add(entry(by, "roster_changed", f"roster rule {rule_id}", action, now))
        self.publish_in(uow, now)
        return rule_id

    def publish(self, now: datetime) -> int:
        """Duties up to the horizon; returns how many rows were written."""
        with self._storage.writing() as uow:
            uow.roster_rules.lock()
            return self.publish_in(uow, now)

    def publish_in(self, uow: UnitOfWork, now: datetime) -> int:
        """Within a transaction that holds the lock."""
        entries = entries_between(uow.roster_rules.plan(now), *self._horizon(now).ends)
        return uow.roster_rules.publish(entries, now)

    def _shifts_in(self, uow: UnitOfWork, plan: Plan, span: Span, now: datetime) -> list[Shift]:
        past: Sequence[Shift] = ()
        if span.starts_at < now:
            before = Span(span.starts_at, min(now, span.ends_at))
            past = _cut(uow.roster_rules.list_published(*before.ends), before)
        coming = shifts_between(plan, max(now, span.starts_at), max(now, span.ends_at))
        return joined([*past, *coming])

    def _whole(self, uow: UnitOfWork, shifts: Sequence[Shift], now: datetime) -> list[Shift]:
        """Joined. Rows of rules are published up to a horizon: it is nobody's end of duty."""
        found, edge = joined(shifts), self._horizon(now).ends_at - A_ROUND
        if not any(_is_cut(each, edge, now) for each in found):
            return found
        ruled = joined(shifts_between(uow.roster_rules.plan(now), now, now + FAR + A_ROUND))
        ends = {(each.technician_id, each.place): each.ends_at for each in ruled[::-1]}
        return [
            replace(each, ends_at=ends.get((each.technician_id, each.place), each.ends_at))
            if _is_cut(each, edge, now)
            else each
            for each in found
        ]

    def _problems_in(self, uow: UnitOfWork, plan: Plan, span: Span, now: datetime) -> list[Problem]:
        shifts = shifts_between(plan, *span.ends)
        found = problems_of(plan, self.rules.required, joined(shifts), span)
        counted = self._shifts_in(uow, plan, Span(now - BEFORE, span.ends_at), now)
        months = uow.roster_rules.call_outs(now - CALL_OUT_MONTHS * A_MONTH)
        call_outs = {key: count / CALL_OUT_MONTHS for key, count in months.items()}
        labour = LabourRules(self.rules.staff_short, call_outs)
        return [*found, *labour_warnings(counted, labour, span.starts_at)]

    def _ahead(self, now: datetime) -> Span:
        return Span(now, now + max(self.rules.warn, A_MONTH))

    def _horizon(self, now: datetime) -> Span:
        return Span(now, now + self.rules.horizon)


def span_first(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def _is_cut(shift: Shift, edge: datetime, now: datetime) -> bool:
    return shift.source is not Source.HAND and shift.covers(now) and shift.ends_at >= edge


def _cut(shifts: Sequence[Shift], span: Span) -> list[Shift]:
    """To what lies within a span."""
    fixed = Plan(members=_everybody(shifts), fixed=tuple(shifts))
    return list(shifts_between(fixed, *span.ends))


def _everybody(shifts: Sequence[Shift]) -> dict[int, Member]:
    return {each.technician_id: Member(each.technician_id, each.name) for each in shifts}
