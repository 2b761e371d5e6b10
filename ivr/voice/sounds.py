"""The library of sounds: one pair of files per spoken piece, cached by content.

`NAME.wav` is 8 kHz and `NAME.wav16` 16 kHz, mono, 16 bit, so that Asterisk takes the one that fits
the call. The name is a digest of voice, language and text: a changed text is another file, and a
file never changes. What is missing is synthesised on the spot, so a call never stays silent; a
name, which may take long, is replaced by the customer number until its sound exists.
"""

import hashlib
import json
import math
import os
import shutil
import struct
import threading
import wave
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from ivr.callflow.prompts import Prompt, PromptKey
from ivr.errors import SpeechError
from ivr.voice.catalogue import Catalogue, Piece
from ivr.voice.melody import write_hold
from ivr.voice.speech import Speaker, Utterance

HEADER_BYTES = 44
BYTES_PER_SECOND = 16_000
"""Of the 8 kHz file."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound. `stem` is its path without extension, `name` its public name, seconds long."""

    stem: str
    name: str
    seconds: float
    recorded: bool = False


class SoundLibrary:
    """Finds, and where needed makes, the sounds of prompts."""

    def __init__(
        self, catalogue: Catalogue, speaker: Speaker, directory: Path, recordings: Path
    ) -> None:
        self._catalogue = catalogue
        self._speaker = speaker
        self._directory = directory
        self._recordings = recordings
        self._known: dict[Piece, Sound] = {}
        self._whole: dict[Prompt, tuple[Sound, ...]] = {}
        self._ahead = threading.Semaphore(1)

    def sounds(self, prompts: Iterable[Prompt]) -> tuple[Sound, ...]:
        """The sounds of `prompts` in order; raises SpeechError if one cannot be had at all."""
        return tuple(sound for prompt in prompts for sound in self._sounds_of(prompt))

    def recorded(self, prompt: Prompt) -> Sound | None:
        """The recording of a prompt by a person, if there is one."""
        sounds = self._sounds_of(prompt)
        return sounds[0] if len(sounds) == 1 and sounds[0].recorded else None

    def seconds(self, prompts: Iterable[Prompt]) -> float:
        """How long the prompts take to be heard."""
        return sum(sound.seconds for sound in self.sounds(prompts))

    def restore(self, sound: Sound) -> bool:
        """Make a sound again whose file was cleared away meanwhile; False if it cannot be had."""
        if _is_whole(Path(sound.stem)):
            return False
        known = [piece for piece, held in list(self._known.items()) if held.stem == sound.stem]
        try:
            for piece in known[:1]:
                self._make(piece)
        except SpeechError as error:
            _log.warning("speech_failed", error=str(error))
        return _is_whole(Path(sound.stem))

    def tone(self) -> str:
        """The stem of the tone before a recording; made when it is first asked for."""
        stem = self._directory / "tone"
        if not _is_whole(stem):
            write_tone(_wav(stem))
        return str(stem)

    def foresee(self, prompts: Sequence[Prompt]) -> None:
        """Synthesise missing names in the background while the telephone still rings."""
        missing = [piece for prompt in prompts for piece in self._missing(prompt)]
        if missing and self._ahead.acquire(blocking=False):
            threading.Thread(target=self._prepare, args=(missing,), daemon=True).start()

    def build(self, pieces: Iterable[Piece]) -> Iterable[Path]:
        """Synthesise what is missing of `pieces`; yields each file as it is finished."""
        wanted = {self._stem(piece): piece for piece in pieces}
        missing = [self._utterance(piece) for stem, piece in wanted.items() if not _is_whole(stem)]
        return self._speaker.speak(missing)

    def count_missing(self, pieces: Iterable[Piece]) -> int:
        """How many sounds `build` would make."""
        return len({stem for piece in pieces if not _is_whole(stem := self._stem(piece))})

    def publish(self, piece: Piece, target: Path) -> None:
        """Give the sound of a piece a second, fixed name, such as a static dialplan needs."""
        (sound,) = self._sounds_of_piece(piece)
        _copy(Path(sound.stem), target)

    def _sounds_of(self, prompt: Prompt) -> tuple[Sound, ...]:
        found = self._whole.get(prompt)
        if found is None:
            found = tuple(
                sound
                for piece in self._catalogue.pieces(prompt)
                for sound in self._sounds_of_piece(piece)
            )
            if not prompt.values:
                self._whole[prompt] = found
        return found

    def _sounds_of_piece(self, piece: Piece) -> tuple[Sound, ...]:
        known = self._known.get(piece) or self._find(piece)
        if known is None and piece.instead:
            return tuple(sound for part in piece.instead for sound in self._sounds_of_piece(part))
        if known is None:
            self._make(piece)
            known = self._find(piece)
        if known is None:
            raise SpeechError(f"no sound for {piece.key or 'a piece'} in {piece.language}")
        self._known[piece] = known
        return (known,)

    def _find(self, piece: Piece) -> Sound | None:
        if piece.key is not None:
            recorded = self._recordings / piece.language / piece.key
            if _wav(recorded).exists():
                name = f"recorded/{piece.language}/{piece.key}"
                _copy(recorded, self._directory / name)
                return _sound(self._directory / name, name, recorded=True)
            if piece.key is PromptKey.HOLD:
                return self._hold(f"recorded/{piece.language}/{piece.key}")
        stem = self._stem(piece)
        return _sound(stem, stem.name) if _is_whole(stem) else None

    def _hold(self, name: str) -> Sound:
        """Not spoken: played like a recording; made when it is first asked for."""
        stem = self._directory / name
        if not _is_whole(stem):
            write_hold(stem)
        return _sound(stem, name, recorded=True)

    def _missing(self, prompt: Prompt) -> list[Piece]:
        return [
            piece
            for piece in self._catalogue.pieces(prompt)
            if piece not in self._known and self._find(piece) is None
        ]

    def _prepare(self, pieces: list[Piece]) -> None:
        """Runs in a thread of its own: whatever fails is heard as the customer number."""
        try:
            for _ in self._speaker.speak([self._utterance(piece) for piece in pieces]):
                pass
        except (SpeechError, OSError) as error:
            _log.warning("speech_failed", error=str(error))
        finally:
            self._ahead.release()

    def _make(self, piece: Piece) -> None:
        for _ in self._speaker.speak([self._utterance(piece)]):
            pass

    def _utterance(self, piece: Piece) -> Utterance:
        text = self._catalogue.spoken(piece.text, piece.language)
        return Utterance(text, piece.language, str(self._stem(piece)), _lead_ms(piece))

    def _stem(self, piece: Piece) -> Path:
        text = self._catalogue.spoken(piece.text, piece.language)
        identity = json.dumps([self._speaker.voice, piece.language, text, _lead_ms(piece)])
        digest = hashlib.sha256(identity.encode()).hexdigest()[:32]
        return self._directory / digest[:2] / digest


