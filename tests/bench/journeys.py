"""Many complete journeys on a real Asterisk: fifty a second for a minute, one in twenty by code."""

from collections.abc import Iterator

from tests.bench.agi_caller import ORDER, ORDER_BY_CODE, Crowd
from tests.bench.exchange import (
    ENGAGED_SECONDS,
    QUICK_ACCEPT,
    QUICK_ORDER,
    QUICK_RING_MS,
    Office,
    People,
    Telephones,
    open_office,
)
from tests.bench.figures import Bench, Figure
from tests.bench.machine import cpu_seconds
from tests.bench.surroundings import (
    PREMIUM,
    Shifts,
    attempts,
    demo_application,
    fastagi,
    on_duty,
    pid_of,
    results,
    upkeep,
)
from tests.lab.sipp import AwaitHangUp, Pause, Press

TITLE = "Journeys at full load"
LIMIT_SECONDS = 600
NEEDS_ASTERISK = True
BY_CODE_EVERY = 20
AFTER_SECONDS = 90
"""What the last calls may take, with servers that are behind."""

PRESS_ORDER_BY_CODE = (
    Pause(2500),
    Press("1"),
    Pause(1500),
    Press("11001123456"),
    Pause(2500),
    Press("1"),
    AwaitHangUp(),
)


def measure(bench: Bench) -> Iterator[Figure]:
    """On a real Asterisk; then over the socket alone, which tells whose limit was reached."""
    rate, seconds = bench.size(50, 10), bench.size(60, 10)
    yield _on_asterisk(bench, rate, seconds)
    yield _over_the_socket(bench, rate, seconds)


def _on_asterisk(bench: Bench, rate: int, seconds: int) -> Figure:
    """Every call must end as a bridged one, for SIPp and in our records."""
    place = bench.place("journeys-asterisk")
    app = demo_application(place, bench.demo, 0.2)
    calls = rate * seconds
    shifts = _shifts(rate, seconds, ENGAGED_SECONDS)
    with open_office(place, app) as office, upkeep(app, place), on_duty(app, shifts):
        bench.facts["Asterisk"] = office.asterisk.version
        before = _cpu(office)
        crowds = _make_calls(office, calls, rate, bench)
        theirs, ours = (now - then for now, then in zip(_cpu(office), before, strict=True))
    failed = max(sum(crowd.failed for crowd in crowds), calls - results(app).get("bridged", 0))
    return Figure(
        f"Failed of {calls} journeys at {rate} calls a second, with Asterisk",
        failed,
        0,
        how=f"{seconds} s of SIPp calls, prompts of 200 ms, one in {BY_CODE_EVERY} by support code; "
        f"ended as {results(app)}, rung {attempts(app)}; {theirs / calls * 1000:.1f} ms of CPU a call "
        f"in Asterisk, {ours / calls * 1000:.1f} ms in our server; callers, telephones, Asterisk, our "
        "servers and the mail worker share the cores",
    )


def _over_the_socket(bench: Bench, rate: int, seconds: int) -> Figure:
    place = bench.place("journeys-socket")
    app = demo_application(place, bench.demo, 0.2)
    every = [(PREMIUM[n % len(PREMIUM)], ORDER) for n in range(BY_CODE_EVERY - 1)]
    callers = [*every, ("unknown", ORDER_BY_CODE)] * (rate * seconds // BY_CODE_EVERY)
    shifts = _shifts(rate, seconds, 1)
    with fastagi(app, place) as server, upkeep(app, place), on_duty(app, shifts):
        before = cpu_seconds(pid_of(server))
        _, failures = Crowd(server.port, "socket", callers, rate, len(callers)).try_calls()
        used = cpu_seconds(pid_of(server)) - before
    ended = results(app)
    return Figure(
        f"Failed of {len(callers)} journeys at {rate} calls a second, over the FastAGI socket",
        max(len(failures), len(callers) - ended.get("bridged", 0)),
        0,
        how=f"the same without Asterisk and SIPp: {seconds} s of FastAGI conversations in real time, "
        f"prompts over at once; ended as {ended}, rung {attempts(app)}; "
        f"{used / len(callers) * 1000:.1f} ms of CPU a call in our server",
    )


def _shifts(rate: int, seconds: int, engaged: float) -> Shifts:
    return Shifts(rate, engaged, seconds + AFTER_SECONDS, calls=2, people=6)


def _cpu(office: Office) -> tuple[float, float]:
    return office.asterisk.cpu_seconds(), cpu_seconds(pid_of(office.server))


def _make_calls(office: Office, calls: int, rate: int, bench: Bench) -> list[Telephones]:
    by_code = calls // BY_CODE_EVERY
    lines = office.answer("calls", QUICK_ACCEPT, QUICK_RING_MS)
    known = office.call(
        "known",
        People(PREMIUM, QUICK_ORDER),
        calls - by_code,
        rate * (BY_CODE_EVERY - 1) / BY_CODE_EVERY,
    )
    unknown = office.call(
        "unknown", People(("anonymous",), PRESS_ORDER_BY_CODE), by_code, rate / BY_CODE_EVERY
    )
    try:
        for crowd in (known, unknown):
            crowd.wait(calls / rate + AFTER_SECONDS)
            bench.tell(f"{crowd.calls} calls over, {crowd.failed} of them failed")
        office.wait_quiet()
    finally:
        for crowd in (known, unknown, lines):
            crowd.stop()
    return [known, unknown]
