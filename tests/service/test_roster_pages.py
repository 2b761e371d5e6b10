"""The roster's pages: a month, its rules with a look before they count, swaps, calendar addresses."""

import html
import re
from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select, update

from ivr.bootstrap import Application
from ivr.storage.database import reading
from ivr.storage.models import AuditEntry, Person, Technician
from tests.fakes import MONDAY_TEN, FrozenClock
from tests.service.console import Browser, browser, logged_in
from tests.service.mailing import change as set_columns
from tests.service.rostering import (
    ANNA,
    CHLOE,
    LUCA,
    change,
    clear,
    on_duty,
    override,
    rotation,
    rows,
    weekly,
)

pytestmark = pytest.mark.rule("B.16")
NIGHT = {"level": "on_duty", "rank": "1", "person": CHLOE, "note": ""}
NIGHT |= {"from": "2026-11-24T18:00", "to": "2026-11-25T08:00"}
RULES, OWN = "/console/roster/rules", "/console/roster/own"


def words(page: Browser, address: str) -> str:
    response = page.get(address)
    assert response.status_code == 200
    return html.unescape(response.get_data(as_text=True))


def test_a_month_names_people_and_tells_gaps_in_words(app: Application) -> None:
    weekly(app)
    change(app, override(app, "2026-11-26T18:00", "2026-11-27T08:00"))
    shown = words(logged_in(app, "lead"), "/console/roster")
    assert "Pikettplan: November 2026" in shown
    assert 'aria-current="date"' in shown
    assert "Lücke: Techniker vom Dienst, Do 26.11.2026 18:00 bis Fr 27.11.2026 08:00" in shown
    assert "Lücke <span" in shown
    assert "+4144" not in shown
    assert "44 000 90" not in shown


@pytest.mark.parametrize("month", ["2026-13", "nonsense", "0001-01", "9999-12", "", "2026-11-23"])
def test_whatever_is_no_month_is_this_one(app: Application, month: str) -> None:
    assert "November 2026" in words(logged_in(app, "anna"), f"/console/roster?month={month}")


def test_other_months(app: Application) -> None:
    page = logged_in(app, "lead")
    shown = words(page, "/console/roster?month=2028-02")
    assert "Februar 2028" in shown
    assert "month=2028-01" in shown
    assert "month=2028-03" in shown
    assert shown.count('scope="col"') == 1 + 29


def test_an_override_is_looked_at_and_then_stored(app: Application) -> None:
    page = logged_in(app, "lead")
    before = rows(app)
    page.get(RULES)
    looked = page.post(f"{RULES}/override", NIGHT)
    shown = html.unescape(looked.get_data(as_text=True))
    assert looked.status_code == 200
    assert f"{CHLOE} übernimmt: Techniker vom Dienst" in shown
    assert f"{ANNA} gibt ab: Techniker vom Dienst, Di 24.11.2026 18:00" in shown
    assert rows(app) == before
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    assert hidden["confirmed"] == "1"
    assert page.post(f"{RULES}/override", hidden).status_code == 302
    assert on_duty(app, MONDAY_TEN + timedelta(days=1, hours=10)) == [CHLOE, LUCA]
    assert CHLOE in words(page, RULES)
    with reading(app.storage.engine) as connection:
        query = select(AuditEntry.login, AuditEntry.detail)
        told = connection.execute(query.where(AuditEntry.action == "roster_changed")).all()
    assert [login for login, _ in told] == ["lead"]
    assert CHLOE in told[0][1]


def test_a_rule_is_removed_after_a_look(app: Application) -> None:
    page = logged_in(app, "admin")
    change(app, override(app, NIGHT["from"], NIGHT["to"], CHLOE))
    page.get(RULES)
    assert "übernimmt" in page.post(f"{RULES}/override/1/remove").get_data(as_text=True)
    assert on_duty(app, MONDAY_TEN + timedelta(days=1, hours=10))[0] == CHLOE
    assert page.post(f"{RULES}/override/1/remove", {"confirmed": "1"}).status_code == 302
    assert on_duty(app, MONDAY_TEN + timedelta(days=1, hours=10))[0] == ANNA
    assert page.post(f"{RULES}/override/1/remove", {"confirmed": "1"}).status_code == 404
    assert page.post(f"{RULES}/nonsense/1/remove").status_code == 404
    assert page.post(f"{RULES}/nonsense").status_code == 404


