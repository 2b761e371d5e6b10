"""Calls over the FastAGI socket, in real time and many at once: the peer is Asterisk, played by us.

Prompts are over at once, waiting takes as long as it says: the five seconds in which an order can be
withdrawn are real.
"""

import re
import socket
import threading
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TextIO

from tests.bench.surroundings import at_once

TIMEOUT_SECONDS = 60
_LOCAL = re.compile(r"Local/(\w+)-\d+-(?:key|answer)-")
_VARIABLE = re.compile(r'SET VARIABLE (\w+) "(.*)"')
_FILE = re.compile(r'STREAM FILE "([^"]*)"')


class HangUpError(Exception):
    """This telephone hangs up now."""


Press = Callable[[int], str]
"""Given the milliseconds that may be waited, the key that is pressed, or nothing after that time."""

ORDER = "1"
ORDER_BY_CODE = "1" + "11001123456" + "1"
"""German, one support code, then the order."""


def press_then_wait(keys: str) -> Press:
    """One key whenever one is waited for, then silence."""
    left = iter(keys)

    def press(milliseconds: int) -> str:
        key = next(left, "")
        if not key:
            time.sleep(milliseconds / 1000)
        return key

    return press


@dataclass
class Conversation:
    """One connection to a FastAGI server; `lines` is what the server said."""

    port: int
    script: str
    unique: str
    caller: str
    press: Press
    arguments: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def run(self) -> "Conversation":
        """To the end of the script."""
        with socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rw", encoding="utf-8", newline="\n") as stream:
                self._converse(stream)
        return self

    def _converse(self, stream: TextIO) -> None:
        stream.write(self._environment())
        stream.flush()
        for line in stream:
            self.lines.append(line.rstrip("\n"))
            stream.write(self._answer(self.lines[-1]) + "\n")
            stream.flush()

    def _answer(self, line: str) -> str:
        if line.startswith("STREAM FILE"):
            return f"200 result=0 endpos={_samples(_FILE.match(line)[1])}"  # type: ignore[index]
        if line.startswith("WAIT FOR DIGIT"):
            return self._wait(int(line.rsplit(" ", 1)[1]))
        if line.startswith("SET VARIABLE"):
            name, value = _VARIABLE.match(line).groups()  # type: ignore[union-attr]
            self.variables[name] = value
            return "200 result=1"
        return "200 result=0"

    def _wait(self, milliseconds: int) -> str:
        try:
            key = self.press(milliseconds)
        except HangUpError:
            return "200 result=-1\nHANGUP"
        return f"200 result={ord(key) if key else 0}"

    def _environment(self) -> str:
        """As Asterisk 22 sends it."""
        values = {
            "network": "yes",
            "network_script": self.script,
            "request": f"agi://127.0.0.1:{self.port}/{self.script}",
            "channel": f"PJSIP/lab-{self.unique}",
            "language": "en",
            "type": "PJSIP",
            "uniqueid": self.unique,
            "version": "22.0.0",
            "callerid": self.caller,
            "calleridname": "Lab",
            "callingpres": "0",
            "callingani2": "0",
            "callington": "0",
            "callingtns": "0",
            "dnid": "support",
            "rdnis": "unknown",
            "context": "pikett-support",
            "extension": "s",
            "priority": "4",
            "enhanced": "0.0",
            "accountcode": "",
            "threadid": "140000000000000",
        } | {f"arg_{number}": text for number, text in enumerate(self.arguments, start=1)}
        return "".join(f"agi_{name}: {value}\n" for name, value in values.items()) + "\n"


@cache
def _samples(stem: str) -> int:
    with wave.open(f"{stem}.wav") as sound:
        return sound.getnframes()


@dataclass
class Journey:
    """A caller orders, whoever is rung accepts, they talk, the technician hangs up."""

    port: int
    unique: str
    caller: str
    keys: str
    free: threading.Semaphore
    conversations: list[Conversation] = field(default_factory=list)

    def run(self) -> None:
        """As the dialplan goes; dialled only when a technician is free."""
        first = self._converse("support_line", self._order())
        try:
            found = _LOCAL.search(first.variables.get("PIKETT_DIAL", ""))
            assert found, f"nobody was dialled: {first.variables}"
            leg = self._converse("technician_leg", press_then_wait("1"), found[1])
            assert leg.variables.get("PIKETT_ACCEPTED") == "1", "not accepted"
            turn = first.variables["PIKETT_TURN"]
            last = self._converse("support_line", press_then_wait(""), turn, "ANSWER", "3", "")
            assert last.variables.get("PIKETT_NEXT") == "done", "not over"
        finally:
            self.free.release()

    def _order(self) -> Press:
        press = press_then_wait(self.keys)
        waits = iter([True])

        def patiently(milliseconds: int) -> str:
            key = press(milliseconds)
            if not key and next(waits, False):
                self.free.acquire(timeout=TIMEOUT_SECONDS)
            return key

        return patiently

    def _converse(self, script: str, press: Press, *arguments: str) -> Conversation:
        conversation = Conversation(
            self.port, script, self.unique, self.caller, press, arguments
        ).run()
        self.conversations.append(conversation)
        return conversation

    @property
    def lines(self) -> dict[str, list[str]]:
        """What the server said in each conversation, for a baseline to say the same."""
        first, leg, again = (conversation.lines for conversation in self.conversations)
        return {
            "support_line first": first,
            "technician_leg first": leg,
            "support_line again": again,
        }


@dataclass(frozen=True)
class Crowd:
    """Callers over the socket: number and keys of each, how many a second, how many are dialled."""

    port: int
    name: str
    callers: Sequence[tuple[str, str]]
    rate: float
    dialled_at_once: int = 1

    def make_calls(self) -> list[Journey]:
        """Raises unless every one went well."""
        journeys, failures = self.try_calls()
        if failures:
            raise AssertionError(f"{len(failures)} journeys failed: {failures[0]!r}")
        return journeys

    def try_calls(self) -> tuple[list[Journey], list[Exception]]:
        """All journeys, and what went wrong in some."""
        free = threading.Semaphore(self.dialled_at_once)
        journeys = [
            Journey(self.port, f"{self.name}.{n}", caller, keys, free)
            for n, (caller, keys) in enumerate(self.callers)
        ]
        failures: list[Exception] = []

        def run(number: int, journey: Journey) -> None:
            time.sleep(number / self.rate)
            try:
                journey.run()
            except (OSError, AssertionError, KeyError) as error:
                failures.append(error)

        at_once([threading.Thread(target=run, args=pair) for pair in enumerate(journeys)])
        return journeys, failures
