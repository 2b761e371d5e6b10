"""Forms: nothing typed is lost when a session ends, and nothing is done that nobody sent."""

import html
import json
import re

from sqlalchemy import update

from ivr.bootstrap import Application
from ivr.storage.models import Customer
from tests.fakes import FrozenClock
from tests.service.console import Browser, browser, logged_in

HERE = "http://localhost/console/people"
SCRIPT = "<script>alert(1)</script>"
TYPED = {"login": "nina", "name": f"Nina {SCRIPT}", "role": "technician", "language": "fr"}


def too_late(app: Application, clock: FrozenClock, form: dict[str, str]) -> Browser:
    """An admin fills in a form, is called away, and sends it when his session is over."""
    person = logged_in(app, "admin")
    person.get("/console/people")
    clock.advance(61 * 60)
    answer = person.post("/console/people", form, headers={"Referer": HERE})
    assert answer.headers["Location"] == "/console/login?next=/console/people"
    return person


def test_what_was_typed_comes_back_after_the_login(app: Application, clock: FrozenClock) -> None:
    person = too_late(app, clock, TYPED | {"password": "secret", "pin": "123456"})
    assert "aufbewahrt" in person.get("/console/login?next=/console/people").text
    assert person.log_in("admin", next="/console/people").headers["Location"] == "/console/people"
    page = person.get("/console/people").text
    kept = re.search(r'data-kept="([^"]*)"\s+data-kept-target="([^"]*)"', page)
    assert kept is not None
    assert dict(json.loads(html.unescape(kept[1]))) == TYPED
    assert kept[2] == "/console/people"
    assert SCRIPT not in page
    assert "secret" not in html.unescape(kept[1])


def test_it_can_be_sent_without_a_script(app: Application, clock: FrozenClock) -> None:
    person = too_late(app, clock, TYPED)
    person.log_in("admin")
    found = re.search(r"/console/drafts/\d+", person.get("/console/people").text)
    assert found is not None
    page = person.get(found[0])
    assert 'action="/console/people"' in page.text
    assert html.escape(SCRIPT, quote=False) in page.text
    assert person.post("/console/people", TYPED).status_code == 200
    assert "data-kept" not in person.get("/console/people").text
    assert person.get(found[0]).status_code == 404


def test_it_can_be_thrown_away(app: Application, clock: FrozenClock) -> None:
    person = too_late(app, clock, TYPED)
    person.log_in("admin")
    assert person.post("/console/drafts/1").status_code == 302
    assert "data-kept" not in person.get("/console/people").text


def test_nobody_else_sees_it(app: Application, clock: FrozenClock) -> None:
    """The next person at the same browser, and whoever guesses its number."""
    person = too_late(app, clock, TYPED)
    person.log_in("lead")
    assert "data-kept" not in person.get("/console/tickets").text
    assert person.get("/console/drafts/1").status_code == 404
    person.post("/console/drafts/1")
    admin = logged_in(app, "admin")
    assert admin.get("/console/drafts/1").status_code == 200


def test_it_is_kept_for_a_day(app: Application, clock: FrozenClock) -> None:
    too_late(app, clock, TYPED)
    clock.advance(24 * 3600)
    assert "data-kept" not in logged_in(app, "admin").get("/console/people").text


def test_of_a_stranger_nothing_is_kept(app: Application) -> None:
    """Else he could fill the database; a session that was logged out is a stranger's too."""
    stranger = browser(app)
    assert stranger.post("/console/people", TYPED).status_code == 302
    person = logged_in(app, "admin")
    person.get("/console/people")
    cookie = person.client.get_cookie("__Host-pikett")
    assert cookie is not None
    person.post("/console/logout")
    person.client.set_cookie("__Host-pikett", cookie.value)
    person.get("/console/login")
    assert person.post("/console/people", TYPED).status_code == 302
    with app.storage.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM draft").scalar_one() == 0


def test_a_form_that_is_too_long_is_not_kept(app: Application, clock: FrozenClock) -> None:
    person = too_late(app, clock, TYPED | {"name": "x" * 70_000})
    person.log_in("admin")
    assert "data-kept" not in person.get("/console/people").text


def test_a_page_of_ours_that_was_too_old_loses_nothing(app: Application) -> None:
    """Its token is another login's: nothing is done, and what was typed is kept."""
    person = logged_in(app, "admin")
    person.token = "of the login before"
    answer = person.post(
        "/console/people",
        TYPED,
        headers={"Sec-Fetch-Site": "same-origin", "Referer": "http://localhost/console/people"},
    )
    assert answer.status_code == 400
    assert "nina" not in logged_in(app, "admin").get("/console/people").text.split("data-kept=")[0]
    assert "data-kept" in person.get("/console/people").text


def test_the_form_of_another_site_does_nothing_and_leaves_nothing(app: Application) -> None:
    person = logged_in(app, "admin")
    person.token = "guessed"
    answer = person.post("/console/people", TYPED, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert "data-kept" not in person.get("/console/people").text


def test_the_token_of_another_browser_is_refused(app: Application) -> None:
    """A stolen token is worth nothing without the cookie that it belongs to."""
    mine, other = logged_in(app, "admin"), logged_in(app, "admin")
    mine.get("/console/people")
    other.get("/console/people")
    mine.token = other.token
    assert mine.post("/console/people", TYPED).status_code == 400


def test_script_in_a_name_stays_a_name(app: Application) -> None:
    with app.storage.engine.begin() as connection:
        renamed = update(Customer).where(Customer.number == "11009")
        connection.execute(renamed.values(name=SCRIPT))
    person = logged_in(app, "desk")
    for address in ("/console/customers", "/console/customers/11009"):
        page = person.get(address).text
        assert SCRIPT not in page
        assert html.escape(SCRIPT) in page
    page = person.get("/console/customers", query_string={"search": f'"{SCRIPT}'}).text
    assert SCRIPT not in page


def test_a_page_that_does_not_exist_says_so_in_the_persons_language(app: Application) -> None:
    person = logged_in(app, "luca")
    answer = person.get("/console/nothing")
    assert answer.status_code == 404
    assert "Non è possibile" in answer.text
    assert '<html lang="it"' in answer.text


def test_a_stranger_reads_the_login_in_his_own_language(app: Application) -> None:
    page = browser(app).get(
        "/console/login", headers={"Accept-Language": "fr-CH,fr;q=0.9,en;q=0.5"}
    )
    assert "Se connecter" in page.text
    assert page.headers["Content-Language"] == "fr"


def test_pages_change_their_language_with_the_person(app: Application) -> None:
    person = logged_in(app)
    assert person.post("/console/own/language", {"language": "xx"}).status_code == 400
    assert person.post("/console/own/language", {"language": "en"}).status_code == 302
    assert "Log out" in person.get("/console/customers").text


def test_without_a_database_a_page_still_says_so(app: Application) -> None:
    person = logged_in(app)
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE web_session")
    answer = person.get("/console/customers", headers={"Accept-Language": "de"})
    assert answer.status_code == 500
    assert "Bei uns ist ein Fehler geschehen" in answer.text
