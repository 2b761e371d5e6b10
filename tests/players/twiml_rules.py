"""Twilio's documented verbs, attributes and nesting, as far as a voice call can use them.

From Twilio's TwiML reference for voice (pages on Say, Play, Gather, Record, Dial, Number, Queue,
Enqueue, Leave, Redirect, Hangup, Pause, Reject), read in November 2026.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

VERBS = ("Say", "Play", "Gather", "Record", "Dial", "Redirect", "Hangup", "Pause", "Reject")
VERBS += ("Enqueue", "Leave")
WHILE_ENQUEUED = frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
"""All that a waitUrl may answer."""
NESTING = {
    "Response": VERBS,
    "Gather": ("Say", "Play", "Pause"),
    "Dial": ("Number", "Client", "Conference", "Queue", "Sip", "Sim"),
}
RING_TONES = frozenset(
    [
        "at",
        "au",
        "bg",
        "br",
        "be",
        "ch",
        "cl",
        "cn",
        "cz",
        "de",
        "dk",
        "ee",
        "es",
        "fi",
        "fr",
        "gr",
        "hu",
        "il",
        "in",
        "it",
        "lt",
        "jp",
        "mx",
        "my",
        "nl",
        "no",
        "nz",
        "ph",
        "pl",
        "pt",
        "ru",
        "se",
        "sg",
        "th",
        "uk",
        "us",
        "us-old",
        "tw",
        "ve",
        "za",
    ]
)
_URL = re.compile(r"https://[^\s<>\"]+")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_VOICE = re.compile(r"(Polly|Google)\.[\w\-]+|man|woman|alice")
Rule = Callable[[str], bool]


def _url(text: str) -> bool:
    return _URL.fullmatch(text) is not None


def _one_of(*words: str) -> Rule:
    return lambda text: text in words


def _whole(low: int, high: int) -> Rule:
    return lambda text: text.isdigit() and low <= int(text) <= high


def _matches(pattern: re.Pattern[str]) -> Rule:
    return lambda text: pattern.fullmatch(text) is not None


_METHOD = _one_of("GET", "POST")
_FLAG = _one_of("true", "false")
_KEYS = _matches(re.compile(r"[0-9*#]*"))
_EVENTS = _matches(
    re.compile(r"(initiated|ringing|answered|completed)( (initiated|ringing|answered|completed))*")
)

ATTRIBUTES: dict[str, dict[str, Rule]] = {
    "Response": {},
    "Say": {
        "voice": _matches(_VOICE),
        "language": _matches(re.compile(r"[a-z]{2}-[A-Z]{2}")),
        "loop": _whole(0, 1000),
    },
    "Play": {"loop": _whole(0, 1000), "digits": _matches(re.compile(r"[0-9*#wW]+"))},
    "Pause": {"length": _whole(0, 3600)},
    "Hangup": {},
    "Reject": {"reason": _one_of("rejected", "busy")},
    "Redirect": {"method": _METHOD},
    "Gather": {
        "input": _one_of("dtmf", "speech", "dtmf speech"),
        "action": _url,
        "method": _METHOD,
        "timeout": _whole(1, 600),
        "finishOnKey": _KEYS,
        "numDigits": _whole(1, 1000),
        "actionOnEmptyResult": _FLAG,
    },
    "Record": {
        "action": _url,
        "method": _METHOD,
        "timeout": _whole(1, 600),
        "finishOnKey": _KEYS,
        "maxLength": _whole(1, 14400),
        "playBeep": _FLAG,
        "trim": _one_of("trim-silence", "do-not-trim"),
        "recordingStatusCallback": _url,
        "recordingStatusCallbackMethod": _METHOD,
        "recordingStatusCallbackEvent": _one_of("in-progress", "completed", "absent"),
    },
    "Dial": {
        "action": _url,
        "method": _METHOD,
        "timeout": _whole(1, 600),
        "timeLimit": _whole(1, 86400),
        "callerId": _matches(_E164),
        "answerOnBridge": _FLAG,
        "hangupOnStar": _FLAG,
        "ringTone": lambda text: text in RING_TONES,
    },
    "Enqueue": {"action": _url, "method": _METHOD, "waitUrl": _url, "waitUrlMethod": _METHOD},
    "Leave": {},
    "Queue": {"url": _url, "method": _METHOD},
    "Number": {
        "url": _url,
        "method": _METHOD,
        "statusCallback": _url,
        "statusCallbackEvent": _EVENTS,
        "statusCallbackMethod": _METHOD,
    },
}
TEXT: dict[str, Rule] = {
    "Say": lambda text: 0 < len(text) <= 4096,
    "Play": _url,
    "Redirect": _url,
    "Number": _matches(_E164),
    "Enqueue": lambda text: 0 < len(text) <= 64,
    "Queue": lambda text: 0 < len(text) <= 64,
}
MAX_DOCUMENT = 64 * 1024


def check_document(document: ET.Element) -> None:
    """Fails where a document has what Twilio does not document."""
    assert document.tag == "Response"
    assert len(ET.tostring(document)) <= MAX_DOCUMENT
    _check(document)
    _check_order(document)


def check_waiting(document: ET.Element) -> None:
    """What somebody in a queue may be told."""
    assert {verb.tag for verb in document} <= WHILE_ENQUEUED


def _check(element: ET.Element) -> None:
    assert element.tag in ATTRIBUTES, f"no verb <{element.tag}>"
    for name, value in element.attrib.items():
        rule = ATTRIBUTES[element.tag].get(name)
        assert rule is not None, f"<{element.tag}> has no attribute {name}"
        assert rule(value), f"<{element.tag} {name}={value!r}> is not documented"
    text = (element.text or "").strip()
    # Keys are played instead of a sound, never with one.
    rule = None if "digits" in element.attrib else TEXT.get(element.tag)
    assert rule(text) if rule else not text, f"<{element.tag}> holds {text!r}"
    for child in element:
        assert child.tag in NESTING.get(element.tag, ()), f"<{child.tag}> in <{element.tag}>"
        _check(child)


def _check_order(document: ET.Element) -> None:
    """Behind a verb that never comes back nothing can be heard; one Dial rings one number."""
    tags = [verb.tag for verb in document]
    for final in ("Redirect", "Hangup", "Enqueue", "Leave"):
        assert final not in tags[:-1], f"something follows <{final}>"
    for dial in document.iter("Dial"):
        assert len(dial) == 1, "the first of several numbers to pick up would win"
        assert dial.get("callerId"), "the caller's number would be passed through"
        assert dial.get("timeLimit"), "four hours is the default"
