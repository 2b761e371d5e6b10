"""`pikett technician` and `pikett roster` as somebody types them."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli.common import application
from tests.service.terminal import Ended, Pikett, pikett, spoken_data_dir

__all__ = ["pikett", "spoken_data_dir"]
ANNA, LUCA, CHLOE = "Anna Meier", "Luca Bernasconi", "Chloé Favre"


@pytest.fixture
def roster(
    pikett: Pikett, spoken_data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pikett]:
    """On a data folder of its own."""
    folder = tmp_path / "data"
    shutil.copytree(spoken_data_dir, folder)
    monkeypatch.setenv("PIKETT_DATA_DIR", str(folder))
    yield pikett
    application("error").storage.engine.dispose()


def done(ended: Ended) -> str:
    assert ended.code == 0, ended.err
    return ended.out


def refused(ended: Ended) -> str:
    assert ended.code == 2, ended.out
    assert "Traceback" not in ended.err
    return ended.err


def test_a_technician_from_the_first_number_to_the_last(roster: Pikett) -> None:
    assert "technician 4" in done(
        roster("technician", "add", "Petra Keller", "044 000 90 50", "--email", "p@x.ch")
    )
    assert "Petra Keller: +41 44 000 90 50, p@x.ch, de, no telephone checked" in done(
        roster("technician", "list")
    )
    done(roster("technician", "phone", "verify", "Petra Keller"))
    done(roster("technician", "phone", "add", "Petra Keller", "044 000 90 51", "--delay", "30"))
    shown = done(roster("technician", "show", "Petra Keller"))
    assert "phone: +41 44 000 90 50, checked" in shown
    assert "phone: +41 44 000 90 51, after 30 s, not checked" in shown
    assert "mail: p@x.ch" in shown
    further = re.findall(r"\[(\d+)\] phone: \+41 44 000 90 51", shown)[0]
    done(roster("technician", "phone", "remove", "Petra Keller", further))
    assert "90 51" not in done(roster("technician", "show", "Petra Keller"))
    done(roster("technician", "disable", "Petra Keller"))
    assert "disabled" in done(roster("technician", "show", "Petra Keller"))
    done(roster("technician", "enable", "Petra Keller"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("technician", "add", ANNA, "044 000 90 50"), "already"),
        (("technician", "add", "Neu", "0900 123 456"), "may not be dialled"),
        (("technician", "add", "Neu", "112"), "may not be dialled"),
        (("technician", "add", "Neu", "+44 20 7946 0000"), "may not be dialled"),
        (("technician", "add", "Neu", "044 000 90 50", "--email", "no"), "no mail address"),
        (("technician", "add", " ", "044 000 90 50"), "1 to 200"),
        (("technician", "show", "Niemand"), "no technician"),
        (("technician", "phone", "verify", ANNA, "99"), "no way 99"),
        (("technician", "phone", "remove", ANNA, "1"), "is his own"),
        (("technician", "phone", "add", ANNA, "no such", "--kind", "chat"), "no chat address"),
        (("technician", "phone", "add", ANNA, "044 000 90 50", "--delay", "-1"), "delay"),
        (("roster", "override", "remove", "7", "--yes"), "no override 7"),
        (("roster", "override", "add", "on_duty", "2036-01-02", "2036-01-01"), "ends before"),
        (
            ("roster", "override", "add", "on_duty", "2035-03-25T02:30", "2035-03-26"),
            "does not exist",
        ),
        (("roster", "override", "add", "on_duty", "2035-10-28T02:30", "2035-10-29"), "comes twice"),
        (("roster", "absence", "add", "Niemand", "2035-10-01", "2035-10-02"), "no technician"),
        (("roster", "swap", "agree", "9", ANNA), "no swap 9"),
        (
            ("roster", "rotation", "add", "R", "--level", "on_duty", "--people", "Niemand"),
            "no technician",
        ),
        (
            (
                "roster",
                "rotation",
                "add",
                "R",
                "--level",
                "on_duty",
                "--people",
                ANNA,
                "--every",
                "0",
            ),
            "no number",
        ),
        (("roster", "ical", "--technician", "Niemand"), "no technician"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    roster: Pikett, typed: tuple[str, ...], why: str
) -> None:
    assert why in refused(roster(*typed))


def test_a_rotation_is_shown_asked_and_stored(roster: Pikett) -> None:
    command = (
        "roster",
        "rotation",
        "add",
        "Chefs",
        "--level",
        "chief_technician",
        "--weekday",
        "mon",
    )
    people = ("--people", f"{ANNA}, {LUCA}")
    declined = roster(*command, *people, typed="n\n")
    assert declined.code == 1
    assert "+ Anna Meier, chief_technician 1" in declined.out
    assert "... and" not in declined.out
    assert "Stored as 1." in done(roster(*command, *people, typed="y\n"))
    assert (
        "[1] rotation Chefs, chief_technician 1: Anna Meier, Luca Bernasconi; every 7 days"
        in done(roster("roster", "show"))
    )
    assert "Stored as 1." in done(roster("roster", "rotation", "remove", "1", "--yes"))


def test_nobody_in_a_place_is_a_gap_that_is_found(roster: Pikett) -> None:
    done(roster("roster", "override", "add", "on_duty", "2026-01-01", "2026-12-31", "--yes"))
    found = roster("roster", "gaps", "--days", "3")
    assert found.code == 1
    assert "gap: no on_duty" in found.out
    assert (
        "labour law: Luca Bernasconi has 28 days of on-call in four weeks, 7 are allowed"
        in found.out
    )
    done(roster("roster", "override", "remove", "1", "--yes"))
    assert "gap" not in roster("roster", "gaps").out


def test_a_swap_by_command(roster: Pikett) -> None:
    span = ("2030-12-01T08:00", "2030-12-02T08:00")
    assert "Swap 1 is asked" in done(roster("roster", "swap", "ask", ANNA, LUCA, *span))
    assert "[1] Anna Meier to Luca Bernasconi" in done(roster("roster", "swap", "list"))
    assert "only who was asked" in refused(roster("roster", "swap", "agree", "1", ANNA))
    assert "agreed" in done(roster("roster", "swap", "agree", "1", LUCA))
    assert "answered already" in refused(roster("roster", "swap", "refuse", "1", LUCA))
    assert "answered already" in refused(roster("roster", "swap", "withdraw", "1", ANNA))
    assert "Luca" in done(roster("roster", "show", "--at", "2030-12-01T09:00", "--days", "1"))


ICAL = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//T//
BEGIN:VEVENT
UID:a1
DTSTART;VALUE=DATE:20351224
DTEND;VALUE=DATE:20351227
SUMMARY:Ferien
END:VEVENT
END:VCALENDAR
"""


