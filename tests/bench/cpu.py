"""CPU of a complete inbound journey: against a bare pyst2 server, and against Asterisk itself."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.agi_caller import ORDER, Crowd, Journey
from tests.bench.exchange import ENGAGED_SECONDS, Office, make_real_calls, open_office
from tests.bench.figures import Bench, Figure, median_ratio, rounds_text
from tests.bench.machine import cpu_seconds
from tests.bench.surroundings import (
    PREMIUM,
    Shifts,
    attempts,
    demo_application,
    ending,
    fastagi,
    on_duty,
    pid_of,
    results,
)
from tests.lab.processes import Child, free_port, is_listening, wait_until

TITLE = "CPU per complete inbound journey"
LIMIT_SECONDS = 900
NEEDS_ASTERISK = True
RATE = 10.0
REAL_RATE = 5.0


def measure(bench: Bench) -> Iterator[Figure]:
    """First over the bare socket, then on real calls."""
    yield _against_pyst2(bench)
    yield _against_asterisk(bench)


def _against_pyst2(bench: Bench) -> Figure:
    place = bench.place("cpu-socket")
    app = demo_application(place, bench.demo, 0.2)
    calls, ours, theirs = bench.size(100, 20), [], []
    with fastagi(app, place) as server:
        (sample, *_) = _journeys(server.port, "warm", 5)
        said = place / "lines.json"
        said.write_text(json.dumps(sample.lines))
        with _pyst2_server(place, said) as (port, pid):
            _journeys(port, "warm", 5)
            for n in range(bench.rounds):
                theirs.append(_cpu_per_call(pid, port, f"theirs{n}", calls))
                ours.append(_cpu_per_call(pid_of(server), server.port, f"ours{n}", calls))
                bench.tell(
                    f"ours {ours[-1] * 1000:.1f} ms, pyst2 {theirs[-1] * 1000:.1f} ms a call"
                )
    made = calls * bench.rounds + 5
    assert results(app) == {"bridged": made}, results(app)
    assert attempts(app) == {"on_duty": made}, attempts(app)
    lines = sum(len(spoken) for spoken in sample.lines.values())
    return Figure(
        "CPU of a journey, ours to a bare pyst2 server",
        median_ratio(zip(ours, theirs, strict=True)),
        8,
        "times",
        how=f"{calls} calls a round at {RATE:.0f} a second, three conversations and {lines} commands "
        "each, prompts over at once, seven durable commits on our side; "
        + rounds_text({"ours": _ms(ours), "pyst2": _ms(theirs)}, "ms a call"),
    )


def _ms(seconds: list[float]) -> list[float]:
    return [each * 1000 for each in seconds]


@contextmanager
def _pyst2_server(place: Path, said: Path) -> Iterator[tuple[int, int]]:
    port = free_port()
    module = "tests.bench.baselines.pyst2_server"
    command = [sys.executable, "-m", module, str(port), str(said)]
    with ending(Child(command, place / "pyst2.log")) as child:
        wait_until(lambda: is_listening(port), 10, "the pyst2 server")
        yield port, child.pid


def _cpu_per_call(pid: int, port: int, name: str, calls: int) -> float:
    before = cpu_seconds(pid)
    _journeys(port, f"{name}-{pid}", calls)
    time.sleep(0.2)
    return (cpu_seconds(pid) - before) / calls


def _journeys(port: int, name: str, calls: int) -> list[Journey]:
    """Only one is dialled at a time, so that the technician on duty is always free."""
    return Crowd(port, name, [(PREMIUM[0], ORDER)] * calls, RATE).make_calls()


def _against_asterisk(bench: Bench) -> Figure:
    """Both on the very same calls, with prompts of 200 ms: Asterisk pays for every packet."""
    place = bench.place("cpu-asterisk")
    app = demo_application(place, bench.demo, 0.2)
    calls, ours, theirs = bench.size(100, 20), [], []
    seconds = (calls / REAL_RATE + 20) * (bench.rounds + 1)
    shifts = Shifts(REAL_RATE, ENGAGED_SECONDS, seconds)
    with open_office(place, app) as office, on_duty(app, shifts):
        bench.facts["Asterisk"] = office.asterisk.version
        make_real_calls(office, "warm", 10, REAL_RATE)
        for n in range(bench.rounds):
            before = _both(office)
            make_real_calls(office, f"calls{n}", calls, REAL_RATE)
            used = [(now - then) / calls for now, then in zip(_both(office), before, strict=True)]
            ours.append(used[0])
            theirs.append(used[1])
            bench.tell(f"ours {used[0] * 1000:.1f} ms, Asterisk {used[1] * 1000:.1f} ms a call")
    assert results(app) == {"bridged": calls * bench.rounds + 10}, results(app)
    return Figure(
        "CPU of a bridged call, ours to Asterisk's own",
        median_ratio(zip(ours, theirs, strict=True)),
        1,
        "times",
        how=f"{calls} SIPp calls a round at {REAL_RATE:.0f} a second, prompts of 200 ms, ten seconds "
        "each; longer prompts cost Asterisk more and us nothing; "
        + rounds_text({"ours": _ms(ours), "Asterisk": _ms(theirs)}, "ms a call"),
    )


def _both(office: Office) -> tuple[float, float]:
    return cpu_seconds(pid_of(office.server)), office.asterisk.cpu_seconds()
