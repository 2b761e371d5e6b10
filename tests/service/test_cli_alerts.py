"""`pikett alerts` and `pikett disturbance` as the console script runs them."""

import json
import re

import pytest

from ivr.cli.common import application
from tests.service.monitored import Source
from tests.service.terminal import Pikett, pikett, spoken_data_dir

__all__ = ["pikett", "spoken_data_dir"]
LATER = "2036-01-02T10:00"


def key_of(out: str) -> str:
    found = re.search(r"^The key of \S+ is (\S+)$", out, re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_life_of_a_source(pikett: Pikett) -> None:
    added = pikett(
        "alerts", "source", "add", "life", "--kind", "alertmanager", "--heartbeat", "300"
    )
    assert added.code == 0
    assert added.out.rstrip().endswith("/alerts/life")
    listed = pikett("alerts", "source", "list")
    assert "life: alertmanager, heard " in listed.out
    assert "heartbeat 300 s" in listed.out
    assert key_of(added.out) not in listed.out
    rotated = pikett("alerts", "source", "rotate", "life")
    assert key_of(rotated.out) != key_of(added.out)
    assert pikett("alerts", "source", "remove", "life").code == 0
    assert "life" not in pikett("alerts", "source", "list").out


def test_a_customers_source_with_its_key_in_the_path(pikett: Pikett) -> None:
    added = pikett(
        *("alerts", "source", "add", "alpine", "--kind", "generic", "--customer", "11004"),
        *("--service", "mail", "--key-in-path"),
    )
    assert added.out.rstrip().endswith("/alerts/alpine/KEY")
    (line,) = [
        each for each in pikett("alerts", "source", "list").out.splitlines() if "alpine" in each
    ]
    assert line.endswith("customer 11004, services mail, key in path")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("source", "add", "No", "--kind", "generic"), "small letters"),
        (("source", "add", "x", "--kind", "generic", "--heartbeat", "5"), "30 seconds or more"),
        (("source", "add", "x", "--kind", "generic", "--customer", "99999"), "99999"),
        (("source", "add", "x", "--kind", "generic", "--service", "A B"), "not a service key"),
        (("source", "add", "x", "--kind", "smoke"), "smoke"),
        (("source", "rotate", "nobody"), "no source 'nobody'"),
        (("source", "remove", "nobody"), "no source 'nobody'"),
        (("show", "999"), "no alert 999"),
        (("resolve", "999"), "no alert 999"),
        (("maintenance", "add", "nobody", "--until", LATER), "no source 'nobody'"),
        (("maintenance", "end", "999"), "no maintenance 999"),
    ],
)
def test_what_is_refused_in_one_sentence(
    arguments: tuple[str, ...], words: str, pikett: Pikett
) -> None:
    ended = pikett("alerts", *arguments)
    assert ended.code != 0
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_maintenance_is_added_listed_and_ended(pikett: Pikett) -> None:
    pikett("alerts", "source", "add", "windows", "--kind", "generic")
    added = pikett(
        *("alerts", "maintenance", "add", "windows", "--until", LATER),
        *("--label", "job=backup", "--reason", "new disks"),
    )
    found = re.match(r"Maintenance (\d+) of windows: .* to 2036-01-02 10:00\.", added.out)
    assert found is not None
    assert "2036-01-02 10:00 job=backup new disks" in pikett("alerts", "maintenance", "list").out
    assert pikett("alerts", "maintenance", "end", found[1]).code == 0
    assert "windows" not in pikett("alerts", "maintenance", "list").out
    wrong = ("alerts", "maintenance", "add", "windows", "--until", LATER, "--label", "job")
    assert "NAME=VALUE" in pikett(*wrong).err
    past = ("alerts", "maintenance", "add", "windows", "--until", "2026-01-01T10:00")
    assert "after now" in pikett(*past).err


def test_alerts_are_listed_shown_and_resolved(pikett: Pikett) -> None:
    pikett("alerts", "list")
    Source(application("error"), "listed").fire("router", spof=True)
    listed = pikett("alerts", "list", "--search", "router")
    found = re.match(
        r"(\d+) .* listed: router is down \(major, firing, 1 times, ticket \d+\)", listed.out
    )
    assert found is not None
    assert pikett("alerts", "list", "--search", "nothing like it").out == ""
    (row,) = pikett("alerts", "list", "--search", "router", "--json").lines
    assert (row["key"], row["spof"], row["resolved_at"]) == ("router", True, None)
    assert "key: router" in pikett("alerts", "show", found[1]).out
    assert pikett("alerts", "resolve", found[1]).out == f"Alert {found[1]} is resolved.\n"
    assert pikett("alerts", "list", "--search", "router").out == ""
    (row,) = pikett("alerts", "list", "--all", "--json").lines
    assert row["resolved_by"] == "command line"


def test_a_disturbance_is_declared_changed_and_ended(pikett: Pikett) -> None:
    declared = pikett(
        *("disturbance", "declare", "Core router", "--touches", "all", "--de", "Internet"),
        *("--expected", LATER),
    )
    found = re.match(
        r"Disturbance (\d+) is declared\. Callers listen for \d+ s before", declared.out
    )
    assert found is not None
    listed = pikett("disturbance", "list").out
    assert f"{found[1]} Core router: all, since " in listed
    assert "expected end 2036-01-02 10:00, 0 asked to be told" in listed
    assert pikett("disturbance", "update", found[1], "--fr", "Internet").code == 0
    assert "expected end" not in pikett("disturbance", "list").out
    assert pikett("disturbance", "end", found[1]).out.endswith("To be told: 0.\n")
    assert pikett("disturbance", "list").out == ""
    assert "Core router" in pikett("disturbance", "list", "--all").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("declare", "X", "--touches", "everybody"), "none of all, plan:ID"),
        (("declare", "X", "--touches", "all", "--de", "x" * 61), "up to 60"),
        (("declare", "X", "--touches", "all", "--expected", "2026-01-01T10:00"), "over already"),
        (("end", "999"), "no disturbance 999"),
        (("update", "999"), "no disturbance 999"),
        (("depends", "99999"), "99999"),
        (("depends", "11008", "mail", "--location", "Moon"), "no location 'Moon'"),
        (("depends", "11008", "No Good"), "not a service key"),
    ],
)
def test_a_disturbance_that_is_refused(
    arguments: tuple[str, ...], words: str, pikett: Pikett
) -> None:
    ended = pikett("disturbance", *arguments)
    assert ended.code == 2
    assert words in ended.err


def test_what_locations_depend_on(pikett: Pikett) -> None:
    assert pikett("disturbance", "depends", "11008", "internet", "mail").code == 0
    pikett("disturbance", "depends", "11008", "mail", "--location", "Geneva", "--remove")
    shown = pikett("disturbance", "depends", "11008").out
    assert shown == "Basel: internet, mail\nGeneva: internet\n"


def test_the_json_of_an_alert_is_json(pikett: Pikett) -> None:
    pikett("alerts", "list")
    Source(application("error"), "plain").fire("nas", labels={"room": "B"})
    row = json.loads(pikett("alerts", "list", "--search", "nas", "--json").out)
    assert row["labels"] == {"room": "B"}
