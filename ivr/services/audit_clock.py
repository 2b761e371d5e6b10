"""The clock of a ticket's story. A rehearsal has a time of its own; who looks and works has ours.

Its story is told in the time of the rehearsal throughout, as its promises are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ivr.contracts.faults import Statement
from ivr.services.audit_records import CardSpan
from ivr.services.listing import AuditRow
from ivr.services.records import CallRecord


def shift_of(call: CallRecord) -> timedelta:
    """What the call's clock is ahead of ours; nothing for a real call."""
    return timedelta(seconds=call.clock_shift_seconds)


def in_our_time(card: CardSpan | None, shift: timedelta) -> CardSpan | None:
    """A card is opened in the time of its call, and closed in ours."""
    return card and replace(card, opened_at=card.opened_at - shift)


def rows_in_call_time(rows: Iterable[AuditRow], shift: timedelta) -> list[AuditRow]:
    """The log is written in our time."""
    return [replace(row, at=row.at + shift) for row in rows]


def said_in_call_time(said: Sequence[Statement], call: CallRecord) -> list[Statement]:
    """What the line itself noted during the call stands in the time of the call already."""
    shift = shift_of(call)
    return [
        each if _is_during(call, each.at) else replace(each, at=each.at + shift) for each in said
    ]


def _is_during(call: CallRecord, at: datetime) -> bool:
    return call.received_at <= at <= (call.ended_at or call.received_at + timedelta(hours=1))
