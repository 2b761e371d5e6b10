"""Short numbers of prompts, by which a telephone names what is to be recorded.

A fixed prompt of a language has one, whatever its text becomes; of a prompt with figures each
sentence has one. A number is given when it is first shown, and never means anything else.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.callflow.prompts import Language, PromptKey
from ivr.services.prompt_ports import PromptBook
from ivr.services.prompt_records import EntryDetail, Sentence
from ivr.services.prompts import Prompts
from ivr.services.stores import Storage
from ivr.wording.shelf import Slot


@dataclass(frozen=True, slots=True)
class Numbered:
    """Something that can be recorded now, and its number."""

    number: int
    key: PromptKey
    language: Language
    sentence: Sentence


class PromptNumbers:
    """Gives numbers and reads them."""

    def __init__(self, storage: Storage, prompts: Prompts, book: PromptBook) -> None:
        self._storage = storage
        self._prompts = prompts
        self._book = book

    def fixed(self) -> Mapping[tuple[PromptKey, Language], int]:
        """The number of every prompt without figures."""
        keys = [key for key in PromptKey if not self._book.described(key).values]
        slots = [Slot(key, language) for key in keys for language in Language]
        return {(slot.key, slot.language): number for slot, number in self._given(slots).items()}

    def of(self, detail: EntryDetail) -> Mapping[str, int]:
        """The number of each sentence of a prompt, by its words."""
        slots = {each.words: _slot(detail, each) for each in detail.sentences}
        given = self._given(list(slots.values()))
        return {words: given[slot] for words, slot in slots.items()}

    def find(self, number: int) -> Numbered | None:
        """What it means now; None where it was never given, or its words are not said any more."""
        with self._storage.reading() as uow:
            slot = uow.prompts.find_number(number)
        if slot is None:
            return None
        detail = self._prompts.entry(slot.key, slot.language)
        for each in detail.sentences:
            if _slot(detail, each) == slot:
                return Numbered(number, slot.key, slot.language, each)
        return None

    def _given(self, slots: Sequence[Slot]) -> Mapping[Slot, int]:
        """Written only where something is new."""
        digests = {digest_of(slot): slot for slot in slots}
        with self._storage.reading() as uow:
            known = uow.prompts.numbers_of(list(digests))
        if missing := {digest: slot for digest, slot in digests.items() if digest not in known}:
            with self._storage.writing() as uow:
                uow.prompts.add_numbers(missing)
                known = uow.prompts.numbers_of(list(digests))
        return {slot: known[digest] for digest, slot in digests.items()}


def digest_of(slot: Slot) -> str:
    """Texts are too long to be kept unique by themselves."""
    return hashlib.sha256("\n".join((slot.key, slot.language, slot.words)).encode()).hexdigest()


def _slot(detail: EntryDetail, sentence: Sentence) -> Slot:
    words = sentence.words if detail.described.values else ""
    return Slot(detail.entry.key, detail.entry.language, words)
