"""What the service desk's card allows: its number, its checks, its notice, its one button.

An agent has no technical knowledge (item 29): nothing here asks for a class or a cause. An order
needs a known customer, the check that is due, the notice read to its end and the five seconds after
it (B.8), whatever it costs: so an agent has one way of doing it. Two agents may write on one card:
what both have changed is put before them, and nothing is overwritten.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.callflow.facts import IdentifiedBy
from ivr.callflow.ordering import WITHDRAWAL_TIME
from ivr.contracts.conditions import Conditions
from ivr.contracts.offers import OfferKind
from ivr.contracts.windows import WindowState
from ivr.numbers.caller_id import normalise_stored_number, parse_caller_id

TWO_DIGITS, THREE_DIGITS = range(10, 100), range(100, 1000)
HERE = timedelta(seconds=20)
"""How long somebody counts as being on a card after his browser last asked for it."""


class Check(StrEnum):
    """What came of the desk's own check of the caller (item 30)."""

    NONE = "none"
    SUPPORT_CODE = "support_code"
    QUESTIONS = "questions"
    FAILED = "failed"


class Outcome(StrEnum):
    """What the card came to."""

    OPEN = "open"
    ORDERED = "ordered"
    TICKET = "ticket"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class Missing(StrEnum):
    """What keeps an agent from calling out the technician."""

    SETTLED = "settled"
    ORDERED_ALREADY = "ordered_already"
    CUSTOMER = "customer"
    LOCATION = "location"
    CONTRACT = "contract"
    OFFER = "offer"
    CHECK = "check"
    CHECK_FAILED = "check_failed"
    PRECONDITIONS = "preconditions"
    EXPLAINED = "explained"
    TOO_SOON = "too_soon"
    CALLBACK = "callback"
    CODE_INCOMPLETE = "code_incomplete"
    CODE_CLOSED = "code_closed"
    ANSWERS = "answers"
    ACCEPTED = "accepted"
    NO_ORDER = "no_order"


PASSED = (Check.SUPPORT_CODE, Check.QUESTIONS)


