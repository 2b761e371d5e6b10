"""What is stored of the deletion of callers' messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Deletion:
    """When, by whom and why; `by` is None where the time to keep it was over."""

    at: datetime
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Doomed:
    """A message whose sound is to be removed. `fetched`: nothing is left where the channel had it."""

    id: int
    ticket_number: int
    source: str
    attempts: int
    fetched: bool


class MessageStore(Protocol):
    """Messages that are to be deleted, and those that are."""

    def list_kept_too_long(self, before: datetime, limit: int) -> Sequence[tuple[int, int]]:
        """Ids and tickets of messages whose ticket was over before, or rehearsed before."""
        ...

    def doom(self, recording_id: int, ticket_number: int, deletion: Deletion) -> bool:
        """From now on nobody hears it; False: the ticket has no such message, or it is deleted."""
        ...

    def list_doomed(self, at: datetime, limit: int) -> Sequence[Doomed]:
        """Whose sound is to be removed now."""
        ...

    def put_off(self, recording_id: int, attempts: int, next_at: datetime) -> None:
        """Try again later."""
        ...

    def gone(self, recording_id: int) -> None:
        """Its sound is nowhere any more."""
        ...

    def is_awaited(self, source: str) -> bool:
        """Whether a message that is not in our folder yet has this source."""
        ...
