"""How the prompts stand: the list, one prompt with its history, what other prices would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.contracts.windows import local_time
from ivr.services.ports import Clock
from ivr.services.prompt_ports import PromptBook, Studio
from ivr.services.prompt_records import (
    Described,
    Entry,
    EntryDetail,
    GoingOut,
    PromptRefusedError,
    Reason,
    Sentence,
    State,
)
from ivr.services.spoken_prices import Prices, prompts_with_figures
from ivr.services.stores import Storage
from ivr.wording.shelf import (
    OnAir,
    Publication,
    Slot,
    Version,
    by_slot,
    in_use,
    on_air,
    outdated,
    scheduled,
)

SETTLES = timedelta(seconds=3)
"""Every process has read a publication before it begins, so that all say the same at any instant."""

Figures = Mapping[PromptKey, tuple[Prompt, ...]]


@dataclass(frozen=True, slots=True)
class PromptParts:
    """What the service of prompts works with."""

    storage: Storage
    clock: Clock
    book: PromptBook
    studio: Studio
    prices: Prices


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything published, and what of it is in use at an instant, or in the next three seconds."""

    at: datetime
    publications: Sequence[Publication]
    versions: Mapping[int, Version]
    on_air: OnAir

    def of(self, key: PromptKey, language: Language) -> tuple[Publication, ...]:
        """The publications of one prompt."""
        return tuple(
            each
            for each in self.publications
            if (each.slot.key, each.slot.language) == (key, language)
        )


class PromptEntries:
    """Reads only."""

    def __init__(self, parts: PromptParts) -> None:
        self._storage = parts.storage
        self._clock = parts.clock
        self._book = parts.book
        self._studio = parts.studio
        self._prices = parts.prices
        self._today: dict[Language, tuple[date, Figures]] = {}
        """What plans and tariffs give today: many sentences, and the same for every page."""

    @property
    def price_version(self) -> str:
        """Of the present plans and tariffs."""
        return self._prices.version

    def entries(self) -> tuple[Entry, ...]:
        """Every prompt in every language, in the order of the catalogue."""
        shelf = self._shelf()
        figures = {language: self._figures(language) for language in Language}
        slots = _by_key(shelf.publications)
        return tuple(
            self._entry(
                key,
                language,
                replace(shelf, publications=slots.get((key, language), ())),
                figures[language],
            )
            for key in PromptKey
            for language in Language
        )

    def entry(self, key: str, language: str) -> EntryDetail:
        """One prompt of one language; raises PromptRefusedError for an unknown one."""
        known, spoken = known_key(key), known_language(language)
        shelf = self._shelf()
        figures = self._figures(spoken)
        with self._storage.reading() as uow:
            versions = uow.prompts.list_versions(known, spoken)
            publications = uow.prompts.list_publications(known, spoken)
        its_own = replace(shelf, publications=shelf.of(known, spoken))
        entry = self._entry(known, spoken, its_own, figures)
        sentences = self._sentences(known, spoken, entry.text, its_own, figures)
        said = {sentence.words for sentence in sentences}
        text_version = in_use(by_slot(its_own.publications).get(Slot(known, spoken), ()), shelf.at)
        return EntryDetail(
            entry=entry,
            described=self._book.described(known),
            shipped=self._book.shipped(known, spoken),
            text_version=text_version.version_id if text_version else None,
            sentences=sentences,
            gone=tuple(each for each in versions if each.sound and each.words not in said),
            versions=versions,
            publications=publications,
            price_version=self._prices.version,
        )

    def outdated(self) -> tuple[GoingOut, ...]:
        """Recordings that the present prices keep out of use."""
        return self.outdated_by()

    def outdated_by(self, prices: Prices | None = None) -> tuple[GoingOut, ...]:
        """Recordings in use now that these prices would take, or have taken, out of use."""
        shelf, version = self._shelf(), (prices or self._prices).version
        found = outdated(shelf.publications, shelf.versions, shelf.at, version)
        figures = {language: self._figures(language, prices) for language in Language}
        return tuple(
            GoingOut(
                each.id,
                each.slot,
                each.words in self._words(each.slot, shelf.on_air, figures[each.language]),
            )
            for each in sorted(found, key=lambda each: (each.language, each.key, each.id))
        )

    def _shelf(self, at: datetime | None = None) -> Shelf:
        now = (at or self._clock.now()) + SETTLES
        with self._storage.reading() as uow:
            publications, versions = uow.prompts.published()
        found = on_air(publications, versions, now, self._prices.version, self._fits)
        return Shelf(now, publications, versions, found)

    def _fits(self, version: Version) -> bool:
        return self._book.fits(version.key, version.words)

    def _figures(self, language: Language, prices: Prices | None = None) -> Figures:
        today = local_time(self._clock.now()).date()
        if prices is not None:
            return prompts_with_figures(prices, language, today)
        known = self._today.get(language)
        if known is None or known[0] != today:
            known = today, prompts_with_figures(self._prices, language, today)
            self._today[language] = known
        return known[1]

    def _text(self, key: PromptKey, language: Language, found: OnAir) -> str:
        return found.texts.get(Slot(key, language)) or self._book.shipped(key, language)

    def _words(self, slot: Slot, found: OnAir, figures: Figures) -> frozenset[str]:
        """Every sentence of a prompt that can be recorded."""
        template = self._text(slot.key, slot.language, found)
        return frozenset(self._recordable(slot.key, template, figures))

    def _recordable(self, key: PromptKey, template: str, figures: Figures) -> tuple[str, ...]:
        """The whole fixed text, or each sentence with figures; none of what is spoken in parts."""
        described = self._book.described(key)
        if not described.values:
            return (template,)
        if not described.whole:
            return ()
        said = (self._book.fill(template, prompt) for prompt in figures.get(key, ()))
        return tuple(dict.fromkeys(said))

    def _sentences(
        self, key: PromptKey, language: Language, text: str, shelf: Shelf, figures: Figures
    ) -> tuple[Sentence, ...]:
        slots = by_slot(shelf.publications)
        found = []
        for words in self._recordable(key, text, figures):
            current = in_use(slots.get(Slot(key, language, words), ()), shelf.at)
            version = shelf.versions.get(current.version_id or 0) if current else None
            found.append(_sentence(words, version, self._prices.version))
        return tuple(found)

    def _entry(self, key: PromptKey, language: Language, shelf: Shelf, figures: Figures) -> Entry:
        described = self._book.described(key)
        text = self._text(key, language, shelf.on_air)
        sentences = self._sentences(key, language, text, shelf, figures)
        said = {sentence.words for sentence in sentences}
        recorded = sum(sentence.digest is not None for sentence in sentences)
        complete = bool(sentences) and recorded == len(sentences)
        gone = 0 if complete else _out_of_use(shelf, said, self._prices.version)
        coming = len(scheduled(shelf.publications, shelf.at))
        there = self._studio.is_there(key, language, text, figures.get(key, ()))
        return Entry(
            key=key,
            language=language,
            purpose=described.purpose,
            text=text,
            state=_state(
                there=there, gone=gone, coming=coming, recorded=recorded, of=len(sentences)
            ),
            changed=text != self._book.shipped(key, language),
            sentences=len(sentences),
            recorded=recorded,
            outdated=gone,
            scheduled=coming,
            has_prices=described.has_prices,
        )


