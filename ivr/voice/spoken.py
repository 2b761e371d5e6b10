"""The sounds that engines have made: where they are, which are missing, and making them.

A file's name is a digest of engine, language, words and the pause before them: a changed text is
another file, and a file never changes.
"""

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from ivr.errors import SpeechError
from ivr.voice.catalogue import Catalogue, Piece
from ivr.voice.engines import Engines
from ivr.voice.sound_files import EXTENSIONS, is_whole, wav
from ivr.voice.speech import Speaker, Utterance, name_of

MOST_AHEAD = 500
"""Pieces that wait for the thread in the background; more are spoken by the next build."""

ABANDONED_SECONDS = 3600
UNUSED_SECONDS = 30 * 24 * 3600

_log = structlog.get_logger()


class Spoken:
    """Synthesised sounds in one folder."""

    def __init__(self, catalogue: Catalogue, engines: Engines, directory: Path) -> None:
        self.engines = engines
        self._catalogue = catalogue
        self._directory = directory
        self._ahead: deque[Piece] = deque(maxlen=MOST_AHEAD)
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()
        self.in_background: Callable[[Callable[[], None]], None] = _thread
        """Starts work that nobody waits for."""

    def stem(self, piece: Piece, speaker: Speaker | None = None) -> Path:
        """Where the sound of a piece is, or would be, if this engine spoke it."""
        voice = (speaker or self.engines.of(piece.language)[0]).voice
        text = self._catalogue.spoken(piece.text, piece.language)
        identity = json.dumps([voice, piece.language, text, _lead_ms(piece)])
        digest = hashlib.sha256(identity.encode()).hexdigest()[:32]
        return self._directory / digest[:2] / digest

    def find(self, piece: Piece) -> Path | None:
        """The sound of the best engine that has spoken it."""
        stems = (self.stem(piece, each) for each in self.engines.of(piece.language))
        return next((stem for stem in stems if is_whole(stem)), None)

    def any_file(self, piece: Piece) -> Path | None:
        """The best engine's file, whole or not."""
        stems = (self.stem(piece, each) for each in self.engines.of(piece.language))
        return next((stem for stem in stems if wav(stem).exists()), None)

    def made_by(self, piece: Piece) -> str | None:
        """The name of the engine that is heard."""
        for speaker in self.engines.of(piece.language):
            if is_whole(self.stem(piece, speaker)):
                return name_of(speaker)
        return None

    def is_as_good_as_it_gets(self, piece: Piece) -> bool:
        """Whether it is there, spoken by an engine that no installed one surpasses."""
        best = self.engines.best(piece.language)
        for speaker in self.engines.of(piece.language):
            if is_whole(self.stem(piece, speaker)):
                return True
            if speaker is best:
                break
        return False

    def missing(self, pieces: Iterable[Piece]) -> list[Piece]:
        """What `build` would speak, each sound once."""
        wanted = {self.stem(piece): piece for piece in pieces}
        return [
            piece
            for piece in wanted.values()
            if not (piece.can_do_without and self.engines.best(piece.language).last_resort)
            and not self.is_as_good_as_it_gets(piece)
        ]

    def build(self, pieces: Iterable[Piece]) -> Iterator[Path]:
        """Speak what is missing; yields each file as it is finished."""
        for _, path in self.engines.speak(self.missing(pieces), self._utterance):
            yield path

    def sweep(self) -> None:
        """Half files of a build that was killed; what is young may be somebody's work."""
        for partial in self._directory.glob("??/.*"):
            with suppress(FileNotFoundError):
                if time.time() - partial.stat().st_mtime > ABANDONED_SECONDS:
                    partial.unlink()

    def forget(self, needed: Iterable[Piece], kept: Container[str]) -> int:
        """Remove what none of these says and nobody has heard for a month; how many sounds.

        Previews, former names and texts, the sounds of an engine that is no longer used. A call that
        still knows one makes it again.
        """
        said = {name for piece in needed for name in self._names_of(piece)}
        old = [
            path
            for path in self._directory.glob("??/*.wav")
            if path.stem not in said and path.stem not in kept and _is_unused(path)
        ]
        for path in old:
            for extension in EXTENSIONS:
                path.with_suffix(extension).unlink(missing_ok=True)
        return len(old)

    def _names_of(self, piece: Piece) -> Iterator[str]:
        for each in (piece, *piece.instead):
            for speaker in self.engines.of(each.language):
                yield self.stem(each, speaker).name

    def make(self, piece: Piece) -> str:
        """Speak one piece for which somebody waits; the name of the engine."""
        try:
            found = self.engines.speak([piece], self._utterance, in_a_hurry=True)
            return [name_of(speaker) for speaker, _ in found][-1]
        except SpeechError as error:
            raise SpeechError(str(error)) from error

    def foresee(self, pieces: Iterable[Piece]) -> None:
        """Speak these in the background, if there is an engine for it; never waits."""
        wanted = [piece for piece in pieces if self._is_worth_it(piece)]
        with self._lock:
            known = set(self._ahead)
            self._ahead.extend(piece for piece in wanted if piece not in known)
            if not self._ahead or not self._idle.is_set():
                return
            self._idle.clear()
        try:
            self.in_background(self._speak_ahead)
        except BaseException:
            self._idle.set()  # else nobody would ever try again
            raise

    def _is_worth_it(self, piece: Piece) -> bool:
        best = self.engines.best(piece.language)
        return best.installed and not (best.last_resort and piece.can_do_without)

    def is_done_ahead(self, seconds: float) -> bool:
        """Wait until nothing is spoken in the background; False if it takes longer."""
        return self._idle.wait(seconds)

    def _speak_ahead(self) -> None:
        """Runs in a thread of its own: whatever fails is heard as the customer number."""
        try:
            while pieces := self._next():
                self._speak_those(pieces)
        except BaseException:
            self._idle.set()
            raise

    def _speak_those(self, pieces: list[Piece]) -> None:
        try:
            for _ in self.engines.speak(pieces, self._utterance, in_a_hurry=True):
                pass
        except (SpeechError, OSError) as error:
            _log.warning("speech_failed", error=str(error))

    def _next(self) -> list[Piece]:
        with self._lock:
            pieces = list(self._ahead)
            self._ahead.clear()
            if not pieces:
                self._idle.set()
            return pieces

    def _utterance(self, piece: Piece, speaker: Speaker) -> Utterance:
        text = self._catalogue.spoken(piece.text, piece.language)
        return Utterance(text, piece.language, str(self.stem(piece, speaker)), _lead_ms(piece))


def _is_unused(path: Path) -> bool:
    """Neither made nor read for long; on most disks a day passes before reading is noted again."""
    try:
        found = path.stat()
    except FileNotFoundError:  # another build is at it too
        return False
    return time.time() - max(found.st_atime, found.st_mtime) > UNUSED_SECONDS


def _thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


def _lead_ms(piece: Piece) -> int:
    """The first syllable after a pause must not get lost; what goes on follows closely."""
    return 150 if piece.key is not None and not piece.filled else 40
