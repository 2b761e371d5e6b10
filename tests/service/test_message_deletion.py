"""Callers' messages are deleted by a person, or when their time is over, wherever a copy lies."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from ivr.bootstrap import Application
from ivr.services.message_deletion import MessageDeletions
from ivr.services.recordings import MAX_ATTEMPTS, Recordings
from ivr.services.records import RecordingView
from ivr.services.spool import FILE
from ivr.storage.database import writing
from ivr.storage.models import Ticket
from tests.fakes import FrozenClock, Notebook, write_silence
from tests.players.twilio_player import ACCOUNT, SignedClient
from tests.service.console import Browser, logged_in
from tests.service.linked import HTTPS, Visitor
from tests.service.test_recordings import CARRIER, Carrier, promise, stored, wav, with_carrier
from tests.service.test_signed_links import audited
from tests.service.test_ticket_page import leave_message
from webhooks.app import create_app

NUMBER = 100001
DAY = 24 * 3600
REASON = "Der Kunde verlangt es"
RECORDING = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE{'1' * 32}"


@pytest.fixture
def lead(app: Application, clock: FrozenClock) -> Browser:
    """At a ticket with a message that is in our folder."""
    leave_message(app, clock)
    app.recordings.collect(clock.now())
    return logged_in(app, "lead")


def close(app: Application, at: datetime) -> None:
    with writing(app.storage.engine) as connection:
        connection.execute(update(Ticket).values(over_at=at))


def delete(lead: Browser, reason: str = REASON) -> str:
    """What the page tells afterwards."""
    lead.get(f"/console/tickets/{NUMBER}")
    address = f"/console/tickets/{NUMBER}/messages/1/delete"
    return lead.post(address, {"reason": reason}, follow_redirects=True).text


def sounds(app: Application) -> list[str]:
    folders = (app.settings.path(name) for name in ("recordings", "inbox"))
    return [path.name for folder in folders if folder.is_dir() for path in folder.iterdir()]


def pages(app: Application) -> list[str]:
    """The ticket as the desk's link, and as the customer's link shows it."""
    visitor = Visitor(create_app(app))
    links = app.links.ticket(NUMBER), app.links.customer(NUMBER)
    return [visitor.get(each.removeprefix(HTTPS)).text for each in links]


def message(app: Application) -> RecordingView:
    return stored(app, NUMBER)


# By hand ------------------------------------------------------------------------------------------


def test_a_lead_deletes_a_message_with_a_reason(app: Application, lead: Browser) -> None:
    page = delete(lead)
    assert "<audio" not in page
    assert f"Am 23.11.2026 gelöscht von Leitung Pikett: {REASON}" in page
    heard = lead.client.get(f"/console/tickets/{NUMBER}/messages/1.wav")
    assert heard.status_code == 404
    assert ("lead", "message_deleted", REASON) in audited(app)
    assert app.message_deletions.collect(app.clock.now()) == 1
    assert sounds(app) == []
    assert message(app).state == "deleted"
    desks, customers = pages(app)
    assert REASON in desks
    assert "Ihre Nachricht wurde am 23.11.2026 gelöscht." in customers
    assert REASON not in customers
    assert app.message_deletions.collect(app.clock.now()) == 0


def test_without_a_reason_nothing_is_deleted(app: Application, lead: Browser) -> None:
    assert "Schreiben Sie den Grund auf" in delete(lead, " \n")
    assert app.message_deletions.collect(app.clock.now()) == 0
    assert message(app).state == "stored"
    delete(lead)
    assert "schon gelöscht" in delete(lead, "again")
    assert message(app).deleted_for == REASON


def test_a_message_that_is_still_being_fetched_is_never_stored(
    app: Application, clock: FrozenClock
) -> None:
    """The caller's words lie in the inbox; the worker is just reading them when they are deleted."""
    leave_message(app, clock)
    lead = logged_in(app, "lead")
    bring = app.recordings._bring

    def deleted_meanwhile(source: str, target: Path) -> None:
        bring(source, target)
        delete(lead)

    app.recordings._bring = deleted_meanwhile  # type: ignore[method-assign]
    app.recordings.collect(clock.now())
    assert message(app).state == "deleting"
    app.message_deletions.collect(clock.now())
    assert (message(app).state, sounds(app)) == ("deleted", [])
    app.recordings.collect(clock.now() + timedelta(days=1))
    assert message(app).state == "deleted"


# When its time is over ----------------------------------------------------------------------------


def test_a_message_goes_so_many_days_after_its_ticket_was_over(
    app: Application, clock: FrozenClock, lead: Browser
) -> None:
    clock.advance(400 * DAY)
    assert app.message_deletions.collect(clock.now()) == 0, "its ticket is open"
    close(app, clock.now())
    clock.advance(180 * DAY - 1)
    assert app.message_deletions.collect(clock.now()) == 0
    clock.advance(3600)
    assert app.message_deletions.collect(clock.now()) == 1
    assert sounds(app) == []
    assert audited(app)[-1] == ("-", "message_expired", "")
    told = pages(app)[0]
    assert f"Am {clock.now():%d.%m.%Y} gelöscht, weil die Aufbewahrungsfrist um war." in told
    days = logged_in(app, "admin").get("/console/audit").text
    assert "Die Nachricht wurde nach Ablauf der Frist gelöscht: Ticket 100001" in days


