"""Numbers that count something: durations and other things, percents, ranks."""

import re
from dataclasses import dataclass
from functools import partial

from ivr.callflow.prompts import Language
from ivr.voice.normalise.numbers import (
    NUMBER,
    Gender,
    Tongue,
    cardinal,
    decimal,
    ordinal,
    whole,
)
from ivr.voice.normalise.plain import rewrite, word_before

M, F, N = Gender.MASCULINE, Gender.FEMININE, Gender.NEUTER
_STOP = r"(?:\.(?=\s[^\W\dA-ZÀ-Þ_]))?"
"""The point of an abbreviation; one that may end the sentence stays."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Short forms of a thing that is counted, and what is said for one and for many."""

    short: str
    one: str
    many: str
    gender: Gender


UNITS = {
    Language.DE: (
        Unit("[Mm]in", "Minute", "Minuten", F),
        Unit("h|[Ss]td", "Stunde", "Stunden", F),
        Unit("s|[Ss]ek", "Sekunde", "Sekunden", F),
    ),
    Language.FR: (
        Unit("min|mn", "minute", "minutes", F),
        Unit("h", "heure", "heures", F),
        Unit("s|sec", "seconde", "secondes", F),
    ),
    Language.IT: (
        Unit("min", "minuto", "minuti", M),
        Unit("h", "ora", "ore", F),
        Unit("s|sec", "secondo", "secondi", M),
    ),
    Language.EN: (
        Unit("mins?", "minute", "minutes", M),
        Unit("h|hrs?", "hour", "hours", M),
        Unit("s|secs?", "second", "seconds", M),
    ),
}
NOUNS = {
    Language.DE: {
        F: r"Minuten?|Stunden?|Sekunden?|Wochen?|(?:Gratis-)?Einheit(?:en)?|Karten?|Störung(?:en)?"
        r"|Nachricht(?:en)?|Person(?:en)?|Tasten?",
        M: r"Tag(?:en?|es)?|Monat(?:en?|s)?|Rappen|Cent|Fall|Fällen?|Anruf(?:en?)?|Techniker"
        r"|Kunden?|weitere[rn]? F[aä]ll(?:en?)?",
        N: r"Jahr(?:en?)?|Tickets?|Mal",
    },
    Language.FR: {
        F: r"minutes?|heures?|secondes?|semaines?|années?|unités?|personnes?|fois|cartes?|pannes?",
        M: r"jours?|mois|ans?|centimes?|cas|autres? cas|appels?|techniciens?|clients?|tickets?",
    },
    Language.IT: {
        F: r"or[ae]|settiman[ae]|unità|person[ae]|volt[ae]|chiamat[ae]|sched[ae]",
        M: r"minut[oi]|second[oi]|giorn[oi]|mes[ei]|ann[oi]|centesim[oi]|cas[oi]|tecnic[oi]"
        r"|clienti?|ticket",
    },
    Language.EN: {
        M: r"minutes?|hours?|seconds?|days?|weeks?|months?|years?|centimes?|cents?|units?|cases?"
        r"|tickets?|calls?"
    },
}
UNIT_WORDS = {
    language: "|".join([*(unit.short for unit in UNITS[language]), *NOUNS[language].values()])
    for language in Language
}
PERCENT = {
    Language.DE: "Prozent",
    Language.FR: "pour cent",
    Language.IT: "per cento",
    Language.EN: "percent",
}
_PERCENTS = re.compile(rf"{NUMBER}\s?%")
_SHORT = {
    language: [
        (re.compile(rf"{NUMBER}\s?(?:{unit.short})(?![^\W\d]|/){_STOP}"), unit)
        for unit in UNITS[language]
    ]
    for language in Language
}
_NAMED = {
    language: [
        (re.compile(rf"{NUMBER}\s(?P<noun>(?:{nouns})(?!\w))"), gender)
        for gender, nouns in NOUNS[language].items()
    ]
    for language in Language
}
_DATIVE = {"in", "innert", "innerhalb", "binnen", "nach", "vor", "seit", "ab", "von", "mit", "bei",
           "zu", "aus"}  # fmt: skip
_ACCUSATIVE = {"für", "um", "gegen", "ohne", "pro", "kostet", "kosten", "dauert"}
_ITALIAN_HALF = re.compile(
    rf"(\d\s?(?:h|or[ae]))\s?(?=[0-5]\d(?![\d'%]|[.,:]\d|\s?(?:{UNIT_WORDS[Language.IT]})(?!\w)))"
)
"""Of an hour: "un'ora e trenta"."""
_MILLIONS = re.compile(r"(?:million|milliard)e?s?$|mili(?:one|oni|ardo|ardi)$")
_VOWELS = tuple("aeiou")


