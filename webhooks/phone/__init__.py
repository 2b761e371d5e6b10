"""The telephone in the browser: a rehearsal with sound, on two handsets side by side.

It drives the same service as the carriers. Every call it makes is a rehearsal: what would be
dialled or mailed is shown on the page instead. It only ever touches rehearsals, whatever ids it is
sent.
"""

import wave
from contextlib import closing
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    MessageRecorded,
    PlaybackFinished,
    RecordingEnd,
)
from ivr.contracts.windows import PROVIDER_ZONE, local_time, parse_moment
from ivr.errors import MalformedRequestError, TurnOutOfOrderError
from ivr.numbers.caller_id import parse_caller_id
from ivr.people.roles import Role
from ivr.services.calls import Reply
from ivr.services.records import CallRecord
from ivr.services.reports import (
    LONGEST_SERIES,
    DialReport,
    DialStatus,
    IncomingCall,
    Report,
    rehearsed_id,
)
from ivr.storage.demo import list_demo_callers
from webhooks.console.access import refusal
from webhooks.console.pages import page_language, words
from webhooks.container import pikett
from webhooks.phone.render import render_call, render_reply

blueprint = Blueprint(
    "phone",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/phone/static",
)
CHANNEL = "browser"
MAX_MESSAGE_SECONDS = 180
SAID = (
    "calling",
    "connected",
    "over",
    "wrong",
    "rings_at",
    "rings",
    "refuse",
    "hang_up",
    "answered",
    "connected_with",
    "connected_customer",
    "quiet",
    "your_turn",
    "no_microphone",
    "recording",
    "consent",
    "ticket",
    "mails",
    "heard",
    "pressed",
    "agreed",
    "words",
    "open_ticket",
    "message",
    "kind",
    "customer",
    "location",
    "to",
    "subject",
)
"""What the page's script says."""


@blueprint.before_request
def _outside_a_demo_behind_login() -> AnyResponse | None:
    """Whoever tries calls where customers are real has to be somebody."""
    if request.endpoint == "phone.static" or pikett().people.is_demo():
        return None
    return refusal(frozenset({Role.LEAD, Role.ADMIN}))


@blueprint.get("/")
def page() -> str:
    """Both handsets, the steps, consent and ticket; its time is the line's, wherever the browser is."""
    t = words()
    return render_template(
        "phone.html",
        customers=list_demo_callers(pikett().storage.engine),
        t=t,
        console=url_for("console.home"),
        language=page_language(),
        series=pikett().ids.new(),
        words={name: t(f"phone.said.{name}") for name in SAID},
        now=f"{local_time(pikett().clock.now()):%Y-%m-%dT%H:%M}",
        zone=PROVIDER_ZONE.key,
    )


@blueprint.post("/phone/calls")
def start() -> Response:
    """Begin a call: `from` a number, `at` an ISO 8601 moment (naive: Europe/Zurich)."""
    body = _body()
    app = pikett()
    now = app.clock.now()
    at = parse_moment(str(body["at"])) if body.get("at") else now
    raw = str(body.get("from") or "anonymous")[:200]
    incoming = IncomingCall(
        channel=CHANNEL,
        provider_call_id=rehearsed_id(_series(body.get("series")), app.ids.new()),
        caller=parse_caller_id(raw, own_numbers=app.settings.own_numbers),
        raw_caller=raw,
        at=at,
        can_ring_at_once=True,
        rehearsal=True,
        clock_shift_seconds=(at - now).total_seconds(),
    )
    return _answer(app.calls.begin(incoming), at)


@blueprint.post("/phone/legs/<leg_id>/turns/<int:turn>")
def report(leg_id: str, turn: int) -> Response:
    """What came of a turn's verbs."""
    call = _rehearsal_of(leg_id)
    at = _now_of(call)
    return _answer(pikett().calls.report(leg_id, turn, _report(_body(), at)), at)