def test_a_rehearsed_message_which_nobody_closes_goes_too(
    app: Application, clock: FrozenClock, lead: Browser
) -> None:
    with writing(app.storage.engine) as connection:
        connection.execute(update(Ticket).values(rehearsal=True))
    clock.advance(181 * DAY)
    assert app.message_deletions.collect(clock.now()) == 1


# Copies elsewhere ---------------------------------------------------------------------------------


def at_the_carrier(app: Application, clock: FrozenClock, notebook: Notebook) -> Carrier:
    """A message that was deleted before it could be fetched."""
    leave_message(app, clock)
    app.recordings.collect(clock.now())
    promise(app, NUMBER, CARRIER)
    carrier = Carrier(wav(2))
    recordings = with_carrier(app, notebook, carrier)
    app.__dict__["message_deletions"] = deletions(app, notebook, recordings)
    with app.storage.reading() as uow:
        newest = uow.tickets.view(NUMBER).recordings[-1]
        who = uow.people.find("lead")
    assert who is not None
    app.message_deletions.delete(NUMBER, newest.id, who.person, REASON, clock.now())
    return carrier


def deletions(app: Application, notebook: Notebook, recordings: Recordings) -> MessageDeletions:
    return MessageDeletions(app.storage, notebook, recordings, app.settings.path("spool"), 180)


def test_the_carriers_copy_is_deleted_too(
    app: Application, clock: FrozenClock, notebook: Notebook
) -> None:
    carrier = at_the_carrier(app, clock, notebook)
    carrier.refuses_to_delete = True
    assert app.message_deletions.collect(clock.now()) == 0
    assert app.message_deletions.collect(clock.now()) == 0, "not at once"
    carrier.refuses_to_delete = False
    clock.advance(2)
    assert app.message_deletions.collect(clock.now()) == 1
    assert (carrier.deleted, notebook.troubles) == (1, [])
    assert len(sounds(app)) == 1, "the other message of the ticket"


def test_a_copy_that_cannot_be_deleted_for_hours_is_told(
    app: Application, clock: FrozenClock, notebook: Notebook
) -> None:
    at_the_carrier(app, clock, notebook).refuses_to_delete = True
    for _ in range(MAX_ATTEMPTS + 1):
        app.message_deletions.collect(clock.now())
        clock.advance(3600)
    assert notebook.troubles == [
        ("message_copy_left", {"ticket": NUMBER, "error": "RecordingUnavailableError"})
    ]


def test_what_nobody_asked_for_is_cleared_away(
    app: Application, clock: FrozenClock, lead: Browser
) -> None:
    """Half a second of nothing after a day; words that came to no ticket, and pieces, after the time."""
    inbox, spool = app.settings.path("inbox"), app.settings.path("spool")
    spool.mkdir(exist_ok=True)
    promise(app, NUMBER, f"{FILE}awaited.wav")
    ages = {"breath.wav": 2, "young.wav": 0.5, "words.wav": 2, "old.wav": 181, "awaited.wav": 181}
    for name, days in ages.items():
        write_silence(inbox / name, 0.4 if name in ("breath.wav", "young.wav") else 3)
        age(inbox / name, clock, days)
    for path, days in ((spool / "a.unreadable", 181), (spool / "b.unreadable", 2)):
        path.write_bytes(b"no sound")
        age(path, clock, days)
    unfinished = (inbox / "words.wav").read_bytes()
    (inbox / "unfinished.wav").write_bytes(unfinished[:40] + bytes(4) + unfinished[44:])
    age(inbox / "unfinished.wav", clock, 2)
    app.message_deletions.collect(clock.now())
    left = {"young.wav", "words.wav", "unfinished.wav", "awaited.wav"}
    assert {path.name for path in inbox.iterdir()} == left
    assert [path.name for path in spool.iterdir()] == ["b.unreadable"]


def age(path: Path, clock: FrozenClock, days: float) -> None:
    since = clock.now().timestamp() - days * DAY
    os.utime(path, (since, since))


def test_twilio_keeps_nothing_where_nothing_was_said(
    app: Application, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second and more becomes a message, which is deleted there once it is fetched."""
    deleted: list[str] = []
    monkeypatch.setattr(app.recordings._carrier, "delete", deleted.append)
    leave_message(app, clock)
    client = SignedClient(app)
    for seconds in ("3", "", "0"):
        client.post("/twilio/recording", RecordingUrl=RECORDING, RecordingDuration=seconds)
    assert deleted == [RECORDING]
    promise(app, NUMBER, RECORDING)
    client.post("/twilio/recording", RecordingUrl=RECORDING, RecordingDuration="0")
    assert deleted == [RECORDING]
