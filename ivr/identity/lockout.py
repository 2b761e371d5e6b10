"""How long a support code is locked after wrong ones, and when an operator is alarmed (B.7).

Whoever is locked out still reaches the service desk; only the code is worth nothing for a while.
Five wrong codes in a row lock it for a quarter of an hour, five more for twice as long, up to a day.
What is entered while it is locked is counted and changes nothing else: otherwise a stranger could
keep a customer out for ever. A source that tries too much is not listened to either; since a
caller's number can be forged, that is an extra and generous.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class LockoutRules:
    """`per_number` and `per_channel` bound the wrong codes of one source in `source_span`.

    All calls without a number share the bound of their channel: it must be far away.
    """

    tries: int = 5
    first_lock: timedelta = timedelta(minutes=15)
    longest_lock: timedelta = timedelta(hours=24)
    per_number: int = 30
    per_channel: int = 300
    source_span: timedelta = timedelta(hours=1)
    alarm_failures: int = 20
    alarm_span: timedelta = timedelta(minutes=10)

    @property
    def memory(self) -> timedelta:
        """How long single wrong codes are of interest."""
        return max(self.source_span, self.alarm_span)


@dataclass(frozen=True, slots=True)
class Standing:
    """Wrong codes of a customer since the last right one.

    `failures` are all of them, `strikes` those that were not entered while the code was locked.
    """

    failures: int = 0
    strikes: int = 0
    locked_until: datetime | None = None

    def is_locked(self, at: datetime) -> bool:
        """The first instant after the lock is free again."""
        return self.locked_until is not None and at < self.locked_until


@dataclass(frozen=True, slots=True)
class Ruling:
    """What comes of one code: is it accepted, how the customer stands, has it locked the code?"""

    accepted: bool
    standing: Standing
    locks: bool = False


def judge(rules: LockoutRules, standing: Standing, at: datetime, *, right: bool) -> Ruling:
    """One code of a customer, right or wrong. A right one while locked is refused like a wrong one."""
    if standing.is_locked(at):
        failures = standing.failures + (0 if right else 1)
        kept = Standing(failures, standing.strikes, standing.locked_until)
        return Ruling(accepted=False, standing=kept)
    if right:
        return Ruling(accepted=True, standing=Standing())
    strikes = standing.strikes + 1
    locks = strikes % rules.tries == 0
    until = at + lock_length(rules, strikes) if locks else standing.locked_until
    return Ruling(False, Standing(standing.failures + 1, strikes, until), locks)


def lock_length(rules: LockoutRules, strikes: int) -> timedelta:
    """Twice as long each time, up to the longest."""
    length = rules.first_lock
    for _ in range(strikes // rules.tries - 1):
        if length >= rules.longest_lock:
            break
        length *= 2
    return min(length, rules.longest_lock)


def is_throttled(rules: LockoutRules, failures: int, *, by_number: bool) -> bool:
    """True if this source has entered so many wrong codes lately that none is looked at."""
    return failures >= (rules.per_number if by_number else rules.per_channel)


def is_alarming(rules: LockoutRules, failures: int) -> bool:
    """True if so many wrong codes of all customers together are no accident."""
    return failures >= rules.alarm_failures
