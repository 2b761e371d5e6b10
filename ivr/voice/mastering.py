"""From a person's recording, as it was sent, to a sound of the line.

Its offset and rumble go, then the silence around it; the speech comes to -20 dBFS, and the few peaks
that stand above -3 dBFS then are turned down for the moment they last.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.fft
import numpy.typing as npt
import soxr

from ivr.voice.levelling import (
    MAX_GAIN,
    PEAK,
    RATE,
    SILENCE,
    TARGET_LEVEL,
    Samples,
    narrow,
    with_silence,
)

Flags = npt.NDArray[np.bool_]

COLUMNS = 200
"""Of the picture of the wave."""

SCALE = 100
"""Full scale in the picture; reached only where the recording is clipped."""

SHORTEST_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 2.5
KEPT_SECONDS = 0.1
"""A soft consonant before the first loud sample and the echo after the last one."""

LEAD_SECONDS = 0.05
FADE_SECONDS = 0.01
MOMENT_SECONDS = 0.02
BELOW_LOUD = 10 ** (-35 / 20)
RUMBLE_HERTZ = (50, 90)
"""Nothing below the first is left, everything above the second is."""

LOOK_AHEAD = 128
"""Samples; a power of two."""

CLIPPED_RUN = 3
CLIPPED_RUNS = 5


class RefusedError(Exception):
    """This upload cannot become a sound of the line; the code says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Mastered:
    """The sound at 16 kHz and at 8 kHz; `peaks` are lowest and highest of each column in turn."""

    wide: Samples
    narrow: Samples
    warnings: list[str]
    peaks: list[int]


def master(mono: Samples, rate: int, full_scale: Flags) -> Mastered:
    """`full_scale` says of each sample whether it was there; raises RefusedError."""
    if len(mono) < SHORTEST_SECONDS * rate:
        raise RefusedError("too_short")
    sound = without_rumble(soxr.resample(mono - mono.mean(), rate, RATE))
    loud, silence = _loud(sound)
    kept = slice(max(0, loud[0] - _samples(KEPT_SECONDS)), loud[-1] + 1 + _samples(KEPT_SECONDS))
    heard = sound[kept]
    active = _active_level(heard, silence)
    wide = limited(with_silence(_faded(heard) * min(TARGET_LEVEL / active, MAX_GAIN), LEAD_SECONDS))
    slim = narrow(wide)
    clipped = _clipped(full_scale)
    sent = slice(kept.start * rate // RATE, kept.stop * rate // RATE)
    found = {
        "clipped": bool(clipped.any()),
        "quiet": TARGET_LEVEL / active > MAX_GAIN,
        "long_pause": np.max(np.diff(loud), initial=0) > _samples(LONGEST_PAUSE_SECONDS),
    }
    return Mastered(
        wide,
        slim * min(1.0, PEAK / float(np.max(np.abs(slim)))),
        [warning for warning, given in found.items() if given],
        _columns(heard, clipped[sent]),
    )


def without_rumble(sound: Samples) -> Samples:
    """No offset, no hum of the room; the length stays, and so does every phase."""
    size = -(-(len(sound) + RATE) // 65536) * 65536
    spectrum = np.fft.rfft(sound, size)
    nothing, everything = RUMBLE_HERTZ
    hertz = np.arange(everything * size // RATE) * RATE / size
    slope = np.clip((hertz - nothing) / (everything - nothing), 0, 1)
    spectrum[: len(slope)] *= (1 - np.cos(np.pi * slope)) / 2
    return np.asarray(np.fft.irfft(spectrum, size)[: len(sound)])


def limited(sound: Samples) -> Samples:
    """Peaks turned down, softly, from a little before to a little after."""
    needed = np.minimum(1, PEAK / np.maximum(np.abs(sound), 1e-9))
    if needed.min() >= 1:
        return sound
    lowest = np.pad(needed, LOOK_AHEAD, constant_values=1)
    step = 1
    while step < LOOK_AHEAD:
        lowest[:-step] = np.minimum(lowest[:-step], lowest[step:])
        step *= 2
    total = np.cumsum(lowest)
    gain = (total[LOOK_AHEAD:] - total[:-LOOK_AHEAD]) / LOOK_AHEAD
    return np.asarray(sound * np.minimum(gain[: len(sound)], needed))


def _loud(sound: Samples) -> tuple[Any, float]:
    """Where the speech is, and the level that counts as silence in this recording."""
    level = np.abs(sound)
    if np.max(level, initial=0) <= SILENCE:
        raise RefusedError("silent")
    nearly_all = len(level) * 999 // 1000
    top = max(float(np.partition(level, nearly_all)[nearly_all]), SILENCE)
    silence = top * BELOW_LOUD
    loud = np.flatnonzero(level > silence)
    if loud[-1] - loud[0] < SHORTEST_SECONDS * RATE:
        raise RefusedError("too_short")
    return loud, silence


def _active_level(heard: Samples, silence: float) -> float:
    """The root mean square of those moments in which somebody speaks."""
    moment = _samples(MOMENT_SECONDS)
    moments = heard[: len(heard) // moment * moment].reshape(-1, moment)
    power = np.mean(moments**2, axis=1)
    return float(np.sqrt(np.mean(power[power >= min(silence**2, float(np.max(power)))])))


def _faded(heard: Samples) -> Samples:
    """A cut makes a click otherwise."""
    slope = np.linspace(0, 1, _samples(FADE_SECONDS))
    faded = heard.copy()
    faded[: len(slope)] *= slope
    faded[-len(slope) :] *= slope[::-1]
    return faded


def _clipped(full_scale: Flags) -> Flags:
    """Of samples at full scale those in a row; a single peak there is no harm."""
    rows = full_scale.copy()
    for later in range(1, CLIPPED_RUN):
        rows[:-later] &= full_scale[later:]
        rows[-later:] = False
    runs = np.count_nonzero(rows[1:] & ~rows[:-1]) + int(rows[0])
    return rows if runs >= CLIPPED_RUNS else np.zeros_like(rows)


def _columns(heard: Samples, clipped: Flags) -> list[int]:
    """`clipped` lasts as long as `heard`, at another rate."""
    parts = np.arange(COLUMNS)
    starts = parts * len(heard) // COLUMNS
    rows = [np.minimum.reduceat(heard, starts), np.maximum.reduceat(heard, starts)]
    picture = np.clip(np.round(np.stack(rows) * SCALE), 1 - SCALE, SCALE - 1)
    marked = np.logical_or.reduceat(clipped, parts * len(clipped) // COLUMNS)
    picture[:, marked] = [[-SCALE], [SCALE]]
    return [int(each) for each in picture.T.reshape(-1)]


def _samples(seconds: float) -> int:
    return int(seconds * RATE)
