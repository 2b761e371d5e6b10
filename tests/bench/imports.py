"""What a file of a million telephone numbers costs, against one of ten thousand."""

import csv
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ivr.imports.columns import COLUMNS
from ivr.storage import migrate
from tests.bench.figures import Bench, Figure
from tests.bench.identification import NUMBERS_EACH, number
from tests.wiring import quick_application

TITLE = "Import of customers"
LIMIT_SECONDS = 1200
NEEDS_ASTERISK = False
FEW, MANY = 10_000, 1_000_000
PAUSE = 0.02


@dataclass(frozen=True)
class Run:
    """One import: seconds on the clock and of CPU, megabytes of its own at most, and the longest
    wait of somebody else."""

    rows: int
    seconds: float
    cpu: float
    megabytes: float
    longest_wait: float

    def rate(self, start: float) -> float:
        """Rows a second of CPU; the machine may be doing something else as well."""
        return self.rows / (self.cpu - start)

    def told(self, start: float) -> str:
        return (
            f"{self.rows} rows in {self.seconds:.1f} s, {self.rate(start):.0f} a second of CPU, at "
            f"most {self.megabytes:.0f} MB"
        )


def _cpu(run: Run) -> float:
    return run.cpu


def measure(bench: Bench) -> Iterator[Figure]:
    """`pikett import` as a process of its own, each time into a fresh SQLite database."""
    place = bench.place("imports")
    start = median(_import(place, f"nothing{n}", 0).cpu for n in range(bench.rounds))
    runs = sorted((_import(place, f"few{n}", FEW) for n in range(bench.rounds)), key=_cpu)
    few = runs[len(runs) // 2]
    bench.tell(few.told(start))
    many = _import(place, "many", bench.size(MANY, 50_000))
    again = _import(place, "many", many.rows)
    yield from _figures(start, few, many, again)


def _figures(start: float, few: Run, many: Run, again: Run) -> Iterator[Figure]:
    against = f"{many.rows:,} to {few.rows:,} rows".replace(",", " ")
    how = f"CSV, {NUMBERS_EACH} numbers a customer; {few.told(start)}; {many.told(start)}"
    yield Figure(
        f"Import, rows a second of CPU, {against}",
        many.rate(start) / few.rate(start),
        0.5,
        "times",
        at_least=True,
        how=f"{how}; without the {start:.1f} s of CPU that an import of nothing takes; the same "
        f"{many.rows} rows again, which changes nothing: {again.seconds:.1f} s",
    )
    yield Figure(
        f"Import, peak memory, {against}",
        many.megabytes / few.megabytes,
        2,
        "times",
        how=f"anonymous memory of the process, read every {PAUSE * 1000:.0f} ms; {how}",
    )
    yield Figure(
        f"Longest wait of a writer while {few.rows} rows are imported",
        few.longest_wait,
        1,
        "s",
        how=f"another process writes all the time, as calls do; while {many.rows} rows are imported "
        f"{many.longest_wait:.1f} s, while they are imported again {again.longest_wait:.2f} s; a "
        "call waits 5 s at most, then the caller hears an apology and the desk rings",
    )


def _import(place: Path, name: str, rows: int) -> Run:
    folder = place / name
    file = folder / "customers.csv"
    if not folder.exists():
        folder.mkdir()
        app = quick_application(folder)
        migrate.upgrade(app.storage.engine)
        app.storage.engine.dispose()
        _write(file, rows)
    environment = os.environ | {"PIKETT_DATA_DIR": str(folder)}
    command = (sys.executable, "-m", "ivr", "import", "customers", str(file))
    with Writer(folder / "pikett.db") as writer:
        started, used = time.perf_counter(), _children_cpu()
        child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        peak = _watch(child)
        seconds = time.perf_counter() - started
    assert child.returncode == 0, f"{name}: ended with {child.returncode}"
    return Run(rows, seconds, _children_cpu() - used, peak, max(writer.waited))


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _write(path: Path, rows: int) -> None:
    """Every row says all of its customer again, as spreadsheets do."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for each in range(rows):
            customer = each // NUMBERS_EACH + 1
            writer.writerow(
                {
                    "number": f"{customer:05}",
                    "name": f"Customer {customer}",
                    "language": "de",
                    "location": f"Place {customer}",
                    "plan": "premium",
                    "starts_on": "2026-01-01",
                    "phone": number(each),
                }
            )


def _watch(child: "subprocess.Popen[bytes]") -> float:
    """Until it ends; the most megabytes it had for itself."""
    peak = 0.0
    while child.poll() is None:
        try:
            lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
        except OSError:
            continue
        found = [line.split()[1] for line in lines if line.startswith("RssAnon")]
        peak = max([peak, *(int(each) / 1024 for each in found)])
        time.sleep(PAUSE)
    return peak


class Writer:
    """Somebody who writes a little all the time, as calls do, and patiently."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.waited = [0.0]

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        with closing(sqlite3.connect(self._database, timeout=600, isolation_level=None)) as file:
            while not self._over.wait(PAUSE):
                started = time.perf_counter()
                file.execute("BEGIN IMMEDIATE")
                self.waited.append(time.perf_counter() - started)
                file.execute("UPDATE alembic_version SET version_num = version_num")
                file.execute("COMMIT")
