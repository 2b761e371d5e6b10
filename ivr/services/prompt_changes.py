"""What is heard, and from when: publish, withdraw, go back, confirm for other prices, discard.

Two admins may publish at once: both are in the history and the later one is heard.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ivr.callflow.prompts import Language, PromptKey
from ivr.people.person import Person
from ivr.services.people_audit import NOBODY, entry
from ivr.services.prompt_entries import SETTLES, PromptEntries, known_key, known_language
from ivr.services.prompt_ports import NewVersion
from ivr.services.prompt_records import PromptRefusedError, Reason
from ivr.services.stores import UnitOfWork
from ivr.wording.shelf import (
    Publication,
    Slot,
    Version,
    ahead_of_the_clock,
    by_slot,
    in_use,
    spans_of,
    step_back,
)

MOMENT = timedelta(microseconds=1)
HEARD_BEFORE = timedelta(seconds=10)
"""A carrier may tell an announcement's beginning so much too late or too early."""


class PromptChanges(PromptEntries):
    """Each change is in the audit log."""

    def publish(self, version_id: int, who: Person | None, from_at: datetime | None = None) -> int:
        """Now, which is in a few seconds, or at a time; the id of the publication."""
        with self._storage.writing() as uow:
            now = self._clock.now()  # not before: somebody else may hold the database for seconds
            version = _version(uow, version_id)
            if not version.holds_for(self._prices.version):
                raise PromptRefusedError(Reason("other_prices"))
            begins = _begins(from_at, now)
            number = self._put(uow, version.slot, version.id, begins, who)
            detail = f"{_kind(version.slot)} version {version.id} from {begins.isoformat()}"
            _told(uow, who, "prompt_published", version.slot, detail, now)
        return number

    def reset(
        self,
        key: str,
        language: str,
        words: str,
        who: Person | None,
        from_at: datetime | None = None,
        *,
        seen: int | None = None,
    ) -> int:
        """Back to the shipped text, or to synthesis; the id of the publication."""
        slot = Slot(known_key(key), known_language(language), words)
        with self._storage.writing() as uow:
            now = self._clock.now()
            begins = _begins(from_at, now)
            _refuse_changed(in_use(_of_slot(uow, slot), now + SETTLES), seen)
            number = self._put(uow, slot, None, begins, who)
            detail = f"{_kind(slot)} from {begins.isoformat()}"
            _told(uow, who, "prompt_reset", slot, detail, now)
        return number

    def withdraw(self, publication_id: int, who: Person | None) -> None:
        """Before it begins anywhere: in its last moments some would say it and some would not."""
        with self._storage.writing() as uow:
            now = self._clock.now()
            found = uow.prompts.find_publication(publication_id)
            if found is None:
                raise PromptRefusedError(Reason("no_such_publication"))
            if found.from_at <= now + SETTLES or not uow.prompts.withdraw(publication_id, now):
                raise PromptRefusedError(Reason("already_begun"))
            detail = f"{_kind(found.slot)} publication {publication_id}"
            _told(uow, who, "prompt_withdrawn", found.slot, detail, now)

    def roll_back(
        self, key: str, language: str, words: str, who: Person | None, *, seen: int | None = None
    ) -> int | None:
        """One step; the version that is heard now, None for the shipped text or synthesis.

        `seen` is the version from which whoever asks steps back: asked twice, it is one step.
        """
        slot = Slot(known_key(key), known_language(language), words)
        with self._storage.writing() as uow:
            now = self._clock.now()
            begins = now + SETTLES
            before = self._before(uow, slot, begins, seen)
            self._put(uow, slot, before, begins, who)
            detail = f"{_kind(slot)} to {f'version {before}' if before else 'what is shipped'}"
            _told(uow, who, "prompt_rolled_back", slot, detail, now)
        return before

    def _before(
        self, uow: UnitOfWork, slot: Slot, at: datetime, seen: int | None = None
    ) -> int | None:
        """What one step back leads to."""
        those = _of_slot(uow, slot)
        current = in_use(those, at)
        _refuse_changed(current, seen)
        if current is None or current.version_id is None:
            raise PromptRefusedError(Reason("nothing_to_undo"))
        versions = {each.id: each for each in uow.prompts.list_versions(slot.key, slot.language)}
        return step_back(those, versions, at, self._prices.version)

    def confirm(self, version_id: int, who: Person | None, from_at: datetime | None = None) -> int:
        """The same recording for the present prices, where its words are still the line's."""
        with self._storage.writing() as uow:
            now = self._clock.now()
            uow.prompts.lock_sounds()
            version = _version(uow, version_id)
            if version.sound is None or version.holds_for(self._prices.version):
                raise PromptRefusedError(Reason("nothing_to_confirm"))
            if not self._can_be_said(version):
                raise PromptRefusedError(Reason("words_changed"))
            number = uow.prompts.add_version(self._again(version, who, now))
            self._put(uow, version.slot, number, _begins(from_at, now), who)
            detail = f"version {version.id} as {number} for {self._prices.version}"
            _told(uow, who, "prompt_confirmed", version.slot, detail, now)
        return number

    def discard(self, version_id: int, who: Person | None) -> None:
        """A draft, or what nobody whose consent is kept can have heard."""
        with self._storage.writing() as uow:
            now = self._clock.now()
            version = _version(uow, version_id)
            _refuse_heard(uow, version, now)
            uow.prompts.discard_version(version.id)
            detail = f"{_kind(version.slot)} version {version.id}"
            _told(uow, who, "prompt_discarded", version.slot, detail, now)
        if version.sound:
            self._drop_unused(version.sound)

    def _drop_unused(self, digest: str) -> None:
        """Only now that its row is certainly gone, and while nobody can add another one."""
        with self._storage.writing() as uow:
            uow.prompts.lock_sounds()
            if not uow.prompts.uses_of(digest):
                self._studio.drop(digest)

    def _can_be_said(self, version: Version) -> bool:
        shelf = self._shelf()
        return version.words in self._words(
            version.slot, shelf.on_air, self._figures(version.language)
        )

    def _again(self, version: Version, who: Person | None, now: datetime) -> NewVersion:
        return NewVersion(
            key=version.key,
            language=version.language,
            words=version.words,
            made_at=now,
            made_by=name_of(who),
            seconds=version.seconds,
            note=version.note,
            sound=version.sound,
            price_version=self._prices.version,
            warnings=version.warnings,
            peaks=version.peaks,
        )

    def _put(
        self,
        uow: UnitOfWork,
        slot: Slot,
        version_id: int | None,
        begins: datetime,
        who: Person | None,
    ) -> int:
        """Where the clock was set back, a former one begins again: after that one once more."""
        former = ahead_of_the_clock(_of_slot(uow, slot), begins, SETTLES)
        made = Publication(0, slot, version_id, begins, self._clock.now(), name_of(who))
        number = uow.prompts.publish(made)
        if former is not None:
            uow.prompts.publish(replace(made, from_at=former + MOMENT))
        return number


