"""The web application. `create_app` is what gunicorn starts."""

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, InternalServerError

from ivr.bootstrap import Application, build
from ivr.logs import configure_logs
from ivr.settings import load_settings
from webhooks import alerts, calendars, health, phone, sounds, tickets, twilio
from webhooks.console.register import add_console, page_of
from webhooks.container import EXTENSION

MAX_BODY_BYTES = 8 * 1024 * 1024
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_log = structlog.get_logger()


def create_app(application: Application | None = None) -> Flask:
    """The Flask application over a wired Pikett; built from the settings if none is given."""
    if application is None:
        settings = load_settings()
        configure_logs(settings.log_level)
        application = build(settings)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions[EXTENSION] = application
    for blueprint in (health.blueprint, sounds.blueprint, tickets.blueprint, twilio.blueprint):
        app.register_blueprint(blueprint)
    app.register_blueprint(alerts.blueprint)
    app.register_blueprint(calendars.blueprint)
    if application.settings.web.browser_phone:
        app.register_blueprint(phone.blueprint)
    add_console(app, application)
    app.after_request(_harden)
    app.register_error_handler(Exception, _on_error)
    return app


def _harden(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", _referrer_policy())
    headers.setdefault("Cache-Control", "no-store")
    return response


def _referrer_policy() -> str:
    """Pages of the console tell each other where a form stood; other addresses may be secret."""
    return "same-origin" if request.path.startswith("/console/") else "no-referrer"


def _on_error(error: Exception) -> tuple[Response, int] | Response | HTTPException:
    """The outer boundary of everything that is not a telephone's own webhook."""
    if isinstance(error, HTTPException):
        return page_of(error)
    _log.error("request_failed", endpoint=request.endpoint, exc_info=error)
    if request.path.startswith("/console/"):
        g.setdefault("visit", None)  # who it was may be just what cannot be asked
        return page_of(InternalServerError())
    return Response("Something went wrong on our side.\n", mimetype="text/plain"), 500
