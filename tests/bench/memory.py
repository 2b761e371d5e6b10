"""Memory of a FastAGI worker: idle, and for each call that waits for a key."""

import threading
import time
from collections.abc import Iterator

from tests.bench.agi_caller import (
    ORDER,
    Conversation,
    Crowd,
    HangUpError,
    press_then_wait,
)
from tests.bench.figures import Bench, Figure
from tests.bench.machine import children_of, proportional_mb, resident_mb
from tests.bench.surroundings import PREMIUM, demo_application, fastagi, pid_of
from tests.lab.processes import wait_until

TITLE = "Memory of a FastAGI worker"
LIMIT_SECONDS = 120
NEEDS_ASTERISK = False
CALLS = 50


def measure(bench: Bench) -> Iterator[Figure]:
    """One worker, so that all calls are its own."""
    place = bench.place("memory")
    app = demo_application(place, bench.demo, 0.2)
    with fastagi(app, place, workers=1) as server:
        health = Conversation(server.port, "health", "health.1", "", press_then_wait("")).run()
        assert health.variables == {"PIKETT_HEALTH": "ok"}, "the worker is not ready"
        (worker,) = children_of(pid_of(server))
        idle, shared = resident_mb(worker), proportional_mb(worker)
        held = _while_calls_wait(server.port, worker)
        Crowd(server.port, "after", [(PREMIUM[0], ORDER)] * 20, rate=10).make_calls()
        after = resident_mb(worker)
    yield Figure(
        "Idle FastAGI worker, resident",
        idle,
        120,
        "MB",
        how=f"after its start and one look at its health; {shared:.0f} MB if pages shared with its parent are divided",
    )
    yield Figure(
        "More per call in progress",
        (held - idle) / CALLS,
        1,
        "MB",
        how=f"{CALLS} callers being asked for a key at once, against the worker that never had a "
        f"call: {held:.1f} MB and {idle:.1f} MB; after 20 more complete journeys {after:.1f} MB",
    )


def _while_calls_wait(port: int, worker: int) -> float:
    """Resident megabytes while all callers are in a gather; then all hang up."""
    waiting, enough = threading.Semaphore(0), threading.Event()

    def press(milliseconds: int) -> str:
        waiting.release()
        enough.wait(60)
        raise HangUpError

    calls = [
        threading.Thread(
            target=Conversation(port, "support_line", f"held.{n}", PREMIUM[0], press).run
        )
        for n in range(CALLS)
    ]
    for call in calls:
        call.start()
    try:
        wait_until(lambda: waiting._value >= CALLS, 30, f"{CALLS} callers to be asked")
        time.sleep(1)
        return resident_mb(worker)
    finally:
        enough.set()
        for call in calls:
            call.join(30)
