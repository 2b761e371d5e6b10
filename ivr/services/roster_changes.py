"""Changes of the roster's rules: each can be tried on a plan before it is stored."""

from dataclasses import dataclass, replace
from typing import Protocol

from ivr.roster.plan import Absence, Override, Plan, Rotation
from ivr.roster.walltime import local
from ivr.roster.week_text import write_week
from ivr.services.roster_input import RosterRefusedError
from ivr.services.stores import UnitOfWork

_NEWEST = 2**31
KINDS = ("rotation", "override", "absence")


class Change(Protocol):
    """Something that is to become of the rules."""

    def on(self, plan: Plan) -> Plan:
        """The plan with it."""
        ...

    def store(self, uow: UnitOfWork) -> int:
        """Returns the id of the rule."""
        ...

    def said(self, plan: Plan) -> str:
        """In one line, for the audit log."""
        ...


@dataclass(frozen=True, slots=True)
class AddRotation:
    """A new rotation."""

    rotation: Rotation

    def on(self, plan: Plan) -> Plan:
        """With it."""
        return replace(plan, rotations=(*plan.rotations, self.rotation))

    def store(self, uow: UnitOfWork) -> int:
        """Among the rules."""
        return uow.roster_rules.add_rotation(self.rotation)

    def said(self, plan: Plan) -> str:
        """In one line."""
        return describe_rotation(self.rotation, plan)


@dataclass(frozen=True, slots=True)
class AddOverride:
    """Somebody else, or nobody."""

    override: Override

    def on(self, plan: Plan) -> Plan:
        """It is the newest."""
        return replace(plan, overrides=(*plan.overrides, replace(self.override, id=_NEWEST)))

    def store(self, uow: UnitOfWork) -> int:
        """Among the rules."""
        return uow.roster_rules.add_override(self.override)

    def said(self, plan: Plan) -> str:
        """In one line."""
        return describe_override(self.override, plan)


@dataclass(frozen=True, slots=True)
class AddAbsence:
    """Somebody is away."""

    absence: Absence

    def on(self, plan: Plan) -> Plan:
        """With it."""
        return replace(plan, absences=(*plan.absences, self.absence))

    def store(self, uow: UnitOfWork) -> int:
        """Among the rules."""
        return uow.roster_rules.add_absence(self.absence)

    def said(self, plan: Plan) -> str:
        """In one line."""
        return describe_absence(self.absence, plan)


@dataclass(frozen=True, slots=True)
class Remove:
    """A rule goes. What was published of it until now stays."""

    kind: str
    rule_id: int

    def on(self, plan: Plan) -> Plan:
        """Without it; raises RosterRefusedError where there is none."""
        self.said(plan)
        return replace(
            plan,
            rotations=tuple(each for each in plan.rotations if not self._is("rotation", each.id)),
            overrides=tuple(each for each in plan.overrides if not self._is("override", each.id)),
            absences=tuple(each for each in plan.absences if not self._is("absence", each.id)),
        )

    def store(self, uow: UnitOfWork) -> int:
        """Out of the rules."""
        uow.roster_rules.remove(self.kind, self.rule_id)
        return self.rule_id

    def said(self, plan: Plan) -> str:
        """In one line."""
        told = [
            *(describe_rotation(r, plan) for r in plan.rotations if self._is("rotation", r.id)),
            *(describe_override(o, plan) for o in plan.overrides if self._is("override", o.id)),
            *(describe_absence(a, plan) for a in plan.absences if self._is("absence", a.id)),
        ]
        if not told:
            text = f"there is no {self.kind} {self.rule_id}, or it is over"
            raise RosterRefusedError("id", "roster.error.rule", text)
        return told[0]

    def _is(self, kind: str, rule_id: int) -> bool:
        return (kind, rule_id) == (self.kind, self.rule_id)


def describe_rotation(rotation: Rotation, plan: Plan) -> str:
    """In one line, as commands and the audit log show it."""
    people = ", ".join(plan.name(each) for each in rotation.participants)
    hours = f", {write_week(rotation.hours)}" if rotation.hours is not None else ""
    until = f" until {rotation.ends_on}" if rotation.ends_on is not None else ""
    return (
        f"rotation {rotation.name}, {rotation.level} {rotation.rank}: {people}; every "
        f"{rotation.days} days at {rotation.hand_over:%H:%M} from {rotation.starts_on:%a %Y-%m-%d}"
        f"{until}{hours}"
    )


def describe_override(override: Override, plan: Plan) -> str:
    """In one line."""
    who = "nobody" if override.technician_id is None else plan.name(override.technician_id)
    swap = f" (swap {override.swap_id})" if override.swap_id is not None else ""
    span = f"{local(override.starts_at):%Y-%m-%d %H:%M} to {local(override.ends_at):%Y-%m-%d %H:%M}"
    return f"override {override.level} {override.rank}: {who}, {span}{swap}{_noted(override.note)}"


def describe_absence(absence: Absence, plan: Plan) -> str:
    """In one line."""
    span = f"{local(absence.starts_at):%Y-%m-%d %H:%M} to {local(absence.ends_at):%Y-%m-%d %H:%M}"
    return f"absence {plan.name(absence.technician_id)}: {span}{_noted(absence.note)}"


def _noted(note: str) -> str:
    return f", {note}" if note else ""
