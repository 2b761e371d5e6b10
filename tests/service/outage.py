"""An outage: callers and technicians who act in the order of their instants, without any waiting.

`Reference` is the test's own account of whose turn it is. It knows what callers and technicians have
done, and asks the line nothing.
"""

import heapq
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ivr.bootstrap import Application
from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    MessageRecorded,
    PlaybackFinished,
    RecordingEnd,
)
from ivr.callflow.prompts import Prompt
from ivr.callflow.support_session import State
from ivr.callflow.verbs import Announce, Dial, Gather, Play, Record
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Reply
from ivr.services.reports import DialReport, DialStatus, IncomingCall, Report
from tests.service.conftest import legs_of
from tests.service.outage_scene import PLANS, caller_number, has_address

REACTION_HOURS = {"premium": 1, "pro_plus": 2, "pro": 6}
"""What the plans sell; of the others nothing falls due at an hour of its own."""
TECHNICIANS = frozenset({"+41440009001", "+41440009002"})
RINGS, WHISPER, TALK, DESK_RINGS = (timedelta(seconds=each) for each in (4, 3, 35, 20))
LOOKS_EVERY = timedelta(seconds=20)
NEVER = datetime.max.replace(tzinfo=UTC)
Place = tuple[int, datetime, datetime]


class Does(StrEnum):
    """What a caller does when he has heard of the disturbance."""

    LEAVES_WISH = "1"
    GOES_ON = "2"
    NO_KEY = ""
    HANGS_UP = "hangs up"


@dataclass
class Reference:
    """Who waits, and which technicians are on a call."""

    queue: dict[int, Place] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    offered: list[int] = field(default_factory=list)
    overtaken: dict[str, int] = field(default_factory=lambda: {"plan": 0, "due": 0})
    longest: int = 0

    def order(self) -> list[int]:
        return sorted(self.queue, key=lambda each: self.queue[each])

    def comes(self, each: int, place: Place) -> None:
        self.queue.setdefault(each, place)
        self.longest = max(self.longest, len(self.queue))

    def is_turn_of(self, each: int) -> bool:
        """As many callers as there are free technicians, and no one else."""
        return each in self.order()[: len(TECHNICIANS - self.busy)]

    def rings(self, each: int, number: str) -> None:
        assert number in TECHNICIANS - self.busy
        rank, due, since = self.queue.pop(each)
        self.busy.add(number)
        self.offered.append(each)
        earlier = [other for other in self.queue.values() if other[2] < since]
        self.overtaken["plan"] += any(other[0] > rank for other in earlier)
        self.overtaken["due"] += any(other[0] == rank and other[1] > due for other in earlier)


