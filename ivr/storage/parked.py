"""The telephones that ring for a parked caller, in the database."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Update, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.services.parked_store import LegState, ParkedLeg
from ivr.services.reports import DialStatus
from ivr.storage.models import ParkedLeg as Row

_COLUMNS = (Row.attempt_id, Row.call_id, Row.asked_at, Row.state, Row.provider_id, Row.status)


class SqlParked:
    """The store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, leg: ParkedLeg) -> bool:
        """One statement: of two that ask at the same instant one does."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        query = dialect.insert(Row).values(asdict(leg))
        return bool(self._connection.execute(query.on_conflict_do_nothing()).rowcount)

    def withdraw(self, attempt_id: str) -> None:
        """Only where nothing came of it."""
        query = delete(Row).where(Row.attempt_id == attempt_id, Row.state == LegState.ASKED)
        self._connection.execute(query)

    def placed(self, attempt_id: str, provider_id: str) -> None:
        """Its id is kept in any case."""
        this = update(Row).where(Row.attempt_id == attempt_id)
        self._connection.execute(this.values(provider_id=provider_id))
        self._connection.execute(_asked(attempt_id).values(state=LegState.RINGS))

    def leave(self, attempt_id: str) -> None:
        """To be dialled."""
        self._connection.execute(_asked(attempt_id).values(state=LegState.LEFT))

    def over(self, attempt_id: str, status: DialStatus) -> None:
        """Once."""
        this = update(Row).where(Row.attempt_id == attempt_id, Row.state != LegState.OVER)
        self._connection.execute(this.values(state=LegState.OVER, status=status))

    def list_of(self, call_id: str) -> Sequence[ParkedLeg]:
        """Of all its rounds."""
        rows = self._connection.execute(select(*_COLUMNS).where(Row.call_id == call_id))
        return [
            ParkedLeg(
                row.attempt_id,
                row.call_id,
                row.asked_at,
                LegState(row.state),
                row.provider_id,
                DialStatus(row.status) if row.status is not None else None,
            )
            for row in rows
        ]


def _asked(attempt_id: str) -> Update:
    return update(Row).where(Row.attempt_id == attempt_id, Row.state == LegState.ASKED)
