"""The case to build for: 2,000 callers in ten minutes, two technicians (a simulation with a frozen clock).

Every caller hears the disturbance as the first thing after he is identified, within fifteen seconds of
speech, and leaves or goes on. Nobody is lost: each call ends with a wish to be told, a bridge or a ticket.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from ivr.bootstrap import Application
from ivr.callflow.events import (
    DigitsEntered,
    DigitsTimedOut,
    MessageRecorded,
    PlaybackFinished,
    RecordingEnd,
)
from ivr.callflow.support_session import State
from ivr.callflow.verbs import Announce, Dial, Gather, Play, Record
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Reply
from ivr.services.reports import DialReport, DialStatus, IncomingCall
from ivr.storage.models import (
    Call,
    Contact,
    Contract,
    ContractLocation,
    Customer,
    InformMe,
    Location,
    OutboxMail,
    PhoneNumber,
)
from tests.fakes import MONDAY_TEN
from tests.story import disturb

CALLERS, MINUTES = int(os.environ.get("PIKETT_TEST_CALLERS", "300")), 10
"""2,000 is the case that is built for; it takes five minutes and is played by hand."""
FEW = 60
SINCE = "2026-11-23T09:52:00+01:00"
GREETING, FIRST = "greeting", "disturbance"
PLANS = ("premium", "pro_plus", "pro", "basic_plus", "basic")
LONGEST_SECONDS = 15.0
BRIDGE = timedelta(minutes=4)


def crowd(app: Application, number: int) -> None:
    """Customers with a plan, a number and an address; every fifth has no address."""
    with app.storage.engine.begin() as connection:
        for each in range(number):
            connection.execute(
                insert(Customer),
                {
                    "id": 1000 + each,
                    "number": f"{20000 + each}",
                    "name": f"Firma {each}",
                    "language": ("de", "fr", "it", "en")[each % 4],
                    "demo": True,
                    "created_at": MONDAY_TEN,
                },
            )
            place = {"id": 1000 + each, "customer_id": 1000 + each, "name": "Baden"}
            connection.execute(insert(Location), place)
            phone = {"customer_id": 1000 + each, "number": caller_number(each)}
            connection.execute(insert(PhoneNumber), phone)
            connection.execute(insert(Contract), _contract(each))
            covered = {"contract_id": 1000 + each, "location_id": 1000 + each}
            connection.execute(insert(ContractLocation), covered)
            if each % 5:
                mail = {"customer_id": 1000 + each, "name": "Eva", "email": f"e{each}@example.ch"}
                connection.execute(
                    insert(Contact), mail | {"may_order": True, "created_at": MONDAY_TEN}
                )


def _contract(each: int) -> dict[str, Any]:
    return {
        "id": 1000 + each,
        "customer_id": 1000 + each,
        "number": f"C{each}",
        "version": 1,
        "kind": "cla",
        "plan_id": PLANS[each % len(PLANS)],
        "starts_on": MONDAY_TEN.date().replace(month=1),
    }


def caller_number(each: int) -> str:
    return f"+4144300{each:04}"


class Caller:
    """One call; `choice` is the key he presses at the disturbance, None for no key."""

    def __init__(
        self, app: Application, each: int, choice: str | None, busy: "Technicians"
    ) -> None:
        self.app, self.each, self.choice, self.busy = app, each, choice, busy
        self.first_speech: list[str] = []
        self.seconds_to_choice: float | None = None

    def call(self, at: datetime) -> str:
        number = caller_number(self.each)
        reply = self.app.calls.begin(
            IncomingCall(
                channel="asterisk",
                provider_call_id=f"crowd-{self.each}",
                caller=parse_caller_id(number, own_numbers=frozenset()),
                raw_caller=number,
                at=at,
                can_ring_at_once=False,
                rehearsal=False,
            )
        )
        self._listen(reply)
        while not reply.over:
            at += timedelta(seconds=8)
            reply = self._answer(reply, at)
        return reply.call_id

    def _listen(self, reply: Reply) -> None:
        spoken = [
            prompt
            for verb in reply.verbs
            if isinstance(verb, Play | Gather | Announce)
            for prompt in verb.prompts
        ]
        self.first_speech = [str(prompt.key) for prompt in spoken]
        assert reply.state == State.HEARING_DISTURBANCE
        self.seconds_to_choice = self.app.sounds.seconds(spoken[:-1])

    def _answer(self, reply: Reply, at: datetime) -> Reply:
        waiting = reply.verbs[-1]
        match waiting:
            case Gather() if reply.state == State.HEARING_DISTURBANCE:
                pressed = DigitsEntered(at, self.choice) if self.choice else DigitsTimedOut(at)
                return self.app.calls.report(reply.leg_id, reply.turn, pressed)
            case Announce():
                heard = PlaybackFinished(at, complete=True, seconds=8.0)
                return self.app.calls.report(reply.leg_id, reply.turn, heard)
            case Gather() if reply.state == State.CONFIRMING:
                return self.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(at, "1"))
            case Gather():
                return self.app.calls.report(reply.leg_id, reply.turn, DigitsTimedOut(at))
            case Dial():
                return self._dialled(reply, waiting, at)
            case Record():
                words = MessageRecorded(at, f"file:{self.each}.wav", 6.0, RecordingEnd.KEY)
                return self.app.calls.report(reply.leg_id, reply.turn, words)
        raise AssertionError(waiting)

    def _dialled(self, reply: Reply, dial: Dial, at: datetime) -> Reply:
        """A free technician takes it and talks; the desk and busy people do not answer."""
        leg = dial.legs[0]
        if not self.busy.takes(leg.number, at):
            ended = DialReport(at, DialStatus.NO_ANSWER)
            return self.app.calls.report(reply.leg_id, reply.turn, ended)
        whisper = self.app.calls.begin_leg(leg.attempt_id, at)
        accepted = DigitsEntered(at, "1")
        taken = self.app.calls.report(whisper.leg_id, whisper.turn, accepted)
        assert taken.state == "connected"
        over = DialReport(at + BRIDGE, DialStatus.ANSWERED, 240)
        return self.app.calls.report(reply.leg_id, reply.turn, over)


class Technicians:
    """Two of them; each talks for minutes and takes the next call afterwards."""

    def __init__(self) -> None:
        self.free_at: dict[str, datetime] = {}

    def takes(self, number: str, at: datetime) -> bool:
        if number not in ("+41440009001", "+41440009002"):
            return False
        if self.free_at.get(number, at) > at:
            return False
        self.free_at[number] = at + BRIDGE
        return True


def simulate(app: Application, number: int) -> Iterator[tuple[Caller, str]]:
    chance, technicians = random.Random(7), Technicians()
    for each in range(number):
        at = MONDAY_TEN + timedelta(seconds=each * MINUTES * 60 / number)
        choice = chance.choices(["1", "2", None], [75, 15, 10])[0]
        if choice == "1" and each % 5 == 0:
            choice = "2"
        caller = Caller(app, each, choice, technicians)
        yield caller, caller.call(at)


@pytest.mark.parametrize("number", [FEW, pytest.param(CALLERS, marks=pytest.mark.slow)])
def test_everybody_hears_it_first_and_nobody_is_lost(number: int, app: Application) -> None:
    crowd(app, number)
    expected = "2026-11-23T12:30:00+01:00"
    texts = {"de": "Internet in Baden", "fr": "Internet à Baden", "it": "Internet a Baden"}
    outage = disturb(
        app, SINCE, scopes=["all"], texts=texts | {"en": "Internet in Baden"}, expected_at=expected
    )
    ended: Counter[str] = Counter()
    left = 0
    for caller, call_id in simulate(app, number):
        assert caller.first_speech[0] == GREETING
        assert caller.first_speech[1] == FIRST
        assert caller.seconds_to_choice is not None
        assert caller.seconds_to_choice <= LONGEST_SECONDS
        left += caller.choice == "1"
        ended[_end_of(app, call_id)] += 1
    assert ended["lost"] == 0
    assert ended["told"] == left > 0
    assert ended["bridged"] > 0
    assert ended["ticket"] == number - left - ended["bridged"]
    _tell_all(app, outage, left)
    print(f"\n{number} callers: {dict(ended)}")


def _end_of(app: Application, call_id: str) -> str:
    with app.storage.engine.connect() as connection:
        row = connection.execute(
            select(Call.result, Call.ticket_number, Call.ended_at).where(Call.id == call_id)
        ).one()
        wish = connection.execute(select(InformMe.id).where(InformMe.call_id == call_id)).first()
    if row.ended_at is None:
        return "lost"
    if row.result == "informed" and wish is not None:
        return "told"
    if row.result == "bridged":
        return "bridged"
    return "ticket" if row.ticket_number is not None else "lost"


def _tell_all(app: Application, outage: int, left: int) -> None:
    """At the end every one of them has his mail."""
    later = MONDAY_TEN + timedelta(hours=2)
    assert app.disturbances.end(outage, later) == left
    while app.disturbance_ends.collect(later):
        pass
    with app.storage.engine.connect() as connection:
        mailed = select(func.count()).where(OutboxMail.created_at == later)
        assert connection.execute(mailed).scalar_one() == left
        waits = select(func.count()).where(InformMe.informed_at.is_(None))
        assert connection.execute(waits).scalar_one() == 0
