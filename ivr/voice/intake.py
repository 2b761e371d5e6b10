"""Uploads: a file from outside becomes a pair of sounds, or is refused with a reason.

Name and type that came with it mean nothing. A child process with little memory, little time and no
way to open anything decodes it; what that child reports is checked, and only sound it has written
anew is kept. The original stays beside it for a later conversion and is never served.
"""

import errno
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from ivr.errors import PikettError

REFUSALS = (
    "empty",
    "too_large",
    "too_long",
    "too_short",
    "silent",
    "no_sound_stream",
    "not_sound",
    "broken",
    "took_too_long",
    "no_space",
    "engine_missing",
)
WARNINGS = ("clipped", "quiet", "long_pause", "damaged_or_truncated")
PEAKS = 400
"""Lowest and highest of 200 columns, in hundredths of full scale."""

NEEDED = ("av", "numpy", "soxr")
FORGOTTEN_SECONDS = 3600
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
RATES = {"wide": 16_000, "narrow": 8_000}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The largest upload and the longest prompt; what a conversion may use at most."""

    megabytes: int = 20
    seconds: int = 180
    cpu_seconds: int = 20
    wall_seconds: float = 40
    memory_bytes: int = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class TakenIn:
    """`digest`.wav and `digest`.wav16 are there; `peaks` is a picture of the wave as it was sent."""

    digest: str
    seconds: float
    warnings: tuple[str, ...] = ()
    peaks: tuple[int, ...] = field(default=(), repr=False)


class UploadRefusedError(PikettError):
    """An upload that cannot be used; prompts/uploads.yaml has the words for each code."""

    def __init__(self, code: str, values: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.values = dict(values or {})
        super().__init__(code)


def take_in(source: Path, target: Path, limits: UploadLimits | None = None) -> TakenIn:
    """Convert `source` into the folder `target`; raises UploadRefusedError and leaves nothing."""
    limits = limits or UploadLimits()
    if not all(importlib.util.find_spec(name) for name in NEEDED):
        raise UploadRefusedError("engine_missing")
    try:
        with _place_for_work(target) as work:
            _copy(source, work / "original", limits)
            report = _checked(_convert(work, limits), limits)
            seconds = min(_length(work / name, rate) for name, rate in RATES.items())
            return TakenIn(_keep(work, target), seconds, *report)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise UploadRefusedError("no_space") from error


@contextmanager
def _place_for_work(target: Path) -> Iterator[Path]:
    """On the same disk, for nobody else, and gone afterwards; also what a power cut left."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob(".upload-*"):
        with suppress(FileNotFoundError):  # that of another upload ends in its own time
            if time.time() - old.stat().st_mtime > FORGOTTEN_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=target) as work:
        yield Path(work)


def _copy(source: Path, target: Path, limits: UploadLimits) -> None:
    """Read once, and never more than allowed, whatever its size is said to be."""
    most = limits.megabytes * 1_000_000
    with source.open("rb") as upload, target.open("xb") as copy:
        os.fchmod(copy.fileno(), 0o600)
        size = 0
        while block := upload.read(1 << 20):
            size += len(block)
            if size > most:
                raise UploadRefusedError("too_large", {"megabytes": str(limits.megabytes)})
            copy.write(block)
    if size == 0:
        raise UploadRefusedError("empty")


def _convert(work: Path, limits: UploadLimits) -> str:
    """What the child says; one that is killed or crashes has said nothing."""
    command = [sys.executable, "-P", "-s", "-m", "ivr.voice.decode", str(work)]
    numbers = (limits.seconds, limits.cpu_seconds, limits.memory_bytes)
    with (work / "original").open("rb") as upload:
        try:
            done = subprocess.run(
                [*command, *map(str, numbers)],
                stdin=upload,
                capture_output=True,
                text=True,
                cwd="/",
                env=_environment(),
                timeout=limits.wall_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UploadRefusedError("took_too_long") from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise UploadRefusedError("took_too_long")
    if done.returncode != 0:
        _log.warning("upload_failed", status=done.returncode, error=done.stderr[-300:].strip())
        raise UploadRefusedError("broken")
    return done.stdout


def _environment() -> dict[str, str]:
    """Nothing of ours; one thread, since every further one of numpy's reserves memory."""
    places = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join(filter(None, places)),
        "OPENBLAS_NUM_THREADS": "1",
    }


def _checked(told: str, limits: UploadLimits) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Warnings and picture; the child has read a stranger's file and is not believed either."""
    try:
        report: dict[str, Any] = json.loads(told)
        refused = report.get("refused")
        warnings = tuple(each for each in WARNINGS if each in report.get("warnings", ()))
        peaks = tuple(max(-100, min(100, int(each))) for each in report.get("peaks", ()))
    except (ValueError, TypeError, AttributeError):
        raise UploadRefusedError("broken") from None
    if refused is not None:
        values = {"seconds": str(limits.seconds)} if refused == "too_long" else {}
        raise UploadRefusedError(refused if refused in REFUSALS else "broken", values)
    if len(peaks) != PEAKS:
        raise UploadRefusedError("broken")
    return warnings, peaks


def _length(path: Path, rate: int) -> float:
    """Seconds of a file that is exactly what the line plays."""
    try:
        with wave.open(str(path), "rb") as sound:
            form = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            frames = sound.getnframes()
    except (wave.Error, EOFError):
        raise UploadRefusedError("broken") from None
    if form != (1, 2, rate) or path.stat().st_size != 44 + 2 * frames:
        raise UploadRefusedError("broken")
    return frames / rate


def _keep(work: Path, target: Path) -> str:
    """Under the name that their content gives them; the 8 kHz file last: it is what is looked for."""
    found = hashlib.sha256()
    for name in RATES:
        found.update((work / name).read_bytes())
    digest = found.hexdigest()[:32]
    for name, extension in (("original", ".original"), ("wide", ".wav16"), ("narrow", ".wav")):
        with (work / name).open("rb") as file:
            os.fsync(file.fileno())
        (work / name).replace(target / f"{digest}{extension}")
    return digest
