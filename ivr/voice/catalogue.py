"""The catalogue: what each prompt says in each language.

A text is a template; its values are filled in as words. For the ear a prompt is a row of pieces:
the fixed parts of the text and one piece per value, so that everything but names can be synthesised
beforehand. For the eye, and for a carrier's own voice, it is one sentence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.callflow.prompts import (
    Count,
    Digits,
    Language,
    Moment,
    Name,
    Prompt,
    PromptKey,
    Term,
    Value,
)
from ivr.contracts.money import Money, cents
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.resources import load_yaml
from ivr.services.prompt_records import Described
from ivr.voice.catalogue_check import VALUE_TYPES, Words, check
from ivr.voice.moments import moment_parts, moment_words
from ivr.voice.moments import vocabulary as moment_vocabulary
from ivr.voice.normalise import USUAL, Habits, normalise
from ivr.voice.shelf import EmptyShelf, Shelf, example_of
from ivr.wording.shelf import Slot
from ivr.wording.templates import VARIABLE

__all__ = ["VALUE_TYPES", "Catalogue", "Piece", "Words"]

_SPEAKABLE = re.compile(r"\w")
_END = re.compile(r",\s*\.")
_GAPS = re.compile(r"(?:[,\s]*,)+(?=[\s,.]|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are one sound. `instead` is spoken where the sound of a name does not exist yet;
    what is `optional` is left out then.

    `key` is set where the piece is a whole prompt, for which there may be a recording; `filled`
    where it has figures in it, so that a recording is of these figures alone.
    """

    text: str
    language: Language
    instead: tuple["Piece", ...] = ()
    key: PromptKey | None = None
    filled: bool = False
    optional: bool = False

    @property
    def can_do_without(self) -> bool:
        """Whether nobody has to wait for its sound."""
        return self.optional or bool(self.instead)


