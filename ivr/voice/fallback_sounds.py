"""The few prompts that the dialplan plays when nobody answers it, under fixed names."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.errors import SpeechError
from ivr.voice.catalogue import Catalogue
from ivr.voice.sounds import SoundLibrary, write_tone

FALLBACK_KEYS = (
    PromptKey.APOLOGY,
    PromptKey.CONNECTING_DESK,
    PromptKey.ASK_MESSAGE,
    PromptKey.MESSAGE_SAVED,
    PromptKey.GOODBYE,
)


def link_fallback(catalogue: Catalogue, sounds: SoundLibrary, folder: Path) -> None:
    """As they are in use now."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in Language:
        for key in FALLBACK_KEYS:
            (piece,) = catalogue.pieces(Prompt(key, language))
            sounds.publish(piece, folder / f"{key}_{language}")
    write_tone(folder / "tone.wav")


class FallbackSounds:
    """A part of the worker's round: what is published is soon said by the dialplan too."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        sounds: Callable[[], SoundLibrary],
        folder: Path,
    ) -> None:
        self._catalogue = catalogue
        self._sounds = sounds
        self._folder = folder
        self._linked: list[object] = []

    def collect(self, now: datetime) -> int:
        """Nothing before the sounds were built, and nothing while all is the same."""
        if not self._folder.is_dir():
            return 0
        catalogue = self._catalogue()
        prompts = [Prompt(key, language) for key in FALLBACK_KEYS for language in Language]
        pieces = [piece for prompt in prompts for piece in catalogue.pieces(prompt)]
        current: list[object] = [(piece, catalogue.recording(piece)) for piece in pieces]
        if current == self._linked:
            return 0
        try:
            link_fallback(catalogue, self._sounds(), self._folder)
        except SpeechError:
            return 0
        self._linked = current
        return 1
