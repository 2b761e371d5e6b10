"""Logging in: by password and second factor, never by guessing, and without losing what was typed."""

import re
from datetime import timedelta

import pyotp
import pytest

from ivr.bootstrap import Application
from ivr.services import passwords
from ivr.services.people import Wanted
from ivr.services.people_login import Attempt
from tests.fakes import FrozenClock, Notebook
from tests.service.console import PASSWORD, Browser, browser, logged_in
from tests.wiring import quick_application
from webhooks.app import create_app

NEW_PASSWORD = "vier gute Wörter hier"


def totp_of(app: Application, login: str) -> pyotp.TOTP:
    with app.storage.reading() as uow:
        record = uow.people.find(login)
    assert record is not None
    assert record.totp_salt is not None
    return pyotp.TOTP(app.people._authenticator.secret(record.id, record.totp_salt))


def code_of(app: Application, login: str, clock: FrozenClock) -> str:
    return totp_of(app, login).at(clock.now())


def add_person(app: Application, login: str, role: str) -> str:
    return app.people.add(Wanted(login, login.title(), role), None, app.clock.now())


@pytest.mark.parametrize(
    ("login", "home"),
    [("desk", "desk"), ("anna", "duty"), ("lead", "tickets"), ("admin", "customers")],
)
def test_everybody_begins_where_his_work_is(app: Application, login: str, home: str) -> None:
    answer = logged_in(app, login).get("/console/")
    assert answer.headers["Location"].endswith(f"/{home}")


