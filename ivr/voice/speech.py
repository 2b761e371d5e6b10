"""Text-to-speech behind one small port.

An engine runs in child processes: it may hold the interpreter while it speaks, and a child can be given
a time limit. Its sound is trimmed and levelled there too: no server process needs numpy.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from ivr.callflow.prompts import Language
from ivr.errors import EngineDownError, SoundsUnwritableError, SpeechError
from ivr.voice.child import DOWN, UNWRITABLE

STALL_SECONDS = 10
"""Without a finished sound: a hundred times what one takes, and long enough for a child to start."""

MOST_CHILDREN = 4
WORTH_A_CHILD = 20
"""Utterances; a child takes a third of a second to start."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to be spoken into `stem`.wav and `stem`.wav16, after `lead_ms` of silence."""

    text: str
    language: Language
    stem: str
    lead_ms: int


class Speaker(Protocol):
    """A text-to-speech engine; `voice` begins with its name and names all that changes its sound."""

    voice: str
    installed: bool
    last_resort: bool

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        """Write each utterance's files; yields the 8 kHz file. Raises SpeechError."""
        ...


def name_of(speaker: Speaker) -> str:
    """As the settings, the log and the metrics call it."""
    return speaker.voice.partition("/")[0]


class ChildSpeaker:
    """An engine that runs in child processes of the module `module`, as many as there are cores."""

    voice: str
    module: str
    command: Sequence[str] = ()
    """Instead of our own Python with this module."""

    installed = True
    last_resort = False
    stall_seconds = STALL_SECONDS

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        """Ended, with all it has started, when nothing comes any more or nobody waits for it."""
        if not utterances:
            return
        complaints: list[str] = []
        with ExitStack() as stack:
            reading, children = self._start(stack, utterances)
            for line in self._lines(reading):
                if line.startswith("done "):
                    yield Path(line.removeprefix("done "))
                else:
                    complaints.append(line.strip())
            codes = {child.wait() for child in children}
        _judge(codes, " ".join(complaints)[-300:])

    def _start(
        self, stack: ExitStack, utterances: Sequence[Utterance]
    ) -> tuple[int, list["subprocess.Popen[bytes]"]]:
        """One pipe for all of them."""
        wanted = -(-len(utterances) // WORTH_A_CHILD)
        count = min(wanted, MOST_CHILDREN, os.cpu_count() or 1)
        reading, writing = os.pipe()
        stack.callback(os.close, reading)
        try:
            return reading, [
                self._child(stack, utterances[each::count], writing) for each in range(count)
            ]
        except OSError as error:
            raise EngineDownError(f"cannot be started: {error.strerror}") from error
        finally:
            os.close(writing)

    def _child(
        self, stack: ExitStack, share: Sequence[Utterance], writing: int
    ) -> "subprocess.Popen[bytes]":
        with tempfile.TemporaryFile("w+", encoding="utf-8") as work:
            work.writelines(json.dumps(self._line(utterance)) + "\n" for utterance in share)
            work.seek(0)
            child = subprocess.Popen(
                self.command or (sys.executable, "-m", self.module),
                stdin=work,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        stack.callback(_end, child)
        return child

    def _line(self, utterance: Utterance) -> Mapping[str, Any]:
        """What the child is told of it."""
        return asdict(utterance)

    def _lines(self, reading: int) -> Iterator[str]:
        poll, left = select.poll(), b""
        poll.register(reading, select.POLLIN)
        while True:
            if not poll.poll(self.stall_seconds * 1000):
                raise EngineDownError(f"no sound within {self.stall_seconds} s")
            found = os.read(reading, 65536)
            if not found:
                return
            *whole, left = (left + found).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """With whatever it has started."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _judge(codes: set[int], complaint: str) -> None:
    """Nothing if all was spoken."""
    if UNWRITABLE in codes:
        raise SoundsUnwritableError(complaint)
    if DOWN in codes or min(codes) < 0:
        raise EngineDownError(complaint or f"ended with {min(codes)}")
    if codes != {0}:
        raise SpeechError(f"text-to-speech failed: {complaint}")


class PicoSpeaker(ChildSpeaker):
    """SVOX Pico through py-nanotts (Apache-2.0), the extra `speech`."""

    voice = "pico/0.1.1/volume=0.5/speed=1.3,fr=1.2/level=-20dBFS/2"
    module = "ivr.voice.pico"


class SilentSpeaker:
    """An engine that is not installed: only what it built before can be heard."""

    last_resort = False
    installed = False

    def __init__(self, voice: str = PicoSpeaker.voice) -> None:
        self.voice = voice

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        """Always fails, naming what would help."""
        if utterances:
            raise SpeechError(
                "no text-to-speech engine; install it with: pip install 'pikett[speech]'"
            )
        yield from ()
