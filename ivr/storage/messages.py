"""The deletion of callers' messages in the database: the row stays and tells of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, update

from ivr.services.message_store import Deletion, Doomed
from ivr.storage.models import Recording, Ticket
from ivr.storage.prompts import PromptStores
from ivr.storage.tickets import FAILED, PENDING, STORED

DOOMED, DELETED = "deleting", "deleted"
_HEARD = Recording.state.in_((PENDING, STORED, FAILED))


class SqlMessages:
    """The store of deletions over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_kept_too_long(self, before: datetime, limit: int) -> Sequence[tuple[int, int]]:
        """Nobody closes a rehearsal: its time begins when it was opened."""
        over = Ticket.over_at <= before
        rehearsed = and_(Ticket.rehearsal.is_(True), Ticket.opened_at <= before)
        query = (
            select(Recording.id, Recording.ticket_number)
            .join(Ticket, Ticket.number == Recording.ticket_number)
            .where(_HEARD, or_(over, rehearsed))
            .order_by(Recording.id)
            .limit(limit)
        )
        return [(key, number) for key, number in self._connection.execute(query)]

    def doom(self, recording_id: int, ticket_number: int, deletion: Deletion) -> bool:
        """Whoever comes first is the one who deleted it."""
        query = (
            update(Recording)
            .where(Recording.id == recording_id, Recording.ticket_number == ticket_number, _HEARD)
            .values(
                state=DOOMED,
                attempts=0,
                next_attempt_at=deletion.at,
                deleted_at=deletion.at,
                deleted_by=deletion.by,
                deleted_for=deletion.reason,
            )
        )
        return self._connection.execute(query).rowcount == 1

    def list_doomed(self, at: datetime, limit: int) -> Sequence[Doomed]:
        """The ones that wait longest first."""
        query = (
            select(
                Recording.id,
                Recording.ticket_number,
                Recording.source,
                Recording.attempts,
                Recording.file.is_not(None),
            )
            .where(Recording.state == DOOMED, Recording.next_attempt_at <= at)
            .order_by(Recording.next_attempt_at)
            .limit(limit)
        )
        return [Doomed(*row) for row in self._connection.execute(query)]

    def put_off(self, recording_id: int, attempts: int, next_at: datetime) -> None:
        """Try again later."""
        self._update(recording_id, attempts=attempts, next_attempt_at=next_at)

    def gone(self, recording_id: int) -> None:
        """The source stays, so that the same message is never taken in again."""
        self._update(recording_id, state=DELETED, file=None)

    def is_awaited(self, source: str) -> bool:
        """Whether it may still be fetched, or is to be removed there."""
        states = Recording.state.in_((PENDING, FAILED, DOOMED))
        query = select(Recording.id).where(Recording.source == source, states).limit(1)
        return self._connection.execute(query).first() is not None

    def _update(self, recording_id: int, **values: object) -> None:
        self._connection.execute(
            update(Recording).where(Recording.id == recording_id).values(**values)
        )


class MessageStores(PromptStores):
    """The part of the unit of work that what was said by callers needs."""

    __slots__ = ()

    @property
    def messages(self) -> SqlMessages:
        """Deleted messages."""
        return SqlMessages(self.connection)