def name_of(who: Person | None) -> str:
    """As the history shows it."""
    return who.name if who is not None else NOBODY


def _told(
    uow: UnitOfWork, who: Person | None, action: str, slot: Slot, detail: str, at: datetime
) -> None:
    uow.audit.add(entry(who, action, subject_of(slot.key, slot.language), detail, at))


def _kind(slot: Slot) -> str:
    """With it each detail of the audit log begins; entries of earlier releases have none."""
    return "text" if slot.is_text else "recording"


def subject_of(key: PromptKey, language: Language) -> str:
    """As the audit log names it."""
    return f"prompt {key} {language}"


def _version(uow: UnitOfWork, version_id: int) -> Version:
    found = uow.prompts.find_version(version_id)
    if found is None:
        raise PromptRefusedError(Reason("no_such_version"))
    return found


def _begins(from_at: datetime | None, now: datetime) -> datetime:
    if from_at is not None and from_at < now:
        raise PromptRefusedError(Reason("in_the_past"))
    return max(from_at or now, now + SETTLES)


def _of_slot(uow: UnitOfWork, slot: Slot) -> list[Publication]:
    found = uow.prompts.list_publications(slot.key, slot.language)
    return by_slot(found).get(slot, [])


def _refuse_changed(current: Publication | None, seen: int | None) -> None:
    """Somebody else, or a second click, was faster."""
    if seen is not None and (current is None or current.version_id != seen):
        raise PromptRefusedError(Reason("changed_meanwhile"))


def _refuse_heard(uow: UnitOfWork, version: Version, now: datetime) -> None:
    those = _of_slot(uow, version.slot)
    spans = spans_of(those, version.id)
    if any(end is None or end > now for _, end in spans):
        raise PromptRefusedError(Reason("in_use"))
    heard: Callable[[datetime, datetime], bool] = lambda begin, end: uow.prompts.was_heard(  # noqa: E731
        version.key, version.language, begin - HEARD_BEFORE, end + HEARD_BEFORE
    )
    if any(end is not None and heard(begin, end) for begin, end in spans):
        raise PromptRefusedError(Reason("was_heard"))
