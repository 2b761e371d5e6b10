"""A case looks for somebody: who rings, in which order, and what ends it."""

from datetime import timedelta

import pytest

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.services.outbound import OutboundError
from ivr.services.paging import SWEEP
from ivr.services.reports import DialStatus
from tests.fakes import FrozenClock, Notebook
from tests.service.escalating import Night, NotingTelephone

ANNA, LUCA, CHLOE = "+41440009001", "+41440009002", "+41440009003"
DESK = "+41440009009"


@pytest.fixture
def telephone() -> NotingTelephone:
    return NotingTelephone()


@pytest.fixture
def night(app: Application, clock: FrozenClock, telephone: NotingTelephone) -> Night:
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


@pytest.mark.rule("A.5")
def test_a_case_rings_the_technician_on_duty_at_once(night: Night) -> None:
    ticket = night.open("monitoring")
    night.work()
    assert night.telephone.numbers == [ANNA]
    assert night.states(ticket) == [("Anna Meier", "placed")]


@pytest.mark.rule("A.5", "A.22")
def test_nobody_answers_so_the_chain_is_climbed_to_its_end(
    night: Night, notebook: Notebook
) -> None:
    ticket = night.open()
    night.pass_time(hours=4)
    rung = [name for name, _ in night.states(ticket)]
    assert rung[:4] == ["Anna Meier", "Anna Meier", "Luca Bernasconi", "Chloé Favre"]
    assert "Service-Desk" in rung
    assert night.state(ticket) == "exhausted"
    assert ("escalation_exhausted", {"ticket": ticket}) in notebook.troubles


def test_after_the_end_the_last_are_told_every_hour_until_somebody_takes_it(night: Night) -> None:
    ticket = night.open()
    night.pass_time(hours=4)
    before = mails_to_desk(night, ticket)
    night.pass_time(hours=2)
    assert mails_to_desk(night, ticket) == before + 2
    with night.app.storage.writing() as uow:
        assert night.app.escalations.acknowledge_in(
            uow, ticket, "Anna Meier", night.clock.now()
        ).first
    night.pass_time(hours=3)
    assert mails_to_desk(night, ticket) == before + 2
    assert night.state(ticket) == "acknowledged"


def mails_to_desk(night: Night, ticket: int) -> int:
    with night.app.storage.reading() as uow:
        mails = uow.outbox.list_for_ticket(ticket)
    return sum(mail.recipient == "desk@demo.pikett.invalid" for mail in mails)


def test_one_takes_it_and_nothing_rings_after_that(night: Night) -> None:
    ticket = night.open()
    night.work()
    night.press(night.last, "1")
    night.pass_time(hours=3)
    assert night.telephone.numbers == [ANNA]
    assert night.states(ticket) == [("Anna Meier", "taken")]
    assert night.state(ticket) == "acknowledged"
    with night.app.storage.reading() as uow:
        said = uow.facts.list_of(ticket)
    assert "Anna Meier" in {each.author for each in said}


def test_two_passes_on_and_the_next_rings_at_once(night: Night) -> None:
    ticket = night.open("callback")
    night.work()
    night.press(night.last, "2")
    night.work()
    assert night.telephone.numbers == [ANNA, LUCA]
    assert night.states(ticket)[0] == ("Anna Meier", "passed_on")


@pytest.mark.parametrize("status", [DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.FAILED])
def test_what_the_telephone_reports_lets_the_next_ring_at_once(
    night: Night, status: DialStatus
) -> None:
    night.open("callback")
    night.work()
    night.app.paging.ended(night.last, status, night.clock.now())
    night.app.paging.ended(night.last, status, night.clock.now())
    night.work()
    assert night.telephone.numbers == [ANNA, LUCA]


@pytest.mark.rule("P.4")
def test_a_voicemail_that_answers_takes_nothing(night: Night) -> None:
    ticket = night.open("callback")
    night.work()
    night.press(night.last)
    night.app.paging.ended(night.last, DialStatus.ANSWERED, night.clock.now())
    night.work()
    assert night.states(ticket) == [("Anna Meier", "no_key"), ("Luca Bernasconi", "placed")]


def test_whoever_hangs_up_without_a_key_has_not_taken_it(night: Night) -> None:
    ticket = night.open("callback")
    night.work()
    night.press(night.last)
    night.app.calls.hang_up(night.last, night.clock.now())
    night.work()
    assert night.states(ticket)[0] == ("Anna Meier", "no_key")
    assert night.telephone.numbers == [ANNA, LUCA]


