"""Forms that were sent when the session was over: kept for their person, for a day.

Secrets are never kept: passwords and codes have to be typed again.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ivr.services.people_store import DraftRecord
from ivr.services.stores import Storage

KEPT_FOR = timedelta(days=1)
MAX_LENGTH = 64 * 1024
_SECRET = ("password", "code", "pin", "csrf", "token", "digits")


class Drafts:
    """Keeps forms and gives them back."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def keep(
        self,
        person_id: int,
        page: str,
        target: str,
        pairs: Iterable[tuple[str, str]],
        at: datetime,
    ) -> None:
        """Keep a form of `page` that was sent to `target`; one without words is not worth it."""
        kept = [pair for pair in pairs if not any(each in pair[0].lower() for each in _SECRET)]
        text = json.dumps(kept, ensure_ascii=False)
        if not any(value.strip() for _, value in kept) or len(text) > MAX_LENGTH:
            return
        with self._storage.writing() as uow:
            uow.drafts.forget(at - KEPT_FOR)
            uow.drafts.put(person_id, page[:500], target[:500], text, at)

    def waiting(self, person_id: int, at: datetime) -> Sequence[DraftRecord]:
        """What he has still to send or to throw away."""
        with self._storage.reading() as uow:
            return uow.drafts.list_of(person_id, at - KEPT_FOR)

    def remove(self, person_id: int, draft_id: int) -> None:
        """Throw one away."""
        with self._storage.writing() as uow:
            uow.drafts.remove(person_id, draft_id)

    def sent(self, person_id: int, target: str, at: datetime) -> None:
        """The form arrived after all."""
        if any(each.target == target for each in self.waiting(person_id, at)):
            with self._storage.writing() as uow:
                uow.drafts.remove_target(person_id, target)
