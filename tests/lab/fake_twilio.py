"""A Twilio on loopback: it checks every request against Twilio's published description and does what
the documentation says. Calls and texts do nothing by themselves: the test says who answers.

Documented and followed here: https://www.twilio.com/docs/voice/api/call-resource (states, callbacks),
https://www.twilio.com/docs/usage/security (signatures), the fallback address for anything but 2xx
with ErrorCode 11200, one call a second with the rest queued, code 21220 for a call that is over. A leg
that dials a queue is connected with whoever waits there, which the test's caller says himself.
"""

import base64
import itertools
import json
import re
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator

from tests.players.twiml_rules import check_document

DESCRIPTION = Path(__file__).parent / "vendor" / "twilio_api_v2010.json"
FORM = "application/x-www-form-urlencoded"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
EVENTS = {"initiated", "ringing", "answered", "completed"}
MAX_STEPS = 30

Webhook = Callable[[str, Mapping[str, str], str], tuple[int, str]]
"""Posts a form with its signature to an address; status and body."""


@dataclass
class FakeCall:
    """A call that somebody asked for."""

    sid: str
    form: Mapping[str, list[str]]
    asked_at: float
    status: str = "queued"
    documents: list[str] = field(default_factory=list)
    fallbacks: int = 0
    document: ET.Element | None = None

    @property
    def fetches(self) -> str | None:
        """The queue that it dials."""
        found = self.document.find("Dial/Queue") if self.document is not None else None
        return found.text if found is not None else None

    def first(self, name: str) -> str:
        return self.form[name][0]


@dataclass
class FakeText:
    """A text that somebody asked for."""

    sid: str
    form: Mapping[str, list[str]]
    status: str = "queued"


