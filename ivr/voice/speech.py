"""Text-to-speech behind one small port.

SVOX Pico runs in a child process: it holds the interpreter while it speaks, and a child can be
given a time limit. Its sound is trimmed and levelled there too: no server process needs numpy.
"""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from ivr.callflow.prompts import Language
from ivr.errors import SpeechError

START_SECONDS = 10
"""For the child to start; each utterance adds a second, ten times what one takes."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to be spoken into `stem`.wav and `stem`.wav16, after `lead_ms` of silence."""

    text: str
    language: Language
    stem: str
    lead_ms: int


class Speaker(Protocol):
    """A text-to-speech engine; `voice` names everything that changes its sound."""

    voice: str

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        """Write each utterance's files; yields the 8 kHz file. Raises SpeechError."""
        ...


class PicoSpeaker:
    """SVOX Pico through py-nanotts (Apache-2.0), the extra `speech`."""

    voice = "pico/0.1.1/volume=0.5/speed=1.3/level=-20dBFS/2"

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        """One child process for all of them, ended when its time is over."""
        if not utterances:
            return
        with tempfile.TemporaryFile("w+", encoding="utf-8") as work:
            work.writelines(json.dumps(asdict(utterance)) + "\n" for utterance in utterances)
            work.seek(0)
            with subprocess.Popen(
                [sys.executable, "-m", "ivr.voice.pico"],
                stdin=work,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as child:
                yield from _finished_files(child, START_SECONDS + len(utterances))


def _finished_files(child: "subprocess.Popen[str]", seconds: int) -> Iterator[Path]:
    """The child prints one path per finished utterance; anything else is its complaint."""
    assert child.stdout is not None  # noqa: S101
    watchdog = threading.Timer(seconds, child.kill)
    watchdog.start()
    complaints: list[str] = []
    try:
        for line in child.stdout:
            if line.startswith("done "):
                yield Path(line.removeprefix("done ").rstrip("\n"))
            else:
                complaints.append(line.strip())
    finally:
        watchdog.cancel()
    if child.wait() != 0:
        reason = " ".join(complaints)[-300:]
        raise SpeechError(f"text-to-speech failed ({child.returncode}): {reason}")


class SilentSpeaker:
    """No engine installed: only what was built before can be heard."""

    voice = PicoSpeaker.voice

    def speak(self, utterances: Sequence[Utterance]) -> Iterator[Path]:
        """Always fails, naming what would help."""
        if utterances:
            raise SpeechError(
                "no text-to-speech engine; install it with: pip install 'pikett[speech]'"
            )
        yield from ()
