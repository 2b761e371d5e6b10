"""Chats: delivered to a real server on loopback, bounded in seconds, and their addresses stay secret."""

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from ivr.telephony import chat
from ivr.telephony.chat import Chat, ChatError
from tests.lab.processes import free_port

SECRET = "s3cret-path"
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""apprise still asks for it, and goes on without."""


class _Handler(BaseHTTPRequestHandler):
    received: ClassVar[list[bytes]]
    status = 200

    def do_POST(self) -> None:
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the test's screen."""


@pytest.fixture
def handler() -> Iterator[type[_Handler]]:
    class Handler(_Handler):
        received: ClassVar[list[bytes]] = []

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    Handler.port = server.server_address[1]  # type: ignore[attr-defined]
    yield Handler
    server.shutdown()
    server.server_close()
    thread.join(5)


def address(handler: type[_Handler]) -> str:
    return f"json://127.0.0.1:{handler.port}/{SECRET}"  # type: ignore[attr-defined]


def test_a_message_arrives(handler: type[_Handler]) -> None:
    Chat().notify(address(handler), "Pikett", "Ticket 100001, Muster AG")
    (body,) = handler.received
    assert b"Ticket 100001, Muster AG" in body


def test_a_server_that_refuses_is_an_error_without_the_address(
    handler: type[_Handler], caplog: pytest.LogCaptureFixture
) -> None:
    handler.status = 500
    with caplog.at_level(logging.WARNING), pytest.raises(ChatError) as caught:
        Chat().notify(address(handler), "Pikett", "x")
    assert caught.value.retry
    assert SECRET not in str(caught.value) + caplog.text


def test_a_server_that_is_not_there_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(ChatError):
        Chat().notify(f"json://127.0.0.1:{free_port()}/{SECRET}", "Pikett", "x")
    assert SECRET not in caplog.text


@pytest.mark.parametrize("url", ["", "nonsense", f"unknown://host/{SECRET}"])
def test_what_is_no_address_is_not_tried_again(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(ChatError) as caught:
        Chat().notify(url, "Pikett", "x")
    assert not caught.value.retry
    assert SECRET not in str(caught.value) + caplog.text


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(chat.__dict__["__builtins__"], "__import__", _no_apprise)
    with pytest.raises(ChatError, match=r"pikett\[chat\]"):
        Chat().notify("json://127.0.0.1", "Pikett", "x")


def _no_apprise(name: str, *_: object) -> None:
    raise ImportError(name)
