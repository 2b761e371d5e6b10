"""Mails, texts and chats beside the calls of a case."""

import pytest

from ivr.bootstrap import Application
from ivr.services.escalation_store import Channel
from ivr.services.roster_store import ContactMethod, MethodKind
from ivr.services.text_store import TextState
from ivr.telephony.chat import ChatError
from tests.fakes import FrozenClock, Notebook
from tests.service.escalating import Night, NotingTelephone

ANNA, LUCA = 1, 2
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
