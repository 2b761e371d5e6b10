"""`pikett explain`: what would happen, told without a call."""

from typing import Any

import pytest

from tests.service.terminal import Pikett, pikett, spoken_data_dir

FIXTURES = (pikett, spoken_data_dir)
PRO, PREMIUM, SHARED = "+41 44 000 10 09", "+41 44 000 10 01", "+41 44 000 10 99"


def told(pikett: Pikett, *arguments: str) -> dict[str, Any]:
    ended = pikett("explain", *arguments, "--json")
    assert (ended.code, ended.err) == (0, "")
    (answer,) = ended.lines
    return answer


def kinds(answer: dict[str, Any]) -> list[str]:
    return [offer["kind"] for offer in answer["offers"]]


def test_inside_the_window_a_number_is_enough(pikett: Pikett) -> None:
    answer = told(pikett, "--from", PREMIUM, "--at", "2026-11-22T03:00")
    assert answer["at"] == "2026-11-22T03:00:00+01:00"
    assert answer["timezone"] == "Europe/Zurich"
    assert answer["customer"] == {
        "number": "11001",
        "name": "Bäckerei Sonnenschein",
        "language": "de",
    }
    assert (answer["identified_by"], answer["location"], answer["plan"]) == (
        "number",
        "Baden",
        "premium",
    )
    assert answer["window"] == {
        "open": True,
        "opens_at": None,
        "closes_at": None,
        "reason": "window",
    }
    assert kinds(answer) == ["order", "ticket", "service_desk"]
    assert answer["offers"][0] == {
        "kind": "order",
        "price": None,
        "requires": [],
        "first_reaction": {"kind": "hours", "due": "2026-11-22T04:00:00+01:00"},
    }
    assert answer["notice"]["prompts"] == ["notice_work_units"]
    assert "nach 8 Gratis-Einheiten 270 Franken die Stunde" in answer["notice"]["text"]
    assert [each["level"] for each in answer["hunt"]] == [
        "on_duty",
        "on_duty",
        "deputy",
        "deputy",
        "service_desk",
    ], "at night the first is rung twice"


@pytest.mark.rule("A.60", "A.63", "Q1")
def test_outside_the_window_fast_lane_has_its_price(pikett: Pikett) -> None:
    answer = told(pikett, "--from", PRO, "--at", "2026-11-22T20:00")
    assert kinds(answer) == ["fast_lane", "ticket", "service_desk"]
    lane = answer["offers"][0]
    assert lane["price"] == {
        "net": "150.00",
        "vat_rate": "8.1",
        "vat": "12.15",
        "gross": "162.15",
        "currency": "CHF",
    }
    assert lane["requires"] == ["support_code"]
    assert lane["first_reaction"]["due"] == "2026-11-23T02:00:00+01:00"
    assert answer["window"]["opens_at"] == "2026-11-23T07:00:00+01:00"


@pytest.mark.rule("K-9", "Q4")
def test_a_holiday_is_named(pikett: Pikett) -> None:
    answer = told(pikett, "--plan", "basic_plus", "--at", "2026-05-14T10:00")
    assert answer["window"]["reason"] == "holiday:Auffahrt"
    assert answer["window"]["opens_at"] == "2026-05-15T08:00:00+02:00"
    assert answer["customer"] is None
    assert answer["identified_by"] == "nothing"


@pytest.mark.rule("A.57", "K-18")
def test_where_plans_differ_the_location_is_asked_for(pikett: Pikett) -> None:
    at = ("--at", "2026-11-23T18:30")
    asked = told(pikett, "--customer", "11008", *at)
    assert (asked["location"], asked["plan"], asked["window"]) == (None, None, None)
    assert kinds(asked) == ["service_desk"]
    assert asked["notice"] == {"prompts": [], "text": ""}
    assert told(pikett, "--customer", "11008", "--location", "basel", *at)["plan"] == "pro"
    geneva = told(pikett, "--customer", "11008", "--location", "Geneva", *at)
    assert (geneva["plan"], geneva["window"]["reason"]) == ("basic_plus", "outside_window")
    assert geneva["identified_by"] == "support_code"


def test_a_shared_number_identifies_nobody(pikett: Pikett) -> None:
    answer = told(pikett, "--from", SHARED, "--at", "2026-11-23T10:00")
    assert (answer["customer"], answer["identified_by"]) == (None, "nothing")
    assert kinds(answer) == ["service_desk"]
    assert [each["level"] for each in answer["hunt"]] == ["service_desk"]


def test_a_class_of_fault_is_carried_and_changes_nothing(pikett: Pikett) -> None:
    plain = told(pikett, "--plan", "pro", "--at", "2026-11-23T10:00")
    critical = told(pikett, "--plan", "pro", "--at", "2026-11-23T10:00", "--fault", "critical")
    assert critical == plain | {"fault": "critical"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "exactly one of"),
        (("--plan", "pro", "--customer", "11001"), "exactly one of"),
        (("--plan", "gold"), "premium, pro_plus, pro, basic_plus, basic"),
        (("--customer", "99999"), "no customer '99999'"),
        (("--customer", "11008", "--location", "Bern"), "Basel, Geneva"),
        (("--from", "anonymous"), "identifies nobody"),
        (("--from", "117"), "identifies nobody"),
        (("--plan", "pro", "--at", "2026-03-29T02:30"), "does not exist"),
        (("--plan", "pro", "--at", "soon"), "soon"),
        (("--plan", "pro", "--fault", "huge"), "minor"),
    ],
)
def test_a_mistake_is_said_and_ends_with_2(
    pikett: Pikett, arguments: tuple[str, ...], said: str
) -> None:
    ended = pikett("explain", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""


def test_a_year_without_a_calendar_is_warned_about(pikett: Pikett) -> None:
    ended = pikett("explain", "--plan", "pro", "--at", "2031-01-01T10:00", "--json")
    assert ended.code == 0
    assert "No holidays are seeded" in ended.err


def test_in_words(pikett: Pikett) -> None:
    ended = pikett("explain", "--from", PRO, "--at", "2026-11-22T20:00")
    assert "11009 Schreinerei Huber (by number)" in ended.out
    assert "fast lane, CHF 150.00 net, 162.15 with VAT, needs support code" in ended.out
    assert "Would ring    Anna Meier" in ended.out
