"""Which telephone rings next within a step.

Each telephone of a person before the next person. At night the first one rings twice in a row at
once, because a second ring breaks through Do Not Disturb. What was tried already is known from the
ledger, so the next one is simply the first that is not in it: a shift that changes, a technician who
is removed and a worker that dies in between lose nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ivr.escalation.policy import RESPONSIBLE, Step


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone of somebody: E.164 or an extension; `seconds` to wait before it is tried."""

    id: str
    number: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be paged at this moment. `technician_id` None for a staffed number."""

    technician_id: int | None
    name: str
    level: str
    language: str
    phones: tuple[Phone, ...]
    email: str = ""

    @property
    def id(self) -> str:
        """The same for all his levels."""
        return f"t{self.technician_id}" if self.technician_id is not None else self.level


@dataclass(frozen=True, slots=True)
class Ring:
    """One try at one telephone. `key` is its name in the ledger of the round and step."""

    person: Person
    phone: Phone
    key: str


def people_of(
    step: Step, present: Sequence[Person], responsible: Person | None
) -> tuple[Person, ...]:
    """Whom the step means, in its order and nobody twice; `present` is in ringing order."""
    found: dict[str, Person] = {}
    for target in step.targets:
        meant = [each for each in present if each.level == target]
        if target == RESPONSIBLE and responsible is not None:
            meant = [responsible]
        for person in meant:
            found.setdefault(person.id, person)
    return tuple(found.values())


def rings_of(step: Step, people: Sequence[Person], *, twice: bool) -> Iterator[Ring]:
    """All tries of a step in their order; `twice` at night."""
    for turn in range(1, step.repeats + 1):
        for person in people:
            for place, phone in enumerate(person.phones):
                for again in range(2 if twice and place == 0 else 1):
                    yield Ring(person, phone, f"{person.id}:{phone.id}:{turn}{'+' * again}")


def next_rings(
    step: Step, people: Sequence[Person], tried: Collection[str], *, twice: bool
) -> tuple[Ring, ...]:
    """What rings now: one telephone, or everybody's first at once; empty where the step is over."""
    left = [ring for ring in rings_of(step, people, twice=twice) if ring.key not in tried]
    if not step.at_once or not left:
        return tuple(left[:1])
    first: dict[str, Ring] = {}
    for ring in left:
        first.setdefault(ring.person.id, ring)
    return tuple(first.values())
