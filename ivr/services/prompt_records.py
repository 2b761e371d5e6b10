"""What admins make of prompts: versions, publications, and what pages show of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.callflow.prompts import Language, PromptKey
from ivr.errors import PikettError
from ivr.wording.shelf import Publication, Slot, Version


class State(StrEnum):
    """How one prompt of one language stands; the first that holds is shown.

    MISSING: some of its sound exists nowhere yet. OUTDATED: a recording is published whose words or
    prices are no longer those of the line; synthesis is heard in its place. SCHEDULED: something is
    published later. RECORDED: all of its sentences are a person's. SYNTHESISED: what is left.
    """

    MISSING = "missing"
    OUTDATED = "outdated"
    SCHEDULED = "scheduled"
    RECORDED = "recorded"
    SYNTHESISED = "synthesised"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a refusal or a warning; pages and commands have the words for its code."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


class PromptRefusedError(PikettError):
    """An admin's wish about a prompt cannot be fulfilled; nothing was changed."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__("; ".join(_told(reason) for reason in reasons))


def _told(reason: Reason) -> str:
    values = ", ".join(f"{name} {value}" for name, value in reason.values.items())
    return f"{reason.code} ({values})" if values else reason.code


@dataclass(frozen=True, slots=True)
class Described:
    """A prompt of the shipped catalogue. `values` are its variables and their types."""

    key: PromptKey
    purpose: str
    values: Mapping[str, str]
    whole: bool = False

    @property
    def has_prices(self) -> bool:
        """Whether a recording of it holds only for one version of plans and tariffs."""
        return "money" in self.values.values()


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound that can be listened to: the public name below /sounds, and its length."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something of a prompt that a person can record: exactly these words.

    `digest` names the recording that is in use, `version_id` its version; None: it is synthesised.
    `outdated` is a published version that is not in use because of other prices.
    """

    words: str
    version_id: int | None = None
    digest: str | None = None
    outdated: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One prompt of one language, for the list."""

    key: PromptKey
    language: Language
    purpose: str
    text: str
    state: State
    changed: bool
    """Whether the text differs from the shipped one."""
    sentences: int
    recorded: int
    outdated: int
    scheduled: int
    has_prices: bool


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """One prompt of one language with everything about it; versions and publications newest first.

    `gone` are recordings in use or published whose words the line cannot say any more.
    """

    entry: Entry
    described: Described
    shipped: str
    text_version: int | None
    sentences: Sequence[Sentence]
    gone: Sequence[Version]
    versions: Sequence[Version]
    publications: Sequence[Publication]
    price_version: str

    @property
    def recording(self) -> int | None:
        """The version that callers hear where one recording says it all; None: synthesis speaks."""
        return self.sentences[0].version_id if len(self.sentences) == 1 else None


@dataclass(frozen=True, slots=True)
class SavedText:
    """A new version of a text; `warnings` are to be shown and stop nothing."""

    version_id: int
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedRecording:
    """A new recording: warnings of the sound, and the picture of its wave."""

    version_id: int
    seconds: float
    warnings: tuple[Reason, ...]
    peaks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GoingOut:
    """A recording that other prices take out of use; `same_words`: it can be confirmed for them."""

    version_id: int
    slot: Slot
    same_words: bool