def test_four_rings_the_same_telephone_again_in_five_minutes(night: Night) -> None:
    night.open("callback")
    night.work()
    night.press(night.last, "4")
    night.pass_time(minutes=4, seconds=50)
    assert night.telephone.numbers == [ANNA]
    night.pass_time(seconds=15)
    assert night.telephone.numbers == [ANNA, ANNA]
    night.press(night.last, "4")
    night.pass_time(minutes=5, seconds=5)
    assert night.telephone.numbers == [ANNA, ANNA, LUCA]


@pytest.mark.rule("P.6")
def test_two_who_press_one_in_the_same_second_are_not_both_told_it_is_theirs(night: Night) -> None:
    ticket = night.open("callback")
    night.work()
    first = night.last
    night.app.calls.begin_page(first, night.clock.now())
    night.pass_time(minutes=4)
    second = night.last
    assert second != first
    night.press(second, "1")
    with night.app.storage.reading() as uow:
        before = uow.calls.latest_turn(first)
    assert before is not None
    reply = night.app.calls.report(first, before.number, DigitsEntered(night.clock.now(), "1"))
    told = [str(prompt.key) for verb in reply.verbs for prompt in getattr(verb, "prompts", ())]
    assert any("taken" in key or "already" in key for key in told)
    assert night.escalations(ticket)[-1].acknowledged_by == "Luca Bernasconi"


@pytest.mark.rule("P.16")
def test_at_night_the_second_ring_comes_at_once(night: Night) -> None:
    night.clock.at = night.clock.at.replace(hour=2)
    night.open("callback")
    night.work()
    night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
    night.work()
    assert night.telephone.numbers == [ANNA, ANNA]


def test_a_ring_whose_end_is_never_told_is_over_with_its_time(night: Night) -> None:
    ticket = night.open("callback")
    night.work()
    night.pass_time(minutes=3)
    assert night.telephone.numbers == [ANNA, LUCA]
    assert night.states(ticket)[0] == ("Anna Meier", "no_answer")
    assert night.telephone.ended == [night.telephone.placed[0].id]


@pytest.mark.parametrize("answered", [False, True])
def test_an_end_that_was_told_while_the_database_was_away_is_asked_for(
    night: Night, notebook: Notebook, answered: bool
) -> None:
    """The sweep asks the telephone soon after the ringing time; while the call is up nothing happens."""
    ticket = night.open("callback")
    with night.app.storage.writing() as uow:
        uow.timers.schedule(SWEEP, SWEEP, night.clock.now(), SWEEP)
    night.work()
    if answered:
        night.press(night.last)
    night.pass_time(seconds=60)
    assert night.telephone.numbers == [ANNA]
    first = night.last
    night.telephone.up.clear()
    night.pass_time(seconds=16)
    assert night.telephone.numbers == [ANNA, LUCA]
    assert night.states(ticket)[0] == ("Anna Meier", "no_key" if answered else "no_answer")
    assert ("page_end_unheard", {"page": first}) in notebook.troubles


def test_the_other_telephone_rings_where_the_first_is_away(night: Night) -> None:
    other = NotingTelephone("twilio")
    night.app.telephones = (night.telephone, other)
    night.telephone.troubles = [OutboundError("connection refused", retry=True)]
    ticket = night.open()
    night.work()
    assert (night.telephone.numbers, other.numbers) == ([], [ANNA])
    assert night.ledger(ticket)[0].telephone == "twilio"


def test_telephones_that_are_all_away_are_asked_again_before_the_next_person(night: Night) -> None:
    away = OutboundError("connection refused", retry=True)
    night.telephone.troubles = [away, away]
    ticket = night.open("callback")
    night.work()
    night.pass_time(seconds=10)
    assert night.telephone.numbers == [ANNA]
    assert night.ledger(ticket)[0].placings == 3


@pytest.mark.rule("P.2")
def test_a_number_the_carrier_refuses_is_told_and_passed_over(
    night: Night, notebook: Notebook
) -> None:
    night.telephone.troubles = [OutboundError("invalid number", retry=False)]
    ticket = night.open("callback")
    night.work()
    assert night.telephone.numbers == [LUCA]
    assert night.states(ticket)[0] == ("Anna Meier", "failed")
    assert "page_not_placed" in {what for what, _ in notebook.troubles}


