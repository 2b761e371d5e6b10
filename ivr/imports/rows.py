"""Is a row possible by itself? Each cell, and the cells that go together.

Caller numbers are judged as the line judges them (B.5): words and digits that stand for a withheld
number first; emergency, short, premium and shared-cost numbers and the line's own are nobody's.
"""

import re
from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from ivr.contracts.windows import YEARS
from ivr.imports.columns import (
    COLUMNS,
    MAX_LENGTH,
    Cell,
    Mistake,
    Odd,
    Record,
    like_a_formula,
    shortened,
    unguard,
)
from ivr.numbers.caller_id import NoNumber, parse_caller_id
from ivr.numbers.dial_guard import Refusal, may_dial

LANGUAGES = ("de", "fr", "it", "en")
MOST_OF_A_NAME = 200
LARGEST_FIGURE = 10**15
"""Up to here a workbook keeps every digit."""

_NUMBER = re.compile(r"[0-9]{5}")
_EMAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_SWISS_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SPELLING = re.compile(r"\+?[0-9 ()./\-]+|[+]?[a-z]+", re.IGNORECASE)
_IN_FIGURES = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f", " "))
_TRUTH = {"yes": True, "no": False, "true": True, "false": False}
_NO_CALLER = {
    NoNumber.WITHHELD: "is how a withheld number is written, and nobody's",
    NoNumber.NOT_A_CALLER: "is a premium, shared-cost or mailbox number; nobody calls from one",
    NoNumber.OWN_NUMBER: "is the line's own number",
}
_OF_A_CONTRACT = ("location", "plan", "starts_on", "ends_on")
_AS_TEXT = "format the column as text and enter it anew"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was read; None where it says nothing, or nothing that could be."""

    row: int
    number: str | None
    name: str | None
    language: str | None
    location: str | None
    plan: str | None
    starts_on: date | None
    ends_on: date | None
    phone: str | None
    contact: str | None
    contact_phone: str | None
    contact_email: str | None
    contact_language: str | None
    may_order: bool | None


assert tuple(each.name for each in fields(Row)) == ("row", *COLUMNS)  # noqa: S101


def _remembered(reading: Callable[[Cell], Any]) -> Callable[[Cell], Any]:
    """Most cells say what the row before has said."""
    return lru_cache(256, typed=True)(reading)


class RowCheck:
    """Knows the plans there are and the numbers that are the line's own."""

    def __init__(self, plans: Collection[str], own_numbers: AbstractSet[str]) -> None:
        self._plans = tuple(plans)
        self._own_numbers = own_numbers
        self._reading: Mapping[str, Callable[[Cell], Any]] = {
            "number": _remembered(_customer_number),
            "name": _remembered(_name),
            "language": _remembered(_language),
            "location": _remembered(_name),
            "plan": _remembered(self._plan),
            "starts_on": _remembered(_day),
            "ends_on": _remembered(_day),
            "phone": self._phone,
            "contact": _remembered(_name),
            "contact_phone": self._phone,
            "contact_email": _remembered(_email),
            "contact_language": _remembered(_language),
            "may_order": _remembered(_yes_or_no),
        }

    def check(self, record: Record) -> tuple[Row, list[Mistake]]:
        """The row without what is wrong with it, and all that is."""
        said, mistakes = self._read(record)
        wrong = {each.column for each in mistakes}
        mistakes += [
            Mistake(record.row, column, reason)
            for column, reason in _together(said, wrong)
            if column not in wrong
        ]
        if any(each.column in _OF_A_CONTRACT for each in mistakes):
            said |= dict.fromkeys(
                _OF_A_CONTRACT[1:]
            )  # half a contract would seem to overlap others
        return Row(record.row, **{column: said[column] for column in COLUMNS}), mistakes

    def _read(self, record: Record) -> tuple[dict[str, Any], list[Mistake]]:
        """Each cell by itself."""
        said: dict[str, Any] = dict.fromkeys(COLUMNS)
        mistakes = []
        for column, cell in record.cells.items():
            try:
                said[column] = self._value(column, cell)
            except ValueError as error:
                mistakes.append(Mistake(record.row, column, str(error)))
        return said, mistakes

    def _value(self, column: str, cell: Cell) -> Any:
        if isinstance(cell, Odd):
            raise ValueError(cell.reason)  # noqa: TRY004 - the cell is wrong, not the program
        return self._reading[column](cell)

    def _plan(self, cell: Cell) -> str | None:
        plan = _text(cell)
        if plan is not None and plan not in self._plans:
            raise ValueError(f"{shortened(plan)} is no plan; use {', '.join(self._plans)}")
        return plan

    def _phone(self, cell: Cell) -> str | None:
        if isinstance(cell, int | float):
            raise ValueError(f"is a figure, not a telephone number; {_AS_TEXT}")  # noqa: TRY004
        text = _text(cell)
        if text is None:
            return None
        if not _SPELLING.fullmatch(text):
            raise ValueError(_unspeakable(text))
        written = text.replace("/", " ")
        caller = parse_caller_id(written, own_numbers=self._own_numbers, bare_national=True)
        if caller.number is None:
            raise ValueError(f"{shortened(text)} {_why_nobody_calls(text, caller.reason)}")
        return caller.number


