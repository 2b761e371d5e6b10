"""Calls and texts of the line's own: whoever answered, how it ended, what became of a text."""

import re

from flask import Response, request
from twilio.twiml.voice_response import VoiceResponse

from ivr.errors import MalformedRequestError
from ivr.services.reports import DialStatus
from webhooks.container import pikett
from webhooks.twilio.routes import DIAL_STATUS, ENDED, answer, blueprint

MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
ERROR_CODE = re.compile(r"[0-9]{1,6}")


@blueprint.post("/page/<page_id>", endpoint="page")
@blueprint.post("/page/<page_id>/again", endpoint="page_again")
def page(page_id: str) -> Response:
    """Whoever the line rang has answered; asked again, it goes on where the call stands."""
    return answer(pikett().calls.begin_page(page_id, pikett().clock.now()))


@blueprint.post("/selftest/<page_id>")
@blueprint.post("/selftest/<page_id>/again", endpoint="selftest_again")
def selftest(page_id: str) -> Response:
    """The line calls itself: the caller presses his keys, and stays until he is hung up."""
    document = VoiceResponse()
    if keys := pikett().selftest.keys(page_id):
        document.play(digits=keys)
        document.pause(length=pikett().settings.selftest.within_seconds)
    document.hangup()
    return Response(str(document), mimetype="text/xml")


@blueprint.post("/page-status/<page_id>")
@blueprint.post("/selftest-status/<page_id>", endpoint="selftest_status")
def page_status(page_id: str) -> Response:
    """The call is over, answered or not."""
    app = pikett()
    word, now = request.form.get("CallStatus", ""), app.clock.now()
    if word in ENDED:
        app.calls.hang_up(page_id, now)
        for each in (app.paging, app.readiness, app.selftest):
            each.ended(page_id, DIAL_STATUS.get(word, DialStatus.FAILED), now)
    return Response(status=204)


@blueprint.post("/text-status/<int:text_id>")
def text_status(text_id: str) -> Response:
    """What became of a text; of words that come twice or out of order the last one counts once."""
    app, form = pikett(), request.form
    sid = form.get("MessageSid", "")
    if not MESSAGE_SID.fullmatch(sid):
        raise MalformedRequestError("no MessageSid")
    code = form.get("ErrorCode", "")
    error = code if ERROR_CODE.fullmatch(code) else ""
    app.texting.told(int(text_id), sid, form.get("MessageStatus", ""), error, app.clock.now())
    return Response(status=204)
