"""Dates: day, month by its name, year."""

import re
from collections.abc import Mapping

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


_UNTIL = {Language.DE: "bis", Language.FR: "au", Language.IT: "al", Language.EN: "to"}
_DASH = r"\s?[-–—]\s?"
_FIRST = rf"{_BEGIN}(?P<first>0?[1-9]|[12]\d|3[01])"
_BETWEEN = {
    Language.DE: rf"(?:\.?{_DASH}|\.?\s(?P<to>bis(?:\szum)?)\s|\.\s(?P<and>und|oder)\s)",
    Language.FR: rf"(?:er)?(?:\.?{_DASH}|\s(?P<to>au)\s)",
    Language.IT: rf"[°º]?(?:\.?{_DASH}|\s(?P<to>al\s|all['’]))",
    Language.EN: rf"(?:st|nd|rd|th)?(?:\.?{_DASH}|\s(?P<to>to|until|and)(?:\sthe)?\s)",
}
_IN_FIGURES = rf"{_DAY}\.\s?{_MONTH}\.(?:\s?{_SHORT_YEAR}|(?!\s?\d))"


def _spans(language: Language) -> list[re.Pattern[str]]:
    """Two days of one month, which stands behind the second; in English perhaps before the first."""
    named, *others = _named(language)
    ends = [named.pattern.removeprefix(_BEGIN), _IN_FIGURES]
    begin = _FIRST + _BETWEEN[language]
    forms = [begin + end for end in ends]
    if others:
        day = r"(?:st|nd|rd|th)?(?![\w:']|[.,]\d)"
        name = rf"(?<!\w)(?P<name>{'|'.join(MONTHS[language])})\s"
        forms.append(rf"{name}{begin.removeprefix(_BEGIN)}{_DAY}{day}(?:,?\s{_YEAR})?")
    return [re.compile(form) for form in forms]


_SPANS = {language: _spans(language) for language in Language}


def spans(text: str, tongue: Tongue) -> str:
    """ "5. bis 7. Dezember", "5-7 December", "5.-7.12.2026"."""
    for pattern in _SPANS[tongue.language]:
        text = rewrite(pattern, text, lambda match: _span(match, tongue))
    return text


def _span(match: re.Match[str], tongue: Tongue) -> str:
    found = match.groupdict()
    first, last = int(found["first"]), int(found["day"])
    link = (found.get("to") or found.get("and") or _UNTIL[tongue.language]).strip()
    month = _month(found, tongue)
    begin, end = _two_days(first, last, link, tongue, word_before(match))
    joined = end if tongue.language is Language.IT else f"{link} {end}"
    return _with_year(f"{begin} {joined} {month}", found, tongue)


def _two_days(first: int, last: int, link: str, tongue: Tongue, before: str) -> tuple[str, str]:
    match tongue.language:
        case Language.DE:
            ending = "en" if before == "bis" else german_ending(before, Gender.MASCULINE)
            other = "en" if link.endswith("zum") else ending
            return f"{ordinal(first, tongue)}{ending}", f"{ordinal(last, tongue)}{other}"
        case Language.EN:
            article = "" if before == "the" else "the "
            return f"{article}{ordinal(first, tongue)}", f"the {ordinal(last, tongue)} of"
        case Language.FR:
            return _plain_day(first, tongue), _plain_day(last, tongue)
        case Language.IT:
            end = _plain_day(last, tongue)
            return _plain_day(first, tongue), f"all'{end}" if end[0] in "ou" else f"al {end}"


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
    words = _day(int(found["day"]), _month(found, tongue), tongue, word_before(match))
    return _with_year(words, found, tongue)


def _month(found: Mapping[str, str | None], tongue: Tongue) -> str:
    return found.get("name") or MONTHS[tongue.language][int(found["month"] or 1) - 1]


def _with_year(words: str, found: Mapping[str, str | None], tongue: Tongue) -> str:
    pause = "," if found.get("time") else ""
    if not (written := found.get("year")):
        return words
    number = int(written)
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
            return f"{_plain_day(day, tongue)} {month}"


def _plain_day(day: int, tongue: Tongue) -> str:
    return ordinal(1, tongue) if day == 1 else cardinal(day, tongue)