def known_key(key: str) -> PromptKey:
    """Raises PromptRefusedError."""
    try:
        return PromptKey(key)
    except ValueError:
        raise PromptRefusedError(Reason("unknown_key", {"key": key[:60]})) from None


def known_language(language: str) -> Language:
    """Raises PromptRefusedError."""
    try:
        return Language(language)
    except ValueError:
        raise PromptRefusedError(Reason("unknown_language", {"language": language[:20]})) from None


def price_version_of(described: Described, prices: Prices) -> str | None:
    """What a recording of this prompt is bound to."""
    return prices.version if described.has_prices else None


def _by_key(
    publications: Sequence[Publication],
) -> dict[tuple[PromptKey, Language], tuple[Publication, ...]]:
    found: dict[tuple[PromptKey, Language], tuple[Publication, ...]] = {}
    for each in publications:
        key = each.slot.key, each.slot.language
        found[key] = (*found.get(key, ()), each)
    return found


def _sentence(words: str, version: Version | None, price_version: str) -> Sentence:
    if version is None:
        return Sentence(words)
    if version.holds_for(price_version):
        return Sentence(words, version.id, version.sound)
    return Sentence(words, outdated=version.id)


def _out_of_use(shelf: Shelf, said: set[str], price_version: str) -> int:
    """Recordings that are published and not heard: other words than the line's, or other prices."""
    count = 0
    for slot, those in by_slot(shelf.publications).items():
        current = in_use(those, shelf.at)
        version = shelf.versions.get(current.version_id or 0) if current else None
        if version is not None and not slot.is_text:
            count += slot.words not in said or not version.holds_for(price_version)
    return count


def _state(*, there: bool, gone: int, coming: int, recorded: int, of: int) -> State:
    if not there:
        return State.MISSING
    if gone:
        return State.OUTDATED
    if coming:
        return State.SCHEDULED
    return State.RECORDED if of and recorded == of else State.SYNTHESISED
