"""Escalation policies: steps that are climbed until somebody has taken the case.

A step names who is rung: the levels of the roster, and the one who is responsible for the ticket
already. The technician on duty, his deputies, then the chief technician (items 5, 12, 22, 35). After
the last step there is a pause and a new round; after the last round the leads are told and are told
again, so that no case ends in silence. Every case keeps a snapshot of the policy it was opened with.

Nobody but a person or monitoring leads to the third level, and only for the provider's own basic
services (item 35): a policy says with `third_level` whether its steps may name it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ivr.errors import ConfigurationError
from ivr.roster.hunt import Level

RESPONSIBLE = "responsible"
"""Whoever the ticket belongs to; nobody, where it belongs to nobody."""

THIRD_LEVEL = frozenset({Level.CHIEF_TECHNICIAN, Level.CHIEF_DEVELOPER, Level.SUPPLIER})
"""Chiefs and suppliers."""

LONGEST_STEP_SECONDS = 3600
MOST_REPEATS = 10
MOST_ROUNDS = 50


class Reason(StrEnum):
    """Why somebody is looked for; each has a policy of its name."""

    TICKET = "ticket"
    MONITORING = "monitoring"
    CALLBACK = "callback"
    REACTION = "reaction"


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to ring: levels, or the responsible one, in this order; each telephone `repeats` times.

    `delay_seconds` is waited before it begins. With `at_once` all first telephones ring together.
    """

    targets: tuple[str, ...]
    repeats: int = 1
    delay_seconds: int = 0
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Steps, climbed in `rounds` with a pause of `pause_seconds` between two of them.

    A `quiet` one only rings: nobody is written to, and nobody is told that nobody answered.
    """

    name: str
    steps: tuple[Step, ...]
    rounds: int = 3
    pause_seconds: int = 600
    quiet: bool = False

    def dumped(self) -> str:
        """The snapshot that stays with a case."""
        return json.dumps(asdict(self), sort_keys=True)


OWN_PHONE = Policy("own_phone", (Step((RESPONSIBLE,)),), rounds=1, quiet=True)
"""A technician has asked the line to ring himself, and to connect him with his customer."""


THIRD_LEVEL_POLICIES = {
    level: Policy(
        f"third_level_{level}",
        (
            Step((level,), repeats=2),
            Step(tuple(each for each in Level if each in THIRD_LEVEL - {level})),
        ),
        pause_seconds=300,
    )
    for level in Level
    if level in THIRD_LEVEL
}
"""A person has called the third level (item 35): whom he has named, then the others of it."""


def loaded(snapshot: str) -> Policy:
    """The policy a case was opened with."""
    known = json.loads(snapshot)
    steps = tuple(Step(**each | {"targets": tuple(each["targets"])}) for each in known.pop("steps"))
    return Policy(**known, steps=steps)


def parse_policies(document: Mapping[str, Any]) -> Mapping[str, Policy]:
    """Policies by name; raises ConfigurationError with the place of the mistake."""
    found = {name: _policy(name, entry) for name, entry in document["policies"].items()}
    missing = [reason for reason in Reason if reason not in found]
    if missing:
        raise ConfigurationError(f"escalation.yaml: no policy named {', '.join(missing)}")
    return found


def _policy(name: str, entry: Mapping[str, Any]) -> Policy:
    where = f"escalation.yaml: {name}"
    steps = tuple(
        _step(f"{where}, step {number}", each, third_level=bool(entry.get("third_level", False)))
        for number, each in enumerate(entry.get("steps") or (), start=1)
    )
    if not steps:
        raise ConfigurationError(f"{where}: names nobody; it needs at least one step")
    rounds = _whole(where, entry, "rounds", 3, 1, MOST_ROUNDS)
    pause = _whole(where, entry, "pause_seconds", 600, 30, 24 * LONGEST_STEP_SECONDS)
    return Policy(name, steps, rounds, pause)


def _step(where: str, entry: Mapping[str, Any], *, third_level: bool) -> Step:
    targets = tuple(_target(where, each) for each in entry.get("targets") or ())
    if not targets:
        raise ConfigurationError(f"{where}: names nobody; targets: {_choices()}")
    if not third_level and THIRD_LEVEL.intersection(targets):
        raise ConfigurationError(
            f"{where}: the third level is for the provider's own basic services; "
            "say third_level: true where it is meant"
        )
    return Step(
        targets,
        _whole(where, entry, "repeats", 1, 1, MOST_REPEATS),
        _whole(where, entry, "delay_seconds", 0, 0, LONGEST_STEP_SECONDS),
        bool(entry.get("at_once", False)),
    )


def _target(where: str, name: object) -> str:
    if name == RESPONSIBLE or name in set(Level):
        return str(name)
    raise ConfigurationError(f"{where}: {name!r} is none of {_choices()}")


def _choices() -> str:
    return ", ".join(_every_target())


def _every_target() -> Iterable[str]:
    return (RESPONSIBLE, *Level)


def _whole(
    where: str, entry: Mapping[str, Any], key: str, default: int, least: int, most: int
) -> int:
    value = entry.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigurationError(f"{where}: {key} is not a whole number from {least} to {most}")
    return value
