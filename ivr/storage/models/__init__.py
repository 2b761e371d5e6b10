"""Typed models, one aggregate a file; importing this package makes the metadata complete."""

from ivr.storage.models.account import Account, AccountLine, PlanUpgrade, WorkSpan
from ivr.storage.models.alert import Alert, AlertCase, AlertSource, Maintenance
from ivr.storage.models.base import Base
from ivr.storage.models.call import Call, Consent, RingAttempt, Turn
from ivr.storage.models.callback import Callback, CallbackLeg, FormRequest
from ivr.storage.models.commitment import Commitment, TicketFact
from ivr.storage.models.consent import ConsentSeal
from ivr.storage.models.contract import Contract, ContractLocation
from ivr.storage.models.customer import Customer, Location, PhoneNumber
from ivr.storage.models.desk import DeskCard, DeskPresence, DeskReady
from ivr.storage.models.disturbance import (
    Disturbance,
    DisturbanceScope,
    InformMe,
    LocationService,
)
from ivr.storage.models.escalation import Escalation, Page, Timer
from ivr.storage.models.identity import CodeFailure, CodeStanding, Contact
from ivr.storage.models.ledger import LedgerEntry
from ivr.storage.models.mail import OutboxMail
from ivr.storage.models.night import Handover, TicketNote
from ivr.storage.models.parked import ParkedLeg
from ivr.storage.models.person import (
    AuditEntry,
    Draft,
    LoginFailure,
    LoginStanding,
    Person,
    WebSession,
)
from ivr.storage.models.prompt import (
    PromptNumber,
    PromptOutdated,
    PromptPublication,
    PromptVersion,
)
from ivr.storage.models.roster import ContactMethod, RosterEntry, Technician
from ivr.storage.models.roster_rules import (
    CalendarFeed,
    RosterAbsence,
    RosterAlarm,
    RosterOverride,
    RosterParticipant,
    RosterRotation,
    RosterSwap,
)
from ivr.storage.models.selftest import ReadinessCheck, SelftestRun
from ivr.storage.models.text import TextMessage
from ivr.storage.models.ticket import Recording, Ticket
from ivr.storage.models.waiting import WaitingCaller

__all__ = [
    "Account",
    "AccountLine",
    "Alert",
    "AlertCase",
    "AlertSource",
    "AuditEntry",
    "Base",
    "CalendarFeed",
    "Call",
    "Callback",
    "CallbackLeg",
    "CodeFailure",
    "CodeStanding",
    "Commitment",
    "Consent",
    "ConsentSeal",
    "Contact",
    "ContactMethod",
    "Contract",
    "ContractLocation",
    "Customer",
    "DeskCard",
    "DeskPresence",
    "DeskReady",
    "Disturbance",
    "DisturbanceScope",
    "Draft",
    "Escalation",
    "FormRequest",
    "Handover",
    "InformMe",
    "LedgerEntry",
    "Location",
    "LocationService",
    "LoginFailure",
    "LoginStanding",
    "Maintenance",
    "OutboxMail",
    "Page",
    "ParkedLeg",
    "Person",
    "PhoneNumber",
    "PlanUpgrade",
    "PromptNumber",
    "PromptOutdated",
    "PromptPublication",
    "PromptVersion",
    "ReadinessCheck",
    "Recording",
    "RingAttempt",
    "RosterAbsence",
    "RosterAlarm",
    "RosterEntry",
    "RosterOverride",
    "RosterParticipant",
    "RosterRotation",
    "RosterSwap",
    "SelftestRun",
    "Technician",
    "TextMessage",
    "Ticket",
    "TicketFact",
    "TicketNote",
    "Timer",
    "Turn",
    "WaitingCaller",
    "WebSession",
    "WorkSpan",
]
