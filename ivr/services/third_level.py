"""A person calls the third level: the chiefs, or a supplier (items 12, 35).

Only for the provider's own basic services, never for the customer's environment: where a technician
has said what the cause is, his word decides; where nobody has yet, whoever calls says so himself and
gives his reason. The search for a first technician, if there is one, gives way to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.contracts.billing import Cause
from ivr.contracts.faults import Fact, Role
from ivr.contracts.ticket_states import ENDS
from ivr.errors import PikettError
from ivr.escalation.policy import THIRD_LEVEL, THIRD_LEVEL_POLICIES, Reason
from ivr.escalation.rings import Person
from ivr.roster.hunt import Level
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.work_pages import TicketPage, page_of


class ThirdLevelRefusedError(PikettError):
    """Nobody is called; `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class ThirdLevelCall:
    """Who calls whom, and why. `technician` where he is one of those who are rung."""

    ticket: int
    level: str
    reason: str
    by: str
    at: datetime
    technician: bool = True
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ThirdLevelView:
    """Who could be called now; `refused` names the text that says why nobody can."""

    refused: str | None
    people: Sequence[tuple[Level, Sequence[str]]] = field(default=())


class ThirdLevel:
    """Says who could be called, and calls."""

    def __init__(self, storage: Storage, faults: Faults, escalations: Escalations) -> None:
        self._storage = storage
        self._faults = faults
        self._escalations = escalations

    def view(self, page: TicketPage, at: datetime) -> ThirdLevelView | None:
        """For a ticket's page; None where there is nothing to say."""
        if _is_over(page):
            return None
        with self._storage.reading() as uow:
            present = _present(uow, at)
        people = [(level, [each.name for each in found]) for level, found in present.items()]
        why = _why_not(page) or (None if people else "third.error.nobody")
        return ThirdLevelView(why, people)

    def call(self, asked: ThirdLevelCall) -> Sequence[str]:
        """Ring them; returns their names. Raises ThirdLevelRefusedError."""
        with self._storage.writing() as uow:
            uow.facts.lock(asked.ticket)
            page = page_of(uow, self._faults, asked.ticket, asked.at)
            if (why := _why_not(page) or _incomplete(asked)) is not None:
                raise ThirdLevelRefusedError(why)
            level = next((each for each in Level if each == asked.level), None)
            people = _present(uow, asked.at).get(level, ()) if level is not None else ()
            if level is None or not people:
                raise ThirdLevelRefusedError("third.error.nobody")
            self._search(uow, asked, level)
            names = [each.name for each in people]
            self._note(uow, asked, ", ".join(names))
            return names

    def _search(self, uow: UnitOfWork, asked: ThirdLevelCall, level: Level) -> None:
        policy = THIRD_LEVEL_POLICIES[level]
        running = uow.escalations.find_open(asked.ticket)
        if running is not None and running.policy == policy.dumped():
            raise ThirdLevelRefusedError("third.error.running")
        self._escalations.close_in(uow, asked.ticket, "third_level", asked.at)
        self._escalations.open_in(uow, asked.ticket, Reason.TICKET, asked.at, policy=policy.name)

    def _note(self, uow: UnitOfWork, asked: ThirdLevelCall, names: str) -> None:
        role = Role.TECHNICIAN if asked.technician else Role.LEAD
        facts = {Fact.INVOLVED: names}
        self._faults.note_in(uow, asked.ticket, asked.by, facts, asked.reason, asked.at, role)


def _is_over(page: TicketPage) -> bool:
    return page.phase in ENDS or page.file.rehearsal


def _why_not(page: TicketPage) -> str | None:
    """The key of a text; None where it may be called."""
    if _is_over(page):
        return "third.error.over"
    cause = page.state.fault.cause
    return "third.error.basic" if cause not in (None, Cause.WINET_BASIC_SERVICE) else None


def _incomplete(asked: ThirdLevelCall) -> str | None:
    if not asked.reason:
        return "third.error.reason"
    return None if asked.confirmed else "third.error.confirm"


def _present(uow: UnitOfWork, at: datetime) -> dict[Level, Sequence[Person]]:
    """Whoever has one of these levels in the roster now, and a telephone."""
    found: dict[Level, list[Person]] = {}
    for person in uow.escalations.list_present(at):
        if person.level in THIRD_LEVEL and person.phones:
            found.setdefault(Level(person.level), []).append(person)
    return dict(found)
