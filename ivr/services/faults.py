"""Facts of a ticket: what technicians say about a fault, and how its promises stand since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.contracts.commitments import Promise, Standing, alarm, standing
from ivr.contracts.faults import Fact, Fault, Role, Statement, fault_of, refusals
from ivr.errors import PikettError
from ivr.services.records import TicketView
from ivr.services.stores import Storage, UnitOfWork


class FactRefusedError(PikettError):
    """This cannot be said about this ticket, or not by him; nothing was stored."""


@dataclass(frozen=True, slots=True)
class TicketState:
    """A ticket with everything that was promised and said, as it stands at an instant."""

    ticket: TicketView
    statements: tuple[Statement, ...]
    fault: Fault
    promises: tuple[tuple[Promise, Standing], ...]
    alarm: Promise | None


class Faults:
    """Stores what is said, and tells how a ticket stands."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def note(
        self,
        number: int,
        author: str,
        facts: Mapping[Fact, str],
        reason: str | None,
        at: datetime,
        role: Role = Role.TECHNICIAN,
    ) -> TicketState:
        """Store facts, all or none. A technician must be one of ours."""
        with self._storage.writing() as uow:
            uow.facts.lock(number)
            return self.note_in(uow, number, author, facts, reason, at, role)

    def note_in(
        self,
        uow: UnitOfWork,
        number: int,
        author: str,
        facts: Mapping[Fact, str],
        reason: str | None,
        at: datetime,
        role: Role = Role.TECHNICIAN,
    ) -> TicketState:
        """The same within a transaction that has locked the ticket."""
        said = [
            Statement(at, author, fact, _plain(value), _plain(reason) if reason else None)
            for fact, value in facts.items()
        ]
        before = self.state_in(uow, number, at).statements
        if role is Role.TECHNICIAN and not uow.roster.has_technician(author):
            raise FactRefusedError(f"there is no technician {author!r}")
        refused = list(refusals(before, said, role))
        if refused:
            raise FactRefusedError("; ".join(refused))
        uow.facts.add(number, said)
        return self.state_in(uow, number, at)

    def state(self, number: int, at: datetime) -> TicketState:
        """How a ticket stands; raises FactRefusedError where there is none."""
        with self._storage.reading() as uow:
            return self.state_in(uow, number, at)

    def state_in(self, uow: UnitOfWork, number: int, at: datetime) -> TicketState:
        """The same within a transaction."""
        try:
            view = uow.tickets.view(number)
        except LookupError as error:
            raise FactRefusedError(f"there is no ticket {number}") from error
        statements = tuple(uow.facts.list_of(number))
        fault, given = fault_of(statements), uow.commitments.list_of(number)
        return TicketState(view, statements, fault, _standings(given, fault, at), alarm(given))


def _standings(
    given: Sequence[Promise], fault: Fault, at: datetime
) -> tuple[tuple[Promise, Standing], ...]:
    reacted = fault.first_reaction.at if fault.first_reaction is not None else None
    return tuple((each, standing(each, at, reacted, fault.handed_over_at)) for each in given)


def _plain(text: str) -> str:
    """One line."""
    return " ".join(text.split())
