"""What the life cycle of prompts needs: a store, the shipped catalogue, and who makes sounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.services.prompt_records import Described, Heard


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version about to be stored."""

    key: PromptKey
    language: Language
    words: str
    made_at: datetime
    made_by: str
    seconds: float
    note: str = ""
    sound: str | None = None
    price_version: str | None = None
    warnings: tuple[str, ...] = ()
    peaks: tuple[int, ...] = ()


class PromptBook(Protocol):
    """The shipped catalogue."""

    def described(self, key: PromptKey) -> Described:
        """What it is for and what it names."""
        ...

    def shipped(self, key: PromptKey, language: Language) -> str:
        """The text that comes with the release."""
        ...

    def fits(self, key: PromptKey, template: str) -> bool:
        """Whether a text names the values that its prompt has in this release."""
        ...

    def example(self, key: PromptKey, language: Language, template: str) -> str:
        """A sentence of this text with made-up values, to be listened to."""
        ...

    def fill(self, template: str, prompt: Prompt) -> str:
        """The sentence of a prompt with another text, exactly as its piece has it."""
        ...


class Taken(Protocol):
    """An upload that was taken in; see `ivr.voice.intake`."""

    @property
    def digest(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def warnings(self) -> Sequence[str]: ...
    @property
    def peaks(self) -> Sequence[int]: ...


class Studio(Protocol):
    """Makes sounds, and says which there are."""

    def speak(self, text: str, language: Language) -> Heard:
        """Synthesised now; raises SpeechError."""
        ...

    def prepare(
        self, key: PromptKey, language: Language, template: str, figures: Sequence[Prompt]
    ) -> float:
        """Speak all that this text will need; its seconds. Raises SpeechError."""
        ...

    def is_there(
        self, key: PromptKey, language: Language, template: str, figures: Sequence[Prompt]
    ) -> bool:
        """Whether nothing of it would have to be spoken in a turn."""
        ...

    def take_in(self, source: Path) -> Taken:
        """An upload; raises PromptRefusedError with the reason's code and values."""
        ...

    def recording(self, digest: str) -> Heard:
        """A recording that was taken in, to be listened to; PromptRefusedError where it is gone."""
        ...

    def has(self, digest: str) -> bool:
        """Whether all files of a recording are there."""
        ...

    def drop(self, digest: str) -> None:
        """A recording that no version has any more."""
        ...
