"""What the pages behind signed links share: forms of their own, and a page for dead links.

Such a page knows no login. Its address is the secret; its forms carry a key that was made for this
link and this browser, so that no other site can send them even to somebody who has the page open.
"""

import hmac
import secrets

from flask import Response, make_response, render_template, request

from ivr.contracts.windows import local_time
from ivr.services.people_audit import DEVICES, UNKNOWN_DEVICE
from webhooks.console.access import current_visit, is_https
from webhooks.console.words import translator
from webhooks.container import pikett

COOKIE = "pikett-link"
_BROWSER_BYTES = 16


def browser_of_request() -> str:
    """What this browser was given with the page, else something new to be given."""
    known = request.cookies.get(COOKIE, "")
    return known if len(known) == _BROWSER_BYTES * 2 else secrets.token_hex(_BROWSER_BYTES)


def device_of_request() -> str:
    """What kind of device asks, no more: enough to notice a stranger in the audit log."""
    agent = request.user_agent.string
    return next((each for each in DEVICES if each in agent), UNKNOWN_DEVICE)


def is_logged_in() -> bool:
    """Whether the console would ask this browser for no password."""
    visit = current_visit()
    return visit is not None and not visit.expired


def is_own_form(token: str) -> bool:
    """Whether the form was shown to this browser by this link's page."""
    browser = request.cookies.get(COOKIE, "")
    expected = pikett().links.form_key(token, browser)
    return bool(browser) and hmac.compare_digest(expected, request.form.get("form_key", ""))


def page(template: str, language: str, status: int = 200, /, **values: object) -> Response:
    """A page without a login, which no other page learns the address of."""
    given: dict[str, object] = {"person": None, "nav": (), "kept": (), "local": local_time}
    given |= {"t": translator(language), "language": language}
    response = make_response(render_template(template, **(given | values)), status)
    response.headers["Content-Language"] = language
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def remember_browser(response: Response, browser: str, address: str) -> Response:
    """For the forms of this page; another site's form never brings it along."""
    response.set_cookie(
        COOKIE,
        browser,
        path=address,
        secure=is_https(),
        httponly=True,
        samesite="Lax",
    )
    return response


def dead_link(language: str, key: str, status: int, **values: object) -> Response:
    """Why nothing is to be seen here, in words."""
    return page("technician/dead_link.html", language, status, key=key, values=values)
