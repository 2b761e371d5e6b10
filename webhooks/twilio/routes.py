"""Twilio's requests, one address per turn.

Every one is signed. Whatever goes wrong is answered with 200 and TwiML that goes on safely, because
Twilio ignores the body of an error and tells the caller of an "application error" instead.
"""

import re
from collections.abc import Callable

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from ivr.callflow.events import (
    DigitsEntered,
    DigitsTimedOut,
    MessageRecorded,
    PlaybackFinished,
    RecordingEnd,
)
from ivr.callflow.verbs import Connect
from ivr.errors import MalformedRequestError, TurnOutOfOrderError
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Reply
from ivr.services.fallback import FallbackMessage
from ivr.services.reports import DialReport, DialStatus, IncomingCall, Report
from ivr.services.spool import put_off_hang_up
from webhooks.container import pikett
from webhooks.twilio.fallback import fallback_document
from webhooks.twilio.signature import require_signature
from webhooks.twilio.twiml import TwimlRenderer

blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")
CHANNEL = "twilio"
HANG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'
OUR_OWN_CALL = "outbound-api"
LEG_ENDPOINTS = frozenset(
    f"twilio.{name}"
    for name in ("leg", "leg_again", "leg_turn", "leg_bridged", "page", "page_again")
)
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

_log = structlog.get_logger()
_CALL_SID = re.compile(r"CA[0-9a-f]{32}")
_SECONDS = re.compile(r"[0-9]{1,6}")
MAX_URL_LENGTH = 500
NOTHING_SAID = "0"
"""Seconds as Twilio tells them: less than the shortest message."""
DIAL_STATUS = {
    "completed": DialStatus.ANSWERED,
    "answered": DialStatus.ANSWERED,
    "busy": DialStatus.BUSY,
    "no-answer": DialStatus.NO_ANSWER,
    "canceled": DialStatus.CANCELLED,
}


@blueprint.before_request
def check_signature() -> None:
    """Every address but the static fallback, which tells nobody anything."""
    if request.endpoint != "twilio.fallback":
        require_signature(request, pikett().settings)


@blueprint.post("/voice")
def voice() -> Response:
    """A call reaches the number."""
    app = pikett()
    raw = request.form.get("From", "")
    incoming = IncomingCall(
        channel=CHANNEL,
        provider_call_id=_call_sid(),
        caller=parse_caller_id(raw, own_numbers=app.settings.own_numbers),
        raw_caller=raw,
        at=app.clock.now(),
        can_ring_at_once=app.can_park,
    )
    return answer(app.calls.begin(app.selftest.marked(incoming)))


@blueprint.post("/turn/<leg_id>/<int:turn>/<wait>", endpoint="turn")
@blueprint.post("/leg/<leg_id>/<int:turn>/<wait>", endpoint="leg_turn")
def take_turn(leg_id: str, turn: int, wait: str) -> Response:
    """What came of a turn; `wait` is what was waited for."""
    report = _READERS[wait]() if wait in _READERS else None
    if report is None:
        raise MalformedRequestError("no such wait")
    try:
        return answer(pikett().calls.report(leg_id, turn, report))
    except TurnOutOfOrderError:
        _log.warning("turn_out_of_order", leg=leg_id, turn=turn)
        return answer(pikett().calls.current(leg_id))


@blueprint.post("/leg/<attempt_id>")
@blueprint.post("/leg/<attempt_id>/again", endpoint="leg_again")
def leg(attempt_id: str) -> Response:
    """A rung telephone was picked up: the whisper; asked again, it goes on where the leg stands."""
    return answer(pikett().calls.begin_leg(attempt_id, pikett().clock.now()))


@blueprint.post("/status")
def status() -> Response:
    """The call is over at Twilio, which tells it once: what cannot be stored waits in the spool."""
    app = pikett()
    sid, now = _call_sid(), app.clock.now()
    if request.form.get("CallStatus") in ENDED:
        try:
            call_id = app.calls.find(CHANNEL, sid)
            if call_id is not None:
                app.calls.hang_up(call_id, now)
        except SQLAlchemyError as error:
            _log.error("hang_up_put_off", exc_info=error)
            put_off_hang_up(app.settings.path("spool"), sid, now)
        else:
            return stopping(Response(status=204), call_id)
    return Response(status=204)


@blueprint.post("/leg-status/<attempt_id>")
def leg_status(attempt_id: str) -> Response:
    """The rung leg is over; only a leg that was still deciding is changed by it."""
    word = request.form.get("CallStatus", "")
    if word in ENDED:
        pikett().calls.hang_up(attempt_id, pikett().clock.now())
        pikett().parking.ended(attempt_id, DIAL_STATUS.get(word, DialStatus.FAILED))
    return Response(status=204)


@blueprint.post("/recording")
def recording() -> Response:
    """A message can be fetched; the worker does it, whether or not this notice arrives.

    Where nobody said anything no ticket will have it, and it is deleted there.
    """
    source, heard = _recording_url(), Response(status=204)
    if not source or request.form.get("RecordingDuration") != NOTHING_SAID:
        return heard
    recordings = pikett().recordings
    return afterwards(heard, lambda: recordings.discard(source))


