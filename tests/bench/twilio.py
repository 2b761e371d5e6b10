"""A signed Twilio turn with its durable commit, against Flask saying hello under the same gunicorn."""

import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from twilio.request_validator import RequestValidator

from ivr.bootstrap import Application
from tests.bench.figures import Bench, Figure, median_ratio, percentile, rounds_text
from tests.bench.http_load import Post, Visitor, latencies, throughput
from tests.bench.surroundings import PREMIUM, demo_application, ending, server_settings
from tests.lab.processes import Child, free_port, is_listening, wait_until
from tests.lab.servers import REPOSITORY, lab_environment
from tests.wiring import TWILIO

TITLE = "Twilio turns"
LIMIT_SECONDS = 400
NEEDS_ASTERISK = False
CONNECTIONS = 16
"""As many as two workers of eight threads serve at once."""
RATE = 50.0
ROUND_SECONDS = 5.0
PUBLIC_URL = "https://pikett.example"
OURS, HELLO = "webhooks.app:create_app()", "tests.bench.baselines.hello:app"

_ADDRESS = re.compile(r"https://pikett\.example(/twilio/turn/[^<\"]+)")
_numbers = itertools.count(1)


def measure(bench: Bench) -> Iterator[Figure]:
    """Throughput in turns with the baseline, then the time of a turn at a steady rate."""
    place = bench.place("twilio")
    app = demo_application(place, bench.demo, 0.2)
    with web(app, place, OURS) as ours, web(app, place, HELLO) as hello:
        throughput(ours, callers(), 2)
        throughput(hello, greeters(), 2)
        yield _throughput(bench, ours, hello)
        yield _latency(bench, ours)


def _throughput(bench: Bench, ours: int, hello: int) -> Figure:
    turns, hellos = [], []
    for _ in range(bench.rounds):
        hellos.append(throughput(hello, greeters(), ROUND_SECONDS))
        turns.append(throughput(ours, callers(), ROUND_SECONDS))
        bench.tell(f"{turns[-1]:.0f} turns and {hellos[-1]:.0f} hellos a second")
    return Figure(
        "Signed Twilio turns to Flask hellos",
        median_ratio(zip(turns, hellos, strict=True)),
        0.1,
        at_least=True,
        how=f"{CONNECTIONS} keep-alive connections, {ROUND_SECONDS:.0f} s a round; calls of six "
        "turns: answer and identify, notice, repeat, notice, order with consent, withdraw; the same "
        "generator posts the same forms to both; "
        + rounds_text({"turns": turns, "hellos": hellos}, "a second"),
    )


def _latency(bench: Bench, ours: int) -> Figure:
    seconds = bench.size(60, 10)
    taken = [each * 1000 for each in latencies(ours, callers(), RATE, seconds)]
    return Figure(
        f"Signed Twilio turn, p99 at {RATE:.0f} a second",
        percentile(taken, 99),
        100,
        "ms",
        how=f"{len(taken)} turns in {seconds} s, from when each was due to the last byte; median "
        f"{percentile(taken, 50):.1f} ms, longest {max(taken):.0f} ms",
    )


@contextmanager
def web(app: Application, place: Path, what: str) -> Iterator[int]:
    """An application under gunicorn with our settings, on a port of its own."""
    port = free_port()
    environment = lab_environment(app.settings.path()) | server_settings(app)
    environment |= {
        "PIKETT_WEB__BIND": f"127.0.0.1:{port}",
        "PIKETT_PUBLIC_URL": PUBLIC_URL,
        "PIKETT_HUNT__WAIT_SECONDS": "0",
        "PIKETT_REPEAT__HOURS": "0",
        "PIKETT_TWILIO__ACCOUNT_SID": TWILIO["account_sid"],
        "PIKETT_TWILIO__AUTH_TOKEN": TWILIO["auth_token"],
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:webhooks.gunicorn_conf", what]
    log = place / f"{what.split(':', maxsplit=1)[0]}.log"
    with ending(Child(command, log, environment, REPOSITORY)):
        wait_until(lambda: is_listening(port), 20, f"{what} under gunicorn")
        yield port


class TwilioCall:
    """Calls one after the other: each orders, has the notice repeated, and withdraws."""

    KEYS = ("", "", "3", "", "1", "2")
    """What is reported in each turn: nothing for an answered call and for a notice heard."""

    def __init__(self, validator: RequestValidator) -> None:
        self._validator = validator
        self._begin()

    def _begin(self) -> None:
        self._path = "/twilio/voice"
        self._sid = f"CA{next(_numbers):032x}"
        self._keys = list(self.KEYS)

    def next_post(self) -> Post:
        form = {
            "AccountSid": TWILIO["account_sid"],
            "CallSid": self._sid,
            "From": PREMIUM[0],
            "To": "+41440001100",
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
        }
        if key := self._keys.pop(0):
            form["Digits"] = key
        return Post(
            self._path, form, self._validator.compute_signature(PUBLIC_URL + self._path, form)
        )

    def take(self, body: str) -> None:
        """Go on at the address that the document names; without one the call is over."""
        found = _ADDRESS.search(body)
        if found is None:
            assert not self._keys, f"the call ended early: {body[:300]}"
            self._begin()
        else:
            self._path = found[1]


class Greeter(TwilioCall):
    """Does all the work of a call and is told hello."""

    def next_post(self) -> Post:
        post = super().next_post()
        return Post("/hello", post.form, post.signature)

    def take(self, body: str) -> None:
        if _ADDRESS.search(body) is None and not self._keys:
            self._begin()


def callers() -> Sequence[Visitor]:
    validator = RequestValidator(TWILIO["auth_token"])
    return [TwilioCall(validator) for _ in range(CONNECTIONS)]


def greeters() -> Sequence[Visitor]:
    validator = RequestValidator(TWILIO["auth_token"])
    return [Greeter(validator) for _ in range(CONNECTIONS)]
