"""What the page of a prompt shows: its text, its recordings, and what became of each version."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from markupsafe import Markup

from ivr.callflow.prompts import Language
from ivr.services.prompt_entries import SETTLES
from ivr.services.prompt_records import EntryDetail, Reason
from ivr.voice.wave_picture import wave_svg
from ivr.wording.shelf import (
    Publication,
    Slot,
    Version,
    by_slot,
    in_use,
    scheduled,
    spans_of,
    step_back,
)
from webhooks.console.pages import page_language
from webhooks.console.prompt_words import warned


class Standing(StrEnum):
    """What became of a version; `OTHER_PRICES`: it is published, and synthesis is heard instead."""

    IN_USE = "in_use"
    OTHER_PRICES = "other_prices"
    SCHEDULED = "scheduled"
    DRAFT = "draft"
    PAST = "past"


TONES = {
    Standing.IN_USE: "success",
    Standing.OTHER_PRICES: "warning",
    Standing.SCHEDULED: "primary",
    Standing.DRAFT: "secondary",
    Standing.PAST: "secondary",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A version; `holds`: its prices are those of the line."""

    version: Version
    standing: Standing
    holds: bool
    warnings: Sequence[str]

    @property
    def tone(self) -> str:
        """The colour of its mark."""
        return TONES[self.standing]

    @property
    def picture(self) -> Markup:
        """Its wave, where it is a recording."""
        language = Language(page_language())
        return Markup(wave_svg(self.version.peaks, self.version.warnings, language))  # noqa: S704

    @property
    def may_go(self) -> bool:
        """Nobody hears it, now or soon; whether somebody has, the service knows."""
        return self.standing in (Standing.DRAFT, Standing.PAST)


@dataclass(frozen=True, slots=True)
class Place:
    """A slot: the text of a prompt, or one sentence of it as a recording.

    `before` is what a step back leads to, `ahead` what begins later. `current` is None where what
    is shipped, or synthesis, is in use.
    """

    slot: Slot
    lines: Sequence[Line]
    current: Version | None
    before: Version | None
    ahead: Sequence[tuple[Publication, Version | None]]
    told: datetime | None

    @property
    def words(self) -> str:
        """What exactly a recording says; empty for the text."""
        return self.slot.words

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return anchor_of(self.words)

    @property
    def standing(self) -> str:
        """Of what is published: in use, or kept out of use by prices; of nothing: synthesised."""
        found = [each.standing for each in self.lines if each.version is self.current]
        return found[0] if found else "synthesised"

    @property
    def drafts(self) -> int:
        """How many versions wait for somebody to publish them."""
        return sum(each.standing is Standing.DRAFT for each in self.lines)


@dataclass(frozen=True, slots=True)
class Past:
    """A publication of the history, with what it published."""

    publication: Publication
    version: Version | None


def anchor_of(words: str) -> str:
    """A short name of a sentence, the same as long as its words are."""
    if not words:
        return "text"
    return "s-" + hashlib.sha256(words.encode()).hexdigest()[:10]


def place_of(detail: EntryDetail, words: str, now: datetime) -> Place:
    """What is published now counts as in use: within three seconds it is."""
    slot = Slot(detail.entry.key, detail.entry.language, words)
    those = by_slot(detail.publications).get(slot, [])
    versions = {each.id: each for each in detail.versions}
    at = now + SETTLES
    current = in_use(those, at)
    before = step_back(those, versions, at, detail.price_version)
    return Place(
        slot=slot,
        lines=[_line(each, those, detail, at) for each in detail.versions if each.slot == slot],
        current=_version(versions, current),
        before=versions.get(before or 0),
        ahead=[(each, _version(versions, each)) for each in scheduled(those, at)],
        told=current.from_at if current else None,
    )


def history_of(detail: EntryDetail) -> list[Past]:
    """Everything that was published, newest first."""
    versions = {each.id: each for each in detail.versions}
    return [Past(each, _version(versions, each)) for each in detail.publications]


def lines_of(detail: EntryDetail, versions: Sequence[Version], now: datetime) -> list[Line]:
    """Some versions of a prompt, each with what became of it."""
    slots = by_slot(detail.publications)
    at = now + SETTLES
    return [_line(each, slots.get(each.slot, []), detail, at) for each in versions]


def _line(
    version: Version, those: Sequence[Publication], detail: EntryDetail, at: datetime
) -> Line:
    holds = version.holds_for(detail.price_version)
    warnings = warned(Reason(code) for code in version.warnings)
    return Line(version, _standing(version, those, at, holds=holds), holds, warnings)


def _standing(
    version: Version, those: Sequence[Publication], at: datetime, *, holds: bool
) -> Standing:
    current = in_use(those, at)
    if current is not None and current.version_id == version.id:
        return Standing.IN_USE if holds else Standing.OTHER_PRICES
    spans = spans_of(those, version.id)
    if any(begin > at for begin, _ in spans):
        return Standing.SCHEDULED
    return Standing.PAST if spans else Standing.DRAFT


def _version(versions: Mapping[int, Version], publication: Publication | None) -> Version | None:
    return versions.get(publication.version_id or 0) if publication else None
