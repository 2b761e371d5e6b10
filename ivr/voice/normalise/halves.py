"""Halves: ½ and 1/2 of what is counted, 1½ of anything."""

import re

from ivr.callflow.prompts import Language
from ivr.voice.normalise.counted import agreeing
from ivr.voice.normalise.numbers import Gender, Tongue, cardinal
from ivr.voice.normalise.plain import rewrite, word_before

M, F, N = Gender.MASCULINE, Gender.FEMININE, Gender.NEUTER
_BEGIN = r"(?<![\w.,:'/])"
_MANY = r"(?P<many>\d{1,3})(?:\s(?=1/)|\s?(?=½))"
_HALF = r"(?:½|1/2)(?!\d|/|[.,:]\d)"
_THINGS = {
    Language.DE: (
        ("Stunde", "Stunden", F, r"h|[Ss]td\.?|Stunden?"),
        ("Minute", "Minuten", F, "[Mm]in|Minuten?"),
        ("Tag", "Tage", M, "Tage?"),
        ("Tagen", "Tagen", M, "Tagen"),
        ("Jahr", "Jahre", N, "Jahre?"),
        ("Einheit", "Einheiten", F, "Einheit(?:en)?"),
    ),
    Language.FR: (
        ("heure", "heures", F, "h|heures?"),
        ("minute", "minutes", F, "min|minutes?"),
        ("journée", "journées", F, "journées?"),
        ("jour", "jours", M, "jours?"),
        ("unité", "unités", F, "unités?"),
    ),
    Language.IT: (
        ("ora", "ore", F, "h|or[ae]"),
        ("minuto", "minuti", M, "min|minut[oi]"),
        ("giornata", "giornate", F, "giornat[ae]"),
        ("giorno", "giorni", M, "giorn[oi]"),
        ("unità", "unità", F, "unità"),
    ),
    Language.EN: (
        ("hour", "hours", M, "h|hrs?|hours?"),
        ("minute", "minutes", M, "min|minutes?"),
        ("day", "days", M, "days?"),
        ("unit", "units", M, "units?"),
    ),
}
_FORMS = {
    language: [
        (re.compile(rf"{_BEGIN}(?:{_MANY})?{_HALF}[\s-]?(?:{forms})(?!\w|/)"), one, many, gender)
        for one, many, gender, forms in _THINGS[language]
    ]
    for language in Language
}
_ALONE = re.compile(rf"{_BEGIN}{_MANY}{_HALF}(?!\w)")
_VOWELS = tuple("aeiou")
_NO_ARTICLE = {
    Language.DE: {"eine", "die", "jede", "je", "pro", "angebrochene", "angefangene", "weitere"},
    Language.FR: {"une", "un", "la", "chaque", "par", "première"},
    Language.EN: {"a", "the", "per", "every", "each"},
}
_GERMAN_OBLIQUE = {"einer", "der", "jeder", "angebrochenen", "angefangenen", "weiteren", "einem",
                   "einen", "dem", "den", "jedem", "jeden"}  # fmt: skip
_DATIVE = {"in", "innert", "innerhalb", "binnen", "nach", "vor", "seit", "ab", "von", "mit", "aus"}
_ACCUSATIVE = {"für", "um", "gegen", "ohne", "dauert"}


def halves(text: str, tongue: Tongue) -> str:
    """Half an hour, one and a half hours; of a half that nothing is counted by, nothing is said."""
    for pattern, one, many, gender in _FORMS[tongue.language]:
        text = rewrite(pattern, text, lambda match: _said(match, one, many, gender, tongue))  # noqa: B023
    return rewrite(_ALONE, text, lambda match: _and_a_half(int(match["many"]), tongue))


def _said(match: re.Match[str], one: str, many: str, gender: Gender, tongue: Tongue) -> str:
    if match["many"] and int(match["many"]):
        return _more(int(match["many"]), one, many, gender, tongue)
    before = word_before(match)
    match tongue.language:
        case Language.DE:
            return _german(one, gender, before)
        case Language.FR:
            article = "" if before in _NO_ARTICLE[Language.FR] else "une " if gender is F else "un "
            return f"demi {many}" if before == "les" else f"{article}demi {one}"
        case Language.IT:
            whole = "mezza" if gender is F else "mezzo"
            return f"mezz'{one}" if one.startswith(_VOWELS) and gender is F else f"{whole} {one}"
        case Language.EN:
            article = "an" if one == "hour" else "a"
            bare = before in _NO_ARTICLE[Language.EN]
            return f"half {one}" if bare else f"half {article} {one}"


def _more(number: int, one: str, many: str, gender: Gender, tongue: Tongue) -> str:
    """ "zweieinhalb Stunden", "deux heures et demie", "due ore e mezza"."""
    if tongue.language in (Language.DE, Language.EN):
        return f"{_and_a_half(number, tongue)} {many}"
    counted = agreeing(number, one, many, gender, tongue, "")
    if tongue.language is Language.FR:
        return f"{counted} et {'demie' if gender is F else 'demi'}"
    return f"{counted} e {'mezza' if gender is F else 'mezzo'}"


def _and_a_half(number: int, tongue: Tongue) -> str:
    match tongue.language:
        case Language.DE:
            return f"{cardinal(number, tongue, M)}einhalb"
        case Language.FR:
            return f"{cardinal(number, tongue)} et demi"
        case Language.IT:
            return f"{cardinal(number, tongue)} e mezzo"
        case Language.EN:
            return f"{cardinal(number, tongue)} and a half"


def _german(one: str, gender: Gender, before: str) -> str:
    """ "eine halbe Stunde", "in einem halben Tag", "pro angebrochene halbe Stunde"."""
    if before in _GERMAN_OBLIQUE:
        return f"halben {one}"
    if gender is F and before in _NO_ARTICLE[Language.DE]:
        return f"halbe {one}"
    if before in _DATIVE:
        return f"{'einer' if gender is F else 'einem'} halben {one}"
    if gender is M:
        return f"einen halben {one}" if before in _ACCUSATIVE else f"ein halber {one}"
    return f"eine halbe {one}" if gender is F else f"ein halbes {one}"
