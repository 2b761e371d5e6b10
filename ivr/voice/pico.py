"""The child process that speaks: one JSON utterance per line in, one finished path per line out.

Every utterance is spoken in a fork of its own, because the engine's pauses depend on what the same
process spoke before. The result is trimmed, levelled to -20 dBFS of active speech with peaks below
-3 dBFS, and written as 16 kHz and 8 kHz files under their final name only when complete.
"""

import json
import os
import re
import sys
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import py_nanotts
import soxr

VOICES = {"de": "de-DE", "fr": "fr-FR", "it": "it-IT", "en": "en-GB"}
VOLUME = 0.5
SPEED = 1.3
"""Pico is slow by itself: German comes to 4.6 syllables a second at this speed, an announcer's pace."""

LONGEST_PAUSE_SECONDS = 0.2
RATE = 16_000
MIN_SECONDS_PER_LETTER = 0.02
"""Pico reports success and gives no sound for scripts it does not know."""

TRAIL_SECONDS = 0.1
SILENCE = 10 ** (-50 / 20)
TARGET_LEVEL = 10 ** (-20 / 20)
PEAK = 10 ** (-3 / 20)
MAX_GAIN = 10.0

Samples = npt.NDArray[np.float64]


def main() -> int:
    """Speak every line of standard input; the exit code counts the failures."""
    failures = 0
    for line in sys.stdin:
        utterance = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_speak_or_complain(**utterance))
        failures += os.waitpid(child, 0)[1] != 0
    return min(failures, 100)


def _speak_or_complain(text: str, language: str, stem: str, lead_ms: int) -> int:
    try:
        _speak(text, language, Path(stem), lead_ms / 1000)
    except Exception as error:  # noqa: BLE001 - the parent turns it into a SpeechError
        _say(f"{type(error).__name__}: {error}")
        return 1
    _say(f"done {stem}.wav")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _speak(text: str, language: str, stem: Path, lead_seconds: float) -> None:
    """The engine obeys tags in the text, so there are none left in it."""
    plain = re.sub(r"[<>\x00]", " ", text)
    raw = py_nanotts.NanoTTS().speak(plain, voice=VOICES[language], volume=VOLUME, speed=SPEED)
    samples = np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768
    sound = _level(_trim(_without_long_pauses(samples), lead_seconds))
    if len(sound) / RATE < len(plain) * MIN_SECONDS_PER_LETTER:
        raise ValueError(f"the engine was silent on {len(plain)} characters of {language}")
    stem.parent.mkdir(parents=True, exist_ok=True)
    _write(stem.with_name(f"{stem.name}.wav16"), sound, RATE)
    _write(stem.with_name(f"{stem.name}.wav"), soxr.resample(sound, RATE, RATE // 2), RATE // 2)


def _trim(samples: Samples, lead_seconds: float) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    if len(loud) == 0:
        return samples[:0]
    heard = samples[loud[0] : loud[-1] + 1]
    lead, trail = np.zeros(int(RATE * lead_seconds)), np.zeros(int(RATE * TRAIL_SECONDS))
    return np.concatenate([lead, heard, trail])


def _without_long_pauses(samples: Samples) -> Samples:
    """The engine rests up to a second between sentences; a caller's time is short."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    longest = int(RATE * LONGEST_PAUSE_SECONDS)
    kept = np.ones(len(samples), dtype=bool)
    for before in np.flatnonzero(np.diff(loud) > longest):
        kept[loud[before] + longest : loud[before + 1]] = False
    return samples[kept]


def _level(samples: Samples) -> Samples:
    """Gain so that the speech, pauses left out, has the target level; peaks keep their room."""
    active = samples[np.abs(samples) > SILENCE]
    if len(active) == 0:
        return samples
    rms = float(np.sqrt(np.mean(active**2)))
    gain = min(TARGET_LEVEL / rms, PEAK / float(np.max(np.abs(samples))), MAX_GAIN)
    return samples * gain


def _write(path: Path, samples: Samples, rate: int) -> None:
    """Written beside and renamed: nobody ever plays half a file."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with wave.open(str(partial), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
