"""The scripted Twilio for a caller who is parked while several telephones ring."""

import xml.etree.ElementTree as ET

from ivr.bootstrap import Application
from ivr.services import script as words
from ivr.services.script import HangUpNow, Ring
from tests.fakes import FrozenClock
from tests.lab.fake_twilio import FakeCall, FakeTwilio
from tests.players.twilio_player import TwilioPlayer
from tests.players.twiml_rules import check_waiting
from tests.story import Story

PLACE = "QU" + "3" * 32


class ParkedPlayer(TwilioPlayer):
    """Whoever acts has picked up before anybody presses a key."""

    def __init__(
        self, app: Application, clock: FrozenClock, story: Story, fake: FakeTwilio
    ) -> None:
        super().__init__(app, clock, story)
        self._fake = fake

    def _enqueue(self, verb: ET.Element) -> ET.Element:
        ring = self.script.for_ring()
        assert not isinstance(ring, HangUpNow)
        legs = self._rung(verb.attrib["waitUrl"])
        bridged = self._act(legs, ring)
        if bridged:
            self.clock.advance(ring.bridge_seconds)
        else:
            told = self._asked(verb.attrib["waitUrl"])
            assert told.find("Leave") is not None
        result = "bridged" if bridged else "leave"
        return self._send(verb.attrib["action"], QueueResult=result, QueueSid=PLACE)

    def _rung(self, url: str) -> list[FakeCall]:
        """He waits until nobody is left to be rung."""
        known = len(self._fake.calls)
        while self._asked(url).find("Pause[@length='2']") is None:
            self.clock.advance(1)
        return list(self._fake.calls.values())[known:]

    def _asked(self, url: str) -> ET.Element:
        told = self.client.post(url, QueueSid=PLACE, QueueTime="1")
        assert told is not None
        check_waiting(told)
        return told

    def _act(self, legs: list[FakeCall], ring: Ring) -> bool:
        does = ring.for_legs(len(legs))
        acting = [(leg, keys) for leg, keys in zip(legs, does, strict=True) if keys.isdigit()]
        for leg, _ in acting:
            self._fake.answers(leg)
        for leg, keys in acting:
            for key in keys:
                self._fake.presses(leg, key)
        for leg, does_it in zip(legs, does, strict=True):
            if leg.status == "queued":
                self._fake.end(leg, "busy" if does_it == words.BUSY else "no-answer")
        return any(leg.fetches for leg in legs)