def agreeing(number: int, one: str, many: str, gender: Gender, tongue: Tongue, before: str) -> str:
    """A number with its noun: "eine Minute", "vingt et une minutes", "un'ora", "un milione di"."""
    language = tongue.language
    noun = one if number == 1 or (number == 0 and language is Language.FR) else many
    if number == 1 and language is Language.DE:
        return f"{_german_one(gender, before)} {noun}"
    words = cardinal(number, tongue, gender)
    if words == "una" and noun.lower().startswith(_VOWELS):
        return f"un'{noun}"
    if language in (Language.FR, Language.IT) and _MILLIONS.search(words):
        words += " de" if language is Language.FR else " di"
    return f"{words} {noun}"


def _german_one(gender: Gender, before: str) -> str:
    if before in _DATIVE:
        return "einer" if gender is F else "einem"
    if before in _ACCUSATIVE and gender is M:
        return "einen"
    return "eine" if gender is F else "ein"


def percents(text: str, tongue: Tongue) -> str:
    """8.1 %."""
    name = PERCENT[tongue.language]
    return rewrite(_PERCENTS, text, lambda match: f"{_number(match, tongue)} {name}")


def counted_things(text: str, tongue: Tongue) -> str:
    """90 min, 1 Stunde 30, 81 minutes."""
    if tongue.language is Language.IT:
        text = _ITALIAN_HALF.sub(r"\1 e ", text)
    for pattern, unit in _SHORT[tongue.language]:
        text = rewrite(pattern, text, partial(_short, unit=unit, tongue=tongue))
    for pattern, gender in _NAMED[tongue.language]:
        text = rewrite(pattern, text, partial(_named, gender=gender, tongue=tongue))
    return text


def _short(match: re.Match[str], unit: Unit, tongue: Tongue) -> str:
    if match["fraction"]:
        return f"{_number(match, tongue)} {unit.many}"
    number, before = whole(match["whole"]), word_before(match)
    return agreeing(number, unit.one, unit.many, unit.gender, tongue, before)


def _named(match: re.Match[str], gender: Gender, tongue: Tongue) -> str:
    noun = match["noun"]
    if match["fraction"]:
        return f"{_number(match, tongue)} {noun}"
    return agreeing(whole(match["whole"]), noun, noun, gender, tongue, word_before(match))


def _number(match: re.Match[str], tongue: Tongue) -> str:
    return decimal(match["whole"], match["fraction"], tongue)


# Ranks --------------------------------------------------------------------------------------------

_RANK = r"(?<![\w.,:'])(?P<rank>\d{1,3})"
_RANKED_NOUNS = {
    M: r"Stock|Anruf|Techniker|Tag|Versuch|Platz",
    F: r"Etage|Klasse|Stufe|Stunde|Woche|Nachricht",
    N: r"Stockwerk|Obergeschoss|Untergeschoss|Quartal|Mal|OG|UG",
}
_RANKS = {
    Language.FR: re.compile(rf"{_RANK}(?P<end>ers?|res?|ères?|[eè]mes?|ièmes?|es?|nde?s?)(?!\w)"),
    Language.IT: re.compile(rf"{_RANK}(?P<end>[°ºª])(?!\s?C)"),
    Language.EN: re.compile(rf"{_RANK}(?P<end>st|nd|rd|th)(?!\w)"),
}
_GERMAN_RANKS = [
    (re.compile(rf"{_RANK}\.\s?(?P<noun>(?:{nouns})(?!\w))"), gender)
    for gender, nouns in _RANKED_NOUNS.items()
]
_STRONG = {M: "er", F: "e", N: "es"}
_WEAK = {"dem", "den", "des", "im", "am", "vom", "zum", "beim", "zur", "ab", "seit", "ins"}


def ordinals(text: str, tongue: Tongue) -> str:
    """2e, 1re, 3°, 2nd; in German, where a point also ends a sentence, before known nouns."""
    if tongue.language is not Language.DE:
        return rewrite(_RANKS[tongue.language], text, lambda match: _rank(match, tongue))
    for pattern, gender in _GERMAN_RANKS:
        text = rewrite(pattern, text, partial(_german, gender=gender, tongue=tongue))
    return text


def _rank(match: re.Match[str], tongue: Tongue) -> str | None:
    if not int(match["rank"]):
        return None
    words = ordinal(int(match["rank"]), tongue)
    if match["end"] in {"re", "res", "ère", "ères"}:
        return words.replace("premier", "première")
    return words[:-1] + "a" if match["end"] == "ª" else words


def _german(match: re.Match[str], gender: Gender, tongue: Tongue) -> str:
    stem = ordinal(int(match["rank"]), tongue)
    return f"{stem}{german_ending(word_before(match), gender)} {match['noun']}"


def german_ending(before: str, gender: Gender) -> str:
    """The ending of an adjective after the word before it."""
    if before in _WEAK or (before == "der" and gender is F):
        return "en"
    return "e" if before in {"der", "die", "das", "eine", "diese", "dieser"} else _STRONG[gender]
