"""What a benchmark is given and what it gives back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Protocol

from tests.lab import parts

ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One measured number, its bound, and how it came about."""

    what: str
    measured: float
    bound: float
    unit: str = ""
    at_least: bool = False
    how: str = ""

    @property
    def met(self) -> bool:
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    @property
    def verdict(self) -> str:
        return "met" if self.met else "NOT met"

    @property
    def measured_text(self) -> str:
        return _with_unit(self.measured, self.unit)

    @property
    def bound_text(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {_with_unit(self.bound, self.unit)}"

    def __str__(self) -> str:
        return f"{self.what}: {self.measured_text} ({self.bound_text}): {self.verdict}"


Found = Sequence[Figure | str]
"""Figures of a benchmark, and in words what could not be measured."""


def _with_unit(value: float, unit: str) -> str:
    digits = 0 if value == int(value) or abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return f"{value:.{digits}f} {unit}".strip()


@dataclass
class Bench:
    """One run of benchmarks: its folder, its size, and what it found out about the machine."""

    folder: Path
    demo: Path
    quick: bool
    tell: Callable[[str], None]
    facts: dict[str, str] = field(default_factory=dict)
    long: bool = False

    def size(self, full: int, quick: int) -> int:
        """How many or how long."""
        return quick if self.quick else full

    @property
    def rounds(self) -> int:
        return self.size(ROUNDS, 3)

    def place(self, name: str) -> Path:
        """A folder of its own."""
        place = self.folder / name
        place.mkdir()
        return place


class Benchmark(Protocol):
    """What each module of a benchmark has. It must be over within `LIMIT_SECONDS`."""

    TITLE: str
    LIMIT_SECONDS: int
    NEEDS_ASTERISK: bool

    def measure(self, bench: Bench) -> Iterable[Figure]:
        """Run it; figures as they are known."""
        ...


def missing_parts(benchmark: Benchmark) -> list[str]:
    """What this machine lacks for it."""
    if not benchmark.NEEDS_ASTERISK:
        return []
    missing = [] if parts.has_asterisk() else ["Asterisk"]
    return missing if parts.SIPP.path else [*missing, parts.SIPP.name]


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median_ratio(pairs: Iterable[tuple[float, float]]) -> float:
    """Of rounds that were measured one right after the other."""
    return median(ours / theirs for ours, theirs in pairs)


def rounds_text(columns: Mapping[str, Iterable[float]], unit: str) -> str:
    """All rounds, for the reader who wants to see how much they differ."""
    return "; ".join(
        f"{name} " + ", ".join(f"{value:.3g}" for value in values) + f" {unit}"
        for name, values in columns.items()
    )