def _unspeakable(text: str) -> str:
    if _IN_FIGURES.fullmatch(text):
        return f"{shortened(text)} is what a spreadsheet made of a telephone number; {_AS_TEXT}"
    return f"{shortened(text)} is not a telephone number"


def _why_nobody_calls(text: str, reason: NoNumber | None) -> str:
    if reason in _NO_CALLER:
        return _NO_CALLER[reason]
    if may_dial(text).refusal is Refusal.SHORT_OR_EMERGENCY:
        return "is an emergency or short number; nobody calls from one"
    return "is not a valid telephone number"


def _together(said: Mapping[str, Any], wrong: AbstractSet[str]) -> list[tuple[str, str]]:
    """Cells that need each other; of what is wrong anyway nothing follows."""
    found = []
    if said["number"] is None:
        found.append(("number", "is missing"))
    contract = [each for each in ("starts_on", "ends_on") if said[each] is not None]
    if contract and said["plan"] is None and "plan" not in wrong:
        found.append((contract[0], "is there without a plan"))
    if said["plan"] is not None:
        found += [
            (each, "is missing: a plan is agreed for a location, from a day on")
            for each in ("location", "starts_on")
            if said[each] is None
        ]
    found += _ends_too_early(said["starts_on"], said["ends_on"])
    if said["contact"] is None and "contact" not in wrong:
        of_contact = ("contact_phone", "contact_email", "contact_language", "may_order")
        found += [
            (each, "is there without a contact") for each in of_contact if said[each] is not None
        ]
    return found


def _ends_too_early(starts_on: date | None, ends_on: date | None) -> list[tuple[str, str]]:
    if starts_on is None or ends_on is None or starts_on <= ends_on:
        return []
    return [("ends_on", f"{ends_on} is before {starts_on}, when it starts")]


def _text(cell: Cell) -> str | None:
    """What the cell says, without spaces around; raises ValueError where it is no plain text."""
    if not isinstance(cell, str):
        return _figure(cell)
    if len(cell) > MAX_LENGTH:
        raise ValueError(f"has {len(cell)} characters; at most {MAX_LENGTH} are taken")
    text = " ".join(word for word in cell.translate(_SPACES).split(" ") if word)
    if like_a_formula(text):
        raise ValueError(
            f"{shortened(text)} begins like a formula; if it is a text, put an apostrophe (') first"
        )
    text = unguard(text)
    if not text.isprintable():
        raise ValueError(f"{shortened(text)} has characters that cannot be printed")
    return text or None


def _figure(cell: Cell) -> str | None:
    """A number of a workbook where a text was meant; 11001.0 was 11001."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        raise ValueError("is a truth value, not a text")  # noqa: TRY004
    if isinstance(cell, date):
        raise ValueError(f"is a date to the spreadsheet; {_AS_TEXT}")  # noqa: TRY004
    assert isinstance(cell, int | float)  # noqa: S101
    if abs(cell) < LARGEST_FIGURE and float(cell).is_integer():
        return str(int(cell))
    raise ValueError(f"is a figure, not a text; {_AS_TEXT}")


def _customer_number(cell: Cell) -> str | None:
    text = _text(cell)
    if text is not None and not _NUMBER.fullmatch(text):
        raise ValueError(f"{shortened(text)} is not five digits")
    return text


def _name(cell: Cell) -> str | None:
    text = _text(cell)
    if text is not None and len(text) > MOST_OF_A_NAME:
        raise ValueError(f"has {len(text)} characters; a name has at most {MOST_OF_A_NAME}")
    return text


def _language(cell: Cell) -> str | None:
    text = _text(cell)
    if text is not None and text.lower() not in LANGUAGES:
        raise ValueError(f"{shortened(text)} is no language; use {', '.join(LANGUAGES)}")
    return text.lower() if text is not None else None


def _email(cell: Cell) -> str | None:
    text = _text(cell)
    if text is not None and (len(text) > MOST_OF_A_NAME or not _EMAIL.fullmatch(text)):
        raise ValueError(f"{shortened(text)} is not an e-mail address")
    return text


def _yes_or_no(cell: Cell) -> bool | None:
    if isinstance(cell, bool):
        return cell
    text = _text(cell)
    if text is not None and text.lower() not in _TRUTH:
        raise ValueError(f"{shortened(text)} is neither yes nor no")
    return _TRUTH[text.lower()] if text is not None else None


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        if cell.time() != datetime.min.time():
            raise ValueError(f"{cell} is a time; a day is wanted")
        return _plausible(cell.date())
    if isinstance(cell, date):
        return _plausible(cell)
    text = _text(cell)
    return _plausible(_parse_day(text)) if text is not None else None


def _parse_day(text: str) -> date:
    iso, swiss = _ISO_DAY.fullmatch(text), _SWISS_DAY.fullmatch(text)
    if iso is not None:
        year, month, day = iso.groups()
    elif swiss is not None:
        day, month, year = swiss.groups()
    else:
        raise ValueError(f"{shortened(text)} is not a date; write 2026-12-31 or 31.12.2026")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"{text} does not exist in the calendar") from None


def _plausible(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError(
            f"{day} is not between {YEARS[0]} and {YEARS[-1]}; without an end leave ends_on empty"
        )
    return day
