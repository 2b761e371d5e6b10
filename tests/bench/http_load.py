"""A load generator for HTTP: keep-alive connections, the same work for whoever is measured."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Protocol
from urllib.parse import urlencode

from tests.bench.surroundings import at_once

TIMEOUT_SECONDS = 20
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Post:
    """One request: path, form, signature."""

    path: str
    form: Mapping[str, str]
    signature: str


class Visitor(Protocol):
    """Knows what to ask next."""

    def next_post(self) -> Post: ...

    def take(self, body: str) -> None:
        """The answer to it; only ever one is on its way."""
        ...


@dataclass
class Connection:
    """One keep-alive connection and who uses it; `seconds` are of each request."""

    port: int
    visitor: Visitor
    seconds: list[float] = field(default_factory=list)
    error: Exception | None = None

    def keep_asking(self, until: float) -> None:
        """One request after the other."""
        self._guarded(lambda: self._ask_until(until))

    def ask_at(self, instants: Sequence[float]) -> None:
        """One request at each instant; waiting for the one before it counts."""
        self._guarded(lambda: self._ask_each(instants))

    def _guarded(self, work: Callable[[], None]) -> None:
        self._http = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            work()
        except (OSError, AssertionError, ValueError) as error:
            self.error = error
        finally:
            self._http.close()

    def _ask_until(self, until: float) -> None:
        while (started := time.perf_counter()) < until:
            self._ask()
            self.seconds.append(time.perf_counter() - started)

    def _ask_each(self, instants: Sequence[float]) -> None:
        for instant in instants:
            time.sleep(max(0.0, instant - time.perf_counter()))
            self._ask()
            self.seconds.append(time.perf_counter() - instant)

    def _ask(self) -> None:
        post = self.visitor.next_post()
        headers = {"Content-Type": FORM, "X-Twilio-Signature": post.signature}
        self._http.request("POST", post.path, urlencode(post.form), headers)
        response = self._http.getresponse()
        body = response.read().decode()
        assert response.status == 200, f"{post.path}: {response.status} {body[:200]}"
        self.visitor.take(body)


def throughput(port: int, visitors: Sequence[Visitor], seconds: float) -> float:
    """Requests a second, all visitors asking as fast as they are answered."""
    connections = [Connection(port, visitor) for visitor in visitors]
    until = time.perf_counter() + seconds
    at_once([threading.Thread(target=each.keep_asking, args=(until,)) for each in connections])
    return len(_all_seconds(connections)) / seconds


def latencies(port: int, visitors: Sequence[Visitor], rate: float, seconds: float) -> list[float]:
    """Seconds from when each request was due to its answer."""
    connections = [Connection(port, visitor) for visitor in visitors]
    start = time.perf_counter() + 0.2
    due = [start + number / rate for number in range(int(rate * seconds))]
    jobs = [
        threading.Thread(target=each.ask_at, args=(due[number :: len(connections)],))
        for number, each in enumerate(connections)
    ]
    at_once(jobs)
    return _all_seconds(connections)


def _all_seconds(connections: Sequence[Connection]) -> list[float]:
    for connection in connections:
        if connection.error is not None:
            raise AssertionError(f"a request failed: {connection.error!r}")
    return [each for connection in connections for each in connection.seconds]
