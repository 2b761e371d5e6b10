"""Texts (SMS) that wait to be sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, insert, select, update

from ivr.services.text_store import NewText, TextRecord, TextState, WaitingText
from ivr.storage.models import TextMessage

MAX_ERROR_LENGTH = 200
OPEN = (TextState.WAITING, TextState.SENT)

_RECORD = select(
    TextMessage.id,
    TextMessage.ticket_number,
    TextMessage.page_id,
    TextMessage.number,
    TextMessage.body,
    TextMessage.state,
    TextMessage.attempts,
    TextMessage.provider_id,
    TextMessage.error,
    TextMessage.created_at,
    TextMessage.settled_at,
)


class SqlTexts:
    """The outbox of texts over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, text: NewText) -> int:
        """Promise a text; a held one is never sent."""
        values = {
            "ticket_number": text.ticket_number,
            "page_id": text.page_id,
            "number": text.number,
            "body": text.body,
            "state": TextState.HELD if text.held else TextState.WAITING,
            "next_attempt_at": text.created_at,
            "created_at": text.created_at,
        }
        query = insert(TextMessage).values(values).returning(TextMessage.id)
        return int(self._connection.execute(query).scalar_one())

    def get(self, text_id: int) -> TextRecord:
        """Raises LookupError."""
        found = self._records(TextMessage.id == text_id)
        if not found:
            raise LookupError(f"text {text_id}")
        return found[0]

    def list_of_ticket(self, ticket_number: int) -> Sequence[TextRecord]:
        """What was or would be sent, oldest first."""
        return self._records(TextMessage.ticket_number == ticket_number)

    def find_of_page(self, page_id: str) -> TextRecord | None:
        """The text that is a page of somebody."""
        return next(iter(self._records(TextMessage.page_id == page_id)), None)

    def list_waiting(self, at: datetime, limit: int) -> Sequence[WaitingText]:
        """Texts whose next attempt is due, oldest first."""
        rows = self._connection.execute(
            select(TextMessage.id, TextMessage.number, TextMessage.body, TextMessage.attempts)
            .where(TextMessage.state == TextState.WAITING, TextMessage.next_attempt_at <= at)
            .order_by(TextMessage.id)
            .limit(limit)
        )
        return [WaitingText(*row) for row in rows]

    def sent(self, text_id: int, provider_id: str, at: datetime) -> None:
        """The carrier took it; its last word may have come before."""
        waiting = TextMessage.state == TextState.WAITING
        state = case((waiting, TextState.SENT.value), else_=TextMessage.state)
        self._update(TextMessage.id == text_id, state=state, provider_id=provider_id, sent_at=at)

    def settle(self, text_id: int, state: TextState, error: str | None, at: datetime) -> bool:
        """The carrier's last word; False where the text was settled before."""
        is_open = (TextMessage.id == text_id) & TextMessage.state.in_(OPEN)
        said = error[:MAX_ERROR_LENGTH] if error else None
        return self._update(is_open, state=state, error=said, settled_at=at) > 0

    def delayed(self, text_id: int, attempts: int, next_at: datetime, error: str) -> None:
        """Try again later."""
        self._update(
            TextMessage.id == text_id,
            attempts=attempts,
            next_attempt_at=next_at,
            error=error[:MAX_ERROR_LENGTH],
        )

    def hold(self, ticket_number: int) -> None:
        """What still waits for this ticket is never sent."""
        waiting = TextMessage.state == TextState.WAITING
        self._update(waiting & (TextMessage.ticket_number == ticket_number), state=TextState.HELD)

    def _records(self, which: ColumnElement[bool]) -> list[TextRecord]:
        rows = self._connection.execute(_RECORD.where(which).order_by(TextMessage.id))
        return [TextRecord(*row[:5], TextState(row[5]), *row[6:]) for row in rows]

    def _update(self, which: ColumnElement[bool], **values: Any) -> int:
        return self._connection.execute(update(TextMessage).where(which).values(**values)).rowcount
