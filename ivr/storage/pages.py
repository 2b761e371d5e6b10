"""The ledger of pages in the database."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ivr.callflow.facts import AttemptResult
from ivr.escalation.limits import PastCall
from ivr.roster.hunt import AcceptBy
from ivr.services.escalation_store import (
    PENDING,
    RUNG,
    UNANSWERED,
    Channel,
    EscalationState,
    PageRecord,
    PageState,
)
from ivr.services.timers import CLAIM
from ivr.storage.models import Escalation, Page, RingAttempt

MOST_ASKED = 20
MAX_ERROR_LENGTH = 200
_PAGE = tuple(getattr(Page, name) for name in PageRecord.__dataclass_fields__)
_RESULTS = {
    PageState.ANSWERED: AttemptResult.ANSWERED,
    PageState.TAKEN: AttemptResult.ACCEPTED,
    PageState.PASSED_ON: AttemptResult.DECLINED,
    PageState.DEFERRED: AttemptResult.DECLINED,
    PageState.NO_KEY: AttemptResult.NO_KEY,
    PageState.NO_ANSWER: AttemptResult.NO_ANSWER,
    PageState.BUSY: AttemptResult.BUSY,
    PageState.FAILED: AttemptResult.FAILED,
    PageState.REFUSED: AttemptResult.FAILED,
    PageState.CANCELLED: AttemptResult.CANCELLED,
}


class SqlPages:
    """The page store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, page: PageRecord, call_id: str) -> None:
        """Into the ledger."""
        self._connection.execute(insert(Page).values(asdict(page)))
        if page.channel is Channel.CALL and page.state is PageState.INTENDED:
            self._connection.execute(insert(RingAttempt).values(_attempt(page, call_id)))

    def get(self, page_id: str) -> PageRecord:
        """One page."""
        row = self._connection.execute(select(*_PAGE).where(Page.id == page_id)).one_or_none()
        if row is None:
            raise LookupError(f"no page {page_id}")
        return _page(row)

    def list_of(self, escalation_id: int) -> Sequence[PageRecord]:
        """Its ledger."""
        query = select(*_PAGE).where(Page.escalation_id == escalation_id)
        return self._pages(query.order_by(Page.intended_at, Page.id))

    def list_bundled(self, page_id: str) -> Sequence[PageRecord]:
        """Spoken for by this call."""
        return self._pages(select(*_PAGE).where(Page.bundled_into == page_id).order_by(Page.id))

    def list_rung(self, before: datetime) -> Sequence[PageRecord]:
        """By the open cases, which are few."""
        query = (
            select(*_PAGE)
            .join(Escalation, Escalation.id == Page.escalation_id)
            .where(
                Escalation.state == EscalationState.OPEN,
                Page.channel == Channel.CALL,
                Page.state.in_(RUNG),
                Page.placed_at < before,
            )
        )
        return self._pages(query.order_by(Page.placed_at).limit(MOST_ASKED))

    def find_ringing(self, address: str, at: datetime) -> PageRecord | None:
        """A lost event bars nobody longer than the lease; one that somebody ends just now is over.

        So is one that he answers just now: what it says is chosen in that very transaction.
        """
        query = (
            select(*_PAGE)
            .join(RingAttempt, RingAttempt.id == Page.id)
            .where(
                Page.address == address, Page.state.in_(UNANSWERED), RingAttempt.engaged_until > at
            )
        )
        newest = query.order_by(Page.intended_at.desc()).limit(1)
        held = newest.with_for_update(read=True, skip_locked=True, of=Page)
        return next(iter(self._pages(held)), None)

    def list_calls_to(self, address: str, since: datetime) -> Sequence[PastCall]:
        """Calls placed to a telephone."""
        query = select(Page.placed_at, Page.escalation_id).where(
            Page.address == address, Page.placed_at > since
        )
        return [PastCall(at, case_) for at, case_ in self._connection.execute(query) if at]

    def placing(self, page_id: str, telephone: str) -> None:
        """One more."""
        query = update(Page).where(Page.id == page_id)
        self._connection.execute(
            query.values(placings=Page.placings + 1, telephone=telephone, error=None)
        )

    def placed(self, page_id: str, provider_id: str, at: datetime, until: datetime) -> bool:
        """An event that was faster is not written over."""
        query = update(Page).where(Page.id == page_id, Page.state == PageState.INTENDED)
        values = {"state": PageState.PLACED, "provider_id": provider_id, "placed_at": at}
        fresh = self._connection.execute(query.values(values)).rowcount == 1
        if not fresh:
            late = update(Page).where(Page.id == page_id, Page.placed_at.is_(None))
            self._connection.execute(late.values(provider_id=provider_id, placed_at=at))
        attempt = update(RingAttempt).where(RingAttempt.id == page_id)
        self._connection.execute(attempt.values(engaged_until=until))
        return fresh

    def note(self, page_id: str, state: PageState, at: datetime, error: str | None = None) -> bool:
        """One conditional update, then the attempt beside it."""
        values: dict[str, Any] = {"state": state}
        if error is not None or state not in PENDING:
            values["error"] = error[:MAX_ERROR_LENGTH] if error else None
        if state not in PENDING:
            values["ended_at"] = at
        query = update(Page).where(Page.id == page_id, Page.state.in_(PENDING))
        if self._connection.execute(query.values(values)).rowcount != 1:
            return False
        if state in _RESULTS:
            self._note_attempt(page_id, state, at)
        return True

    def _note_attempt(self, page_id: str, state: PageState, at: datetime) -> None:
        values: dict[str, Any] = {"result": _RESULTS[state]}
        instant = {PageState.ANSWERED: "answered_at"}.get(state, "ended_at")
        values[instant] = at
        if state is PageState.TAKEN:
            values["accepted_at"] = at
        query = update(RingAttempt).where(RingAttempt.id == page_id)
        self._connection.execute(query.values(values))

    def _pages(self, query: Any) -> list[PageRecord]:
        return [_page(row) for row in self._connection.execute(query)]


def _attempt(page: PageRecord, call_id: str) -> dict[str, Any]:
    return {
        "id": page.id,
        "call_id": call_id,
        "position": 0,
        "technician_id": page.technician_id,
        "name": page.name,
        "level": page.level,
        "number": page.address,
        "language": page.language,
        "accept": AcceptBy.KEY,
        "ring_seconds": page.ring_seconds,
        "started_at": page.intended_at,
        "engaged_until": page.intended_at + CLAIM,
        "result": AttemptResult.RINGING,
        "escalation_id": page.escalation_id,
    }


def _page(row: Sequence[Any]) -> PageRecord:
    found = PageRecord(*row)
    return replace(found, channel=Channel(found.channel), state=PageState(found.state))
