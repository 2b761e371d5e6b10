"""What is wrong with the sounds of the line, each in a sentence that says what to do."""

import sys
import wave
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from ivr.callflow.prompts import Language, Prompt
from ivr.voice.catalogue import Piece
from ivr.voice.engines import Engines
from ivr.voice.sound_files import is_whole
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import name_of
from ivr.voice.text_defects import Defect

BUILD = "run `pikett prompts build`"
RATES = {".wav": 8000, ".wav16": 16000}
SILENT, FULL = 100, 32766
"""Of 32767: what is never louder says nothing; what is as loud was cut off."""

MOST_CLIPPED = 0.001
NOTICE_SECONDS = {True: 10.0, False: 20.0}
"""A notice within the window, and any other (B.8)."""


def missing_sounds(library: SoundLibrary, pieces: Iterable[Piece]) -> Iterator[Defect]:
    """What a call would wait for, and what was only spoken in need; one line a language."""
    wanted = list(dict.fromkeys(pieces))
    synthesis = library.synthesis
    for language in Language:
        own = [piece for piece in wanted if piece.language is language]
        missing = [each for each in own if _is_missing(library, each)]
        if missing:
            words = f"{len(missing)} sounds are missing, such as {missing[0].text[:50]!r}: {BUILD}"
            yield Defect("sound_missing", f"sounds: {language}", words)
        best = _best(synthesis.engines, language)
        needy = [each for each in own if synthesis.made_by(each) not in (None, *best)]
        if needy:
            words = (
                f"{len(needy)} sounds are a last resort's, such as {needy[0].text[:50]!r}: repair or "
                f"install a better engine (pip install 'pikett[speech]') and {BUILD}"
            )
            yield Defect("spoken_in_need", f"sounds: {language}", words)


def _is_missing(library: SoundLibrary, piece: Piece) -> bool:
    """What is there and damaged is told apart."""
    if piece.can_do_without or library.synthesis.any_file(piece) is not None:
        return False
    return not library.has_all([piece])


def _best(engines: Engines, language: Language) -> list[str]:
    """The engines that need no excuse."""
    return [name_of(each) for each in engines.of(language) if not each.last_resort]


def damaged_sounds(library: SoundLibrary, pieces: Iterable[Piece]) -> Iterator[Defect]:
    """Files that a telephone cannot play, or that nobody would understand."""
    for piece in dict.fromkeys(pieces):
        stem = library.synthesis.any_file(piece)
        if stem is not None and (wrong := file_defect(stem)) is not None:
            words = f"{piece.text[:50]!r} {wrong}: delete its files and {BUILD}"
            yield Defect("sound_damaged", f"sounds/{stem.parent.name}/{stem.name}.wav", words)


def damaged_recordings(folder: Path) -> Iterator[Defect]:
    """The recordings that come with the texts: `recordings/LANGUAGE/KEY.wav`."""
    for path in sorted(folder.glob("recordings/*/*.wav")):
        if (wrong := file_defect(path.with_suffix(""))) is not None:
            where = path.relative_to(folder).as_posix()
            words = f"{wrong}: record it again, mono, 16 bit, 8 kHz"
            yield Defect("recording_damaged", where, words)


def file_defect(stem: Path) -> str | None:
    """What is wrong with the pair of files of a sound; None if nothing is."""
    if not is_whole(stem):
        return "is not whole"
    for extension, rate in RATES.items():
        path = stem.with_name(stem.name + extension)
        if path.exists() and (wrong := _wrong(path, rate)) is not None:
            return wrong
    return None


def _wrong(path: Path, rate: int) -> str | None:
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            if form != (1, 2, rate):
                return f"is not mono, 16 bit, {rate} Hz"
            samples = array("h", file.readframes(file.getnframes()))
    except (wave.Error, EOFError):
        return "is no WAV file"
    if sys.byteorder == "big":
        samples.byteswap()
    if not samples or max(samples) < SILENT:
        return "is silent"
    clipped = samples.count(32767) + samples.count(-32768) + samples.count(FULL)
    return "is clipped" if clipped > len(samples) * MOST_CLIPPED else None


def long_notices(
    library: SoundLibrary, notices: Iterable[tuple[bool, tuple[Prompt, ...]]]
) -> Iterator[Defect]:
    """The callers' seconds: what no key may cut short is short. Where sounds are missing, see there."""
    longest: dict[tuple[Language, bool], float] = {}
    for is_open, notice in notices:
        seconds = library.seconds_if_there(notice)
        place = notice[0].language, is_open
        if seconds is not None and seconds > max(NOTICE_SECONDS[is_open], longest.get(place, 0.0)):
            longest[place] = seconds
    for (language, is_open), seconds in longest.items():
        when = "within the window" if is_open else "outside the window"
        most = NOTICE_SECONDS[is_open]
        words = f"takes {seconds:.1f} s and may take {most:.0f}: say it in fewer words"
        yield Defect("notice_too_long", f"{language}.yaml: the longest notice {when}", words)
