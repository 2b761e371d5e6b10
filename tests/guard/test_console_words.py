"""The words of the pages: the same keys in every language, all of them used, none missing."""

import re
from functools import cache

import pytest

from ivr import resources
from tests.guard.sources import ROOT
from webhooks.console.words import LANGUAGES, texts

_NAMED = re.compile(r"""['"]([a-z_]+(?:\.[a-z0-9_]+)+)['"]""")
"""A key in a template or in a module."""
_BEGUN = re.compile(r"""['"]([a-z_]+\.[a-z0-9_.]*)(?:['"]\s*~|\{)""")
_ENDED = re.compile(r"""~\s*['"](\.[a-z_]+)['"]""")
"""Keys that are put together: 'role.' ~ person.role, f"kind.{row.kind}", listing.key ~ '.title'."""
_PLACE = re.compile(r"\{(\w*)\}")


@cache
def _written() -> str:
    """Everything that may name a text."""
    files = [*ROOT.glob("webhooks/**/*.py"), *ROOT.glob("webhooks/**/*.html")]
    files += [*ROOT.glob("webhooks/**/*.txt"), *ROOT.glob("ivr/**/*.py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_every_language_has_the_same_keys() -> None:
    folder = resources.folder("prompts") / "console"
    assert {path.stem for path in folder.glob("*.yaml")} == set(LANGUAGES)
    for language in LANGUAGES:
        assert set(texts(language)) == set(texts("de")), language


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_clean_and_take_the_same_values(language: str) -> None:
    for key, text in texts(language).items():
        assert isinstance(text, str), key
        assert text == text.strip() != "", key
        assert "ß" not in text, key
        assert "  " not in text, key
        assert not re.search(r"TODO|FIXME|XXX|lorem", text, re.IGNORECASE), key
        german = _PLACE.findall(texts("de")[key])
        assert sorted(_PLACE.findall(text)) == sorted(german), key


def test_no_key_stands_twice_in_a_file() -> None:
    """The last would win in silence."""
    for language in LANGUAGES:
        path = resources.folder("prompts") / "console" / f"{language}.yaml"
        keys = re.findall(r"^([\w.]+):", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert sorted(keys) == sorted(set(keys))


def test_every_text_is_used() -> None:
    named = set(_NAMED.findall(_written()))
    begun, ended = tuple(_BEGUN.findall(_written())), tuple(_ENDED.findall(_written()))
    assert {"role.", "kind."} <= set(begun)
    unused = {
        key
        for key in texts("de")
        if key not in named and not key.startswith(begun) and not key.endswith(ended)
    }
    assert unused == set()


def test_every_text_that_a_template_asks_for_is_there() -> None:
    asked = set()
    for file in ROOT.glob("webhooks/**/*.html"):
        found = re.findall(r"\bt\(\s*'([\w.]+)'\s*[,)]", file.read_text(encoding="utf-8"))
        asked |= {key for key in found if "." in key}
    assert asked
    assert asked - set(texts("de")) == set()


def test_every_action_of_the_audit_log_has_a_text() -> None:
    written = re.findall(
        r"""\b(?:audit|note|entry|_change)\((?:[\w. ]+,\s*){0,2}\s*"([a-z_]+)",""", _written()
    )
    assert {"looked_at", "person_disabled"} <= set(written)
    assert {f"action.{each}" for each in written} - set(texts("de")) == set()
