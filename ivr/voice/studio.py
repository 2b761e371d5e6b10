"""The sounds of what admins write and record: spoken when it is saved, never in a turn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import time

from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.errors import SpeechError
from ivr.services.prompt_ports import Taken
from ivr.services.prompt_records import Heard, PromptRefusedError, Reason
from ivr.voice.catalogue import Catalogue, Piece
from ivr.voice.intake import UploadRefusedError
from ivr.voice.sounds import TAKES, Sound, SoundLibrary

EXTENSIONS = (".wav", ".wav16", ".original")

TAKE_SECONDS = 24 * 3600
"""Far longer than a call: what is older was left by a process that died in one."""

Intake = Callable[[Path, Path], Taken]


class SoundStudio:
    """`published` is the folder of the recordings, which is backed up, unlike the sounds'."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        sounds: Callable[[], SoundLibrary],
        published: Path,
        intake: Intake,
    ) -> None:
        self._catalogue = catalogue
        self._sounds = sounds
        self._published = published
        self._intake = intake

    def speak(self, text: str, language: Language) -> Heard:
        """Synthesised now; raises SpeechError."""
        piece = Piece(text, language)
        for _ in self._sounds().build([piece]):
            pass
        return _heard(self._spoken(piece))

    def prepare(
        self, key: PromptKey, language: Language, template: str, figures: Sequence[Prompt]
    ) -> float:
        """Speak what this text will need; how long it takes, at most or without its values."""
        pieces = tuple(self.pieces(key, language, template, figures))
        for _ in self._sounds().build(pieces):
            pass
        lengths = [self._spoken(piece).seconds for piece in pieces]
        if self._catalogue().described(key).whole:
            return max(lengths, default=0.0)
        return sum(lengths)

    def is_there(
        self, key: PromptKey, language: Language, template: str, figures: Sequence[Prompt]
    ) -> bool:
        """Whether nothing of it would have to be spoken in a turn."""
        return self._sounds().has_all(self.pieces(key, language, template, figures))

    def take_in(self, source: Path) -> Taken:
        """An upload; raises PromptRefusedError."""
        try:
            return self._intake(source, self._published)
        except UploadRefusedError as error:
            raise PromptRefusedError(Reason(error.code, error.values)) from error

    def take(self, source: Path) -> Heard:
        """As callers would hear it, below the folder that telephones play from; nothing is kept."""
        _forget_old(self._sounds().takes)
        try:
            taken = self._intake(source, self._sounds().takes)
        except UploadRefusedError as error:
            raise PromptRefusedError(Reason(error.code, error.values)) from error
        return _heard(self._sounds().named(f"{TAKES}/{taken.digest}"))

    def drop_take(self, name: str) -> None:
        """A take that was kept, or that nobody wants."""
        for extension in EXTENSIONS:
            (self._sounds().takes / f"{Path(name).name}{extension}").unlink(missing_ok=True)

    def recording(self, digest: str) -> Heard:
        """A recording that was taken in; raises PromptRefusedError where its file is gone."""
        found = self._sounds().published_sound(digest)
        if found is None:
            raise PromptRefusedError(Reason("recording_gone"))
        return _heard(found)

    def has(self, digest: str) -> bool:
        """Whether all files of a recording are there."""
        return all((self._published / f"{digest}{each}").exists() for each in EXTENSIONS)

    def drop(self, digest: str) -> None:
        """A recording that no version has any more."""
        for extension in EXTENSIONS:
            (self._published / f"{digest}{extension}").unlink(missing_ok=True)

    def pieces(
        self, key: PromptKey, language: Language, template: str, figures: Sequence[Prompt]
    ) -> Iterator[Piece]:
        """What is spoken of a text."""
        catalogue = self._catalogue()
        if catalogue.described(key).whole:
            for prompt in figures:
                yield Piece(catalogue.fill(template, prompt), language, key=key, filled=True)
        else:
            yield from catalogue.fixed_parts(key, language, template)

    def _spoken(self, piece: Piece) -> Sound:
        found = self._sounds().sound_of(piece)
        if not found.seconds:
            raise SpeechError("the engine gave no sound")
        return found


def _heard(sound: Sound) -> Heard:
    return Heard(sound.name, sound.seconds)


def _forget_old(takes: Path) -> None:
    """Files only: the folder of a conversion that died is cleared by the next one."""
    for path in takes.glob("*.*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < time() - TAKE_SECONDS:
                path.unlink()
