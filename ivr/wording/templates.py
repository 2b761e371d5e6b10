"""Whether a text of an admin's can be spoken: its variables, its length, nothing but words."""

import re
from collections.abc import Iterator, Set
from string import Formatter

LONGER = 1.2
"""A text that takes this much longer than the shipped one costs every caller's time."""

Fault = tuple[str, dict[str, str]]
"""A code and the values of its sentence."""

_MARKUP = re.compile(r"[<>]|&\w+;")
_WORD = re.compile(r"\w")
_NAME = re.compile(r"\w+")
_CURRENCY = re.compile(
    r"\b(?:franken|francs?|franchi|rappen|centimes?|centesim[oi]|chf|euros?|eur)\b"
    r"|[€$£]|\bfr\.\s*\d",
    re.IGNORECASE,
)
"""A price in the text itself would be said on when prices change; the values bring their currency."""
_UNPRINTABLE = re.compile(r"[^\S \n\r\t]|[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]")


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
    if odd := _UNPRINTABLE.search(template):
        found.append(("unprintable", {"found": f"U+{ord(odd.group()):04X}"}))
    if priced := _CURRENCY.search(template):
        found.append(("price_written", {"found": priced.group()}))
    found.extend(_of_variables(template, variables))
    return found


def _of_variables(template: str, variables: Set[str]) -> Iterator[Fault]:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        yield "braces", {}
        return
    names = [name for _, name, _, _ in parts if name is not None]
    plain = all(not spec and not conversion for _, _, spec, conversion in parts)
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