class Catalogue:
    """Texts by language and key, checked for completeness when it is loaded."""

    def __init__(
        self,
        words: Mapping[Language, Words],
        values: Mapping[str, Mapping[str, str]],
        lexicon: Mapping[Language, Mapping[str, str]],
        whole: frozenset[str] = frozenset(),
        purposes: Mapping[str, str] | None = None,
        shelf: Shelf | None = None,
        habits: Habits = USUAL,
    ) -> None:
        self._words = words
        self._habits = habits
        self._values = values
        self._whole = whole
        self._lexicon = lexicon
        self._purposes = purposes or {}
        self._shelf = shelf or EmptyShelf()
        check(words, values, whole)

    @classmethod
    def load(cls, directory: Path, habits: Habits = USUAL) -> "Catalogue":
        """Read the folder `prompts/`; raises ConfigurationError that names file and key."""
        described = load_yaml(directory / "catalogue.yaml")["prompts"]
        values = {key: entry.get("values", {}) for key, entry in described.items()}
        words = {
            language: Words(**load_yaml(directory / f"{language}.yaml")) for language in Language
        }
        found = load_yaml(directory / "lexicon.yaml")
        lexicon = {language: found.get(language, {}) for language in Language}
        whole = frozenset(key for key, entry in described.items() if entry.get("whole"))
        purposes = {key: entry["purpose"] for key, entry in described.items()}
        return cls(words, values, lexicon, whole, purposes, habits=habits)

    def with_shelf(self, shelf: Shelf) -> "Catalogue":
        """The same under what admins have published."""
        read = self._words, self._values, self._lexicon, self._whole, self._purposes
        return Catalogue(*read, shelf, self._habits)

    def described(self, key: PromptKey) -> Described:
        """What a prompt is for and what it names."""
        return Described(key, self._purposes.get(key, ""), self._values[key], key in self._whole)

    def shipped(self, key: PromptKey, language: Language) -> str:
        """The text that comes with the release."""
        return self._words[language].prompts[key]

    def fits(self, key: PromptKey, template: str) -> bool:
        """Whether a text names the values that its prompt has in this release."""
        return set(VARIABLE.findall(template)) == set(self._values[key])

    def recording(self, piece: Piece) -> str | None:
        """The digest of the admin's recording that is in use for a piece."""
        if piece.key is None:
            return None
        return self._shelf.recording(Slot(piece.key, piece.language, piece.text))

    def is_shipped(self, piece: Piece) -> bool:
        """Whether it is a fixed text as it comes with the release, and perhaps with a recording."""
        if piece.key is None or piece.filled:
            return False
        return piece.text == self.shipped(piece.key, piece.language)

    def example(self, key: PromptKey, language: Language, template: str) -> str:
        """A sentence of this text with made-up values."""
        values = {name: example_of(name, kind) for name, kind in self._values[key].items()}
        return self.fill(template, Prompt(key, language, tuple(values.items())))

    def _template(self, prompt: Prompt) -> str:
        in_use = prompt.template or self._shelf.text(Slot(prompt.key, prompt.language))
        return in_use or self.shipped(prompt.key, prompt.language)

    def text(self, prompt: Prompt) -> str:
        """The whole sentence, as it is shown or given to a carrier's voice."""
        return self.fill(self._template(prompt), prompt)

    def aloud(self, prompt: Prompt) -> str:
        """The same for a voice that is not ours: figures in words, as ours says them."""
        return normalise(self.text(prompt), prompt.language, self._habits)

    def chosen(self, prompt: Prompt) -> Prompt:
        """The same in the text in use now, whatever is published after; it stays once chosen."""
        return replace(prompt, template=self._template(prompt))

    def fill(self, template: str, prompt: Prompt) -> str:
        """The sentence with another text."""
        values = dict(prompt.values)
        filled = VARIABLE.sub(
            lambda match: self._value_text(values[match[1]], prompt.language), template
        )
        return _END.sub(".", _GAPS.sub(",", filled))

    def _value_text(self, value: Value, language: Language) -> str:
        """Digits stay digits on paper; a carrier's voice reads them one by one."""
        if isinstance(value, Digits):
            return " ".join(value.digits)
        return " ".join(self._value_words(value, language))

    def pieces(self, prompt: Prompt) -> tuple[Piece, ...]:
        """The sounds that make up the prompt, in order; parts without a word are left out.

        A `whole` prompt is one sound, which is more natural and shorter than its parts; all the
        values it can have are known beforehand.
        """
        if not prompt.values:
            text = self._template(prompt)
            return (Piece(text, prompt.language, key=prompt.key),)
        if prompt.key in self._whole:
            return (self._filled(self._template(prompt), prompt),)
        return tuple(piece for piece in self._parts(prompt) if _SPEAKABLE.search(piece.text))

    def spoken(self, text: str, language: Language) -> str:
        """Figures in words, brand names respelled: so that the synthetic voice says them right."""
        text = normalise(text, language, self._habits)
        for written, respelled in self._lexicon[language].items():
            text = text.replace(written, respelled)
        return text

    def fixed_prompts(self, language: Language) -> Iterator[Piece]:
        """Every fixed part of every text of a language that is spoken in parts."""
        for key in PromptKey:
            if key not in self._whole:
                for template in self._templates(key, language):
                    yield from self.fixed_parts(key, language, template)

    def fixed_parts(self, key: PromptKey, language: Language, template: str) -> Iterator[Piece]:
        """What can be spoken of a text before its values are known."""
        whole = key if not VARIABLE.search(template) else None
        for part in VARIABLE.split(template)[::2]:
            if _SPEAKABLE.search(part):
                yield (
                    Piece(part.strip(" ,.:"), language)
                    if whole is None
                    else Piece(part, language, key=whole)
                )

    def sentences(self, prompt: Prompt) -> Iterator[Piece]:
        """A `whole` prompt with its values, in each text that is in use or will be."""
        for template in self._templates(prompt.key, prompt.language):
            yield self._filled(template, prompt)

    def _templates(self, key: PromptKey, language: Language) -> tuple[str, ...]:
        """The shipped text is kept at hand: it is what is said while the database is away."""
        ours = self._shelf.texts_to_build(Slot(key, language))
        return tuple(dict.fromkeys((self.shipped(key, language), *ours)))

    def _filled(self, template: str, prompt: Prompt) -> Piece:
        text = self.fill(template, prompt)
        return Piece(text, prompt.language, key=prompt.key, filled=True)

    def vocabulary(self, language: Language) -> Iterator[Piece]:
        """Every word of the language's own vocabulary that stands alone."""
        for text in self._words[language].terms.values():
            if text and not VARIABLE.search(text):
                yield Piece(text, language)
        for part in dict.fromkeys(moment_vocabulary(self._words[language].terms)):
            yield Piece(part, language)

    def value_pieces(self, value: Value, language: Language) -> tuple[Piece, ...]:
        """The sounds of one value."""
        optional = isinstance(value, Name) and value.optional
        instead = tuple(self._instead(value, language))
        return tuple(
            Piece(words, language, instead, optional=optional)
            for words in self._value_words(value, language)
            if words
        )

    def _instead(self, value: Value, language: Language) -> Iterator[Piece]:
        """What is always there: digits, and the parts of a moment."""
        if isinstance(value, Name) and value.digits:
            yield from self.value_pieces(Digits(value.digits), language)
        if isinstance(value, Moment):
            for part in moment_parts(value, self._words[language].terms):
                yield Piece(part, language)

    def _parts(self, prompt: Prompt) -> Iterator[Piece]:
        values = dict(prompt.values)
        for position, part in enumerate(VARIABLE.split(self._template(prompt))):
            if position % 2:
                yield from self.value_pieces(values[part], prompt.language)
            else:
                yield Piece(part.strip(" ,.:"), prompt.language)

    def _value_words(self, value: Value, language: Language) -> list[str]:
        terms = self._words[language].terms
        match value:
            case Digits(digits):
                return [terms[f"digit_{digit}"] for digit in digits]
            case Name(text):
                return [text]
            case Term(key):
                return [terms[key]]
            case Moment():
                return [moment_words(value, terms)]
            case FirstReaction():
                return [_reaction_words(value, terms)]
            case Count(thing, number):
                form = f"{thing}_one" if number == 1 else f"{thing}_many"
                return [terms[form].format(count=number)]
            case Money():
                return [_amount_words(value, terms)]


def _amount_words(money: Money, terms: Mapping[str, str]) -> str:
    """Francs, and Rappen where there are any."""
    francs, rappen = divmod(cents(money.amount), 1)
    form = f"amount_{money.currency.lower()}" + ("_cents" if rappen else "")
    return terms[form].format(whole=int(francs), cents=f"{int(rappen * 100):02d}")


def _reaction_words(reaction: FirstReaction, terms: Mapping[str, str]) -> str:
    if reaction.kind is not ReactionKind.HOURS:
        return terms[f"reaction_{reaction.kind}"]
    if reaction.hours == 1:
        return terms["reaction_one_hour"]
    return terms["reaction_hours"].format(hours=reaction.hours)
