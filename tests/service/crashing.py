"""A night in which workers are killed: who opens cases, who answers telephones, and until when."""

import heapq
import itertools
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.requests import TicketKind
from ivr.escalation.policy import RESPONSIBLE, Policy, Reason, Step
from ivr.roster.hunt import Level
from ivr.services.cases import NewCase
from ivr.services.escalation_store import EscalationState
from ivr.services.reports import DialStatus
from ivr.storage.models import RosterEntry, Technician, Timer
from tests.lab.dying_worker import FolderTelephone, Placed
from tests.lab.processes import wait_until
from tests.service.dying import Killer, Night, Workers
from tests.wiring import quick_application

POLICY = Policy(
    "crash",
    (
        Step((RESPONSIBLE,), repeats=3),
        Step((Level.ON_DUTY,), delay_seconds=1),
        Step((Level.DEPUTY,), at_once=True),
    ),
    rounds=2,
    pause_seconds=1,
)
SHARED = 3
"""Technicians of each level; besides them each case has one of its own."""
ANSWERS = {"take": 16, "pass_on": 20, "voicemail": 12, "busy": 26, "no_answer": 26}
LATE_SECONDS = (None, 6.0, 0.05, 1.0)
"""Of whoever is rung by a worker that dies. None: the call dies with it, and nobody is told."""


def open_night(folder: Path, demo: Path, url: str) -> Application:
    """Real time, the demonstration's data, and nobody on duty yet."""
    data_dir = folder / "data"
    shutil.copytree(demo, data_dir)
    app = quick_application(data_dir, database_url=url)
    app.policies = {**app.policies, POLICY.name: POLICY}
    return app


def staff(app: Application, cases: int) -> None:
    """Six that everybody shares, and for each case somebody of its own."""
    people = [
        {"name": f"Technician {n}", "number": f"+4144000{7000 + n}", "email": "", "language": "de"}
        for n in range(cases + 2 * SHARED)
    ]
    begins = datetime.now(UTC) - timedelta(hours=1)
    span = {"starts_at": begins, "ends_at": begins + timedelta(days=1)}
    with app.storage.writing() as uow:
        uow.connection.execute(delete(RosterEntry))
        uow.connection.execute(insert(Technician), [each | {"demo": True} for each in people])
        added = select(Technician.id).where(Technician.name.like("Technician %"))
        ids = uow.connection.scalars(added.order_by(Technician.id)).all()[cases:]
        duties = [
            {
                "technician_id": each,
                "level": Level.DEPUTY if place >= SHARED else Level.ON_DUTY,
                "rank": place,
            }
            for place, each in enumerate(ids)
        ]
        uow.connection.execute(insert(RosterEntry), [duty | span for duty in duties])


def open_case(app: Application, number: int) -> int:
    """A case that rings its own technician first; the id of its escalation."""
    now = app.clock.now()
    case = NewCase("monitoring", f"case-{number}", TicketKind.MONITORING, 1, 1, "Line down")
    with app.storage.writing() as uow:
        ticket = app.cases.open(uow, case, now)
        opened = app.escalations.open_in(
            uow,
            ticket,
            Reason.MONITORING,
            now,
            policy=POLICY.name,
            first_name=f"Technician {number}",
        )
    assert opened is not None
    return opened


