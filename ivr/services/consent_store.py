"""What the services need of a store of consents and their chain."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from ivr.consent.chain import Head, Link
from ivr.services.records import ConsentRecord, SealedConsent


class ConsentStore(Protocol):
    """Consents are only ever added."""

    def lock(self) -> None:
        """Nobody else adds a link until the transaction ends."""
        ...

    def find_head(self) -> Head | None:
        """The newest link of the chain."""
        ...

    def find_head_of(self, call_id: str) -> Head | None:
        """The newest link of a call's own consents."""
        ...

    def add(self, consent: ConsentRecord, link: Link | None) -> None:
        """Store a consent with its link; a rehearsal's has none."""
        ...

    def list_of_call(self, call_id: str) -> Sequence[ConsentRecord]:
        """The consents of a call, in the order of time."""
        ...

    def list_of_ticket(self, number: int) -> Sequence[SealedConsent]:
        """The sealed consents that led to a ticket."""
        ...

    def walk(self) -> Iterator[SealedConsent]:
        """The whole chain in order."""
        ...
