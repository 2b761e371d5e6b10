"""Placing calls over Asterisk's manager interface (AMI).

pyst2's `Manager` gives the actions; this subclass mends what a worker cannot live with: answers that
are waited for without end, three threads per connection, one dictionary that all actions share, and
a destructor that complains. A connection lives for one action, is bounded in seconds and is closed
by whoever opened it. Every value is checked: a line break in a value would be a line of its own, and
so another action (B.12).
"""

import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from asterisk.manager import Manager, ManagerException, ManagerMsg

from ivr.paging_settings import AmiSettings
from ivr.services.outbound import OutboundCall, OutboundError

SECONDS = 4.0
"""For connecting, logging in and everything that is asked."""
MAX_LINES = 500
MAX_LINE_LENGTH = 4096
APPEARS_TRIES, APPEARS_PAUSE_SECONDS = 40, 0.005

_VALUE = re.compile(r"[A-Za-z0-9_+.@/=-]{1,200}")
_SECRET = re.compile(r"[\x20-\x7e]{1,200}")
_ID = re.compile(r"[a-z0-9]{1,32}")
_NUMBER = re.compile(r"\+?[a-z0-9_]{1,40}")
_NO_CHANNEL = "no such channel"


class AmiConnection(Manager):  # type: ignore[misc]  # pyst2 has no types
    """One connection, one action after the other, to a deadline."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._ends = time.monotonic() + seconds
        self._actions = 0

    def __del__(self) -> None:
        """Whoever opens closes: nothing is left to do here."""

    def connect(self, host: str, port: int) -> None:
        """Open it and read the greeting; raises OSError or ManagerException."""
        self._socket = socket.create_connection((host, port), self._left())
        self._reader = self._socket.makefile("rb")
        if not self._read_line().startswith(b"Asterisk Call Manager/"):
            raise ManagerException("this is not Asterisk")

    def close(self) -> None:
        """Without a farewell that could keep us waiting."""
        for opened in ("_reader", "_socket"):
            if opened in self.__dict__:
                getattr(self, opened).close()

    def send_action(self, cdict: Mapping[str, str] | None = None, **more: str) -> ManagerMsg:
        """Send one action and wait for its answer; events and other answers are passed over."""
        self._actions += 1
        number = f"pikett-{self._actions}"
        action = {**(cdict or {}), **more, "ActionID": number}
        lines = [f"{name}: {_checked(name, value)}" for name, value in action.items()]
        self._socket.settimeout(self._left())
        self._socket.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        for _ in range(MAX_LINES):
            message = self._read_message()
            if message.has_header("Response") and message.get_header("ActionID") == number:
                return message
        raise ManagerException("no answer among many")

    def _read_message(self) -> ManagerMsg:
        """Lines up to an empty one; channel variables are left out, pyst2 cannot read them."""
        lines: list[str] = []
        for _ in range(MAX_LINES):
            line = self._read_line()
            if line == b"\r\n":
                return ManagerMsg(lines)
            if not line.startswith(b"ChanVariable"):
                lines.append(line.decode(errors="replace"))
        raise ManagerException("an endless message")

    def _read_line(self) -> bytes:
        self._socket.settimeout(self._left())
        line = self._reader.readline(MAX_LINE_LENGTH)
        if not line:
            raise ConnectionError("Asterisk closed the connection")
        return line

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("Asterisk takes too long")
        return left


class AsteriskTelephone:
    """Rings somebody through the dialplan of `config/asterisk/extensions_pikett.conf`.

    The channel has our own id, so whoever comes after a crash can ask whether it is there.
    """

    name = "asterisk"

    def __init__(self, settings: AmiSettings) -> None:
        self._settings = settings

    def place(self, call: OutboundCall) -> str:
        """Start to ring; it is there to be hung up when this returns. Twice is once."""
        originate = self._originate(call)
        with self._connected() as ami:
            if not self._exists(ami, call.id):
                _require(ami.send_action(originate))
                self._await_channel(ami, call.id)
        return call.id

    def is_up(self, call_id: str, provider_id: str | None) -> bool | None:
        """While it rings or is answered."""
        try:
            with self._connected() as ami:
                return self._exists(ami, _id(call_id))
        except OutboundError:
            return None

    def hang_up(self, call_id: str, provider_id: str | None) -> None:
        """Our channel has our id, so that nothing else can be meant."""
        with self._connected() as ami:
            response = ami.send_action(Action="Hangup", Channel=_id(call_id), Cause="16")
            if not _has_no_channel(response):
                _require(response)

    def _originate(self, call: OutboundCall) -> Mapping[str, str]:
        """What the ring context takes apart again; every part is checked, none can end the string."""
        if not _NUMBER.fullmatch(call.number):
            raise OutboundError("this address cannot be dialled", retry=False)
        rung = f"{_id(call.id)}-{call.ring_seconds:d}-{call.limit_seconds:d}-{call.number}"
        if call.caller:
            rung += f"-{_shown(call.caller)}"
        return {
            "Action": "Originate",
            "Channel": f"Local/{rung}@{self._settings.ring_context}/n",
            "Context": self._settings.page_context,
            "Exten": call.script,
            "Priority": "1",
            "Timeout": str((call.ring_seconds + 5) * 1000),
            "Async": "true",
            "ChannelId": call.id,
            "Variable": f"PIKETT_PAGE={call.id}",
        }

    def _await_channel(self, ami: AmiConnection, call_id: str) -> None:
        """Asterisk says yes before it has made the channel; a call that failed at once has none."""
        for _ in range(APPEARS_TRIES):
            if self._exists(ami, call_id):
                return
            time.sleep(APPEARS_PAUSE_SECONDS)

    @staticmethod
    def _exists(ami: AmiConnection, call_id: str) -> bool:
        response = ami.send_action(Action="Status", Channel=call_id)
        if _has_no_channel(response):
            return False
        _require(response)
        return True

    @contextmanager
    def _connected(self) -> Iterator[AmiConnection]:
        """Logged in; whatever goes wrong is one error, without the secret."""
        settings = self._settings
        ami = AmiConnection()
        try:
            ami.connect(settings.host, settings.port)
            ami.login(settings.user, settings.secret.get_secret_value())
            yield ami
        except (OSError, ManagerException) as error:
            raise OutboundError(f"Asterisk: {type(error).__name__}", retry=True) from None
        finally:
            ami.close()


def _require(response: ManagerMsg) -> None:
    if response.get_header("Response") != "Success":
        raise OutboundError(f"Asterisk: {response.get_header('Message')}", retry=True)


def _has_no_channel(response: ManagerMsg) -> bool:
    return _NO_CHANNEL in str(response.get_header("Message", "")).lower()


def _id(call_id: str) -> str:
    if not _ID.fullmatch(call_id):
        raise OutboundError("not an id of ours", retry=False)
    return call_id


def _shown(caller: str) -> str:
    if not _NUMBER.fullmatch(caller):
        raise OutboundError("this number cannot be shown", retry=False)
    return caller


def _checked(name: str, value: str) -> str:
    """The value, if it is made of nothing but harmless signs."""
    allowed = _SECRET if name == "Secret" else _VALUE
    if not allowed.fullmatch(value):
        raise OutboundError(f"{name} holds what Asterisk must not be sent", retry=False)
    return value