@blueprint.post("/fallback-recording")
def fallback_recording() -> Response:
    """The static fallback recorded a message: it becomes a ticket."""
    source = _recording_url()
    if not source:
        _log.warning("fallback_recording_empty", status=request.form.get("RecordingStatus"))
        return Response(status=204)
    message = FallbackMessage(
        channel=CHANNEL,
        provider_call_id=_call_sid(),
        caller=parse_caller_id(request.form.get("From")),
        received_at=pikett().clock.now(),
        source=source,
        seconds=seconds_of(request.form.get("RecordingDuration")),
    )
    pikett().fallback.keep(message)
    return Response(status=204)


@blueprint.route("/fallback", methods=["GET", "POST"])
def fallback() -> Response:
    """Static: touches neither database nor flow."""
    return twiml(_fallback_text())


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> Response | HTTPException:
    """The outer boundary: the caller hears an apology and the desk rings; a leg is let go."""
    if isinstance(error, HTTPException):
        return error
    _log.error("twilio_failed", endpoint=request.endpoint, exc_info=error)
    if _is_asked_again() and not isinstance(error, LookupError):
        return Response(status=503)
    return twiml(HANG_UP if request.endpoint in LEG_ENDPOINTS else _fallback_text())


def _is_asked_again() -> bool:
    """Only a call of our own has a fallback address, which another worker may answer."""
    endpoints = ("twilio.page", "twilio.leg", "twilio.leg_turn")
    return _is_own_call() and request.endpoint in endpoints


def _is_own_call() -> bool:
    return request.form.get("Direction") == OUR_OWN_CALL


def answer(reply: Reply) -> Response:
    """The TwiML that carries a reply out; whoever takes a parked caller stops the others."""
    own_call = _is_own_call()
    response = twiml(renderer().render(reply, pikett().clock.now(), own_call=own_call))
    if own_call and any(isinstance(verb, Connect) for verb in reply.verbs):
        return stopping(response, reply.call_id)
    return response


def stopping(response: Response, call_id: str | None) -> Response:
    """Once this is sent, nobody rings for this caller any more."""
    parking = pikett().parking
    return afterwards(response, lambda: parking.stop(call_id) if call_id is not None else None)


def afterwards(response: Response, work: Callable[[], None]) -> Response:
    """What takes a carrier's time is done when nobody waits for the answer any more."""

    def done() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the answer is sent; nobody else would tell it
            _log.error("twilio_failed", endpoint="afterwards", exc_info=error)

    response.call_on_close(done)
    return response


def twiml(text: str) -> Response:
    """An answer that Twilio reads."""
    return Response(text, mimetype="text/xml")


def renderer() -> TwimlRenderer:
    """The one of this application."""
    key = "pikett_twiml"
    if key not in current_app.extensions:
        app = pikett()
        current_app.extensions[key] = TwimlRenderer(
            app.settings, app.catalogue, app.sounds, app.sound_links
        )
    found: TwimlRenderer = current_app.extensions[key]
    return found


def _fallback_text() -> str:
    key = "pikett_fallback"
    if key not in current_app.extensions:
        current_app.extensions[key] = fallback_document(pikett().settings, pikett().shipped_words)
    text: str = current_app.extensions[key]
    return text


def _call_sid() -> str:
    sid = request.form.get("CallSid", "")
    if not _CALL_SID.fullmatch(sid):
        raise MalformedRequestError("no CallSid")
    return sid


def _read_played() -> Report:
    """Twilio only gets here after the last word."""
    seconds = request.args.get("seconds", 0.0, type=float)
    return PlaybackFinished(pikett().clock.now(), complete=True, seconds=seconds)


def _read_keys() -> Report:
    now = pikett().clock.now()
    digits = request.form.get("Digits", "")[:32]
    return DigitsEntered(now, digits) if digits else DigitsTimedOut(now)


def _read_recorded() -> Report:
    """`Digits` is the key that ended it, or the word `hangup`."""
    now = pikett().clock.now()
    ended_by = {"hangup": RecordingEnd.HANGUP, "": RecordingEnd.SILENCE}.get(
        request.form.get("Digits", ""), RecordingEnd.KEY
    )
    seconds = seconds_of(request.form.get("RecordingDuration"))
    source = _recording_url()
    return MessageRecorded(now, source, seconds if source else 0.0, ended_by)


def _recording_url() -> str:
    """Where the message lies; anything else, a file of our own above all, is no message."""
    url = request.form.get("RecordingUrl", "")
    return url if url.startswith("https://") and len(url) <= MAX_URL_LENGTH else ""


def read_dialled() -> DialReport:
    """How a Dial ended, by Twilio's word."""
    word = request.args.get("status") or request.form.get("DialCallStatus", "")
    return DialReport(
        at=pikett().clock.now(),
        status=DIAL_STATUS.get(word, DialStatus.FAILED),
        seconds=int(seconds_of(request.form.get("DialCallDuration"))),
    )


def seconds_of(text: str | None) -> float:
    """Whole seconds; 0 for whatever is no number."""
    return float(text) if text and _SECONDS.fullmatch(text) else 0.0


_READERS: dict[str, Callable[[], Report]] = {
    "played": _read_played,
    "keys": _read_keys,
    "recorded": _read_recorded,
    "dialled": read_dialled,
}
