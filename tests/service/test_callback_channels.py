"""The call back over Twilio's webhooks and over FastAGI: the same verbs, the line's number shown."""

import xml.etree.ElementTree as ET

import pytest

from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.service.agi_wire import converse
from tests.service.calling_back import CUSTOMER, Customer, leg_of
from tests.service.escalating import Night, NotingTelephone
from tests.service.twilio_line import SignedClient

LINE = "+41440001100"


@pytest.fixture
def night(app: Application, clock: FrozenClock) -> Night:
    app.telephones = (NotingTelephone(),)
    return Night(app, clock, app.telephones[0])


@pytest.fixture
def customer(night: Night) -> Customer:
    found = Customer(night)
    found.order()
    night.work()
    return found


def next_of(document: ET.Element | None, tag: str) -> str:
    assert document is not None
    verb = document.find(tag)
    assert verb is not None, ET.tostring(document)
    return verb.attrib["action"]


@pytest.mark.rule("B.15")
def test_over_twilio_the_customer_is_dialled_from_the_technicians_leg(
    app: Application, night: Night, customer: Customer
) -> None:
    client = SignedClient(app)
    alert = client.post(f"/twilio/page/{night.last}")
    choosing = client.post(next_of(alert, "Gather"), Digits="1")
    dialling = client.post(next_of(choosing, "Gather"), Digits="1")
    assert dialling is not None
    dial = dialling.find("Dial")
    assert dial is not None
    assert dial.attrib["callerId"] == LINE
    number = dial.find("Number")
    assert number is not None
    assert (number.text, dial.attrib["timeout"]) == (CUSTOMER, "30")
    screening = client.post(number.attrib["url"])
    assert screening is not None
    assert list(screening) == [], "nothing is asked of him: the two are connected"
    assert customer.state == "bridged"
    client.post(number.attrib["statusCallback"], CallStatus="completed")
    after = client.post(dial.attrib["action"], DialCallStatus="completed", DialCallDuration="75")
    assert customer.state == "done"
    assert after is not None
    assert "Mögliche Ursache genannt" in ET.tostring(after, encoding="unicode")
    again = client.post(dial.attrib["action"], DialCallStatus="completed", DialCallDuration="75")
    assert again is not None, "a webhook that comes twice changes nothing"
    assert customer.callback.attempts == 0


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed"])
def test_over_twilio_a_customer_who_does_not_answer_is_an_attempt(
    app: Application, night: Night, customer: Customer, word: str
) -> None:
    client = SignedClient(app)
    alert = client.post(f"/twilio/page/{night.last}")
    choosing = client.post(next_of(alert, "Gather"), Digits="1")
    dialling = client.post(next_of(choosing, "Gather"), Digits="1")
    told = client.post(next_of(dialling, "Dial"), DialCallStatus=word)
    assert told is not None
    assert "hat nicht abgenommen" in ET.tostring(told, encoding="unicode")
    assert (customer.state, customer.callback.attempts) == ("technician_ready", 1)


def test_over_twilio_the_technician_hangs_up_while_it_rings(
    app: Application, night: Night, customer: Customer
) -> None:
    client = SignedClient(app)
    alert = client.post(f"/twilio/page/{night.last}")
    choosing = client.post(next_of(alert, "Gather"), Digits="1")
    client.post(next_of(choosing, "Gather"), Digits="1")
    client.post(f"/twilio/page-status/{night.last}", CallStatus="completed")
    assert (customer.state, customer.callback.attempts) == ("technician_ready", 1)


def test_over_fastagi_the_customer_is_not_screened_and_the_end_is_told(
    app: Application, night: Night, customer: Customer
) -> None:
    talking = customer.take("1", "1")
    leg, page = leg_of(talking), night.last
    script = b"agi_request: x\nagi_network_script: "
    replies = b"200 result=1\n" * 9
    heard = converse(
        app, script + b"technician_leg\nagi_arg_1: %s\n\n" % leg.attempt_id.encode() + replies
    )
    assert 'SET VARIABLE PIKETT_ACCEPTED "1"' in heard
    assert "STREAM FILE" not in heard
    assert customer.state == "bridged"
    ended = (page, f"{page}-{talking.turn}", "ANSWER", "75", f":{leg.attempt_id}=ANSWER")
    arguments = b"".join(
        b"agi_arg_%d: %s\n" % (place, text.encode()) for place, text in enumerate(ended, start=1)
    )
    converse(app, script + b"alert_call\n" + arguments + b"\n" + replies)
    assert customer.state == "done"


def test_over_fastagi_the_dialplan_is_told_whom_to_dial(
    app: Application, night: Night, customer: Customer
) -> None:
    """`answer`: without a key, because nobody but the customer is at that telephone."""
    customer.take("1", "1")
    heard = converse(
        app,
        b"agi_request: x\nagi_network_script: alert_call\nagi_arg_1: %s\n\n" % night.last.encode()
        + b"200 result=0 endpos=8000\n" * 40,
    )
    assert f"-30-answer-{CUSTOMER}@pikett-ring" in heard
    assert 'SET VARIABLE PIKETT_NEXT "dial"' in heard
