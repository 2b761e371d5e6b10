"""A real Asterisk for many calls at once, with one SIPp for many telephones."""

import csv
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ivr.bootstrap import Application
from tests.bench.surroundings import PREMIUM, fastagi
from tests.lab.asterisk import Asterisk
from tests.lab.processes import Child, free_port
from tests.lab.servers import FastAgiServer
from tests.lab.sipp import (
    AwaitHangUp,
    Caller,
    HangUp,
    Line,
    Pause,
    Press,
    Step,
    caller_scenario,
    line_scenario,
)

ROUTE = "Return(PJSIP/line${ARG1:-4})"
LINES = "lines"
QUICK_ORDER = (Pause(2500), Press("1"), AwaitHangUp())
"""The question has been asked by then, with prompts of 200 ms, even where a turn took a second."""
QUICK_ACCEPT = (Pause(1200), Press("1"), Pause(2500), HangUp())
QUICK_RING_MS = 200
ENGAGED_SECONDS = 6.0
"""How long such a call keeps a technician's telephone busy, with room to spare."""
RTP_PORTS = (10000, 19998)
QUIET_SECONDS = 30
MANY = 1_000_000


class Exchange(Asterisk):
    """Whoever is rung, by whatever number, is a telephone behind one port."""

    @property
    def lines_port(self) -> int:
        return self.line_ports[LINES]

    def _pikett_extensions(self) -> str:
        text = super()._pikett_extensions()
        assert ROUTE in text, "the way out has changed"
        address = f"sip:${{ARG1}}@127.0.0.1:{self.lines_port}"
        return text.replace(ROUTE, f"Return(PJSIP/line{LINES}/{address})")

    def _asterisk_conf(self) -> str:
        return super()._asterisk_conf().replace("[options]\n", "[options]\nmaxfiles = 20000\n")


@dataclass
class Office:
    """Asterisk, our FastAGI server, and the application that reads the same database."""

    place: Path
    app: Application
    asterisk: Exchange
    server: FastAgiServer

    def call(self, name: str, people: "People", calls: int, rate: float) -> "Telephones":
        """Callers who begin at this rate; their crowd is over when all have hung up."""
        folder = self.place / name
        folder.mkdir()
        inject = folder / "people.csv"
        inject.write_text("SEQUENTIAL\n" + "\n".join(people.rows) + "\n")
        port, media = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
        caller = Caller(folder, self.asterisk.sip_port, "[field0]", people.steps, port, media)
        scenario = caller_scenario(caller)
        if people.own_media_ports:
            scenario = scenario.replace("[media_port]", "[field1]")
        in_ten_seconds = ["-r", str(round(rate * 10)), "-rp", "10000"]
        options = [*in_ten_seconds, "-inf", inject, f"127.0.0.1:{self.asterisk.sip_port}"]
        return Telephones(folder, name, scenario, port, media, calls).start(options)

    def answer(self, name: str, steps: tuple[Step, ...], ring_ms: int) -> "Telephones":
        """Everybody who is rung does the same, until it is stopped."""
        folder = self.place / f"{name}-lines"
        folder.mkdir()
        port, media = self.asterisk.lines_port, free_port(socket.SOCK_DGRAM)
        line = Line(folder, "lines", port, media, ring_ms=ring_ms, steps=steps)
        return Telephones(folder, "lines", line_scenario(line), port, media, MANY).start(
            ["-trace_shortmsg", "-shortmessage_file", folder / "messages.csv"]
        )

    def wait_quiet(self) -> None:
        """No channel is left; asked seldom, since each question costs Asterisk something."""
        for _ in range(QUIET_SECONDS):
            time.sleep(1)
            if self.asterisk.channels() == 0:
                return
        raise AssertionError("channels are left")


@dataclass(frozen=True)
class People:
    """Who calls and what each of them does; a row is a number and a port to listen on."""

    rows: Sequence[str]
    steps: tuple[Step, ...]
    own_media_ports: bool = False


@dataclass
class Telephones:
    """Many telephones in one SIPp."""

    folder: Path
    name: str
    scenario: str
    port: int
    media_port: int
    calls: int
    child: Child | None = None

    def start(self, options: Sequence[object]) -> "Telephones":
        path = self.folder / f"{self.name}.xml"
        path.write_text(self.scenario)
        fixed = ["-sf", path, "-i", "127.0.0.1", "-p", self.port, "-mp", self.media_port]
        fixed += ["-m", self.calls, "-l", "3000", "-nostdin", "-timeout", "400s", "-timeout_error"]
        fixed += ["-trace_err", "-error_file", self.folder / f"{self.name}.errors"]
        fixed += ["-trace_stat", "-fd", "1", "-stf", self._statistics]
        command = ["sipp", *map(str, [*fixed, *options])]
        self.child = Child(command, self.folder / f"{self.name}.out", cwd=self.folder)
        return self

    def wait(self, seconds: float) -> None:
        """Until all calls are over, well or not, or the time is."""
        assert self.child is not None
        with suppress(subprocess.TimeoutExpired):
            self.child.wait(seconds)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(2)

    @property
    def failed(self) -> int:
        """Calls that did not go as they should, those that were never made included."""
        with self._statistics.open() as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        return self.calls - int(last["SuccessfulCall(C)"])

    @property
    def _statistics(self) -> Path:
        return self.folder / f"{self.name}.csv"


@contextmanager
def open_office(place: Path, app: Application) -> Iterator[Office]:
    """Everything started, and everything ended."""
    lines = {LINES: free_port(socket.SOCK_DGRAM)}
    folder = place / "asterisk"
    folder.mkdir()
    with fastagi(app, place) as server, ExitStack() as stack:
        agi = f"agi://127.0.0.1:{server.port}"
        asterisk = Exchange(folder, app.settings.path(), agi, line_ports=lines, rtp=RTP_PORTS)
        stack.callback(asterisk.stop)
        asterisk.start()
        yield Office(place, app, asterisk, server)


def make_real_calls(office: Office, name: str, calls: int, rate: float) -> None:
    """Known callers order, technicians accept, talk and hang up; raises unless all went well."""
    lines = office.answer(name, QUICK_ACCEPT, QUICK_RING_MS)
    callers = office.call(name, People(PREMIUM, QUICK_ORDER), calls, rate)
    try:
        callers.wait(calls / rate + 60)
        assert callers.failed == 0, f"{callers.failed} of {calls} calls failed"
        office.wait_quiet()
    finally:
        callers.stop()
        lines.stop()
