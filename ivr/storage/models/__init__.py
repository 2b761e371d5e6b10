"""Typed models, one aggregate a file; importing this package makes the metadata complete."""

from ivr.storage.models.account import Account, AccountLine, PlanUpgrade, WorkSpan
from ivr.storage.models.base import Base
from ivr.storage.models.call import Call, Consent, RingAttempt, Turn
from ivr.storage.models.commitment import Commitment, TicketFact
from ivr.storage.models.consent import ConsentSeal
from ivr.storage.models.contract import Contract, ContractLocation
from ivr.storage.models.customer import Customer, Location, PhoneNumber
from ivr.storage.models.desk import DeskCard, DeskPresence
from ivr.storage.models.identity import CodeFailure, CodeStanding, Contact
from ivr.storage.models.ledger import LedgerEntry
from ivr.storage.models.mail import OutboxMail
from ivr.storage.models.night import Handover, TicketNote
from ivr.storage.models.person import (
    AuditEntry,
    Draft,
    LoginFailure,
    LoginStanding,
    Person,
    WebSession,
)
from ivr.storage.models.roster import RosterEntry, Technician
from ivr.storage.models.ticket import Recording, Ticket

__all__ = [
    "Account",
    "AccountLine",
    "AuditEntry",
    "Base",
    "Call",
    "CodeFailure",
    "CodeStanding",
    "Commitment",
    "Consent",
    "ConsentSeal",
    "Contact",
    "Contract",
    "ContractLocation",
    "Customer",
    "DeskCard",
    "DeskPresence",
    "Draft",
    "Handover",
    "LedgerEntry",
    "Location",
    "LoginFailure",
    "LoginStanding",
    "OutboxMail",
    "Person",
    "PhoneNumber",
    "PlanUpgrade",
    "Recording",
    "RingAttempt",
    "RosterEntry",
    "Technician",
    "Ticket",
    "TicketFact",
    "TicketNote",
    "Turn",
    "WebSession",
    "WorkSpan",
]
