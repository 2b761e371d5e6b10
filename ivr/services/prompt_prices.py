"""Recordings of other prices: out of use at once, and told to people once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ivr.services.mail_text import Recipient
from ivr.services.ports import Observer
from ivr.services.prompt_entries import PromptEntries
from ivr.services.prompt_records import GoingOut
from ivr.services.prompt_store import Mark
from ivr.services.records import NewMail
from ivr.services.stores import Storage, UnitOfWork

LOOK_AGAIN = timedelta(minutes=5)
"""What was scheduled may begin with other prices than it was recorded for."""


class PriceWatch:
    """A part of the worker's round."""

    def __init__(
        self,
        storage: Storage,
        entries: PromptEntries,
        observer: Observer,
        words: Mapping[str, Mapping[str, str]],
        recipients: Sequence[Recipient],
        page: str,
    ) -> None:
        self._storage = storage
        self._entries = entries
        self._observer = observer
        self._words = words
        self._recipients = recipients
        self._page = page
        self._mark: Mark | None = None
        self._next: datetime | None = None

    def collect(self, now: datetime) -> int:
        """How many recordings people were told of."""
        with self._storage.reading() as uow:
            mark = uow.prompts.mark()
        if mark == self._mark and self._next is not None and now < self._next:
            return 0
        told = self._tell(now) if mark.newest else ()
        self._mark, self._next = mark, now + LOOK_AGAIN
        if told:
            self._observer.trouble(
                "recording_outdated",
                recordings=len(told),
                prompts=sorted({f"{each.slot.key} {each.slot.language}" for each in told}),
                prices=self._entries.price_version,
            )
        return len(told)

    def _tell(self, now: datetime) -> tuple[GoingOut, ...]:
        """Each once for each version of prices, by whichever worker notices first."""
        found = self._entries.outdated()
        if not found:
            return ()
        version = self._entries.price_version
        with self._storage.writing() as uow:
            told = tuple(
                each for each in found if uow.prompts.tell_outdated(each.version_id, version, now)
            )
            if told:
                self._mail(uow, told, now)
        return told

    def _mail(self, uow: UnitOfWork, told: Sequence[GoingOut], now: datetime) -> None:
        for to in self._recipients:
            words = self._words[to.language]
            lines = "\n".join(_line(each, words) for each in told)
            subject = words["outdated_subject"].format(count=len(told))
            body = words["outdated_body"].format(recordings=lines, page=self._page)
            uow.outbox.add(NewMail(None, to.address, subject, body, False, now))


def _line(gone: GoingOut, words: Mapping[str, str]) -> str:
    hint = words["outdated_same" if gone.same_words else "outdated_other"]
    return f"- {gone.slot.key} ({gone.slot.language}): {gone.slot.words}\n  {hint}"
