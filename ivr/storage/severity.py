"""What the class of a ticket's fault does to its place, as an expression over `ticket`."""

from sqlalchemy import case, select

from ivr.contracts.faults import Fact, FaultClass
from ivr.roster.waiting import Severity
from ivr.storage.models import Ticket, TicketFact

_NEWEST_CLASS = (
    select(TicketFact.value)
    .where(TicketFact.ticket_number == Ticket.number, TicketFact.fact == Fact.FAULT_CLASS)
    .order_by(TicketFact.id.desc())
    .limit(1)
    .correlate(Ticket)
    .scalar_subquery()
)
SEVERITY = case(
    {FaultClass.CRITICAL: Severity.CRITICAL.value, FaultClass.MAJOR: Severity.MAJOR.value},
    value=_NEWEST_CLASS,
    else_=Severity.USUAL.value,
)
"""A fault that nobody has judged is a usual one."""
