"""What may be said about a fault, by whom, and what stands after all that was said.

Nothing is ever changed: whoever says something new adds a statement, and the newest of its kind
counts. So class, single point of failure and cause have a history with time, person and reason.

- A first reaction is a technician's feedback on a possible cause, never the line's or the desk's
  (item 64); the desk is asked for no technical judgement at all (item 29).
- Four classes, minor < main < major < critical (items 8 to 14). A single point of failure is a flag
  and not a class, but a fault that has it is never below main (item 9, K-7).
- Lowering the class needs a reason, a provisional solution being the usual one (item 7).
- A provisional solution alone closes nothing, unless the rest was handed over to problem management
  with a problem record (items 7, 13).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.contracts.billing import Cause

MAX_TEXT = 2000


class Role(StrEnum):
    """Who speaks. The line is the program itself."""

    TECHNICIAN = "technician"
    LEAD = "lead"
    DESK = "desk"
    LINE = "line"


class Fact(StrEnum):
    """What can be said about a ticket."""

    FIRST_REACTION = "first_reaction"
    FAULT_CLASS = "fault_class"
    SPOF = "spof"
    CAUSE = "cause"
    PROVISIONAL = "provisional"
    PROBLEM = "problem"
    CATEGORY = "category"
    MODE = "mode"
    PHASE = "phase"
    RESPONSIBLE = "responsible"
    INVOLVED = "involved"
    DONE = "done"


class FaultClass(StrEnum):
    """How bad it is, from the least to the worst (seed 000)."""

    MINOR = "minor"
    MAIN = "main"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return list(FaultClass).index(self)


class Category(StrEnum):
    """What kind of work it was (item 34)."""

    SYSTEM_CONFIGURATION = "system_configuration"
    SYSTEM_DATA_RECOVERY = "system_data_recovery"
    HARDWARE_REPLACEMENT = "hardware_replacement"
    OTHER = "other"


class Mode(StrEnum):
    """Where the technician worked (item 31)."""

    REMOTE = "remote"
    ON_SITE = "on_site"


class Phase(StrEnum):
    """Where a ticket stands (A.7); the last three are side exits."""

    NEW = "new"
    ORDERED = "ordered"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    FIRST_REACTION = "first_reaction"
    IN_WORK = "in_work"
    PROVISIONAL = "provisional"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    TRANSFERRED_TO_PROBLEM = "transferred_to_problem"


class YesNo(StrEnum):
    """The value of a flag."""

    YES = "yes"
    NO = "no"


VOCABULARIES: Mapping[Fact, type[StrEnum]] = {
    Fact.FAULT_CLASS: FaultClass,
    Fact.SPOF: YesNo,
    Fact.CAUSE: Cause,
    Fact.PROVISIONAL: YesNo,
    Fact.CATEGORY: Category,
    Fact.MODE: Mode,
    Fact.PHASE: Phase,
}
"""The values of a fact; the others are words."""

_TECHNICAL = (Role.TECHNICIAN, Role.LEAD)
_ALSO_BY = {Role.LINE: frozenset({Fact.PHASE, Fact.FAULT_CLASS, Fact.SPOF})}
"""The line says what monitoring has told it: how bad it is (item 6). A technician may change it."""
_DONE = (Phase.RESOLVED, Phase.CLOSED)


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that somebody said about a ticket at an aware instant."""

    at: datetime
    author: str
    fact: Fact
    value: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What stands: the newest statement of each kind, and the first reaction of all."""

    said: Mapping[Fact, Statement]
    first_reaction: Statement | None

    def value(self, fact: Fact) -> str | None:
        """The newest value of a fact."""
        return self.said[fact].value if fact in self.said else None

    @property
    def spof(self) -> bool:
        """Whether a single point of failure is affected."""
        return self.value(Fact.SPOF) == YesNo.YES

    @property
    def fault_class(self) -> FaultClass | None:
        """The class that counts; with a single point of failure it is never below main (K-7)."""
        said = self.value(Fact.FAULT_CLASS)
        classes = [FaultClass(said)] if said is not None else []
        if self.spof:
            classes.append(FaultClass.MAIN)
        return max(classes, key=lambda each: each.rank, default=None)

    @property
    def cause(self) -> Cause | None:
        """Where the fault was; nothing is billed before it is said (item 71)."""
        said = self.value(Fact.CAUSE)
        return Cause(said) if said is not None else None

    @property
    def handed_over_at(self) -> datetime | None:
        """Since when problem management has it (item 13)."""
        problem = self.said.get(Fact.PROBLEM)
        return problem.at if problem is not None else None


def fault_of(statements: Iterable[Statement]) -> Fault:
    """What stands after these, which come in the order in which they were said."""
    every = tuple(statements)
    reactions = (each for each in every if each.fact is Fact.FIRST_REACTION)
    return Fault({each.fact: each for each in every}, next(reactions, None))


def refusals(before: Sequence[Statement], said: Sequence[Statement], role: Role) -> Iterator[str]:
    """Why these cannot be said, all together, after what was said `before`; nothing if they can."""
    single = [reason for each in said for reason in _refuse_one(each, role)]
    yield from single or _refuse_together(before, said)


def _refuse_together(before: Sequence[Statement], said: Sequence[Statement]) -> Iterator[str]:
    was, is_now = fault_of(before), fault_of([*before, *said])
    below_main = any(_says(each, Fact.FAULT_CLASS, FaultClass.MINOR) for each in said)
    if is_now.spof and below_main:
        yield "a fault with a single point of failure is never below main"
    if _is_lower(was, is_now) and not all(each.reason for each in said if _is_class(each)):
        yield "lowering the class of a fault needs a reason"
    yield from _refuse_phase(is_now, said)


def _refuse_one(statement: Statement, role: Role) -> Iterator[str]:
    fact, vocabulary = statement.fact, VOCABULARIES.get(statement.fact)
    if role not in _TECHNICAL and fact not in _ALSO_BY.get(role, {Fact.PHASE}):
        yield f"{fact} is said by a technician, never by the {role}"
    if vocabulary is not None and statement.value not in list(vocabulary):
        yield f"{fact} {statement.value!r} is unknown; use {', '.join(vocabulary)}"
    for text in (statement.value, statement.reason):
        if text is not None and not _is_text(text):
            yield f"{fact} needs 1 to {MAX_TEXT} printable characters"


def _refuse_phase(fault: Fault, said: Sequence[Statement]) -> Iterator[str]:
    phases = [each.value for each in said if each.fact is Fact.PHASE]
    if Phase.FIRST_REACTION in phases and fault.first_reaction is None:
        yield "nobody has given a first reaction yet"
    workaround = fault.value(Fact.PROVISIONAL) == YesNo.YES and fault.handed_over_at is None
    if workaround and any(phase in phases for phase in _DONE):
        yield "a provisional solution alone closes nothing; link a problem record"


def _is_lower(was: Fault, is_now: Fault) -> bool:
    before, after = was.fault_class, is_now.fault_class
    return before is not None and (after is None or after.rank < before.rank)


def _is_class(statement: Statement) -> bool:
    return statement.fact in (Fact.FAULT_CLASS, Fact.SPOF)


def _says(statement: Statement, fact: Fact, value: str) -> bool:
    return statement.fact is fact and statement.value == value


def _is_text(text: str) -> bool:
    return 0 < len(text.strip()) <= MAX_TEXT and text.isprintable()
