"""The form by which a closed case is corrected: what was chosen, what stood, and what is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.contracts.billing import Cause
from ivr.contracts.faults import Category, Fact, FaultClass, Mode, YesNo
from ivr.errors import PikettError
from ivr.people.person import Person
from ivr.services.account_records import Work
from ivr.services.closing import Problems, minutes_of, one_of
from ivr.services.ticket_files import Technician
from ivr.services.work_pages import TicketPage

MINUTES = "minutes"
LONGEST_REASON = 500
FACTS = (Fact.FAULT_CLASS, Fact.SPOF, Fact.CAUSE, Fact.MODE, Fact.CATEGORY)
_CHANGE = re.compile(r"(\w+)=(\w*)>(\w*)")
Values = Mapping[str, str]
"""What can be corrected: the name of a fact or `minutes`, and its value."""


class CorrectionError(PikettError):
    """Nothing was stored."""


class NotForHimError(CorrectionError):
    """The ticket is not closed, or it is somebody else's to correct."""


class NothingChangedError(CorrectionError):
    """It stands so already."""


class CorrectionRefusedError(CorrectionError):
    """The form is not right; `problems` are keys of texts, field by field."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


class CorrectedMeanwhileError(CorrectionError):
    """Since the page was shown somebody else, `name`, has corrected it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has corrected it meanwhile")
        self.name = name


@dataclass(frozen=True, slots=True)
class Corrector:
    """Who corrects which ticket, and how it stood on the page that he saw."""

    ticket: int
    person: Person
    technician: Technician | None
    seen: str
    at: datetime

    @property
    def name(self) -> str:
        """The one he is known by on tickets."""
        return self.technician.name if self.technician is not None else self.person.name


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to stand, as it was chosen and typed; empty where nothing sensible was."""

    values: Values
    reason: str


@dataclass(frozen=True, slots=True)
class ClosedCase:
    """How a closed ticket stands. `most` is None where no work was written down."""

    page: TicketPage
    values: Values
    settled: bool
    work: Work | None
    most: int | None

    @property
    def version(self) -> str:
        """Changes with what can be corrected."""
        return " ".join(f"{name}={value}" for name, value in self.values.items())


@dataclass(frozen=True, slots=True)
class Change:
    """One value that was corrected."""

    name: str
    before: str
    after: str


def parse_correction(form: Mapping[str, str]) -> Correction:
    """From the fields of the form."""
    minutes = minutes_of(form.get(MINUTES, "").strip())
    chosen = {
        Fact.FAULT_CLASS: one_of(FaultClass, form.get("fault_class", "")),
        Fact.SPOF: YesNo.YES if form.get("spof") else YesNo.NO,
        Fact.CAUSE: one_of(Cause, form.get("cause", "")),
        Fact.MODE: one_of(Mode, form.get("mode", "")),
        Fact.CATEGORY: one_of(Category, form.get("category", "")),
        MINUTES: None if minutes is None else str(minutes),
    }
    values = {str(name): str(value or "") for name, value in chosen.items()}
    return Correction(values, " ".join(form.get("reason", "").split()))


def read_changes(detail: str) -> tuple[list[Change], str]:
    """What an entry of the log tells: the changes, and the reason."""
    told, _, reason = detail.partition(": ")
    return [Change(*found) for found in _CHANGE.findall(told)], reason
