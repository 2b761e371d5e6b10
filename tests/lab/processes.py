"""Starting processes for a test and ending them by their own pid."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class Child:
    """A process in a session of its own, its output in a file."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def children(self) -> list[int]:
        return [
            int(pid)
            for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        ]

    def poll(self) -> int | None:
        return self._process.poll()

    def wait(self, seconds: float) -> int:
        return self._process.wait(seconds)

    def signal(self, number: int) -> None:
        """To this process only."""
        if self.poll() is None:
            self._process.send_signal(number)

    def kill_all(self) -> None:
        """SIGKILL to the whole session, as a power cut would."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait(10)

    def interrupt(self, seconds: float) -> None:
        """What Ctrl-C does; whatever is still there after `seconds` is killed."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGINT)
        try:
            self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill_all()

    def stop(self, seconds: float = 10) -> None:
        """SIGTERM, then SIGKILL for whatever is left of the session."""
        self.signal(signal.SIGTERM)
        try:
            self.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        self.kill_all()

    def output(self) -> str:
        return self.log.read_text(errors="replace")


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Look again and again; fails with what was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.02)


def is_listening(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def is_bound(port: int) -> bool:
    """Whether somebody has this UDP port; only looks, so that nobody is kept from taking it."""
    entries = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(entry.split()[1].endswith(f":{port:04X}") for entry in entries)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that is free now; the next process to ask gets another one."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
