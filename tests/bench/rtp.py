"""Two hundred callers listening at once: does anybody hear a hole in the prompts?"""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ivr.callflow.prompts import Language, PromptKey, prompt
from tests.bench.exchange import Office, People, open_office
from tests.bench.figures import Bench, Figure, percentile
from tests.bench.listeners import STEP
from tests.bench.surroundings import PREMIUM, demo_application, ending
from tests.lab.processes import Child, wait_until
from tests.lab.sipp import HangUp, Pause
from tests.story import notice_for

TITLE = "RTP to two hundred callers at once"
LIMIT_SECONDS = 300
NEEDS_ASTERISK = True
ARRIVAL_RATE = 25.0
FIRST_PORT = 26000
BOUND_MS = 60
NEAR_SECONDS = 0.5
BEFORE, AFTER = PromptKey.GREETING, PromptKey.CONFIRM_ORDER
"""While Asterisk waits for a key afterwards it sends nothing, so callers hang up just before."""


def measure(bench: Bench) -> Iterator[Figure]:
    """All of them hear greeting, notice and question in full length."""
    place = bench.place("rtp")
    app = demo_application(place, bench.demo, None)
    callers = bench.size(200, 40)
    until = [prompt(BEFORE, Language.DE), *notice_for(app, PREMIUM, app.clock.now())]
    listens = app.sounds.seconds([*until, prompt(AFTER, Language.DE)]) - 0.3
    with open_office(place, app) as office:
        bench.facts["Asterisk"] = office.asterisk.version
        before = office.asterisk.cpu_seconds()
        streams = _listen(office, place, callers, listens)
        cpu = office.asterisk.cpu_seconds() - before
    turn = app.sounds.seconds(until)
    gaps = [gap for stream in streams for gap in stream.gaps_ms()]
    within = [gap for stream in streams for gap in stream.gaps_ms(but_near=turn)]
    heard = min(stream.seconds for stream in streams)
    assert heard > listens * 0.9, f"a caller heard packets for {heard:.1f} of {listens:.1f} s only"
    yield Figure(
        f"Longest RTP inter-arrival time with {callers} callers",
        max(gaps),
        BOUND_MS,
        "ms",
        how=f"{len(gaps)} packets to {callers} telephones, {listens:.0f} s of prompts each, "
        f"{ARRIVAL_RATE:.0f} new ones a second, all at once for "
        f"{listens - callers / ARRIVAL_RATE:.0f} s; by the kernel's clock, the turn between notice "
        f"and question included, {max(within):.0f} ms without it; p99.9 {percentile(gaps, 99.9):.0f} "
        f"ms, {sum(gap > BOUND_MS for gap in gaps)} over the bound, "
        f"{sum(stream.lost for stream in streams)} packets lost; Asterisk used {cpu:.0f} s of CPU",
    )


@dataclass(frozen=True)
class Stream:
    """What one telephone heard."""

    arrivals: Sequence[float]
    numbers: Sequence[int]

    def gaps_ms(self, but_near: float | None = None) -> list[float]:
        """Between packets; those around `but_near` seconds after the first one may be left out."""
        return [
            (later - earlier) * 1000
            for earlier, later in pairwise(self.arrivals)
            if but_near is None or abs(earlier - self.arrivals[0] - but_near) > NEAR_SECONDS
        ]

    @property
    def seconds(self) -> float:
        return self.arrivals[-1] - self.arrivals[0] if self.arrivals else 0.0

    @property
    def lost(self) -> int:
        """Holes in the sequence numbers."""
        return sum(
            step - 1
            for earlier, later in pairwise(self.numbers)
            if 1 < (step := (later - earlier) & 0xFFFF) < 1000
        )


def _listen(office: Office, place: Path, callers: int, listens: float) -> list[Stream]:
    heard = place / "heard.json"
    ports = [FIRST_PORT + n * STEP for n in range(callers)]
    rows = [f"{PREMIUM[0]};{port}" for port in ports]
    module = "tests.bench.listeners"
    command = [sys.executable, "-m", module, str(FIRST_PORT), str(callers), str(heard)]
    with ending(Child(command, place / "listeners.log")) as ears:
        wait_until(heard.exists, 10, "somebody to listen")
        people = People(rows, (Pause(int(listens * 1000)), HangUp()), own_media_ports=True)
        crowd = office.call("callers", people, callers, ARRIVAL_RATE)
        try:
            crowd.wait(listens * 2 + 60)
        finally:
            crowd.stop()
        ears.signal(signal.SIGTERM)
        ears.wait(30)
    assert crowd.failed == 0, f"{crowd.failed} calls failed; see {crowd.folder}"
    arrivals, numbers = json.loads(heard.read_text())
    return [Stream(arrivals[port], numbers[port]) for port in arrivals]
