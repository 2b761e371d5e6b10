"""Digits that are dialled or written down, and whatever figure no other rule knew."""

import re

from ivr.callflow.prompts import Language
from ivr.voice.normalise.numbers import (
    FRACTION,
    GROUPED,
    Tongue,
    cardinal,
    decimal,
    one_by_one,
    whole,
)
from ivr.voice.normalise.plain import SIGNS, rewrite

_GAP = r"[ \u00a0\u202f]"
_TELEPHONE = re.compile(
    rf"(?<![\w.,:+'])(?:(?:\+|00)[1-9]\d{{0,14}}(?:(?:{_GAP}|-|/|{_GAP}?\(0\){_GAP}?)\d{{1,9}}){{0,7}}"
    rf"|0[1-9]\d{{0,2}}(?:(?:{_GAP}|-|/|{_GAP}/{_GAP})\d{{2,4}}){{2,5}}|0[1-9]\d{{8}})(?!\d|[.,:']\d)"
)
_SWISS = re.compile(r"(\+41|0041)?(0?[1-9]\d)(\d{3})(\d\d)(\d\d)")
_FEWEST, _MOST = 9, 15
_DIALLED = re.compile(
    r"(?<![\w.,:'])(?:112|117|118|14[3-7]|1414)(?!\w|[.,:'-]\d)"
    r"(?!\s(?!(?:oder|und|or|and|o|e)\b)[^\W\d_])"
)
_NAMED = {
    Language.DE: r"Ticket|Ticketnummer|Kundennummer|(?:Support-)?Code|PIN",
    Language.FR: r"ticket|code|PIN|numéro de (?:ticket|client)",
    Language.IT: r"ticket|codice|PIN|numero (?:di ticket|cliente)",
    Language.EN: r"ticket|code|PIN|(?:ticket|customer) number",
}
_IS = r"(?:\s(?:ist|est le|est|è|is))?:?\s"
_REFERENCES = {
    language: re.compile(
        rf"(?i)(?<!\w)(?P<name>(?:{names}){_IS})#?(?P<digits>\d{{3,4}})(?![\w']|[.,:]\d)"
    )
    for language, names in _NAMED.items()
}
_CHAIN = re.compile(r"(?<![\w.])\d{1,9}(?:\.\d{1,9}){2,15}(?!\d)")
_DOT = {Language.DE: "Punkt", Language.FR: "point", Language.IT: "punto", Language.EN: "dot"}
_DECIMAL = re.compile(rf"(?<![\d'])(?<!\d[.,])(?P<whole>{GROUPED}){FRACTION}")
_WHOLE = re.compile(r"(?<!\d)\d{1,3}(?:'\d{3}){1,3}(?!\d|'\d)")
_RUN = re.compile(r"\d+")
LONGEST_NUMBER = 4
"""A run of more digits is no quantity anybody would write without an apostrophe."""


def telephone_numbers(text: str, tongue: Tongue) -> str:
    """Digit by digit, a pause between the groups as they are written, or else as the Swiss do."""
    return rewrite(_TELEPHONE, text, lambda match: _telephone(match[0], tongue))


def _telephone(written: str, tongue: Tongue) -> str | None:
    plain = re.sub(r"\(0\)", " ", written)
    count = sum(letter.isdecimal() for letter in plain)
    if not _FEWEST <= count <= _MOST:
        return None
    groups = re.findall(r"\d+", plain)
    if len(groups) == 1:
        groups = _grouped(plain)
    said = ", ".join(one_by_one(group, tongue) for group in groups)
    return f"{SIGNS[tongue.language][1]} {said}" if plain.startswith("+") else said


def _grouped(written: str) -> list[str]:
    swiss = _SWISS.fullmatch(written)
    if swiss:
        return [group.lstrip("+") for group in swiss.groups() if group]
    return _threes(written.lstrip("+"))


def _threes(run: str) -> list[str]:
    return [run[start : start + 3] for start in range(0, len(run), 3)]


def references(text: str, tongue: Tongue) -> str:
    """Ticket 4711: a number to be written down, also where it is short."""
    return rewrite(
        _REFERENCES[tongue.language],
        text,
        lambda match: match["name"] + one_by_one(match["digits"], tongue),
    )


def emergency_numbers(text: str, tongue: Tongue) -> str:
    """112 and 144, where nothing is counted by them."""
    if tongue.language is Language.FR:
        return text
    return rewrite(_DIALLED, text, lambda match: one_by_one(match[0], tongue))


def anything_left(text: str, tongue: Tongue) -> str:
    """Versions, decimals, whole numbers; in the end no figure is left."""
    dot = f" {_DOT[tongue.language]} "
    text = rewrite(
        _CHAIN, text, lambda match: dot.join(_run(run, tongue) for run in match[0].split("."))
    )
    text = rewrite(_DECIMAL, text, lambda match: decimal(match["whole"], match["fraction"], tongue))
    text = rewrite(_WHOLE, text, lambda match: cardinal(whole(match[0]), tongue))
    return rewrite(_RUN, text, lambda match: _run(match[0], tongue))


def _run(run: str, tongue: Tongue) -> str:
    """A short number as such; with a leading zero, or long, digit by digit, in threes if very long."""
    if len(run) <= LONGEST_NUMBER and (run == "0" or not run.startswith("0")):
        return cardinal(int(run), tongue)
    if len(run) <= LONGEST_NUMBER + 1:
        return one_by_one(run, tongue)
    return ", ".join(one_by_one(group, tongue) for group in _threes(run))
