"""`POST /alerts/<source>`: who is let in, what is refused and how, and that no key is ever written."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from gunicorn.config import Config
from werkzeug.test import TestResponse

from ivr.alerts.event import SourceKind
from ivr.bootstrap import Application
from tests.guard.sources import ROOT
from tests.service.captured_logs import captured_logs
from tests.service.monitored import Source, alert, alerts_in, open_cases
from webhooks.access_log import RedactingLogger, without_keys
from webhooks.app import create_app

JSON = "application/json"
SAMPLES = ROOT / "docs" / "alerts"


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return create_app(app).test_client()


@pytest.fixture
def source(app: Application) -> Source:
    return Source(app)


def say(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_data(as_text=True).strip()


@pytest.mark.parametrize("kind", SourceKind)
def test_each_documented_sample_is_taken(
    kind: SourceKind, app: Application, client: FlaskClient
) -> None:
    source = Source(app, kind=kind)
    body = (SAMPLES / f"{kind}.json").read_bytes()
    response = source.post(client, data=body, content_type=JSON, json=None)
    assert response.status_code == 202
    firing = [
        each
        for each in json.loads((SAMPLES / f"{kind}.expected.json").read_text())
        if each["status"] == "firing"
    ]
    assert response.json is not None
    assert response.json["new"] == len(firing)
    assert [key for key, *_ in alerts_in(app)] == [each["key"] for each in firing]


@pytest.mark.parametrize("header", ["X-Pikett-Key", "Authorization"])
def test_the_key_comes_in_either_header(
    header: str, source: Source, client: FlaskClient, app: Application
) -> None:
    value = source.key if header == "X-Pikett-Key" else f"bearer  {source.key} "
    assert source.post(client, headers={header: value}).status_code == 202
    assert open_cases(app) == [("a is down", 1)]


def test_unknown_source_wrong_key_and_no_key_are_answered_alike(
    source: Source, client: FlaskClient, app: Application
) -> None:
    key = {"Authorization": f"Bearer {source.key}"}
    answers = [
        client.post("/alerts/nobody", headers=key, json=alert("a")),
        client.post("/alerts/" + "x" * 3000, headers=key, json=alert("a")),
        source.post(client, key="wrong"),
        source.post(client, key="é\udc80"[:1]),
        source.post(client, headers={}),
        source.post(client, headers={"Authorization": f"Basic {source.key}"}),
        client.post(f"/alerts/probe/{source.key}", json=alert("a")),
        client.post("/alerts/nobody/key", json=alert("a")),
    ]
    assert {say(each) for each in answers} == {(401, "unknown source or wrong key")}
    assert {each.headers["WWW-Authenticate"] for each in answers} == {"Bearer"}
    assert alerts_in(app) == []


def test_an_old_key_opens_nothing_and_a_removed_source_neither(
    source: Source, client: FlaskClient, app: Application
) -> None:
    new = app.alert_sources.rotate("probe")
    assert source.post(client).status_code == 401
    assert source.post(client, key=new).status_code == 202
    app.alert_sources.remove("probe", app.clock.now())
    assert source.post(client, key=new).status_code == 401


def test_a_key_in_the_path_where_the_source_is_set_so(
    app: Application, client: FlaskClient
) -> None:
    source = Source(app, "plain", key_in_path=True)
    assert client.post(f"/alerts/plain/{source.key}", json=alert("a")).status_code == 202
    assert client.post("/alerts/plain/wrong", json=alert("a")).status_code == 401
    assert source.post(client).status_code == 202


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"data": b"{}", "content_type": "text/plain"}, 415, "must be application/json"),
        ({"data": b"{}", "content_type": ""}, 415, "must be application/json"),
        ({"data": b"a=1", "content_type": "application/x-www-form-urlencoded"}, 415, "must be"),
        ({"data": b"", "content_type": JSON}, 400, "not JSON"),
        ({"data": b"{'a'}", "content_type": JSON}, 400, "not JSON"),
        ({"data": b"[" * 10_000, "content_type": JSON}, 400, "nested more than"),
        ({"data": b'{"a":' * 10_000, "content_type": JSON}, 400, "nested more than"),
        ({"data": b'{"title": "x"}', "content_type": JSON}, 400, "the alert has no key"),
        ({"data": b"null", "content_type": JSON}, 400, "not an object"),
        ({"data": b" " * (4096 * 1024 + 1), "content_type": JSON}, 413, "larger than"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    given: dict[str, Any], status: int, words: str, source: Source, client: FlaskClient
) -> None:
    found, told = say(source.post(client, json=None, **given))
    assert found == status
    assert words in told


def test_a_body_without_a_length_is_cut_off_at_the_limit(
    source: Source, client: FlaskClient
) -> None:
    """As with `Transfer-Encoding: chunked`, where nobody says beforehand how much will come."""
    body = io.BytesIO(b" " * (4096 * 1024 + 10))
    response = source.post(
        client,
        json=None,
        input_stream=body,
        content_type=JSON,
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == 413


def test_one_bad_alert_and_nothing_of_the_payload_is_stored(
    source: Source, client: FlaskClient, app: Application
) -> None:
    """The sender sees it at once, and what it sends again is not half there."""
    payload = {"alerts": [alert("a"), {"key": "b"}]}
    assert say(source.post(client, payload)) == (400, "alerts[1] has no title")
    assert alerts_in(app) == []


def test_a_stranger_is_refused_before_his_body_is_read(source: Source, client: FlaskClient) -> None:
    class Unread(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("read")

    response = source.post(client, key="wrong", json=None, input_stream=Unread(), content_type=JSON)
    assert response.status_code == 401


def test_it_is_stored_before_it_is_answered_or_the_sender_tries_again(
    source: Source, client: FlaskClient, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(app.cases, "open", fail)
        assert source.post(client).status_code == 500
    assert alerts_in(app) == []
    assert source.post(client).status_code == 202


def test_too_much_at_once_is_asked_to_come_again(
    source: Source, client: FlaskClient, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.services.alerts.PATIENCE_SECONDS", 0.01)
    with app.alerts._turns, app.alerts._turns:
        response = source.post(client)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert source.post(client).status_code == 202


def test_no_key_is_in_any_log(app: Application, client: FlaskClient) -> None:
    source = Source(app, "plain", key_in_path=True)
    with captured_logs() as logs:
        client.post(f"/alerts/plain/{source.key}", json={})
        client.post(f"/alerts/nobody/{source.key}", json={})
        source.post(client, {"title": "no key"})
        source.post(client, key=source.key + "x")
    told = logs.getvalue()
    assert told.count("alerts_refused") == 4
    assert source.key not in told


def test_gunicorns_access_log_has_no_key(tmp_path: Path) -> None:
    """Request line, path and referrer, as its own logger would print them."""
    config = Config()
    config.set("accesslog", str(tmp_path / "access.log"))
    config.set("access_log_format", "%(r)s %(U)s %(f)s %({raw_uri}e)s %({x-path}i)s")
    logger = RedactingLogger(config)
    path = "/alerts/plain/SECRET-KEY"
    environ = {
        "REQUEST_METHOD": "POST",
        "RAW_URI": f"{path}?a=SECRET-KEY",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_REFERER": f"https://pikett.example{path}",
    }
    request = SimpleNamespace(headers=[("X-PATH", path)])
    answer = SimpleNamespace(status="202 Accepted", sent=2, headers=[])
    logger.access(answer, request, environ, SimpleNamespace(seconds=0, microseconds=5))
    told = (tmp_path / "access.log").read_text()
    assert told.count("/alerts/plain/…") >= 3
    assert "SECRET" not in told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("POST /alerts/a/k HTTP/1.1", "POST /alerts/a/… HTTP/1.1"),
        ("/alerts/a", "/alerts/a"),
        ("/alerts/a/k/m?x=1", "/alerts/a/…"),
        ("/alerts/a?key=k HTTP/1.1", "/alerts/a?… HTTP/1.1"),
        ("/console/alerts/disturbances/3", "/console/alerts/disturbances/3"),
        ("/console/alerts", "/console/alerts"),
    ],
)
def test_only_the_key_is_left_out(text: str, shown: str) -> None:
    assert without_keys(text) == shown


def test_gunicorn_is_told_to_use_it() -> None:
    text = (ROOT / "webhooks" / "gunicorn_conf.py").read_text()
    assert 'logger_class = "webhooks.access_log.RedactingLogger"' in text
