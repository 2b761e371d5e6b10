"""Rehearsals in the browser live at a date of their own, which must not touch anybody else's."""

import html
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ivr.bootstrap import Application
from ivr.callflow.follow_up import FOLLOW_UP
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.support_session import State
from ivr.callflow.technician_leg import TECHNICIAN_LEG
from ivr.services.records import NewRecording
from tests.fakes import FrozenClock, write_silence
from tests.service.conftest import Telephone
from tests.service.console import logged_in
from webhooks import phone
from webhooks.app import create_app
from webhooks.console.words import LANGUAGES, texts
from webhooks.phone.render import _snake

SCRIPTS = Path(phone.__file__).parent / "static"


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return create_app(app).test_client()


@pytest.mark.rule("B.3")
@pytest.mark.parametrize("at", ["2026-03-29T02:30", "yesterday", "9999-12-31T23:59"])
def test_a_moment_that_never_comes_is_refused(client: FlaskClient, at: str) -> None:
    answer = client.post("/phone/calls", json={"from": "+41440001001", "at": at})
    assert answer.status_code == 400
    assert repr(at) in answer.get_json()["error"]


@pytest.mark.rule("B.3")
def test_a_wall_time_that_comes_twice_is_the_first(app: Application, client: FlaskClient) -> None:
    client.post("/phone/calls", json={"from": "+41440001001", "at": "2026-10-25T02:30"})
    with app.storage.reading() as uow:
        (call_id,) = uow.calls.list_open_since(app.clock.now() + timedelta(days=1))
        received_at = uow.calls.get(call_id).received_at
    assert received_at.isoformat() == "2026-10-25T00:30:00+00:00"


def test_a_message_left_in_another_year_does_not_put_real_ones_off(
    app: Application, client: FlaskClient, clock: FrozenClock
) -> None:
    """A real message that is just being written stays due now."""
    ringing = Telephone(app, "real").ring()
    with app.storage.reading() as uow:
        ticket = uow.calls.get(ringing.call_id).ticket_number
    assert ticket is not None
    with app.storage.writing() as uow:
        uow.tickets.add_recording(NewRecording(ticket, "file:real.wav", 1.0, clock.now()))
    leave_rehearsed_message(app, client, "2028-11-20T10:00")
    with app.storage.reading() as uow:
        pending = uow.tickets.list_pending_recordings(clock.now(), 10)
    assert [recording.source for recording in pending] == ["file:real.wav"]


def leave_rehearsed_message(app: Application, client: FlaskClient, at: str) -> None:
    """The caller presses 4 after the notice and speaks."""
    reply = client.post("/phone/calls", json={"from": "+41440001001", "at": at}).get_json()
    for report in ({"event": "played", "seconds": 9}, {"event": "digits", "digits": "4"}):
        reply = client.post(_turn(reply), json=report).get_json()
    assert reply["state"] == State.LEAVING_MESSAGE
    sound = app.settings.path("spoken.wav")
    write_silence(sound, 2.0)
    told = client.post(f"{_turn(reply)}/message", data=sound.read_bytes())
    assert told.get_json()["state"] == State.ENDED


def _turn(reply: dict[str, str]) -> str:
    return f"/phone/legs/{reply['leg']}/turns/{reply['turn']}"


# The page itself ----------------------------------------------------------------------------------


def value_of_time(page: str) -> str:
    found = re.search(r'id="at" type="datetime-local" value="([^"]*)"', page)
    assert found is not None
    return found[1]