def test_the_cookie_is_for_us_alone(app: Application) -> None:
    answer = browser(app).log_in("desk")
    cookies = answer.headers.getlist("Set-Cookie")
    session = next(each for each in cookies if each.startswith("__Host-pikett="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(session.split("; "))
    form = next(each for each in cookies if each.startswith("__Host-pikett-form="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(form.split("; "))


def test_a_token_that_was_brought_along_is_worth_nothing(app: Application) -> None:
    """Session fixation: the token of a login is made by the login."""
    person = browser(app)
    person.client.set_cookie("__Host-pikett", "known-to-a-stranger")
    person.log_in("desk")
    cookie = person.client.get_cookie("__Host-pikett")
    assert cookie is not None
    assert cookie.value != "known-to-a-stranger"
    stranger = browser(app)
    stranger.client.set_cookie("__Host-pikett", "known-to-a-stranger")
    assert stranger.get("/console/customers").status_code == 302


def test_the_database_does_not_hold_the_token(app: Application) -> None:
    person = logged_in(app)
    cookie = person.client.get_cookie("__Host-pikett")
    assert cookie is not None
    with app.storage.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT token_digest FROM web_session").scalars().all()
    assert len(stored) == 1
    assert cookie.value not in stored


@pytest.mark.parametrize(
    ("login", "password"),
    [("desk", "wrong"), ("nobody", PASSWORD), ("", ""), ("DESK' OR 1=1 --", PASSWORD)],
)
def test_whatever_is_wrong_the_answer_is_the_same(
    app: Application, login: str, password: str
) -> None:
    answer = browser(app).log_in(login, password)
    assert answer.status_code == 401
    shown = re.sub(r'value="[^"]*"|Token": "[^"]*"', "", answer.text)
    other = browser(app).log_in("lead", "also wrong").text
    assert shown == re.sub(r'value="[^"]*"|Token": "[^"]*"', "", other)


def test_an_unknown_name_takes_as_long_as_a_known_one(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both pay for one argon2 check, never none: counted, since a busy machine has no clock."""
    checked: list[str] = []
    app.login.enter(Attempt("first", "wrong", "", ""), app.clock.now())
    real = passwords._HASHER

    class Counting:
        def verify(self, held: str, given: str) -> bool:
            checked.append(held)
            return real.verify(held, given)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    for count, login in enumerate(("nobody", "desk"), 1):
        app.login.enter(Attempt(login, "wrong", "", ""), app.clock.now())
        assert len(checked) == count


def test_five_wrong_passwords_lock_a_name_for_longer_each_time(
    app: Application, clock: FrozenClock, notebook: Notebook
) -> None:
    person = browser(app)
    for minutes in (1, 2, 4):
        for _ in range(5):
            assert person.log_in("desk", "wrong").status_code == 401
        assert person.log_in("desk").status_code == 401
        clock.advance(minutes * 60 - 1)
        assert person.log_in("desk").status_code == 401
        clock.advance(1)
    assert [what for what, _ in notebook.troubles] == ["login_locked"] * 3
    assert person.log_in("desk").status_code == 302


def test_a_lock_is_seen_by_every_process(app: Application) -> None:
    for _ in range(5):
        browser(app).log_in("anna", "wrong")
    other = quick_application(app.settings.data_dir, clock=app.clock)
    assert browser(other).log_in("anna").status_code == 401
    assert browser(other).log_in("luca").status_code == 302
    other.storage.engine.dispose()


def test_a_name_that_does_not_exist_is_locked_too_and_not_kept_in_words(app: Application) -> None:
    """Somebody may have typed his password into the field of the name."""
    for _ in range(5):
        browser(app).log_in("my-secret-passphrase", "")
    with app.storage.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM login_standing").all()
        audit = connection.exec_driver_sql("SELECT * FROM audit_entry").all()
    assert len(rows) == 1
    assert rows[0].locked_until is not None
    assert "my-secret" not in str(rows) + str(audit)


def test_an_address_that_tries_many_names_is_not_listened_to(
    app: Application, clock: FrozenClock
) -> None:
    def enter(login: str, password: str, source: str) -> bool:
        return app.login.enter(Attempt(login, password, "", source), clock.now()) is not None

    for number in range(50):
        enter(f"name{number}", "wrong", "203.0.113.7")
    assert not enter("luca", PASSWORD, "203.0.113.7")
    assert enter("luca", PASSWORD, "203.0.113.8")
    clock.advance(3601)
    assert enter("luca", PASSWORD, "203.0.113.7")


@pytest.mark.parametrize(
    ("proxies", "told", "source"),
    [(0, "203.0.113.7", "198.51.100.1"), (1, "203.0.113.7", "203.0.113.7"), (1, "::ffff", "::/64")],
)
def test_the_address_in_front_is_believed_only_behind_a_proxy_of_ours(
    app: Application, proxies: int, told: str, source: str
) -> None:
    given = quick_application(app.settings.data_dir, clock=app.clock, web={"proxies": proxies})
    client = Browser(create_app(given).test_client())
    client.get("/console/login")
    client.post(
        "/console/login",
        {"login": "desk", "password": "wrong"},
        headers={"X-Forwarded-For": told},
        environ_base={"REMOTE_ADDR": "198.51.100.1"},
    )
    with given.storage.engine.connect() as connection:
        failures = connection.exec_driver_sql("SELECT source FROM login_failure").scalars().all()
    assert failures == [source]
    given.storage.engine.dispose()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/console/../../evil",
        "javascript:alert(1)",
        "/console@evil.example",
        "\t//evil.example",
        "/tickets/guessed",
        "console",
    ],
)
def test_after_the_login_nobody_is_sent_elsewhere(app: Application, target: str) -> None:
    person = browser(app)
    assert "evil" not in person.get("/console/login", query_string={"next": target}).text
    answer = person.log_in("desk", next=target)
    assert answer.headers["Location"] == "/console/"


def test_after_the_login_one_comes_where_one_wanted_to_go(app: Application) -> None:
    person = browser(app)
    wanted = "/console/customers?search=Huber&sort=-name"
    asked = person.get(wanted)
    assert asked.status_code == 302
    page = person.get(asked.headers["Location"])
    shown = re.search(r'name="next" value="([^"]*)"', page.text)
    assert shown is not None
    following = shown[1].replace("&amp;", "&")
    assert person.log_in("desk", next=following).headers["Location"] == wanted


def test_logged_out_is_logged_out_on_the_server(app: Application) -> None:
    person = logged_in(app)
    cookie = person.client.get_cookie("__Host-pikett")
    assert cookie is not None
    assert person.post("/console/logout").status_code == 302
    thief = browser(app)
    thief.client.set_cookie("__Host-pikett", cookie.value)
    assert thief.get("/console/customers").status_code == 302


def test_whoever_is_disabled_is_out_at_once(app: Application) -> None:
    person = logged_in(app, "luca")
    assert person.get("/console/tickets").status_code == 200
    assert logged_in(app, "admin").post("/console/people/luca/disable").status_code == 302
    assert person.get("/console/tickets").status_code == 302
    assert browser(app).log_in("luca").status_code == 401
    app.people.enable("luca", None, app.clock.now())
    assert browser(app).log_in("luca").status_code == 302


def test_demo_people_are_let_in_only_where_nothing_is_real(app: Application) -> None:
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE customer SET demo = false WHERE number = '11015'")
    assert browser(app).log_in("admin").status_code == 401


def test_a_new_person_chooses_a_password_before_anything_else(app: Application) -> None:
    password = add_person(app, "nina", "technician")
    person = browser(app)
    assert person.log_in("nina", password).status_code == 302
    assert person.get("/console/tickets").headers["Location"] == "/console/own"
    form = {"old_password": password, "new_password": NEW_PASSWORD}
    assert (
        person.post("/console/own/password", form | {"new_password_again": "x"}).status_code == 400
    )
    answer = person.post("/console/own/password", form | {"new_password_again": NEW_PASSWORD})
    assert answer.headers["Location"] == "/console/login"
    assert person.get("/console/tickets").status_code == 302
    assert browser(app).log_in("nina", password).status_code == 401
    person.log_in("nina", NEW_PASSWORD)
    assert person.get("/console/tickets").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("wrong", NEW_PASSWORD, "bisherige Passwort stimmt nicht"),
        (PASSWORD, "kurz", "mindestens 12 Zeichen"),
        (PASSWORD, "aaaaaaaaaaaaaaaa", "fünf verschiedene"),
        (PASSWORD, "desk desk 12 desk", "Benutzernamen nicht enthalten"),
        (PASSWORD, "ab cd " * 40, "mehr als 200"),
    ],
)
def test_a_refused_password_says_why_beside_the_field(
    app: Application, old: str, new: str, told: str
) -> None:
    person = logged_in(app)
    form = {"old_password": old, "new_password": new, "new_password_again": new}
    answer = person.post("/console/own/password", form)
    assert answer.status_code == 400
    assert re.search(rf"invalid-feedback[^>]*>[^<]*{told}", answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert browser(app).log_in("desk").status_code == 302


@pytest.mark.parametrize("role", ["lead", "admin"])
def test_leads_and_admins_need_a_second_factor(
    app: Application, clock: FrozenClock, role: str
) -> None:
    password = add_person(app, "eva", role)
    person = browser(app)
    person.log_in("eva", password)
    form = {"old_password": password, "new_password": NEW_PASSWORD}
    person.post("/console/own/password", form | {"new_password_again": NEW_PASSWORD})
    person.log_in("eva", NEW_PASSWORD)
    assert person.get("/console/tickets").headers["Location"] == "/console/own"
    page = person.get("/console/own").text
    assert "data:image/svg+xml" in page
    assert totp_of(app, "eva").secret in page
    assert person.post("/console/own/second-factor", {"code": "000000"}).status_code == 400
    code = code_of(app, "eva", clock)
    assert person.post("/console/own/second-factor", {"code": code}).status_code == 302
    assert person.get("/console/tickets").status_code == 200
    assert totp_of(app, "eva").secret not in person.get("/console/own").text


def test_a_code_counts_once_and_for_half_a_minute(app: Application, clock: FrozenClock) -> None:
    app.people.begin_authenticator("lead", None, clock.now())
    with app.storage.reading() as uow:
        record = uow.people.find("lead")
    assert record is not None
    assert app.people.confirm_authenticator(record, code_of(app, "lead", clock), clock.now())
    assert browser(app).log_in("lead").status_code == 401
    assert browser(app).log_in("lead", code=code_of(app, "lead", clock)).status_code == 401
    clock.advance(30)
    code = code_of(app, "lead", clock)
    assert browser(app).log_in("lead", "wrong", code=code).status_code == 401
    assert browser(app).log_in("lead", code=f"{code[:3]} {code[3:]}").status_code == 302
    assert browser(app).log_in("lead", code=code).status_code == 401
    clock.advance(90)
    assert browser(app).log_in("lead", code=code).status_code == 401


def test_the_secret_of_an_authenticator_is_not_in_the_database(
    app: Application, clock: FrozenClock
) -> None:
    app.people.begin_authenticator("lead", None, clock.now())
    secret = totp_of(app, "lead").secret
    with app.storage.engine.connect() as connection:
        assert secret not in str(connection.exec_driver_sql("SELECT * FROM person").all())


def test_a_session_ends_after_an_hour_without_a_request(
    app: Application, clock: FrozenClock
) -> None:
    person = logged_in(app)
    for _ in range(3):
        clock.advance(59 * 60)
        assert person.get("/console/customers").status_code == 200
    clock.advance(61 * 60)
    assert person.get("/console/customers").status_code == 302


def test_a_session_ends_after_a_long_day_in_any_case(app: Application, clock: FrozenClock) -> None:
    person = logged_in(app)
    for _ in range(16):
        clock.advance(59 * 60)
        person.get("/console/customers")
    assert person.get("/console/customers").status_code == 200
    clock.at += timedelta(minutes=17)
    assert person.get("/console/customers").status_code == 302


def test_htmx_is_led_to_the_login_as_a_whole_page(app: Application) -> None:
    """And back to the page it stood on, not to the part that it asked for."""
    asked = {"HX-Request": "true", "HX-Current-URL": "https://pikett.example/console/desk"}
    answer = browser(app).get("/console/desk/calls", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/console/login?next=/console/desk"