@pytest.mark.rule("P.2")
def test_a_premium_number_in_the_chain_is_reported_and_the_others_ring(
    night: Night, notebook: Notebook
) -> None:
    change(night, "update technician set number = '+41900900900' where name = 'Anna Meier'")
    change(night, "delete from contact_method where technician_id = 1")
    ticket = night.open("callback")
    night.work()
    assert night.telephone.numbers == [LUCA]
    assert night.states(ticket)[0] == ("Anna Meier", "refused")
    refused = [facts for what, facts in notebook.troubles if what == "number_refused"]
    assert refused[0]["target"] == "Anna Meier"


@pytest.mark.rule("P.1", "P.15")
def test_an_empty_roster_reaches_the_desk_and_is_loud(night: Night, notebook: Notebook) -> None:
    change(night, "delete from roster_entry")
    ticket = night.open()
    night.pass_time(seconds=5)
    assert night.telephone.numbers == [DESK]
    change(night, "update escalation set policy = replace(policy, 'service_desk', 'supplier')")
    night.pass_time(hours=4)
    assert ("nobody_to_page", {"ticket": ticket}) in notebook.troubles
    assert night.state(ticket) == "exhausted"


def change(night: Night, statement: str) -> None:
    with night.app.storage.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_a_technician_removed_while_he_is_paged_is_not_rung_again(night: Night) -> None:
    night.open()
    night.work()
    change(night, "delete from roster_entry where technician_id = 1")
    night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
    night.work()
    assert night.telephone.numbers == [ANNA, LUCA]


def test_each_telephone_of_a_person_rings_before_the_next_person(night: Night) -> None:
    change(
        night,
        "insert into contact_method (technician_id, kind, address, position, delay_seconds)"
        " values (1, 'phone', '+41440009011', 5, 0)",
    )
    night.open("callback")
    for _ in range(2):
        night.work()
        night.app.paging.ended(night.last, DialStatus.BUSY, night.clock.now())
    night.work()
    assert night.telephone.numbers == [ANNA, "+41440009011", LUCA]


def test_a_rehearsal_never_rings_anybody(night: Night) -> None:
    ticket = night.open(rehearsal=True)
    night.pass_time(minutes=5)
    assert night.telephone.placed == []
    assert night.escalations(ticket) == []


def test_a_resolved_case_stops_ringing(night: Night) -> None:
    ticket = night.open("monitoring")
    night.work()
    with night.app.storage.writing() as uow:
        night.app.escalations.close_in(uow, ticket, "resolved", night.clock.now())
    night.work()
    assert night.telephone.ended == [night.last]
    night.pass_time(hours=1)
    assert night.telephone.numbers == [ANNA]
    assert night.states(ticket) == [("Anna Meier", "cancelled")]


def test_a_case_that_was_taken_elsewhere_rings_nobody_although_its_timer_is_due(
    night: Night,
) -> None:
    ticket = night.open()
    with night.app.storage.writing() as uow:
        night.app.escalations.acknowledge_in(uow, ticket, "Luca Bernasconi", night.clock.now())
    night.work()
    assert night.telephone.placed == []


def test_an_acknowledgement_between_decision_and_dialling_is_in_time(night: Night) -> None:
    ticket = night.open()
    # The worker has decided and written "intended"; then somebody takes the case elsewhere.
    original = night.app.paging.placing._is_wanted

    def taken_first(page: object, telephone: object) -> bool:
        with night.app.storage.writing() as uow:
            night.app.escalations.acknowledge_in(uow, ticket, "Luca Bernasconi", night.clock.now())
        return bool(original(page, telephone))  # type: ignore[arg-type]

    night.app.paging.placing._is_wanted = taken_first  # type: ignore[method-assign,assignment]
    night.work()
    assert night.telephone.placed == []
    assert night.states(ticket) == [("Anna Meier", "cancelled")]


@pytest.mark.rule("P.16")
def test_two_cases_for_one_telephone_ring_once_and_are_taken_together(night: Night) -> None:
    first, second = night.open("monitoring"), night.open("monitoring")
    night.work()
    assert night.telephone.numbers == [ANNA]
    night.press(night.last, "1")
    night.work()
    assert (night.state(first), night.state(second)) == ("acknowledged", "acknowledged")
    assert night.telephone.numbers == [ANNA]


