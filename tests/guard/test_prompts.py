"""The words of the line: complete in four languages, each in its own."""

import ast
import re
from typing import Any

import pytest
import yaml

from ivr import resources
from ivr.callflow import alert_samples, readiness_samples, recording_samples, samples
from ivr.callflow.alert_call import ALERT_CALL
from ivr.callflow.follow_up import FOLLOW_UP
from ivr.callflow.notices import UNSAID
from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.callflow.readiness import READINESS_CALL
from ivr.callflow.recording_call import RECORDING_CALL
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.technician_leg import TECHNICIAN_LEG
from ivr.callflow.walk import walk
from ivr.voice.catalogue import VALUE_TYPES, Catalogue
from tests.guard.sources import Source, sources

FOLDER = resources.folder("prompts")
ENGLISH = re.compile(
    r"\b(the|please|press|your|you|and|hold|thank|thanks|goodbye|with|for|this|that|will|been|"
    r"call|caller|number|is|are|not|we|our|to|of|at|on|again|hang up|hash|key|message|ring)\b"
)
WORDS_OF_THE_LANGUAGE = {
    Language.DE: {"not"},
    Language.FR: {"on", "message"},
    Language.IT: set(),
}
"""Spelled like an English word and none."""
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def document(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


CATALOGUE = document("catalogue")["prompts"]
TEXTS = {language: document(language) for language in Language}
MAIL, STATEMENT = document("mail"), document("statement")


@pytest.mark.rule("P.14")
def test_every_prompt_has_text_in_every_language_and_no_text_is_left_over() -> None:
    keys = {str(key) for key in PromptKey}
    assert set(CATALOGUE) == keys
    for language in Language:
        assert set(TEXTS[language]["prompts"]) == keys, language
        assert set(TEXTS[language]["terms"]) == set(TEXTS[Language.DE]["terms"]), language
        assert all(text.strip() for text in TEXTS[language]["prompts"].values()), language


@pytest.mark.parametrize("key", PromptKey)
def test_a_text_names_the_same_values_in_every_language(key: PromptKey) -> None:
    values = CATALOGUE[key].get("values", {})
    assert set(values.values()) <= set(VALUE_TYPES)
    for language in Language:
        named = PLACEHOLDER.findall(TEXTS[language]["prompts"][key])
        assert sorted(named) == sorted(values), language


@pytest.mark.parametrize("term", TEXTS[Language.DE]["terms"])
def test_a_word_has_the_same_places_in_every_language(term: str) -> None:
    named = [PLACEHOLDER.findall(TEXTS[language]["terms"][term]) for language in Language]
    assert all(sorted(places) == sorted(named[0]) for places in named)


def test_every_prompt_that_a_flow_can_say_can_be_read_out_in_every_language() -> None:
    """All that the walk over both tables reaches, its values of the right types."""
    catalogue = Catalogue.load(FOLDER)
    said = _said(SUPPORT_LINE, samples.support_events, samples.support_key)
    said |= _said(TECHNICIAN_LEG, samples.leg_events, samples.leg_key)
    said |= _said(FOLLOW_UP, samples.follow_up_events, samples.follow_up_key)
    said |= _said(ALERT_CALL, alert_samples.alert_events, alert_samples.alert_key)
    said |= _said(
        READINESS_CALL, readiness_samples.readiness_events, readiness_samples.readiness_key
    )
    said |= _said(
        RECORDING_CALL, recording_samples.recording_events, recording_samples.recording_key
    )
    for prompt in said:
        types = {
            name: VALUE_TYPES[kind]
            for name, kind in CATALOGUE[prompt.key].get("values", {}).items()
        }
        said_types = {name: type(value) for name, value in prompt.values if value != UNSAID}
        assert said_types.items() <= types.items(), prompt.key
        assert {name for name, _ in prompt.values} == set(types), prompt.key
        for language in Language:
            text = catalogue.text(Prompt(prompt.key, language, prompt.values))
            assert "{" not in text
            assert catalogue.pieces(Prompt(prompt.key, language, prompt.values))


def _said(flow: Any, events: Any, key: Any) -> set[Prompt]:
    return {
        prompt
        for edge in walk(flow, events, key)
        for action in edge.actions
        for prompt in getattr(action, "prompts", ())
    }


def test_every_prompt_is_said_by_somebody() -> None:
    used = {name for source in sources() for name in _prompt_keys(source)}
    assert {key.name for key in PromptKey} - used == set()


def _prompt_keys(source: Source) -> set[str]:
    return {
        node.attr
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "PromptKey"
    }


def all_texts(language: Language) -> dict[str, str]:
    """Prompts, words and mail texts."""
    words = TEXTS[language]
    return words["prompts"] | words["terms"] | {f"mail.{k}": v for k, v in MAIL[language].items()}


@pytest.mark.parametrize("language", Language)
def test_texts_are_clean(language: Language) -> None:
    for key, text in all_texts(language).items():
        assert "ß" not in text, key
        assert text == text.strip(), key
        assert "  " not in text, key
        assert not re.search(r"TODO|FIXME|XXX|lorem", text, re.IGNORECASE), key


@pytest.mark.parametrize("language", [Language.DE, Language.FR, Language.IT])
def test_no_english_is_left_over(language: Language) -> None:
    for key, text in all_texts(language).items():
        found = set(ENGLISH.findall(PLACEHOLDER.sub("", text).lower()))
        assert found <= WORDS_OF_THE_LANGUAGE[language], f"{key}: {text}"


def test_no_text_is_the_same_in_two_languages() -> None:
    seen: dict[tuple[str, str], Language] = {}
    for language in Language:
        for key, text in TEXTS[language]["prompts"].items():
            other = seen.setdefault((key, text), language)
            assert other is language, f"{key} is the same in {other} and {language}"


@pytest.mark.parametrize("texts", [MAIL, STATEMENT], ids=["mail", "statement"])
def test_mail_texts_are_the_same_in_every_language(texts: Any) -> None:
    assert set(texts) == set(Language)
    for language in Language:
        assert set(texts[language]) == set(texts[Language.DE])
        for key, text in texts[language].items():
            assert sorted(PLACEHOLDER.findall(text)) == sorted(
                PLACEHOLDER.findall(texts[Language.DE][key])
            )


def test_a_key_word_stands_for_each_key_and_language() -> None:
    """Flows build these names from keys and languages."""
    terms = set(TEXTS[Language.DE]["terms"])
    assert {f"digit_{digit}" for digit in range(10)} <= terms
    assert {f"language_{language}" for language in Language} <= terms
    assert {f"weekday_{day}" for day in range(7)} <= terms
