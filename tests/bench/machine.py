"""What the machine is, and what its processes used."""

import os
import platform
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import percentile

REPOSITORY = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


def describe(folder: Path) -> dict[str, str]:
    """The facts a reader needs to judge the figures."""
    return {
        "CPU": f"{_cpu_name()}, {len(os.sched_getaffinity(0))} cores",
        "Memory": f"{_first('/proc/meminfo', 'MemTotal').removesuffix(' kB')} kB",
        "Kernel": platform.release(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "Disk": _durable_write(folder),
        "Load before the run": f"{os.getloadavg()[0]:.2f}",
        "Commit": _commit(),
    }


def _cpu_name() -> str:
    return _first("/proc/cpuinfo", "model name") or platform.machine()


def _first(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _durable_write(folder: Path) -> str:
    """How long this disk takes to keep four kilobytes for good; a turn takes no less."""
    taken = []
    with (folder / "durable").open("wb", buffering=0) as file:
        for _ in range(500):
            file.write(bytes(4096))
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - started) * 1000)
            time.sleep(0.005)
    return (
        f"a durable write of 4 kB takes {percentile(taken, 50):.2f} ms, p99 "
        f"{percentile(taken, 99):.1f} ms, longest of 500 {max(taken):.0f} ms"
    )


def _commit() -> str:
    """With a plus where files differ from it."""
    head = _git("rev-parse", "--short", "HEAD")
    return f"{head}+" if _git("status", "--porcelain", "--untracked-files=no") else head


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True)
    return done.stdout.strip()


def session_pids(leader: int) -> list[int]:
    """The process and all it started: each server of ours leads a session."""
    return [pid for pid, fields in _processes() if int(fields[3]) == leader]


def children_of(parent: int) -> list[int]:
    return [pid for pid, fields in _processes() if int(fields[1]) == parent]


def cpu_seconds(leader: int) -> float:
    """User and system time of a server with all its processes and threads, ended ones too."""
    used = [map(int, fields[11:15]) for _, fields in _processes() if int(fields[3]) == leader]
    return sum(sum(ticks) for ticks in used) / TICKS


def _processes() -> Iterator[tuple[int, list[str]]]:
    """Pids with the fields of their stat from the state on."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            yield int(entry.name), text.rsplit(")", 1)[1].split()


def resident_mb(pid: int) -> float:
    """Everything resident, shared pages counted in full."""
    return int(_first(f"/proc/{pid}/status", "VmRSS").split()[0]) / 1024


def proportional_mb(pid: int) -> float:
    """Shared pages divided by those who share them."""
    return int(_first(f"/proc/{pid}/smaps_rollup", "Pss").split()[0]) / 1024
