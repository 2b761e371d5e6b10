"""The library of sounds: one pair of files per spoken piece, cached by content.

`NAME.wav` is 8 kHz and `NAME.wav16` 16 kHz, mono, 16 bit, so that Asterisk takes the one that fits
the call. The name is a digest of voice, language and text: a changed text is another file, and a
file never changes. What is missing is synthesised on the spot, so a call never stays silent; a
name, which may take long, is replaced by the customer number until its sound exists.
"""

import math
import struct
import wave
from collections.abc import Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import Counter

from ivr.callflow.prompts import Prompt, PromptKey
from ivr.errors import SpeechError
from ivr.voice.catalogue import Catalogue, Piece
from ivr.voice.engines import Engines
from ivr.voice.melody import write_hold
from ivr.voice.sound_files import copy, is_whole, partial_of, seconds, wav
from ivr.voice.speech import Speaker
from ivr.voice.spoken import Spoken

IN_TURN = Counter(
    "pikett_speech_in_turn", "Sounds made while somebody waited for them.", ["engine", "reason"]
)

TAKES = "takes"
"""A folder below that of the sounds."""

_log = structlog.get_logger()

_Choice = tuple[Piece, str | None]
"""A piece, and the recording in use for it: what is found for both never changes."""


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
        self,
        catalogue: Catalogue,
        speaker: Speaker | Engines,
        directory: Path,
        recordings: Path,
        published: Path | None = None,
    ) -> None:
        """`recordings` come with the release; `published` is where admins' recordings are kept."""
        self._catalogue = catalogue
        engines = speaker if isinstance(speaker, Engines) else Engines.only(speaker)
        self.synthesis = Spoken(catalogue, engines, directory)
        self._directory = directory
        self._recordings = recordings
        self._published = published or directory / "published"
        self._known: dict[_Choice, Sound] = {}

    def sounds(self, prompts: Iterable[Prompt]) -> tuple[Sound, ...]:
        """The sounds of `prompts` in order; raises SpeechError if one cannot be had at all."""
        return tuple(sound for prompt in prompts for sound in self._sounds_of(prompt))

    def recorded(self, prompt: Prompt) -> Sound | None:
        """The recording of a prompt by a person, if there is one; a carrier speaks all others."""
        try:
            sounds = self._sounds_of(prompt)
        except SpeechError:
            return None
        return sounds[0] if len(sounds) == 1 and sounds[0].recorded else None

    def seconds(self, prompts: Iterable[Prompt]) -> float:
        """How long the prompts take to be heard."""
        return sum(sound.seconds for sound in self.sounds(prompts))

    def seconds_if_there(self, prompts: Sequence[Prompt]) -> float | None:
        """The same without speaking anything; None where something is missing."""
        pieces = [piece for each in prompts for piece in self._catalogue.pieces(each)]
        return self.seconds(prompts) if self.has_all(pieces) else None

    def restore(self, sound: Sound) -> bool:
        """Make a sound again whose file was cleared away meanwhile; False if it cannot be had."""
        if is_whole(Path(sound.stem)):
            return False
        known = [choice for choice, held in list(self._known.items()) if held.stem == sound.stem]
        try:
            for piece, digest in known[:1]:
                if self._find(piece, digest) is None:
                    self._make(piece, "cleared")
        except SpeechError as error:
            _log.warning("speech_failed", error=str(error))
        return is_whole(Path(sound.stem))

    def tone(self) -> str:
        """The stem of the tone before a recording; made when it is first asked for."""
        stem = self._directory / "tone"
        if not is_whole(stem):
            write_tone(wav(stem))
        return str(stem)

    def foresee(self, prompts: Sequence[Prompt]) -> None:
        """Synthesise missing names in the background while other things are heard; never fails.

        What was not made ready is made when it is needed: no call ends because of it.
        """
        try:
            pieces = [piece for prompt in prompts for piece in self._catalogue.pieces(prompt)]
            self.synthesis.foresee([piece for piece in pieces if self._is_missing(piece)])
        except Exception as error:  # noqa: BLE001 - somebody is on the telephone
            _log.warning("speech_failed", error=f"{type(error).__name__}: {error}")

    def beforehand(self, prompts: Iterable[Prompt]) -> float:
        """The seconds of prompts that no call waits for, spoken now as far as they are missing."""
        said = tuple(prompts)
        with suppress(SpeechError):
            for _ in self.build(piece for each in said for piece in self._catalogue.pieces(each)):
                pass
        return self.seconds(said)

    def build(self, pieces: Iterable[Piece]) -> Iterable[Path]:
        """Synthesise what is missing of `pieces`; yields each file as it is finished."""
        return self.synthesis.build(piece for piece in pieces if not self._is_music(piece))

    def forget(self, needed: Iterable[Piece], recordings: Set[str]) -> int:
        """Remove synthesised sounds that nothing needs any more; recordings of admins stay."""
        ours = {path.stem for path in self._published.glob("*.wav")}
        return self.synthesis.forget(needed, ours | recordings)

    def count_missing(self, pieces: Iterable[Piece]) -> int:
        """How many sounds `build` would make."""
        spoken = (piece for piece in pieces if not self._is_music(piece))
        return len(self.synthesis.missing(spoken))

    def publish(self, piece: Piece, target: Path) -> None:
        """Give the sound of a piece a second, fixed name, such as a static dialplan needs."""
        (sound,) = self._sounds_of_piece(piece)
        copy(Path(sound.stem), target)

    def _sounds_of(self, prompt: Prompt) -> tuple[Sound, ...]:
        return tuple(
            sound
            for piece in self._catalogue.pieces(prompt)
            for sound in self._sounds_of_piece(piece)
        )

    def _sounds_of_piece(self, piece: Piece) -> tuple[Sound, ...]:
        choice = piece, self._catalogue.recording(piece)
        if (cached := self._known.get(choice)) is not None:
            return (cached,)
        known = self._find(*choice)
        if known is None and piece.can_do_without:
            return tuple(sound for part in piece.instead for sound in self._sounds_of_piece(part))
        if known is None:
            known = self._made(piece)
        instead = choice[1] not in (None, known.name)  # until the admin's own is there again
        if not instead and (known.recorded or self.synthesis.is_as_good_as_it_gets(piece)):
            self._known[choice] = known
        return (known,)

    def _made(self, piece: Piece) -> Sound:
        """Spoken now; an error says which words are missing in which language, never a name."""
        missing = f"no sound for {piece.key or 'a part of a sentence'} in {piece.language}"
        try:
            self._make(piece, "broken" if wav(self.synthesis.stem(piece)).exists() else "missing")
        except SpeechError as error:
            raise SpeechError(f"{missing}: {error}") from error
        known = self._find(piece, None)
        if known is None:
            raise SpeechError(missing)
        return known

    def _find(self, piece: Piece, digest: str | None) -> Sound | None:
        """The admin's recording, else the shipped one, else what is synthesised."""
        if digest is not None and (ours := self.published_sound(digest)) is not None:
            return ours
        if piece.key is not None and self._catalogue.is_shipped(piece):
            recorded = self._recordings / piece.language / piece.key
            if wav(recorded).exists():
                name = f"recorded/{piece.language}/{piece.key}"
                copy(recorded, self._directory / name)
                return _sound(self._directory / name, name, recorded=True)
        if piece.key is PromptKey.HOLD:
            return self._hold(f"recorded/{piece.language}/{piece.key}")
        stem = self.synthesis.find(piece)
        return _sound(stem, stem.name) if stem is not None else None

    def sound_of(self, piece: Piece) -> Sound:
        """What is there of it, recordings of admins apart; raises SpeechError where nothing is."""
        found = self._find(piece, None)
        if found is None:
            raise SpeechError(f"no sound for {piece.key or 'a text'} in {piece.language}")
        return found

    def has_all(self, pieces: Iterable[Piece]) -> bool:
        """Whether none of them would have to be spoken in a turn."""
        return not any(self._is_missing(piece) for piece in pieces)

    def published_sound(self, digest: str) -> Sound | None:
        """An admin's recording, below the folder that Asterisk sees; its name never means another."""
        stem = self._directory / digest[:2] / digest
        if not is_whole(stem):
            if not is_whole(self._published / digest):
                _log.error("prompt_recording_gone", file=str(self._published / f"{digest}.wav"))
                return None
            try:
                copy(self._published / digest, stem)
            except OSError as error:  # a caller hears synthesis rather than nothing
                _log.warning("speech_failed", error=f"{type(error).__name__}: {error.strerror}")
                return None
        return _sound(stem, digest, recorded=True)

    @property
    def takes(self) -> Path:
        """The folder of takes: what was recorded by phone and is listened to, not kept."""
        return self._directory / TAKES

    def named(self, name: str) -> Sound:
        """An admin's recording or a take; raises SpeechError where its file is gone."""
        stem = self._directory / name
        take = name.startswith(f"{TAKES}/") and is_whole(stem)
        found = _sound(stem, name, recorded=True) if take else self.published_sound(name)
        if found is None:
            raise SpeechError("a recording is gone")
        return found

    def _hold(self, name: str) -> Sound:
        """Not spoken: played like a recording; made when it is first asked for."""
        stem = self._directory / name
        if not is_whole(stem):
            write_hold(stem)
        return _sound(stem, name, recorded=True)

    def _is_music(self, piece: Piece) -> bool:
        """The hold sound is made, or copied, when it is first looked for."""
        return piece.key is PromptKey.HOLD and self._find(piece, None) is not None

    def _is_missing(self, piece: Piece) -> bool:
        choice = piece, self._catalogue.recording(piece)
        return choice not in self._known and self._find(*choice) is None

    def _make(self, piece: Piece, reason: str) -> None:
        engine = "none"
        try:
            engine = self.synthesis.make(piece)
        finally:
            IN_TURN.labels(engine, reason).inc()


def write_tone(path: Path) -> None:
    """Three tenths of a second at 1 kHz, 8 kHz mono."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = [int(6000 * math.sin(2 * math.pi * 1000 * n / 8000)) for n in range(2400)]
    partial = partial_of(path)
    with wave.open(str(partial), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    partial.replace(path)


def _sound(stem: Path, name: str, *, recorded: bool = False) -> Sound:
    return Sound(str(stem), name, seconds(stem), recorded)
