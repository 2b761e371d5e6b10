"""Transactions over an engine, with one repository per aggregate."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as NoTurnError

from ivr.storage.accounts import SqlAccounts
from ivr.storage.attempts import SqlAttempts
from ivr.storage.calls import SqlCalls
from ivr.storage.commitments import SqlCommitments, SqlFacts
from ivr.storage.consents import SqlConsents
from ivr.storage.contracts import SqlContracts
from ivr.storage.customers import SqlCustomers
from ivr.storage.database import PATIENCE_SECONDS, reading, writing
from ivr.storage.desk import SqlDesk
from ivr.storage.identity import SqlCodes, SqlContacts
from ivr.storage.ledgers import SqlLedgers
from ivr.storage.lists import SqlLists
from ivr.storage.outbox import SqlOutbox
from ivr.storage.people import SqlLogins, SqlPeople, SqlSessions
from ivr.storage.people_audit import SqlAudit, SqlDrafts
from ivr.storage.roster import SqlRoster
from ivr.storage.ticket_files import SqlHandovers, SqlTicketFiles
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
    def contacts(self) -> SqlContacts:
        """The people of the customers."""
        return SqlContacts(self.connection)

    @property
    def codes(self) -> SqlCodes:
        """PINs and wrong codes."""
        return SqlCodes(self.connection)

    @property
    def consents(self) -> SqlConsents:
        """Consents and their chain."""
        return SqlConsents(self.connection)

    @property
    def contracts(self) -> SqlContracts:
        """Contracts and their versions."""
        return SqlContracts(self.connection)

    @property
    def commitments(self) -> SqlCommitments:
        """What tickets promise."""
        return SqlCommitments(self.connection)

    @property
    def facts(self) -> SqlFacts:
        """What was said about tickets."""
        return SqlFacts(self.connection)

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
    def ticket_files(self) -> SqlTicketFiles:
        """Tickets as people read them."""
        return SqlTicketFiles(self.connection)

    @property
    def handovers(self) -> SqlHandovers:
        """Hand-over documents."""
        return SqlHandovers(self.connection)

    @property
    def desk(self) -> SqlDesk:
        """The service desk's cards and board."""
        return SqlDesk(self.connection)

    @property
    def outbox(self) -> SqlOutbox:
        """Mails."""
        return SqlOutbox(self.connection)

    @property
    def ledgers(self) -> SqlLedgers:
        """Free units and hour packages."""
        return SqlLedgers(self.connection)

    @property
    def accounts(self) -> SqlAccounts:
        """Work, accounts, credit notes."""
        return SqlAccounts(self.connection)

    @property
    def people(self) -> SqlPeople:
        """Who may log in."""
        return SqlPeople(self.connection)

    @property
    def web_sessions(self) -> SqlSessions:
        """Logins that are going on."""
        return SqlSessions(self.connection)

    @property
    def logins(self) -> SqlLogins:
        """Wrong logins."""
        return SqlLogins(self.connection)

    @property
    def audit(self) -> SqlAudit:
        """Who looked at and changed what."""
        return SqlAudit(self.connection)

    @property
    def lists(self) -> SqlLists:
        """The lists of the console."""
        return SqlLists(self.connection)

    @property
    def drafts(self) -> SqlDrafts:
        """Forms that were sent too late."""
        return SqlDrafts(self.connection)


class SqlStorage:
    """The storage port over an SQLAlchemy engine.

    SQLite has one writer at a time. It lets the others ask again and again, with pauses in which
    nobody writes, and some are never served; so the writers of one process stand in line here.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._line = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        """One durable transaction."""
        with self._turn_to_write(), writing(self.engine) as connection:
            yield SqlUnitOfWork(connection)

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        if self._line is None:
            yield
            return
        if not self._line.acquire(timeout=PATIENCE_SECONDS):
            raise NoTurnError(f"no turn to write within {PATIENCE_SECONDS} s")
        try:
            yield
        finally:
            self._line.release()

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        """Reading only."""
        with reading(self.engine) as connection:
            yield SqlUnitOfWork(connection)
