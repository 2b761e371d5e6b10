"""One AGI conversation with Asterisk, over a socket or over standard input and output.

pyst2's `AGI` gives the commands; this subclass mends what a server cannot live with: a constructor
that installs a signal handler, text written to binary files, the asynchronous `HANGUP` line and an
empty line that crash its parser, `511` taken for an unknown error, values that are not escaped (a
line break in a value is a command of its own), and every command and reply, PINs included, written
to standard error. A party that is gone raises CallerGoneError, whatever way it shows; a connection
that broke raises ConnectionLostError, because the caller may still be there.
"""

import re
from dataclasses import dataclass
from typing import TextIO

from asterisk.agi import AGI

from ivr.errors import CallerGoneError, ConnectionLostError, MalformedRequestError

MAX_ENVIRONMENT_LINES = 100
MAX_LINE_LENGTH = 4096
MAX_LINES_PER_REPLY = 1000
MAX_COMMAND_BYTES = 2047
"""What Asterisk's buffer holds, line end included: the rest would be a command of its own."""
ALL_KEYS = "0123456789*#"
TELEPHONE_KEYS = f"{ALL_KEYS}ABCD"
SAMPLES_PER_SECOND = 8000
CHANNEL_UP = 6

_REPLY = re.compile(r"(?P<code>\d{3})(?P<more>-?) ?(?P<rest>.*)")
_RESULT = re.compile(
    r"result=(?P<result>-?\d*)(?: \((?P<data>[^)]*)\))?(?:.*endpos=(?P<endpos>\d+))?"
)
_FORBIDDEN = re.compile(r"[\r\n\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class AgiReply:
    """Asterisk's answer to a command. `end_seconds` is how far a file was played or recorded."""

    result: int
    data: str = ""
    end_seconds: float = 0.0

    @property
    def key(self) -> str:
        """The key that was pressed, for commands that tell one; a fax tone is none."""
        sign = chr(self.result) if 0 < self.result < 128 else ""
        return sign if sign in TELEPHONE_KEYS else ""


class AgiChannel(AGI):  # type: ignore[misc]  # pyst2 has no types
    """A channel whose caller is listening."""

    def __init__(self, reader: TextIO, writer: TextIO) -> None:
        self.stdin = reader
        self.stdout = writer
        self.hung_up = False
        self._got_sighup = False
        self.env: dict[str, str] = {}
        self._get_agi_env()

    @property
    def script(self) -> str:
        """The name of the script that Asterisk asked a server for."""
        return self.env.get("agi_network_script", "")

    def argument(self, number: int) -> str:
        """An argument of the AGI application, empty if it was not given."""
        return self.env.get(f"agi_arg_{number}", "")

    def play(self, path: str, keys: str = "") -> AgiReply:
        """Play a file that one of `keys` may cut short; -1 for a hang-up and for a missing file."""
        return self.command("STREAM FILE", self._quote(path), self._quote(keys))

    def wait_key(self, milliseconds: int) -> str:
        """The next key, or nothing when the time is over."""
        return self._living(self.command("WAIT FOR DIGIT", str(milliseconds))).key

    def record(self, path: str, finish_key: str, seconds: int, silence: int) -> AgiReply:
        """Record 8 kHz WAV; a hang-up ends it like a key does, so it does not raise here."""
        return self.command(
            "RECORD FILE",
            self._quote(path),
            "wav",
            self._quote(finish_key),
            str(seconds * 1000),
            f"s={silence}",
            tolerate_hang_up=True,
        )

    def is_up(self) -> bool:
        """True while the call is connected; tells a missing file from a hang-up."""
        return self.command("CHANNEL STATUS", tolerate_hang_up=True).result == CHANNEL_UP

    def set(self, name: str, value: str) -> None:
        """Set a channel variable; works after the hang-up too."""
        self.command("SET VARIABLE", name, self._quote(value), tolerate_hang_up=True)

    def take(self) -> None:
        """Answer the channel."""
        self._living(self.command("ANSWER"))

    @staticmethod
    def _living(reply: AgiReply) -> AgiReply:
        if reply.result < 0:
            raise CallerGoneError("the caller hung up")
        return reply

    def command(self, name: str, *arguments: str, tolerate_hang_up: bool = False) -> AgiReply:
        """Send one command and read its reply.

        Raises CallerGoneError, ConnectionLostError, and MalformedRequestError if it is refused.
        """
        self.send_command(name, *arguments)
        reply = self.get_result()
        if not tolerate_hang_up and (self.hung_up or reply.data == "hangup"):
            raise CallerGoneError("the caller hung up")
        return reply

    def send_command(self, command: str, *arguments: str) -> None:
        """Nothing but what was meant leaves as a line."""
        line = " ".join([command, *arguments])
        if _FORBIDDEN.search(line):
            raise MalformedRequestError("a line break in an AGI command")
        if len(line.encode()) >= MAX_COMMAND_BYTES:
            raise MalformedRequestError("an AGI command that Asterisk would cut")
        try:
            self.stdout.write(line + "\n")
            self.stdout.flush()
        except (OSError, ValueError) as error:
            raise ConnectionLostError("Asterisk closed the connection") from error

    def get_result(self) -> AgiReply:
        """The reply to the last command; an asynchronous HANGUP line is noted and passed over."""
        for _ in range(MAX_LINES_PER_REPLY):
            line = self._read_line()
            if line == "HANGUP":
                self.hung_up = True
            elif found := _REPLY.fullmatch(line):
                if found["more"]:
                    self._pass_over_usage(found["code"])
                return self._parse(found["code"], found["rest"])
        raise MalformedRequestError("no reply among many lines")

    def _pass_over_usage(self, code: str) -> None:
        """The lines of an explanation, `520-...` to `520 ...`, are no replies."""
        for _ in range(MAX_LINES_PER_REPLY):
            line = self._read_line()
            if line == "HANGUP":
                self.hung_up = True
            elif line.startswith(f"{code} "):
                return
        raise MalformedRequestError("an endless explanation")

    def _parse(self, code: str, rest: str) -> AgiReply:
        if code == "511":
            self.hung_up = True
            return AgiReply(-1, "hangup")
        found = _RESULT.match(rest)
        if code != "200" or found is None:
            raise MalformedRequestError(f"Asterisk refused a command: {code}")
        samples = int(found["endpos"] or 0)
        return AgiReply(
            int(found["result"] or 0), found["data"] or "", samples / SAMPLES_PER_SECOND
        )

    def _read_line(self) -> str:
        try:
            line = self.stdin.readline(MAX_LINE_LENGTH)
        except (OSError, ValueError) as error:
            raise ConnectionLostError("Asterisk closed the connection") from error
        if not line:
            raise ConnectionLostError("Asterisk closed the connection")
        return line.strip()

    def _get_agi_env(self) -> None:
        """`agi_name: value` lines up to an empty one; values are hostile text.

        A name that comes twice was brought along by a line break in somebody's value.
        """
        for _ in range(MAX_ENVIRONMENT_LINES):
            line = self._read_line()
            if not line:
                break
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_") or name in self.env:
                raise MalformedRequestError("not an AGI environment")
            self.env[name] = value.strip()
        else:
            raise MalformedRequestError("an endless AGI environment")
        if "agi_request" not in self.env:
            raise MalformedRequestError("an AGI environment without a request")

    def _quote(self, value: str) -> str:
        """One argument, whatever it holds; what cannot be escaped is refused."""
        if _FORBIDDEN.search(value):
            raise MalformedRequestError("a line break in an AGI value")
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
