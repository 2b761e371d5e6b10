"""Times of the day; all are times of a 24-hour clock."""

import re

from ivr.callflow.prompts import Language
from ivr.voice.normalise.counted import UNIT_WORDS
from ivr.voice.normalise.numbers import START, Gender, Tongue, cardinal
from ivr.voice.normalise.plain import rewrite

_HOUR = r"(?P<hour>2[0-4]|1\d|0?\d)"
_MINUTE = r"(?P<minute>[0-5]\d)(?!\d|[.:]\d)"
NOON, MIDNIGHT, TEN = 12, (0, 24), 10
_AT_ONE = {"alle": "all'una", "dalle": "dall'una", "le": "l'una"}


def _loose(language: Language) -> str:
    """Minutes after a spoken hour: not the number of something else."""
    return rf"(?P<loose>[0-5]?\d)(?![\d'%]|[.,:]\d|\s?(?:%|{UNIT_WORDS[language]})(?!\w))"


_PATTERNS = {
    Language.DE: [
        rf"{START}{_HOUR}:{_MINUTE}(?:\s?(?:Uhr|h)(?!\w))?",
        rf"{START}{_HOUR}\.{_MINUTE}\s?(?:Uhr|h)(?!\w)",
        rf"{START}{_HOUR}\s?Uhr\s{_loose(Language.DE)}",
        rf"{START}{_HOUR}\s?Uhr(?!\w)",
    ],
    Language.FR: [
        rf"{START}{_HOUR}:{_MINUTE}(?:\s?(?:heures?|h)(?!\w))?",
        rf"{START}{_HOUR}\s?(?:h|heures?)\s?{_loose(Language.FR)}",
        rf"{START}{_HOUR}\s?(?:h|heures?)(?!\w|\sminutes)",
    ],
    Language.IT: [
        rf"(?:(?<!\w)(?P<at>alle|dalle|le|ore)\s)?{START}{_HOUR}:{_MINUTE}(?:\s?(?:ore|h)(?!\w))?",
        rf"(?<!\w)(?P<at>alle|dalle|le|ore)\s{_HOUR}(?:\.|\se\s){_MINUTE}",
        rf"(?<!\w)(?P<at>alle|dalle|le|ore)\s{_HOUR}(?![\d'%]|[.,:]\d)",
    ],
    Language.EN: [
        rf"{START}{_HOUR}:{_MINUTE}(?:\s?(?:hours|hrs|h)(?!\w))?",
        rf"(?<=\bat\s){_HOUR}\.{_MINUTE}(?!\s?%)",
    ],
}
_COMPILED = {
    language: [re.compile(pattern) for pattern in patterns]
    for language, patterns in _PATTERNS.items()
}


def times(text: str, tongue: Tongue) -> str:
    """07:30, "7.30 Uhr", "7 h 30", "alle 7 e 30"."""
    for pattern in _COMPILED[tongue.language]:
        text = rewrite(pattern, text, lambda match: _said(match, tongue))
    return text


def _said(match: re.Match[str], tongue: Tongue) -> str:
    found = match.groupdict()
    hour = int(found["hour"])
    minute = int(found.get("minute") or found.get("loose") or 0)
    match tongue.language:
        case Language.DE:
            return _german(hour, minute, tongue)
        case Language.FR:
            return _french(hour, minute, tongue)
        case Language.IT:
            return _italian(found.get("at"), hour, minute, tongue)
        case Language.EN:
            return _english(hour, minute, tongue)


def _german(hour: int, minute: int, tongue: Tongue) -> str:
    words = f"{cardinal(hour, tongue, Gender.MASCULINE)} Uhr"
    return f"{words} {cardinal(minute, tongue)}" if minute else words


def _french(hour: int, minute: int, tongue: Tongue) -> str:
    """ "heures" and the minutes behind it are feminine: vingt et une heures vingt et une."""
    words = f"{cardinal(hour, tongue, Gender.FEMININE)} heure{'s' if hour > 1 else ''}"
    return f"{words} {cardinal(minute, tongue, Gender.FEMININE)}" if minute else words


def _italian(at: str | None, hour: int, minute: int, tongue: Tongue) -> str:
    """ "alle sette e trenta", "all'una"; without a word before it, "ore sette"."""
    words = cardinal(hour, tongue, Gender.FEMININE)
    words = _AT_ONE[at] if hour == 1 and at in _AT_ONE else f"{at or 'ore'} {words}"
    return f"{words} e {cardinal(minute, tongue)}" if minute else words


def _english(hour: int, minute: int, tongue: Tongue) -> str:
    words = cardinal(hour, tongue)
    if minute:
        return f"{words} {'oh ' if minute < TEN else ''}{cardinal(minute, tongue)}"
    if hour in MIDNIGHT:
        return "midnight"
    return f"{words} o'clock" if hour <= NOON else f"{words} hundred hours"
