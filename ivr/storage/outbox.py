"""Mails that wait to be sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from ivr.services.records import NewMail, WaitingMail
from ivr.storage.models import OutboxMail

WAITING, SENT, FAILED, HELD = "waiting", "sent", "failed", "held"
MAX_ERROR_LENGTH = 200

_INSERT = insert(OutboxMail)
_UPDATE = update(OutboxMail).where(OutboxMail.id == bindparam("mail_id"))
"""Sets the columns that are given with it."""


class SqlOutbox:
    """The outbox over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, mail: NewMail) -> None:
        """Promise a mail; a held one is never sent."""
        self._connection.execute(
            _INSERT,
            {
                "ticket_number": mail.ticket_number,
                "recipient": mail.recipient,
                "subject": mail.subject,
                "body": mail.body,
                "state": HELD if mail.held else WAITING,
                "next_attempt_at": mail.created_at,
                "created_at": mail.created_at,
            },
        )

    def list_waiting(self, at: datetime, limit: int) -> Sequence[WaitingMail]:
        """Mails whose next attempt is due."""
        rows = self._connection.execute(
            select(
                OutboxMail.id,
                OutboxMail.recipient,
                OutboxMail.subject,
                OutboxMail.body,
                OutboxMail.attempts,
            )
            .where(OutboxMail.state == WAITING, OutboxMail.next_attempt_at <= at)
            .order_by(OutboxMail.id)
            .limit(limit)
        )
        return [WaitingMail(*row) for row in rows]

    def list_for_ticket(self, ticket_number: int) -> Sequence[NewMail]:
        """What was or would be mailed."""
        rows = self._connection.execute(
            select(
                OutboxMail.ticket_number,
                OutboxMail.recipient,
                OutboxMail.subject,
                OutboxMail.body,
                OutboxMail.state,
                OutboxMail.created_at,
            )
            .where(OutboxMail.ticket_number == ticket_number)
            .order_by(OutboxMail.id)
        )
        return [NewMail(*row[:4], row[4] == HELD, row[5]) for row in rows]

    def hold(self, ticket_number: int) -> None:
        """What still waits is never sent."""
        waits = (OutboxMail.ticket_number == ticket_number, OutboxMail.state == WAITING)
        self._connection.execute(update(OutboxMail).where(*waits).values(state=HELD))

    def sent(self, mail_id: int, at: datetime) -> None:
        """The mail server took it."""
        self._update(mail_id, state=SENT, sent_at=at)

    def delayed(self, mail_id: int, attempts: int, next_at: datetime, error: str) -> None:
        """Try again later."""
        error = error[:MAX_ERROR_LENGTH]
        self._update(mail_id, attempts=attempts, next_attempt_at=next_at, last_error=error)

    def failed(self, mail_id: int, attempts: int, error: str) -> None:
        """No further attempts."""
        error = error[:MAX_ERROR_LENGTH]
        self._update(mail_id, attempts=attempts, state=FAILED, last_error=error)

    def _update(self, mail_id: int, **values: Any) -> None:
        self._connection.execute(_UPDATE, values | {"mail_id": mail_id})
