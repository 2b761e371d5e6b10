"""Frozen time, counted ids and sounds without an engine."""

import itertools
import threading
import wave
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ivr.voice.speech import PicoSpeaker, Utterance

MONDAY_TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10:00 in Zurich: inside the window of every plan."""


class FrozenClock:
    """Stands still until somebody moves it."""

    def __init__(self, at: datetime = MONDAY_TEN) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class CountedIds:
    """0001, 0002, ..."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self) -> str:
        return f"{next(self._numbers):020x}"


def quick_seconds(words: str) -> float:
    """How long the quick speaker takes for words that have no figures left in them."""
    return 0.3 + 0.065 * len(words)


class QuickSpeaker:
    """Writes silence of a known length in no time; takes the real engine's place by its name."""

    voice = PicoSpeaker.voice
    installed = True
    last_resort = False

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = seconds
        self.spoken: list[str] = []

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        for utterance in utterances:
            self.spoken.append(utterance.text)
            seconds = self.seconds or quick_seconds(utterance.text)
            path = Path(f"{utterance.stem}.wav")
            path.parent.mkdir(parents=True, exist_ok=True)
            # Whole at once: names are prepared in the background while a call looks for them.
            partial = path.with_name(f".{path.name}.{threading.get_ident()}")
            write_silence(partial, seconds)
            partial.replace(path)
            yield path


def write_silence(path: Path, seconds: float, rate: int = 8000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\0" * int(seconds * rate))


class Notebook:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.turns: list[Any] = []
        self.attempts: list[Any] = []
        self.troubles: list[tuple[str, dict[str, Any]]] = []

    def transition(self, turn: Any) -> None:
        self.turns.append(turn)

    def attempt_ended(self, result: Any, *, rehearsal: bool) -> None:
        self.attempts.append((result, rehearsal))

    def trouble(self, what: str, **facts: Any) -> None:
        self.troubles.append((what, facts))
