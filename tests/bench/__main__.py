"""`python -m tests.bench`: measure, print, and write the dated report."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, cast

from tests.bench import (
    cpu,
    escalation,
    explain,
    identification,
    imports,
    invite,
    journeys,
    memory,
    pages,
    report,
    rtp,
    twilio,
    voice,
)
from tests.bench.figures import Bench, Benchmark, Figure, Found, missing_parts
from tests.bench.machine import describe
from tests.bench.surroundings import make_demo

BENCHMARKS = cast(
    dict[str, Benchmark],
    {
        "cpu": cpu,
        "invite": invite,
        "journeys": journeys,
        "rtp": rtp,
        "twilio": twilio,
        "identification": identification,
        "imports": imports,
        "explain": explain,
        "memory": memory,
        "pages": pages,
        "escalation": escalation,
        "voice": voice,
    },
)
EXAMPLES = """\
examples:
  python -m tests.bench                       everything, with the report in docs/bench/
  python -m tests.bench --quick               everything, small and without a report
  python -m tests.bench --only cpu,twilio     two of them
  python -m tests.bench --quick --only rtp --keep
  python -m tests.bench --only escalation --long

The exit status is 0 if all bounds are met, 1 if not, 2 if something could not be measured.
A full run takes about thirty-five minutes; nothing else should run meanwhile.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="pikett-bench-"))
    try:
        results, facts = _run(options, folder)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    _print_summary(results)
    if not options.quick and not options.only:
        titles = {BENCHMARKS[name].TITLE: found for name, found in results.items()}
        print(f"\n{report.write(facts, titles, date.today())}")
    return _status(results)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measures Pikett's speed and memory against baselines, in one run.",
        epilog="benchmarks:\n"
        + "".join(f"  {name:16}{each.TITLE}\n" for name, each in BENCHMARKS.items())
        + "\n"
        + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", type=_names, default=(), metavar="NAMES", help="with commas between"
    )
    parser.add_argument("--quick", action="store_true", help="small counts, no report")
    parser.add_argument(
        "--long",
        action="store_true",
        help="10,000 waiting timers in five minutes, not 2,000 in one",
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the folder with logs and database"
    )
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    for name in names:
        if name not in BENCHMARKS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(BENCHMARKS)}")
    return names


def _run(options: argparse.Namespace, folder: Path) -> tuple[dict[str, Found], dict[str, str]]:
    demo = folder / "demo"
    demo.mkdir()
    make_demo(demo)
    bench = Bench(folder, demo, options.quick, tell=lambda text: print(f"    {text}", flush=True))
    bench.long = options.long
    facts = describe(folder)
    print("\n".join(f"{name}: {text}" for name, text in facts.items()))
    if options.keep:
        print(f"Folder: {folder}")
    wanted = options.only or tuple(BENCHMARKS)
    results = {name: _run_one(bench, name) for name in wanted}
    return results, facts | bench.facts


def _run_one(bench: Bench, name: str) -> Found:
    """Its figures, and what could not be measured, which does not stop the others."""
    benchmark = BENCHMARKS[name]
    print(f"\n{name}: {benchmark.TITLE}", flush=True)
    if missing := missing_parts(benchmark):
        return [f"Not run: needs {', '.join(missing)}."]
    started = time.monotonic()
    found: list[Figure | str] = []
    try:
        with _at_most(benchmark.LIMIT_SECONDS):
            for figure in benchmark.measure(bench):
                found.append(figure)
                print(f"  {figure}\n    {figure.how}", flush=True)
    except Exception as error:  # noqa: BLE001 - the outer boundary: the others are still measured
        found.append(f"Failed: {type(error).__name__}: {error}")
    print(f"  took {time.monotonic() - started:.0f} s", flush=True)
    return found


@contextmanager
def _at_most(seconds: int) -> Any:
    """No benchmark runs for ever."""

    def ring(*_: object) -> None:
        raise TimeoutError(f"not over within {seconds} s")

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _print_summary(results: Mapping[str, Found]) -> None:
    print("\nSummary")
    for name, found in results.items():
        for line in found:
            print(f"  {name}: {line}")


def _status(results: Mapping[str, Found]) -> int:
    found = [each for every in results.values() for each in every]
    if any(isinstance(each, str) for each in found):
        return 2
    return 0 if all(cast(Figure, each).met for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
