"""Texts and recordings of the line, as admins write, record and publish them.

A text is spoken when it is saved, so that no turn waits for it, and refused where that gives no
sound. A recording is of exactly the words that the line would say, and of no others.
"""

from datetime import datetime
from pathlib import Path

from ivr.callflow.prompts import Language, PromptKey
from ivr.errors import SoundsUnwritableError, SpeechError
from ivr.people.person import Person
from ivr.services.people_audit import entry
from ivr.services.prompt_changes import PromptChanges, name_of, subject_of
from ivr.services.prompt_entries import (
    SETTLES,
    Figures,
    PromptParts,
    known_key,
    known_language,
    price_version_of,
)
from ivr.services.prompt_ports import NewVersion, Taken
from ivr.services.prompt_records import Heard, PromptRefusedError, Reason, SavedRecording, SavedText
from ivr.wording.shelf import Slot, by_slot, scheduled
from ivr.wording.templates import LONGER, faults_of, tidy

MAX_NOTE = 500


class Prompts(PromptChanges):
    """Without `who` the command line acts."""

    def __init__(self, parts: PromptParts, longest: int) -> None:
        super().__init__(parts)
        self._longest = longest

    def save_text(
        self,
        key: str,
        language: str,
        template: str,
        who: Person | None,
        note: str = "",
        *,
        heard_from: datetime | None = None,
    ) -> SavedText:
        """A draft, spoken at once; raises PromptRefusedError with every reason there is.

        `heard_from` is for when it is meant, where that is known already.
        """
        known, spoken, text = known_key(key), known_language(language), tidy(template)
        self._refuse_faults(text, set(self._book.described(known).values))
        self._refuse_same(Slot(known, spoken), text, heard_from)
        seconds, warnings = self._tried(known, spoken, text)
        now = self._clock.now()
        version = NewVersion(
            key=known,
            language=spoken,
            words=text,
            made_at=now,
            made_by=name_of(who),
            seconds=seconds,
            note=note[:MAX_NOTE],
            warnings=tuple(each.code for each in warnings),
        )
        return SavedText(self._kept(version, "prompt_text_saved", who, now), warnings)

    def save_recording(
        self,
        key: str,
        language: str,
        words: str,
        source: Path,
        who: Person | None,
        note: str = "",
    ) -> SavedRecording:
        """A draft of a sentence that the line says, or would with one of its texts."""
        slot = Slot(known_key(key), known_language(language), words)
        if not self._may_be_recorded(slot):
            raise PromptRefusedError(Reason("words_unknown"))
        taken = self._studio.take_in(source)
        now = self._clock.now()
        version = self._of_sound(slot, taken, now, who, note)
        number = self._kept(version, "prompt_recording_saved", who, now)
        if not self._studio.has(taken.digest):  # its files were another's, who has discarded them
            self._studio.take_in(source)
        warnings = tuple(Reason(code) for code in taken.warnings)
        return SavedRecording(number, taken.seconds, warnings, tuple(taken.peaks))

    def _of_sound(
        self, slot: Slot, taken: Taken, now: datetime, who: Person | None, note: str
    ) -> NewVersion:
        return NewVersion(
            key=slot.key,
            language=slot.language,
            words=slot.words,
            made_at=now,
            made_by=name_of(who),
            seconds=taken.seconds,
            note=note[:MAX_NOTE],
            sound=taken.digest,
            price_version=price_version_of(self._book.described(slot.key), self._prices),
            warnings=tuple(taken.warnings),
            peaks=tuple(taken.peaks),
        )

    def publish(self, version_id: int, who: Person | None, from_at: datetime | None = None) -> int:
        """A text is spoken again first: since it was saved, figures and sounds may have changed."""
        self._speak_again(version_id)
        return super().publish(version_id, who, from_at)

    def roll_back(
        self, key: str, language: str, words: str, who: Person | None, *, seen: int | None = None
    ) -> int | None:
        """The same for the text before."""
        slot = Slot(known_key(key), known_language(language), words)
        with self._storage.reading() as uow:
            before = self._before(uow, slot, self._clock.now() + SETTLES)
        if before is not None:
            self._speak_again(before)
        return super().roll_back(key, language, words, who, seen=seen)

    def preview(self, text: str, language: str, key: str | None = None) -> Heard:
        """A draft, spoken at once; with `key` its variables are spoken with made-up values."""
        spoken, plain = known_language(language), tidy(text)
        if key is None:
            self._refuse_faults(plain, set())
            return self._speak(plain, spoken)
        known = known_key(key)
        self._refuse_faults(plain, set(self._book.described(known).values))
        return self._speak(self._example(known, spoken, plain, self._figures(spoken)), spoken)

    def check(self, key: str, template: str) -> tuple[Reason, ...]:
        """What is wrong with a text while it is written; nothing is spoken."""
        variables = set(self._book.described(known_key(key)).values)
        faults = faults_of(tidy(template), variables, self._longest)
        return tuple(Reason(code, values) for code, values in faults)

    def listen(self, version_id: int) -> Heard:
        """What a version sounds like."""
        with self._storage.reading() as uow:
            version = uow.prompts.find_version(version_id)
        if version is None:
            raise PromptRefusedError(Reason("no_such_version"))
        if version.sound is not None:
            return self._studio.recording(version.sound)
        return self.preview(version.words, version.language, version.key)

    def _tried(
        self, key: PromptKey, language: Language, text: str
    ) -> tuple[float, tuple[Reason, ...]]:
        """Its seconds; a warning where it takes callers much longer than the shipped text."""
        figures = self._figures(language)
        shipped = self._book.shipped(key, language)
        self._speak(self._example(key, language, text, figures), language)
        try:
            now = self._studio.prepare(key, language, text, figures.get(key, ()))
            before = self._studio.prepare(key, language, shipped, figures.get(key, ()))
        except SpeechError as error:
            raise _refusal(error) from error
        if now > before * LONGER:
            return now, (Reason("longer", {"shipped": f"{before:.1f}", "now": f"{now:.1f}"}),)
        return now, ()

    def _speak_again(self, version_id: int) -> None:
        """What is there costs nothing; a text that cannot be filled in any more is refused."""
        with self._storage.reading() as uow:
            version = uow.prompts.find_version(version_id)
        if version is None or version.sound is not None:
            return
        key, language, text = version.key, version.language, version.words
        self._refuse_faults(text, set(self._book.described(key).values))
        try:
            self._studio.prepare(key, language, text, self._figures(language).get(key, ()))
        except SpeechError as error:
            raise _refusal(error) from error

    def _speak(self, text: str, language: Language) -> Heard:
        try:
            return self._studio.speak(text, language)
        except SpeechError as error:
            raise _refusal(error) from error

    def _example(self, key: PromptKey, language: Language, text: str, figures: Figures) -> str:
        found = figures.get(key, ())
        if found:
            return self._book.fill(text, found[0])
        return self._book.example(key, language, text)

    def _may_be_recorded(self, slot: Slot) -> bool:
        """Of the text in use, or of any draft or scheduled one: it can be recorded beforehand."""
        figures = self._figures(slot.language)
        with self._storage.reading() as uow:
            versions = uow.prompts.list_versions(slot.key, slot.language)
        texts = [each.words for each in versions if each.sound is None]
        shipped = self._book.shipped(slot.key, slot.language)
        return any(
            slot.words in self._recordable(slot.key, text, figures)
            for text in (shipped, *texts)
            if self._book.fits(slot.key, text)
        )

    def _refuse_faults(self, text: str, variables: set[str]) -> None:
        if faults := faults_of(text, variables, self._longest):
            raise PromptRefusedError(*(Reason(code, values) for code, values in faults))

    def _refuse_same(self, slot: Slot, text: str, heard_from: datetime | None) -> None:
        """What is said then anyway; a draft may be for the time after what is planned."""
        shelf = self._shelf(heard_from)
        coming = scheduled(by_slot(shelf.publications).get(slot, ()), shelf.at)
        if coming and heard_from is None:
            return
        if text == self._text(slot.key, slot.language, shelf.on_air):
            raise PromptRefusedError(Reason("text_same"))

    def _kept(self, version: NewVersion, action: str, who: Person | None, now: datetime) -> int:
        with self._storage.writing() as uow:
            if version.sound is not None:
                uow.prompts.lock_sounds()
            number = uow.prompts.add_version(version)
            subject = subject_of(version.key, version.language)
            uow.audit.add(entry(who, action, subject, f"version {number}", now))
        return number


def _refusal(error: SpeechError) -> PromptRefusedError:
    """A full disk is nothing that another text would help."""
    full = isinstance(error, SoundsUnwritableError)
    return PromptRefusedError(Reason("no_space" if full else "unspeakable"))