def test_absences_come_out_of_a_calendar_and_are_not_doubled(
    roster: Pikett, tmp_path: Path
) -> None:
    file = tmp_path / "ferien.ics"
    file.write_text(ICAL)
    command = ("roster", "absence", "import", str(file), "--technician", ANNA)
    assert "1 new" in done(roster(*command, "--dry-run"))
    assert "1 new, 0 changed, 0 as before" in done(roster(*command))
    assert "0 new, 0 changed, 1 as before" in done(roster(*command))
    file.write_text(ICAL.replace("20351227", "20351228"))
    assert "0 new, 1 changed" in done(roster(*command))
    shown = done(roster("roster", "show"))
    assert shown.count("absence Anna Meier: 2035-12-24 00:00 to 2035-12-28 00:00, Ferien") == 1
    file.write_text(ICAL.replace("SUMMARY", "RRULE:FREQ=SECONDLY\nSUMMARY"))
    assert "repeats" in refused(roster(*command))
    done(roster("roster", "absence", "remove", "1", "--yes"))
    assert "absence" not in done(roster("roster", "show"))


def test_the_roster_as_a_calendar_and_published_by_hand(roster: Pikett) -> None:
    written = done(roster("roster", "ical", "--technician", CHLOE, "--days", "3"))
    assert written.startswith("BEGIN:VCALENDAR")
    assert "SUMMARY:deputy" in written
    assert "0 duties are published." in done(roster("roster", "publish"))
