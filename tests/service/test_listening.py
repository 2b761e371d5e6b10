"""Whoever is at the telephone decides about what he has heard, in peace; and no alarm is lost meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.prompts import PromptKey
from ivr.contracts.faults import FaultClass
from ivr.escalation.policy import Policy, Step
from ivr.roster.hunt import Level
from ivr.services.calls import Reply
from ivr.services.reports import DialStatus
from ivr.storage.models import ContactMethod, Technician
from tests.fakes import FrozenClock, Notebook
from tests.service.escalating import Night, NotingTelephone, judge

ANNA, LUCA, CHLOE = "+41440009001", "+41440009002", "+41440009003"
DESK = "+41440009009"
NEW = "+41440009077"
ONCE = Policy("once", (Step((Level.ON_DUTY,)), Step((Level.SERVICE_DESK,))), rounds=1)
TOGETHER = Policy("together", (Step((Level.ON_DUTY, Level.DEPUTY), at_once=True),), rounds=1)


@pytest.fixture
def night(line: Application) -> Night:
    telephone = NotingTelephone()
    line.telephones = (telephone,)
    line.policies = {**line.policies, **{each.name: each for each in (ONCE, TOGETHER)}}
    assert isinstance(line.clock, FrozenClock)
    return Night(line, line.clock, telephone)


def listen(night: Night, page: str) -> Reply:
    """He has answered, and hears what it is about."""
    return night.app.calls.begin_page(page, night.clock.now())


def decide(night: Night, listening: Reply, key: str) -> Reply:
    pressed = DigitsEntered(night.clock.now(), key)
    reply = night.app.calls.report(listening.leg_id, listening.turn, pressed)
    night.work()
    return reply


def end(night: Night, status: DialStatus = DialStatus.NO_ANSWER, page: str | None = None) -> None:
    """A call is over, the newest where none is named."""
    night.app.paging.ended(page or night.last, status, night.clock.now())
    night.work()


def climb(night: Night, ticket: int) -> None:
    with night.app.storage.writing() as uow:
        assert night.app.escalations.climb_in(uow, ticket, night.clock.now())
    night.work()


def move(night: Night, name: str, number: str) -> None:
    """He has this number now, and no other one."""
    set_technician(night, name, number=number)
    with night.app.storage.writing() as uow:
        uow.connection.execute(delete(ContactMethod))


def set_technician(night: Night, name: str, **columns: object) -> None:
    with night.app.storage.writing() as uow:
        uow.connection.execute(update(Technician).where(Technician.name == name).values(columns))


# What he has not heard of is not his ---------------------------------------------------------------


@pytest.mark.rule("P.16")
def test_a_case_that_comes_while_somebody_listens_is_not_taken_with_the_one_he_heard(
    night: Night,
) -> None:
    heard = night.open("callback")
    night.work()
    listening = listen(night, night.last)
    night.clock.advance(10)
    later = night.open("callback")
    judge(night, later, FaultClass.CRITICAL)
    night.work()
    assert night.telephone.numbers == [ANNA, LUCA], "nobody waits for her to make up her mind"
    decide(night, listening, "1")
    assert (night.state(heard), night.state(later)) == ("acknowledged", "open")
    assert set(night.states(later)) == {("Anna Meier", "engaged"), ("Luca Bernasconi", "placed")}


def test_whoever_listens_is_passed_over_once_and_rung_when_he_is_free(night: Night) -> None:
    night.open("callback")
    night.work()
    first = night.last
    listening = listen(night, first)
    later = night.open("callback")
    night.work()
    end(night)
    assert night.telephone.numbers == [ANNA, LUCA, CHLOE]
    assert sorted(state for _, state in night.states(later)) == ["engaged", "no_answer", "placed"]
    decide(night, listening, "1")
    end(night, DialStatus.ANSWERED, first)
    end(night)
    night.pass_time(minutes=1)
    assert night.telephone.numbers == [ANNA, LUCA, CHLOE, ANNA]


# Whoever listens is not cut off --------------------------------------------------------------------


@pytest.mark.rule("A.64")
@pytest.mark.parametrize(("key", "rung"), [("1", [ANNA]), ("2", [ANNA, LUCA]), ("4", [ANNA, LUCA])])
def test_a_case_that_climbs_waits_for_who_listens(night: Night, key: str, rung: list[str]) -> None:
    ticket = night.open("callback")
    night.work()
    listening = listen(night, night.last)
    climb(night, ticket)
    night.pass_time(seconds=20)
    assert (night.telephone.ended, night.telephone.numbers) == ([], [ANNA])
    decide(night, listening, key)
    night.pass_time(seconds=1)
    assert night.telephone.numbers == rung
    assert night.state(ticket) == ("acknowledged" if key == "1" else "open")


def test_a_case_that_climbs_waits_no_longer_than_somebody_can_take_to_decide(night: Night) -> None:
    ticket = night.open("callback")
    night.work()
    listen(night, night.last)
    climb(night, ticket)
    night.pass_time(seconds=night.telephone.placed[0].limit_seconds + 1)
    assert night.telephone.numbers == [ANNA, LUCA]


def test_a_telephone_that_only_rings_makes_room_for_the_next_step(night: Night) -> None:
    ticket = night.open("callback")
    night.work()
    climb(night, ticket)
    assert night.telephone.numbers == [ANNA, LUCA]
    assert night.telephone.ended == [night.telephone.placed[0].id]


@pytest.mark.parametrize("answered", [False, True])
def test_the_end_of_a_call_that_spoke_for_a_case_stops_no_call_of_its_own(
    night: Night, answered: bool
) -> None:
    night.open("callback")
    night.work()
    bundled = night.open("callback")
    night.work()
    first = night.last
    listen(night, first)
    night.pass_time(seconds=91)
    assert night.states(bundled) == [("Anna Meier", "bundled"), ("Luca Bernasconi", "placed")]
    second = night.last
    if answered:
        listen(night, second)
    end(night, DialStatus.ANSWERED, first)
    night.pass_time(seconds=1)
    assert second not in night.telephone.ended
    assert night.states(bundled)[-1] == ("Luca Bernasconi", "answered" if answered else "placed")


# A case climbs on its last step, and before it has begun one ------------------------------------------


@pytest.mark.rule("A.64")
@pytest.mark.parametrize("policy", ["callback", "once"])
def test_on_the_last_step_the_next_round_follows_without_a_pause(night: Night, policy: str) -> None:
    """Also after the last round: whoever climbs wants somebody sooner, not nobody at all."""
    ticket = night.open(policy)
    night.work()
    while night.telephone.numbers[-1] != DESK:
        end(night)
    rung = night.telephone.numbers
    climb(night, ticket)
    night.pass_time(seconds=5)
    assert (night.telephone.ended, night.telephone.numbers) == ([], rung)
    end(night)
    night.pass_time(minutes=1)
    assert night.telephone.numbers == [*rung, ANNA]
    night.pass_time(hours=2)
    assert night.state(ticket) == "exhausted"


def test_in_the_pause_between_two_rounds_the_first_step_begins_at_once(night: Night) -> None:
    ticket = night.open("callback")
    night.work()
    while night.telephone.numbers[-1] != DESK:
        end(night)
    end(night)
    night.pass_time(seconds=60)
    rung = night.telephone.numbers
    climb(night, ticket)
    assert night.telephone.numbers == [*rung, ANNA]


# In five minutes -----------------------------------------------------------------------------------


def test_five_minutes_are_five_minutes_although_others_rang_with_him(night: Night) -> None:
    ticket = night.open("together")
    night.work()
    anna, luca, chloe = [call.id for call in night.telephone.placed]
    decide(night, listen(night, anna), "4")
    end(night, DialStatus.ANSWERED, anna)
    night.clock.advance(20)
    end(night, page=luca)
    end(night, page=chloe)
    night.pass_time(minutes=4, seconds=35)
    assert night.telephone.numbers == [ANNA, LUCA, CHLOE]
    night.pass_time(seconds=10)
    assert night.telephone.numbers == [ANNA, LUCA, CHLOE, ANNA]
    assert night.state(ticket) == "open"


# The number of now, not of then ---------------------------------------------------------------------


@pytest.mark.rule("P.2")
@pytest.mark.parametrize(("number", "rung"), [(ANNA, [ANNA, ANNA]), (NEW, [ANNA, NEW])])
def test_in_five_minutes_the_number_in_the_records_rings(
    night: Night, number: str, rung: list[str]
) -> None:
    night.open("callback")
    night.work()
    decide(night, listen(night, night.last), "4")
    move(night, "Anna Meier", number)
    night.pass_time(minutes=5, seconds=5)
    assert night.telephone.numbers == rung


@pytest.mark.rule("P.2")
def test_whoever_is_free_again_is_rung_at_the_number_in_the_records(night: Night) -> None:
    night.open("callback")
    night.work()
    first = night.last
    listening = listen(night, first)
    later = night.open("callback")
    night.work()
    move(night, "Anna Meier", NEW)
    decide(night, listening, "1")
    end(night, DialStatus.ANSWERED, first)
    end(night)
    night.pass_time(minutes=1)
    assert night.telephone.numbers == [ANNA, LUCA, NEW]
    assert ("Anna Meier", "placed") in night.states(later)


# Whatever fails, somebody rings -----------------------------------------------------------------------


@pytest.mark.parametrize("at", ["words", "sounds"])
def test_what_cannot_be_made_ready_is_told_and_rings(
    night: Night, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    placing = night.app.paging.placing
    if at == "words":
        monkeypatch.setattr(placing._facts, "read", fail)
    else:
        monkeypatch.setattr(placing, "_foresight", fail)
    night.open("callback")
    night.work()
    assert night.telephone.numbers == [ANNA]
    assert isinstance(night.app.observer, Notebook)
    told = ("page_not_prepared", {"page": night.last, "reason": "OSError: disk full"})
    assert night.app.observer.troubles == [told]


# Whoever has left takes nothing ------------------------------------------------------------------------


@pytest.mark.parametrize("listening", [False, True])
def test_a_technician_disabled_while_his_telephone_rings_takes_nothing(
    night: Night, listening: bool
) -> None:
    ticket = night.open("callback")
    night.work()
    bundled = night.open("callback")
    night.work()
    page = night.last
    disabled = {"disabled_at": night.clock.now() - timedelta(seconds=1)}
    if not listening:
        set_technician(night, "Anna Meier", **disabled)
    reply = listen(night, page)
    if listening:
        set_technician(night, "Anna Meier", **disabled)
        reply = decide(night, reply, "1")
    night.work()
    told = [prompt.key for verb in reply.verbs for prompt in getattr(verb, "prompts", ())]
    assert told == [PromptKey.ALERT_CLOSED]
    assert ("Anna Meier", "passed_on") in night.states(ticket)
    assert night.telephone.numbers == [ANNA, LUCA]
    assert (night.state(ticket), night.state(bundled)) == ("open", "open")
    end(night, page=page)
    decide(night, listen(night, night.last), "1")
    assert night.state(ticket) == "acknowledged"


def test_a_staffed_number_still_takes_a_case(night: Night) -> None:
    ticket = night.open("once")
    night.work()
    end(night)
    assert night.telephone.numbers == [ANNA, DESK]
    decide(night, listen(night, night.last), "1")
    assert night.state(ticket) == "acknowledged"
