"""Timers in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from ivr.services.timers import DueTimer, Queue
from ivr.storage.models import Timer

MAX_ERROR_LENGTH = 200


def _free(at: datetime) -> ColumnElement[bool]:
    return or_(Timer.claimed_until.is_(None), Timer.claimed_until <= at)


class SqlTimers:
    """The timer store over one connection; `woken` collects queues that got something to do."""

    def __init__(self, connection: Connection, woken: set[Queue]) -> None:
        self._connection = connection
        self._woken = woken

    def schedule(
        self, key: str, job: str, due: datetime, subject: str, queue: Queue = Queue.CALLS
    ) -> None:
        """A new one, or a new time for the one that is there."""
        self._woken.add(queue)
        fresh = {"due_at": due, "claimed_until": None, "attempts": 0, "last_error": None}
        given = {"key": key, "job": job, "queue": queue, "subject": subject} | fresh
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(Timer).values(given)
        self._connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=fresh))

    def expedite(self, key: str, now: datetime) -> None:
        """Now instead of later."""
        self._woken.update(Queue)
        query = update(Timer).where(Timer.key == key, Timer.due_at > now)
        self._connection.execute(query.values(due_at=now, claimed_until=None))

    def cancel(self, key: str) -> None:
        """Forget it."""
        self._connection.execute(delete(Timer).where(Timer.key == key))

    def list_due(self, queue: Queue, now: datetime, limit: int) -> Sequence[int]:
        """The longest overdue first."""
        query = select(Timer.id).where(Timer.queue == queue, Timer.due_at <= now, _free(now))
        return self._connection.scalars(query.order_by(Timer.due_at).limit(limit)).all()

    def claim(self, timer_id: int, now: datetime, until: datetime) -> DueTimer | None:
        """One conditional update: of two workers one gets it."""
        query = update(Timer).where(Timer.id == timer_id, Timer.due_at <= now, _free(now))
        columns = (Timer.id, Timer.key, Timer.job, Timer.subject, Timer.due_at, Timer.attempts)
        claimed = query.values(claimed_until=until).returning(*columns)
        row = self._connection.execute(claimed).one_or_none()
        return DueTimer(*row) if row is not None else None

    def next_due(self) -> Mapping[Queue, datetime]:
        """A claimed one counts from the end of its claim. Asked twice a second, so in one query."""
        row = self._connection.execute(_NEXT_DUE).one()
        first = {queue: [at for at in pair if at] for queue, pair in _by_queue(tuple(row)).items()}
        return {queue: min(instants) for queue, instants in first.items() if instants}

    def done(self, timer: DueTimer) -> None:
        """Deleted, unless it was scheduled again."""
        self._connection.execute(_DELETE, {"timer_id": timer.id, "was_due": timer.due_at})

    def put_off(self, timer: DueTimer, due: datetime, error: str) -> None:
        """The same, later."""
        query = update(Timer).where(Timer.id == timer.id, Timer.due_at == timer.due_at)
        self._connection.execute(
            query.values(
                due_at=due,
                claimed_until=None,
                attempts=timer.attempts + 1,
                last_error=error[:MAX_ERROR_LENGTH],
            )
        )

    def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the longest overdue one waits."""
        query = select(func.min(Timer.due_at)).where(Timer.due_at <= now)
        found: datetime | None = self._connection.scalar(query)
        return found


def _by_queue(row: Sequence[datetime | None]) -> Mapping[Queue, Sequence[datetime | None]]:
    return {queue: row[2 * place : 2 * place + 2] for place, queue in enumerate(Queue)}


_NEXT_DUE = select(
    *(
        select(func.min(column)).where(Timer.queue == queue, is_meant).scalar_subquery()
        for queue in Queue
        for column, is_meant in (
            (Timer.due_at, Timer.claimed_until.is_(None)),
            (Timer.claimed_until, Timer.claimed_until.is_not(None)),
        )
    )
)
_DELETE = delete(Timer).where(
    and_(Timer.id == bindparam("timer_id"), Timer.due_at == bindparam("was_due"))
)
