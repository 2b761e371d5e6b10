"""Which telephones an installation has, and the manager interface of an Asterisk that misbehaves."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from ivr.paging_settings import AmiSettings, PagingSettings
from ivr.services.outbound import OutboundCall, OutboundError
from ivr.telephony import asterisk_ami
from ivr.telephony.asterisk_ami import AsteriskTelephone
from tests.lab.processes import free_port
from tests.wiring import TWILIO, quick_application

CALL = OutboundCall("a1", "+41440009001", 25, 120, "alert_call")
GREETING = b"Asterisk Call Manager/9.0.0\r\n"
AMI = {"secret": "a-long-secret"}


@pytest.mark.parametrize(
    ("paging", "twilio", "names"),
    [
        ({}, TWILIO, []),
        ({"telephones": ["asterisk", "twilio"], "asterisk": AMI}, TWILIO, ["asterisk", "twilio"]),
        ({"telephones": ["twilio", "asterisk"], "asterisk": AMI}, TWILIO, ["twilio", "asterisk"]),
        ({"telephones": ["asterisk", "twilio"]}, TWILIO, ["twilio"]),
        ({"telephones": ["asterisk", "twilio"], "asterisk": AMI}, {}, ["asterisk"]),
    ],
    ids=["none", "both", "the other way round", "no secret", "no account"],
)
def test_telephones_are_tried_in_the_order_of_the_settings(
    paging: dict[str, object], twilio: dict[str, str], names: list[str], tmp_path: Path
) -> None:
    app = quick_application(tmp_path, paging=paging, twilio=twilio)
    assert [telephone.name for telephone in app.telephones] == names
    app.storage.engine.dispose()


@pytest.mark.parametrize(
    "wrong",
    [
        {"telephones": ["smoke"]},
        {"twilio_calls_per_second": 0},
        {"twilio_api": "https://api.twilio.com/2010"},
        {"text_sender": "a name too long"},
        {"text_sender": "0440001100"},
        {"text_sender": "12345"},
        {"asterisk": {"host": "a b"}},
        {"asterisk": {"user": "a\r\nb"}},
        {"asterisk": {"ring_context": "a,s,1"}},
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PagingSettings.model_validate(wrong)


@contextmanager
def an_asterisk(behaves: Callable[[socket.socket], None]) -> Iterator[AsteriskTelephone]:
    """Something that listens where Asterisk should."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                behaves(connection)

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        port = listener.getsockname()[1]
        yield AsteriskTelephone(AmiSettings(port=port, secret=SecretStr("a-long-secret")))
        server.join(10)


def _closes(connection: socket.socket) -> None:
    """At once."""


def _is_another(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def _greets_and_closes(connection: socket.socket) -> None:
    connection.sendall(GREETING)
    connection.recv(4096)


def _never_stops(connection: socket.socket) -> None:
    connection.sendall(GREETING)
    connection.recv(4096)
    try:
        for _ in range(100_000):
            connection.sendall(b"Event: Noise\r\nChanVariable: X=1\r\n\r\n")
    except OSError:
        pass  # it has hung up, as it should


def _one_endless_line(connection: socket.socket) -> None:
    connection.sendall(GREETING)
    try:
        for _ in range(1000):
            connection.sendall(b"x" * 4096)
    except OSError:
        pass  # it has hung up, as it should


@pytest.mark.parametrize(
    "behaves", [_closes, _is_another, _greets_and_closes, _never_stops, _one_endless_line]
)
def test_whatever_listens_there_is_met_with_one_error(
    behaves: Callable[[socket.socket], None],
) -> None:
    with an_asterisk(behaves) as telephone, pytest.raises(OutboundError) as caught:
        telephone.place(CALL)
    assert caught.value.retry
    assert "secret" not in str(caught.value)


def test_an_asterisk_that_is_silent_is_waited_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asterisk_ami.AmiConnection.__init__, "__defaults__", (0.3,))

    def is_silent(connection: socket.socket) -> None:
        connection.recv(4096)

    began = time.monotonic()
    with an_asterisk(is_silent) as telephone:
        assert telephone.is_up("a1", None) is None
    assert time.monotonic() - began < 3


def test_an_asterisk_that_is_not_there_is_an_error() -> None:
    nowhere = AsteriskTelephone(AmiSettings(port=free_port(), secret=SecretStr("a-long-secret")))
    with pytest.raises(OutboundError):
        nowhere.place(CALL)
    with pytest.raises(OutboundError):
        nowhere.hang_up("a1", None)
    assert nowhere.is_up("a1", None) is None


def _answers(*answers: bytes) -> Callable[[socket.socket], None]:
    """One after the other, each with the number of its action."""

    def behaves(connection: socket.socket) -> None:
        connection.sendall(GREETING)
        for number, answer in enumerate(answers, start=1):
            while b"\r\n\r\n" not in connection.recv(4096):
                pass
            connection.sendall(b"%sActionID: pikett-%d\r\n\r\n" % (answer, number))
        connection.recv(4096)

    return behaves


YES, NO_CHANNEL = b"Response: Success\r\n", b"Response: Error\r\nMessage: No such channel\r\n"
DENIED = b"Response: Error\r\nMessage: Permission denied\r\n"


def test_what_asterisk_denies_is_an_error_with_its_words() -> None:
    behaves = _answers(YES, NO_CHANNEL, DENIED)
    with an_asterisk(behaves) as telephone, pytest.raises(OutboundError) as caught:
        telephone.place(CALL)
    assert str(caught.value) == "Asterisk: Permission denied"


def test_a_channel_that_is_there_is_not_placed_again() -> None:
    with an_asterisk(_answers(YES, YES)) as telephone:
        assert telephone.place(CALL) == "a1"
