"""What mails about tickets say: when somebody has to answer, whose case it is, and how often."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.bootstrap import Application
from ivr.services.mail_text import Recipient
from ivr.services.records import TicketView
from tests.service.mailing import DESK
from tests.service.ticketed import add_ticket

TO = Recipient(DESK, "de")
OPENS = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def view(app: Application) -> TicketView:
    number = add_ticket(app)
    with app.storage.reading() as uow:
        return uow.tickets.view(number)


def test_what_waits_for_the_service_hours_says_so(app: Application, view: TicketView) -> None:
    _, body = app.mail_text.ticket(view, TO, None, opens=OPENS)
    assert "keine; für die nächste Servicezeit ab 23.11.2026 09:00" in body
    assert "best effort" not in body
    assert "best effort" in app.mail_text.ticket(view, TO, None)[1]


def test_without_a_message_the_link_does_not_speak_of_one(
    app: Application, view: TicketView
) -> None:
    _, body = app.mail_text.ticket(view, TO, None)
    assert "Ticket ansehen:" in body
    assert "Nachricht hören" not in body


def test_a_second_alarm_is_told_apart_by_its_subject(app: Application, view: TicketView) -> None:
    first, _ = app.mail_text.ticket(view, TO, None)
    second, _ = app.mail_text.ticket(view, TO, None, again=True)
    assert second == f"Nochmals: {first}"


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_a_withdrawal_names_the_customer_and_a_rehearsal(
    app: Application, view: TicketView, language: str
) -> None:
    subject, body = app.mail_text.withdrawn(view, OPENS, language)
    assert "Treuhand Aare" in subject
    assert "Treuhand Aare" in body
    assert not subject.startswith("[")
    marked, _ = app.mail_text.withdrawn(replace(view, rehearsal=True), OPENS, language)
    assert marked.startswith("[")
    nobody, _ = app.mail_text.withdrawn(replace(view, customer_name=None), OPENS, language)
    assert "()" not in nobody
