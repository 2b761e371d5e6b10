"""What is done to every text: markup and control characters go, digits are written one way."""

import re
import unicodedata
from collections.abc import Callable

from ivr.callflow.prompts import Language
from ivr.voice.normalise.numbers import START, Tongue

_MARKUP = re.compile(r"</?[^\W\d_][^<>]*>|<[!?][^<>]*>|[<>]")
_FIGURE = re.compile(r"[\d½]")
_NO_GROUP = "'’‘ʼ′\u00a0\u202f\u2009"
_GROUPS = re.compile(rf"(?<=\d)[{_NO_GROUP}](?=\d{{3}}(?!\d))")
_SPACED = re.compile(
    r"(?<![\w.,:'+])(?<!\d )[1-9]\d{0,2}"
    r"(?:(?: \d{3}){0,2} 000|(?:(?<=CHF \d)|(?<=CHF \d\d)|(?<=CHF \d{3}))(?: \d{3})+)"
    r"(?![\d:]| \d)"
)
"""Round thousands, and money: other groups may be those of a number that is dialled or written."""
_POINTS = re.compile(r"(?<![\w.,])\d{1,3}(?:\.\d{3}){1,3}(?=,\d\d(?!\d))")
_COMMAS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3}){1,3}(?![\d,'])")
_RANGE = re.compile(
    rf"{START}(\d{{1,3}}(?:[:.]\d\d)?)(?:\s?–\s?|-)(?=\d{{1,3}}(?:[:.]\d\d)?(?!\d|[-–]\d))"
)
_ITALIAN_TIMES = re.compile(rf"{START}(\d\d?[:.]\d\d)(?:\s?–\s?|-)(?=\d\d?[:.]\d\d(?!\d))")
_STROKE = re.compile(r"(?:(?<=\d)|(?<=\d[hj]))/(?=\d)")
_SIGN = re.compile(r"(?<![^\s(])([+\-−–])(?=\d)")
TO = {Language.DE: "bis", Language.FR: "à", Language.IT: "a", Language.EN: "to"}
SIGNS = {
    Language.DE: ("minus", "plus"),
    Language.FR: ("moins", "plus"),
    Language.IT: ("meno", "più"),
    Language.EN: ("minus", "plus"),
}
_WORD = re.compile(r"([^\W\d_]+)['’]?\s*\Z")
_LONGEST_WORD = 24


def clean(text: str) -> str:
    """Without markup, control and invisible characters; digits of any script as 0 to 9."""
    if not text.isascii():
        text = "".join(_plainly(letter) for letter in unicodedata.normalize("NFC", text))
    text = _MARKUP.sub(" ", re.sub(r"[\x00-\x1f\x7f]", " ", text))
    return re.sub(r"[ \t]{2,}", " ", text)


def _plainly(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if kind in {"Cf", "Cs"} else letter


def tidy(text: str) -> str:
    """Single spaces; composed letters, also where a word now stands beside an accent."""
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", text).strip())


def has_figures(text: str) -> bool:
    """Whether there is anything to put into words."""
    return _FIGURE.search(text) is not None


def one_way_of_grouping(text: str, tongue: Tongue) -> str:
    """Thousands are marked by a straight apostrophe, as in 1'234.50."""
    text = _SPACED.sub(lambda match: match[0].replace(" ", "'"), text)
    text = _POINTS.sub(lambda match: match[0].replace(".", "'"), text)
    if tongue.language is Language.EN:
        text = _COMMAS.sub(lambda match: match[0].replace(",", "'"), text)
    return _GROUPS.sub("'", text)


def ranges(text: str, tongue: Tongue) -> str:
    """8-12 and 08:00-17:30: from one to the other; 24/7 and 24h/24 without the stroke."""
    if tongue.language is Language.IT:
        text = _ITALIAN_TIMES.sub(r"\1 alle ", text)
    return _STROKE.sub(" ", _RANGE.sub(rf"\1 {TO[tongue.language]} ", text))


def signs(text: str, tongue: Tongue) -> str:
    """A sign before a number is a word; a dash between words is none."""
    minus, plus = SIGNS[tongue.language]
    return _SIGN.sub(lambda match: f"{plus if match[1] == '+' else minus} ", text)


Say = Callable[[re.Match[str]], str | None]


def rewrite(pattern: re.Pattern[str], text: str, say: Say) -> str:
    """Each match becomes what `say` says, apart from its neighbours; None leaves it as it is."""

    def words(match: re.Match[str]) -> str:
        said = say(match)
        if said is None:
            return match[0]
        before = " " if _is_letter(text[match.start() - 1 : match.start()]) else ""
        after = " " if _is_letter(text[match.end() : match.end() + 1]) else ""
        return f"{before}{said}{after}"

    return pattern.sub(words, text)


def _is_letter(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def word_before(match: re.Match[str]) -> str:
    """The word that a match follows, in small letters; "" where there is none."""
    found = _WORD.search(match.string[max(0, match.start() - _LONGEST_WORD) : match.start()])
    return found[1].lower() if found else ""
