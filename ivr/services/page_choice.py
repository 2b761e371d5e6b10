"""Which telephones ring next for a case: decided in one transaction, written into the ledger first."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.contracts.windows import local_time
from ivr.escalation.limits import DEFAULT_LIMITS, Limit
from ivr.escalation.policy import Policy, Step, loaded
from ivr.escalation.rings import Person, Phone, Ring, next_rings, people_of
from ivr.numbers.dial_guard import may_dial
from ivr.roster.hunt import HuntRules, Level, Target
from ivr.services.escalation_store import (
    Channel,
    EscalationRecord,
    PageRecord,
    PageState,
)
from ivr.services.freed import FREED, freed_key
from ivr.services.page_again import asked_until, due_again, freed_rings, ring_key
from ivr.services.page_turns import telephone_allowed_at
from ivr.services.ports import Ids, Observer
from ivr.services.stores import UnitOfWork
from ivr.services.turn_order import PRESENT, TurnOrder

LONGEST_WAIT = timedelta(seconds=90)
"""A telephone that may not ring again for longer is passed over: its person is written to anyhow."""


@dataclass(frozen=True, slots=True)
class PagingRules:
    """Settings of pages. `staffed` are numbers that people sit at: the desk, the day team."""

    hunt: HuntRules
    ring_seconds: int
    extensions: AbstractSet[str]
    staffed: tuple[Target, ...] = ()
    limits: tuple[Limit, ...] = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Choice:
    """What comes of a deadline: pages to place, a time to look again, or the end of the policy.

    `round` and `step` are where it stands then. `entered` is whom a step that has just begun means:
    they are written to as well.
    """

    round: int
    step: int
    pages: tuple[PageRecord, ...] = ()
    look_again: datetime | None = None
    exhausted: bool = False
    entered: tuple[Person, ...] = ()


class PageChoice:
    """Chooses by policy, roster and ledger."""

    def __init__(self, rules: PagingRules, ids: Ids, observer: Observer, order: TurnOrder) -> None:
        self._rules = rules
        self._order = order
        self._ids = ids
        self._observer = observer

    def choose(self, uow: UnitOfWork, running: EscalationRecord, now: datetime) -> Choice:
        """What to do at its deadline; ledger lines of what is passed over are written on the way."""
        policy = loaded(running.policy)
        if running.step >= len(policy.steps):
            return self._after(uow, running, policy, now)
        step = policy.steps[running.step]
        ledger = uow.pages.list_of(running.id)
        freed = self._ring_freed(uow, running, ledger, now)
        if freed is not None:
            return freed
        here = [page for page in ledger if (page.round, page.step) == (running.round, running.step)]
        people = people_of(step, self._present(uow, now), self._responsible(uow, running))
        rung = self._ring(uow, running, step, here, people, now)
        chosen = rung if rung is not None else self._after(uow, running, policy, now)
        return chosen if here or policy.quiet else replace(chosen, entered=people)

    def _ring_freed(
        self,
        uow: UnitOfWork,
        running: EscalationRecord,
        ledger: Sequence[PageRecord],
        now: datetime,
    ) -> Choice | None:
        """Who was passed over because he was on a call, and is not any more, comes first."""
        for ring in freed_rings(ledger, self._present(uow, now)):
            rings = uow.pages.find_ringing(ring.phone.number, now) is not None
            if not rings and self._is_engaged(uow, running, ring.person, now):
                continue
            judged = self._judge(uow, running, ring, now)
            if isinstance(judged, PageRecord):
                return Choice(running.round, running.step, pages=(judged,))
            if judged is not None:
                return Choice(running.round, running.step, look_again=judged)
        return None

    def _after(
        self, uow: UnitOfWork, running: EscalationRecord, policy: Policy, now: datetime
    ) -> Choice:
        """The next step, the next round, or the end."""
        step, round_ = running.step + 1, running.round
        if step < len(policy.steps):
            pause = policy.steps[step].delay_seconds
        elif round_ < policy.rounds:
            self._complain_about_silence(uow, running)
            step, round_, pause = 0, round_ + 1, policy.pause_seconds
        else:
            self._complain_about_silence(uow, running)
            return Choice(running.round, running.step, exhausted=True)
        return Choice(round_, step, look_again=now + timedelta(seconds=pause))

    def _ring(
        self,
        uow: UnitOfWork,
        running: EscalationRecord,
        step: Step,
        here: Sequence[PageRecord],
        people: Sequence[Person],
        now: datetime,
    ) -> Choice | None:
        """The first telephones of the step that may ring, or a wait for one; None: it is over."""
        calls = [page for page in here if page.channel is Channel.CALL]
        tried = {ring_key(page) for page in calls}
        hunt = self._rules.hunt
        twice = hunt.second_ring_at_night and hunt.is_night(local_time(now).time())
        place = Choice(running.round, running.step)
        asked = asked_until(calls, now)
        while rings := due_again(calls, people, tried, now) or (
            () if asked else next_rings(step, people, tried, twice=twice)
        ):
            tried |= {ring.key for ring in rings}
            judged = [self._judge(uow, running, ring, now) for ring in rings]
            pages = tuple(each for each in judged if isinstance(each, PageRecord))
            if pages:
                return replace(place, pages=pages)
            waits = [each for each in judged if isinstance(each, datetime)]
            if waits:
                return replace(place, look_again=min(waits))
        return replace(place, look_again=asked) if asked is not None else None

    def _judge(
        self, uow: UnitOfWork, running: EscalationRecord, ring: Ring, now: datetime
    ) -> PageRecord | datetime | None:
        """A page to place, a time until which to wait, or None: passed over, with a line of why."""
        permission = may_dial(ring.phone.number, self._rules.extensions)
        if permission.address is None:
            reason = str(permission.refusal)
            self._observer.trouble("number_refused", target=ring.person.name, reason=reason)
            self._write(uow, running, ring, ring.phone.number, PageState.REFUSED, now, reason)
            return None
        address = permission.address
        if self._is_engaged(uow, running, ring.person, now):
            return self._bundle_or_pass(uow, running, ring, address, now)
        past = uow.pages.list_calls_to(address, now - _longest(self._rules.limits))
        allowed = telephone_allowed_at(uow, running, past, now, self._rules.limits)
        if allowed - now > LONGEST_WAIT:
            self._write(uow, running, ring, address, PageState.BUNDLED, now, "limit")
            return None
        if allowed > now:
            return allowed
        return self._write(uow, running, ring, address, PageState.INTENDED, now)

    def _is_engaged(
        self, uow: UnitOfWork, running: EscalationRecord, person: Person, now: datetime
    ) -> bool:
        """On a call, or a caller who waits for him has an earlier right."""
        his = person.technician_id
        if his is None:
            return False
        uow.roster.lock()
        if uow.attempts.is_engaged(his, now, rehearsal=False):
            return True
        number, since = running.ticket_number, running.opened_at
        return not self._order.left_for_case(uow, number, his, since, now)

    def _bundle_or_pass(
        self, uow: UnitOfWork, running: EscalationRecord, ring: Ring, address: str, now: datetime
    ) -> datetime | None:
        """An alert that rings there speaks for this case too; a conversation is not disturbed."""
        ringing = uow.pages.find_ringing(address, now)
        if ringing is None:
            self._write(uow, running, ring, address, PageState.ENGAGED, now)
            his = ring.person.technician_id
            assert his is not None  # noqa: S101
            lease = uow.attempts.lease_end(his, now) or now + PRESENT
            uow.timers.schedule(freed_key(his), FREED, lease, str(his))
            return None
        self._write(uow, running, ring, address, PageState.BUNDLED, now, into=ringing.id)
        return now + LONGEST_WAIT

    def _write(
        self,
        uow: UnitOfWork,
        running: EscalationRecord,
        ring: Ring,
        address: str,
        state: PageState,
        now: datetime,
        error: str | None = None,
        into: str | None = None,
    ) -> PageRecord:
        page = replace(
            new_call(self._ids.new(), running, ring, address, now),
            state=state,
            ring_seconds=self._rules.ring_seconds,
            bundled_into=into,
            ended_at=None if state is PageState.INTENDED else now,
            error=error,
        )
        uow.pages.add(page, uow.ticket_files.get(running.ticket_number).call_id)
        return page

    def _present(self, uow: UnitOfWork, now: datetime) -> Sequence[Person]:
        staffed = [_person(target) for target in self._rules.staffed]
        return [*uow.escalations.list_present(now), *staffed]

    def _responsible(self, uow: UnitOfWork, running: EscalationRecord) -> Person | None:
        name = running.first_name
        return uow.escalations.find_person(name) if name is not None else None

    def _complain_about_silence(self, uow: UnitOfWork, running: EscalationRecord) -> None:
        """A whole round that found nobody to ring is a hole in the roster, not bad luck."""
        ledger = uow.pages.list_of(running.id)
        if not any(page.round == running.round and page.placed_at for page in ledger):
            self._observer.trouble("nobody_to_page", ticket=running.ticket_number)


def new_call(
    page_id: str, running: EscalationRecord, ring: Ring, address: str, now: datetime
) -> PageRecord:
    """A line of the ledger for a try at a telephone."""
    person = ring.person
    return PageRecord(
        id=page_id,
        escalation_id=running.id,
        key=f"{running.id}:{running.round}:{running.step}:{ring.key}",
        round=running.round,
        step=running.step,
        channel=Channel.CALL,
        technician_id=person.technician_id,
        name=person.name,
        level=person.level,
        address=address,
        language=person.language,
        state=PageState.INTENDED,
        intended_at=now,
    )


def _person(target: Target) -> Person:
    phones = (Phone("staffed", target.number),)
    return Person(None, target.name, Level(target.level), target.language, phones)


def _longest(limits: Sequence[Limit]) -> timedelta:
    return timedelta(seconds=max((limit.seconds for limit in limits), default=0))
