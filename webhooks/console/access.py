"""Who may come in: `@allowed(...)` on every route of the console, and who has logged in.

Whoever has no session is sent to the login and comes back afterwards; what he had typed is kept if
his session only timed out. Who has logged in with the wrong role sees a page that says so.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.person import Person
from ivr.people.roles import Role
from ivr.services.people_sessions import Visit
from webhooks.console.addresses import page_before, safe_next
from webhooks.container import pikett

__all__ = ["Role", "allowed", "audit", "current_person", "current_visit", "refusal"]

View = Callable[..., Any]


def allowed(*roles: Role, unfinished: bool = False) -> Callable[[View], View]:
    """Only these roles; with `unfinished` also those who have still to set up their own login."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            return refusal(frozenset(roles), unfinished=unfinished) or view(*args, **values)

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


def current_person() -> Person:
    """Who has logged in; to be asked behind `@allowed` only."""
    visit = current_visit()
    if visit is None or visit.expired:
        abort(403)
    return visit.person


def current_visit() -> Visit | None:
    """The session of this request, looked up once; one that timed out is `expired`."""
    if "visit" not in g:
        token = request.cookies.get(cookie_name())
        g.visit = pikett().web_sessions.visit(token, pikett().clock.now()) if token else None
    found: Visit | None = g.visit
    return found


def audit(action: str, subject: str, detail: str = "") -> None:
    """Write down what the person did, in a transaction of its own."""
    pikett().audit.write(current_person(), action, subject, detail, pikett().clock.now())


def cookie_name() -> str:
    """With https nobody else's host can set it."""
    return "__Host-pikett" if is_https() else "pikett"


def is_https() -> bool:
    """True if browsers reach us by https."""
    return pikett().settings.public_url.startswith("https:")


def refusal(roles: frozenset[Role], *, unfinished: bool = False) -> AnyResponse | None:
    """None for somebody of these roles; a redirect, or an error 403."""
    visit = current_visit()
    if visit is None or visit.expired:
        return to_login(visit)
    if visit.person.role not in roles:
        abort(403)
    if visit.unfinished and not unfinished:
        return redirect(url_for("console.own"))
    return None


def to_login(visit: Visit | None) -> AnyResponse:
    """To the login and back; a form that was sent too late is kept for whoever sent it."""
    back = request.full_path.rstrip("?")
    if request.method != "GET" or request.headers.get("HX-Request"):
        back = page_before() or url_for("console.home")
    if request.method != "GET" and visit is not None:
        keep_form(visit.person, back)
    login = url_for("console.login", next=safe_next(back))
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": login})
    return redirect(login)


def keep_form(person: Person, page: str) -> None:
    """Keep what was typed, without anything secret."""
    pairs = [(name, value) for name, value in request.form.items(multi=True)]
    pikett().drafts.keep(person.id, page, request.path, pairs, pikett().clock.now())
