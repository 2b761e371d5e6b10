"""The settings of the voice: which speech engine speaks each language, the best first; uploads."""

import shlex
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from ivr.setting_types import LanguageCode, Section

Engine = Literal["pico", "command", "espeak"]
ALWAYS_GIVEN = frozenset({"file", "language"})


class UploadSettings(Section):
    """The largest file that an admin may upload, and the longest prompt."""

    largest_megabytes: Annotated[int, Field(ge=1, le=100)] = 20
    longest_seconds: Annotated[int, Field(ge=5, le=600)] = 180


class VoiceSettings(Section):
    """Engines in order; `command` is a program of the operator's, see config/pikett.toml."""

    engines: Annotated[tuple[Engine, ...], Field(min_length=1)] = ("pico", "espeak")
    engines_by_language: Mapping[LanguageCode, tuple[Engine, ...]] = {}
    command: str = ""
    command_values: Mapping[LanguageCode, Mapping[str, str]] = {}
    command_seconds: Annotated[int, Field(ge=1, le=120)] = 20
    longest_text: Annotated[int, Field(ge=50, le=2000)] = 600
    french_eighty: Literal["huitante", "quatre-vingts"] = "huitante"

    def order(self, language: LanguageCode) -> tuple[Engine, ...]:
        """The engines of a language, each once."""
        return tuple(dict.fromkeys(self.engines_by_language.get(language) or self.engines))

    @model_validator(mode="after")
    def _the_command_is_whole(self) -> "VoiceSettings":
        """A template that lacks a value would fail at night; it is a mistake at the start."""
        named = {code for code in get_args(LanguageCode) if "command" in self.order(code)}
        if named and not self.command:
            raise ValueError("engines name 'command', and command is empty")
        wanted = set(self._placeholders()) - ALWAYS_GIVEN
        for code in sorted(named):
            if missing := sorted(wanted - set(self.command_values.get(code, {}))):
                raise ValueError(f"command_values.{code} lacks {', '.join(missing)}")
        return self

    def _placeholders(self) -> Iterator[str]:
        """Plain names in braces; nothing else may stand in them."""
        try:
            parts = [part for word in shlex.split(self.command) for part in Formatter().parse(word)]
        except ValueError as error:
            raise ValueError(f"command: {error}") from None
        for _, name, form, conversion in parts:
            if name is not None and (not name.isidentifier() or form or conversion):
                raise ValueError(f"command: {{{name}}} is no name of a value")
            if name is not None:
                yield name
