"""What the line says at an instant: the newest publication of each slot that has begun.

A slot is the text of a prompt in one language, or one sentence of it as a recording. Versions and
publications are only ever added; to go back is to publish an older version again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.callflow.prompts import Language, PromptKey


@dataclass(frozen=True, slots=True)
class Slot:
    """`words` is empty for the text, else what exactly a recording in this slot says."""

    key: PromptKey
    language: Language
    words: str = ""

    @property
    def is_text(self) -> bool:
        """Or else a recording."""
        return not self.words


@dataclass(frozen=True, slots=True)
class Version:
    """Something that an admin made. With a `sound` it is a recording of exactly these words.

    `price_version` is set where a recording names prices: it is used only while they are those.
    """

    id: int
    key: PromptKey
    language: Language
    words: str
    sound: str | None
    price_version: str | None
    seconds: float
    made_at: datetime
    made_by: str
    note: str = ""
    warnings: tuple[str, ...] = ()
    peaks: tuple[int, ...] = ()

    @property
    def slot(self) -> Slot:
        """Where it can be published."""
        return Slot(self.key, self.language, self.words if self.sound else "")

    def holds_for(self, price_version: str) -> bool:
        """Whether its prices are those of the line."""
        return self.price_version in (None, price_version)


@dataclass(frozen=True, slots=True)
class Publication:
    """From when a version is heard; None: the shipped text, or synthesis."""

    id: int
    slot: Slot
    version_id: int | None
    from_at: datetime
    made_at: datetime
    made_by: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OnAir:
    """What is in use, until the next change that is known of."""

    texts: Mapping[Slot, str] = field(default_factory=dict)
    recordings: Mapping[Slot, str] = field(default_factory=dict)
    until: datetime | None = None


Versions = Mapping[int, Version]


def in_use(publications: Iterable[Publication], at: datetime) -> Publication | None:
    """Of one slot: the newest that has begun; of two from the same instant the later made."""
    begun = [each for each in publications if each.from_at <= at and each.withdrawn_at is None]
    return max(begun, key=lambda each: (each.from_at, each.id), default=None)


def scheduled(publications: Iterable[Publication], at: datetime) -> tuple[Publication, ...]:
    """What is still to come, the next one first."""
    ahead = [each for each in publications if each.from_at > at and each.withdrawn_at is None]
    return tuple(sorted(ahead, key=lambda each: (each.from_at, each.id)))


def ahead_of_the_clock(
    publications: Iterable[Publication], at: datetime, settles: timedelta
) -> datetime | None:
    """Of one slot: when the last of those begins that were published at once, and yet are to come.

    So it is where the clock was set back, and where that of another server is ahead. What was made
    with the clock set back stands in the list once more, just after what it replaced.
    """
    made = [each for each in publications if each.withdrawn_at is None]
    at_once = [each.from_at for each in made if each.from_at <= each.made_at + settles]
    last = max(at_once, default=at)
    return last if last > at else None


def by_slot(publications: Iterable[Publication]) -> dict[Slot, list[Publication]]:
    """Those of each slot together."""
    slots: dict[Slot, list[Publication]] = {}
    for each in publications:
        slots.setdefault(each.slot, []).append(each)
    return slots


def on_air(
    publications: Sequence[Publication],
    versions: Versions,
    at: datetime,
    price_version: str,
    fits: Callable[[Version], bool] = lambda _version: True,
) -> OnAir:
    """Every slot in which something of an admin's is heard; `fits`: a text that can be filled in."""
    texts: dict[Slot, str] = {}
    recordings: dict[Slot, str] = {}
    for slot, version in _versions_in_use(publications, versions, at):
        if version.sound is None and fits(version):
            texts[slot] = version.words
        elif version.sound is not None and version.holds_for(price_version):
            recordings[slot] = version.sound
    ahead = scheduled(publications, at)
    return OnAir(texts, recordings, ahead[0].from_at if ahead else None)


def outdated(
    publications: Sequence[Publication], versions: Versions, at: datetime, price_version: str
) -> tuple[Version, ...]:
    """Recordings that would be heard if the prices were still theirs."""
    found = _versions_in_use(publications, versions, at)
    return tuple(version for _, version in found if not version.holds_for(price_version))


def step_back(
    publications: Iterable[Publication], versions: Versions, at: datetime, price_version: str
) -> int | None:
    """Of one slot: the version before the one in use, as often as one steps back; None: none.

    A version that was published again is not a step: whoever went back and back again wants the
    one before. Recordings of other prices would not be heard, so they are passed over.
    """
    begun = [each for each in publications if each.from_at <= at and each.withdrawn_at is None]
    path: list[int | None] = [None]
    for each in sorted(begun, key=lambda each: (each.from_at, each.id)):
        if each.version_id in path:
            del path[path.index(each.version_id) + 1 :]
        else:
            path.append(each.version_id)
    before = [each for each in path[:-1] if each is None or _holds(versions, each, price_version)]
    return before[-1] if before else None


def spans_of(
    publications: Iterable[Publication], version_id: int
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Of one slot: from when until when this version was, is or will be in use."""
    made = [each for each in publications if each.withdrawn_at is None]
    order = sorted(made, key=lambda each: (each.from_at, each.id))
    ends: list[datetime | None] = [each.from_at for each in order[1:]]
    return tuple(
        (each.from_at, end)
        for each, end in zip(order, [*ends, None], strict=False)
        if each.version_id == version_id and each.from_at != end
    )


def _versions_in_use(
    publications: Sequence[Publication], versions: Versions, at: datetime
) -> list[tuple[Slot, Version]]:
    found = []
    for slot, those in by_slot(publications).items():
        current = in_use(those, at)
        version = versions.get(current.version_id or 0) if current is not None else None
        if version is not None:
            found.append((slot, version))
    return found


def _holds(versions: Versions, version_id: int, price_version: str) -> bool:
    return version_id in versions and versions[version_id].holds_for(price_version)
