"""The emergency form as it was typed (seed 003, items 78 to 83, 94): what lacks, and what blocks it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.identity.pins import PIN_DIGITS
from ivr.numbers.caller_id import normalise_stored_number
from ivr.services.identification import CUSTOMER_NUMBER_DIGITS

MAX_NAME, MAX_WORDS = 200, 2000
WORDS = ("what", "how", "changes")
QUESTIONS: Mapping[str, str] = {"unreachable": "yes", "no_maintenance": "yes", "application": "no"}
"""Each precondition, and the answer that lets the form go on."""
TRAP = "website"
"""A field that nobody sees; only a program fills it in."""
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,120}\.[^@\s.,;<>\"]{2,24}")


@dataclass(frozen=True, slots=True)
class Typed:
    """One form, its spaces tidied. The PIN is checked once and kept nowhere."""

    name: str = ""
    customer: str = ""
    email: str = ""
    phone: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    pin: str = field(default="", repr=False)
    trapped: bool = False

    @property
    def number(self) -> str | None:
        """The number to call back, E.164."""
        return normalise_stored_number(self.phone) if len(self.phone) <= 32 else None

    @property
    def code(self) -> str:
        """As it is entered on the line."""
        return self.customer + self.pin


def parse_form(form: Mapping[str, str]) -> Typed:
    """Whatever was sent; nothing is believed yet."""
    return Typed(
        name=" ".join(form.get("name", "").split()),
        customer=re.sub(r"\s", "", form.get("customer", "")),
        pin=re.sub(r"\s", "", form.get("pin", "")),
        email=form.get("email", "").strip(),
        phone=form.get("phone", "").strip(),
        answers={name: form.get(name, "") for name in QUESTIONS},
        words={name: _lines(form.get(name, "")) for name in WORDS},
        trapped=bool(form.get(TRAP, "")),
    )


def _lines(text: str) -> str:
    kept = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    return "\n".join(line.rstrip() for line in kept.split("\n"))


def problems_of(typed: Typed) -> dict[str, str]:
    """By field: the key of a text. None of them depends on who the customer is."""
    found = {}
    if not 0 < len(typed.name) <= MAX_NAME or not typed.name.isprintable():
        found["name"] = "notfall.error.name"
    if not _is_digits(typed.customer, CUSTOMER_NUMBER_DIGITS):
        found["customer"] = "notfall.error.customer"
    if not _is_digits(typed.pin, PIN_DIGITS):
        found["pin"] = "notfall.error.pin"
    if not _EMAIL.fullmatch(typed.email) or not typed.email.isprintable():
        found["email"] = "notfall.error.email"
    if typed.number is None:
        found["phone"] = "notfall.error.phone"
    return found | _about_answers(typed) | _about_words(typed)


def _about_answers(typed: Typed) -> dict[str, str]:
    """A wrong answer blocks, with what to do instead; a missing one asks again."""
    found = {}
    for name, wanted in QUESTIONS.items():
        answer = typed.answers.get(name, "")
        if answer not in ("yes", "no"):
            found[name] = "notfall.error.answer"
        elif answer != wanted:
            found[name] = f"notfall.blocked.{name}"
    return found


def _about_words(typed: Typed) -> dict[str, str]:
    return {
        name: "notfall.error.words"
        for name, text in typed.words.items()
        if len(text) > MAX_WORDS or not text.replace("\n", "").replace("\t", "").isprintable()
    }


def _is_digits(text: str, length: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) == length
