"""Every way in is signed, or public for a reason that is written down here."""

import pytest

from agi_scripts.scripts import SCRIPTS
from ivr.bootstrap import Application
from tests.guard.addresses import Route, routes_of
from tests.wiring import quick_application
from webhooks.app import create_app

PUBLIC = {
    "static": "Flask's own folder, which is empty",
    "health.healthz": "tells only that the process lives",
    "health.readyz": "tells only whether calls can be taken",
    "health.metrics": "counters without customers or numbers; the web server in front keeps it inside",
    "sounds.ringing": "a ringing tone",
    "twilio.fallback": "the static apology, which tells nobody anything and needs no database",
    "console.static": "style sheets and scripts",
    "technician.static": "style sheet",
    "console.login": "the form, and what it is sent to; wrong logins are counted and lock",
    "console.log_in": "refuses whatever is wrong with the same words",
    "notfall.static": "style sheet",
    "notfall.form": "the emergency form; where it is not sold it says so",
    "notfall.send": "needs the token of its page and a right support code; counted and limited",
    "notfall.confirm": "shown to the browser whose form was checked, to nobody else",
    "notfall.decide": "the same, with the token of its page",
    "phone.page": "the rehearsal; behind login where anything is real, off by web.browser_phone",
    "phone.static": "style sheet and scripts of the rehearsal",
    "phone.start": "the rehearsal: begins calls that dial, mail and bill nothing",
    "phone.report": "the rehearsal; another call is not to be found here",
    "phone.message": "the rehearsal; another call is not to be found here",
    "phone.answer": "the rehearsal; another call is not to be found here",
    "phone.record": "the rehearsal; another call is not to be found here",
}
SIGNED_BY_LINK = {"tickets.show", "tickets.message", "sounds.play"}
SIGNED_BY_LINK |= {"technician_link.show", "technician_link.message", "technician_link.act"}
SIGNED_BY_LINK |= {"customer.show", "customer.message", "customer.add"}
SIGNED_BY_LINK |= {"customer.wish", "customer.cancel"}
SIGNED_BY_LINK |= {"technician_link.show", "technician_link.message", "technician_link.act"}
SIGNED_BY_LINK |= {"customer.show", "customer.message", "customer.add"}

KEYED = {"alerts.take", "alerts.take_by_path"}
"""By the key of a source of alerts."""
SIGNED_BY_LINK |= {"calendars.feed"}

INSIDE = {
    "support_line": "the call itself",
    "technician_leg": "the leg of whoever was rung",
    "after_bridge": "one question to whoever took the call",
    "call_ended": "closes a record",
    "alert_call": "the leg of whom the line rang itself",
    "page_ended": "tells how such a call ended",
    "selftest": "the keys that the line presses when it calls itself; nothing without a run",
    "recording_call": "an admin with number and PIN; only an internal context leads there",
    "health": "tells only whether the database answers",
}
"""FastAGI has no signatures: only listed peers are served at all (see the worker's tests)."""


@pytest.fixture
def routes(app: Application) -> list[Route]:
    return routes_of(create_app(app))


def test_whatever_is_not_named_public_refuses_a_stranger(
    routes: list[Route], app: Application
) -> None:
    """Behind a login he is asked to log in; without a token no form is even looked at."""
    client = create_app(app).test_client()
    for route in routes:
        if route.endpoint in PUBLIC:
            continue
        answer = client.open(route.address, method=route.method, data={"AccountSid": ""})
        if route.roles is not None:
            assert answer.status_code == (302 if route.method == "GET" else 400), route
        else:
            expected = 404 if route.endpoint in SIGNED_BY_LINK else 403
            expected = 401 if route.endpoint in KEYED else expected
            assert answer.status_code == expected, route


def test_no_public_name_is_out_of_date(routes: list[Route]) -> None:
    endpoints = {route.endpoint for route in routes}
    assert set(PUBLIC) - endpoints == set()
    assert SIGNED_BY_LINK - endpoints == set()
    assert KEYED - endpoints == set()


def test_the_rehearsal_can_be_left_out(app: Application) -> None:
    """Then nothing of it is there."""
    bare = quick_application(app.settings.data_dir, web={"browser_phone": False})
    endpoints = {rule.endpoint for rule in create_app(bare).url_map.iter_rules()}
    assert not {name for name in endpoints if name.startswith("phone.")}
    assert "twilio.voice" in endpoints


def test_every_answer_is_hardened(routes: list[Route], app: Application) -> None:
    client = create_app(app).test_client()
    for route in routes:
        headers = client.open(route.address, method=route.method).headers
        assert headers["X-Content-Type-Options"] == "nosniff", route
        assert headers["Referrer-Policy"] in ("no-referrer", "same-origin"), route
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, route
        assert "unsafe" not in policy, route


def test_every_script_that_asterisk_may_ask_for_is_known_here() -> None:
    assert set(SCRIPTS) == set(INSIDE)