@dataclass
class Callees:
    """Everybody who is rung: each answers, or does not, as chance has it."""

    app: Application
    telephone: FolderTelephone
    chance: random.Random
    lines: list[Placed] = field(default_factory=list)
    taken: dict[int, float] = field(default_factory=dict)
    _offset: int = 0
    _late: Iterator[float | None] = field(default_factory=lambda: itertools.cycle(LATE_SECONDS))
    _waiting: list[tuple[float, str]] = field(default_factory=list)

    def answer(self) -> None:
        """What has rung since, and what is due of what rang before."""
        fresh, self._offset = self.telephone.read(self._offset)
        self.lines += fresh
        for line in fresh:
            delay = next(self._late) if line.dies else self.chance.random() / 5
            if delay is None:
                self.telephone.hang_up(line.call_id, None)
            else:
                heapq.heappush(self._waiting, (time.time() + delay, line.call_id))
        while self._waiting and self._waiting[0][0] <= time.time():
            self._answer(heapq.heappop(self._waiting)[1])

    @property
    def done(self) -> bool:
        return not self._waiting

    def _answer(self, call_id: str) -> None:
        if call_id not in self.telephone.ringing():
            return
        (what,) = self.chance.choices(list(ANSWERS), weights=list(ANSWERS.values()))
        if what in ("busy", "no_answer"):
            self._ends(call_id, DialStatus(what))
            return
        key = {"take": "1", "pass_on": "2"}.get(what)
        self._pick_up(call_id, key)
        self._ends(call_id, DialStatus.ANSWERED)

    def _ends(self, call_id: str, status: DialStatus) -> None:
        self.telephone.hang_up(call_id, None)
        self.app.paging.ended(call_id, status, self.app.clock.now())

    def _pick_up(self, call_id: str, key: str | None) -> None:
        reply = self.app.calls.begin_page(call_id, self.app.clock.now())
        if key is None or reply.over:
            return
        report = DigitsEntered(self.app.clock.now(), key)
        self.app.calls.report(reply.leg_id, reply.turn, report)
        if key == "1":
            with self.app.storage.reading() as uow:
                own = uow.pages.get(call_id).escalation_id
                bundled = uow.pages.list_bundled(call_id)
                spoken_for = [own, *(page.escalation_id for page in bundled)]
                states = {each: uow.escalations.get(each).state for each in spoken_for}
            assert states[own] is EscalationState.ACKNOWLEDGED
            for each, state in states.items():
                if state is EscalationState.ACKNOWLEDGED:
                    self.taken.setdefault(each, time.time())


@dataclass
class Lived:
    """Who did what."""

    opened: list[int]
    callees: Callees
    killed: set[int]
    seconds: float


def live_through(
    app: Application, workers: Workers, night: Night, seed: int, *, ends_one: bool = False
) -> Lived:
    """Open cases while workers die, then wait until everything is settled."""
    chance, started = random.Random(seed), time.time()
    callees = Callees(app, workers.telephone, chance)
    killer = Killer(workers, chance, night)
    staff(app, night.cases)
    opened: list[int] = []

    def go_on() -> None:
        while len(opened) < _wanted(night, killer):
            opened.append(open_case(app, len(opened)))
        killer.strike()
        is_middle = len(workers) > 1 and len(killer.kinds) <= night.kills // 2
        if ends_one and is_middle and killer.nobody_is_dying:
            killer.end_one_for_good()
        callees.answer()

    def is_over() -> bool:
        go_on()
        return killer.done and len(opened) == night.cases and callees.done and _is_quiet(app)

    try:
        wait_until(is_over, night.seconds, "every case to be settled")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{_left(app)}\n{workers.logs()[-3000:]}") from None
    return Lived(opened, callees, workers.dead, time.time() - started)


def _wanted(night: Night, killer: Killer) -> int:
    """Cases come as long as somebody is killed, so that there is always something to lose."""
    if killer.done:
        return night.cases
    past = night.kills - len(killer.kinds)
    return min(night.cases, 4 + night.cases * past // (night.kills + 1))


def _is_quiet(app: Application) -> bool:
    with app.storage.reading() as uow:
        jobs = uow.connection.scalars(select(Timer.job)).all()
    return not {"escalate", "stop_pages"}.intersection(jobs)


def _left(app: Application) -> str:
    with app.storage.reading() as uow:
        waiting = select(Timer).where(Timer.job.in_(("escalate", "stop_pages")))
        rows = uow.connection.execute(waiting).all()
    return "\n".join(str(tuple(row)) for row in rows[:20])
