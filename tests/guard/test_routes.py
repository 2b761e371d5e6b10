"""Every way in is signed, or public for a reason that is written down here."""

import pytest

from agi_scripts.scripts import SCRIPTS
from ivr.bootstrap import Application
from tests.wiring import quick_application
from webhooks.app import create_app

PUBLIC = {
    "static": "Flask's own folder, which is empty",
    "health.healthz": "tells only that the process lives",
    "health.readyz": "tells only whether calls can be taken",
    "health.metrics": "counters without customers or numbers; the web server in front keeps it inside",
    "sounds.synthesised": "carriers and browsers fetch prompts; the name is a digest of the words",
    "sounds.recorded": "the same for prompts spoken by a person",
    "twilio.fallback": "the static apology, which tells nobody anything and needs no database",
    "tickets.static": "style sheet",
    "phone.page": "the rehearsal; off in production by web.browser_phone",
    "phone.static": "style sheet and scripts of the rehearsal",
    "phone.start": "the rehearsal: begins calls that dial, mail and bill nothing",
    "phone.report": "the rehearsal; another call is not to be found here",
    "phone.message": "the rehearsal; another call is not to be found here",
    "phone.answer": "the rehearsal; another call is not to be found here",
    "phone.record": "the rehearsal; another call is not to be found here",
}
SIGNED_BY_LINK = {"tickets.show", "tickets.message"}
FILL = {"leg_id": "0" * 20, "attempt_id": "0" * 20, "call_id": "0" * 20, "turn": 1}
FILL |= {"wait": "keys", "token": "guessed", "recording_id": 1, "digest": "0" * 32}
FILL |= {"language": "de", "key": "greeting", "filename": "nothing"}

INSIDE = {
    "support_line": "the call itself",
    "technician_leg": "the leg of whoever was rung",
    "call_ended": "closes a record",
    "health": "tells only whether the database answers",
}
"""FastAGI has no signatures: only listed peers are served at all (see the worker's tests)."""


@pytest.fixture
def routes(app: Application) -> dict[str, list[tuple[str, str]]]:
    """Method and an address of every route, by endpoint."""
    flask = create_app(app)
    adapter = flask.url_map.bind("pikett.example")
    found: dict[str, list[tuple[str, str]]] = {}
    for rule in flask.url_map.iter_rules():
        values = {name: FILL[name] for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            address = adapter.build(rule.endpoint, values, method)
            found.setdefault(rule.endpoint, []).append((method, address))
    return found


def test_whatever_is_not_named_public_refuses_a_stranger(
    routes: dict[str, list[tuple[str, str]]], app: Application
) -> None:
    client = create_app(app).test_client()
    for endpoint in set(routes) - set(PUBLIC):
        for method, address in routes[endpoint]:
            expected = 404 if endpoint in SIGNED_BY_LINK else 403
            answer = client.open(address, method=method, data={"AccountSid": ""})
            assert answer.status_code == expected, f"{method} {address}"


def test_no_public_name_is_out_of_date(routes: dict[str, list[tuple[str, str]]]) -> None:
    assert set(PUBLIC) - set(routes) == set()
    assert SIGNED_BY_LINK - set(routes) == set()


def test_the_rehearsal_can_be_left_out(app: Application) -> None:
    """Then nothing of it is there."""
    bare = quick_application(app.settings.data_dir, web={"browser_phone": False})
    endpoints = {rule.endpoint for rule in create_app(bare).url_map.iter_rules()}
    assert not {name for name in endpoints if name.startswith("phone.")}
    assert "twilio.voice" in endpoints


def test_every_answer_is_hardened(
    routes: dict[str, list[tuple[str, str]]], app: Application
) -> None:
    client = create_app(app).test_client()
    for addresses in routes.values():
        for method, address in addresses:
            headers = client.open(address, method=method).headers
            assert headers["X-Content-Type-Options"] == "nosniff", address
            assert "default-src 'none'" in headers["Content-Security-Policy"], address


def test_every_script_that_asterisk_may_ask_for_is_known_here() -> None:
    assert set(SCRIPTS) == set(INSIDE)
