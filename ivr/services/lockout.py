"""Counting wrong support codes, inside the transaction of the turn that brought them.

A code is refused while its customer is locked or its source has tried too much, and the caller
hears the same as for a wrong one (B.7). A lock is mailed to the customer's people and told to an
operator. A rehearsal counts in a row of its own, in real time however its clock was set: it locks
no customer, and cannot be used to try PINs without end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.identity.lockout import (
    LockoutRules,
    Standing,
    is_alarming,
    is_throttled,
    judge,
)
from ivr.numbers.caller_id import mask_number
from ivr.services.context import Context
from ivr.services.mail_text import MailText, Recipient
from ivr.services.pins import Verdict
from ivr.services.ports import Observer
from ivr.services.records import CallRecord, CodeFailure, Credentials, NewMail
from ivr.services.stores import UnitOfWork

CHANNEL = "channel:"


@dataclass(frozen=True, slots=True)
class CodeAttempt:
    """Who tried when: a caller's number, or the channel of a call without one.

    A form has the address it comes from, which counts like a number.
    """

    at: datetime
    call_id: str
    source: str
    by_number: bool
    rehearsal: bool


class Lockout:
    """Says whether a code is admitted, and remembers what speaks against the next one."""

    def __init__(self, rules: LockoutRules, mail_text: MailText, observer: Observer) -> None:
        self._rules = rules
        self._mail_text = mail_text
        self._observer = observer

    def admits(self, context: Context, verdict: Verdict) -> bool:
        """True for a right code that is not locked; counts every other one."""
        attempt = _attempt(context.uow.calls.get(context.call_id), context.at)
        return self.admits_from(context.uow, attempt, verdict)

    def is_throttled(self, uow: UnitOfWork, attempt: CodeAttempt) -> bool:
        """Whether its source has tried too much to be listened to."""
        tried = self._tried(uow, attempt)
        return is_throttled(self._rules, tried, by_number=attempt.by_number)

    def admits_from(self, uow: UnitOfWork, attempt: CodeAttempt, verdict: Verdict) -> bool:
        """The same for somebody who is on no call."""
        tried = self._tried(uow, attempt)
        if is_throttled(self._rules, tried, by_number=attempt.by_number):
            return False
        if not verdict.right:
            self._count(uow, attempt, verdict, tried + 1)
        return verdict.held is not None and self._rule(uow, attempt, verdict.held, verdict)

    def _tried(self, uow: UnitOfWork, attempt: CodeAttempt) -> int:
        """Wrong codes of this source.

        What it enters once it is throttled is not counted: it tries no PIN, and shall lock nobody.
        """
        since = attempt.at - self._rules.source_span
        return uow.codes.count_failures(since, rehearsal=attempt.rehearsal, source=attempt.source)

    def _count(self, uow: UnitOfWork, attempt: CodeAttempt, verdict: Verdict, tried: int) -> None:
        """One wrong code; the one that makes it too many alarms an operator, once per span."""
        alarms = not attempt.rehearsal and self._alarms(uow, attempt.at)
        customer_id = verdict.held.customer_id if verdict.held else None
        uow.codes.forget_failures(attempt.at - self._rules.memory)
        uow.codes.add_failure(
            CodeFailure(attempt.at, attempt.source, customer_id, attempt.rehearsal, alarms)
        )
        throttled = is_throttled(self._rules, tried, by_number=attempt.by_number)
        if throttled and not attempt.rehearsal:
            self._observer.trouble(
                "code_source_throttled", call=attempt.call_id, source=_shown(attempt)
            )

    def _alarms(self, uow: UnitOfWork, at: datetime) -> bool:
        since = at - self._rules.alarm_span
        failures = uow.codes.count_failures(since) + 1
        if not is_alarming(self._rules, failures) or uow.codes.was_alarmed(since):
            return False
        minutes = self._rules.alarm_span // timedelta(minutes=1)
        self._observer.trouble("many_wrong_codes", failures=failures, minutes=minutes)
        return True

    def _rule(
        self, uow: UnitOfWork, attempt: CodeAttempt, held: Credentials, verdict: Verdict
    ) -> bool:
        before = uow.codes.standing(held.customer_id, rehearsal=attempt.rehearsal)
        ruling = judge(self._rules, before, attempt.at, right=verdict.right)
        if ruling.standing != before:
            uow.codes.put_standing(held.customer_id, ruling.standing, rehearsal=attempt.rehearsal)
        if ruling.accepted and verdict.renewed is not None:
            uow.codes.set_pin(verdict.renewed)
        if ruling.locks and not attempt.rehearsal:
            self._tell(uow, attempt, held.customer_id, ruling.standing)
        return ruling.accepted

    def _tell(
        self, uow: UnitOfWork, attempt: CodeAttempt, customer_id: int, standing: Standing
    ) -> None:
        """The customer's people by mail, and an operator."""
        until = standing.locked_until
        assert until is not None  # noqa: S101
        customer = uow.customers.get(customer_id, attempt.at.date())
        for recipient in _recipients(uow, customer_id, customer.language):
            subject, body = self._mail_text.code_locked(
                customer.number, standing.strikes, until, recipient.language
            )
            uow.outbox.add(
                NewMail(None, recipient.address, subject, body, held=False, created_at=attempt.at)
            )
        self._observer.trouble(
            "code_locked", call=attempt.call_id, customer=customer.number, until=until.isoformat()
        )


def _attempt(call: CallRecord, at: datetime) -> CodeAttempt:
    return CodeAttempt(
        at=at - timedelta(seconds=call.clock_shift_seconds),
        call_id=call.id,
        source=call.caller_number or f"{CHANNEL}{call.channel}",
        by_number=call.caller_number is not None,
        rehearsal=call.rehearsal,
    )


def _shown(attempt: CodeAttempt) -> str:
    return mask_number(attempt.source) if attempt.by_number else attempt.source


def _recipients(uow: UnitOfWork, customer_id: int, language: str) -> list[Recipient]:
    """Everybody who has an address, each once, in his language or the customer's."""
    people = uow.contacts.list_of(customer_id)
    written = {person.email: person.language or language for person in people if person.email}
    return [Recipient(address, spoken) for address, spoken in written.items()]