@dataclass
class FakeTwilio:
    """`refusals` has the HTTP status and Twilio's code for what is sent to a number."""

    account: str
    token: str
    webhook: Webhook
    calls_per_second: float = 1.0
    refusals: dict[str, tuple[int, int]] = field(default_factory=dict)
    calls: dict[str, FakeCall] = field(default_factory=dict)
    texts: dict[str, FakeText] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    too_fast: int = 0
    slow_seconds: float = 0.0
    broken: bool = False

    def __post_init__(self) -> None:
        self._description = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        fake = self

        class Handler(_Handler):
            twilio = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    # What the REST interface answers.

    def answer(self, method: str, path: str, form: Mapping[str, list[str]]) -> tuple[int, Any]:
        """Status and JSON for one authorised request."""
        self.requests.append(f"{method} {path}")
        template, sid = _template(path, self.account)
        operation = self._description["paths"].get(template, {}).get(method.lower())
        if operation is None:
            return 404, _error(404, 20404)
        problems = [*check_form(operation, form, self._description), *check_documented(form)]
        if problems:
            self.violations += [f"{method} {path}: {problem}" for problem in problems]
            return 400, _error(400, 20001)
        if template.endswith("/Calls/{Sid}.json"):
            return self._one_call(sid, form)
        if template.endswith("/Queues/{Sid}.json"):
            self.cleared.append(sid)
            return 204, ""
        refusal = self.refusals.get(form["To"][0])
        if refusal is not None:
            return refusal[0], _error(*refusal)
        return self._new_call(form) if template.endswith("/Calls.json") else self._new_text(form)

    def _new_call(self, form: Mapping[str, list[str]]) -> tuple[int, Any]:
        with self._lock:
            call = FakeCall(f"CA{next(self._numbers):032x}", form, time.monotonic())
            recent = [c for c in self.calls.values() if call.asked_at - c.asked_at < 1]
            self.too_fast += len(recent) >= self.calls_per_second
            self.calls[call.sid] = call
        return 201, {"sid": call.sid, "status": call.status, "account_sid": self.account}

    def _new_text(self, form: Mapping[str, list[str]]) -> tuple[int, Any]:
        with self._lock:
            text = FakeText(f"SM{next(self._numbers):032x}", form)
            self.texts[text.sid] = text
        return 201, {"sid": text.sid, "status": text.status, "account_sid": self.account}

    def _one_call(self, sid: str, form: Mapping[str, list[str]]) -> tuple[int, Any]:
        call = self.calls.get(sid)
        if call is None:
            return 404, _error(404, 20404)
        if form and call.status not in ("queued", "ringing", "in-progress"):
            return 400, _error(400, 21220)
        if form:
            self.end(call, "completed" if call.status == "in-progress" else "canceled")
        return 200, {"sid": sid, "status": call.status, "account_sid": self.account}

    # What happens at the telephones; the test says so.

    def the_call(self) -> FakeCall:
        """The newest one."""
        return list(self.calls.values())[-1]

    def rings(self, call: FakeCall) -> None:
        call.status = "ringing"

    def end(self, call: FakeCall, status: str) -> None:
        """It is over: completed, busy, no-answer, failed or canceled; the callback says so."""
        call.status = status
        self._post(call.first("StatusCallback"), self._of(call))

    def answers(self, call: FakeCall) -> None:
        """Picked up; whoever did listens."""
        assert call.status in ("queued", "ringing"), call.status
        call.status = "in-progress"
        self._goes_on(call, call.first("Url"))

    def presses(self, call: FakeCall, key: str) -> None:
        """At the Gather of its document; no key if it is empty."""
        assert call.status == "in-progress", call.status
        gather = call.document.find("Gather") if call.document is not None else None
        assert gather is not None
        self._goes_on(call, gather.attrib["action"], {"Digits": key})

    def dial_ends(self, call: FakeCall, status: str) -> None:
        """What it had dialled is over, and it is asked what follows."""
        dial = call.document.find("Dial") if call.document is not None else None
        assert dial is not None
        self._goes_on(call, dial.attrib["action"], {"DialCallStatus": status})

    def _goes_on(self, call: FakeCall, url: str, more: Mapping[str, str] | None = None) -> None:
        call.document = self._fetch(call, url, more)
        waits = ("Gather", "Dial")
        if call.document is None or not any(call.document.find(tag) is not None for tag in waits):
            self.end(call, "completed")

    def picks_up(self, call: FakeCall, keys: str = "", *, hangs_up: bool = False) -> None:
        """Answered: each key answers one Gather, then nobody presses anything more.

        A machine answers without keys; `hangs_up` at the first Gather without one.
        """
        call.status = "in-progress"
        document = self._fetch(call, call.first("Url"))
        waiting = list(keys)
        for _ in range(MAX_STEPS):
            following = self._perform(call, document, waiting, hangs_up=hangs_up)
            if following is None or call.status != "in-progress":
                break
            document = self._fetch(call, *following)
        if call.status == "in-progress":
            self.end(call, "completed")

    def _perform(
        self, call: FakeCall, document: ET.Element | None, keys: list[str], *, hangs_up: bool
    ) -> tuple[str, dict[str, str]] | None:
        """The next address and what is sent there."""
        for verb in document if document is not None else ():
            match verb.tag:
                case "Gather" if hangs_up and not keys:
                    return None
                case "Gather":
                    digits = {"Digits": keys.pop(0)} if keys else {"Digits": ""}
                    return verb.attrib["action"], digits
                case "Redirect":
                    return str(verb.text), {}
                case "Hangup":
                    return None
        return None

    def _fetch(
        self, call: FakeCall, url: str, more: Mapping[str, str] | None = None
    ) -> ET.Element | None:
        fallback = call.form.get("FallbackUrl", [""])[0]
        status, body = self._post(url, self._of(call) | dict(more or {}))
        if not 200 <= status < 300 and fallback:
            call.fallbacks += 1
            error = {"ErrorCode": "11200", "ErrorUrl": url}
            status, body = self._post(fallback, self._of(call) | error)
        if not 200 <= status < 300:
            return None
        call.documents.append(body)
        document = ET.fromstring(body)
        check_document(document)
        return document

    def text_becomes(self, text: FakeText, status: str, error: str = "") -> int:
        """One status callback; the answer's status."""
        text.status = status
        form = {"MessageSid": text.sid, "SmsSid": text.sid, "MessageStatus": status}
        form |= {"AccountSid": self.account, "To": text.form["To"][0]}
        if error:
            form["ErrorCode"] = error
        return self._post(text.form["StatusCallback"][0], form)[0]

    def _of(self, call: FakeCall) -> dict[str, str]:
        return {
            "CallSid": call.sid,
            "AccountSid": self.account,
            "From": call.first("From"),
            "To": call.first("To"),
            "CallStatus": call.status,
            "Direction": "outbound-api",
        }

    def _post(self, url: str, form: dict[str, str]) -> tuple[int, str]:
        signature = RequestValidator(self.token).compute_signature(url, form)
        return self.webhook(url, form, signature)


