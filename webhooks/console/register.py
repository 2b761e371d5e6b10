"""Adds the console to the web application: forms that are guarded, blueprints, error pages."""

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr.bootstrap import Application
from webhooks import alerts as monitoring
from webhooks import customer, emergency, phone, twilio
from webhooks.console import (
    alerts,
    alerts_state,
    audit_page,
    customers,
    desk,
    own,
    people,
    prompt_changes,
    prompt_page,
    prompt_recordings,
    prompt_text,
    prompts,
    reactions,
    readiness,
    roster_own,
    session,
    technician,
    tickets,
)
from webhooks.console.access import current_visit, keep_form
from webhooks.console.addresses import page_before
from webhooks.console.ground import blueprint
from webhooks.console.pages import render
from webhooks.container import pikett
from webhooks.tickets import by_technician

BLUEPRINTS = (blueprint, desk.blueprint, roster_own.blueprint, technician.blueprint)
"""The ground, and a blueprint of each further kind of page."""
PAGES = (
    alerts,
    alerts_state,
    audit_page,
    customers,
    own,
    people,
    prompt_changes,
    prompt_page,
    prompt_recordings,
    prompt_text,
    prompts,
    reactions,
    readiness,
    session,
    tickets,
)
"""Modules whose routes are the ground's."""
WITHOUT_FORMS = (
    monitoring.blueprint,
    twilio.blueprint,
    phone.blueprint,
    by_technician.blueprint,
    customer.blueprint,
    emergency.blueprint,
)
"""Signed by the carrier; JSON that no form of another site can send; links with keys of their own."""
_FORM_COOKIE_SECONDS = 30 * 24 * 3600


def add_console(app: Flask, application: Application) -> None:
    """All of it; to be called once all other blueprints are there."""
    _configure(app, application)
    app.before_request(prompt_recordings.make_room)
    guard = CSRFProtect(app)
    for exempt in WITHOUT_FORMS:
        guard.exempt(exempt)
    for each in BLUEPRINTS:
        app.register_blueprint(each)
        app.after_request_funcs.setdefault(each.name, []).append(_forget_draft)
    for linked in (by_technician.blueprint, customer.blueprint, emergency.blueprint):
        app.register_blueprint(linked)
    app.register_error_handler(CSRFError, _form_refused)


def _configure(app: Flask, application: Application) -> None:
    """The token in forms lives as long as the browser keeps its cookie: nobody types in vain."""
    https = application.settings.public_url.startswith("https:")
    app.config.update(
        SECRET_KEY=application.form_key,
        SESSION_COOKIE_NAME="__Host-pikett-form" if https else "pikett-form",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=_FORM_COOKIE_SECONDS,
        # Else a picture that is under way brings back the cookie of before, and a message is lost.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    if proxies := application.settings.web.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0)  # type: ignore[method-assign]


def page_of(error: HTTPException) -> Response | HTTPException:
    """Below /console/ a page that says what is wrong; elsewhere the plain answer."""
    if not request.path.startswith("/console"):
        return error
    status = error.code or 500
    key = status if status in (400, 403, 404, 405, 413) else 500
    return render("console/fault.html", status, key=f"fault.{key}")


def _form_refused(error: CSRFError) -> Response | HTTPException:
    """Nothing is done. What was typed on a page of ours is kept: that page was only too old."""
    visit = current_visit() if request.path.startswith("/console") else None
    if visit is not None and request.headers.get("Sec-Fetch-Site") == "same-origin":
        keep_form(visit.person, page_before() or "/console")
    return page_of(error)


def _forget_draft(response: Response) -> Response:
    """What arrived in the end need not be kept."""
    visit = current_visit()
    arrived = request.method == "POST" and response.status_code < 400 and "only_tried" not in g
    if arrived and visit is not None and not visit.expired:
        pikett().drafts.sent(visit.person.id, request.path, pikett().clock.now())
    return response
