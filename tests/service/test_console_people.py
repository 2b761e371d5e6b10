"""People: an admin adds, changes and disables them, on the page and on the command line."""

import html
import re
from http import HTTPStatus

import pytest

from ivr.bootstrap import Application
from ivr.people.roles import Role
from ivr.services.people_store import PersonRecord
from tests.service.admin import admin
from tests.service.console import browser, logged_in
from tests.service.terminal import Pikett

FIXTURES = (admin,)
NINA = {"login": "Nina", "name": " Nina  Frei ", "role": "technician", "language": "fr"}


def find(app: Application, login: str) -> PersonRecord:
    with app.storage.reading() as uow:
        found = uow.people.find(login)
    assert found is not None
    return found


def actions(app: Application) -> list[tuple[str, str, str]]:
    """Who did what to whom, logins apart."""
    with app.storage.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT login, action, subject FROM audit_entry WHERE action <> 'logged_in' ORDER BY id"
        )
        return [(login, action, subject) for login, action, subject in found]


def test_an_admin_adds_somebody_who_can_log_in(app: Application) -> None:
    person = logged_in(app, "admin")
    page = person.post("/console/people", NINA | {"technician": "Luca Bernasconi"})
    shown = re.search(r"Das Passwort von nina ist ([a-z0-9-]{19})\.", page.text)
    assert shown is not None
    assert shown[1] not in person.get("/console/people").text
    nina = find(app, "nina")
    assert (nina.name, nina.role, nina.language) == ("Nina Frei", Role.TECHNICIAN, "fr")
    assert nina.technician_id == find(app, "luca").technician_id
    assert browser(app).log_in("nina", shown[1]).status_code == HTTPStatus.FOUND
    assert actions(app) == [("admin", "person_added", "person nina")]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("login", "desk", "gibt es schon"),
        ("login", "a b", "Nur Kleinbuchstaben"),
        ("login", "x", "Nur Kleinbuchstaben"),
        ("name", "  ", "1 bis 200 Zeichen"),
        ("name", "a\x07b", "1 bis 200 Zeichen"),
        ("role", "king", "Wählen Sie eine Rolle"),
        ("language", "rm", "Wählen Sie eine Sprache"),
        ("technician", "Nobody", "Diesen Techniker gibt es nicht"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    app: Application, field: str, typed: str, told: str
) -> None:
    page = logged_in(app, "admin").post("/console/people", NINA | {field: typed})
    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert re.search(rf'id="{field}-wrong">[^<]*{told}', page.text)
    assert f'aria-describedby="{field}-wrong"' in page.text
    kept = "Nina" if field == "name" else html.escape(NINA["name"])
    assert kept in page.text


def test_a_new_password_ends_every_session_of_his(app: Application) -> None:
    luca, boss = logged_in(app, "luca"), logged_in(app, "admin")
    page = boss.post("/console/people/luca/password")
    shown = re.search(r"Das Passwort von luca ist ([a-z0-9-]{19})\.", page.text)
    assert shown is not None
    assert luca.get("/console/tickets").status_code == HTTPStatus.FOUND
    assert browser(app).log_in("luca").status_code == HTTPStatus.UNAUTHORIZED
    assert luca.log_in("luca", shown[1]).status_code == HTTPStatus.FOUND
    assert luca.get("/console/tickets").headers["Location"] == "/console/own"


def test_another_role_counts_at_once(app: Application) -> None:
    luca = logged_in(app, "luca")
    logged_in(app, "admin").post("/console/people/luca/role", {"role": "desk"})
    assert luca.get("/console/tickets").status_code == HTTPStatus.FOUND
    luca.log_in("luca")
    assert luca.get("/console/customers").status_code == HTTPStatus.OK


@pytest.mark.parametrize(("what", "form"), [("disable", {}), ("role", {"role": "desk"})])
def test_an_admin_cannot_lock_himself_out(
    app: Application, what: str, form: dict[str, str]
) -> None:
    boss = logged_in(app, "admin")
    boss.post(f"/console/people/admin/{what}", form)
    assert "Sich selbst" in boss.get("/console/people").text
    assert find(app, "admin").role is Role.ADMIN
    assert find(app, "admin").disabled_at is None


def test_a_lost_telephone_is_replaced(app: Application) -> None:
    logged_in(app, "admin").post("/console/people/lead/second-factor")
    assert not find(app, "lead").totp_confirmed
    assert find(app, "lead").totp_salt is not None
    assert actions(app) == [("admin", "second_factor_reset", "person lead")]


# On the command line ------------------------------------------------------------------------------


def test_the_first_admin_comes_from_the_command_line(admin: Pikett, app: Application) -> None:
    ended = admin("person", "add", "eva", "Eva Roth", "--role", "admin")
    assert ended.code == 0
    password = ended.out.splitlines()[0].rpartition(" ")[2]
    assert browser(app).log_in("eva", password).status_code == HTTPStatus.FOUND
    assert "eva: Eva Roth, admin, de" in admin("person", "list").out.splitlines()
    assert actions(app) == [("-", "person_added", "person eva")]


def test_a_person_is_disabled_and_enabled(admin: Pikett, app: Application) -> None:
    assert admin("person", "disable", "luca").code == 0
    assert browser(app).log_in("luca").status_code == HTTPStatus.UNAUTHORIZED
    assert "luca: Luca Bernasconi, technician, it, demo, disabled" in admin("person", "list").out
    assert admin("person", "enable", "luca").code == 0
    assert browser(app).log_in("luca").status_code == HTTPStatus.FOUND


def test_a_password_and_a_second_factor_from_the_command_line(
    admin: Pikett, app: Application
) -> None:
    ended = admin("person", "password", "anna")
    password = ended.out.splitlines()[0].rpartition(" ")[2]
    assert browser(app).log_in("anna", password).status_code == HTTPStatus.FOUND
    drawn = admin("person", "totp", "lead").out.splitlines()
    assert max(len(line) for line in drawn[1:]) > 40
    assert "▀" in drawn[5]


@pytest.mark.parametrize("command", ["password", "totp", "disable", "enable"])
def test_an_unknown_person_is_named(admin: Pikett, command: str) -> None:
    ended = admin("person", command, "nobody")
    assert ended.code == 2
    assert "there is no person 'nobody'" in ended.err


def test_the_demonstration_tells_its_logins(admin: Pikett) -> None:
    """`make run` begins with it."""
    told = admin("demo").out
    assert "/console/ as desk, anna, luca, lead, admin;" in told
    assert "the password of each is pikett-demo" in told


def test_somebody_added_to_a_demonstration_may_stay(admin: Pikett, app: Application) -> None:
    assert admin("person", "add", "eva", "Eva Roth", "--role", "admin").code == 0
    assert admin("demo").code == 0
    assert find(app, "eva").disabled_at is None


def test_a_real_installation_gets_no_demo_people(admin: Pikett, app: Application) -> None:
    """Not even before its first customer."""
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE person SET demo = false")
        for table in ("contract_location", "phone_number", "contract", "location", "customer"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608
    ended = admin("demo")
    assert ended.code == 2
    assert "holds a real person" in ended.err
