"""Amounts of money, before or behind their currency, with their name and without."""

import re
from dataclasses import dataclass
from functools import cache

from ivr.callflow.prompts import Language
from ivr.voice.normalise.counted import UNIT_WORDS, agreeing
from ivr.voice.normalise.numbers import GROUPED, START, Gender, Tongue, cardinal, decimal, whole
from ivr.voice.normalise.plain import SIGNS, rewrite, word_before

HUNDRED = 100
TEN = 10


@dataclass(frozen=True, slots=True)
class Currency:
    """One and many of the coin, and of its hundredth part."""

    one: str
    many: str
    cent: str
    cents: str


CURRENCIES = {
    (Language.DE, "CHF"): Currency("Franken", "Franken", "Rappen", "Rappen"),
    (Language.FR, "CHF"): Currency("franc", "francs", "centime", "centimes"),
    (Language.IT, "CHF"): Currency("franco", "franchi", "centesimo", "centesimi"),
    (Language.EN, "CHF"): Currency("franc", "francs", "centime", "centimes"),
    (Language.DE, "EUR"): Currency("Euro", "Euro", "Cent", "Cent"),
    (Language.FR, "EUR"): Currency("euro", "euros", "centime", "centimes"),
    (Language.IT, "EUR"): Currency("euro", "euro", "centesimo", "centesimi"),
    (Language.EN, "EUR"): Currency("euro", "euros", "cent", "cents"),
}
AND = {Language.DE: "und", Language.FR: "et", Language.IT: "e", Language.EN: "and"}
_MARKS = r"(?:CHF|[sS]?Frs?\.|[sS]Fr|EUR|€)"
_MARKS_BEHIND = r"(?:CHF|[sS]?Frs?\.?|EUR|€)"
_AMOUNT = (
    rf"(?P<whole>{GROUPED})"
    r"(?:[.,](?:(?P<cents>\d{1,2})(?!\d)|(?P<exact>\d{3,6})(?!\d)|(?P<none>[-–—]{1,2})))?"
)
_BARE = re.compile(rf"{START}(?P<whole>{GROUPED})\.(?P<none>[-–—]{{1,2}})(?!\w)")
_BEFORE = re.compile(
    rf"(?<!\w)(?P<mark>{_MARKS})\s?(?P<minus>[-−–])?{_AMOUNT}(?![.,:]\d|\s?(?:Uhr|h)(?!\w))"
)


@cache
def _behind(language: Language) -> re.Pattern[str]:
    """The currency behind the amount; its name may be followed by the cents, as on a price tag."""
    own = {CURRENCIES[language, code] for code in ("CHF", "EUR")}
    names = "|".join(sorted({name for each in own for name in (each.one, each.many)}, reverse=True))
    cents = "|".join(
        sorted({name for each in own for name in (each.cent, each.cents)}, reverse=True)
    )
    rest = (
        rf"(?:\s(?:{AND[language]}\s)?(?:(?P<named>\d{{1,2}})\s(?:{cents})(?!\w)"
        rf"|(?P<rest>\d\d)(?![\d'%]|[.,:]\d|\s?(?:%|{UNIT_WORDS[language]})(?!\w))))?"
    )
    mark = rf"(?P<mark>{_MARKS_BEHIND}(?!\w)|(?:{names})(?!\w)(?!-))"
    return re.compile(rf"{START}{_AMOUNT}\s?{mark}{rest}")


def amounts(text: str, tongue: Tongue) -> str:
    """CHF 49.90, Fr. 49.-, 195 Franken 50 and 1'234.50 CHF."""
    for pattern in (_BEFORE, _behind(tongue.language), _BARE):
        text = rewrite(pattern, text, lambda match: _said(match, tongue))
    return text


def _said(match: re.Match[str], tongue: Tongue) -> str:
    found = match.groupdict()
    mark = found.get("mark") or "CHF"
    code = "EUR" if mark[:1] in {"€", "E", "e"} else "CHF"
    currency = CURRENCIES[tongue.language, code]
    minus = f"{SIGNS[tongue.language][0]} " if found.get("minus") else ""
    if (exact := found.get("exact")) is not None:
        return minus + _exactly(found["whole"], exact, currency, tongue)
    cents = found.get("named") or found.get("rest") or (found.get("cents") or "0").ljust(2, "0")
    return minus + spoken(whole(found["whole"]), int(cents), currency, tongue, word_before(match))


def _exactly(written: str, behind: str, currency: Currency, tongue: Tongue) -> str:
    """0.125 is a rate; 1.234 are thousands, written as in Germany."""
    if len(behind) == 3 and whole(written) and "'" not in written:
        return spoken(int(written + behind), 0, currency, tongue, "")
    return f"{decimal(written, behind, tongue)} {currency.many}"


def spoken(coins: int, cents: int, currency: Currency, tongue: Tongue, before: str) -> str:
    """An amount in words; `before` is the word it follows, for the case of one."""
    if not coins and cents:
        return agreeing(cents, currency.cent, currency.cents, Gender.MASCULINE, tongue, before)
    words = agreeing(coins, currency.one, currency.many, Gender.MASCULINE, tongue, before)
    if not cents:
        return words
    if cents < TEN or tongue.language is Language.FR:
        few = agreeing(cents, currency.cent, currency.cents, Gender.MASCULINE, tongue, "")
        return f"{words} {AND[tongue.language]} {few}"
    joined = f"{AND[Language.IT]} " if tongue.language is Language.IT else ""
    return f"{words} {joined}{cardinal(cents, tongue)}"
