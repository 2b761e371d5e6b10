"""What a caller did before: his open tickets, the calls about them, his support code."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, false, func, or_, select, true
from sqlalchemy.orm import aliased

from ivr.callflow.facts import IdentifiedBy
from ivr.callflow.requests import OrderState, TicketKind
from ivr.services.reports import SERIES_ENDS
from ivr.services.waiting_store import EarlierTicket
from ivr.storage.models import Call, Customer, Ticket

MOST_OPEN = 5
BY_CALLERS = (
    TicketKind.ORDER,
    TicketKind.FAST_LANE,
    TicketKind.EMERGENCY,
    TicketKind.MESSAGE,
    TicketKind.MISSED_CALL,
    TicketKind.CALLBACK,
)
"""Tickets that customers know of; what monitoring has found is not theirs to call about."""


class SqlRepeats:
    """The repeat store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_open(
        self, customer_id: int, since: datetime, at: datetime, *, rehearsal: str | None
    ) -> Sequence[EarlierTicket]:
        """By the customer's tickets, which are few beside all calls."""
        about = aliased(Call)
        newest = (
            select(func.max(about.received_at))
            .where(about.ticket_number == Ticket.number)
            .correlate(Ticket)
            .scalar_subquery()
        )
        query = (
            select(Ticket.number, Ticket.location_id, Call.order_state)
            .join(Call, Call.id == Ticket.call_id)
            .where(
                Ticket.customer_id == customer_id,
                Ticket.rehearsal.is_(rehearsal is not None),
                self._of_series(rehearsal),
                Ticket.kind.in_(BY_CALLERS),
                or_(Ticket.over_at.is_(None), Ticket.over_at > at),
                newest >= since,
            )
            .order_by(newest.desc(), Ticket.number.desc())
        )
        return [
            EarlierTicket(number, location_id, state == OrderState.ORDERED)
            for number, location_id, state in self._connection.execute(query.limit(MOST_OPEN))
        ]

    def count_calls(self, ticket_number: int, since: datetime) -> int:
        """The one that opened it included."""
        query = select(func.count()).where(
            Call.ticket_number == ticket_number, Call.received_at >= since
        )
        return self._connection.scalar(query) or 0

    def newest_call(self, ticket_number: int) -> str | None:
        """Of those that are about it."""
        query = select(Call.id).where(Call.ticket_number == ticket_number)
        return self._connection.scalar(query.order_by(Call.received_at.desc()).limit(1))

    def find_customer_by_code(
        self, number: str, since: datetime, *, rehearsal: str | None
    ) -> int | None:
        """Only a code that was entered in a call counts, and only while it is still the code."""
        entered = select(Call.customer_id).join(Customer, Customer.id == Call.customer_id)
        query = entered.where(
            or_(Customer.pin_set_at.is_(None), Customer.pin_set_at < Call.received_at),
            Call.caller_number == number,
            Call.received_at >= since,
            Call.identified_by == IdentifiedBy.SUPPORT_CODE,
            Call.rehearsal.is_(rehearsal is not None),
            self._of_series(rehearsal),
        )
        return self._connection.scalar(query.order_by(Call.received_at.desc()).limit(1))

    def newest_series(self, channel: str) -> str | None:
        """By our time, not by that in which it was played."""
        query = select(Call.received_at, Call.clock_shift_seconds, Call.provider_call_id)
        rows = self._connection.execute(query.where(Call.channel == channel, Call.rehearsal))
        made = {at - timedelta(seconds=shift): name for at, shift, name in rows}
        return _series(made[max(made)]) if made else None

    def _of_series(self, rehearsal: str | None) -> ColumnElement[bool]:
        """Real calls: no condition. Rehearsals: a call of the series, of which none may be known."""
        if rehearsal is None:
            return true()
        query = select(Call.provider_call_id).where(Call.id == rehearsal)
        series = _series(self._connection.scalar(query))
        if series is None:
            return false()
        return Call.provider_call_id.startswith(f"{series}{SERIES_ENDS}", autoescape=True)


def _series(provider_call_id: str | None) -> str | None:
    series, mark, _ = (provider_call_id or "").partition(SERIES_ENDS)
    return series if mark else None
