"""Engines that are programs of their own: espeak-ng, and whatever the operator names in a template."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from ivr.callflow.prompts import Language
from ivr.voice.speech import STALL_SECONDS, ChildSpeaker, Utterance

ESPEAK = "espeak-ng"
_ESPEAK_SECONDS = 10
_ESPEAK_VOICES = {
    Language.DE: "de",
    Language.FR: "fr-ch",
    Language.IT: "it",
    Language.EN: "en-gb",
}


class CommandSpeaker(ChildSpeaker):
    """A program that takes the text on its standard input and writes a WAV file."""

    module = "ivr.voice.foreign"

    def __init__(
        self, name: str, command: Sequence[str], seconds: int, *, last_resort: bool = False
    ) -> None:
        self.voice = f"{name}/{sha256(shlex.join(command).encode()).hexdigest()[:12]}/1"
        self.last_resort = last_resort
        self.stall_seconds = seconds + STALL_SECONDS
        self._command = tuple(command)
        self._seconds = seconds

    def _line(self, utterance: Utterance) -> Mapping[str, Any]:
        return asdict(utterance) | {"command": self._command, "seconds": self._seconds}


def espeak(language: Language) -> CommandSpeaker:
    """Hard to understand on a telephone, and better than silence."""
    command = (ESPEAK, "-v", _ESPEAK_VOICES[language], "--stdin", "--stdout")
    return CommandSpeaker("espeak", command, _ESPEAK_SECONDS, last_resort=True)


def from_template(
    template: str, values: Mapping[str, str], language: Language, seconds: int
) -> CommandSpeaker:
    """The operator's; taken apart here, so that no shell ever sees a value."""
    given = {"language": language.value, "file": "{file}"} | dict(values)
    command = [part.format_map(given) for part in shlex.split(template)]
    return CommandSpeaker("command", command, seconds)
