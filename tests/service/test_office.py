"""The provider's own office hours: settings that are wrong are named, and whom a call would ring."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ivr.roster.hunt import Level
from ivr.settings import load_settings
from tests.fakes import Notebook
from tests.players import rehearsal_player
from tests.service.terminal import Pikett, pikett, spoken_data_dir
from tests.service.test_settings import refusal
from tests.story import Story, prepare

FIXTURES = (pikett, spoken_data_dir)
WEEK = """
days = ["mon", "tue", "wed", "thu", "fri"]
windows = [["08:00", "12:00"], ["13:30", "17:30"]]
"""
HOURS = f"[office.hours]{WEEK}"
DAY_TEAM, DESK = "+41440009004", "+41440009009"


# Settings ----------------------------------------------------------------------------------------

WRONG = [
    ('[office]\noutside_office_hours = "desk"', "outside_office_hours", "'technician_first' or"),
    ("[office]\noutside_office_hours = true", "outside_office_hours", "'technician_first' or"),
    ('[office]\nhours = "08-17"', "hours", "dictionary"),
    ('[office.hours]\ndays = ["mon"]', "hours", "days and windows belong together"),
    ('[office.hours]\nwindows = [["08:00", "12:00"]]', "hours", "belong together"),
    ("[office.hours]\nwindows_by_day = {sat = []}", "hours", "no day has a window"),
    ('[office.hours]\ndays = ["monday"]', "hours.days.0", "'mon', 'tue'"),
    ('[office.hours]\nwindows = ["08:00-12:00"]', "hours.windows.0", "tuple"),
    ('[office.hours]\nwindows = [["08:00"]]', "hours.windows.0.1", "required"),
    ('[office.hours]\nwindows = [["08:00", 12:00:00]]', "hours.windows.0.1", "string"),
    ('[office.hours]\nwindows = [["8:00", "12:00"]]', "hours.windows", "with quotes"),
    ('[office.hours]\nwindows = [["08:00", "25:00"]]', "hours.windows", "no wall time"),
    (
        '[office.hours]\nwindows = [["08:00", "12:00"], ["11:00", "17:00"]]',
        "hours.windows",
        "window 11:00 overlaps",
    ),
    ('[office.hours]\nwindows = [["08:00", "07:00"]]', "hours.windows", "ends before it starts"),
    (
        f'{HOURS}windows_by_day = {{thu = [["20:00", "09:00"]]}}',
        "hours",
        "overlaps the first one of fri",
    ),
    (
        '[office.hours]\nwindows_by_day = {sat = [["09", "12:00"]]}',
        "hours",
        "'09' is no wall time",
    ),
    ("[office.hours]\nclosed_on_public_holidays = 2", "hours.closed_on_public_holidays", "bool"),
    ('[office.day_team]\nnumber = "+41 44 000 90 04"', "", "would never be rung: set hours"),
    (f'{HOURS}[office.day_team]\nnumber = "117"', "", "'117' may not be dialled"),
    (f'{HOURS}[office.day_team]\nnumber = "0900 123 456"', "", "may not be dialled"),
    (f'{HOURS}[office.day_team]\nnumber = "201"', "", "named in hunt.extensions"),
    ("[office.day_team]\nring_seconds = 0", "day_team.ring_seconds", "greater"),
    ("[office.day_team]\nring_seconds = true", "day_team.ring_seconds", "is no number"),
    ('[office.day_team]\naccept = "voice"', "day_team.accept", "'key' or 'answer'"),
    ('[office.day_team]\nlanguage = "rm"', "day_team.language", "'de', 'fr'"),
    ('[office.day_team]\nemail = "x"', "day_team.email", "not permitted"),
]


@pytest.mark.parametrize(("toml", "name", "why"), WRONG)
def test_a_wrong_setting_of_the_office_is_named_with_its_reason(
    toml: str, name: str, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = refusal(monkeypatch, tmp_path, toml)
    full_name = f"office.{name}" if name else "office"
    assert said.startswith(f"settings: {full_name} = ")
    assert f"({tmp_path / 'pikett.toml'}): " in said
    assert why in said
    assert len(said.splitlines()) == 1


def test_a_wrong_extension_is_one_mistake_and_not_two(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    toml = f'{HOURS}[office.day_team]\nnumber = "201"\n[hunt]\nextensions = ["201", "112"]'
    said = refusal(monkeypatch, tmp_path, toml)
    assert said.startswith("settings: hunt.extensions = ")
    assert len(said.splitlines()) == 1


def test_the_day_team_may_be_an_extension(tmp_path: Path) -> None:
    office = {"hours": {"days": ["mon"], "windows": [["08:00", "12:00"]]}}
    settings = load_settings(
        data_dir=tmp_path,
        hunt={"extensions": ["201"]},
        office=office | {"day_team": {"number": "201"}},
    )
    assert settings.office.day_team.number == "201"


@pytest.mark.rule("Q18")
def test_nothing_is_set_by_default(tmp_path: Path) -> None:
    office = load_settings(data_dir=tmp_path).office
    assert (office.hours.opening, office.day_team.number) == (None, "")
    assert office.outside_office_hours == "technician_first"


def test_everything_can_be_set_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIKETT_OFFICE__OUTSIDE_OFFICE_HOURS", "desk_first")
    monkeypatch.setenv("PIKETT_OFFICE__HOURS__DAYS", '["mon"]')
    monkeypatch.setenv("PIKETT_OFFICE__HOURS__WINDOWS", '[["08:00", "12:00"]]')
    monkeypatch.setenv("PIKETT_OFFICE__HOURS__WINDOWS_BY_DAY", '{"sat": [["09:00", "11:00"]]}')
    monkeypatch.setenv("PIKETT_OFFICE__DAY_TEAM__NUMBER", "044 000 90 04")
    office = load_settings(data_dir=tmp_path).office
    assert office.hours.opening is not None
    assert [len(day) for day in office.hours.opening.week] == [1, 0, 0, 0, 0, 1, 0]
    assert (office.outside_office_hours, office.day_team.number) == ("desk_first", "044 000 90 04")


# Whom it would ring ------------------------------------------------------------------------------

FILE = f"""
[desk]
number = "+41 44 000 90 09"
[office]
outside_office_hours = "desk_first"
[office.hours]{WEEK}
[office.day_team]
number = "044 000 90 04"
"""
TECHNICIANS = ["on_duty", "deputy", "deputy"]
IN_HOURS = ["day_team", *TECHNICIANS, "service_desk"]
OUTSIDE = ["service_desk", *TECHNICIANS]


@pytest.fixture
def office(pikett: Pikett, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pikett:
    """The command where the office above is set."""
    file = tmp_path / "pikett.toml"
    file.write_text(FILE)
    monkeypatch.setenv("PIKETT_CONFIG", str(file))
    return pikett


def hunt(pikett: Pikett, at: str, number: str = "+41 44 000 10 01") -> list[dict[str, Any]]:
    ended = pikett("explain", "--from", number, "--at", at, "--json")
    assert (ended.code, ended.err) == (0, "")
    found: list[dict[str, Any]] = ended.lines[0]["hunt"]
    return found


@pytest.mark.rule("Q18", "K-5", "K-15", "A.25", "A.50")
@pytest.mark.parametrize(
    ("at", "levels"),
    [
        ("2026-11-23T08:00", IN_HOURS),
        ("2026-11-23T07:59:59", OUTSIDE),
        ("2026-11-23T12:00", OUTSIDE),
        ("2026-11-23T17:29:59", IN_HOURS),
        ("2026-11-22T10:00", OUTSIDE),
        ("2026-12-25T10:00", OUTSIDE),
        ("2026-11-24T23:00", ["service_desk", "on_duty", *TECHNICIANS]),
    ],
    ids=["opens", "not yet", "noon", "last second", "Sunday", "Christmas", "at night"],
)
def test_the_hours_decide_who_is_rung_first(office: Pikett, at: str, levels: list[str]) -> None:
    assert [each["level"] for each in hunt(office, at)] == levels


def test_numbers_are_shown_as_they_are_dialled(office: Pikett) -> None:
    found = hunt(office, "2026-11-23T10:00")
    assert (found[0]["name"], found[0]["number"]) == ("Tagesteam", DAY_TEAM)
    assert (found[-1]["name"], found[-1]["number"]) == ("Service-Desk", DESK)


def test_whoever_may_only_reach_the_desk_is_brought_there(office: Pikett) -> None:
    shared = "+41 44 000 10 99"
    assert [each["level"] for each in hunt(office, "2026-11-23T10:00", shared)] == ["service_desk"]


def test_every_level_is_explained(pikett: Pikett) -> None:
    shown = " ".join(pikett("explain", "--help").out.split())
    assert f"level: {' | '.join(Level)}" in shown


@pytest.mark.rule("Q18", "K-5")
@pytest.mark.parametrize("at", ["2026-11-23T10:00", "2026-11-23T18:30"])
def test_without_hours_there_is_no_outside(
    pikett: Pikett, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    usual = hunt(pikett, at)
    monkeypatch.setenv("PIKETT_OFFICE__OUTSIDE_OFFICE_HOURS", "desk_first")
    assert hunt(pikett, at) == usual
    assert [each["level"] for each in usual] == [*TECHNICIANS, "service_desk"]


# A year without a calendar -----------------------------------------------------------------------


@pytest.mark.parametrize(("holidays_count", "told"), [(True, 1), (False, 0)])
def test_office_hours_in_a_year_without_a_calendar_are_told_of(
    holidays_count: bool, told: int, demo_database: Path, tmp_path: Path
) -> None:
    """Nobody else tells: the plan of the caller, premium, is never closed."""
    hours = {
        "days": ["mon"],
        "windows": [["08:00", "12:00"]],
        "closed_on_public_holidays": holidays_count,
    }
    story = Story("", "", "+41440001001", "2031-01-06T10:00:00+01:00", "1 - dial:accept", {})
    notebook = Notebook()
    shutil.copytree(demo_database, tmp_path / "data")
    app = prepare(story, tmp_path / "data", observer=notebook, office={"hours": hours})
    rehearsal_player.play(app, story)
    app.storage.engine.dispose()
    years = [facts["day"] for what, facts in notebook.troubles if what == "calendar_year_missing"]
    assert years == ["2031-01-06"] * told
