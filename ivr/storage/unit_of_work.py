"""Transactions over an engine, with one repository per aggregate."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoTurnError

from ivr.errors import WriteConflictError
from ivr.services.timers import Queue
from ivr.storage.accounts import SqlAccounts
from ivr.storage.alerts import SqlAlerts
from ivr.storage.attempts import SqlAttempts
from ivr.storage.callbacks import SqlCallbacks
from ivr.storage.calls import SqlCalls
from ivr.storage.commitments import SqlCommitments, SqlFacts
from ivr.storage.consents import SqlConsents
from ivr.storage.contracts import SqlContracts
from ivr.storage.customers import SqlCustomers
from ivr.storage.database import PATIENCE_SECONDS, reading, writing
from ivr.storage.desk import SqlDesk
from ivr.storage.disturbances import SqlDisturbances
from ivr.storage.doorbell import Doorbell
from ivr.storage.escalations import SqlEscalations
from ivr.storage.identity import SqlCodes, SqlContacts
from ivr.storage.ledgers import SqlLedgers
from ivr.storage.lists import SqlLists
from ivr.storage.messages import MessageStores
from ivr.storage.outbox import SqlOutbox
from ivr.storage.pages import SqlPages
from ivr.storage.parked import SqlParked
from ivr.storage.people import SqlLogins, SqlPeople, SqlSessions
from ivr.storage.people_audit import SqlAudit, SqlDrafts
from ivr.storage.repeats import SqlRepeats
from ivr.storage.roster import SqlRoster
from ivr.storage.roster_rules import SqlRosterRules
from ivr.storage.roster_swaps import SqlFeeds, SqlSwaps
from ivr.storage.roster_technicians import SqlContactMethods, SqlTechnicians
from ivr.storage.texts import SqlTexts
from ivr.storage.ticket_files import SqlHandovers, SqlTicketFiles
from ivr.storage.tickets import SqlTickets
from ivr.storage.timers import SqlTimers
from ivr.storage.waiting import SqlWaiting

_CONFLICTS = ("40P01", "40001")
"""Deadlock detected; could not serialise."""


@dataclass(frozen=True, slots=True)
class SqlUnitOfWork(MessageStores):
    """The stores of one transaction; each is a few methods over the same connection."""

    connection: Connection
    woken: set[Queue] = field(default_factory=set)

    @property
    def timers(self) -> SqlTimers:
        """What falls due."""
        return SqlTimers(self.connection, self.woken)

    @property
    def escalations(self) -> SqlEscalations:
        """Cases that look for somebody."""
        return SqlEscalations(self.connection)

    @property
    def pages(self) -> SqlPages:
        """The ledger of pages."""
        return SqlPages(self.connection)

    @property
    def alerts(self) -> SqlAlerts:
        """Alerts of monitoring systems."""
        return SqlAlerts(self.connection)

    @property
    def disturbances(self) -> SqlDisturbances:
        """Known disturbances."""
        return SqlDisturbances(self.connection)

    @property
    def calls(self) -> SqlCalls:
        """Calls, turns, consents."""
        return SqlCalls(self.connection)

    @property
    def callbacks(self) -> SqlCallbacks:
        """Calls back to customers."""
        return SqlCallbacks(self.connection)

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
    def roster_rules(self) -> SqlRosterRules:
        """Rotations, overrides, absences, and what is published of them."""
        return SqlRosterRules(self.connection)

    @property
    def technicians(self) -> SqlTechnicians:
        """Who can be rung."""
        return SqlTechnicians(self.connection)

    @property
    def contact_methods(self) -> SqlContactMethods:
        """How technicians are reached."""
        return SqlContactMethods(self.connection)

    @property
    def swaps(self) -> SqlSwaps:
        """Swaps of duties."""
        return SqlSwaps(self.connection)

    @property
    def feeds(self) -> SqlFeeds:
        """Private calendar addresses."""
        return SqlFeeds(self.connection)

    @property
    def attempts(self) -> SqlAttempts:
        """Ring attempts."""
        return SqlAttempts(self.connection)

    @property
    def parked(self) -> SqlParked:
        """Telephones that ring for parked callers."""
        return SqlParked(self.connection)

    @property
    def waiting(self) -> SqlWaiting:
        """Callers who wait for a technician."""
        return SqlWaiting(self.connection)

    @property
    def repeats(self) -> SqlRepeats:
        """What callers did before."""
        return SqlRepeats(self.connection)

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
    def texts(self) -> SqlTexts:
        """Texts (SMS)."""
        return SqlTexts(self.connection)

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

    def __init__(self, engine: Engine, bell: Doorbell | None = None) -> None:
        self.engine = engine
        self._bell = bell
        self._line = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        """One durable transaction."""
        with self._turn_to_write(), _giving_way(), writing(self.engine) as connection:
            uow = SqlUnitOfWork(connection)
            yield uow
            if uow.woken and self._bell is not None:
                self._bell.before_commit(connection)
        if uow.woken and self._bell is not None:
            self._bell.after_commit()

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


@contextmanager
def _giving_way() -> Iterator[None]:
    """PostgreSQL ends one of two transactions that wait for each other; its work can be done again."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _CONFLICTS:
            raise WriteConflictError("gave way to another transaction") from error
        raise
