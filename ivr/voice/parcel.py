"""Built sounds in one file: for a release, and for a machine that has no speech engine.

Names of files are digests of engine, language and words, so that they can be put beside what is there.
"""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ivr.errors import MalformedRequestError, SoundsUnwritableError
from ivr.voice.sound_files import EXTENSIONS, is_whole, partial_of

_NAME = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{30})(\.wav|\.wav16)")
MOST_BYTES = 20 * 1024 * 1024
"""Of one sound: ten minutes."""


def pack(folder: Path, file: Path) -> int:
    """All synthesised sounds of a folder, in the same order and form each time; how many."""
    stems = sorted(path.with_suffix("") for path in folder.glob("??/*.wav"))
    partial = partial_of(file)
    try:
        with tarfile.open(partial, "w:gz", compresslevel=6) as parcel:
            for stem in stems:
                for path in _files_of(stem):
                    parcel.add(path, path.relative_to(folder).as_posix(), filter=_plain)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return len(stems)


def _files_of(stem: Path) -> Iterator[Path]:
    if is_whole(stem):
        for extension in EXTENSIONS:
            path = stem.with_name(stem.name + extension)
            if path.exists():
                yield path


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nobody's, of no time."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


def unpack(file: Path, folder: Path) -> int:
    """Put the sounds that are not there yet into a folder; how many. Takes nothing but sounds."""
    count = 0
    try:
        with tarfile.open(file, "r:*") as parcel:
            for member in parcel:
                named = _NAME.fullmatch(member.name)
                if named is None or not member.isreg() or member.size > MOST_BYTES:
                    raise MalformedRequestError(f"{file}: {member.name!r} is no sound of a build")
                body = parcel.extractfile(member)
                assert body is not None  # noqa: S101
                count += _put(body, folder / member.name) and named[3] == EXTENSIONS[0]
    except (tarfile.TarError, EOFError, OSError) as error:
        raise _refusal(file, error) from error
    return count


def _put(body: "IO[bytes]", target: Path) -> bool:
    """False if the whole sound is there already."""
    if target.exists() and is_whole(target.with_suffix("")):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_of(target)
    try:
        partial.write_bytes(body.read())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return True


def _refusal(file: Path, error: Exception) -> Exception:
    """A parcel that is damaged or not there, or a folder that takes nothing."""
    if isinstance(error, OSError) and error.errno is not None and file.exists():
        return SoundsUnwritableError(f"{error.strerror}")
    return MalformedRequestError(f"{file}: no parcel of sounds: {error}")
