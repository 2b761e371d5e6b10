"""Sound as the line plays it: trimmed, levelled, at 16 kHz and at 8 kHz.

The level is -20 dBFS of active speech, pauses left out, with peaks below -3 dBFS. Known only to the
child processes that speak and that convert: no server process needs numpy.
"""

import os
import wave
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import soxr

RATE = 16_000
TRAIL_SECONDS = 0.1
SILENCE = 10 ** (-50 / 20)
TARGET_LEVEL = 10 ** (-20 / 20)
PEAK = 10 ** (-3 / 20)
MAX_GAIN = 10.0

Samples = npt.NDArray[np.floating[Any]]


def trim(samples: Samples, lead_seconds: float) -> Samples:
    """Without the silence around it, and with as much as it needs."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    if len(loud) == 0:
        return samples[:0]
    return with_silence(samples[loud[0] : loud[-1] + 1], lead_seconds)


def with_silence(heard: Samples, lead_seconds: float) -> Samples:
    """The first syllable must not get lost, and the last not be cut off."""
    lead, trail = np.zeros(int(RATE * lead_seconds)), np.zeros(int(RATE * TRAIL_SECONDS))
    return np.concatenate([lead, heard, trail])


def level(samples: Samples) -> Samples:
    """Gain so that the speech, pauses left out, has the target level; peaks keep their room."""
    active = samples[np.abs(samples) > SILENCE]
    if len(active) == 0:
        return samples
    rms = float(np.sqrt(np.mean(active**2)))
    return samples * min(TARGET_LEVEL / rms, PEAK / float(np.max(np.abs(samples))), MAX_GAIN)


def narrow(sound: Samples) -> Samples:
    """The same at 8 kHz; what a telephone cannot carry is gone, not folded back."""
    return np.asarray(soxr.resample(sound, RATE, RATE // 2))


def write(file: "IO[bytes]", samples: Samples, rate: int) -> None:
    """Mono, 16 bit, with the header of 44 bytes that Asterisk reads."""
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def write_pair(stem: Path, sound: Samples) -> None:
    """`stem`.wav16 and `stem`.wav, each written beside and renamed: nobody ever plays half a file."""
    for extension, rate, samples in ((".wav16", RATE, sound), (".wav", RATE // 2, narrow(sound))):
        path = stem.with_name(f"{stem.name}{extension}")
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with partial.open("wb") as file:
                write(file, samples, rate)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
