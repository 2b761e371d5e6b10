"""Figures become words: each written form in each language, and any text whatever."""

import re
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ivr.callflow.prompts import Language
from ivr.voice.normalise import Habits, normalise

FORMS: Any = yaml.safe_load(
    Path(__file__).with_name("spoken_forms.yaml").read_text(encoding="utf-8")
)
EVERYWHERE = [
    (language, line["written"], line[language])
    for line in FORMS["everywhere"]
    for language in Language
]
OWN = [(language, *pair) for language in Language for pair in FORMS[language].items()]
QUATRE_VINGTS = Habits("quatre-vingts")
FIGURES_AND_MORE = st.text(
    st.sampled_from("0123456789.,:'’-–+/%()# \u00a0°½h<>aeFrUCHd\u0301\x00") | st.characters()
)
LONG = 10_000


@pytest.mark.parametrize(("language", "written", "spoken"), EVERYWHERE + OWN)
def test_a_written_form_is_spoken_so(language: Language, written: str, spoken: str) -> None:
    assert normalise(written, language) == spoken
    assert normalise(f"({written}; {written})", language) == f"({spoken}; {spoken})"


@pytest.mark.parametrize(("written", "spoken"), FORMS["quatre-vingts"].items())
def test_eighty_is_a_matter_of_the_canton(written: str, spoken: str) -> None:
    assert normalise(written, Language.FR, QUATRE_VINGTS) == spoken


@pytest.mark.parametrize("language", Language)
def test_what_is_no_figure_stays_as_it_is(language: Language) -> None:
    text = "winCall pro+, «Müller & Söhne» – l'été, e-mail? Ganz sicher: ½ m²!"
    assert normalise(text, language) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<b>Guten</b> Tag", "Guten Tag"),
        ("</volume>ja<!-- nein -->", "ja"),
        ("a <<b>script> b", "a script b"),
        ('<speed level="50">Ja</speed> < nein', "Ja nein"),
        ("Zeile\r\nzwei\x00\x1b", "Zeile zwei"),
        ("Ser\u00advice\u200b\ufeff", "Service"),
        ("e\u0301te\u0301", "été"),
        ("\ud800ja", "ja"),
        ("٣ １", "drei eins"),
    ],
)
def test_markup_and_what_nobody_sees_is_left_out(text: str, left: str) -> None:
    assert normalise(text, Language.DE) == left


@given(FIGURES_AND_MORE, st.sampled_from(Language), st.sampled_from([Habits(), QUATRE_VINGTS]))
def test_any_text_has_words_only_and_they_stay(
    text: str, language: Language, habits: Habits
) -> None:
    spoken = normalise(text, language, habits)
    assert not re.search(r"[\d<>\x00-\x1f]", spoken)
    assert unicodedata.is_normalized("NFC", spoken)
    assert normalise(spoken, language, habits) == spoken


@pytest.mark.parametrize(
    "part",
    [
        "0",
        "1'",
        "1.",
        "<",
        "<a",
        "+41 ",
        "1-",
        "CHF 1 ",
        "12:",
        "1/1/20",
        "1 1/2 ",
        "5. bis ",
        "5-7",
        "999'999'999 ",
    ],
)
def test_a_long_text_takes_no_longer_than_it_may(part: str) -> None:
    began = time.perf_counter()
    normalise((part * LONG)[:LONG], Language.FR)
    assert time.perf_counter() - began < 1