@blueprint.post("/phone/legs/<leg_id>/turns/<int:turn>/message")
def message(leg_id: str, turn: int) -> Response:
    """A recorded message as WAV, mono, 16 bit; `ended_by` key, silence, limit or hangup."""
    call = _rehearsal_of(leg_id)
    at = _now_of(call)
    name, seconds = _keep_message(request.get_data())
    ended_by = RecordingEnd(request.args.get("ended_by", "key"))
    event = MessageRecorded(at, f"file:{name}", seconds, ended_by)
    reply = pikett().calls.report(leg_id, turn, event)
    pikett().recordings.collect_from(f"file:{name}", at)
    return _answer(reply, at)


@blueprint.post("/phone/attempts/<attempt_id>/answer")
def answer(attempt_id: str) -> Response:
    """The second handset was picked up."""
    with pikett().storage.reading() as uow:
        call_id = uow.attempts.get(attempt_id).call_id
    at = _now_of(_rehearsal_of(call_id))
    return _answer(pikett().calls.begin_leg(attempt_id, at), at)


@blueprint.get("/phone/calls/<call_id>")
def record(call_id: str) -> Response:
    """The call record as it stands: steps, consent, attempts, ticket, what would be mailed."""
    call = _rehearsal_of(call_id)
    return jsonify(render_call(pikett(), call))


@blueprint.errorhandler(LookupError)
@blueprint.errorhandler(MalformedRequestError)
@blueprint.errorhandler(TurnOutOfOrderError)
@blueprint.errorhandler(ValueError)
def refused(error: Exception) -> tuple[Response, int]:
    """A page of ours never gets here; whoever does is told plainly."""
    return jsonify(error=str(error)), 400


def _series(sent: object) -> str:
    """Calls of one loaded page know each other; whoever names no series has one of his own."""
    if isinstance(sent, str) and sent.isascii() and sent.isalnum() and len(sent) <= LONGEST_SERIES:
        return sent
    return pikett().ids.new()


def _answer(reply: Reply, at: datetime) -> Response:
    return jsonify(render_reply(pikett(), reply, at))


def _body() -> dict[str, Any]:
    """JSON only: a form of another site cannot send it."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise MalformedRequestError("a JSON object is needed")
    return body


def _rehearsal_of(leg_id: str) -> CallRecord:
    """The call of a leg; a real call is not to be found here."""
    call_id = pikett().calls.current(leg_id).call_id
    with pikett().storage.reading() as uow:
        call = uow.calls.get(call_id)
    if not call.rehearsal:
        abort(404)
    return call


def _now_of(call: CallRecord) -> datetime:
    """A rehearsal lives in a time of its own, which runs as fast as ours."""
    return pikett().clock.now() + timedelta(seconds=call.clock_shift_seconds)


def _report(body: dict[str, Any], at: datetime) -> Report:
    match body.get("event"):
        case "digits":
            return DigitsEntered(at, str(body.get("digits", ""))[:32])
        case "timeout":
            return DigitsTimedOut(at)
        case "played":
            complete = bool(body.get("complete", True))
            return PlaybackFinished(at, complete, float(body.get("seconds", 0)))
        case "dial":
            told = dict(body.get("legs") or {})
            legs = {str(leg): DialStatus(word) for leg, word in told.items()}
            status = DialStatus(str(body.get("status")))
            return DialReport(at, status, int(body.get("seconds") or 0), legs)
        case "hangup":
            return CallerHungUp(at)
    raise MalformedRequestError(f"no event {body.get('event')!r}")


def _keep_message(data: bytes) -> tuple[str, float]:
    """Only samples are kept, under a name of ours: the file that was sent is never stored."""
    try:
        with closing(wave.open(BytesIO(data), "rb")) as sent:
            if (sent.getnchannels(), sent.getsampwidth()) != (1, 2):
                raise MalformedRequestError("a message must be mono with 16 bits")
            rate = sent.getframerate()
            frames = sent.readframes(rate * MAX_MESSAGE_SECONDS)
    except (wave.Error, EOFError) as error:
        raise MalformedRequestError(f"no WAV file: {error}") from error
    name = f"{pikett().ids.new()}.wav"
    inbox = pikett().settings.path("inbox")
    inbox.mkdir(parents=True, exist_ok=True)
    with wave.open(str(inbox / name), "wb") as kept:
        kept.setnchannels(1)
        kept.setsampwidth(2)
        kept.setframerate(rate)
        kept.writeframes(frames)
    return name, len(frames) / 2 / rate
