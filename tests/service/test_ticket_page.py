"""The link of a mail: a page for whoever has it, that plays the message, and for nobody else."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from ivr import links
from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered, MessageRecorded, RecordingEnd
from ivr.callflow.support_session import State
from ivr.storage.database import reading
from ivr.storage.models import AuditEntry, Customer, Recording
from tests.fakes import MONDAY_TEN, CountedIds, FrozenClock, write_silence
from tests.service.conftest import Telephone
from tests.service.console import logged_in
from tests.service.linked import HTTPS
from tests.service.mailing import change
from tests.service.ticketed import add_ticket
from tests.wiring import quick_application
from webhooks.app import create_app

SECONDS = 3.0
WAV_BYTES = 44 + int(SECONDS * 8000) * 2


class Browser(FlaskClient):
    """Reads every answer to its end, so that the file behind it is closed."""

    def open(self, *args: Any, **named: Any) -> TestResponse:
        return super().open(*args, buffered=True, **named)


@pytest.fixture
def client(app: Application) -> Browser:
    return Browser(create_app(app))


@pytest.fixture
def message(app: Application, clock: FrozenClock) -> str:
    """The path of the page that the mail of a caller's message leads to."""
    leave_message(app, clock)
    app.recordings.collect(clock.now())
    return linked(app)


def leave_message(
    app: Application, clock: FrozenClock, unique: str = "a", at: datetime = MONDAY_TEN
) -> None:
    """A caller who asked for a ticket leaves a message of three seconds."""
    telephone = Telephone(app, unique, at)
    reply = telephone.wait_for(State.CONFIRMING)
    reply = app.calls.report(reply.leg_id, reply.turn, DigitsEntered(telephone.at, "4"))
    name = f"{unique}1.wav"
    app.settings.path("inbox").mkdir(exist_ok=True)
    write_silence(app.settings.path("inbox", name), SECONDS)
    spoken = MessageRecorded(telephone.at, f"file:{name}", SECONDS, RecordingEnd.KEY)
    app.calls.report(reply.leg_id, reply.turn, spoken)
    clock.at = telephone.at


def linked(app: Application) -> str:
    """What follows the public address in the newest mail."""
    app.upkeep._posting.post(app.clock.now())
    newest = max(app.settings.path("mailbox").iterdir())
    mail = message_from_bytes(newest.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    found = re.search(r"https://pikett\.example(/tickets/\S+)", mail.get_content())
    assert found is not None
    return found[1]


def player(page: str) -> str:
    found = re.search(r'<audio [^>]*src="([^"]+)"', page)
    assert found is not None
    return found[1]


# The page -----------------------------------------------------------------------------------------


def test_the_link_in_the_mail_opens_the_ticket_and_plays_the_message(
    client: Browser, message: str
) -> None:
    page = client.get(message)
    assert page.status_code == 200
    for words in ("Ticket 100001", "Bäckerei Sonnenschein (11001)", "Baden", "3 Sekunden"):
        assert words in page.text
    sound = client.get(player(page.text))
    assert sound.status_code == 200
    assert sound.mimetype == "audio/wav"
    assert (len(sound.data), sound.data[:4]) == (WAV_BYTES, b"RIFF")


@pytest.mark.parametrize(
    ("asked", "words"),
    [("fr", "Demande de technicien"), ("it", "Richiesta di tecnico"), ("en", "Call-out")],
)
def test_the_page_speaks_the_readers_language(
    app: Application, client: Browser, asked: str, words: str
) -> None:
    number = add_ticket(app)
    address = app.links.ticket(number).removeprefix(HTTPS)
    page = client.get(address, headers={"Accept-Language": asked})
    assert page.headers["Content-Language"] == asked
    assert words in page.text


def test_the_page_leads_to_the_ticket_in_the_console(client: Browser, message: str) -> None:
    page = client.get(message).text
    assert 'href="/console/tickets/100001"' in page
    assert "Anmeldung nötig" in page
    assert 'preload="none"' in page


@pytest.mark.rule("B.11")
def test_each_look_by_the_link_and_the_message_are_written_down(
    app: Application, client: Browser, message: str
) -> None:
    client.get(player(client.get(message).text))
    with reading(app.storage.engine) as connection:
        rows = connection.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
        ).all()
    by = "signed link of the desk on unknown"
    assert [tuple(row) for row in rows] == [
        ("looked_at", "ticket 100001", by),
        ("message_heard", "ticket 100001", f"{by}: recording 1"),
    ]
    told = logged_in(app, "admin").get("/console/audit?looks=all").text
    assert "Der Service-Desk (Link) sah an: Ticket 100001" in told


def test_whoever_has_logged_in_reads_it_in_his_name(app: Application, message: str) -> None:
    desk = logged_in(app)
    page = desk.client.get(message, base_url="http://localhost").text
    assert "Anmeldung nötig" not in page
    told = logged_in(app, "admin").get("/console/audit?looks=all").text
    assert "Service-Desk sah an: Ticket 100001" in told


def test_the_ticket_of_an_order_has_no_player(app: Application, client: Browser) -> None:
    telephone = Telephone(app)
    telephone.ring()
    assert isinstance(app.clock, FrozenClock)
    app.clock.at = telephone.at
    page = client.get(linked(app)).text
    assert "Keine Nachricht hinterlassen." in page
    assert "<audio" not in page


