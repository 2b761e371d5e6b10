"""Whom to ring for a call: who is on duty now, and what the provider's own office wants (Q18).

Reads only, so that a call and an explanation get the same answer.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ivr.callflow.events import HuntPlanned
from ivr.callflow.requests import PlanHunt
from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.hours import OpeningHours
from ivr.contracts.windows import is_calendar_known, is_in_office_hours, local_time
from ivr.roster.hunt import AcceptBy, HuntPlan, HuntRules, Level, Office, Outside, Target, plan_hunt
from ivr.services.context import Context
from ivr.services.escalations import owner_of
from ivr.services.ports import Observer
from ivr.services.records import DutyRecord


@dataclass(frozen=True, slots=True)
class OfficeRules:
    """Settings of the provider's office. Without `hours` the plan's window decides alone."""

    hours: OpeningHours | None = None
    day_team: Target | None = None
    outside: Outside = Outside.TECHNICIAN_FIRST


@dataclass(frozen=True, slots=True)
class DispatchRules:
    """Settings of the dispatch. `desk` None where the provider has no service desk (K-14)."""

    hunt: HuntRules
    desk: Target | None
    ring_seconds: int
    extensions: AbstractSet[str]
    office: OfficeRules = OfficeRules()
    selftest: Target | None = None


class HuntPlans:
    """Plans hunts with the roster, the settings and the holidays of the provider's place."""

    def __init__(self, rules: DispatchRules, calendar: HolidayCalendar, observer: Observer) -> None:
        self._rules = rules
        self._calendar = calendar
        self._observer = observer

    def answer(self, context: Context, request: PlanHunt) -> HuntPlanned:
        """For a call; holidays of a year nobody has seeded are missed loudly."""
        if not self._knows_the_year(context):
            self._observer.trouble(
                "calendar_year_missing",
                call=context.call_id,
                day=local_time(context.at).date().isoformat(),
                calendar=self._calendar.title,
                years=sorted(self._calendar.years),
            )
        trial = self._of_selftest(context)
        return HuntPlanned(context.at, trial or self.plan(context, request))

    def _of_selftest(self, context: Context) -> HuntPlan | None:
        """A call of the line to itself rings the test technician and nobody else."""
        target = self._rules.selftest
        if target is None or not context.uow.selftests.is_one(context.call_id):
            return None
        hunt = self._rules.hunt
        budget = max(hunt.technician_budget_seconds, target.ring_seconds)
        return HuntPlan(((target,),), None, budget, hunt.bridge_limit_seconds)

    def plan(self, context: Context, request: PlanHunt) -> HuntPlan:
        """Whoever is on duty now; a shift change during the call does not move it (B.16)."""
        on_duty = context.uow.roster.list_on_duty(context.at)
        targets = [self._target(duty) for duty in on_duty]
        first = self._owner(context, request.about, targets) if request.about else None
        others = [each for each in targets if each != first]
        return plan_hunt(
            [first, *others] if first is not None else others,
            self._rules.desk,
            self._rules.hunt,
            local_time(context.at).time(),
            can_ring_at_once=request.can_ring_at_once and first is None,
            office=self._office(context),
        )

    def _owner(self, context: Context, about: str, targets: list[Target]) -> Target | None:
        """Who has the ticket is rung first, alone, also if his duty has just ended.

        He said that the case is his, and the time in which a call is known again is short; what he does
        not want to take any more he declines with 2, and the next telephone rings. Whoever does not
        work here any more is nobody, and whoever is absent comes at most where his duty puts him.
        """
        name = owner_of(context.uow, int(about))
        on_duty = next((each for each in targets if each.name == name), None)
        person = context.uow.escalations.find_person(name) if name is not None else None
        his = person.technician_id if person is not None else None
        if his is not None and context.uow.roster.is_absent(his, context.at):
            return None
        if on_duty is not None or person is None or not person.phones:
            return on_duty
        return Target(
            name=person.name,
            level=Level.ON_DUTY,
            number=person.phones[0].number,
            language=person.language,
            ring_seconds=self._rules.ring_seconds,
            accept=AcceptBy.KEY,
            technician_id=person.technician_id,
        )

    def _office(self, context: Context) -> Office:
        rules = self._rules.office
        if rules.hours is None:
            return Office()
        is_open = is_in_office_hours(rules.hours, self._calendar, context.at)
        return Office(is_open, rules.day_team, rules.outside)

    def _knows_the_year(self, context: Context) -> bool:
        """True where no hours of the office depend on the calendar."""
        hours, day = self._rules.office.hours, local_time(context.at).date()
        return hours is None or is_calendar_known(hours, self._calendar, day, day)

    def _target(self, duty: DutyRecord) -> Target:
        return Target(
            name=duty.name,
            level=duty.level,
            number=duty.number,
            language=duty.language,
            ring_seconds=self._rules.ring_seconds,
            accept=AcceptBy.KEY,
            technician_id=duty.technician_id,
        )
