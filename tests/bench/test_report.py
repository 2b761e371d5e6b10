"""Figures, verdicts and the report; no measuring."""

from datetime import date

import pytest

from tests.bench.__main__ import BENCHMARKS, _names, _status
from tests.bench.figures import Figure, median_ratio, percentile
from tests.bench.report import render

SLOW = Figure("Time of a turn, p99", 120.4, 100, "ms", how="one thousand turns")
FAST = Figure("Turns to hellos", 0.125, 0.1, at_least=True, how="five rounds")


def test_a_figure_knows_whether_it_is_met() -> None:
    assert str(SLOW) == "Time of a turn, p99: 120.4 ms (≤ 100 ms): NOT met"
    assert str(FAST) == "Turns to hellos: 0.12 (≥ 0.10): met"
    assert Figure("Failed", 0, 0).met
    assert not Figure("Failed", 1, 0).met


def test_the_report_names_machine_figures_and_what_was_not_run() -> None:
    results = {"Turns": [SLOW, FAST], "Calls": ["Not run: needs Asterisk."]}
    text = render({"CPU": "a small one, 2 cores"}, results, date(2026, 11, 23))
    assert text.startswith("# Benchmarks of 2026-11-23\n")
    assert "| CPU | a small one, 2 cores |" in text
    assert "| Time of a turn, p99 | 120.4 ms | ≤ 100 ms | NOT met |" in text
    assert "### Calls\n\n- Not run: needs Asterisk.\n" in text
    assert "- **Turns to hellos**: five rounds" in text


def test_the_exit_status_tells_bounds_from_trouble() -> None:
    assert _status({"a": [FAST]}) == 0
    assert _status({"a": [FAST, SLOW]}) == 1
    assert _status({"a": [SLOW], "b": ["Failed: no disk"]}) == 2


def test_every_name_of_the_command_line_is_a_benchmark() -> None:
    assert _names(",".join(BENCHMARKS)) == tuple(BENCHMARKS)
    with pytest.raises(Exception, match="'speed' is none of cpu"):
        _names("cpu,speed")


def test_the_median_ratio_is_of_rounds_not_of_medians() -> None:
    assert median_ratio([(8, 2), (3, 3), (10, 5)]) == 2


@pytest.mark.parametrize(("percent", "value"), [(50, 51), (99, 100), (0, 1)])
def test_percentiles(percent: float, value: float) -> None:
    assert percentile(range(1, 101), percent) == value