def test_a_bundled_case_that_was_not_taken_looks_on_by_itself(night: Night) -> None:
    night.open("callback")
    night.open("callback")
    night.work()
    night.press(night.last, "2")
    night.work()
    assert night.telephone.numbers == [ANNA, LUCA]
    night.press(night.last, "1")
    night.pass_time(minutes=10)
    assert [night.state(each) for each in night.tickets] == ["acknowledged", "acknowledged"]


@pytest.mark.rule("P.16")
def test_another_case_waits_a_minute_for_the_same_telephone(night: Night) -> None:
    night.open("monitoring")
    night.work()
    night.press(night.last, "1")
    night.app.paging.ended(night.last, DialStatus.ANSWERED, night.clock.now())
    night.clock.advance(10)
    night.open("monitoring")
    night.work()
    assert night.telephone.numbers == [ANNA]
    night.pass_time(seconds=55)
    assert night.telephone.numbers == [ANNA, ANNA]


def test_whoever_talks_is_not_rung(night: Night) -> None:
    change(
        night,
        "insert into call (id, channel, provider_call_id, rehearsal, clock_shift_seconds,"
        " received_at, caller_raw, identified_by, order_state)"
        " values ('talk', 'asterisk', 'x', 0, 0, '2026-11-23 08:00:00', '', 'nothing', 'none')",
    )
    change(
        night,
        "insert into ring_attempt (id, call_id, position, technician_id, name, level, number,"
        " language, accept, ring_seconds, started_at, engaged_until, result) values ('a', 'talk',"
        " 1, 1, 'Anna Meier', 'on_duty', '+41440009001', 'de', 'key', 25, '2026-11-23 08:00:00',"
        " '2026-11-23 09:30:00', 'accepted')",
    )
    ticket = night.open("callback")
    night.work()
    assert night.telephone.numbers == [LUCA]
    assert night.states(ticket)[0] == ("Anna Meier", "engaged")


def test_a_worker_that_dies_before_it_dials_is_followed_by_one_that_does(night: Night) -> None:
    ticket = night.open()
    die_at(night, "_is_wanted")
    assert night.telephone.placed == []
    night.pass_time(seconds=30)
    assert night.telephone.numbers == [ANNA]
    assert night.ledger(ticket)[0].placings == 1


def test_a_worker_that_dies_between_ringing_and_writing_it_down_rings_nobody_twice(
    night: Night,
) -> None:
    ticket = night.open()
    die_at(night, "_placed")
    assert night.telephone.numbers == [ANNA]
    night.pass_time(seconds=30)
    assert night.telephone.numbers == [ANNA]
    assert night.states(ticket) == [("Anna Meier", "placed")]


def test_where_nobody_can_tell_it_rings_again_and_the_ledger_shows_it(night: Night) -> None:
    ticket = night.open()
    die_at(night, "_placed")
    night.telephone.up.clear()
    night.pass_time(seconds=30)
    assert night.telephone.numbers == [ANNA, ANNA]
    assert [page.placings for page in night.ledger(ticket)] == [2]


class Death(BaseException):
    """Nothing catches it, as nothing catches kill -9."""


def die_at(night: Night, method: str) -> None:
    """The worker dies as it begins this step."""
    alive = getattr(night.app.paging.placing, method)

    def die(*_: object) -> None:
        raise Death

    setattr(night.app.paging.placing, method, die)
    with pytest.raises(Death):
        night.work()
    setattr(night.app.paging.placing, method, alive)


def test_an_escalation_without_a_timer_is_repaired_by_the_sweep(
    night: Night, notebook: Notebook
) -> None:
    night.open()
    change(night, "delete from timer where job = 'escalate'")
    with night.app.storage.writing() as uow:
        uow.timers.schedule("sweep", "sweep", night.clock.now(), "sweep")
    night.pass_time(seconds=40)
    assert night.telephone.numbers == [ANNA]
    assert "escalation_repaired" in {what for what, _ in notebook.troubles}


def test_a_clock_that_jumps_back_delays_and_loses_nothing(night: Night) -> None:
    night.open("callback")
    night.work()
    night.clock.at -= timedelta(hours=1)
    night.pass_time(minutes=10)
    assert night.telephone.numbers == [ANNA]
    night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
    night.work()
    assert night.telephone.numbers == [ANNA, LUCA]
