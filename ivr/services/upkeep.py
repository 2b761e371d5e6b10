"""The work behind the calls: messages, mails, what a fallback recorded, calls nobody closed."""

from datetime import datetime, timedelta
from typing import Protocol

from ivr.errors import PikettError
from ivr.services.calls import Calls
from ivr.services.ports import Observer
from ivr.services.stores import Storage

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
        observer: Observer,
        *further: Collector,
    ) -> None:
        self._storage = storage
        self._calls = calls
        self._recordings = recordings
        self._spool = spool
        self._posting = posting
        self._observer = observer
        self._further = tuple(each.collect for each in further)

    def round(self, now: datetime) -> int:
        """How many pieces of work were done.

        Every part has its turn, whatever happens to the others; then the first trouble is raised.
        """
        parts = (self._spool.collect, self._recordings.collect, self._posting.post)
        done, troubles = 0, []
        for part in (*parts, *self._further, self._close_lost_calls):
            try:
                done += part(now)
            except Exception as error:  # noqa: BLE001 - raised when the others are done
                troubles.append(error)
        if troubles:
            raise troubles[0]
        return done

    def _close_lost_calls(self, now: datetime) -> int:
        with self._storage.reading() as uow:
            lost = uow.calls.list_open_since(now - LOST_AFTER)
        for call_id in lost:
            self._close(call_id, now)
        return len(lost)

    def _close(self, call_id: str, now: datetime) -> None:
        """One that this version cannot read is closed too, or it would be lost again every round."""
        try:
            self._calls.hang_up(call_id, now)
        except PikettError:
            with self._storage.writing() as uow:
                uow.calls.note(call_id, ended_at=now)
            self._observer.trouble("call_unreadable", call=call_id)
