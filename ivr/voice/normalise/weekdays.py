"""Days of the week in opening hours: "Mo-Fr 8-12 Uhr" names no francs."""

import re

from ivr.callflow.prompts import Language
from ivr.voice.normalise.numbers import Tongue
from ivr.voice.normalise.plain import TO

DAYS = {
    Language.DE: ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    Language.FR: ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    Language.IT: ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
LETTERS = {Language.DE: (2,), Language.FR: (2, 3), Language.IT: (2, 3), Language.EN: (2, 3)}
"""How short a day is written."""

_CAPITALS = (Language.DE, Language.EN)
"""Where a day is always written with one, and "so-so" is none."""


def _by_form(language: Language) -> dict[str, str]:
    """A day by each way to write it; where two begin alike, only the longer form is taken."""
    short = [(day[:count].lower(), day) for day in DAYS[language] for count in LETTERS[language]]
    forms = [form for form, _ in short]
    return {form: day for form, day in short if forms.count(form) == 1} | {
        day.lower(): day for day in DAYS[language]
    }


_FORMS = {language: _by_form(language) for language in Language}


def _range(language: Language) -> re.Pattern[str]:
    day = "|".join(sorted(_FORMS[language], key=len, reverse=True))
    between = rf"(?:\s?[-–]\s?|\s{TO[language]}\s)"
    return re.compile(rf"(?<!\w)({day})\.?{between}({day})(?!\w)\.?", re.IGNORECASE)


_RANGES = {language: _range(language) for language in Language}


def weekdays(text: str, tongue: Tongue) -> str:
    """From one day to another, in full."""
    forms, to = _FORMS[tongue.language], TO[tongue.language]

    def said(match: re.Match[str]) -> str:
        if tongue.language in _CAPITALS and not match[2][0].isupper():
            return match[0]
        return f"{forms[match[1].lower()]} {to} {forms[match[2].lower()]}"

    return _RANGES[tongue.language].sub(said, text)
