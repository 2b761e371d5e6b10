"""`pikett call` with a script, told as JSON; its moments and its mistakes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ivr.storage.database import open_engine, reading
from ivr.storage.models import Call, OutboxMail
from tests.lab.servers import REPOSITORY, lab_environment
from tests.service.terminal import ACCEPTED, AT, PREMIUM, PRO, Pikett, pikett, spoken_data_dir

FIXTURES = (pikett, spoken_data_dir)


def rows(data_dir: Path, model: Any, *conditions: Any) -> int:
    engine = open_engine(f"sqlite:///{data_dir / 'pikett.db'}")
    with reading(engine) as connection:
        query = select(func.count()).select_from(model).where(*conditions)
        found = connection.execute(query).scalar_one()
    engine.dispose()
    return found


# Told as JSON -------------------------------------------------------------------------------------


def test_one_object_a_line_and_the_last_has_result_and_ticket(pikett: Pikett) -> None:
    ended = pikett("call", *ACCEPTED, "--json")
    assert (ended.code, ended.err) == (0, "")
    last = ended.lines[-1]
    assert last["result"] == "bridged"
    assert last["ticket"].isdigit()
    assert last["order"] == "ordered"
    assert last["attempts"] == [{"name": "Anna Meier", "result": "accepted"}]
    assert sum("result" in line for line in ended.lines) == 1


@pytest.mark.rule("A.14", "B.14")
def test_what_was_heard_did_and_the_states_are_told_in_their_order(pikett: Pikett) -> None:
    lines = pikett("call", *ACCEPTED, "--json").lines
    assert lines[0] == {"call": {"from": PREMIUM, "at": "2026-11-23T10:00:00+01:00"}}
    heard = [line for line in lines if "heard" in line]
    assert [line["heard"] for line in heard][:4] == [
        ["greeting"],
        ["notice_work_units"],
        ["confirm_order"],
        ["ordered"],
    ]
    assert heard[0]["language"] == "de"
    assert "112" in heard[0]["text"]
    assert {line["by"] for line in heard} == {"caller", "rung"}
    did = [line["did"] for line in lines if "did" in line]
    assert did[:2] == ["identify_caller", "note_customer"]
    assert did.index("note_consent") < did.index("open_ticket") < did.index("dial")
    states = [line["state"] for line in lines if "state" in line]
    assert states[0] == "identifying"
    assert states[-1] == "ended"
    (rang,) = [line for line in lines if line.get("did") == "dial"]
    assert rang["numbers"] == ["+41440009001"]


def test_no_ticket_is_null(pikett: Pikett) -> None:
    last = pikett("call", "--from", PREMIUM, "--at", AT, "--keys", "2", "--json").lines[-1]
    assert (last["result"], last["ticket"]) == ("withdrawn", None)


def test_when_the_tokens_end_the_caller_hangs_up(pikett: Pikett) -> None:
    last = pikett("call", "--from", PREMIUM, "--at", AT, "--keys", "", "--json").lines[-1]
    assert last["result"] == "abandoned"


@pytest.mark.parametrize(
    ("keys", "result", "attempts"),
    [
        ("1 - dial:decline dial:accept", "bridged", ["declined", "accepted"]),
        ("1 - dial:busy dial:no-key dial:accept", "bridged", ["busy", "no_key", "accepted"]),
        ("1 - dial:no-answer hangup", "missed", ["no_answer", "cancelled"]),
        ("1 -" + " dial:no-answer" * 4 + " message:4", "message", ["no_answer"] * 4),
        ("4 message:0.2 message:5", "message", []),
        ("0 dial:accept", "bridged", ["accepted"]),
        ("1 2", "withdrawn", []),
    ],
)
def test_the_tokens_play_every_part(
    pikett: Pikett, keys: str, result: str, attempts: list[str]
) -> None:
    last = pikett("call", "--from", PREMIUM, "--at", AT, "--keys", keys, "--json").lines[-1]
    assert last["result"] == result
    assert [each["result"] for each in last["attempts"]] == attempts


@pytest.mark.rule("A.30", "Q12")
def test_a_stranger_with_a_code(pikett: Pikett) -> None:
    keys = "1 11001123456 1 - dial:accept"
    ended = pikett("call", "--at", AT, "--keys", keys, "--json")
    assert ended.lines[-1]["identified_by"] == "support_code"
    assert "123456" not in ended.out + ended.err


def test_a_rehearsal_knows_an_earlier_one_only_if_it_is_said(pikett: Pikett) -> None:
    """The customer's ticket of minutes ago is offered with --again, and in no other rehearsal."""
    later = ("--from", PREMIUM, "--at", "2026-11-23T10:05", "--keys", "", "--json")
    assert pikett("call", *ACCEPTED, "--json").code == 0
    assert "offering_ticket" not in pikett("call", *later).out
    assert pikett("call", *ACCEPTED, "--json").code == 0
    for _ in range(2):
        assert "offering_ticket" in pikett("call", *later, "--again").out


