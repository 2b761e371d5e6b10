"""Transactions over an engine, with one repository per aggregate."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from ivr.storage.attempts import SqlAttempts
from ivr.storage.calls import SqlCalls
from ivr.storage.customers import SqlCustomers
from ivr.storage.database import reading, writing
from ivr.storage.outbox import SqlOutbox
from ivr.storage.roster import SqlRoster
from ivr.storage.tickets import SqlTickets


@dataclass(frozen=True, slots=True)
class SqlUnitOfWork:
    """The stores of one transaction; each is a few methods over the same connection."""

    connection: Connection

    @property
    def calls(self) -> SqlCalls:
        """Calls, turns, consents."""
        return SqlCalls(self.connection)

    @property
    def customers(self) -> SqlCustomers:
        """Customers, locations, contracts."""
        return SqlCustomers(self.connection)

    @property
    def roster(self) -> SqlRoster:
        """Technicians and duties."""
        return SqlRoster(self.connection)

    @property
    def attempts(self) -> SqlAttempts:
        """Ring attempts."""
        return SqlAttempts(self.connection)

    @property
    def tickets(self) -> SqlTickets:
        """Tickets and messages."""
        return SqlTickets(self.connection)

    @property
    def outbox(self) -> SqlOutbox:
        """Mails."""
        return SqlOutbox(self.connection)


class SqlStorage:
    """The storage port over an SQLAlchemy engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        """One durable transaction."""
        with writing(self.engine) as connection:
            yield SqlUnitOfWork(connection)

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        """Reading only."""
        with reading(self.engine) as connection:
            yield SqlUnitOfWork(connection)
