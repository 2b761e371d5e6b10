"""Dates: day, month by its name, year."""

import re

from ivr.callflow.prompts import Language
from ivr.voice.normalise.counted import german_ending
from ivr.voice.normalise.numbers import Gender, Tongue, cardinal, ordinal, year
from ivr.voice.normalise.plain import rewrite, word_before

MONTHS = {
    Language.DE: (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    Language.FR: (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    Language.IT: (
        *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
        *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
    ),
    Language.EN: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_AM = {"am", "vom", "zum", "bis", "ab", "seit", "dem", "den", "le", "du", "au", "dès", "il", "al",
       "dal", "del", "on", "until", "since", "from", "by"}  # fmt: skip
"""Words before a day: without one of them, 29.3. may be anything."""
_CENTURY = 2000
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d|[.,:']\d)"
_SHORT_YEAR = r"(?P<year>(?:19|20)?\d\d)(?!\d|[.,:']\d)"
_ANY_FORM = [
    re.compile(rf"(?<![\w.-])(?P<year>(?:19|20)\d\d)-{_MONTH}-{_DAY}(?!\d|-)(?P<time>T(?=\d))?"),
    re.compile(rf"(?<![\w.]){_DAY}\.\s?{_MONTH}\.\s?{_SHORT_YEAR}"),
    re.compile(rf"(?<![\w.]){_DAY}/{_MONTH}/{_SHORT_YEAR}"),
]
_WITHOUT_YEAR = re.compile(rf"(?<![\w.]){_DAY}\.\s?{_MONTH}\.(?!\s?\d)")
_BEGIN = r"(?<![\w.,'])"


def _named(language: Language) -> list[re.Pattern[str]]:
    name = rf"(?P<name>{'|'.join(MONTHS[language])})(?!\w)"
    rest = rf"(?:\s{_YEAR})?"
    forms = {
        Language.DE: [rf"{_BEGIN}{_DAY}\.\s?{name}{rest}"],
        Language.FR: [rf"{_BEGIN}{_DAY}(?:er)?\s{name}{rest}"],
        Language.IT: [rf"{_BEGIN}{_DAY}[°º]?\s{name}{rest}"],
        Language.EN: [
            rf"{_BEGIN}{_DAY}(?:st|nd|rd|th)?\s(?:of\s)?{name}{rest}",
            rf"(?<!\w){name}\s{_DAY}(?:st|nd|rd|th)?(?![\w:']|[.,]\d)(?:,?\s{_YEAR})?",
        ],
    }
    return [re.compile(form) for form in forms[language]]


_NAMED = {language: _named(language) for language in Language}


def dates(text: str, tongue: Tongue) -> str:
    """29.3.2026, 2026-03-29, "29. März"; without a year only after a word like "am"."""
    for pattern in (*_ANY_FORM, *_NAMED[tongue.language]):
        text = rewrite(pattern, text, lambda match: _said(match, tongue))
    return rewrite(
        _WITHOUT_YEAR,
        text,
        lambda match: _said(match, tongue) if word_before(match) in _AM else None,
    )


def _said(match: re.Match[str], tongue: Tongue) -> str:
    found = match.groupdict()
    months = MONTHS[tongue.language]
    month = found.get("name") or months[int(found["month"]) - 1]
    words = _day(int(found["day"]), month, tongue, word_before(match))
    pause = "," if found.get("time") else ""
    if not found.get("year"):
        return words
    number = int(found["year"])
    return f"{words} {year(number if number > 99 else _CENTURY + number, tongue)}{pause}"


def _day(day: int, month: str, tongue: Tongue, before: str) -> str:
    match tongue.language:
        case Language.DE:
            ending = "en" if before == "bis" else german_ending(before, Gender.MASCULINE)
            return f"{ordinal(day, tongue)}{ending} {month}"
        case Language.EN:
            article = "" if before == "the" else "the "
            return f"{article}{ordinal(day, tongue)} of {month}"
        case _:
            first = ordinal(1, tongue)
            return f"{first if day == 1 else cardinal(day, tongue)} {month}"
