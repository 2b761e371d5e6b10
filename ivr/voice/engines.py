"""Who speaks: the engines of each language, the best first; one that fails makes room for the next.

A sound belongs to the engine that made it. What a lesser engine has spoken in need is heard only until
a better one has spoken the same.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ivr.callflow.prompts import Language
from ivr.errors import EngineDownError, SoundsUnwritableError, SpeechError
from ivr.voice.catalogue import Piece
from ivr.voice.command import ESPEAK, espeak, from_template
from ivr.voice.speech import PicoSpeaker, SilentSpeaker, Speaker, Utterance, name_of
from ivr.voice_settings import VoiceSettings

REST_SECONDS = 60
"""So long an engine that is down is not asked while a caller waits."""

Tell = Callable[..., None]
ToUtterance = Callable[[Piece, Speaker], Utterance]


class UnspokenError(SpeechError):
    """No engine has spoken these pieces."""

    def __init__(self, pieces: Sequence[Piece], reasons: Sequence[str]) -> None:
        super().__init__("; ".join(dict.fromkeys(reasons)))
        self.pieces = tuple(pieces)


def nobody_is_told(what: str, **facts: Any) -> None:
    """Where there is no operator."""


class Engines:
    """The speech engines of each language."""

    def __init__(
        self, orders: Mapping[Language, Sequence[Speaker]], tell: Tell = nobody_is_told
    ) -> None:
        self._orders = orders
        self._tell = tell
        self._rests_until: dict[str, float] = {}

    @classmethod
    def only(cls, speaker: Speaker) -> "Engines":
        """One engine for everything."""
        return cls(dict.fromkeys(Language, (speaker,)))

    def of(self, language: Language) -> Sequence[Speaker]:
        """The engines whose sounds of a language may be played, the best first."""
        return self._orders[language]

    def best(self, language: Language) -> Speaker:
        """Whose sounds a build makes: the first that is there."""
        order = self._orders[language]
        return next((each for each in order if each.installed), order[0])

    def speak(
        self, pieces: Sequence[Piece], to_utterance: ToUtterance, *, in_a_hurry: bool = False
    ) -> Iterator[tuple[Speaker, Path]]:
        """Every piece by the first engine that can; raises UnspokenError for those nobody can."""
        left, reasons = list(pieces), list[str]()
        for rung in range(max(len(order) for order in self._orders.values())):
            for speaker, group in self._by_engine(left, rung, in_a_hurry):
                spoken: set[Piece] = set()
                for same, path in self._by_one(speaker, group, to_utterance, reasons):
                    spoken.update(same)
                    yield speaker, path
                left = [piece for piece in left if piece not in spoken]
        if left:
            raise UnspokenError(left, reasons or ["no engine of its language may speak it"])

    def _by_engine(
        self, pieces: Sequence[Piece], rung: int, in_a_hurry: bool
    ) -> list[tuple[Speaker, list[Piece]]]:
        """What each engine that stands on a rung may speak. A name has better in need: its number."""
        found: dict[str, tuple[Speaker, list[Piece]]] = {}
        for piece in pieces:
            order = self._orders[piece.language]
            speaker = order[rung] if rung < len(order) else None
            if speaker is None or (speaker.last_resort and piece.can_do_without):
                continue
            if not (in_a_hurry and self._rests(speaker)):
                found.setdefault(speaker.voice, (speaker, []))[1].append(piece)
        return list(found.values())

    def _by_one(
        self,
        speaker: Speaker,
        pieces: Sequence[Piece],
        to_utterance: ToUtterance,
        reasons: list[str],
    ) -> Iterator[tuple[list[Piece], Path]]:
        """What one engine makes of them; why it failed on some is told and noted."""
        lines: dict[str, Utterance] = {}
        wanted: dict[str, list[Piece]] = {}
        for piece in pieces:
            line = to_utterance(piece, speaker)
            lines[f"{line.stem}.wav"] = line
            wanted.setdefault(f"{line.stem}.wav", []).append(piece)
        try:
            for path in speaker.speak(list(lines.values())):
                yield wanted[str(path)], path
        except SoundsUnwritableError:
            raise
        except SpeechError as error:
            reasons.append(str(error))
            if isinstance(error, EngineDownError):
                self._rests_until[speaker.voice] = time.monotonic() + REST_SECONDS
            if speaker.installed:
                self._tell("speech_engine_failed", engine=name_of(speaker), reason=str(error))

    def _rests(self, speaker: Speaker) -> bool:
        return self._rests_until.get(speaker.voice, 0.0) > time.monotonic()


def open_engines(settings: VoiceSettings, tell: Tell = nobody_is_told) -> Engines:
    """Those of the settings; what is not installed still lends its sounds, if they were built."""
    return Engines(
        {
            language: tuple(
                _open(name, language, settings) for name in settings.order(language.value)
            )
            for language in Language
        },
        tell,
    )


def _open(name: str, language: Language, settings: VoiceSettings) -> Speaker:
    speaker: Speaker
    match name:
        case "pico":
            speaker, there = PicoSpeaker(), find_spec("py_nanotts") is not None
        case "espeak":
            speaker, there = espeak(language), shutil.which(ESPEAK) is not None
        case _:
            values = settings.command_values.get(language.value, {})
            speaker = from_template(settings.command, values, language, settings.command_seconds)
            there = True
    return speaker if there and find_spec("soxr") else SilentSpeaker(speaker.voice)
