"""The form by which a technician closes a case, and what is wrong with it, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from ivr.contracts.billing import Cause
from ivr.contracts.faults import MAX_TEXT, Category, Fact, FaultClass, Mode, Phase, YesNo
from ivr.contracts.worktime import span_of
from ivr.services.account_records import Work

Problems = dict[str, str]
"""Field to the key of a text."""

MAX_MATERIAL = 500
MAX_PROBLEM = 60
MAX_INVOLVED = 200
Kind = TypeVar("Kind", bound=StrEnum)


class Outcome(StrEnum):
    """Whether it is mended for good."""

    SOLVED = "solved"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class Closing:
    """What was chosen and typed; None where nothing sensible was."""

    fault_class: FaultClass | None
    spof: bool
    cause: Cause | None
    mode: Mode | None
    category: Category | None
    minutes: int | None
    material: str = ""
    outcome: Outcome | None = Outcome.SOLVED
    problem: str = ""
    involved: str = ""
    reason: str = ""
    reacted: str = ""
    done: str = ""

    @property
    def phase(self) -> Phase:
        """Where this leads: a workaround alone closes nothing, a problem record does (item 13)."""
        if self.outcome is Outcome.SOLVED:
            return Phase.CLOSED
        return Phase.TRANSFERRED_TO_PROBLEM if self.problem else Phase.PROVISIONAL

    def work(self, end: datetime, person: str) -> Work:
        """What was done, which is over now; asked for once nothing is wrong any more."""
        minutes = self.minutes or 0
        span = span_of(end - timedelta(minutes=minutes), minutes, person)
        mode, category = self.mode or Mode.REMOTE, self.category or Category.OTHER
        return Work(span, mode, category, self.material)

    def facts(self) -> dict[Fact, str]:
        """What is stored; the state comes last."""
        workaround = self.outcome is Outcome.PROVISIONAL
        said = {
            Fact.FIRST_REACTION: self.reacted,
            Fact.FAULT_CLASS: str(self.fault_class),
            Fact.SPOF: str(YesNo.YES if self.spof else YesNo.NO),
            Fact.CAUSE: str(self.cause),
            Fact.MODE: str(self.mode),
            Fact.CATEGORY: str(self.category),
            Fact.PROVISIONAL: str(YesNo.YES if workaround else YesNo.NO),
            Fact.PROBLEM: self.problem,
            Fact.INVOLVED: self.involved,
            Fact.DONE: self.done,
            Fact.PHASE: str(self.phase),
        }
        return {fact: value for fact, value in said.items() if value}


def parse_closing(form: Mapping[str, str], reaction: str) -> Closing:
    """From the fields of the form; `reaction` is what a ticked first reaction says."""

    def text(name: str) -> str:
        return " ".join(form.get(name, "").split())

    return Closing(
        one_of(FaultClass, text("fault_class")),
        bool(text("spof")),
        one_of(Cause, text("cause")),
        one_of(Mode, text("mode")),
        one_of(Category, text("category")),
        minutes_of(text("minutes_other") or text("minutes")),
        text("material"),
        one_of(Outcome, text("outcome")),
        text("problem"),
        text("involved"),
        text("reason"),
        reaction if text("reacted") else "",
        text("done"),
    )


def problems_of(closing: Closing, before: FaultClass | None, most_minutes: int | None) -> Problems:
    """What is wrong; empty if nothing is. `most_minutes` None: no work is recorded for it."""
    found = {
        field: "tech.error.choose"
        for field in ("fault_class", "cause", "mode", "category", "outcome")
        if getattr(closing, field) is None
    }
    if closing.fault_class is FaultClass.MINOR and closing.spof:
        found["fault_class"] = "tech.error.spof"
    elif _is_lower(closing, before) and not closing.reason:
        found["reason"] = "tech.error.reason"
    if most_minutes is not None:
        found |= _problems_of_minutes(closing.minutes, most_minutes)
    limits = {
        "material": MAX_MATERIAL,
        "problem": MAX_PROBLEM,
        "involved": MAX_INVOLVED,
        "reason": MAX_TEXT,
        "done": MAX_TEXT,
    }
    for field, limit in limits.items():
        value = getattr(closing, field)
        if len(value) > limit or not value.isprintable():
            found[field] = "tech.error.text"
    return found


def _problems_of_minutes(minutes: int | None, most: int) -> Problems:
    if minutes is None or minutes < 1:
        return {"minutes": "tech.error.minutes"}
    return {"minutes": "tech.error.too_many"} if minutes > most else {}


def _is_lower(closing: Closing, before: FaultClass | None) -> bool:
    chosen = closing.fault_class
    return before is not None and chosen is not None and chosen.rank < before.rank


def minutes_of(text: str) -> int | None:
    """A whole number of five figures at most."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else None


def one_of(kind: type[Kind], text: str) -> Kind | None:
    """None for a word that is none of them."""
    return kind(text) if text in list(kind) else None
