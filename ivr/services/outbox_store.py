"""Mails that were promised, as the services read and write them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ivr.services.records import NewMail, WaitingMail


class Outbox(Protocol):
    """Mails promised in a transaction and sent after it."""

    def add(self, mail: NewMail) -> None:
        """Promise a mail."""
        ...

    def list_waiting(self, at: datetime, limit: int) -> Sequence[WaitingMail]:
        """Mails whose next attempt is due, oldest first."""
        ...

    def list_for_ticket(self, ticket_number: int) -> Sequence[NewMail]:
        """What was or would be mailed for a ticket."""
        ...

    def hold(self, ticket_number: int) -> None:
        """What still waits for this ticket is never sent."""
        ...

    def sent(self, mail_id: int, at: datetime) -> None:
        """The mail server took it."""
        ...

    def delayed(self, mail_id: int, attempts: int, next_at: datetime, error: str) -> None:
        """Try again later."""
        ...

    def failed(self, mail_id: int, attempts: int, error: str) -> None:
        """No further attempts; an operator must look."""
        ...
