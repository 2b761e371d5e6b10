"""What is wrong with the texts of a folder `prompts/`, each in a sentence that says what to do.

Nothing of it may stop at the first mistake, as the start of the line does: whoever translates wants to
see all of them at once.
"""

from collections.abc import Generator, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.callflow.prompts import Language, PromptKey
from ivr.errors import ConfigurationError
from ivr.resources import load_yaml
from ivr.voice.usage import where_used
from ivr.wording.templates import faults_of

DESCRIPTIONS = "catalogue.yaml"
LEXICON = "lexicon.yaml"
_LANGUAGE_LETTERS = 2

_FAULTS = {
    "text_empty": "the text is empty: write it",
    "text_too_long": "the text has {length} characters and may have {most}: say it in fewer words",
    "markup": "{found!r} is markup, which an engine obeys or reads aloud: write words only",
    "unprintable": "{found} cannot be spoken: take it out",
    "price_written": "{found!r} is a price that no price change would change: use a money value",
    "braces": "braces stand only around the name of a value: write {{name}}",
    "unknown_variable": "there is no value {{{name}}}: it has only those of catalogue.yaml",
    "missing_variable": "the value {{{name}}} is not in the text: put it where it is to be said",
    "variable_twice": "the value {{{name}}} stands there twice: say it once",
}


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing to be put right: a code, where it is, and what to do."""

    code: str
    where: str
    words: str

    def __str__(self) -> str:
        return f"{self.where}: {self.words}"


def text_defects(folder: Path, most: int, names: Set[str] = frozenset()) -> Iterator[Defect]:
    """All defects of the texts; `names` are further words the lexicon may be for."""
    described = yield from _read(folder / DESCRIPTIONS)
    texts: dict[Language, Mapping[str, Any]] = {}
    for language in Language:
        found = yield from _read(folder / f"{language}.yaml")
        if found is not None:
            texts[language] = found
    yield from _unknown_languages(folder)
    if described is not None:
        yield from _keys(DESCRIPTIONS, set(described), {str(key) for key in PromptKey})
        yield from _unused(described)
        for language, found in texts.items():
            yield from _keys(f"{language}.yaml", set(found), set(described))
            yield from _of_language(language, found, described, most)
        yield from _untranslated(texts, described)
    yield from _lexicon(folder, texts, names)


def faults_in(where: str, text: object, variables: Set[str], most: int) -> Iterator[Defect]:
    """What is wrong with one text, shipped or an admin's."""
    if not isinstance(text, str):
        yield Defect("no_text", where, "this is no text: put it in quotation marks")
        return
    for code, values in faults_of(text, variables, most):
        yield Defect(code, where, _FAULTS[code].format_map(values))
    if "ß" in text:
        yield Defect("sharp_s", where, 'Swiss German has no "ß": write "ss"')


def _read(path: Path) -> Generator[Defect, None, Mapping[str, Any] | None]:
    """The part `prompts` of a document, or a defect and None."""
    try:
        document = load_yaml(path)
    except ConfigurationError as error:
        yield Defect("unreadable", path.name, f"cannot be read: {error}")
        return None
    found = document.get("prompts") if isinstance(document, dict) else None
    if not isinstance(found, dict):
        yield Defect(
            "unreadable", path.name, "has no list `prompts` of texts by their keys: add it"
        )
        return None
    return found


def _unknown_languages(folder: Path) -> Iterator[Defect]:
    known = ", ".join(Language)
    places = [path for path in folder.glob("*.yaml") if len(path.stem) == _LANGUAGE_LETTERS]
    places += [path for path in (folder / "recordings").glob("*") if path.is_dir()]
    for path in sorted(places):
        if path.stem not in list(Language):
            words = f"the line speaks {known} and not {path.stem!r}: take it away"
            yield Defect("unknown_language", path.relative_to(folder).as_posix(), words)


def _keys(where: str, found: Set[str], expected: Set[str]) -> Iterator[Defect]:
    for key in sorted(expected - found):
        yield Defect("missing_key", f"{where}: {key}", "is missing: write it")
    for key in sorted(found - expected):
        yield Defect("unknown_key", f"{where}: {key}", "no such prompt exists: take it out")


def _unused(described: Mapping[str, Any]) -> Iterator[Defect]:
    used = where_used()
    for key in described:
        if key in list(PromptKey) and key not in used:
            words = "nobody says it: take it out of the catalogue and of every language"
            yield Defect("unused_key", f"{DESCRIPTIONS}: {key}", words)


def _of_language(
    language: Language, texts: Mapping[str, Any], described: Mapping[str, Any], most: int
) -> Iterator[Defect]:
    for key, text in texts.items():
        if key in described:
            variables = set(described[key].get("values", {}))
            yield from faults_in(f"{language}.yaml: {key}", text, variables, most)


def _untranslated(
    texts: Mapping[Language, Mapping[str, Any]], described: Mapping[str, Any]
) -> Iterator[Defect]:
    """What is meant to be the same says so: `same: true` in the catalogue."""
    seen: dict[tuple[str, str], Language] = {}
    for language, found in texts.items():
        for key, text in found.items():
            first = seen.setdefault((key, str(text)), language)
            if first is not language and not described.get(key, {}).get("same"):
                words = f"is the same as in {first}.yaml: translate it, or mark it `same: true`"
                yield Defect("untranslated", f"{language}.yaml: {key}", words)


def _lexicon(
    folder: Path, texts: Mapping[Language, Mapping[str, Any]], names: Set[str]
) -> Iterator[Defect]:
    """A word that is written nowhere needs no other spelling."""
    try:
        lexicon = load_yaml(folder / LEXICON) or {}
    except ConfigurationError as error:
        yield Defect("unreadable", LEXICON, f"cannot be read: {error}")
        return
    for language, entries in lexicon.items():
        if language not in list(Language):
            words = f"the line does not speak {language!r}: take it away"
            yield Defect("unknown_language", f"{LEXICON}: {language}", words)
        if language not in texts:
            continue
        said = [*texts[language].values(), *_terms(folder, language), *names]
        for written in entries:
            if not any(written in str(text) for text in said):
                words = f"{written!r} is written nowhere: take it out"
                yield Defect("lexicon_unused", f"{LEXICON}: {language}", words)


def _terms(folder: Path, language: str) -> list[str]:
    return list((load_yaml(folder / f"{language}.yaml").get("terms") or {}).values())
