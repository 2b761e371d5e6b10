"""What an agent asks a caller whose support code he does not get: from what we hold anyway.

Each answer is marked as right or wrong. One wrong answer fails the check; a single question passes
nobody, for a company's name stands on its letter box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ivr.desk.card import Check

MIN_QUESTIONS = 2
MAX_CODES = 3
"""Wrong codes on one card; like in a call on the line (B.7)."""


class Question(StrEnum):
    """What can be asked without anything technical or secret."""

    COMPANY = "company"
    PLAN = "plan"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what our records say; any of several is a right answer."""

    question: Question
    known: tuple[str, ...]


Marks = Mapping[Question, bool]


def questions_for(
    company: str, places: Sequence[str], plans: Sequence[str], contacts: Sequence[str]
) -> tuple[Asked, ...]:
    """Only what our records can answer; `contacts` are those who may order."""
    named = tuple(f"{company}, {place}" for place in places if place)
    asked = (
        Asked(Question.COMPANY, named or (company,)),
        Asked(Question.PLAN, tuple(dict.fromkeys(filter(None, plans)))),
        Asked(Question.CONTACT, tuple(filter(None, contacts))),
    )
    return tuple(each for each in asked if each.known)


def ruling(asked: Sequence[Asked], marks: Marks) -> Check:
    """What the answers come to; NONE while one is missing, or there is too little to ask."""
    answers = [marks.get(each.question) for each in asked]
    if False in answers:
        return Check.FAILED
    if None in answers or len(answers) < MIN_QUESTIONS:
        return Check.NONE
    return Check.QUESTIONS


def written(marks: Marks) -> str:
    """As it is stored, and stands in the audit log."""
    return " ".join(
        f"{name}={'yes' if marks[name] else 'no'}" for name in Question if name in marks
    )


def read(text: str) -> dict[Question, bool]:
    """What was stored."""
    pairs = (pair.partition("=") for pair in text.split())
    return {Question(name): mark == "yes" for name, _, mark in pairs}
