"""Is a request really Twilio's, and for our account?

The signature covers the address as Twilio knows it, so it is checked on the configured public
address and never on what a proxy made of it (B.15). Without a token every request is refused.
"""

import structlog
from flask import Request, abort
from prometheus_client import Counter
from twilio.request_validator import RequestValidator

from ivr.settings import Settings

REFUSED = Counter("pikett_twilio_refused", "Requests without a valid signature.")
_log = structlog.get_logger()


def require_signature(request: Request, settings: Settings) -> None:
    """Ends the request with 403 unless it is signed with our token for our account."""
    reason = _refusal(request, settings)
    if reason is not None:
        REFUSED.inc()
        _log.warning("twilio_refused", reason=reason, path=request.path)
        abort(403)


def _refusal(request: Request, settings: Settings) -> str | None:
    token = settings.twilio.auth_token.get_secret_value()
    signature = request.headers.get("X-Twilio-Signature")
    if not token:
        return "no twilio.auth_token is set"
    if not signature:
        return "no signature"
    address = public_address(request, settings)
    if not RequestValidator(token).validate(address, request.form, signature):
        return "signature does not fit; is public_url exactly what Twilio calls?"
    if request.form.get("AccountSid") != settings.twilio.account_sid:
        return "another account"
    return None


def public_address(request: Request, settings: Settings) -> str:
    """The address that Twilio signed; whatever bytes somebody else sends, it is some text."""
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return f"{settings.public_url.rstrip('/')}{request.path}{query}"
