"""Parked callers: several telephones ring, each by a call of its own, and he hears it ringing.

Twilio keeps him in a queue and asks here, whenever a document is over, what he is to hear next. To
leave the queue needs nothing but the answer to that question; if it fails again and again he leaves
it too, and is dialled for, or comes to the desk.
"""

import structlog
from flask import Response, request
from twilio.twiml.voice_response import VoiceResponse

from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.callflow.verbs import Dial, DialLeg
from ivr.services.calls import Reply
from ivr.services.reports import DialReport, DialStatus
from webhooks.container import pikett
from webhooks.twilio.routes import (
    ENDED,
    HANG_UP,
    afterwards,
    answer,
    blueprint,
    read_dialled,
    renderer,
    seconds_of,
    stopping,
    twiml,
)

BRIDGED = frozenset({"bridged", "bridging-in-process", "redirected-from-bridged"})
HUNG_UP, LEFT, FULL = "hangup", "leave", "queue-full"
RING_EVERY = 3
"""Seconds: one of ringing, two of silence."""
BLIND_SECONDS = 30
"""How long he waits where nothing can be read: whatever rang for him has rung by then."""
_log = structlog.get_logger()


@blueprint.post("/park/<call_id>/<int:turn>")
def park(call_id: str, turn: int) -> Response:
    """He waits: another telephone may ring now, and he hears it, or he leaves."""
    app, waited = pikett(), seconds_of(request.form.get("QueueTime"))
    if waited > request.args.get("longest", 0, type=int):
        return _leave()
    try:
        reply, dial = _standing(call_id)
        if dial is None or reply.turn != turn:
            return _leave()
        waiting = app.parking.look(call_id, dial, app.clock.now())
    except Exception as error:  # noqa: BLE001 - telephones may ring for him, and it may pass
        _log.error("twilio_failed", endpoint=request.endpoint, exc_info=error)
        return _leave() if waited > BLIND_SECONDS else _ring(RING_EVERY)
    if not waiting.goes_on:
        return _leave()
    return _ring(RING_EVERY) if not waiting.unasked else _ring_briefly(waiting.rung)


@blueprint.post("/unparked/<call_id>/<int:turn>")
def unparked(call_id: str, turn: int) -> Response:
    """He has left the queue: connected, gone, or to be looked after further."""
    app, now, result = pikett(), pikett().clock.now(), request.form.get("QueueResult", "")
    if result == HUNG_UP or request.form.get("CallStatus") in ENDED:
        app.calls.hang_up(call_id, now)
        return _cleared(stopping(twiml(HANG_UP), call_id))
    reply, dial = _standing(call_id)
    if dial is None or reply.turn != turn:
        return answer(app.calls.report(call_id, turn, DialReport(now, DialStatus.FAILED)))
    failed = result not in BRIDGED and result != LEFT
    if failed:
        _log.warning("park_failed", call=call_id, result=result[:32])
    if result not in BRIDGED and result != FULL and app.parking.rings(call_id, dial, now):
        return _park_again(reply, dial)
    if failed:
        app.parking.stop(call_id)
    if result in BRIDGED:
        report = app.parking.connected(call_id, dial, now)
        return _cleared(answer(app.calls.report(call_id, turn, report)))
    return _cleared(_go_on(reply, dial, app.parking.left(call_id, dial, now)))


@blueprint.post("/rung/<call_id>/<int:turn>/<attempt_id>")
def rung(call_id: str, turn: int, attempt_id: str) -> Response:
    """One of several telephones was dialled from his own call."""
    app, ended = pikett(), read_dialled()
    reply, dial = _standing(call_id)
    if dial is None or reply.turn != turn:
        return answer(app.calls.report(call_id, turn, ended))
    return _go_on(reply, dial, app.parking.dialled(call_id, dial, attempt_id, ended))


@blueprint.post("/leg/<attempt_id>/bridged", endpoint="leg_bridged")
def bridged(attempt_id: str) -> Response:
    """Whoever took the call is alone again; if there was no caller any more, he is told so."""
    if request.form.get("DialCallStatus") in ("completed", "answered"):
        return twiml(HANG_UP)
    app, response = pikett(), VoiceResponse()
    with app.storage.reading() as uow:
        language = Language(uow.attempts.get(attempt_id).language)
    renderer().say(response, (prompt(PromptKey.CALLER_LEFT, language),))
    response.hangup()
    return twiml(str(response))


def _standing(call_id: str) -> tuple[Reply, Dial | None]:
    """What the caller's leg was told last, and the telephones of it."""
    reply = pikett().calls.current(call_id)
    return reply, next((verb for verb in reply.verbs if isinstance(verb, Dial)), None)


def _go_on(reply: Reply, dial: Dial, following: DialLeg | DialReport) -> Response:
    """The next telephone, or what the flow says to how all of them ended."""
    if isinstance(following, DialLeg):
        return twiml(renderer().ring_one(reply, following, dial.limit_seconds))
    return answer(pikett().calls.report(reply.leg_id, reply.turn, following))


def _cleared(response: Response) -> Response:
    """Twilio keeps queues; this one is not needed any more."""
    parking, place = pikett().parking, request.form.get("QueueSid", "")
    return afterwards(response, lambda: parking.clear(place))


def _leave() -> Response:
    response = VoiceResponse()
    response.leave()
    return twiml(str(response))


def _park_again(reply: Reply, dial: Dial) -> Response:
    """An answer of ours was lost, or the queue: who rings for him shall find him."""
    response = _ringing(RING_EVERY)
    renderer().park(response, dial, reply)
    return twiml(str(response))


def _ring(seconds: int) -> Response:
    return twiml(str(_ringing(seconds)))


def _ringing(seconds: int) -> VoiceResponse:
    """The tone that a Dial would let him hear."""
    response = VoiceResponse()
    response.play(f"{pikett().settings.public_url.rstrip('/')}/sounds/ringing.wav")
    if seconds > 1:
        response.pause(length=seconds - 1)
    return response


def _ring_briefly(rung: int) -> Response:
    """A second, for there are more to be rung; in the same measure as before."""
    if rung % RING_EVERY == 1:
        return _ring(1)
    response = VoiceResponse()
    response.pause(length=1)
    return twiml(str(response))
