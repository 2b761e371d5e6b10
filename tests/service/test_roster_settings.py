"""The settings of the roster: which levels must be staffed when."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import ConfigurationError
from ivr.roster.hunt import Level
from ivr.roster.problems import Required
from tests.service.conftest import OpenLine
from tests.service.rostering import clear, weekly
from tests.wiring import test_settings as settings_of


def required(folder: Path, **given: Any) -> tuple[Required, ...]:
    return settings_of(folder, roster=given).roster.required


def test_somebody_is_always_on_duty_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    assert required(tmp_path) == (Required(Level.ON_DUTY),)
    assert required(tmp_path, staffed=[]) == ()


def test_a_level_within_hours_past_midnight_too(tmp_path: Path) -> None:
    hours = {"mon": [["08:00", "12:00"], ["13:00", "18:00"]], "fri": [["18:00", "06:00"]]}
    _, within = required(tmp_path, staffed_within={"deputy": hours})
    assert within.level is Level.DEPUTY
    assert within.hours is not None
    assert within.hours[0] == ((time(8), time(12)), (time(13), time(18)))
    assert within.hours[4] == ((time(18), time(6)),)


@pytest.mark.parametrize(
    "given",
    [
        {"staffed": ["boss"]},
        {"staffed_within": {"deputy": {}}},
        {"staffed_within": {"deputy": {"mon": [["8", "18"]]}}},
        {"staffed_within": {"deputy": {"mo": [["08:00", "18:00"]]}}},
        {"horizon_days": 1},
        {"warn_days": 0},
        {"alarm_time": "early"},
    ],
)
def test_what_is_wrong_is_refused_at_the_start(tmp_path: Path, given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="roster"):
        required(tmp_path, **given)


def test_a_level_that_is_not_required_may_be_empty(open_line: OpenLine) -> None:
    line = open_line(roster={"staffed_within": {"deputy": {"tue": [["08:00", "18:00"]]}}})
    weekly(line)
    kinds = [each.kind for each in line.rosters.problems(line.clock.now())]
    assert kinds.count("gap") == 1  # type: ignore[arg-type]
    clear(line)
    assert line.rosters.problems(line.clock.now())
