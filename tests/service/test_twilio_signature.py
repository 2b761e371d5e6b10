"""Every address that Twilio calls refuses what Twilio did not sign for our account."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ivr.bootstrap import Application
from tests.players.twilio_player import ACCOUNT
from tests.service.twilio_line import FORM, PUBLIC, calls_stored, header
from tests.wiring import quick_application
from webhooks.app import MAX_BODY_BYTES, create_app

PLACES = {"leg_id": "0" * 20, "attempt_id": "0" * 20, "turn": 1, "wait": "keys"}
PLACES |= {"call_id": "0" * 20}
PLACES |= {"page_id": "0" * 20, "text_id": 1}
UNSIGNED = {"twilio.fallback"}

Fields = dict[str, str]
Forgery = Callable[[str], tuple[Fields, Fields]]


def signed_paths(flask: Flask) -> list[str]:
    """Every address of Twilio's but the static one."""
    adapter = flask.url_map.bind("pikett.example")
    return [
        adapter.build(rule.endpoint, {name: PLACES[name] for name in rule.arguments})
        for rule in flask.url_map.iter_rules()
        if rule.endpoint.startswith("twilio.") and rule.endpoint not in UNSIGNED
    ]


@pytest.fixture
def web(app: Application) -> tuple[FlaskClient, list[str]]:
    """A browserless client and the addresses to try."""
    flask = create_app(app)
    paths = signed_paths(flask)
    assert len(paths) >= 8
    return flask.test_client(), paths


def _without(name: str) -> Fields:
    return {key: text for key, text in FORM.items() if key != name}


def _signed(path: str, form: Fields) -> tuple[Fields, Fields]:
    return form, header(PUBLIC + path, form)


FORGERIES: dict[str, Forgery] = {
    "no signature": lambda path: (FORM, {}),
    "empty signature": lambda path: (FORM, {"X-Twilio-Signature": ""}),
    "nonsense": lambda path: (FORM, {"X-Twilio-Signature": "nonsense"}),
    "not ASCII": lambda path: (FORM, {"X-Twilio-Signature": "é" * 28}),
    "another token": lambda path: (FORM, header(PUBLIC + path, FORM, "another-token")),
    "empty token": lambda path: (FORM, header(PUBLIC + path, FORM, "")),
    "http instead of https": lambda path: (FORM, header("http://pikett.example" + path, FORM)),
    "the inner address": lambda path: (FORM, header("http://127.0.0.1:8080" + path, FORM)),
    "another address": lambda path: (FORM, header(PUBLIC + path + "/x", FORM)),
    "another query": lambda path: (FORM, header(PUBLIC + path + "?status=completed", FORM)),
    "a field changed": lambda path: (FORM | {"Digits": "1"}, header(PUBLIC + path, FORM)),
    "a field left out": lambda path: (_without("From"), header(PUBLIC + path, FORM)),
    "another account": lambda path: _signed(path, FORM | {"AccountSid": "AC" + "1" * 32}),
    "no account": lambda path: _signed(path, _without("AccountSid")),
    "empty account": lambda path: _signed(path, FORM | {"AccountSid": ""}),
}


@pytest.mark.rule("B.15", "P.11")
@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_refused(
    forgery: Forgery, web: tuple[FlaskClient, list[str]], app: Application
) -> None:
    client, paths = web
    for path in paths:
        form, headers = forgery(path)
        assert client.post(path, data=form, headers=headers).status_code == 403, path
    assert not calls_stored(app)


@pytest.mark.rule("P.11")
def test_the_genuine_request_is_not_refused(web: tuple[FlaskClient, list[str]]) -> None:
    """Else the refusals above would prove nothing. The public address counts, not the host asked."""
    client, paths = web
    for path in paths:
        answer = client.post(path, data=FORM, headers=header(PUBLIC + path, FORM))
        assert answer.status_code in (200, 204), path


def test_a_query_that_is_no_text_is_refused_too(web: tuple[FlaskClient, list[str]]) -> None:
    client, paths = web
    odd = {"QUERY_STRING": "status=\xff\xfe", "HTTP_X_TWILIO_SIGNATURE": "x"}
    for path in paths:
        assert client.post(path, data=FORM, environ_overrides=odd).status_code == 403


@pytest.mark.rule("B.15")
def test_without_a_token_nobody_can_sign(data_dir: Path) -> None:
    app = quick_application(data_dir, twilio={"account_sid": ACCOUNT, "auth_token": ""})
    flask = create_app(app)
    for path in signed_paths(flask):
        headers = header(PUBLIC + path, FORM, "")
        assert flask.test_client().post(path, data=FORM, headers=headers).status_code == 403


def test_only_post_is_answered(web: tuple[FlaskClient, list[str]]) -> None:
    client, paths = web
    for path in paths:
        assert client.get(path, headers=header(PUBLIC + path, {})).status_code == 405


def test_a_body_that_is_too_large_is_not_read(web: tuple[FlaskClient, list[str]]) -> None:
    client, paths = web
    form = FORM | {"Digits": "1" * (MAX_BODY_BYTES + 1)}
    answer = client.post(paths[0], data=form, headers={"X-Twilio-Signature": "x"})
    assert answer.status_code == 413
    assert client.post(paths[0], data=form).status_code == 403