def _copy(source: Path, target: Path) -> None:
    """A sound under a second name, below the one folder that Asterisk is sure to see."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for extension in (".wav", ".wav16"):
        file = source.with_name(source.name + extension)
        if file.exists():
            partial = target.with_name(f".{target.name}{extension}.{os.getpid()}")
            shutil.copy2(file, partial)
            partial.replace(target.with_name(target.name + extension))


def _lead_ms(piece: Piece) -> int:
    """The first syllable after a pause must not get lost; parts of a sentence follow closely."""
    return 150 if piece.key is not None else 40


def write_tone(path: Path) -> None:
    """Three tenths of a second at 1 kHz, 8 kHz mono."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = [int(6000 * math.sin(2 * math.pi * 1000 * n / 8000)) for n in range(2400)]
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with wave.open(str(partial), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    partial.replace(path)


def _wav(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}.wav")


def _is_whole(stem: Path) -> bool:
    """Whether the sound is there and as long as it says: a power cut leaves empty and half files."""
    wide = stem.with_name(f"{stem.name}.wav16")
    return _has_its_length(_wav(stem)) and (not wide.exists() or _has_its_length(wide))


def _has_its_length(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    told = int.from_bytes(header[HEADER_BYTES - 4 :], "little")
    return header[:4] == b"RIFF" and 0 < told == path.stat().st_size - HEADER_BYTES


def _sound(stem: Path, name: str, *, recorded: bool = False) -> Sound:
    seconds = (_wav(stem).stat().st_size - HEADER_BYTES) / BYTES_PER_SECOND
    return Sound(str(stem), name, seconds, recorded)
