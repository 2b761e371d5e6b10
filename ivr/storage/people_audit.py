"""The audit log and kept forms in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from ivr.services.people_store import AuditRecord, DraftRecord
from ivr.storage.models import AuditEntry, Draft


class SqlAudit:
    """The audit store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditRecord) -> None:
        """Nothing of it is ever changed."""
        self._connection.execute(insert(AuditEntry), asdict(entry))


class SqlDrafts:
    """The draft store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(
        self, person_id: int, page: str, target: str, form_json: str, created_at: datetime
    ) -> None:
        """The newest for an address is the one that counts."""
        self.remove_target(person_id, target)
        row = {"person_id": person_id, "page": page, "target": target, "form": form_json}
        self._connection.execute(insert(Draft), row | {"created_at": created_at})

    def list_of(self, person_id: int, since: datetime) -> Sequence[DraftRecord]:
        """Somebody's, the newest first."""
        query = (
            select(Draft.id, Draft.page, Draft.target, Draft.form)
            .where(Draft.person_id == person_id, Draft.created_at > since)
            .order_by(Draft.id.desc())
        )
        return [DraftRecord(*row) for row in self._connection.execute(query)]

    def remove(self, person_id: int, draft_id: int) -> None:
        """Only of the person himself."""
        query = delete(Draft).where(Draft.person_id == person_id, Draft.id == draft_id)
        self._connection.execute(query)

    def remove_target(self, person_id: int, target: str) -> None:
        """The form was sent to this address."""
        query = delete(Draft).where(Draft.person_id == person_id, Draft.target == target)
        self._connection.execute(query)

    def forget(self, before: datetime) -> None:
        """Those kept before."""
        self._connection.execute(delete(Draft).where(Draft.created_at <= before))
