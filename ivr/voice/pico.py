"""The child process in which SVOX Pico speaks, see ivr.voice.child."""

import re
import sys
from pathlib import Path

import numpy as np
import py_nanotts

from ivr.errors import SpeechError
from ivr.voice.child import serve
from ivr.voice.levelling import RATE, SILENCE, Samples, level, trim, write_pair

VOICES = {"de": "de-DE", "fr": "fr-FR", "it": "it-IT", "en": "en-GB"}
VOLUME = 0.5
SPEED = {"de": 1.3, "fr": 1.2, "it": 1.3, "en": 1.3}
"""Pico is slow by itself: German comes to 4.6 syllables a second at this speed, an announcer's pace.
Its French blurs the amounts at that pace."""

LONGEST_PAUSE_SECONDS = 0.2
MIN_SECONDS_PER_LETTER = 0.02
"""Pico reports success and gives no sound for scripts it does not know."""


def speak(text: str, language: str, stem: str, lead_ms: int) -> None:
    """Trimmed and levelled. The engine obeys tags in the text, so there are none left in it."""
    plain = re.sub(r"[<>\x00]", " ", text)
    engine, speed = py_nanotts.NanoTTS(), SPEED[language]
    raw = engine.speak(plain, voice=VOICES[language], volume=VOLUME, speed=speed)
    samples = np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768
    sound = level(trim(_without_long_pauses(samples), lead_ms / 1000))
    if len(sound) / RATE < len(plain) * MIN_SECONDS_PER_LETTER:
        raise SpeechError(f"the engine was silent on {len(plain)} characters of {language}")
    Path(stem).parent.mkdir(parents=True, exist_ok=True)
    write_pair(Path(stem), sound)


def _without_long_pauses(samples: Samples) -> Samples:
    """The engine rests up to a second between sentences; a caller's time is short."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    longest = int(RATE * LONGEST_PAUSE_SECONDS)
    kept = np.ones(len(samples), dtype=bool)
    for before in np.flatnonzero(np.diff(loud) > longest):
        kept[loud[before] + longest : loud[before + 1]] = False
    return samples[kept]


if __name__ == "__main__":
    sys.exit(serve(speak))