@pytest.mark.parametrize(("login", "offered"), [("desk", True), ("anna", False)])
def test_the_desk_writes_a_mail_with_the_customers_link(
    app: Application, login: str, offered: bool
) -> None:
    number = add_ticket(app)
    text = logged_in(app, login).get(f"/console/tickets/{number}").get_data(as_text=True)
    mail = re.search(r'href="mailto:\?subject=([^&"]+)&amp;body=([^"]+)"', text)
    assert (mail is not None) is offered
    if mail is not None:
        assert str(number) in unquote(mail[1])
        found = re.search(r"/c/(\S+)", unquote(mail[2]))
        assert found is not None
        assert app.links.read_customer(found[1]) == number


def test_while_the_message_is_being_fetched_the_page_says_so(
    app: Application, client: Browser, clock: FrozenClock
) -> None:
    leave_message(app, clock)
    page = client.get(linked(app)).text
    assert "Die Nachricht wird geholt." in page
    assert "<audio" not in page


def test_a_message_that_could_not_be_fetched_is_said_to_be_lost(
    app: Application, client: Browser, clock: FrozenClock
) -> None:
    leave_message(app, clock)
    change(app, Recording, state="failed")
    assert "konnte nicht geholt werden" in client.get(linked(app)).text


def test_a_name_is_text_and_never_markup(app: Application, client: Browser, message: str) -> None:
    change(app, Customer, name='<script>alert("1")</script>')
    page = client.get(message).text
    assert '<script>alert("1")' not in page
    assert "&lt;script&gt;alert" in page


def test_the_page_needs_no_telephone_in_the_browser(data_dir: Path, clock: FrozenClock) -> None:
    """The telephone is for demonstrations; the tickets are not."""
    app = quick_application(data_dir, clock=clock, ids=CountedIds(), web={"browser_phone": False})
    leave_message(app, clock)
    client = Browser(create_app(app))
    assert client.get(linked(app)).status_code == 200
    assert client.get("/").status_code == 404
    app.storage.engine.dispose()


# Seeking ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-1", 0, 1), ("bytes=44-143", 44, 143), ("bytes=40000-", 40000, WAV_BYTES - 1)],
)
def test_a_player_may_ask_for_a_part(
    client: Browser, message: str, asked: str, first: int, last: int
) -> None:
    address = player(client.get(message).text)
    whole = client.get(address).data
    part = client.get(address, headers={"Range": asked})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/{WAV_BYTES}"
    assert part.data == whole[first : last + 1]


def test_a_part_beyond_the_end_does_not_exist(client: Browser, message: str) -> None:
    address = player(client.get(message).text)
    assert client.get(address, headers={"Range": "bytes=999999-"}).status_code == 416


# Nobody else --------------------------------------------------------------------------------------


@pytest.mark.rule("B.11")
@pytest.mark.parametrize(
    "token", ["100001", "x", "IjEwMDAwMSI.aaaaaa.bbbbbb", "..%2f..%2fetc", "%00"]
)
@pytest.mark.parametrize("tail", ["", "/messages/1.wav"])
def test_a_guessed_link_opens_nothing(client: Browser, message: str, token: str, tail: str) -> None:
    assert client.get(f"/tickets/{token}{tail}").status_code == 404


@pytest.mark.rule("B.11")
def test_a_link_with_another_letter_opens_nothing(client: Browser, message: str) -> None:
    for place in range(len("/tickets/"), len(message)):
        other = "A" if message[place] != "A" else "B"
        changed = f"{message[:place]}{other}{message[place + 1 :]}"
        if place != len(message) - 1:  # the last letter carries bits that mean nothing
            assert client.get(changed).status_code == 404, place


@pytest.mark.rule("B.11")
def test_a_link_signed_by_another_installation_opens_nothing(client: Browser) -> None:
    token = URLSafeTimedSerializer(b"another key", salt="ticket").dumps(100001)
    assert client.get(f"/tickets/{token}").status_code == 404


@pytest.mark.rule("B.11")
def test_a_link_ends_after_thirty_days(
    client: Browser, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert links.TICKET_LINK_SECONDS == 30 * 24 * 3600
    monkeypatch.setattr(links, "TICKET_LINK_SECONDS", -1)
    assert client.get(message).status_code == 404
    assert client.get(f"{message}/messages/1.wav").status_code == 404


@pytest.mark.rule("B.11")
def test_the_link_of_one_ticket_does_not_play_the_message_of_another(
    app: Application, client: Browser, clock: FrozenClock, message: str
) -> None:
    leave_message(app, clock, "b", MONDAY_TEN + timedelta(days=30))
    app.recordings.collect(clock.now())
    with reading(app.storage.engine) as connection:
        ids = connection.execute(select(Recording.id).order_by(Recording.id)).scalars().all()
    assert [client.get(f"{message}/messages/{each}.wav").status_code for each in ids] == [200, 404]


def test_a_message_whose_file_is_gone_is_not_found(
    app: Application, client: Browser, message: str
) -> None:
    for path in app.settings.path("recordings").iterdir():
        path.unlink()
    assert client.get(f"{message}/messages/1.wav").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_page_is_for_reading_only(client: Browser, message: str, method: str) -> None:
    assert client.open(message, method=method).status_code == 405


# What the browser may do with it ------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["", "/messages/1.wav"])
def test_neither_page_nor_sound_is_kept_shown_elsewhere_or_told_to_others(
    client: Browser, message: str, tail: str
) -> None:
    """The address is the key: it must reach neither a cache nor another site's log."""
    headers = client.get(f"{message}{tail}").headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policies = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policies
    assert "frame-ancestors 'none'" in policies


def test_search_engines_are_asked_to_leave(client: Browser, message: str) -> None:
    assert client.get(message).headers["X-Robots-Tag"] == "noindex"
