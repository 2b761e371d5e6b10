"""The dated report in `docs/bench/`."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tests.bench.figures import Figure, Found

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "bench"
INTRODUCTION = """\
Written by `make bench`. Every ratio is measured in one run: the baseline and the thing it is
compared with take turns, the median of five rounds counts. All traffic stays on the loopback
interface; load generators share the cores with what they measure.
"""


def write(facts: Mapping[str, str], results: Mapping[str, Found], on: date) -> Path:
    """`results` has what was found of each benchmark, by its title."""
    path = FOLDER / f"{on}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(facts, results, on))
    return path


def render(facts: Mapping[str, str], results: Mapping[str, Found], on: date) -> str:
    """The report as Markdown."""
    parts = [f"# Benchmarks of {on}", INTRODUCTION, "## Machine", _table(facts), "## Figures"]
    parts += [_figures([each for found in results.values() for each in found])]
    parts.append("## How each figure came about")
    for title, found in results.items():
        parts += [f"### {title}", "\n".join(_how(each) for each in found)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(facts: Mapping[str, str]) -> str:
    rows = [f"| {name} | {text} |" for name, text in facts.items()]
    return "\n".join(["| | |", "| --- | --- |", *rows])


def _figures(found: Found) -> str:
    rows = [
        f"| {each.what} | {each.measured_text} | {each.bound_text} | {each.verdict} |"
        for each in found
        if isinstance(each, Figure)
    ]
    head = ["| Figure | Measured | Bound | |", "| --- | ---: | ---: | --- |"]
    return "\n".join([*head, *rows])


def _how(found: Figure | str) -> str:
    return f"- {found}" if isinstance(found, str) else f"- **{found.what}**: {found.how}"
