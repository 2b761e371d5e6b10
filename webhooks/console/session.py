"""Logging in and out, and the page where somebody begins."""

import ipaddress

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.roles import Role
from ivr.services.desk_duty import READY_FOR
from ivr.services.desk_records import Agent
from ivr.services.people_login import Attempt
from webhooks.console import nav
from webhooks.console.access import (
    allowed,
    audit,
    cookie_name,
    current_person,
    current_visit,
    is_https,
)
from webhooks.console.addresses import safe_next
from webhooks.console.ground import blueprint
from webhooks.console.pages import render, words
from webhooks.container import pikett


@blueprint.get("/")
@allowed(*Role)
def home() -> AnyResponse:
    """The page of the role."""
    return redirect(nav.home(current_person().role))


@blueprint.get("/login")
def login() -> AnyResponse:
    """The form; who has logged in already goes on."""
    visit = current_visit()
    target = safe_next(request.args.get("next"))
    if visit is not None and not visit.expired:
        return redirect(target or url_for("console.home"))
    return render("console/login.html", next=target or "", kept_form=_is_kept(), wrong=False)


@blueprint.post("/login")
def log_in() -> AnyResponse:
    """One answer for whatever is wrong."""
    form = request.form
    attempt = Attempt(
        form.get("login", "")[:200],
        form.get("password", ""),
        form.get("code", ""),
        source_of_request(),
    )
    token = pikett().login.enter(attempt, pikett().clock.now())
    target = safe_next(form.get("next"))
    if token is None:
        page = "console/login.html"
        typed = attempt.login
        return render(page, 401, next=target or "", wrong=True, typed=typed, kept_form=_is_kept())
    session.clear()
    session.permanent = True
    response = redirect(target or url_for("console.home"))
    _give_token(response, token)
    return response


@blueprint.post("/logout")
@allowed(*Role, unfinished=True)
def logout() -> AnyResponse:
    """The session is gone from the database too."""
    visit, told = current_visit(), _what_ends()
    audit("logged_out", f"person {current_person().login}")
    if visit is not None:
        pikett().web_sessions.end(visit)
    session.clear()
    if told:
        flash(told, "info")
    response = redirect(url_for("console.login"))
    response.delete_cookie(cookie_name(), secure=is_https(), httponly=True, samesite="Lax")
    return response


def _what_ends() -> str:
    """Whoever takes calls of the desk leaves its pages with this, and is told what that means."""
    person = current_person()
    found = pikett().desk_duty.duty(Agent(person.id, person.name))
    if found is None or not found.is_ready:
        return ""
    return words()("desk.logged_out", seconds=int(READY_FOR.total_seconds()))


def _give_token(response: AnyResponse, token: str) -> None:
    response.set_cookie(cookie_name(), token, secure=is_https(), httponly=True, samesite="Lax")


def _is_kept() -> bool:
    """True for who comes here because his session is over, with a form that was kept."""
    visit = current_visit()
    if visit is None or not visit.expired:
        return False
    return bool(pikett().drafts.waiting(visit.person.id, pikett().clock.now()))


def source_of_request() -> str:
    """The address to count by; this machine's own says nothing, it may be a web server in front."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if address.is_loopback:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
