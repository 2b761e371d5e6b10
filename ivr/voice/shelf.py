"""What a catalogue needs to know of what admins publish; see `ivr.voice.live`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from ivr.callflow.prompts import Count, Digits, Moment, Name, Term, Value
from ivr.contracts.money import Money
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.wording.shelf import Slot

EXAMPLES: Mapping[str, Value] = {
    "digits": Digits("10092"),
    "moment": Moment(datetime(2026, 11, 24, 7, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)),
    "name": Name("Muster"),
    "term": Term("window_open"),
    "reaction": FirstReaction(ReactionKind.HOURS, 4),
    "count": Count("minute", 30),
    "money": Money(Decimal("150.00"), "CHF"),
}
"""What a text is heard with before it is published."""

_TERMS: Mapping[str, Value] = {
    "key": Term("digit_1"),
    "state": Term("ticket_open"),
    "caller_language": Term("language_fr"),
    "call": Term("call_2"),
    "kind": Term("alert_ticket"),
    "fault_class": Term("class_main"),
}


def example_of(name: str, kind: str) -> Value:
    """A made-up value of a variable; of a term by what it names."""
    return _TERMS.get(name, EXAMPLES[kind]) if kind == "term" else EXAMPLES[kind]


class Shelf(Protocol):
    """What admins have published, as of now; see `ivr.voice.live`."""

    def text(self, slot: Slot) -> str | None:
        """The text in use instead of the shipped one."""
        ...

    def recording(self, slot: Slot) -> str | None:
        """The digest of the recording in use of exactly these words."""
        ...

    def texts_to_build(self, slot: Slot) -> tuple[str, ...]:
        """Texts that are in use or will be."""
        ...


class EmptyShelf:
    """Nobody has changed anything."""

    def text(self, slot: Slot) -> str | None:
        """The shipped one."""
        return None

    def recording(self, slot: Slot) -> str | None:
        """None of an admin's."""
        return None

    def texts_to_build(self, slot: Slot) -> tuple[str, ...]:
        """None but the shipped one."""
        return ()