@dataclass(frozen=True, slots=True)
class Terms:
    """The window and the conditions that are read to the caller."""

    window: WindowState
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when an order is asked for. `explained_at` None: not these words yet.

    `located` is False where the plans of the customer's places differ and none was chosen;
    `reachable` where neither the call nor the agent gives a number to call back under.
    """

    outcome: Outcome
    ordered_by_phone: bool
    has_customer: bool
    located: bool
    conditions: Conditions | None
    check: Check
    identified_by: IdentifiedBy
    may_order: bool
    preconditions_met: bool
    explained_at: datetime | None
    reachable: bool = True


def next_number(taken: AbstractSet[int], last: int | None) -> int | None:
    """The next free one after the last, two digits first, so that a number soon heard again is rare.

    None when a thousand cards are open: the call goes on without a number.
    """
    start = last + 1 if last is not None and last in TWO_DIGITS else TWO_DIGITS.start
    for numbers in (range(start, TWO_DIGITS.stop), TWO_DIGITS, THREE_DIGITS):
        for number in numbers:
            if number not in taken:
                return number
    return None


def favourable(at_answer: Terms, now: Terms) -> Terms:
    """A call may cross a closing; what is better for the caller counts (A.7, 5)."""
    return at_answer if at_answer.window.open and not now.window.open else now


def is_check_due(facts: Facts) -> bool:
    """A number identifies for a free order; whatever has a price needs more (B.6).

    So does a customer whom the agent looked up, and a contact who may not order.
    """
    if facts.check in PASSED:
        return False
    if facts.check is Check.FAILED or facts.identified_by is IdentifiedBy.NOTHING:
        return True
    if facts.identified_by not in (IdentifiedBy.NUMBER, IdentifiedBy.EARLIER_CODE):
        return False
    return not facts.may_order or (facts.conditions is not None and facts.conditions.is_chargeable)


def missing(facts: Facts, at: datetime) -> tuple[Missing, ...]:
    """Everything that is still missing for an order, in the order of the page; none: it may go."""
    return (*_missing(facts, at), *_callback(facts))


def missing_for_ticket(facts: Facts) -> tuple[Missing, ...]:
    """Everything that is still missing for a ticket; nobody is called out, so a stranger gets one."""
    if facts.ordered_by_phone:
        return (Missing.ORDERED_ALREADY,)
    return tuple(_callback(facts))


def _callback(facts: Facts) -> Iterable[Missing]:
    """Of no use to a technician who cannot ring anybody; an order by telephone is past that."""
    is_undecided = facts.outcome is Outcome.OPEN and not facts.ordered_by_phone
    return [Missing.CALLBACK] if is_undecided and not facts.reachable else []


def may_note(check: Check, before: Check) -> bool:
    """Right answers do not undo a check that was not passed; the support code does."""
    return not (check is Check.QUESTIONS and before is Check.FAILED)


def _missing(facts: Facts, at: datetime) -> Iterable[Missing]:
    if facts.outcome is not Outcome.OPEN:
        return [Missing.SETTLED]
    if facts.ordered_by_phone:
        return [Missing.ORDERED_ALREADY]
    if facts.check is Check.FAILED:
        return [Missing.CHECK_FAILED]
    if not facts.has_customer:
        return [Missing.CUSTOMER]
    if not facts.located:
        return [Missing.LOCATION]
    if facts.conditions is None:
        return [Missing.CONTRACT]
    if facts.conditions.offer is OfferKind.TICKET:
        return [Missing.OFFER]
    due = [Missing.CHECK] if is_check_due(facts) else []
    return [*due, *_information(facts, facts.conditions, at)]


def _information(facts: Facts, conditions: Conditions, at: datetime) -> Iterable[Missing]:
    if conditions.emergency is not None and not facts.preconditions_met:
        yield Missing.PRECONDITIONS
    if facts.explained_at is None:
        yield Missing.EXPLAINED
    elif at < facts.explained_at + WITHDRAWAL_TIME:
        yield Missing.TOO_SOON


def wait(facts: Facts, at: datetime) -> timedelta:
    """How long the caller can still say no before an order may go."""
    if facts.explained_at is None:
        return timedelta()
    return max(facts.explained_at + WITHDRAWAL_TIME - at, timedelta())


def authority(facts: Facts) -> IdentifiedBy:
    """By whose right the order stands."""
    by_desk = {
        Check.SUPPORT_CODE: IdentifiedBy.SUPPORT_CODE,
        Check.QUESTIONS: IdentifiedBy.DESK_QUESTIONS,
    }
    return by_desk.get(facts.check, facts.identified_by)


# What agents write ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Writing:
    """The fields of the card that an agent fills in."""

    caller_name: str = ""
    callback_number: str = ""
    location_id: str = ""
    language: str = ""
    words: str = ""


FIELDS = tuple(Writing.__slots__)


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be stored, and the fields that two people have changed differently."""

    writing: Writing
    conflicts: tuple[str, ...] = ()


def merge(was: Writing, mine: Writing, theirs: Writing) -> Merged:
    """`was` is what my page showed, `theirs` what is stored now. Of a conflict theirs is kept."""
    kept: dict[str, str] = {}
    conflicts: list[str] = []
    for name in FIELDS:
        before, my, their = (getattr(each, name) for each in (was, mine, theirs))
        kept[name] = their if my == before else my
        if my not in (before, their) and their != before:
            kept[name] = their
            conflicts.append(name)
    return Merged(Writing(**kept), tuple(conflicts))


def callback_number(text: str) -> str | None:
    """E.164 of a number a caller named; None for what nobody could be called back under.

    It is stored for the technician and never dialled from here (B.12).
    """
    number = normalise_stored_number(text)
    return parse_caller_id(number).number if number is not None else None


MAX_LENGTHS: Mapping[str, int] = {"caller_name": 200, "words": 4000}


def cleaned(writing: Writing) -> Writing:
    """Without NUL, in one form of line end, not longer than what is stored."""
    return Writing(
        **{
            name: getattr(writing, name)
            .replace("\0", "")
            .replace("\r\n", "\n")
            .strip()[: MAX_LENGTHS.get(name, 64)]
            for name in FIELDS
        }
    )
