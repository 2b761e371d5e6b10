"""The hold sound: a few soft notes, made once: nobody waits in silence, and nothing is licensed.

And the ringing tone of the Swiss network, for a carrier that has none while a caller is parked.
"""

import io
import math
import struct
import wave
from pathlib import Path

from ivr.voice.sound_files import partial_of

SECONDS = 5
LOUDNESS = 3500
DECAY_SECONDS = 0.9
RING_HERTZ = 425
NOTES = (261.6, 329.6, 392.0, 523.3, 392.0, 329.6, 293.7, 349.2, 440.0, 349.2)
"""Hertz; one every half second."""


def write_hold(stem: Path) -> None:
    """Mono, 16 bit, at 8 kHz and at 16 kHz, as every other sound of the line."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    for extension, rate in ((".wav16", 16000), (".wav", 8000)):
        whole = stem.with_name(f"{stem.name}{extension}")
        partial = partial_of(whole)
        with wave.open(str(partial), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(_samples(rate))
        partial.replace(whole)


def ringing() -> bytes:
    """One second of it, as a sound file at 8 kHz."""
    rate = 8000
    tone = [int(LOUDNESS * math.sin(2 * math.pi * RING_HERTZ * n / rate)) for n in range(rate)]
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{rate}h", *tone))
    return made.getvalue()


def _samples(rate: int) -> bytes:
    """Every note fades into the next one; the last ends before the sound does."""
    step = SECONDS * rate // len(NOTES)
    every = [_note(hertz, n / rate) for hertz in NOTES for n in range(step)]
    return struct.pack(f"<{len(every)}h", *every)


def _note(hertz: float, at: float) -> int:
    soft = min(at / 0.02, 1.0) * math.exp(-at / DECAY_SECONDS)
    return int(LOUDNESS * soft * math.sin(2 * math.pi * hertz * at))