class _Handler(BaseHTTPRequestHandler):
    twilio: FakeTwilio
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self._serve(parse_qs(self.rfile.read(length).decode(), keep_blank_values=True))

    def do_GET(self) -> None:
        self._serve({})

    def do_DELETE(self) -> None:
        self._serve({})

    def _serve(self, form: dict[str, list[str]]) -> None:
        if self.twilio.slow_seconds:
            time.sleep(self.twilio.slow_seconds)
        status, body = self._judge(form)
        payload = (body if isinstance(body, str) else json.dumps(body)).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
        except OSError:
            self.close_connection = True  # who asked has given up

    def _judge(self, form: dict[str, list[str]]) -> tuple[int, Any]:
        if self.twilio.broken:
            return 503, "<html>Service Unavailable</html>"
        if not self._is_authorised():
            return 401, _error(401, 20003)
        return self.twilio.answer(self.command, urlsplit(self.path).path, form)

    def _is_authorised(self) -> bool:
        pair = f"{self.twilio.account}:{self.twilio.token}".encode()
        return self.headers.get("Authorization") == f"Basic {base64.b64encode(pair).decode()}"

    def log_message(self, *_: object) -> None:
        """Nothing on the test's screen."""


def check_form(
    operation: Mapping[str, Any], form: Mapping[str, Sequence[str]], description: Mapping[str, Any]
) -> list[str]:
    """What is wrong with a form by the description of its operation; nothing if all is well."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get(FORM, {}).get("schema", {})
    properties = schema.get("properties", {})
    problems = [f"{name} is missing" for name in schema.get("required", ()) if name not in form]
    for name, values in form.items():
        if name not in properties:
            problems.append(f"{name} is unknown")
            continue
        problems += _check_values(name, properties[name], values, description)
    return problems


def _check_values(
    name: str, schema: Mapping[str, Any], values: Sequence[str], description: Mapping[str, Any]
) -> list[str]:
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if schema.get("type") == "array":
        schema = schema["items"]
    elif len(values) != 1:
        return [f"{name} comes {len(values)} times"]
    return [f"{name}={value!r}" for value in values if not _fits(schema, value)]


def _fits(schema: Mapping[str, Any], value: str) -> bool:
    """One value against type, enum, pattern, length and the formats that Twilio names."""
    parts = urlsplit(value)
    fits = {
        "integer": value.isdigit(),
        "boolean": value in ("true", "false"),
        "number": re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
    }.get(schema.get("type", "string"), True)
    if schema.get("format") == "uri":
        fits = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in parts.netloc
        )
    if "enum" in schema:
        fits = fits and value in schema["enum"]
    if "pattern" in schema:
        fits = fits and re.search(schema["pattern"], value) is not None
    return fits and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**6)


def check_documented(form: Mapping[str, Sequence[str]]) -> list[str]:
    """What the words of the documentation ask beyond the types."""
    problems = [
        f"event {name}" for name in form.get("StatusCallbackEvent", ()) if name not in EVENTS
    ]
    if "To" in form and not E164.fullmatch(form["To"][0]):
        problems.append("To is not E.164")
    if float(form.get("Timeout", ["0"])[0]) > 600:
        problems.append("Timeout above 600")
    if len(form.get("Body", [""])[0]) > 1600:
        problems.append("Body above 1600 characters")
    if "MachineDetection" in form:
        problems.append("machine detection was asked for")
    return problems


def _template(path: str, account: str) -> tuple[str, str]:
    """The address of the description, and the SID in it."""
    found = re.fullmatch(r"(.*)/(Calls/CA|Queues/QU)([0-9a-f]{32})\.json", path)
    if found is None:
        return path.replace(account, "{AccountSid}"), ""
    kind, letters = found[2].split("/")
    template = f"{found[1]}/{kind}/{{Sid}}.json"
    return template.replace(account, "{AccountSid}"), letters + found[3]


def _error(status: int, code: int) -> dict[str, Any]:
    return {"status": status, "code": code, "message": "refused", "more_info": ""}
