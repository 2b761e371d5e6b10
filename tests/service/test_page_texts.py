"""Mails, texts and chats beside the calls of a case."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from ivr.bootstrap import Application
from ivr.escalation.policy import Reason
from ivr.services.escalation_store import Channel
from ivr.services.records import NewMail
from ivr.services.roster_store import ContactMethod, MethodKind
from ivr.services.text_store import TextState
from ivr.storage.models import OutboxMail, Technician
from ivr.telephony.chat import ChatError
from tests.fakes import FrozenClock, Notebook
from tests.service.conftest import Telephone
from tests.service.escalating import Night, NotingTelephone
from tests.service.mailing import ANNA as ANNA_MAIL
from tests.service.mailing import DESK

ANNA, LUCA = 1, 2
LUCA_MAIL = "luca@demo.pikett.invalid"
SLACK = "slack://token-of-a-secret/room"


class NotingChat:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.troubles: list[ChatError] = []

    def notify(self, url: str, title: str, text: str) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.told.append((url, title))


@pytest.fixture
def chat(app: Application) -> NotingChat:
    app.chat = NotingChat()  # type: ignore[assignment]
    return app.chat  # type: ignore[return-value]


@pytest.fixture
def night(app: Application, clock: FrozenClock, chat: NotingChat) -> Night:
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


def add(night: Night, kind: MethodKind, address: str, delay: int = 0, who: int = ANNA) -> None:
    with night.app.storage.writing() as uow:
        place = 10 + len(uow.contact_methods.list_of(who))
        uow.contact_methods.put(ContactMethod(0, who, kind, address, place, delay))


def written(night: Night, ticket: int) -> list[tuple[str, str, str]]:
    """Channel, name and state of what was written."""
    with night.app.storage.reading() as uow:
        pages = uow.pages.list_of(night.escalations(ticket)[-1].id)
    return [
        (str(page.channel), page.name, str(page.state))
        for page in pages
        if page.channel is not Channel.CALL
    ]


def texts(night: Night, ticket: int) -> list[str]:
    with night.app.storage.reading() as uow:
        return [text.number for text in uow.texts.list_of_ticket(ticket)]


def test_a_text_goes_out_with_the_first_ring_and_has_his_own_link(night: Night) -> None:
    add(night, MethodKind.SMS, "+41790000001")
    ticket = night.open("monitoring")
    night.work()
    with night.app.storage.reading() as uow:
        (text,) = uow.texts.list_of_ticket(ticket)
    assert (text.number, text.state) == ("+41790000001", TextState.WAITING)
    assert str(ticket) in text.body
    assert "https://pikett.example/t/" in text.body
    assert text.page_id is not None


def test_each_way_once_for_a_case_however_many_rounds(night: Night) -> None:
    add(night, MethodKind.SMS, "+41790000001")
    ticket = night.open("callback")
    night.pass_time(hours=2)
    assert texts(night, ticket) == ["+41790000001"]
    mails = [each for each in written(night, ticket) if each[:2] == ("mail", "Anna Meier")]
    assert mails == [("mail", "Anna Meier", "sent")]


def test_delays_follow_each_other_and_end_with_the_acknowledgement(
    night: Night, chat: NotingChat
) -> None:
    add(night, MethodKind.SMS, "+41790000001", 60)
    add(night, MethodKind.CHAT, SLACK, 60)
    ticket = night.open("monitoring")
    night.pass_time(seconds=59)
    assert texts(night, ticket) == []
    night.pass_time(seconds=2)
    assert texts(night, ticket) == ["+41790000001"]
    night.press(night.last, "1")
    night.pass_time(minutes=5)
    assert chat.told == []
    assert ("chat", "Anna Meier", "cancelled") in written(night, ticket)


def test_a_chat_that_is_away_is_tried_again_and_holds_nothing_up(
    night: Night, chat: NotingChat
) -> None:
    add(night, MethodKind.CHAT, SLACK)
    chat.troubles = [ChatError("away", retry=True), ChatError("away", retry=True)]
    ticket = night.open("monitoring")
    night.work()
    assert len(night.telephone.placed) == 1
    night.pass_time(seconds=10)
    assert [url for url, _ in chat.told] == [SLACK]
    assert ("chat", "Anna Meier", "sent") in written(night, ticket)


def test_a_chat_that_never_takes_it_fails_in_the_ledger(
    night: Night, chat: NotingChat, notebook: Notebook
) -> None:
    add(night, MethodKind.CHAT, SLACK)
    chat.troubles = [ChatError("gone", retry=False)] * 9
    ticket = night.open("monitoring")
    night.pass_time(minutes=5)
    assert ("chat", "Anna Meier", "failed") in written(night, ticket)
    assert SLACK not in str(notebook.troubles)


def test_a_text_to_a_number_that_may_not_be_dialled_is_not_sent(night: Night) -> None:
    add(night, MethodKind.SMS, "+41900900900")
    ticket = night.open("monitoring")
    night.work()
    assert texts(night, ticket) == []


def test_the_next_person_is_written_to_when_his_step_begins(night: Night) -> None:
    add(night, MethodKind.SMS, "+41790000002", who=LUCA)
    ticket = night.open("callback")
    night.work()
    assert texts(night, ticket) == []
    night.press(night.last, "2")
    night.work()
    assert texts(night, ticket) == ["+41790000002"]


# One mail of a new ticket ------------------------------------------------------------------------


def mails(night: Night, ticket: int, address: str) -> list[NewMail]:
    with night.app.storage.reading() as uow:
        found = uow.outbox.list_for_ticket(ticket)
    return [mail for mail in found if mail.recipient == address and not mail.held]


def test_whoever_was_mailed_the_ticket_gets_no_second_mail_of_it(night: Night) -> None:
    ticket = night.open("ticket")
    night.work()
    (mail,) = mails(night, ticket, ANNA_MAIL)
    assert "https://pikett.example/t/" in mail.body
    assert ("mail", "Anna Meier", "sent") in written(night, ticket)


def test_an_order_that_nobody_took_is_mailed_once_to_everybody(night: Night) -> None:
    """The caller rings off a minute after the ticket and its mail; then somebody is looked for."""
    telephone = Telephone(night.app)
    reply = telephone.ring()
    night.clock.at = telephone.at + timedelta(minutes=1)
    night.app.calls.hang_up(reply.call_id, night.clock.now())
    night.pass_time(minutes=12)
    with night.app.storage.reading() as uow:
        ticket = uow.calls.get(reply.call_id).ticket_number
    assert ticket is not None
    for address in (ANNA_MAIL, LUCA_MAIL):
        assert len(mails(night, ticket, address)) == 1, address


def test_whatever_is_new_since_is_mailed_and_says_again(night: Night) -> None:
    """Nothing is left out that the first mail did not say."""
    ticket = night.open("monitoring")
    with night.app.storage.writing() as uow:
        uow.connection.execute(update(OutboxMail).values(body="something else"))
    night.work()
    first, second = mails(night, ticket, ANNA_MAIL)
    assert second.subject == f"Nochmals: {first.subject}"


def test_a_mail_that_is_held_or_somebody_elses_counts_for_nothing(night: Night) -> None:
    ticket = night.open("monitoring")
    with night.app.storage.writing() as uow:
        uow.outbox.hold(ticket)
    night.work()
    (page,) = mails(night, ticket, ANNA_MAIL)
    assert not page.subject.startswith("Nochmals")


def test_without_an_own_link_in_it_a_mail_to_the_same_address_does_not_do(night: Night) -> None:
    """Where technician and desk share a mailbox, the desk's mail is not the technician's."""
    with night.app.storage.writing() as uow:
        uow.connection.execute(update(Technician).values(email=DESK))
    ticket = night.open("callback")
    night.work()
    night.press(night.last, "2")
    night.work()
    to_luca = [mail for mail in mails(night, ticket, DESK) if own_link(night, mail, LUCA)]
    assert len(to_luca) == 1


def test_a_reminder_of_a_reaction_is_always_mailed(night: Night) -> None:
    ticket = night.open("reaction")
    night.work()
    subjects = [mail.subject for mail in mails(night, ticket, ANNA_MAIL)]
    assert len(subjects) == 2
    assert subjects[1] == f"Nochmals: {subjects[0]}"


def test_after_a_while_the_same_mail_comes_again(night: Night) -> None:
    ticket = night.open("")
    night.pass_time(minutes=16)
    with night.app.storage.writing() as uow:
        night.app.escalations.open_in(uow, ticket, Reason.TICKET, night.clock.now())
    night.work()
    assert len(mails(night, ticket, ANNA_MAIL)) == 2


def own_link(night: Night, mail: NewMail, technician_id: int) -> bool:
    return (
        night.app.links.technician(mail.ticket_number or 0, technician_id).rsplit(".", 2)[0]
        in mail.body
    )
