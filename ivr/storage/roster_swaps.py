"""Swaps between technicians, and private calendar addresses, in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ivr.services.roster_store import Feed, Scope, Swap, SwapState
from ivr.storage.models import CalendarFeed, RosterSwap

_SWAP = [getattr(RosterSwap, name) for name in Swap.__dataclass_fields__]
_FEED = (CalendarFeed.id, CalendarFeed.person_id, CalendarFeed.scope, CalendarFeed.salt)


class SqlSwaps:
    """The store of swaps over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, swap: Swap) -> int:
        """A question."""
        values = {key: value for key, value in asdict(swap).items() if key != "id"}
        query = insert(RosterSwap).returning(RosterSwap.id)
        added: int = self._connection.execute(query, values).scalar_one()
        return added

    def find(self, swap_id: int) -> Swap | None:
        """One of them."""
        row = self._connection.execute(select(*_SWAP).where(RosterSwap.id == swap_id)).first()
        return _swap(row) if row is not None else None

    def list_since(self, since: datetime) -> Sequence[Swap]:
        """The newest first."""
        ending = func.coalesce(RosterSwap.back_ends_at, RosterSwap.ends_at)
        query = select(*_SWAP).where((RosterSwap.ends_at > since) | (ending > since))
        rows = self._connection.execute(query.order_by(RosterSwap.id.desc()))
        return [_swap(row) for row in rows]

    def answer(self, swap_id: int, state: SwapState, at: datetime) -> bool:
        """Once."""
        query = update(RosterSwap).where(
            RosterSwap.id == swap_id, RosterSwap.state == SwapState.ASKED.value
        )
        changed = self._connection.execute(query.values(state=state.value, answered_at=at))
        return changed.rowcount > 0


class SqlFeeds:
    """The store of calendar addresses over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, feed_id: int) -> Feed | None:
        """By id."""
        return self._find(CalendarFeed.id == feed_id)

    def find_of(self, person_id: int, scope: Scope) -> Feed | None:
        """Somebody's."""
        return self._find(CalendarFeed.person_id == person_id, CalendarFeed.scope == scope.value)

    def _find(self, *where: Any) -> Feed | None:
        row = self._connection.execute(select(*_FEED).where(*where)).first()
        return Feed(row[0], row[1], Scope(row[2]), row[3]) if row is not None else None

    def put(self, person_id: int, scope: Scope, salt: str, at: datetime) -> None:
        """The one before is gone with its id, so its address names nothing any more."""
        self.remove(person_id, scope)
        row = {"person_id": person_id, "scope": scope.value, "salt": salt, "created_at": at}
        self._connection.execute(insert(CalendarFeed), row)

    def remove(self, person_id: int, scope: Scope) -> None:
        """No address."""
        query = delete(CalendarFeed).where(
            CalendarFeed.person_id == person_id, CalendarFeed.scope == scope.value
        )
        self._connection.execute(query)


def _swap(row: Sequence[Any]) -> Swap:
    held = dict(zip(Swap.__dataclass_fields__, row, strict=True))
    return Swap(**held | {"state": SwapState(held["state"])})
