"""Mails: promised with the ticket, handed to a real SMTP server, tried again until it takes them."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.services.posting import MAX_ATTEMPTS
from ivr.storage.database import reading, writing
from ivr.storage.models import OutboxMail, RosterEntry, Technician
from tests.fakes import FrozenClock, Notebook
from tests.lab.mail_server import MailServer
from tests.lab.processes import free_port
from tests.service.mailing import (
    ANNA,
    DESK,
    SENDER,
    MakeApp,
    change,
    order,
    post,
    posting,
    server,
    states,
)

FIXTURES = (posting, server)


# What is sent -------------------------------------------------------------------------------------


def test_an_order_is_mailed_at_once_to_the_technician_on_duty_and_to_the_desk(
    posting: MakeApp, server: MailServer
) -> None:
    app = posting(server.port)
    order(app)
    assert post(app) == 2
    assert [mail.recipients for mail in server.received] == [[ANNA], [DESK]]
    assert {mail.sender for mail in server.received} == {SENDER}
    assert post(app) == 0
    assert len(server.received) == 2


def test_the_mail_says_who_calls_and_where_the_ticket_is(
    posting: MakeApp, server: MailServer
) -> None:
    app = posting(server.port)
    order(app)
    post(app)
    message = server.received[0].message
    assert message["Subject"] == "Pikett: Ticket 100001, Aufgebot"
    assert (message["From"], message["To"]) == (SENDER, ANNA)
    assert message["Auto-Submitted"] == "auto-generated"
    body = message.get_content()
    for line in (
        "Ticket: 100001",
        "Eröffnet: 23.11.2026 10:00",
        "Kunde: Bäckerei Sonnenschein (11001)",
        "Standort: Baden",
        "Rufnummer: +41440001001",
    ):
        assert line in body.splitlines()
    assert re.fullmatch(r"https://pikett\.example/t/[\w.-]+", body.splitlines()[-1])


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("fr", "Piquet : ticket 100001, Demande de technicien"),
        ("it", "Picchetto: ticket 100001, Richiesta di tecnico"),
        ("en", "On call: ticket 100001, Call-out"),
    ],
)
def test_everybody_reads_his_own_language(
    posting: MakeApp, server: MailServer, language: str, subject: str
) -> None:
    app = posting(server.port)
    change(app, Technician, language=language)
    order(app)
    post(app)
    assert [mail.message["Subject"] for mail in server.received] == [
        subject,
        "Pikett: Ticket 100001, Aufgebot",
    ]


def test_with_nobody_on_duty_the_desk_alone_is_mailed(posting: MakeApp, server: MailServer) -> None:
    app = posting(server.port)
    with writing(app.storage.engine) as connection:
        connection.execute(delete(RosterEntry))
    order(app, until=State.RINGING_DESK)
    post(app)
    assert [mail.recipients for mail in server.received] == [[DESK]]


def test_what_a_rehearsal_would_mail_is_shown_and_never_sent(
    posting: MakeApp, server: MailServer, clock: FrozenClock
) -> None:
    app = posting(server.port)
    order(app, rehearsal=True)
    clock.advance(7 * 24 * 3600)
    assert post(app) == 0
    assert server.received == []
    assert states(app) == {ANNA: ("held", 0), DESK: ("held", 0)}
    with app.storage.reading() as uow:
        subjects = [mail.subject for mail in uow.outbox.list_for_ticket(100001)]
    assert all(subject.startswith("[Probe] ") for subject in subjects)


# A server in trouble ------------------------------------------------------------------------------


def test_while_the_server_is_down_the_mails_wait_and_then_arrive(
    posting: MakeApp, clock: FrozenClock, notebook: Notebook
) -> None:
    port = free_port()
    app = posting(port)
    order(app)
    assert post(app) == 0
    assert states(app) == {ANNA: ("waiting", 1), DESK: ("waiting", 1)}
    with MailServer(port) as server:
        assert post(app) == 0, "not before its time"
        clock.advance(2)
        assert post(app) == 2
    assert [mail.recipients for mail in server.received] == [[ANNA], [DESK]]
    assert notebook.troubles == []


def test_the_pauses_grow_to_two_hours_and_after_two_days_an_operator_is_told(
    posting: MakeApp, clock: FrozenClock, notebook: Notebook
) -> None:
    app = posting(free_port())
    order(app)
    start, pauses = clock.now(), []
    while not notebook.troubles:
        post(app)
        pauses.append(_next_attempt(app) - clock.now())
        clock.at = max(clock.at, _next_attempt(app))
    growing = [timedelta(seconds=2**number) for number in range(1, 13)]
    assert pauses[:12] == growing
    assert set(pauses[12:-1]) == {timedelta(hours=2)}
    assert timedelta(days=2) < clock.now() - start < timedelta(days=2, hours=4)
    assert [what for what, _ in notebook.troubles] == ["mail_lost", "mail_lost"]
    assert states(app) == {ANNA: ("failed", MAX_ATTEMPTS), DESK: ("failed", MAX_ATTEMPTS)}


def _next_attempt(app: Application) -> datetime:
    with reading(app.storage.engine) as connection:
        return connection.execute(select(OutboxMail.next_attempt_at).limit(1)).scalar_one()


@pytest.mark.parametrize(
    "refusals",
    [
        {"mail": "451 try again later"},
        {"rcpt": "450 greylisted"},
        {"data": "452 no room"},
        {"data": "421 going down"},
        {"ehlo": "421 too busy", "helo": "421 too busy"},
    ],
)
def test_a_server_that_says_later_is_asked_later_and_nobody_is_alarmed(
    posting: MakeApp,
    server: MailServer,
    clock: FrozenClock,
    notebook: Notebook,
    refusals: dict[str, str],
) -> None:
    app = posting(server.port)
    order(app)
    server.refusals = refusals
    assert post(app) == 0
    server.refusals = {}
    clock.advance(2)
    assert post(app) == 2
    assert notebook.troubles == []


@pytest.mark.parametrize(
    ("refusals", "reply"),
    [
        ({"rcpt TO:<desk": "550 no such user"}, "550"),
        ({"rcpt TO:<desk": "551 not here"}, "551"),
        ({"rcpt TO:<desk": "554 relay denied"}, "554"),
    ],
)
def test_a_server_that_says_never_alarms_an_operator_at_once_and_is_still_asked_again(
    posting: MakeApp,
    server: MailServer,
    clock: FrozenClock,
    notebook: Notebook,
    refusals: dict[str, str],
    reply: str,
) -> None:
    """He may mend the address or the server; the others get their mail meanwhile."""
    app = posting(server.port)
    order(app)
    server.refusals = refusals
    assert post(app) == 1
    assert [mail.recipients for mail in server.received] == [[ANNA]]
    assert notebook.troubles == [("mail_refused", {"mail": 2, "error": reply})]
    clock.advance(2)
    assert post(app) == 0
    assert len(notebook.troubles) == 1, "told once"
    server.refusals = {}
    clock.advance(4)
    assert post(app) == 1
    assert server.received[-1].recipients == [DESK]


@pytest.mark.parametrize("refusals", [{"mail": "550 who are you"}, {"data": "554 spam"}])
def test_never_may_come_at_any_point_of_the_conversation(
    posting: MakeApp, server: MailServer, notebook: Notebook, refusals: dict[str, str]
) -> None:
    app = posting(server.port)
    order(app)
    server.refusals = refusals
    assert post(app) == 0
    assert [what for what, _ in notebook.troubles] == ["mail_refused", "mail_refused"]
    assert states(app) == {ANNA: ("waiting", 1), DESK: ("waiting", 1)}


@pytest.mark.parametrize(
    "address",
    [
        "anna@demo.pikett.invalid\r\nBcc: everybody@evil.example",
        "anna@demo.pikett.invalid, everybody@evil.example",
        "Anna <anna@demo.pikett.invalid>",
        "anna",
        "@",
        "?@[",
        " .[",
        "änna@demo.pikett.invalid",
    ],
)
def test_an_address_that_is_none_stops_no_other_mail(
    posting: MakeApp, server: MailServer, notebook: Notebook, address: str
) -> None:
    app = posting(server.port)
    change(app, Technician, email=address)
    order(app)
    assert post(app) == 1
    assert [mail.recipients for mail in server.received] == [[DESK]]
    assert notebook.troubles == [("mail_refused", {"mail": 1, "error": "malformed address"})]


def test_a_mail_sent_twice_can_be_told_from_two_mails(posting: MakeApp, server: MailServer) -> None:
    """A crash between sending and noting it: the mail's own name stays the same."""
    app = posting(server.port)
    order(app)
    post(app)
    change(app, OutboxMail, state="waiting")
    post(app)
    names = [mail.message["Message-ID"] for mail in server.received]
    assert names[:2] == names[2:]
    assert names[0] != names[1]
