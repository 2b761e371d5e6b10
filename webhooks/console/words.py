"""The words of the pages, by language; `prompts/console/` holds them."""

from collections.abc import Callable, Mapping
from functools import cache

from flask import request

from ivr import resources

LANGUAGES = ("de", "fr", "it", "en")
Translate = Callable[..., str]


@cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of a language, by key."""
    found: Mapping[str, str] = resources.load_yaml(
        resources.folder("prompts") / "console" / f"{language}.yaml"
    )
    return found


def translator(language: str) -> Translate:
    """`t(key, **values)` for a language; German where a text is missing, else the key itself."""
    words, german = texts(language), texts("de")

    def t(key: str, /, **values: object) -> str:
        text = words.get(key) or german.get(key) or key
        return text.format(**values) if values else text

    return t


def wanted_language() -> str:
    """Of somebody who has not logged in: what his browser asks for."""
    return request.accept_languages.best_match(LANGUAGES) or "de"