@pytest.mark.rule("B.3")
@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("2026-11-23T09:00:00+00:00", "2026-11-23T10:00"),
        ("2026-07-01T22:30:00+00:00", "2026-07-02T00:30"),
        ("2026-03-29T01:00:00+00:00", "2026-03-29T03:00"),
    ],
)
def test_the_time_that_is_proposed_is_zurichs_whatever_the_browser_thinks(
    client: FlaskClient, clock: FrozenClock, now: str, shown: str
) -> None:
    clock.at = datetime.fromisoformat(now)
    page = client.get("/").text
    assert value_of_time(page) == shown
    assert "Europe/Zurich" in page
    reply = client.post("/phone/calls", json={"from": "+41440001001", "at": shown}).get_json()
    assert reply["clock"].startswith(shown)


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        ("de-CH", "de", ("Wer ruft an?", "Sie sind dran")),
        ("fr-CH,fr;q=0.9", "fr", ("Qui appelle ?", "Silencieux")),
        ("it", "it", ("Chi chiama?", "Tocca a Lei")),
        ("en-US", "en", ("Who calls", "Your turn")),
        ("ja", "de", ("Wer ruft an?", "Sie sind dran")),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(
    client: FlaskClient, asked: str, language: str, words: tuple[str, ...]
) -> None:
    page = client.get("/", headers={"Accept-Language": asked}).text
    assert f'<html lang="{language}">' in page
    said = said_by_script(page)
    for each in words:
        assert each in html.unescape(page) or each in said.values()


def test_the_page_speaks_the_language_of_who_has_logged_in(app: Application) -> None:
    luca = logged_in(app, "luca")
    page = luca.get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="it">' in page
    assert "Tocca a Lei" in said_by_script(page).values()


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_script_says_is_there(client: FlaskClient, language: str) -> None:
    said = said_by_script(client.get("/", headers={"Accept-Language": language}).text)
    scripts = "".join(path.read_text() for path in SCRIPTS.glob("*.js"))
    named = set(re.findall(r"say\('(\w+)'", scripts))
    assert {"calling", "your_turn", "consent"} <= named
    assert named == set(said)
    assert "phone." not in "".join(said.values())


def said_by_script(page: str) -> dict[str, str]:
    found = re.search(r'<script type="application/json" id="words">(.*?)</script>', page)
    assert found is not None
    return dict(json.loads(found[1]))


def test_calls_of_one_loaded_page_know_each_other_and_no_other_rehearsal(
    client: FlaskClient, clock: FrozenClock
) -> None:
    """An order on the first page; then the same customer there, on another page, and without one."""
    first, other = (_series(client) for _ in range(2))
    assert first != other
    call = {"from": "+41440001001", "at": "2026-11-23T10:00", "series": first}
    reply = client.post("/phone/calls", json=call).get_json()
    for _ in range(3):
        clock.advance(10)
        told = {"event": "digits", "digits": "1"}
        if reply["state"] != "confirming":
            told = {"event": "played" if reply["state"] == "hearing_notice" else "timeout"}
        address = f"/phone/legs/{reply['leg']}/turns/{reply['turn']}"
        reply = client.post(address, json=told).get_json()
    assert reply["state"] == "ringing_technicians"
    states = {}
    for series in (first, other, "", "x" * 99, "é"):
        reply = client.post("/phone/calls", json=call | {"series": series}).get_json()
        states[series] = reply["state"]
    assert states.pop(first) == "offering_ticket"
    assert set(states.values()) == {"hearing_notice"}


def _series(client: FlaskClient) -> str:
    found = re.search(r'data-series="(\w+)"', client.get("/").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_that_the_page_may_show_has_words(language: str) -> None:
    flows = (SUPPORT_LINE, TECHNICIAN_LEG, FOLLOW_UP)
    named = {f"phone.step.{state}" for flow in flows for state in (*flow.table, *flow.final)}
    events = {each.__name__ for flow in flows for known in flow.table.values() for each in known}
    named |= {f"phone.event.{_snake(name)}" for name in events}
    assert named - set(texts(language)) == set()
    told = {key for key in texts(language) if key.startswith(("phone.step.", "phone.event."))}
    assert told - named == set(), "nobody ever reads them"


def test_the_record_is_told_in_the_language_of_the_page(client: FlaskClient) -> None:
    reply = client.post("/phone/calls", json={"from": "+41440001001"}).get_json()
    french = {"Accept-Language": "fr"}
    steps = client.get(f"/phone/calls/{reply['call']}", headers=french).get_json()["steps"]
    told = [(step["told"]["event"], step["told"]["next"]) for step in steps]
    assert told[0][0] == "l’appel arrive"
    assert told[-1][1] == "entend l’avis de coûts"
