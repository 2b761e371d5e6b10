"""`pikett deadline`: the vectors of the specification, as JSON and in a sentence, and its mistakes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.service.terminal import Pikett, pikett

FIXTURES = (pikett,)


@pytest.fixture(scope="module")
def spoken_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Neither a database nor a sound is needed."""
    return tmp_path_factory.mktemp("deadline") / "data"


def told(pikett: Pikett, *arguments: str) -> dict[str, Any]:
    ended = pikett("deadline", *arguments, "--json")
    assert (ended.code, ended.err) == (0, "")
    (line,) = ended.lines
    return line


# Told as JSON -------------------------------------------------------------------------------------


@pytest.mark.rule("B.4.3", "K-8")
@pytest.mark.parametrize(
    ("plan", "at", "service", "elapsed"),
    [
        ("premium", "2026-11-22T02:00", "2026-11-22T03:00:00+01:00", "2026-11-22T03:00:00+01:00"),
        ("pro_plus", "2026-11-28T18:30", "2026-11-30T08:30:00+01:00", "2026-11-28T20:30:00+01:00"),
        ("pro", "2026-11-27T18:30", "2026-11-30T12:30:00+01:00", "2026-11-28T00:30:00+01:00"),
        ("pro", "2026-11-23T09:00", "2026-11-23T15:00:00+01:00", "2026-11-23T15:00:00+01:00"),
        ("pro", "2026-11-23T13:00", "2026-11-23T19:00:00+01:00", "2026-11-23T19:00:00+01:00"),
        ("premium", "2026-03-29T01:30", "2026-03-29T03:30:00+02:00", "2026-03-29T03:30:00+02:00"),
        ("premium", "2026-10-25T02:30", "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00"),
        ("pro", "2026-11-23T08:00Z", "2026-11-23T15:00:00+01:00", "2026-11-23T15:00:00+01:00"),
    ],
)
def test_hours(pikett: Pikett, plan: str, at: str, service: str, elapsed: str) -> None:
    expected = {"kind": "hours", "due": service, "next_business_day": None}
    assert told(pikett, "--plan", plan, "--at", at) == expected
    assert told(pikett, "--plan", plan, "--at", at, "--elapsed") == expected | {"due": elapsed}


@pytest.mark.rule("B.4.4", "Q7")
@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-23T10:00", "2026-11-24"),
        ("2026-11-23T23:59", "2026-11-24"),
        ("2026-11-27T20:00", "2026-11-30"),
        ("2026-11-28T09:00", "2026-11-30"),
        ("2026-12-24T15:00", "2026-12-28"),
    ],
)
def test_the_next_business_day(pikett: Pikett, at: str, day: str) -> None:
    expected = {
        "kind": "next_business_day",
        "due": f"{day}T18:00:00+01:00",
        "next_business_day": day,
    }
    assert told(pikett, "--plan", "basic_plus", "--at", at) == expected
    assert told(pikett, "--plan", "basic_plus", "--at", at, "--elapsed") == expected


@pytest.mark.rule("A.67")
def test_best_effort(pikett: Pikett) -> None:
    expected = {"kind": "best_effort", "due": None, "next_business_day": None}
    assert told(pikett, "--plan", "basic", "--at", "2026-11-23T10:00") == expected


def test_without_a_moment_it_is_now(pikett: Pikett) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    ended = pikett("deadline", "--plan", "premium", "--json")
    due = datetime.fromisoformat(json.loads(ended.out)["due"])
    assert before <= due - timedelta(hours=1) <= datetime.now(UTC)
    assert due.microsecond == 0


# In a sentence ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--plan", "pro", "--at", "2026-11-23T13:00"),
            "winCall pro, reported on Monday 23 November 2026, 13:00: first reaction due by "
            "Monday 23 November 2026, 19:00 (6 hours inside the window).\n",
        ),
        (
            ("--plan", "premium", "--at", "2026-10-25T01:30", "--elapsed"),
            "winCall premium, reported on Sunday 25 October 2026, 01:30: first reaction due by "
            "Sunday 25 October 2026, 02:30 (+0200) (1 hour elapsed).\n",
        ),
        (
            ("--plan", "basic_plus", "--at", "2026-12-24T15:00"),
            "winCall basic+, reported on Thursday 24 December 2026, 15:00: first reaction due by "
            "Monday 28 December 2026, 18:00 (next business day).\n",
        ),
        (
            ("--plan", "basic", "--at", "2026-12-24T15:00"),
            "winCall basic, reported on Thursday 24 December 2026, 15:00: best effort, no "
            "deadline.\n",
        ),
    ],
)
def test_a_sentence(pikett: Pikett, arguments: tuple[str, ...], sentence: str) -> None:
    ended = pikett("deadline", *arguments)
    assert (ended.code, ended.out, ended.err) == (0, sentence, "")


# A year without a calendar ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "years"),
    [
        (("--plan", "pro", "--at", "2029-01-02T10:00"), "2029"),
        (("--plan", "pro", "--at", "2028-12-29T18:00"), "2029"),
        (("--plan", "basic_plus", "--at", "2025-12-31T18:00"), "2025"),
        (("--plan", "premium", "--at", "2031-06-01T10:00"), "2031"),
    ],
)
def test_a_year_without_a_calendar_is_warned_about(
    pikett: Pikett, arguments: tuple[str, ...], years: str
) -> None:
    ended = pikett("deadline", *arguments, "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["kind"]
    assert ended.err.startswith("pikett: warning: the holiday calendar (Baden AG, version ")
    assert f"does not have {years}:" in ended.err


# Mistakes -----------------------------------------------------------------------------------------


@pytest.mark.rule("B.3")
def test_a_time_that_never_comes_is_refused_with_both_neighbours(pikett: Pikett) -> None:
    ended = pikett("deadline", "--plan", "pro", "--at", "2026-03-29T02:30", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert "2026-03-29T01:59+01:00" in ended.err
    assert "2026-03-29T03:00+02:00" in ended.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("--plan", "gold", "--at", "2026-11-23T10:00"),
            "pikett: --plan 'gold' is no plan; use premium, pro_plus, pro, basic_plus, basic\n",
        ),
        (
            ("--plan", "pro", "--at", "tomorrow"),
            "pikett: --at 'tomorrow' is not an ISO 8601 date and time\n",
        ),
        (
            ("--plan", "pro", "--at", "9999-12-31T23:59"),
            "pikett: --at '9999-12-31T23:59' is not between 2000 and 2099\n",
        ),
        (("--at", "2026-11-23T10:00"), "Missing option '--plan'"),
        (("--plan", "pro", "--hours", "3"), "No such option"),
    ],
)
def test_bad_arguments(pikett: Pikett, arguments: tuple[str, ...], complaint: str) -> None:
    ended = pikett("deadline", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert complaint in ended.err


def test_the_help_names_the_vocabulary_of_the_answer(pikett: Pikett) -> None:
    ended = pikett("deadline", "--help")
    assert ended.code == 0
    assert "hours | next_business_day | best_effort" in ended.out
    assert "pikett deadline --plan pro_plus --at 2026-11-28T18:30 --elapsed --json" in ended.out
