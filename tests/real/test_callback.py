"""On a real PBX: the emergency form rings the technician, then the customer, and bridges the two."""

import re

import pytest
from pydantic import SecretStr
from sqlalchemy import insert

from ivr.paging_settings import AmiSettings
from ivr.services.callback_store import CallbackRecord
from ivr.services.timers import Queue
from ivr.storage.models import PhoneNumber
from ivr.telephony.asterisk_ami import AsteriskTelephone
from tests.lab.capture import Capture
from tests.lab.processes import wait_until
from tests.lab.sipp import AwaitHangUp, HangUp, Pause, Press, Sing
from tests.lab.stage import CALLED_TONE, CALLER_TONE, Stage
from tests.service.calling_back import typed

pytestmark = pytest.mark.asterisk

PRESSES = (Pause(1500), Press("1"), *((Pause(2500), Press("1")) * 3))
"""1 takes the case, 1 connects; on a busy machine a key may fall between two questions."""

CUSTOMERS_PHONE = "+41440009003"
"""A telephone of the lab, which the test gives to customer 11001."""


@pytest.fixture
def ready(stage: Stage) -> Stage:
    stage.forget()
    settings = AmiSettings(
        port=stage.asterisk.manager_port, secret=SecretStr(stage.asterisk.manager_secret)
    )
    stage.app.telephones = (AsteriskTelephone(settings),)
    with stage.app.storage.writing() as uow:
        his = {"customer_id": 1, "location_id": None, "number": CUSTOMERS_PHONE}
        uow.connection.execute(insert(PhoneNumber).values(his))
    return stage


def ordered(stage: Stage) -> int:
    app, now = stage.app, stage.app.clock.now()
    checked = app.emergency_forms.check(typed(phone=CUSTOMERS_PHONE), "de", "", now)
    return app.emergency_forms.order(checked, None, now).ticket


def callback(stage: Stage, ticket: int) -> CallbackRecord:
    """Where it stands, after whatever is due has been worked off."""
    for queue in Queue:
        stage.app.timekeeper.run_due(queue)
    with stage.app.storage.reading() as uow:
        found = uow.callbacks.find_latest(ticket)
    assert found is not None
    return found


@pytest.mark.rule("A.87", "B.15")
def test_the_form_rings_the_technician_then_the_customer_and_both_talk(ready: Stage) -> None:
    stage = ready
    scene = stage.scene()
    talks = (Sing(CALLED_TONE, 4), Pause(500), AwaitHangUp())
    technician = stage.line("9001", scene, steps=(*PRESSES, Pause(2000), *talks))
    customer = stage.line(
        "9003", scene, steps=(Pause(1000), Sing(CALLER_TONE, 8), Pause(18000), HangUp())
    )
    with Capture([technician.media_port, customer.media_port]) as capture:
        technician.start()
        customer.start()
        ticket = ordered(stage)
        wait_until(lambda: callback(stage, ticket).state == "bridged", 40, "the bridge")
        assert stage.asterisk.channels() > 2
        wait_until(lambda: callback(stage, ticket).state == "done", 40, "the end of the talk")
        technician.wait()
        customer.wait()
    assert capture.to(technician.media_port).has_tone(CALLER_TONE)
    assert capture.to(customer.media_port).has_tone(CALLED_TONE)
    wait_until(lambda: stage.asterisk.channels() == 0, 20, "all channels to be gone")
    invite = (scene / "line9003.messages").read_text(errors="replace")
    shown = re.search(r"^From:.*$", invite, re.MULTILINE)
    assert shown is not None
    assert "+41440001100" in shown[0], "the line's number, never the technician's"
    found = callback(stage, ticket)
    assert (found.technician, found.attempts) == ("Anna Meier", 0)


@pytest.mark.rule("K-11")
def test_a_customer_who_does_not_answer_is_an_attempt_and_the_technician_is_told(
    ready: Stage,
) -> None:
    stage = ready
    scene = stage.scene()
    technician = stage.line("9001", scene, steps=(*PRESSES, AwaitHangUp()))
    customer = stage.line("9003", scene, answers=False)
    technician.start()
    customer.start()
    ticket = ordered(stage)
    # One telephone rings once a minute for different cases, then the customer's rings for 30 s.
    wait_until(lambda: callback(stage, ticket).attempts == 1, 150, "the attempt to be counted")
    technician.wait()
    customer.wait()
    assert callback(stage, ticket).state == "technician_ready"
    wait_until(lambda: stage.asterisk.channels() == 0, 20, "all channels to be gone")
