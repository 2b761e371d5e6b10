"""Rehearsals in the browser live at a date of their own, which must not touch anybody else's."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.services.records import NewRecording
from tests.fakes import FrozenClock, write_silence
from tests.service.conftest import Telephone
from webhooks.app import create_app


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return create_app(app).test_client()


@pytest.mark.rule("B.3")
@pytest.mark.parametrize("at", ["2026-03-29T02:30", "yesterday", "9999-12-31T23:59"])
def test_a_moment_that_never_comes_is_refused(client: FlaskClient, at: str) -> None:
    answer = client.post("/phone/calls", json={"from": "+41440001001", "at": at})
    assert answer.status_code == 400
    assert repr(at) in answer.get_json()["error"]


@pytest.mark.rule("B.3")
def test_a_wall_time_that_comes_twice_is_the_first(app: Application, client: FlaskClient) -> None:
    client.post("/phone/calls", json={"from": "+41440001001", "at": "2026-10-25T02:30"})
    with app.storage.reading() as uow:
        (call_id,) = uow.calls.list_open_since(app.clock.now() + timedelta(days=1))
        received_at = uow.calls.get(call_id).received_at
    assert received_at.isoformat() == "2026-10-25T00:30:00+00:00"


def test_a_message_left_in_another_year_does_not_put_real_ones_off(
    app: Application, client: FlaskClient, clock: FrozenClock
) -> None:
    """A real message that is just being written stays due now."""
    ringing = Telephone(app, "real").ring()
    with app.storage.reading() as uow:
        ticket = uow.calls.get(ringing.call_id).ticket_number
    assert ticket is not None
    with app.storage.writing() as uow:
        uow.tickets.add_recording(NewRecording(ticket, "file:real.wav", 1.0, clock.now()))
    leave_rehearsed_message(app, client, "2028-11-20T10:00")
    with app.storage.reading() as uow:
        pending = uow.tickets.list_pending_recordings(clock.now(), 10)
    assert [recording.source for recording in pending] == ["file:real.wav"]


def leave_rehearsed_message(app: Application, client: FlaskClient, at: str) -> None:
    """The caller presses 4 after the notice and speaks."""
    reply = client.post("/phone/calls", json={"from": "+41440001001", "at": at}).get_json()
    for report in ({"event": "played", "seconds": 9}, {"event": "digits", "digits": "4"}):
        reply = client.post(_turn(reply), json=report).get_json()
    assert reply["state"] == State.LEAVING_MESSAGE
    sound = app.settings.path("spoken.wav")
    write_silence(sound, 2.0)
    told = client.post(f"{_turn(reply)}/message", data=sound.read_bytes())
    assert told.get_json()["state"] == State.ENDED


def _turn(reply: dict[str, str]) -> str:
    return f"/phone/legs/{reply['leg']}/turns/{reply['turn']}"