def test_such_a_call_is_a_rehearsal_and_mails_nobody(pikett: Pikett, spoken_data_dir: Path) -> None:
    before = rows(spoken_data_dir, Call)
    pikett("call", *ACCEPTED, "--json")
    assert rows(spoken_data_dir, Call) == before + 1
    assert rows(spoken_data_dir, Call, Call.rehearsal.is_(False)) == 0
    assert rows(spoken_data_dir, OutboxMail, OutboxMail.state != "held") == 0


# The moment ---------------------------------------------------------------------------------------


@pytest.mark.rule("B.3")
@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:00:00+01:00"),
        ("2026-07-01T10:00", "2026-07-01T10:00:00+02:00"),
        ("2026-11-23T10:00Z", "2026-11-23T11:00:00+01:00"),
        ("2026-11-23T10:00+09:00", "2026-11-23T02:00:00+01:00"),
        ("2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T03:00", "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T02:30+01:00", "2026-03-29T03:30:00+02:00"),
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T02:30:00+01:00"),
        ("2026-10-25T03:00", "2026-10-25T03:00:00+01:00"),
        ("2026-11-23", "2026-11-23T00:00:00+01:00"),
    ],
)
def test_without_an_offset_it_is_wall_time_in_zurich(
    pikett: Pikett, given: str, taken: str
) -> None:
    """A wall time that comes twice is the first of the two."""
    lines = pikett("call", "--at", given, "--keys", "", "--json").lines
    assert lines[0]["call"]["at"] == taken


@pytest.mark.rule("B.3")
@pytest.mark.parametrize("given", ["2026-03-29T02:00", "2026-03-29T02:30", "2027-03-28T02:59:59"])
def test_a_wall_time_that_never_comes_is_refused_with_both_neighbours(
    pikett: Pikett, given: str
) -> None:
    before, after = given[:11] + "01:59+01:00", given[:11] + "03:00+02:00"
    ended = pikett("call", "--at", given, "--keys", "")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"pikett: --at '{given}' does not exist in Europe/Zurich: the clock is put forward over "
        f"it, from {before} to {after}; use one of these or another time, or give the offset\n"
    )


@pytest.mark.rule("A.1")
def test_the_moment_decides_about_the_window(pikett: Pikett) -> None:
    saturday = pikett("call", "--from", PRO, "--at", "2026-11-28T10:00", "--keys", "", "--json")
    heard = [line.get("heard") for line in saturday.lines]
    assert ["notice_fast_lane", "notice_credit", "notice_work_units"] in heard


# Mistakes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--at", "yesterday"), "pikett: --at 'yesterday' is not an ISO 8601 date and time"),
        (("--at", ""), "pikett: --at '' is not an ISO 8601 date and time"),
        (("--at", "0001-01-01T00:00"), "pikett: --at '0001-01-01T00:00' is not between 2000"),
        (("--at", "9999-12-31T23:59"), "pikett: --at '9999-12-31T23:59' is not between 2000"),
        (("--keys", "1 dail:accept"), "pikett: 'dail:accept' is no token: use digits, -, hangup"),
        (("--keys", "dial:maybe"), "pikett: 'dial:maybe': 'maybe' is no result of a ring: use"),
        (("--keys", "message:long"), "pikett: 'message:long': 'long' are no seconds"),
        (("--keys", "message:-1"), "pikett: 'message:-1': use message:SECONDS"),
        (("--json", "--story"), "Error: --json and --story cannot be used together"),
        (("--key", "1"), "Error: No such option '--key'"),
        (("+41440001001",), "Error: Got unexpected extra argument (+41440001001)"),
        (("--from",), "Error: Option '--from' requires an argument."),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    pikett: Pikett, spoken_data_dir: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    before = rows(spoken_data_dir, Call)
    ended = pikett("call", *arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert complaint in ended.err
    assert "Traceback" not in ended.err
    assert rows(spoken_data_dir, Call) == before


def test_a_database_that_is_not_set_up_is_told_with_the_command_that_does_it(
    pikett: Pikett, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIKETT_DATA_DIR", str(tmp_path))
    ended = pikett("call", "--keys", "1")
    assert ended.code == 2
    assert "`pikett demo`" in ended.err


@pytest.mark.rule("A.41", "B.5")
@pytest.mark.parametrize("caller", ["anonymous", "", "266696687", "sip:x@y", "112", "ü" * 300])
def test_whatever_the_caller_shows_he_is_answered(pikett: Pikett, caller: str) -> None:
    ended = pikett("call", "--from", caller, "--at", AT, "--keys", "", "--json")
    assert ended.code == 0
    assert ended.lines[-1]["identified_by"] == "nothing"


# The command itself -------------------------------------------------------------------------------


def test_it_runs_as_a_process_with_a_pipe_on_either_side(spoken_data_dir: Path) -> None:
    command = [sys.executable, "-m", "ivr", "call", "--from", PREMIUM, "--at", AT, "--json"]
    ended = subprocess.run(
        command,
        input="1\n/timeout\n/dial accept\n",
        capture_output=True,
        text=True,
        env=lab_environment(spoken_data_dir),
        cwd=REPOSITORY,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert lines[-1]["result"] == "bridged"
