"""The work behind the calls: messages, mails, what a fallback recorded, calls nobody closed."""

from datetime import datetime, timedelta
from typing import Protocol

from ivr.services.calls import Calls
from ivr.services.ports import Storage

LOST_AFTER = timedelta(hours=6)
"""Longer than any bridge may last: such a call's hang-up never reached us."""


class Collector(Protocol):
    """Something that brings in what is due."""

    def collect(self, now: datetime) -> int:
        """How many pieces of work were done."""
        ...


class Poster(Protocol):
    """Something that sends what is due."""

    def post(self, now: datetime) -> int:
        """How many pieces of work were done."""
        ...


class Upkeep:
    """One round of everything; harmless at any time and as often as one likes."""

    def __init__(
        self,
        storage: Storage,
        calls: Calls,
        recordings: Collector,
        spool: Collector,
        posting: Poster,
    ) -> None:
        self._storage = storage
        self._calls = calls
        self._recordings = recordings
        self._spool = spool
        self._posting = posting

    def round(self, now: datetime) -> int:
        """How many pieces of work were done."""
        return (
            self._spool.collect(now)
            + self._recordings.collect(now)
            + self._posting.post(now)
            + self._close_lost_calls(now)
        )

    def _close_lost_calls(self, now: datetime) -> int:
        with self._storage.reading() as uow:
            lost = uow.calls.list_open_since(now - LOST_AFTER)
        for call_id in lost:
            self._calls.hang_up(call_id, now)
        return len(lost)
