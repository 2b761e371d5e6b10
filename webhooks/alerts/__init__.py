"""`POST /alerts/<source>`: monitoring systems report here (items 4, 5, 110).

The key comes in a header, `Authorization: Bearer KEY` or `X-Pikett-Key: KEY`; in the path only where
the source is set so, because paths stand in logs. Nothing is read before the key fits, nothing is
parsed before its size and depth are known, and 202 is answered when everything is stored.
"""

import structlog
from flask import Blueprint, Response, jsonify, request

from ivr.alerts.event import AlertRefusedError
from ivr.alerts.reading import read_alerts
from ivr.services.alert_records import SourceRecord
from ivr.services.alerts import AlertsBusyError
from webhooks.container import pikett

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")
KEY_HEADER = "X-Pikett-Key"
RETRY_SECONDS = 2
_BEARER = "bearer "
_log = structlog.get_logger()


@blueprint.post("/<source>")
def take(source: str) -> Response:
    """The usual way."""
    return _take(source, _key_of_headers(), in_path=False)


@blueprint.post("/<source>/<key>")
def take_by_path(source: str, key: str) -> Response:
    """For senders that can set no header."""
    return _take(source, key, in_path=True)


def _take(name: str, key: str, *, in_path: bool) -> Response:
    source = pikett().alert_sources.let_in(name, key, in_path=in_path)
    if source is None:
        refusal = _refused(name[:30], 401, "unknown source or wrong key")
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    if not (request.is_json or request.mimetype == "text/json"):
        return _refused(source.name, 415, "the body must be application/json")
    limit = pikett().settings.alerts.max_kilobytes * 1024
    if (request.content_length or 0) > limit:
        return _refused(source.name, 413, f"the body is larger than {limit} bytes")
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        return _refused(source.name, 413, f"the body is larger than {limit} bytes")
    return _store(source, body)


def _store(source: SourceRecord, body: bytes) -> Response:
    app = pikett()
    try:
        reading = read_alerts(source.kind, body, source.name)
        taken = app.alerts.take(source, reading, app.clock.now())
    except AlertRefusedError as error:
        return _refused(source.name, 400, str(error))
    except AlertsBusyError as error:
        busy = _refused(source.name, 503, str(error))
        busy.headers["Retry-After"] = str(RETRY_SECONDS)
        return busy
    answer = jsonify(
        new=taken.new, repeated=taken.repeated, resolved=taken.resolved, ignored=taken.ignored
    )
    answer.status_code = 202
    return answer


def _key_of_headers() -> str:
    given = request.headers.get(KEY_HEADER)
    if given is not None:
        return given.strip()
    authorization = request.headers.get("Authorization", "")
    if authorization.lower().startswith(_BEARER):
        return authorization[len(_BEARER) :].strip()
    return ""


def _refused(source: str, status: int, reason: str) -> Response:
    """In words for whoever set the sender up; the log has them too, and never the key."""
    _log.warning("alerts_refused", source=source, status=status, reason=reason)
    return Response(f"{reason}\n", status, mimetype="text/plain")
