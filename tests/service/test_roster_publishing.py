"""The rules become rows that every call reads; on both databases."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from ivr.bootstrap import Application
from ivr.roster.problems import ProblemKind
from ivr.services.roster_changes import Remove
from ivr.services.roster_input import RosterRefusedError
from ivr.services.roster_store import ContactMethod, MethodKind, SwapState
from ivr.services.roster_swaps import Answer
from ivr.storage.database import writing
from ivr.storage.models import Technician
from tests.fakes import MONDAY_TEN, FrozenClock
from tests.service.crew import crew
from tests.service.rostering import (
    ANNA,
    CHLOE,
    LUCA,
    absence,
    change,
    clear,
    on_duty,
    override,
    rotation,
    rows,
    shown,
    weekly,
)

pytestmark = pytest.mark.rule("B.16")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def move(app: Application, span: timedelta) -> None:
    assert isinstance(app.clock, FrozenClock)
    app.clock.at += span


def kinds(app: Application, days: int = 7) -> list[ProblemKind]:
    found = app.rosters.problems(app.clock.now(), timedelta(days=days))
    return [each.kind for each in found if not each.kind.startswith("law")]


def test_a_rotation_is_rung_from_the_moment_it_is_stored(line: Application) -> None:
    weekly(line)
    assert on_duty(line, MONDAY_TEN) == [LUCA]
    assert on_duty(line, MONDAY_TEN + 7 * DAY) == [ANNA]
    assert shown(line, MONDAY_TEN, MONDAY_TEN + 14 * DAY)[:2] == [
        "Luca on_duty 1: 23.11. 10:00 - 30.11. 08:00",
        "Anna on_duty 1: 30.11. 08:00 - 07.12. 08:00",
    ]


def test_what_has_been_is_never_rewritten(line: Application) -> None:
    first = weekly(line)
    move(line, 10 * DAY)
    before = rows(line)
    change(line, Remove("rotation", first))
    change(line, rotation(line, people=CHLOE))
    after = rows(line)
    now = line.clock.now()
    assert [row for row in after if row[4] <= now] == [
        row if row[4] <= now else (*row[:4], now, *row[5:]) for row in before if row[3] < now
    ]
    assert on_duty(line, MONDAY_TEN) == [LUCA]
    assert on_duty(line, MONDAY_TEN + 9 * DAY) == [ANNA]
    assert on_duty(line, now) == [CHLOE]


def test_publishing_again_changes_nothing(line: Application) -> None:
    weekly(line)
    change(line, override(line, "2026-11-25T12:00", "2026-11-26", CHLOE))
    before = rows(line)
    for _ in range(3):
        line.rosters.publish(line.clock.now())
    assert rows(line) == before
    move(line, 3 * HOUR)
    line.rosters.publish(line.clock.now())
    assert rows(line)[:3] == before[:3]


def test_a_day_later_the_horizon_is_a_day_later(line: Application) -> None:
    weekly(line)
    last = rows(line)[-1][4]
    move(line, DAY)
    line.rosters.publish(line.clock.now())
    assert rows(line)[-1][4] == last + DAY
    assert last == MONDAY_TEN + 120 * DAY


def test_what_was_written_by_hand_stays_and_gives_way_to_an_override(line: Application) -> None:
    by_hand = rows(line)
    assert on_duty(line, MONDAY_TEN) == [ANNA, LUCA, CHLOE]
    first = change(line, override(line, "2026-11-24T18:00", "2026-11-25T08:00", LUCA))
    evening = MONDAY_TEN + DAY + 10 * HOUR
    assert on_duty(line, evening) == [LUCA, CHLOE]
    assert on_duty(line, evening + DAY) == [ANNA, LUCA, CHLOE]
    assert by_hand == [row for row in rows(line) if row[-1] == "hand"]
    change(line, override(line, "2026-11-24T19:00", "2026-11-24T21:00"))
    assert on_duty(line, evening) == [LUCA, CHLOE]
    with line.storage.reading() as uow:
        assert [each.level for each in uow.roster.list_on_duty(evening)] == ["deputy", "deputy"]
    change(line, Remove("override", first))
    assert on_duty(line, evening + 5 * HOUR) == [ANNA, LUCA, CHLOE]


def test_nobody_in_a_place_is_a_gap(line: Application) -> None:
    change(line, override(line, "2026-11-24T18:00", "2026-11-25T08:00"))
    assert kinds(line) == [ProblemKind.GAP]
    assert kinds(line, 1) == []


def test_an_override_that_is_taken_back_while_it_lasts_ends_now(line: Application) -> None:
    weekly(line)
    changed = change(line, override(line, "2026-11-23T10:00", "2026-11-24T10:00", CHLOE))
    move(line, HOUR)
    assert on_duty(line, line.clock.now()) == [CHLOE]
    change(line, Remove("override", changed))
    assert on_duty(line, line.clock.now()) == [LUCA]
    assert on_duty(line, line.clock.now() - HOUR / 2) == [CHLOE]


def test_who_is_disabled_is_not_rung(line: Application) -> None:
    line.technicians.disable(ANNA, None, line.clock.now())
    assert on_duty(line, MONDAY_TEN) == [LUCA, CHLOE]
    with line.storage.reading() as uow:
        assert ANNA not in {each.name for each in uow.roster.list_shifts(MONDAY_TEN)}
    assert kinds(line) == [ProblemKind.GAP]
    line.technicians.enable(ANNA, None, line.clock.now())
    assert on_duty(line, MONDAY_TEN) == [ANNA, LUCA, CHLOE]


def test_the_duties_of_who_is_disabled_come_back_with_him(line: Application) -> None:
    weekly(line)
    line.technicians.disable(ANNA, None, line.clock.now())
    assert on_duty(line, MONDAY_TEN + 7 * DAY) == []
    line.technicians.enable(ANNA, None, line.clock.now())
    assert on_duty(line, MONDAY_TEN + 7 * DAY) == [ANNA]


def test_the_place_that_a_disabled_person_took_over_is_nobodys(line: Application) -> None:
    """It does not fall back to whoever was written there by hand: he may be away."""
    change(line, override(line, "2026-11-23T09:00", "2026-11-24T08:00", CHLOE))
    line.technicians.disable(CHLOE, None, line.clock.now())
    assert on_duty(line, MONDAY_TEN) == [LUCA]
    with line.storage.reading() as uow:
        shifts = uow.roster.list_shifts(MONDAY_TEN)
    assert {each.name for each in shifts if each.covers(MONDAY_TEN)} == {LUCA}
    assert kinds(line) == [ProblemKind.GAP]


def test_chiefs_and_suppliers_are_not_rung_by_a_call(line: Application) -> None:
    change(line, rotation(line, level="chief_technician", people=CHLOE))
    change(line, rotation(line, level="supplier", people=LUCA))
    assert on_duty(line, MONDAY_TEN) == [ANNA, LUCA, CHLOE]
    with line.storage.reading() as uow:
        present = [(each.level.value, each.name) for each in uow.roster.list_present(MONDAY_TEN)]
        assert all(
            each.level in ("on_duty", "deputy") for each in uow.roster.list_shifts(MONDAY_TEN)
        )
    assert present[3:] == [("chief_technician", CHLOE), ("supplier", LUCA)]


def test_an_absence_moves_nobody_and_is_told_of(line: Application) -> None:
    weekly(line)
    change(line, absence(line, LUCA, "2026-11-25", "2026-11-25"))
    assert on_duty(line, MONDAY_TEN + 2 * DAY) == [LUCA]
    (clash,) = [each for each in line.rosters.problems(line.clock.now()) if each.kind == "absent"]
    assert clash.ends_at - clash.starts_at == DAY


def test_an_empty_roster_is_one_loud_problem(line: Application) -> None:
    clear(line)
    assert kinds(line) == [ProblemKind.EMPTY]


def test_a_change_is_shown_before_it_is_stored(line: Application) -> None:
    weekly(line)
    before = rows(line)
    wanted = override(line, "2026-11-24T18:00", "2026-11-25T08:00")
    found = line.rosters.preview(wanted, line.clock.now())
    assert [(each.name, each.gained) for each in found.moves] == [(LUCA, False)]
    assert [each.kind for each in found.new_problems] == [ProblemKind.GAP]
    assert rows(line) == before
    change(line, wanted)
    back = line.rosters.preview(Remove("override", 1), line.clock.now())
    assert [(each.name, each.gained) for each in back.moves] == [(LUCA, True)]
    assert [each.kind for each in back.solved] == [ProblemKind.GAP]


def test_a_month_shows_what_was_and_what_will_be(line: Application) -> None:
    weekly(line)
    move(line, 8 * DAY)
    month = line.rosters.month(line.clock.now().date().replace(month=11), line.clock.now())
    (row,) = month.rows
    names = [[each.name for each in cell.shifts] for cell in row.cells]
    assert names[21:] == [[], *[[LUCA]] * 7, [LUCA, ANNA]]
    assert not any(cell.gaps for cell in row.cells)


def test_what_is_removed_must_be_there(line: Application) -> None:
    with pytest.raises(RosterRefusedError, match="no override 77"):
        change(line, Remove("override", 77))


# Swaps -------------------------------------------------------------------------------------------


def ask(app: Application, **given: str) -> int:
    """Luca asks Anna to take Wednesday evening."""
    typed = {"person": ANNA, "from": "2026-11-25T18:00", "to": "2026-11-26T08:00"} | given
    return app.swaps.ask(key(app, LUCA), typed, None, app.clock.now())


def key(app: Application, name: str) -> int:
    return app.technicians.get(name)[0].id


def answer(app: Application, swap_id: int, name: str, state: SwapState) -> None:
    app.swaps.answer(Answer(swap_id, key(app, name), state), None, app.clock.now())


WEDNESDAY_EVENING = MONDAY_TEN + 2 * DAY + 9 * HOUR


def test_a_swap_counts_when_both_agreed(line: Application) -> None:
    weekly(line)
    swap_id = ask(line, back_from="2026-12-01T08:00", back_to="2026-12-02T08:00")
    assert on_duty(line, WEDNESDAY_EVENING) == [LUCA]
    move(line, HOUR)
    answer(line, swap_id, ANNA, SwapState.AGREED)
    assert on_duty(line, WEDNESDAY_EVENING) == [ANNA]
    assert on_duty(line, WEDNESDAY_EVENING + 14 * HOUR) == [LUCA]
    assert on_duty(line, MONDAY_TEN + 8 * DAY) == [LUCA]
    assert on_duty(line, MONDAY_TEN + 9 * DAY) == [ANNA]
    (swap,) = line.swaps.list_of(key(line, ANNA), line.clock.now())
    assert (swap.state, swap.asked_at, swap.answered_at) == (
        SwapState.AGREED,
        MONDAY_TEN,
        MONDAY_TEN + HOUR,
    )


def test_a_swap_is_agreed_to_by_the_other_only(line: Application) -> None:
    weekly(line)
    swap_id = ask(line)
    for name, state in (
        (LUCA, SwapState.AGREED),
        (CHLOE, SwapState.AGREED),
        (ANNA, SwapState.WITHDRAWN),
    ):
        with pytest.raises(RosterRefusedError, match="only who was asked"):
            answer(line, swap_id, name, state)
    assert on_duty(line, WEDNESDAY_EVENING) == [LUCA]


@pytest.mark.parametrize(
    ("name", "state"), [(ANNA, SwapState.REFUSED), (LUCA, SwapState.WITHDRAWN)]
)
def test_a_swap_is_answered_once(line: Application, name: str, state: SwapState) -> None:
    weekly(line)
    swap_id = ask(line)
    answer(line, swap_id, name, state)
    with pytest.raises(RosterRefusedError, match="answered already"):
        answer(line, swap_id, ANNA, SwapState.AGREED)
    assert on_duty(line, WEDNESDAY_EVENING) == [LUCA]


def test_a_swap_needs_a_duty_also_when_it_is_agreed_to(line: Application) -> None:
    rule = weekly(line)
    with pytest.raises(RosterRefusedError, match="has no duty"):
        ask(line, **{"from": "2026-12-01T18:00", "to": "2026-12-02T08:00"})
    swap_id = ask(line)
    change(line, Remove("rotation", rule))
    with pytest.raises(RosterRefusedError, match="has no duty"):
        answer(line, swap_id, ANNA, SwapState.AGREED)


def test_nobody_swaps_with_himself_or_with_who_is_disabled(line: Application) -> None:
    weekly(line)
    with pytest.raises(RosterRefusedError, match="himself"):
        ask(line, person=LUCA)
    swap_id = ask(line)
    line.technicians.disable(ANNA, None, line.clock.now())
    with pytest.raises(RosterRefusedError, match="disabled"):
        answer(line, swap_id, ANNA, SwapState.AGREED)


def test_both_answers_at_the_same_moment_are_one(line: Application) -> None:
    weekly(line)
    swap_id = ask(line)

    def reply(state: SwapState) -> str:
        try:
            answer(line, swap_id, ANNA, state)
        except RosterRefusedError as error:
            return error.key
        return state

    with crew(2) as together:
        told = together([partial(reply, SwapState.AGREED), partial(reply, SwapState.REFUSED)])
    assert sorted(told)[1] == "roster.error.answered"
    agreed = SwapState.AGREED in told
    assert on_duty(line, WEDNESDAY_EVENING) == ([ANNA] if agreed else [LUCA])


def test_changes_at_the_same_moment_are_all_published(line: Application) -> None:
    weekly(line)
    wanted = [
        override(line, f"2026-12-{day:02}T08:00", f"2026-12-{day + 1:02}T08:00", CHLOE)
        for day in range(1, 7)
    ]
    with crew(6) as together:
        together([partial(change, line, each) for each in wanted])
    for day in range(8, 14):
        assert on_duty(line, MONDAY_TEN + day * DAY) == [CHLOE]
    line.rosters.publish(line.clock.now())
    assert len({row[3] for row in rows(line) if row[-1] == "override"}) == 6


# How technicians are reached ---------------------------------------------------------------------


def test_his_own_number_and_address_come_first(line: Application) -> None:
    now = line.clock.now()
    line.technicians.add_method(ANNA, _way(MethodKind.PHONE, "044 000 90 51"), None, now)
    line.technicians.add_method(ANNA, _way(MethodKind.CHAT, "matrix://x@y/room"), None, now)
    assert _ways(line) == [
        ("phone", "+41440009001", True),
        ("mail", "anna@demo.pikett.invalid", False),
        ("phone", "+41440009051", False),
        ("chat", "matrix://x@y/room", False),
    ]
    with writing(line.storage.engine) as connection:
        connection.execute(
            update(Technician).where(Technician.id == 1).values(number="+41440009052")
        )
    assert _ways(line)[0] == ("phone", "+41440009052", False)
    line.technicians.verify(ANNA, 0, None, now)
    assert _ways(line)[0] == ("phone", "+41440009052", True)


def _way(kind: MethodKind, address: str) -> ContactMethod:
    return ContactMethod(0, 0, kind, address, position=0)


def _ways(app: Application) -> list[tuple[str, str, bool]]:
    with app.storage.reading() as uow:
        known = uow.contact_methods.list_of(key(app, ANNA))
    return [(each.kind.value, each.address, each.verified_at is not None) for each in known]
