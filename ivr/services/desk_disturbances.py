"""Known disturbances as an agent says them: the words that the line itself speaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ivr.callflow.prompts import Language
from ivr.services.disturbance_records import DisturbanceRecord
from ivr.services.disturbances import stated
from ivr.services.ports import Clock, Wording
from ivr.services.stores import Storage


@dataclass(frozen=True, slots=True)
class KnownDisturbance:
    """One that goes on; `text` is what callers hear, in `language`."""

    id: int
    title: str
    text: str
    language: Language


class DeskDisturbances:
    """For the board: all that go on now, whomever they touch."""

    def __init__(self, storage: Storage, clock: Clock, wording: Wording) -> None:
        self._storage = storage
        self._clock = clock
        self._wording = wording

    def current(self, language: Language) -> tuple[KnownDisturbance, ...]:
        """The newest first."""
        now = self._clock.now()
        with self._storage.reading() as uow:
            found = uow.disturbances.list_current(now)
        return in_words(self._wording, found, language, now)


def in_words(
    wording: Wording, found: Iterable[DisturbanceRecord], language: Language, at: datetime
) -> tuple[KnownDisturbance, ...]:
    """As they are said."""
    return tuple(
        KnownDisturbance(
            each.id,
            each.title,
            " ".join(wording.text(prompt) for prompt in stated(each, language, at)),
            language,
        )
        for each in found
    )
