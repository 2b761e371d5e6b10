"""The files of a sound: `NAME.wav` at 8 kHz and mostly `NAME.wav16` at 16 kHz, mono, 16 bit."""

import os
import shutil
import threading
from pathlib import Path

HEADER_BYTES = 44
BYTES_PER_SECOND = 16_000
"""Of the 8 kHz file."""

EXTENSIONS = (".wav", ".wav16")


def partial_of(path: Path) -> Path:
    """Where a file is written before it is whole: no other process or thread writes there too."""
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")


def wav(stem: Path) -> Path:
    """The 8 kHz file."""
    return stem.with_name(f"{stem.name}.wav")


def seconds(stem: Path) -> float:
    """How long it takes to be heard."""
    return (wav(stem).stat().st_size - HEADER_BYTES) / BYTES_PER_SECOND


def is_whole(stem: Path) -> bool:
    """Whether the sound is there and as long as it says: a power cut leaves empty and half files."""
    wide = stem.with_name(f"{stem.name}.wav16")
    return _has_its_length(wav(stem)) and (not wide.exists() or _has_its_length(wide))


def _has_its_length(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    told = int.from_bytes(header[HEADER_BYTES - 4 :], "little")
    return header[:4] == b"RIFF" and 0 < told == path.stat().st_size - HEADER_BYTES


def copy(source: Path, target: Path) -> None:
    """A sound under a second name, below the one folder that Asterisk is sure to see."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for extension in EXTENSIONS:
        file = source.with_name(source.name + extension)
        whole = target.with_name(target.name + extension)
        if not file.exists():
            whole.unlink(missing_ok=True)  # of a former sound
        else:
            partial = partial_of(whole)
            try:
                shutil.copy2(file, partial)
                partial.replace(whole)
            finally:
                partial.unlink(missing_ok=True)
