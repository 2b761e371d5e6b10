"""A scripted Twilio: sends signed requests, reads the TwiML and does what Twilio's documentation says.

Every request is sent twice now and then, on purpose: a webhook that comes again must change nothing.
"""

import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language
from ivr.services import script as words
from ivr.services.rehearsal import ANSWER_SECONDS, PRESS_SECONDS
from ivr.services.script import HangUpNow, Keys, NoKey, Ring, Script, parse_script
from ivr.voice.melody import SECONDS as HOLD_SECONDS
from ivr.voice.normalise import normalise
from tests.fakes import FrozenClock, quick_seconds
from tests.players.twiml_rules import check_document
from tests.story import Story
from webhooks.app import create_app

CALL_SID = "CA" + "1" * 32
ACCOUNT = "AC" + "0" * 32
RECORDING = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE" + "2" * 32


class Over(Exception):
    """The call has ended."""


class SignedClient:
    """Sends requests as Twilio signs them."""

    def __init__(self, app: Application) -> None:
        self._client: FlaskClient = create_app(app).test_client()
        self._base = app.settings.public_url
        self._validator = RequestValidator(app.settings.twilio.auth_token.get_secret_value())
        self.documents: list[str] = []

    def post(self, address: str, **fields: str) -> ET.Element | None:
        """The parsed TwiML, checked against Twilio's documentation; None for 204."""
        if address.startswith("/"):
            address = self._base + address
        form = {"AccountSid": ACCOUNT, "CallSid": CALL_SID} | fields
        signature = self._validator.compute_signature(address, form)
        parts = urlsplit(address)
        response = self._client.post(
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            data=form,
            headers={"X-Twilio-Signature": signature},
            buffered=True,
        )
        if response.status_code == 204:
            return None
        assert response.status_code == 200, response.text
        assert response.mimetype == "text/xml"
        self.documents.append(response.text)
        document = ET.fromstring(response.text)
        check_document(document)
        return document


class TwilioPlayer:
    """Plays a story as Twilio would."""

    def __init__(self, app: Application, clock: FrozenClock, story: Story) -> None:
        self._app = app
        self.clock = clock
        self.client = SignedClient(app)
        self.script = Script(parse_script(story.keys))
        self._caller = story.caller
        self._repeat_at = 2
        self._requests = 0

    def play(self) -> str:
        """From the first request to the end of the call; returns our id of the call."""
        document = self.client.post("/twilio/voice", From=self._caller, To="+41440001100")
        try:
            while True:
                document = self._perform(document)
        except Over:
            self.client.post("/twilio/status", CallStatus="completed")
        call_id = self._app.calls.find("twilio", CALL_SID)
        assert call_id is not None
        return call_id

    def _send(self, address: str, **fields: str) -> ET.Element:
        """One request, repeated on purpose every third time."""
        document = self.client.post(address, **fields)
        self._requests += 1
        if self._requests % 3 == self._repeat_at:
            again = self.client.post(address, **fields)
            assert _text(again) == _text(document)
        assert document is not None
        return document

    def _perform(self, document: Any) -> ET.Element:
        """Carry the verbs out in order until one leads to the next document."""
        for verb in document:
            match verb.tag:
                case "Say" | "Play":
                    self._listen(verb)
                case "Redirect":
                    return self._send(verb.text)
                case "Gather":
                    following = self._gather(verb)
                    if following is not None:
                        return following
                case "Record":
                    following = self._record(verb)
                    if following is not None:
                        return following
                case "Dial" | "Enqueue":
                    return self._dial(verb) if verb.tag == "Dial" else self._enqueue(verb)
                case "Hangup":
                    raise Over
        raise Over

    def _listen(self, verb: ET.Element) -> None:
        """As long as the quick speaker takes for the same words; the only sound is the hold sound."""
        if verb.tag != "Say":
            self.clock.advance(HOLD_SECONDS)
            return
        language = Language(verb.attrib["language"][:2])
        self.clock.advance(quick_seconds(normalise(verb.text or "", language)))

    def _gather(self, verb: ET.Element) -> ET.Element | None:
        token = self.script.for_keys()
        if not (isinstance(token, Keys) and token.at_once):
            for prompt in verb:
                self._listen(prompt)
        match token:
            case Keys(digits):
                self.clock.advance(PRESS_SECONDS)
                finish = verb.get("finishOnKey", "#")
                entered = digits.split(finish)[0] if finish else digits
                return self._send(
                    verb.attrib["action"], Digits=entered[: int(verb.attrib["numDigits"])]
                )
            case NoKey():
                self.clock.advance(int(verb.attrib["timeout"]))
                if verb.get("actionOnEmptyResult") == "true":
                    return self._send(verb.attrib["action"], Digits="")
                return None
            case HangUpNow():
                raise Over

    def _record(self, verb: ET.Element) -> ET.Element | None:
        spoken = self.script.for_message()
        if isinstance(spoken, HangUpNow):
            raise Over
        self.clock.advance(spoken.seconds)
        if spoken.seconds == 0:
            return None
        document = self._send(
            verb.attrib["action"],
            RecordingUrl=RECORDING,
            RecordingDuration=str(int(spoken.seconds)),
            Digits="hangup" if spoken.hangs_up else "#",
        )
        if spoken.hangs_up:
            raise Over
        return document

    def _dial(self, verb: ET.Element) -> ET.Element:
        number = verb.find("Number")
        assert number is not None
        ring = self.script.for_ring()
        if isinstance(ring, HangUpNow):
            self.clock.advance(PRESS_SECONDS)
            raise Over
        status, seconds = self._ring(verb, number, ring)
        return self._send(
            verb.attrib["action"], DialCallStatus=status, DialCallDuration=str(seconds)
        )

    def _enqueue(self, verb: ET.Element) -> ET.Element:
        raise AssertionError("parked, and nothing can ring")

    def _ring(self, dial: ET.Element, number: ET.Element, ring: Ring) -> tuple[str, int]:
        does = ring.legs[0]
        match does:
            case words.NO_ANSWER:
                self.clock.advance(int(dial.attrib["timeout"]))
                return "no-answer", 0
            case words.BUSY:
                self.clock.advance(PRESS_SECONDS)
                return "busy", 0
            case words.FAILED:
                return "failed", 0
        self.clock.advance(ANSWER_SECONDS)
        connected = self._screen(number, does)
        self.client.post(number.attrib["statusCallback"], CallStatus="completed")
        if connected:
            self.clock.advance(ring.bridge_seconds)
        return "completed", ring.bridge_seconds if connected else 3

    def _screen(self, number: ET.Element, does: str) -> bool:
        """The answered leg runs the document of its number; bridged if it ends without a Hangup."""
        gone = does == words.CALLER_GONE
        keys = iter("1" if gone else does)
        document: ET.Element | None = self.client.post(number.attrib["url"])
        if does == words.LEG_GONE:
            return False
        while document is not None:
            gather = document.find("Gather")
            if gather is None:
                break
            if gone:
                self.client.post("/twilio/status", CallStatus="completed")
            key = next(keys, "-")
            self.clock.advance(PRESS_SECONDS if key != "-" else int(gather.attrib["timeout"]))
            document = self.client.post(gather.attrib["action"], Digits=key.replace("-", ""))
        assert document is not None
        if gone:
            raise Over
        return document.find("Hangup") is None


def _text(document: ET.Element | None) -> str:
    return ET.tostring(document, encoding="unicode") if document is not None else ""
