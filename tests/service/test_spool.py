"""What the dialplan recorded while our servers were away becomes tickets, once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.requests import CallResult
from ivr.callflow.support_session import State
from ivr.services.recordings import measure_seconds
from ivr.services.spool import SETTLED_SECONDS
from ivr.storage.database import reading
from ivr.storage.models import Call, OutboxMail, Recording, Ticket
from tests.fakes import FrozenClock
from tests.service.conftest import Telephone
from tests.service.spooled import (
    CALLER,
    SECONDS,
    collect,
    count,
    left,
    name,
    settled,
    settled_text,
    spool,
    the_call,
    the_ticket,
)

FIXTURES = (spool,)


def test_a_message_becomes_a_ticket_with_mails_and_its_sound(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    path = left(spool, clock)
    assert collect(app) == 1
    assert not path.exists()
    app.recordings.collect(clock.now())
    ticket = the_ticket(app)
    assert (ticket.kind, ticket.caller_number) == ("message", CALLER)
    assert ticket.opened_at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    (recording,) = ticket.recordings
    assert recording.file is not None
    stored = app.settings.path("recordings", recording.file)
    assert measure_seconds(stored) == pytest.approx(SECONDS)
    assert count(app, OutboxMail) == 2


def test_the_call_is_written_down_as_one_that_left_a_message(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    left(spool, clock)
    collect(app)
    call = the_call(app)
    assert (call.channel, call.caller_number, call.rehearsal) == ("asterisk", CALLER, False)
    assert call.ended_at is not None
    with app.storage.reading() as uow:
        assert uow.calls.summary(call.id).result == CallResult.MESSAGE


def test_looking_again_and_again_changes_nothing(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    path = left(spool, clock)
    sound = path.read_bytes()
    assert [collect(app), collect(app)] == [1, 0]
    path.write_bytes(sound)
    settled(path, clock)
    assert collect(app) == 1, "a crash before the file was removed brings it once more"
    assert not path.exists()
    assert (count(app, Ticket), count(app, Recording), count(app, OutboxMail)) == (1, 1, 2)


def test_a_file_seen_again_after_it_was_fetched_leaves_nothing_behind(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    path = left(spool, clock)
    sound = path.read_bytes()
    collect(app)
    app.recordings.collect(clock.now())
    path.write_bytes(sound)
    settled(path, clock)
    collect(app)
    assert list(app.settings.path("inbox").iterdir()) == []


@pytest.mark.parametrize(("age", "taken"), [(0, 0), (SETTLED_SECONDS - 0.5, 0), (3.5, 1)])
def test_a_recording_in_progress_is_left_alone(
    app: Application, clock: FrozenClock, spool: Path, age: float, taken: int
) -> None:
    path = settled(left(spool, clock), clock, age)
    assert collect(app) == taken
    assert path.exists() is not bool(taken)


def test_messages_are_taken_in_the_order_of_their_names(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    for number in (3, 1, 2):
        left(spool, clock, name(f"17953416{number}0.7", caller=f"+4144000100{number}"))
    assert collect(app) == 3
    with reading(app.storage.engine) as connection:
        callers = select(Call.caller_number).join(Ticket, Ticket.call_id == Call.id)
        found = connection.execute(callers.order_by(Ticket.number)).scalars().all()
    assert found == ["+41440001001", "+41440001002", "+41440001003"]


def test_no_folder_is_no_trouble(app: Application) -> None:
    assert collect(app) == 0


# Calls that had begun with us ---------------------------------------------------------------------


def test_the_message_joins_the_call_and_the_ticket_of_its_order(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    """Our server died while the telephones rang: the fallback took the message."""
    telephone = Telephone(app, "1795341600.7", caller="+41440001001")
    ringing = telephone.ring()
    left(spool, clock, name(caller="+41440001001", at=telephone.at))
    collect(app)
    ticket = the_ticket(app)
    assert (ticket.kind, ticket.customer_number) == ("order", "11001")
    assert len(ticket.recordings) == 1
    with app.storage.reading() as uow:
        assert uow.calls.summary(ringing.call_id).result == CallResult.MESSAGE
    assert count(app, Call) == 1
    assert count(app, OutboxMail) == 4


def test_a_call_that_had_not_ordered_keeps_its_customer(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    telephone = Telephone(app, "1795341600.7", caller="+41440001001")
    telephone.wait_for(State.CONFIRMING)
    left(spool, clock, name(caller="+41440001001", at=telephone.at))
    collect(app)
    ticket = the_ticket(app)
    assert (ticket.kind, ticket.customer_number) == ("message", "11001")


def test_an_ended_file_closes_the_call_at_the_time_of_its_hang_up(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    telephone = Telephone(app, "1795341600.7")
    begun = telephone.wait_for(State.CONFIRMING)
    clock.advance(600)
    path = spool / "1795341600.7.ended"
    path.write_text("1795341700")
    settled(path, clock, 60)
    assert collect(app) == 1
    assert not path.exists()
    with app.storage.reading() as uow:
        assert uow.calls.get(begun.call_id).ended_at == clock.now() - timedelta(seconds=60)
        assert uow.calls.summary(begun.call_id).result == CallResult.ABANDONED


def test_an_ended_file_of_a_call_we_never_heard_of_is_removed(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    path = settled_text(spool / "1700000000.1.ended", clock)
    assert collect(app) == 1
    assert not path.exists()
    assert count(app, Call) == 0


def test_an_ended_file_of_a_closed_call_changes_nothing(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    telephone = Telephone(app, "1795341600.7")
    telephone.hang_up(telephone.wait_for(State.CONFIRMING))
    ended_at = the_call(app).ended_at
    clock.advance(600)
    settled_text(spool / "1795341600.7.ended", clock)
    collect(app)
    assert the_call(app).ended_at == ended_at


def test_both_files_of_one_call_make_one_ticket(
    app: Application, clock: FrozenClock, spool: Path
) -> None:
    Telephone(app, "1795341600.7").ring()
    left(spool, clock)
    settled_text(spool / "1795341600.7.ended", clock)
    assert collect(app) == 2
    assert len(the_ticket(app).recordings) == 1
