"""Telephones that ring once more: of whoever asked for five minutes, and of whoever was on a call.

What rings is a number that he has now, which need not be the one of then.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from ivr.escalation.rings import Person, Phone, Ring
from ivr.numbers.dial_guard import may_dial
from ivr.services.escalation_store import Channel, PageRecord, PageState

LATER = timedelta(minutes=5)
"""What "in five minutes" means."""
AGAIN = ":later"


def freed_rings(ledger: Sequence[PageRecord], present: Sequence[Person]) -> Sequence[Ring]:
    """A try more for everybody whose newest line says that he was on a call, in ringing order."""
    newest = {page.technician_id: page for page in ledger if page.channel is Channel.CALL}
    return [
        Ring(person, Phone("freed", number), f"{person.id}:freed{len(ledger)}")
        for person in {each.technician_id: each for each in reversed(present)}.values()
        if person.technician_id is not None
        and (page := newest.get(person.technician_id)) is not None
        and page.state is PageState.ENGAGED
        and (number := _number_now(person, page.address)) is not None
    ][::-1]


def ring_key(page: PageRecord) -> str:
    """The ledger's key without escalation, round and step."""
    return page.key.split(":", 3)[3]


def due_again(
    calls: Sequence[PageRecord],
    people: Sequence[Person],
    tried: AbstractSet[str],
    now: datetime,
) -> tuple[Ring, ...]:
    """Whoever asked for five minutes gets the same telephone again, once."""
    for page in calls:
        key = ring_key(page) + AGAIN
        until = _asked_until(page)
        if until is None or until > now or key in tried or AGAIN in ring_key(page):
            continue
        for person in people:
            number = _number_now(person, page.address)
            if person.technician_id == page.technician_id and number is not None:
                return (Ring(person, Phone("later", number), key),)
    return ()


def asked_until(calls: Sequence[PageRecord], now: datetime) -> datetime | None:
    """When the next five minutes are over that somebody has asked for; None: nobody has."""
    waits = [until for page in calls if (until := _asked_until(page)) is not None and until > now]
    return min(waits, default=None)


def _asked_until(page: PageRecord) -> datetime | None:
    if page.state is not PageState.DEFERRED or page.ended_at is None:
        return None
    return page.ended_at + LATER


def _number_now(person: Person, address: str) -> str | None:
    """The number that rang, if he still has it, else his first."""
    numbers = [may_dial(each.number).address or each.number for each in person.phones]
    return address if address in numbers else next(iter(numbers), None)
