"""Mails give nothing away: encrypted or not at all, no header from a name, files where no server is."""

import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.storage.database import reading
from ivr.storage.models import Customer, OutboxMail
from tests.fakes import FrozenClock, Notebook
from tests.lab.mail_server import CERTIFICATE, MailServer
from tests.service.mailing import ANNA, DESK, MakeApp, change, order, post, posting, server, states

FIXTURES = (posting, server)


# Who may read along -------------------------------------------------------------------------------


def test_with_starttls_and_a_login_nothing_travels_in_the_clear(
    posting: MakeApp, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    app = posting(server.port, starttls=True, user="pikett", password="secret")
    order(app)
    assert post(app) == 2
    assert [(mail.encrypted, mail.user) for mail in server.received] == [(True, "pikett")] * 2


def test_a_server_nobody_vouches_for_gets_neither_password_nor_mail(
    posting: MakeApp, server: MailServer
) -> None:
    app = posting(server.port, starttls=True, user="pikett", password="secret")
    order(app)
    assert post(app) == 0
    assert server.received == []
    assert states(app)[ANNA] == ("waiting", 1)
    with reading(app.storage.engine) as connection:
        error = connection.execute(select(OutboxMail.last_error)).scalars().first()
    assert error == ssl.SSLCertVerificationError.__name__


def test_a_server_without_starttls_is_not_talked_to_in_the_clear_instead(
    posting: MakeApp, server: MailServer, notebook: Notebook
) -> None:
    server.refusals = {"STARTTLS": "502 not here"}
    app = posting(server.port, starttls=True)
    order(app)
    assert post(app) == 0
    assert server.received == []


def test_a_wrong_password_is_told_at_once(
    posting: MakeApp, server: MailServer, notebook: Notebook
) -> None:
    server.refusals = {"AUTH": "535 no"}
    app = posting(server.port, user="pikett", password="secret")
    order(app)
    assert post(app) == 0
    assert notebook.troubles[0] == ("mail_refused", {"mail": 1, "error": "535"})
    assert "secret" not in str(notebook.troubles)


# Names that nobody promised -----------------------------------------------------------------------

EVIL = "Evil\r\nBcc: everybody@evil.example\n\n.\r\nQUIT\u2028<b>\0"


def test_a_customers_name_cannot_add_a_header_or_a_line(
    posting: MakeApp, server: MailServer
) -> None:
    app = posting(server.port)
    change(app, Customer, name=EVIL)
    order(app)
    assert post(app) == 2
    message = server.received[0].message
    assert "Bcc" not in message
    assert server.received[0].recipients == [ANNA]
    (line,) = [line for line in message.get_content().split("\r\n") if "Evil" in line]
    assert line == "Kunde: Evil Bcc: everybody@evil.example . QUIT <b> (11001)"


# Without a server ---------------------------------------------------------------------------------


def mailbox(app: Application) -> list[EmailMessage]:
    files = sorted(app.settings.path("mailbox").iterdir())
    assert [path.suffix for path in files] == [".eml"] * len(files)
    parsed = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    return [message for message in parsed if isinstance(message, EmailMessage)]


def test_without_a_server_the_mails_are_files_in_the_mailbox_folder(app: Application) -> None:
    order(app)
    assert post(app) == 2
    assert [message["To"] for message in mailbox(app)] == [ANNA, DESK]
    assert "Kunde: Bäckerei Sonnenschein (11001)" in mailbox(app)[0].get_content()


def test_a_mail_written_again_replaces_the_first(app: Application) -> None:
    order(app)
    post(app)
    change(app, OutboxMail, state="waiting")
    assert post(app) == 2
    assert len(mailbox(app)) == 2


def test_a_mailbox_that_cannot_be_written_keeps_the_mails_waiting(
    app: Application, clock: FrozenClock
) -> None:
    folder = app.settings.path("mailbox")
    folder.write_text("in the way, as a full disk would be")
    order(app)
    assert post(app) == 0
    folder.unlink()
    clock.advance(2)
    assert post(app) == 2