class Caller:
    """One customer; `called_before` has ordered before the outage, and hung up before anybody came."""

    def __init__(self, app: Application, each: int, reference: Reference, at: datetime) -> None:
        self.app, self.each, self.reference, self.at = app, each, reference, at
        self._chance = random.Random(each)
        self.does = self._chance.choices(list(Does), [72, 14, 8, 6])[0]
        stays = self.does in (Does.GOES_ON, Does.NO_KEY) and self.plan in REACTION_HOURS
        self.called_before = stays and self._chance.random() < 0.5
        self.gives_up: Report | None = None
        self.first_speech: tuple[Prompt, ...] = ()
        self.call_id = ""
        self.hung_up = False
        self._ordered_at: datetime | None = None
        self._impatient()

    def _impatient(self) -> None:
        """Some who wait hang up, leave words or ask for the desk; after how long, is theirs."""
        until = self.at + timedelta(seconds=self._chance.uniform(60, 200))
        reports = [CallerHungUp(until), DigitsEntered(until, "2"), DigitsEntered(until, "0"), None]
        self.gives_up = self._chance.choices(reports, [8, 6, 4, 82])[0]

    @property
    def plan(self) -> str:
        return PLANS[self.each % len(PLANS)]

    @property
    def number(self) -> str:
        return caller_number(self.each)

    @property
    def leaves(self) -> bool:
        """Without an address his key is a wrong one, and he goes on."""
        return self.does is Does.LEAVES_WISH and has_address(self.each)

    def call_before(self) -> None:
        """So long ago that what was ordered then falls due before what the best plan orders now."""
        at = self.at - timedelta(minutes=100)
        reply = self._begin("before", at)
        while reply.state != State.RINGING_TECHNICIANS:
            at += timedelta(seconds=6)
            reply = self._report(reply, self._answer(reply, at))
        self.app.calls.hang_up(reply.call_id, at)

    def life(self) -> Iterator[datetime]:
        """Yields the instant of what he does next, and does it when he is asked again."""
        reply, at = self._begin("outage", self.at), self.at
        self.call_id = reply.call_id
        self._listen(reply)
        while not reply.over:
            if isinstance(reply.verbs[-1], Dial):
                reply, at = yield from self._dialled(reply, at)
            else:
                at += self._pace(reply)
                yield at
                reply = self._report(reply, self._answer(reply, at))
            self._look_whose_turn(reply, at)

    def _dialled(self, reply: Reply, at: datetime) -> Iterator[datetime]:
        """Technicians take every call and talk; at the desk nobody is left to answer."""
        (leg,) = legs_of(reply)
        if leg.number not in TECHNICIANS:
            yield (at := at + DESK_RINGS)
            return self._report(reply, DialReport(at, DialStatus.NO_ANSWER)), at
        yield (at := at + RINGS)
        whisper = self.app.calls.begin_leg(leg.attempt_id, at)
        yield (at := at + WHISPER)
        taken = self._report(whisper, DigitsEntered(at, "1"))
        assert taken.state == "connected"
        yield (at := at + TALK)
        over = self._report(reply, DialReport(at, DialStatus.ANSWERED, int(TALK.total_seconds())))
        self.reference.busy.remove(leg.number)
        return over, at

    def _look_whose_turn(self, reply: Reply, at: datetime) -> None:
        """The line has just looked for a technician, or he is past that."""
        ref, rings = self.reference, reply.state == State.RINGING_TECHNICIANS
        if not rings and reply.state != State.WAITING_FOR_TECHNICIAN:
            ref.queue.pop(self.each, None)
            return
        ref.comes(self.each, self._place(at))
        assert rings == ref.is_turn_of(self.each), (self.each, at, ref)
        if rings:
            ref.rings(self.each, legs_of(reply)[0].number)

    def _place(self, since: datetime) -> Place:
        assert self._ordered_at is not None
        hours = REACTION_HOURS.get(self.plan)
        due = NEVER if hours is None else self._ordered_at + timedelta(hours=hours)
        return PLANS.index(self.plan), due, since

    def _begin(self, name: str, at: datetime) -> Reply:
        caller = parse_caller_id(self.number, own_numbers=frozenset())
        unique = f"{name}-{self.each}"
        return self.app.calls.begin(
            IncomingCall("asterisk", unique, caller, self.number, at, can_ring_at_once=False)
        )

    def _listen(self, reply: Reply) -> None:
        heard = (verb for verb in reply.verbs if isinstance(verb, Play | Gather | Announce))
        self.first_speech = tuple(prompt for verb in heard for prompt in verb.prompts)
        assert reply.state == State.HEARING_DISTURBANCE

    def _pace(self, reply: Reply) -> timedelta:
        if reply.state == State.WAITING_FOR_TECHNICIAN:
            return LOOKS_EVERY
        return timedelta(seconds=self._chance.uniform(6, 10))

    def _report(self, reply: Reply, report: Report) -> Reply:
        self.hung_up |= isinstance(report, CallerHungUp)
        return self.app.calls.report(reply.leg_id, reply.turn, report)

    def _answer(self, reply: Reply, at: datetime) -> Report:
        match reply.verbs[-1]:
            case Announce():
                return PlaybackFinished(at, complete=True, seconds=8.0)
            case Record():
                return MessageRecorded(at, f"file:{self.each}.wav", 6.0, RecordingEnd.KEY)
        match reply.state:
            case State.HEARING_DISTURBANCE if self.does is Does.HANGS_UP:
                return CallerHungUp(at)
            case State.HEARING_DISTURBANCE if self.does is not Does.NO_KEY:
                return DigitsEntered(at, self.does)
            case State.CONFIRMING:
                self._ordered_at = at
                return DigitsEntered(at, "1")
            case State.OFFERING_TICKET:
                return DigitsEntered(at, "1")
            case State.WAITING_FOR_TECHNICIAN if self.gives_up and at >= self.gives_up.at:
                return self.gives_up
        return DigitsTimedOut(at)


def play(callers: Iterable[Caller], between: Callable[[], None]) -> None:
    """Whatever is due next is done next; `between` looks on."""
    due = [(caller.at, caller.each, caller.life()) for caller in callers]
    heapq.heapify(due)
    while due:
        _, each, life = heapq.heappop(due)
        later = next(life, None)
        between()
        if later is not None:
            heapq.heappush(due, (later, each, life))
