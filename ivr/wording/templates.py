"""Whether a text of an admin's can be spoken: its variables, its length, nothing but words."""

import re
import unicodedata
from collections.abc import Iterator, Set
from string import Formatter

LONGER = 1.2
"""A text that takes this much longer than the shipped one costs every caller's time."""

Fault = tuple[str, dict[str, str]]
"""A code and the values of its sentence."""

_MARKUP = re.compile(r"[<>]|&\w+;")
_WORD = re.compile(r"\w")
VARIABLE = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"\w+")
_CURRENCY = re.compile(
    r"\b(?:franken|francs?|franch?[io]|rappen|centimes?|centesim[oi]|euros?)\b"
    r"|(?<![^\W\d])(?:chf|eur)(?![^\W\d])|[€$£]"
    r"|(?<![\w–-])(?<![–-]\s)(?<!\bbis\s)s?frs?\.?\s?\d+(?:[.,:'’]\d+)*"
    r"(?![.,:'’]?\d)(?!\s?(?:[-–]\s?\d|uhr\b|h\b|bis\b))"
    r"|\d\s?s?frs?(?!\w)|\d\.[-–—](?!\d)",
    re.IGNORECASE,
)
"""A price in the text itself would be said on when prices change; the values bring their currency.

"Fr" is a franc beside a number, but in "Mo-Fr 8-12 Uhr" it is a day.
"""
_PLAIN_SPACES = " \n\r\t"


def tidy(text: str) -> str:
    """One line, single spaces."""
    return " ".join(text.split())


def faults_of(template: str, variables: Set[str], most: int) -> list[Fault]:
    """Everything that is wrong with a text, for a prompt that names `variables`."""
    found: list[Fault] = []
    if not _WORD.search(re.sub(r"\{\w*\}", "", template)):
        found.append(("text_empty", {}))
    if len(template) > most:
        found.append(("text_too_long", {"length": str(len(template)), "most": str(most)}))
    if marked := _MARKUP.search(template):
        found.append(("markup", {"found": marked.group()}))
    if odd := next((each for each in template if _is_odd(each)), None):
        found.append(("unprintable", {"found": f"U+{ord(odd):04X}"}))
    if priced := _CURRENCY.search(template):
        found.append(("price_written", {"found": priced.group()}))
    found.extend(_of_variables(template, variables))
    return found


def _is_odd(character: str) -> bool:
    """Nobody sees it, and an engine may choke on it: controls, soft hyphens, marks of direction."""
    return character not in _PLAIN_SPACES and (
        character.isspace() or unicodedata.category(character)[0] == "C"
    )


def _of_variables(template: str, variables: Set[str]) -> Iterator[Fault]:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        yield "braces", {}
        return
    names = [name for _, name, _, _ in parts if name is not None]
    plain = VARIABLE.findall(template) == names
    doubled = "{{" in template or "}}" in template
    if doubled or not plain or any(not _NAME.fullmatch(name) for name in names):
        yield "braces", {}
    for name in sorted(set(names) - variables):
        if _NAME.fullmatch(name):
            yield "unknown_variable", {"name": name}
    for name in sorted(variables - set(names)):
        yield "missing_variable", {"name": name}
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield "variable_twice", {"name": name}
