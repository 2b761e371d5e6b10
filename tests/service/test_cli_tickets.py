"""`pikett ticket`: what was promised, what was said, and what may not be said."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivr.bootstrap import Application
from ivr.callflow.requests import TicketKind
from ivr.clock import SystemClock
from ivr.contracts.agreements import AgreementKind
from ivr.contracts.windows import local_time
from tests.service.admin import admin
from tests.service.agreed import PLAN_CALLERS, agree, open_ticket
from tests.service.conftest import contents
from tests.service.terminal import Pikett

FIXTURES = (admin,)
ANNA = ("--by", "Anna Meier")
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOTHING_SAID = {
    "class": None,
    "spof": False,
    "cause": None,
    "provisional": False,
    "problem": None,
    "category": None,
    "mode": None,
    "phase": None,
    "responsible": None,
    "involved": None,
    "done": None,
}


@pytest.fixture
def number(app: Application) -> str:
    """Of a ticket that was opened weeks ago for a customer on pro."""
    return str(open_ticket(app, at=MONDAY))


def shown(admin: Pikett, number: str) -> dict[str, Any]:
    ended = admin("ticket", "show", number, "--json")
    assert (ended.code, ended.err) == (0, "")
    found: dict[str, Any] = json.loads(ended.out)
    return found


@pytest.mark.rule("A.64", "A.65")
def test_a_ticket_nobody_has_spoken_of(admin: Pikett, number: str, app: Application) -> None:
    assert shown(admin, number) == {
        "number": int(number),
        "kind": "order",
        "opened_at": "2026-11-02T10:00:00+01:00",
        "rehearsal": False,
        "customer": {"number": "11009", "name": "Schreinerei Huber"},
        "location": "Wettingen",
        "fault": NOTHING_SAID,
        "alarm": "2026-11-02T16:00:00+01:00",
        "commitments": [
            {
                "source": "plan:pro",
                "kind": "hours",
                "hours": 6,
                "clock": "service",
                "started_at": "2026-11-02T10:00:00+01:00",
                "due_at": "2026-11-02T16:00:00+01:00",
                "next_business_day": None,
                "rule": "hours:6:service",
                "calendar_version": app.calendar.version,
                "plan": "pro",
                "standing": "missed",
            }
        ],
        "facts": [],
    }


@pytest.mark.rule("A.64", "K-16")
def test_feedback_in_time_keeps_every_commitment(admin: Pikett, app: Application) -> None:
    agree(app, "11009", AgreementKind.SLA, reaction_hours=4)
    now = SystemClock().now()
    number = str(open_ticket(app, TicketKind.FAST_LANE, at=now))
    assert {each["standing"] for each in shown(admin, number)["commitments"]} == {"open"}
    ended = admin("ticket", "note", number, *ANNA, "--first-reaction", "The  SIP trunk\nis down")
    assert ended.code == 0
    found = shown(admin, number)
    assert [each["standing"] for each in found["commitments"]] == ["kept", "kept"]
    (fact,) = found["facts"]
    said = {name: fact[name] for name in ("author", "fact", "value", "reason")}
    assert said == {
        "author": "Anna Meier",
        "fact": "first_reaction",
        "value": "The SIP trunk is down",
        "reason": None,
    }
    assert timedelta(0) <= datetime.fromisoformat(fact["at"]) - now < timedelta(minutes=5)


@pytest.mark.rule("A.66", "A.67", "K-19")
def test_the_next_business_day_and_best_effort(admin: Pikett, app: Application) -> None:
    day = str(open_ticket(app, caller=PLAN_CALLERS["basic_plus"], at=MONDAY))
    (promise,) = shown(admin, day)["commitments"]
    assert promise["next_business_day"] == "2026-11-03"
    assert promise["due_at"] == "2026-11-03T18:00:00+01:00"
    never = str(open_ticket(app, caller=PLAN_CALLERS["basic"], at=MONDAY))
    found = shown(admin, never)
    assert (found["alarm"], found["commitments"][0]["due_at"]) == (None, None)
    assert found["commitments"][0]["standing"] == "open"
    page = admin("ticket", "show", never).out
    assert "plan:basic, best effort, never due: open" in page
    days = (SystemClock().now() - MONDAY).days
    assert f"Opened       02.11.2026 10:00, {days} d " in page


@pytest.mark.rule("A.6", "A.7", "A.9", "A.12", "A.13", "A.31", "A.34", "K-7")
def test_the_life_of_a_fault(admin: Pikett, number: str) -> None:
    steps: tuple[tuple[str, ...], ...] = (
        ("--class", "major", "--spof", "--responsible", "Anna Meier", "--mode", "remote"),
        ("--involved", "Carrier, 3rd level"),
        ("--class", "main", "--provisional", "--reason", "a spare router"),
        ("--category", "hardware_replacement", "--cause", "third_party", "--reason", "carrier"),
        ("--phase", "closed", "--problem", "P-17"),
    )
    for step in steps:
        ended = admin("ticket", "note", number, *ANNA, *step)
        assert (ended.code, ended.err) == (0, "")
    found = shown(admin, number)
    assert found["fault"] == {
        "class": "main",
        "spof": True,
        "cause": "third_party",
        "provisional": True,
        "problem": "P-17",
        "category": "hardware_replacement",
        "mode": "remote",
        "phase": "closed",
        "responsible": "Anna Meier",
        "involved": "Carrier, 3rd level",
        "done": None,
    }
    classes = [each for each in found["facts"] if each["fact"] == "fault_class"]
    assert [(each["value"], each["reason"]) for each in classes] == [
        ("major", None),
        ("main", "a spare router"),
    ]


def test_the_page(admin: Pikett, number: str) -> None:
    ended = admin("ticket", "note", number, *ANNA, "--spof", "--reason", "one router")
    today = f"{local_time(SystemClock().now()):%d.%m.%Y}"
    lines = ended.out.splitlines()
    assert lines[0] == f"Ticket       {number}, order"
    assert lines[2:5] == [
        "Customer     11009 Schreinerei Huber, Wettingen",
        "Class        main, SPOF",
        "Commitment   plan:pro, hours, due 02.11.2026 16:00: missed",
    ]
    assert lines[5].startswith(f"Said         {today}")
    assert lines[5].endswith("Anna Meier, spof: yes (reason: one router)")


def test_a_ticket_of_nobody(admin: Pikett, app: Application) -> None:
    number = str(open_ticket(app, TicketKind.MESSAGE, "+41440002299"))
    found = shown(admin, number)
    assert (found["customer"], found["location"], found["commitments"]) == (None, None, [])
    page = admin("ticket", "show", number).out
    assert "Customer     unknown\n" in page
    assert "Commitment   none\n" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--by", "Eva Roth", "--class", "main"), "there is no technician 'Eva Roth'"),
        (("--class", "main"), "Missing option '--by'"),
        (ANNA, "say at least one thing"),
        ((*ANNA, "--reason", "because"), "say at least one thing"),
        ((*ANNA, "--class", "worse"), "'worse' is not one of"),
        ((*ANNA, "--cause", "weather"), "'weather' is not one of"),
        ((*ANNA, "--class", "minor", "--spof"), "is never below main"),
        ((*ANNA, "--first-reaction", " "), "first_reaction needs 1 to 2000 printable characters"),
        ((*ANNA, "--first-reaction", "x" * 2001), "needs 1 to 2000 printable characters"),
        ((*ANNA, "--problem", "P\x1b[2J"), "problem needs 1 to 2000 printable characters"),
        ((*ANNA, "--phase", "first_reaction"), "nobody has given a first reaction yet"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_stored(
    admin: Pikett, app: Application, number: str, given: tuple[str, ...], said: str
) -> None:
    before = contents(app)
    ended = admin("ticket", "note", number, *given)
    assert ended.code == 2
    assert said in ended.err
    assert contents(app) == before


@pytest.mark.parametrize("command", [("show",), ("note", *ANNA, "--spof")], ids=["show", "note"])
def test_a_ticket_that_does_not_exist_is_named(admin: Pikett, command: tuple[str, ...]) -> None:
    name, *given = command
    ended = admin("ticket", name, "999999", *given)
    assert (ended.code, ended.err) == (2, "pikett: there is no ticket 999999\n")


@pytest.mark.parametrize("command", ["show", "note"])
def test_help_has_an_example(admin: Pikett, command: str) -> None:
    assert f"pikett ticket {command} 100001" in admin("ticket", command, "--help").out
