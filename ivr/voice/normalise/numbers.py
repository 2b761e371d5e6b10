"""Whole numbers, ordinals and decimals in words: num2words, put right where it is wrong."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Literal

import num2words as library  # type: ignore[import-untyped]

from ivr.callflow.prompts import Language

GROUPED = r"(?:\d{1,3}(?:'\d{3}){1,3}|\d{1,9})(?!\d|'\d)"
"""A whole number below 10^12, with or without the Swiss thousands' apostrophe."""
FRACTION = r"(?:[.,](?P<fraction>\d{1,9})(?![\d']|[.,]\d))"
START = r"(?<![\w'])(?<!\d[.,:])"
"""Where a number may begin: not inside a word or another number."""
NUMBER = rf"{START}(?P<whole>{GROUPED}){FRACTION}?(?![.,:]\d)"


@dataclass(frozen=True, slots=True)
class Habits:
    """What differs from canton to canton: 80 in French."""

    french_eighty: Literal["huitante", "quatre-vingts"] = "huitante"


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language and the habits of those who hear it."""

    language: Language
    habits: Habits = Habits()


class Gender(Enum):
    """Of the noun that is counted; ALONE where a number stands for itself."""

    ALONE = "alone"
    MASCULINE = "m"
    FEMININE = "f"
    NEUTER = "n"


DIGITS = {
    Language.DE: [
        "null",
        "eins",
        "zwei",
        "drei",
        "vier",
        "fünf",
        "sechs",
        "sieben",
        "acht",
        "neun",
    ],
    Language.FR: ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
    Language.IT: ["zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"],
    Language.EN: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}
POINT = {Language.DE: "Komma", Language.FR: "virgule", Language.IT: "virgola", Language.EN: "point"}
_LIBRARY = {Language.DE: "de", Language.FR: "fr_CH", Language.IT: "it", Language.EN: "en_GB"}


def whole(written: str) -> int:
    """The number that is written, the apostrophes left out."""
    return int(written.replace("'", ""))


def one_by_one(written: str, tongue: Tongue) -> str:
    """Each digit for itself."""
    names = DIGITS[tongue.language]
    return " ".join(names[int(digit)] for digit in written if digit.isdecimal())


@lru_cache(maxsize=4096)
def cardinal(number: int, tongue: Tongue, gender: Gender = Gender.ALONE) -> str:
    """The number in words, as it stands before a noun of that gender."""
    words = str(library.num2words(number, lang=_LIBRARY[tongue.language]))
    match tongue.language:
        case Language.DE:
            return _german(words, gender)
        case Language.FR:
            return _french(words, tongue.habits, gender)
        case Language.IT:
            return _italian(words, gender)
        case Language.EN:
            return _without_and(words)


def ordinal(number: int, tongue: Tongue) -> str:
    """The rank in words: "erst" without its ending, "premier", "primo", "first"."""
    words = str(library.num2words(number, lang=_LIBRARY[tongue.language], to="ordinal"))
    match tongue.language:
        case Language.DE:
            return _german_spelling(words).removesuffix("e")
        case Language.FR if tongue.habits.french_eighty == "quatre-vingts":
            words = words.replace("huitante et un", "huitante-un")
            return re.sub(r"huitant(?:e(?=-)|(?=ième))", "quatre-vingt", words).replace("-", " ")
        case Language.FR:
            return words.replace("-", " ")
        case _:
            return _without_and(words)


def year(number: int, tongue: Tongue) -> str:
    """A year of a date: "twenty twenty-six"; only English and German know such words."""
    if tongue.language in (Language.DE, Language.EN):
        words = str(library.num2words(number, lang=tongue.language.value, to="year"))
        return _german_spelling(words) if tongue.language is Language.DE else _without_and(words)
    return cardinal(number, tongue)


def decimal(written: str, fraction: str | None, tongue: Tongue) -> str:
    """A number with what stands behind its point, in French and Italian as a number of its own."""
    words = cardinal(whole(written), tongue)
    if not fraction:
        return words
    as_number = tongue.language in (Language.FR, Language.IT)
    if as_number and len(fraction) <= 2 and not fraction.startswith("0"):
        return f"{words} {POINT[tongue.language]} {cardinal(int(fraction), tongue)}"
    return f"{words} {POINT[tongue.language]} {one_by_one(fraction, tongue)}"


def _without_and(words: str) -> str:
    """Of English "two hundred and ten", two numbers are heard: 200 and 10."""
    return words.replace(",", "").replace(" and ", " ")


def _german_spelling(words: str) -> str:
    """No "ß"; a gap after "hundert" and "tausend", without which the long words blur.

    "einhunderteinstausend" is what the library makes of 101'000.
    """
    words = words.replace("ß", "ss").replace("einstausend", "eintausend")
    words = re.sub(r"^ein(?=hundert)", "", words)
    return re.sub(r"(hundert|tausend)(?!ste\b)(?=\w)", r"\1 ", words)


def _german(words: str, gender: Gender) -> str:
    words = _german_spelling(words)
    if gender is Gender.ALONE or not words.endswith("eins"):
        return words
    return "eine" if words == "eins" and gender is Gender.FEMININE else words.removesuffix("s")


def _french(words: str, habits: Habits, gender: Gender) -> str:
    """Without hyphens: "soixante-deux" is one word to the engine, and one it does not know."""
    words = words.replace("un millions", "un million").replace("un milliards", "un milliard")
    words = re.sub(r"\bcents (?!millions|milliards)", "cent ", words)
    if habits.french_eighty == "quatre-vingts":
        words = words.replace("huitante et un", "huitante-un")
        words = re.sub(r"huitante(?=-| mille\b)", "quatre-vingt", words)
        words = words.replace("huitante", "quatre-vingts")
    words = words.replace("-", " ")
    return re.sub(r"\bun$", "une", words) if gender is Gender.FEMININE else words


def _italian(words: str, gender: Gender) -> str:
    if words != "uno" or gender is Gender.ALONE:
        return words
    return "una" if gender is Gender.FEMININE else "un"