def test_a_rotation_and_an_absence(app: Application) -> None:
    page = logged_in(app, "lead")
    rotation = {"name": "Chefs", "level": "chief_technician", "rank": "1", "every": "7"}
    rotation |= {"people": f"{ANNA}, {CHLOE}", "starts": "2026-11-23", "confirmed": "1"}
    assert page.post(f"{RULES}/rotation", rotation).status_code == 302
    away = {"person": ANNA, "from": "2026-12-01T00:00", "to": "2026-12-02T00:00", "confirmed": "1"}
    assert page.post(f"{RULES}/absence", away).status_code == 302
    shown = words(page, RULES)
    assert "Rotation Chefs" in shown
    month = words(page, "/console/roster")
    assert "Cheftechnik" in month
    assert f"{ANNA} ist abwesend und hat Dienst" in month


@pytest.mark.parametrize(
    ("kind", "typed", "text"),
    [
        ("override", {"to": "2026-11-24T17:00"}, "Das Ende liegt vor dem Anfang"),
        ("override", {"from": "2027-03-28T02:30", "to": "2027-03-28T08:00"}, "fehlt eine Stunde"),
        ("override", {"from": "2027-10-31T02:30", "to": "2027-10-31T08:00"}, "zweimal"),
        ("override", {"from": "", "to": ""}, "fehlt eine Stunde"),
        ("override", {"from": "2025-01-01T00:00", "to": "2025-01-02T00:00"}, "schon vorbei"),
        ("override", {"from": "2026-11-24T18:00", "to": "2029-01-02T00:00"}, "Höchstens 400"),
        ("override", {"person": "Nobody"}, "gibt es nicht"),
        ("override", {"level": "service_desk"}, "Wählen Sie eine Stufe"),
        ("override", {"rank": "0"}, "Diese Zahl"),
        ("override", {"rank": "²"}, "Diese Zahl"),
        ("override", {"note": "x" * 201}, "zu lang"),
        ("absence", {"person": ""}, "gibt es nicht"),
        ("rotation", {"people": " , "}, "mindestens eine"),
        ("rotation", {"people": f"{ANNA}, Nobody"}, "gibt es nicht"),
        ("rotation", {"hours": "mo 18-8"}, "mon-fri"),
        ("rotation", {"hand_over": "25:00"}, "HH:MM"),
        ("rotation", {"every": "-7"}, "Diese Zahl"),
        ("rotation", {"starts": "0001-01-01"}, "kein Datum"),
        ("rotation", {"starts": "2026-11-23", "until": "2026-11-23"}, "vor dem Anfang"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    app: Application, kind: str, typed: dict[str, str], text: str
) -> None:
    page = logged_in(app, "lead")
    base = NIGHT if kind == "override" else {"person": ANNA, "from": "2026-12-01T00:00"}
    base = base | ({"to": "2026-12-02T00:00"} if kind == "absence" else {})
    if kind == "rotation":
        base = {"name": "R", "level": "on_duty", "people": ANNA, "every": "7"}
    before = rows(app)
    response = page.post(f"{RULES}/{kind}", base | typed | {"confirmed": "1"})
    assert response.status_code == 400
    shown = html.unescape(response.get_data(as_text=True))
    assert text in shown
    assert 'aria-invalid="true"' in shown
    assert rows(app) == before


# A technician's own page -------------------------------------------------------------------------


def test_a_swap_from_the_question_to_both_consents(app: Application) -> None:
    weekly(app)
    luca, anna = logged_in(app, "luca"), logged_in(app, "anna")
    typed = {"person": ANNA, "from": "2026-11-25T18:00", "to": "2026-11-26T08:00"}
    assert luca.post(f"{OWN}/swaps", typed).status_code == 302
    assert "Lei vorrebbe scambiare con Anna Meier" in words(luca, OWN)
    assert "Luca Bernasconi möchte mit Ihnen tauschen" in words(anna, OWN)
    luca.post(f"{OWN}/swaps/1", {"answer": "agreed"})
    assert "Risponde solo chi" in words(luca, OWN)
    evening = MONDAY_TEN + timedelta(days=2, hours=9)
    assert on_duty(app, evening) == [LUCA]
    anna.post(f"{OWN}/swaps/1", {"answer": "agreed"})
    assert "Der Tausch gilt." in words(anna, OWN)
    assert on_duty(app, evening) == [ANNA]
    assert "Mi 25.11.2026 18:00" in words(anna, OWN)
    assert anna.post(f"{OWN}/swaps/1", {"answer": "nonsense"}).status_code == 400


def test_a_swap_without_a_duty_stays_in_the_form(app: Application) -> None:
    weekly(app)
    typed = {"person": LUCA, "from": "2026-11-25T18:00", "to": "2026-11-26T08:00"}
    response = logged_in(app, "anna").post(f"{OWN}/swaps", typed)
    assert response.status_code == 400
    assert "In dieser Zeit ist dort kein Dienst" in response.get_data(as_text=True)
    assert "2026-11-25T18:00" in response.get_data(as_text=True)


def test_who_is_not_on_the_roster_has_no_duties_and_asks_nobody(app: Application) -> None:
    page = logged_in(app, "lead")
    assert "Sie stehen nicht im Pikettplan" in words(page, OWN)
    assert page.post(f"{OWN}/swaps", {"person": ANNA}).status_code == 400


# Calendar addresses ------------------------------------------------------------------------------


def subscribe(app: Application, login: str, scope: str) -> tuple[Browser, str]:
    """The path of a new address."""
    page = logged_in(app, login)
    assert page.post(f"{OWN}/feeds/{scope}").status_code == 302
    (path,) = re.findall(r"https://pikett\.example(/ical/[\w.-]+)", words(page, OWN))
    return page, path


def test_a_technician_subscribes_to_his_own_duties(app: Application) -> None:
    weekly(app)
    _, path = subscribe(app, "anna", "own")
    answer = browser(app).get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert {str(each["SUMMARY"]) for each in events} == {"Techniker vom Dienst"}
    assert events[0].start == MONDAY_TEN + timedelta(days=6, hours=22)
    for private in (b"+41", b"44 000", b"@demo", b"Luca"):
        assert private not in answer.data


def test_the_whole_roster_as_a_calendar(app: Application) -> None:
    weekly(app)
    _, path = subscribe(app, "lead", "roster")
    answer = browser(app).get(path)
    assert b"Luca Bernasconi" in answer.data
    assert b"+41" not in answer.data


def test_an_address_ends_with_the_next_one_and_when_it_is_removed(app: Application) -> None:
    page, first = subscribe(app, "anna", "own")
    page, second = subscribe(app, "anna", "own")
    assert browser(app).get(first).status_code == 404
    assert browser(app).get(second).status_code == 200
    page.post(f"{OWN}/feeds/own", {"remove": "1"})
    assert browser(app).get(second).status_code == 404
    assert "/ical/" not in words(page, OWN)


def test_an_address_ends_with_its_person(app: Application) -> None:
    _, path = subscribe(app, "anna", "own")
    set_columns(app, Person, disabled_at=MONDAY_TEN)
    assert browser(app).get(path).status_code == 404


def test_no_address_can_be_guessed_or_changed(app: Application) -> None:
    _, path = subscribe(app, "anna", "own")
    _, other = subscribe(app, "luca", "own")
    seal = path.partition("-")[2]
    other_end = "1" if path[-5] == "0" else "0"
    guesses = [
        f"{path[:-5]}{other_end}.ics",
        f"/ical/1-{'0' * 40}.ics",
        f"/ical/2-{seal}",
        "/ical/1.ics",
    ]
    guesses += ["/ical/99999999999999999999-" + "0" * 40 + ".ics", "/ical/%00.ics", "/ical/é.ics"]
    for guess in guesses:
        assert guess not in (path, other)
        assert browser(app).get(guess).status_code == 404, guess


def test_a_name_with_tags_stays_a_name(app: Application) -> None:
    with app.storage.engine.begin() as connection:
        connection.execute(update(Technician).where(Technician.id == 1).values(name="<b>A</b> B"))
    for address in ("/console/roster", RULES):
        assert "<b>A</b>" not in logged_in(app, "lead").get(address).get_data(as_text=True)


def test_the_top_says_who_has_duty_now_until_when_and_who_is_next(app: Application) -> None:
    weekly(app)
    change(app, rotation(app, name="Stv", level="deputy", rank="2", people=f"{LUCA}, {CHLOE}"))
    shown = words(logged_in(app, "lead"), "/console/roster?month=2027-02")
    assert "Wer hat jetzt Dienst?" in shown
    first = "Mo 30.11.2026 08:00"
    assert f"Techniker vom Dienst: {LUCA}, bis {first}. Danach {ANNA}, bis Mo 07.12.2026" in shown
    assert "Stellvertretung: jetzt niemand." in shown
    assert f"Stellvertretung 2: {CHLOE}, bis {first}. Danach {LUCA}" in shown


def test_a_gap_is_said_and_who_comes_after_it(app: Application) -> None:
    clear(app)
    shown = words(logged_in(app, "lead"), "/console/roster")
    assert "Techniker vom Dienst: jetzt niemand." in shown
    change(app, override(app, NIGHT["from"], NIGHT["to"], CHLOE))
    shown = words(logged_in(app, "lead"), "/console/roster")
    assert f"jetzt niemand. Als Nächstes {CHLOE} ab Di 24.11.2026 18:00" in shown
    assert isinstance(app.clock, FrozenClock)
    app.clock.at += timedelta(days=1, hours=10)
    shown = words(logged_in(app, "lead"), "/console/roster")
    assert f"{CHLOE}, bis Mi 25.11.2026 08:00. Danach ist niemand eingetragen." in shown


@pytest.mark.parametrize("address", ["/console/roster", OWN, "/console/duty", "/console/readiness"])
def test_a_duty_without_an_end_is_told_by_its_beginning(app: Application, address: str) -> None:
    """The demo's duties end in 2036: nobody means that date, nor do they begin now."""
    shown = words(logged_in(app, "anna" if address in (OWN, "/console/duty") else "lead"), address)
    assert "bis auf weiteres" in shown
    assert "2036" not in shown
    if address in (OWN, "/console/readiness"):
        assert "ab Do 01.01.2026 00:00, bis auf weiteres" in shown


@pytest.mark.parametrize("address", ["/console/roster", OWN, "/console/readiness", "/console/duty"])
def test_the_horizon_of_publishing_is_nobodys_end(app: Application, address: str) -> None:
    """Anna alone has duty by a rule without an end, which is published for 120 days."""
    weekly(app, people=ANNA)
    shown = words(logged_in(app, "anna" if address in (OWN, "/console/duty") else "lead"), address)
    assert "bis auf weiteres" in shown
    assert ".2027" not in shown


def test_a_problem_of_a_duty_that_runs_does_not_begin_now(app: Application) -> None:
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE contact_method SET verified_at = NULL")
    shown = words(logged_in(app, "lead"), "/console/roster")
    assert f"{ANNA} hat jetzt Dienst, und kein Telefon ist geprüft." in shown


def test_past_months_show_who_had_duty(app: Application) -> None:
    weekly(app)
    assert isinstance(app.clock, FrozenClock)
    app.clock.at += timedelta(days=40)
    shown = words(logged_in(app, "lead"), "/console/roster?month=2026-11")
    assert "Luca Bernasconi" in shown
    assert "Lücke <span" not in shown
