"""After the bridge: one key of the technician keeps the promise of the contract."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.bootstrap import Application
from ivr.callflow.events import CallerHungUp, DigitsEntered, DigitsTimedOut
from ivr.callflow.follow_up import State
from ivr.callflow.prompts import PromptKey
from ivr.callflow.verbs import Gather, HangUp, Play
from ivr.contracts.faults import Fact
from ivr.services.calls import Reply
from tests.fakes import Notebook
from tests.service.agi_wire import converse
from tests.service.conftest import Telephone, legs_of, wired


@pytest.fixture
def app(data_dir: Path) -> Iterator[Application]:
    app = wired(data_dir)
    yield app
    app.storage.engine.dispose()


class Talk:
    """An ordered call that the technician has taken and the caller has ended."""

    def __init__(self, app: Application, *, accepts: bool = True) -> None:
        self.app = app
        self.telephone = Telephone(app)
        ringing = self.telephone.ring()
        (rung,) = legs_of(ringing)
        self.attempt = rung.attempt_id
        leg = app.calls.begin_leg(self.attempt, self.telephone.at)
        if accepts:
            app.calls.report(leg.leg_id, leg.turn, DigitsEntered(self.telephone.at, "1"))
        self.telephone.at += timedelta(minutes=4)
        self.telephone.hang_up(ringing)
        with app.storage.reading() as uow:
            self.ticket = uow.calls.get(ringing.call_id).ticket_number

    def asked(self) -> Reply:
        return self.app.calls.begin_follow_up(self.attempt, self.telephone.at)

    def answers(self, key: str) -> Reply:
        asked = self.asked()
        report = DigitsEntered(self.telephone.at, key)
        return self.app.calls.report(asked.leg_id, asked.turn, report)

    @property
    def reactions(self) -> list[tuple[str, str]]:
        assert self.ticket is not None
        state = self.app.faults.state(self.ticket, self.telephone.at)
        said = [each for each in state.statements if each.fact is Fact.FIRST_REACTION]
        assert all(each.at == self.telephone.at for each in said)
        return [(each.author, each.value) for each in said]


@pytest.mark.rule("A.31", "A.64")
def test_1_is_the_first_reaction_with_author_and_time(app: Application) -> None:
    talk = Talk(app)
    (gather,) = [verb for verb in talk.asked().verbs if isinstance(verb, Gather)]
    assert [prompt.key for prompt in gather.prompts] == [PromptKey.FOLLOW_UP]
    assert talk.reactions == []
    thanks, hang_up = talk.answers("1").verbs
    assert isinstance(thanks, Play)
    assert isinstance(hang_up, HangUp)
    words = "Mögliche Ursache dem Kunden genannt (am Telefon bestätigt)"
    assert talk.reactions == [("Anna Meier", words)]


@pytest.mark.rule("A.64")
@pytest.mark.parametrize("key", ["2", "0", "9", "#"])
def test_any_other_key_leaves_it_open(key: str, app: Application) -> None:
    talk = Talk(app)
    assert talk.answers(key).over
    assert talk.reactions == []


@pytest.mark.parametrize("report", [DigitsTimedOut, CallerHungUp])
def test_silence_and_a_hang_up_leave_it_open(report: type, app: Application) -> None:
    talk = Talk(app)
    asked = talk.asked()
    assert app.calls.report(asked.leg_id, asked.turn, report(talk.telephone.at)).over
    assert talk.reactions == []


def test_what_has_been_answered_is_not_asked_again(app: Application) -> None:
    talk = Talk(app)
    talk.answers("1")
    assert talk.asked().over, "the stored answer"
    assert len(talk.reactions) == 1


def test_who_has_reacted_on_the_page_already_is_let_go(app: Application) -> None:
    talk = Talk(app)
    assert talk.ticket is not None
    facts = {Fact.FIRST_REACTION: "Netzteil"}
    app.faults.note(talk.ticket, "Anna Meier", facts, None, talk.telephone.at)
    assert talk.asked().state == State.OVER
    assert talk.reactions == [("Anna Meier", "Netzteil")]


def test_a_reaction_that_came_between_question_and_key_stands(app: Application) -> None:
    talk = Talk(app)
    asked = talk.asked()
    assert talk.ticket is not None
    facts = {Fact.FIRST_REACTION: "Netzteil"}
    app.faults.note(talk.ticket, "Luca Bernasconi", facts, None, talk.telephone.at)
    app.calls.report(asked.leg_id, asked.turn, DigitsEntered(talk.telephone.at, "1"))
    assert talk.reactions == [("Luca Bernasconi", "Netzteil")]


def test_who_never_took_the_call_is_asked_nothing(app: Application) -> None:
    talk = Talk(app, accepts=False)
    assert talk.asked().state == State.OVER
    assert talk.reactions == []


def test_nobody_can_ask_for_an_attempt_that_is_not_there(app: Application) -> None:
    app.observer = Notebook()
    with pytest.raises(LookupError):
        app.calls.begin_follow_up("0" * 20, Telephone(app).at)
    request = b"agi_network_script: after_bridge\nagi_arg_1: guessed\n\n"
    assert "FOLLOW" not in converse(app, request)
