"""What an admin is told about an upload: words for every code, a code for all words."""

import ast
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from ivr import resources
from ivr.callflow.prompts import Language
from ivr.voice.intake import REFUSALS, WARNINGS
from ivr.voice.upload_words import picture_words, refusal_words, warning_words
from ivr.voice.wave_picture import wave_svg
from tests.guard.sources import sources

WORDS = resources.load_yaml(resources.folder("prompts") / "uploads.yaml")
VALUES = {"too_large": {"megabytes": "20"}, "too_long": {"seconds": "180"}}
PICTURE = {"title": set(), "clean": {"percent"}, "clipped": {"percent", "share"}}
PLACE = re.compile(r"\{(\w*)\}")
SVG = "{http://www.w3.org/2000/svg}"


def leaves(words: dict[str, dict[str, str]]) -> dict[str, str]:
    return {f"{kind}.{code}": text for kind, of in words.items() for code, text in of.items()}


def test_every_code_has_words_in_every_language_and_no_words_are_left_over() -> None:
    assert set(WORDS) == set(Language)
    for language in Language:
        assert set(WORDS[language]["refused"]) == set(REFUSALS), language
        assert set(WORDS[language]["warnings"]) == set(WARNINGS), language
        assert set(WORDS[language]["picture"]) == set(PICTURE), language


@pytest.mark.parametrize("language", Language)
def test_texts_are_clean_take_what_they_are_given_and_are_of_their_language(
    language: Language,
) -> None:
    for key, text in leaves(WORDS[language]).items():
        kind, code = key.split(".")
        given = PICTURE[code] if kind == "picture" else set(VALUES.get(code, {}))
        assert set(PLACE.findall(text)) == given, key
        assert text == text.strip() != "", key
        assert "ß" not in text, key
        assert "  " not in text, key
        others = [leaves(WORDS[other])[key] for other in Language if other is not language]
        assert text not in others, key


@pytest.mark.parametrize("language", Language)
def test_words_are_found_by_code(language: Language) -> None:
    for code in REFUSALS:
        assert "{" not in refusal_words(code, VALUES.get(code, {}), language)
    assert len({warning_words(code, language) for code in WARNINGS}) == len(WARNINGS)
    assert "57" in picture_words("clean", language, percent=57)


def test_every_code_is_given_by_somebody() -> None:
    """Named where uploads are read, beside the list itself."""
    places = ("ivr.voice.intake", "ivr.voice.decode", "ivr.voice.mastering")
    given = [text for source in sources(*places) for text in _texts(source.tree)]
    for code in (*REFUSALS, *WARNINGS):
        assert given.count(code) > 1, code


def _texts(tree: ast.Module) -> list[Any]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


# The picture of the wave --------------------------------------------------------------------------

PEAKS = [-30, 40] * 198 + [-100, 100] * 2


def drawn(*given: Any) -> ElementTree.Element:
    return ElementTree.fromstring(wave_svg(*given))


@pytest.mark.parametrize("language", Language)
def test_a_wave_can_be_read_out(language: Language) -> None:
    picture = drawn(PEAKS, ("clipped",), language)
    words = WORDS[language]["picture"]
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == picture.findtext(f"{SVG}title") == words["title"]
    told = words["clipped"].format(percent=100, share=1)
    assert picture.findtext(f"{SVG}desc") == told


def test_a_wave_has_the_colour_of_the_page_and_marks_what_is_clipped() -> None:
    """The marks are shapes: nobody has to tell colours apart."""
    picture = drawn(PEAKS, ("clipped", "quiet"))
    group = picture.find(f"{SVG}g")
    assert group is not None
    assert group.get("stroke") == "currentColor"
    whole, clipped = (path.get("d", "") for path in group.findall(f"{SVG}path"))
    assert whole.count("M") == 198
    assert clipped.count("M") == 2 + 2 * 2
    assert "M396 -103h2" in clipped


def test_a_wave_without_the_warning_and_one_of_silence_have_no_marks() -> None:
    for peaks in ([0, 0] * 200, [-99, 99] * 200):
        assert "h2" not in wave_svg(peaks)
    assert drawn([0, 0] * 200).findtext(f"{SVG}desc") == WORDS["de"]["picture"]["clean"].format(
        percent=0
    )
