"""Signed requests of one call, taken step by step; every document is checked."""

import xml.etree.ElementTree as ET

from sqlalchemy import select
from twilio.request_validator import RequestValidator

from ivr.bootstrap import Application
from ivr.storage.database import reading
from ivr.storage.models import Call
from tests.fakes import FrozenClock
from tests.players.twilio_player import ACCOUNT, CALL_SID, SignedClient
from tests.wiring import TWILIO

PUBLIC = "https://pikett.example"
TOKEN = TWILIO["auth_token"]
DESK = "+41440009009"
FORM = {"AccountSid": ACCOUNT, "CallSid": CALL_SID, "From": "+41440001001"}


class Line:
    """A call of a known customer in hours."""

    def __init__(self, app: Application, clock: FrozenClock) -> None:
        self.clock = clock
        self.client = SignedClient(app)
        self.document = self.client.post("/twilio/voice", From="+41440001001")

    def address(self, tag: str) -> str:
        """Where this verb of the present document leads."""
        assert self.document is not None
        verb = self.document.find(tag)
        assert verb is not None, ET.tostring(self.document)
        return (verb.text or "") if tag == "Redirect" else verb.attrib["action"]

    def go(self, tag: str, **fields: str) -> ET.Element:
        """Come back from this verb with these fields."""
        self.document = self.client.post(self.address(tag), **fields)
        assert self.document is not None
        return self.document

    def asked(self) -> "Line":
        """The notice is over: he is asked what he wants."""
        self.go("Redirect")
        return self

    def ordered(self) -> "Line":
        """The telephone of the technician rings."""
        self.asked().go("Gather", Digits="1")
        self.clock.advance(10)
        self.go("Gather", Digits="")
        return self


def header(address: str, form: dict[str, str], token: str = TOKEN) -> dict[str, str]:
    """Signed as Twilio signs."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(address, form)}


def rings(document: ET.Element | None) -> str | None:
    """The number that a document has rung."""
    found = document.find("Dial/Number") if document is not None else None
    return found.text if found is not None else None


def assert_safe(document: ET.Element | None) -> None:
    """Words and the desk; no silence and no bare hang-up."""
    assert document is not None
    assert document.find("Say") is not None
    assert rings(document) == DESK


def calls_stored(app: Application) -> list[tuple[str, str | None, str]]:
    """Id, number and raw text of every call."""
    with reading(app.storage.engine) as connection:
        rows = connection.execute(select(Call.id, Call.caller_number, Call.caller_raw))
        return [(row[0], row[1], row[2]) for row in rows]
