"""Typed models, one aggregate a file; importing this package makes the metadata complete."""

from ivr.storage.models.account import Account, AccountLine, PlanUpgrade, WorkSpan
from ivr.storage.models.base import Base
from ivr.storage.models.call import Call, Consent, RingAttempt, Turn
from ivr.storage.models.commitment import Commitment, TicketFact
from ivr.storage.models.consent import ConsentSeal
from ivr.storage.models.contract import Contract, ContractLocation
from ivr.storage.models.customer import Customer, Location, PhoneNumber
from ivr.storage.models.identity import CodeFailure, CodeStanding, Contact
from ivr.storage.models.ledger import LedgerEntry
from ivr.storage.models.mail import OutboxMail
from ivr.storage.models.roster import RosterEntry, Technician
from ivr.storage.models.ticket import Recording, Ticket

__all__ = [
    "Account",
    "AccountLine",
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
    "LedgerEntry",
    "Location",
    "OutboxMail",
    "PhoneNumber",
    "PlanUpgrade",
    "Recording",
    "RingAttempt",
    "RosterEntry",
    "Technician",
    "Ticket",
    "TicketFact",
    "Turn",
    "WorkSpan",
]
