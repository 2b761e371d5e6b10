"""The hand-over document of a location: what a technician who does not know the place needs (item 113).

It is kept version by version, dated, with its author. Whoever edits it says which version he saw, so
that two leads never write over each other. Beside it stands the address of remote access (item 109).
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from ivr.errors import PikettError
from ivr.services.stores import Storage
from ivr.services.ticket_files import HandoverVersion, Located

MAX_DOCUMENT = 40_000
MAX_ADDRESS = 500


class HandoverRefusedError(PikettError):
    """It was not stored; `problems` are keys of texts, field by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


class HandoverChangedError(PikettError):
    """Somebody has stored a newer version since the form was shown."""


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """A location with its document, newest version first; without one the list is empty."""

    place: Located
    versions: tuple[HandoverVersion, ...]

    @property
    def newest(self) -> HandoverVersion | None:
        """What counts."""
        return self.versions[0] if self.versions else None


class Handovers:
    """Shows and stores hand-over documents."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def page(self, location_id: int) -> HandoverPage | None:
        """None where there is no such location."""
        with self._storage.reading() as uow:
            try:
                place = uow.handovers.place(location_id)
            except LookupError:
                return None
            return HandoverPage(place, tuple(uow.handovers.list_of(location_id)))

    def store(
        self,
        location_id: int,
        text: str,
        remote_access: str,
        author: str,
        seen: int,
        at: datetime,
    ) -> int:
        """The number of the new version; `seen` is the newest that its author saw, 0 for none."""
        text = text.replace("\r\n", "\n").strip()
        problems = _problems(text, remote_access.strip())
        if problems:
            raise HandoverRefusedError(problems)
        with self._storage.writing() as uow:
            uow.handovers.lock(location_id)
            newest = uow.handovers.find(location_id)
            number = newest.version if newest is not None else 0
            if number != seen:
                raise HandoverChangedError(f"version {number} is newer than {seen}")
            version = HandoverVersion(number + 1, at, author, text, remote_access.strip())
            uow.handovers.add(location_id, version)
            return version.version


def _problems(text: str, remote_access: str) -> dict[str, str]:
    found = {}
    if (
        not 0 < len(text) <= MAX_DOCUMENT
        or not text.replace("\n", "").replace("\t", "").isprintable()
    ):
        found["text"] = "tech.error.document"
    if remote_access and not _is_https(remote_access):
        found["remote_access"] = "tech.error.https"
    return found


def _is_https(address: str) -> bool:
    if len(address) > MAX_ADDRESS or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
