"""The child process in which a program of somebody else speaks: text on its standard input, a WAV file
or standard output as the answer. Nothing in the answer is believed before it was looked at."""

import re
import resource
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soxr

from ivr.errors import EngineDownError, SpeechError
from ivr.voice.child import serve
from ivr.voice.levelling import RATE, Samples, level, trim, write_pair

FILE = "{file}"
MOST_BYTES = 64 * 1024 * 1024
SHORTEST_PER_LETTER, LONGEST_PER_LETTER, LONGEST_PAUSE = 0.02, 0.5, 5.0
"""Seconds; what is outside is no speech of this text."""

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
_MARKUP = re.compile(r"[<>\x00]|\[\[|\]\]")
"""Tags that most engines obey, and the phonemes of espeak-ng."""


def speak(
    text: str, language: str, stem: str, lead_ms: int, command: Sequence[str], seconds: int
) -> None:
    """One text; the command has its own time limit, and no answer is larger than a long speech."""
    plain = _MARKUP.sub(" ", text)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    with tempfile.TemporaryDirectory(prefix="pikett-speech-") as folder:
        samples, rate = read_wav(_run(command, plain, Path(folder), seconds))
    sound = level(trim(soxr.resample(samples, rate, RATE), lead_ms / 1000))
    _check_length(len(sound) / RATE, plain, language)
    Path(stem).parent.mkdir(parents=True, exist_ok=True)
    write_pair(Path(stem), sound)


def _run(command: Sequence[str], text: str, folder: Path, seconds: int) -> bytes:
    file, output = folder / "spoken.wav", folder / "output"
    arguments = [each.replace(FILE, str(file)) for each in command]
    try:
        with output.open("wb") as standard_output:
            done = subprocess.run(
                arguments,
                input=text.encode(),
                stdout=standard_output,
                stderr=subprocess.PIPE,
                timeout=seconds,
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise EngineDownError(f"{command[0]}: not ready within {seconds} s") from error
    except OSError as error:
        raise EngineDownError(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        raise EngineDownError(f"{command[0]}: ended with {done.returncode}{_last(done, text)}")
    return (file if file.exists() else output).read_bytes()


def _last(done: "subprocess.CompletedProcess[bytes]", text: str) -> str:
    """The last line of its complaint, without the text, which may be somebody's name."""
    lines = done.stderr.decode(errors="replace").replace(text, "...").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return f": {said[-1][:150]}" if said else ""


def read_wav(raw: bytes) -> tuple[Samples, int]:
    """One channel and its rate, whatever length the header tells: for a pipe it is made up."""
    if raw[:4] != b"RIFF" or raw[8:12] != b"WAVE":
        raise SpeechError("the engine's answer is no WAV file")
    at, form = 12, b""
    while at + 8 <= len(raw):
        name, length = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "little")
        if name == b"fmt ":
            form = raw[at + 8 : at + 8 + length]
        if name == b"data":
            return _samples(form, raw[at + 8 : at + 8 + length] if length else raw[at + 8 :])
        at += 8 + length + length % 2
    raise SpeechError("the engine's answer has no sound in it")


def _samples(form: bytes, raw: bytes) -> tuple[Samples, int]:
    if len(form) < struct.calcsize("<HHIIHH"):
        raise SpeechError("the engine's WAV file does not say its format")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    dtype, full = {(PCM, 16): ("<i2", 32768), (EXTENSIBLE, 16): ("<i2", 32768)}.get(
        (kind, bits), ("<f4", 1)
    )
    if (dtype == "<f4" and (kind, bits) != (FLOAT, 32)) or not (
        channels and 4000 <= rate <= 192000
    ):
        raise SpeechError(f"the engine's WAV file is neither 16 bit nor float: {kind}, {bits} bit")
    frames = len(raw) // (np.dtype(dtype).itemsize * channels)
    samples = np.frombuffer(raw, dtype=dtype, count=frames * channels).astype(np.float64) / full
    if not np.isfinite(samples).all():
        raise SpeechError("the engine's WAV file holds what is no number")
    return samples.reshape(frames, channels).mean(axis=1), rate


def _check_length(seconds: float, text: str, language: str) -> None:
    shortest = len(text) * SHORTEST_PER_LETTER
    if not shortest <= seconds <= len(text) * LONGEST_PER_LETTER + LONGEST_PAUSE:
        raise SpeechError(f"{seconds:.1f} s is no speech of {len(text)} characters of {language}")


if __name__ == "__main__":
    sys.exit(serve(speak))
