"""The child process that reads an upload: a sound file on standard input, a pair of files out.

An upload is a stranger's file, so nothing of it is believed. Its first bytes alone decide how it is
read; only the first sound stream is; counting samples, not what the file says of itself, ends a long
one. Before the first byte is read the process gives up whatever it does not need: memory, time, and
the right to open anything. A playlist finds no file to play, and no address is ever called.

    python -m ivr.voice.decode FOLDER SECONDS CPU_SECONDS MEMORY_BYTES < upload
"""

import contextlib
import errno
import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import av
import av.subtitles.stream  # else by itself when it opens a file, and then nothing can be opened
import numpy as np

from ivr.voice.forms import (
    form_of,
    has_no_end,
    is_half_a_frame,
    is_shorter_than_told,
    tells_its_length,
)
from ivr.voice.levelling import RATE, Samples, write
from ivr.voice.mastering import Flags, RefusedError, master

CODECS = frozenset(("aac", "alac", "flac", "mp3", "mp3float", "opus", "vorbis"))
"""Beside everything that is plain PCM."""

FULL_SCALE = 0.995
ABSURD = 100.0
"""Times full scale; a file of floats may say anything."""

MAX_CHANNELS = 8
RATES = range(4_000, 192_001)
BELIEVABLE_SECONDS = 3600
MISSING_SECONDS, MISSING_SHARE = 0.3, 0.02
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass
class Decoded:
    """One voice: all channels together, and where any of them was at full scale."""

    rate: int = 0
    count: int = 0
    errors: int = 0
    last: bytes = b""
    blocks: list[Samples] = field(default_factory=list)
    full_scale: list[Flags] = field(default_factory=list)

    def add(self, frame: Any, seconds: int) -> None:
        """Another piece; raises RefusedError if it cannot be one of a prompt."""
        self.rate = self.rate or frame.sample_rate
        if self.rate not in RATES or frame.sample_rate != self.rate:
            raise RefusedError("broken")
        channels = _channels(frame)
        loudest = np.abs(channels).max(axis=0, initial=0)
        if not np.max(loudest, initial=0) < ABSURD:  # a comparison with NaN is never true
            raise RefusedError("broken")
        self.blocks.append(channels.mean(axis=0))
        self.full_scale.append(loudest >= FULL_SCALE)
        self.count += channels.shape[1]
        if self.count > seconds * self.rate:
            raise RefusedError("too_long")


def main(arguments: list[str]) -> int:
    """Print what became of it as JSON; a refusal is an answer, not a failure."""
    folder, (seconds, cpu, memory) = Path(arguments[0]), map(int, arguments[1:])
    try:
        with (folder / "wide").open("xb") as wide, (folder / "narrow").open("xb") as narrow:
            _confine(seconds, cpu, memory)
            report = convert(sys.stdin.buffer, wide, narrow, seconds)
    except RefusedError as refusal:
        report = {"refused": refusal.code}
    except OSError as error:
        if error.errno not in FULL:
            raise
        report = {"refused": "no_space"}
    print(json.dumps(report))  # noqa: T201 - the parent reads it
    return 0


def convert(
    upload: "IO[bytes]", wide: "IO[bytes]", narrow: "IO[bytes]", seconds: int
) -> dict[str, Any]:
    """Write the sound at 16 kHz and at 8 kHz; warnings and a picture of the wave for the report."""
    form = form_of(upload)
    if form is None:
        raise RefusedError("not_sound")
    upload.seek(0)
    with _opened(upload, form) as container:
        told = (container.duration or 0) / av.time_base
        decoded = _decode(container, seconds)
    damaged = _is_cut(form, upload, told, decoded)
    mono, full_scale = np.concatenate(decoded.blocks), np.concatenate(decoded.full_scale)
    decoded.blocks.clear()
    made = master(mono, decoded.rate, full_scale)
    write(wide, made.wide, RATE)
    write(narrow, made.narrow, RATE // 2)
    warnings = [*made.warnings, *(["damaged_or_truncated"] if damaged else [])]
    return {"warnings": warnings, "peaks": made.peaks}


def _confine(seconds: int, cpu: int, memory: int) -> None:
    """From here on no file, socket or process can be opened, and memory and time are few."""
    output = (seconds + 10) * RATE * 2
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_NOFILE, 0),
    ):
        soft, hard = (each for each in resource.getrlimit(kind))
        fits = [each for each in (most, soft, hard) if each != resource.RLIM_INFINITY]
        resource.setrlimit(kind, (min(fits), min(fits)))


@contextlib.contextmanager
def _opened(upload: "IO[bytes]", form: str) -> Iterator[Any]:
    """Read as this one format, with our decoders, and with nothing beside it."""
    options = {
        "format_whitelist": form,
        "protocol_whitelist": "none",
        "codec_whitelist": ",".join(sorted(CODECS)),
    }
    try:
        container = av.open(upload, format=form, options=options, io_open=_refuse_to_open)
    except (av.FFmpegError, UnicodeDecodeError) as error:
        raise RefusedError("broken") from error
    with container:
        yield container


def _refuse_to_open(*_: object) -> Any:
    raise PermissionError(errno.EPERM, "an upload has no other files")


def _decode(container: Any, seconds: int) -> Decoded:
    """All of the first sound stream, up to the limit."""
    if not container.streams.audio:
        raise RefusedError("no_sound_stream")
    stream = container.streams.audio[0]
    context = stream.codec_context
    if context is None or not (context.name in CODECS or context.name.startswith("pcm_")):
        raise RefusedError("not_sound")
    context.thread_count = 1
    decoded = Decoded()
    for packet in _packets(container, stream, decoded):
        for frame in _frames(packet, decoded):
            decoded.add(frame, seconds)
    if decoded.count == 0 or decoded.errors > len(decoded.blocks):
        raise RefusedError("broken")
    return decoded


def _packets(container: Any, stream: Any, decoded: Decoded) -> Iterator[Any]:
    last = None
    try:
        for packet in container.demux(stream):
            last = packet if packet.size else last
            yield packet
    except av.FFmpegError:
        decoded.errors += 1
    decoded.last = bytes(last) if last and stream.codec_context.name.startswith("mp3") else b""


def _frames(packet: Any, decoded: Decoded) -> list[Any]:
    try:
        return list(packet.decode())
    except av.FFmpegError:
        decoded.errors += 1
        return []


def _channels(frame: Any) -> Samples:
    """One row for each channel, full scale is 1."""
    number = len(frame.layout.channels)
    if not 1 <= number <= MAX_CHANNELS:
        raise RefusedError("broken")
    block = frame.to_ndarray()
    rows = block if frame.format.is_planar else block.reshape(-1, number).T
    if rows.dtype == np.uint8:
        return np.asarray((rows.astype(np.float32) - 128) / 128)
    if rows.dtype.kind == "i":
        return np.asarray(rows.astype(np.float32) / float(-np.iinfo(rows.dtype).min))
    with np.errstate(over="ignore"):
        return np.asarray(rows.astype(np.float32))


def _is_cut(form: str, upload: "IO[bytes]", told: float, decoded: Decoded) -> bool:
    """Whether much less is there than the header says; some write the largest number instead."""
    if (
        decoded.errors > 0
        or is_half_a_frame(decoded.last)
        or (form == "ogg" and has_no_end(upload))
    ):
        return True
    missing = told - decoded.count / decoded.rate
    less = told < BELIEVABLE_SECONDS and missing > max(MISSING_SECONDS, MISSING_SHARE * told)
    return (less and tells_its_length(form, upload)) or is_shorter_than_told(upload)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
