"""A caller whom Twilio keeps waiting while several telephones ring, taken step by step."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ivr.bootstrap import Application
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.lab.fake_twilio import FakeCall, FakeTwilio
from tests.players.twiml_rules import check_waiting
from tests.service.twilio_fake import with_twilio
from tests.service.twilio_line import Line, calls_stored

PLACE = "QU" + "3" * 32
ANNA, BEAT, CARLA, DESK = "+41440009001", "+41440009002", "+41440009003", "+41440009009"


class Parked:
    """He has ordered; `document` is what he is told."""

    def __init__(self, app: Application, fake: FakeTwilio, clock: FrozenClock) -> None:
        self.app, self.fake, self.clock = app, fake, clock
        self.line = Line(app, clock).ordered()
        self.waited = 0.0

    @property
    def call_id(self) -> str:
        return calls_stored(self.app)[0][0]

    @property
    def document(self) -> ET.Element:
        assert self.line.document is not None
        return self.line.document

    def waits(self, **fields: str) -> ET.Element:
        """What he hears next; that takes its time. Told to leave he does."""
        told = self.asks(**fields)
        check_waiting(told)
        if told.find("Leave") is not None:
            self.leaves()
        seconds = len(told.findall("Play")) + sum(
            int(p.attrib["length"]) for p in told.iter("Pause")
        )
        self.clock.advance(seconds)
        self.waited += seconds
        return told

    def asks(self, **fields: str) -> ET.Element:
        """The document of his queue."""
        park = self.document.find("Enqueue")
        assert park is not None, ET.tostring(self.document)
        fields = {"QueueTime": str(int(self.waited)), "QueueSid": PLACE} | fields
        told = self.line.client.post(park.attrib["waitUrl"], **fields)
        assert told is not None
        return told

    def leaves(self, result: str = "leave", **fields: str) -> ET.Element:
        """He is in the queue no more."""
        return self.line.go("Enqueue", QueueResult=result, QueueSid=PLACE, **fields)

    def hangs_up(self) -> None:
        self.line.client.post("/twilio/status", CallStatus="completed")

    def leg(self, number: str) -> FakeCall:
        """The newest call to a telephone."""
        return [call for call in self.fake.calls.values() if call.first("To") == number][-1]

    def attempts(self) -> list[str]:
        with self.app.storage.reading() as uow:
            return [str(each.result) for each in uow.attempts.list_of(self.call_id)]


@contextmanager
def parked(data_dir: Path, notebook: Notebook, **given: Any) -> Iterator[Parked]:
    """All technicians are to be rung at once."""
    clock = FrozenClock()
    given = {"hunt": {"simultaneous": True}} | given
    wired = {"clock": clock, "ids": CountedIds(), "observer": notebook}
    with with_twilio(data_dir, **wired, **given) as (app, fake):
        yield Parked(app, fake, clock)


def said(document: ET.Element | None) -> str:
    """All words of a document."""
    assert document is not None
    return " ".join(each.text or "" for each in document.iter("Say"))
