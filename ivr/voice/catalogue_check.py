"""Whether the files of the catalogue fit together, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.callflow.prompts import Count, Digits, Language, Moment, Name, PromptKey, Term, Value
from ivr.contracts.money import Money
from ivr.contracts.plans import FirstReaction
from ivr.errors import ConfigurationError
from ivr.wording.templates import VARIABLE

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
class Words:
    """The texts of one language."""

    prompts: Mapping[str, str]
    terms: Mapping[str, str]


def check(
    every: Mapping[Language, Words], values: Mapping[str, Mapping[str, str]], whole: frozenset[str]
) -> None:
    """Keys, variables and their types are the same everywhere, or nothing starts."""
    expected = {str(key) for key in PromptKey}
    _compare("catalogue.yaml", expected, set(values))
    for key, named in values.items():
        for variable, kind in named.items():
            if kind not in VALUE_TYPES:
                raise ConfigurationError(f"catalogue.yaml: {key}.{variable}: no type {kind!r}")
            if key in whole and kind not in ENUMERABLE:
                raise ConfigurationError(f"catalogue.yaml: {key} cannot be whole with a {kind}")
    terms = set(every[Language.DE].terms)
    for language, words in every.items():
        _compare(f"{language}.yaml prompts", expected, set(words.prompts))
        _compare(f"{language}.yaml terms", terms, set(words.terms))
        for key, text in words.prompts.items():
            _compare(f"{language}.yaml {key}", set(values[key]), set(VARIABLE.findall(text)))


def _compare(where: str, expected: set[str], found: set[str]) -> None:
    if missing := sorted(expected - found):
        raise ConfigurationError(f"prompts: {where} lacks {', '.join(missing)}")
    if unknown := sorted(found - expected):
        raise ConfigurationError(f"prompts: {where} has unknown {', '.join(unknown)}")
