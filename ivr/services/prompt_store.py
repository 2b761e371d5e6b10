"""What the services need of a storage about prompts: versions, publications, numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.callflow.prompts import Language, PromptKey
from ivr.services.prompt_ports import NewVersion
from ivr.wording.shelf import Publication, Slot, Version


@dataclass(frozen=True, slots=True)
class Mark:
    """Changes whenever a publication is made or withdrawn.

    Of the newest one its time too: what is discarded leaves its number to the next. And how many:
    on PostgreSQL one with a lower number may be committed after one with a higher.
    """

    newest: int
    withdrawn: int
    made_at: datetime | None = None
    count: int = 0


class PromptStore(Protocol):
    """Versions and publications; both are only ever added, drafts apart."""

    def add_version(self, version: NewVersion) -> int:
        """Its id."""
        ...

    def find_version(self, version_id: int) -> Version | None:
        """None where there is none."""
        ...

    def list_versions(self, key: PromptKey, language: Language) -> Sequence[Version]:
        """Newest first."""
        ...

    def discard_version(self, version_id: int) -> None:
        """Only what nobody can have heard."""
        ...

    def lock_sounds(self) -> None:
        """Until the transaction ends, nobody else adds a recording or removes a sound."""
        ...

    def uses_of(self, digest: str) -> int:
        """How many versions have this sound."""
        ...

    def publish(self, publication: Publication) -> int:
        """Its id; that of `publication` does not count."""
        ...

    def find_publication(self, publication_id: int) -> Publication | None:
        """None where there is none."""
        ...

    def list_publications(self, key: PromptKey, language: Language) -> Sequence[Publication]:
        """Newest first, the withdrawn ones too."""
        ...

    def withdraw(self, publication_id: int, at: datetime) -> bool:
        """False where somebody was faster."""
        ...

    def mark(self) -> Mark:
        """Cheap: whether anything was published or withdrawn."""
        ...

    def published(self) -> tuple[Sequence[Publication], Mapping[int, Version]]:
        """Everything published and not withdrawn, with its versions."""
        ...

    def was_heard(
        self, key: PromptKey, language: Language, begin: datetime, end: datetime | None
    ) -> bool:
        """Whether a kept consent heard this prompt between two instants."""
        ...

    def numbers_of(self, digests: Sequence[str]) -> Mapping[str, int]:
        """Those of these slots that have a number, by digest."""
        ...

    def add_numbers(self, slots: Mapping[str, Slot]) -> None:
        """A number for each, by digest; somebody may have been faster."""
        ...

    def find_number(self, number: int) -> Slot | None:
        """What a number was given to."""
        ...

    def tell_outdated(self, version_id: int, price_version: str, at: datetime) -> bool:
        """Note that people are told; False where they were before."""
        ...
