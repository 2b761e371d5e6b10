"""The catalogue: what each prompt says in each language.

A text is a template; its values are filled in as words. For the ear a prompt is a row of pieces:
the fixed parts of the text and one piece per value, so that everything but names can be synthesised
beforehand. For the eye, and for a carrier's own voice, it is one sentence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
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
from ivr.contracts.windows import local_time
from ivr.errors import ConfigurationError
from ivr.resources import load_yaml

_VARIABLE = re.compile(r"\{(\w+)\}")
_SPEAKABLE = re.compile(r"\w")
_END = re.compile(r",\s*\.")
_GAPS = re.compile(r"(?:[,\s]*,)+(?=[\s,.]|$)")

VALUE_TYPES: Mapping[str, type[Value]] = {
    "digits": Digits,
    "moment": Moment,
    "name": Name,
    "term": Term,
    "reaction": FirstReaction,
    "count": Count,
    "money": Money,
}
ENUMERABLE = frozenset({"term", "reaction", "count", "money"})
"""Types whose values are known before any call: a prompt of such values can be spoken as a whole."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are one sound. `instead` is spoken where the sound of a name does not exist yet.

    `key` is set where the piece is a whole prompt, for which there may be a recording.
    """

    text: str
    language: Language
    instead: tuple["Piece", ...] = ()
    key: PromptKey | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language."""

    prompts: Mapping[str, str]
    terms: Mapping[str, str]


class Catalogue:
    """Texts by language and key, checked for completeness when it is loaded."""

    def __init__(
        self,
        words: Mapping[Language, Words],
        values: Mapping[str, Mapping[str, str]],
        lexicon: Mapping[Language, Mapping[str, str]],
        whole: frozenset[str] = frozenset(),
    ) -> None:
        self._words = words
        self._whole = whole
        self._lexicon = lexicon
        self._check(values)

    @classmethod
    def load(cls, directory: Path) -> "Catalogue":
        """Read the folder `prompts/`; raises ConfigurationError that names file and key."""
        described = load_yaml(directory / "catalogue.yaml")["prompts"]
        values = {key: entry.get("values", {}) for key, entry in described.items()}
        words = {
            language: Words(**load_yaml(directory / f"{language}.yaml")) for language in Language
        }
        found = load_yaml(directory / "lexicon.yaml")
        lexicon = {language: found.get(language, {}) for language in Language}
        whole = frozenset(key for key, entry in described.items() if entry.get("whole"))
        return cls(words, values, lexicon, whole)

    def text(self, prompt: Prompt) -> str:
        """The whole sentence, as it is shown or given to a carrier's voice."""
        values = dict(prompt.values)
        template = self._words[prompt.language].prompts[prompt.key]
        filled = _VARIABLE.sub(
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
            text = self._words[prompt.language].prompts[prompt.key]
            return (Piece(text, prompt.language, key=prompt.key),)
        if prompt.key in self._whole:
            return (Piece(self.text(prompt), prompt.language),)
        return tuple(piece for piece in self._parts(prompt) if _SPEAKABLE.search(piece.text))

    def spoken(self, text: str, language: Language) -> str:
        """Brand names respelled so that the synthetic voice says them right."""
        for written, respelled in self._lexicon[language].items():
            text = text.replace(written, respelled)
        return text

    def fixed_prompts(self, language: Language) -> Iterator[Piece]:
        """Every fixed part of every text of a language that is spoken in parts."""
        for key, template in self._words[language].prompts.items():
            if key in self._whole:
                continue
            whole = PromptKey(key) if not _VARIABLE.search(template) else None
            for part in _VARIABLE.split(template)[::2]:
                if _SPEAKABLE.search(part):
                    yield (
                        Piece(part.strip(" ,.:"), language)
                        if whole is None
                        else Piece(part, language, key=whole)
                    )

    def vocabulary(self, language: Language) -> Iterator[Piece]:
        """Every word of the language's own vocabulary that stands alone."""
        for text in self._words[language].terms.values():
            if text and not _VARIABLE.search(text):
                yield Piece(text, language)

    def value_pieces(self, value: Value, language: Language) -> tuple[Piece, ...]:
        """The sounds of one value."""
        instead: tuple[Piece, ...] = ()
        if isinstance(value, Name) and value.digits:
            instead = self.value_pieces(Digits(value.digits), language)
        return tuple(
            Piece(words, language, instead) for words in self._value_words(value, language) if words
        )

    def _parts(self, prompt: Prompt) -> Iterator[Piece]:
        values = dict(prompt.values)
        for position, part in enumerate(
            _VARIABLE.split(self._words[prompt.language].prompts[prompt.key])
        ):
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
                return [_moment_words(value, terms)]
            case FirstReaction():
                return [_reaction_words(value, terms)]
            case Count(thing, number):
                form = f"{thing}_one" if number == 1 else f"{thing}_many"
                return [terms[form].format(count=number)]
            case Money():
                return [_amount_words(value, terms)]

    def _check(self, values: Mapping[str, Mapping[str, str]]) -> None:
        """Keys, variables and their types are the same everywhere, or nothing starts."""
        expected = {str(key) for key in PromptKey}
        _compare("catalogue.yaml", expected, set(values))
        for key, named in values.items():
            for variable, kind in named.items():
                if kind not in VALUE_TYPES:
                    raise ConfigurationError(f"catalogue.yaml: {key}.{variable}: no type {kind!r}")
                if key in self._whole and kind not in ENUMERABLE:
                    raise ConfigurationError(f"catalogue.yaml: {key} cannot be whole with a {kind}")
        terms = set(self._words[Language.DE].terms)
        for language, words in self._words.items():
            _compare(f"{language}.yaml prompts", expected, set(words.prompts))
            _compare(f"{language}.yaml terms", terms, set(words.terms))
            for key, text in words.prompts.items():
                _compare(f"{language}.yaml {key}", set(values[key]), set(_VARIABLE.findall(text)))


def _compare(where: str, expected: set[str], found: set[str]) -> None:
    if missing := sorted(expected - found):
        raise ConfigurationError(f"prompts: {where} lacks {', '.join(missing)}")
    if unknown := sorted(found - expected):
        raise ConfigurationError(f"prompts: {where} has unknown {', '.join(unknown)}")


def _moment_words(moment: Moment, terms: Mapping[str, str]) -> str:
    """Day and wall time: today, tomorrow or a weekday; a window opens within the week."""
    at, now = local_time(moment.at), local_time(moment.now)
    template = terms["time_on_the_hour"] if at.minute == 0 else terms["time"]
    wall = template.format(hour=at.hour, minute=at.minute)
    if at.date() == now.date():
        day = "today"
    elif at.date() == now.date() + timedelta(days=1):
        day = "tomorrow"
    else:
        day = f"weekday_{at.weekday()}"
    return terms[day].format(time=wall)


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
