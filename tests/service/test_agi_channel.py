"""What Asterisk may write to us, and what may never leave us, on one AGI conversation."""

import io

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_scripts.channel import AgiChannel
from ivr.bootstrap import Application
from ivr.errors import CallerGoneError, ConnectionLostError, MalformedRequestError
from tests.service.agi_wire import converse

REQUEST = "agi_request: agi://127.0.0.1/support_line\n"
OK = "200 result=1\n"


def open_channel(replies: str = "", environment: str = REQUEST) -> tuple[AgiChannel, io.StringIO]:
    """A channel whose peer has already written everything it will ever say."""
    sent = io.StringIO()
    return AgiChannel(io.StringIO(f"{environment}\n{replies}", newline="\n"), sent), sent


def asterisk_reads(line: str) -> list[str]:
    """The arguments of a command as Asterisk takes them apart (`parse_args` in res_agi.c)."""
    words: list[str] = []
    quoted = escaped = False
    between = True
    for sign in line:
        if sign == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append("")
                between = False
        elif sign in " \t" and not quoted and not escaped:
            between = True
        elif sign == "\\" and not escaped:
            escaped = True
        else:
            if between:
                words.append("")
                between = False
            words[-1] += sign
            escaped = False
    return words


@pytest.mark.rule("B.12")
@settings(deadline=None)
@given(value=st.text(st.characters(), max_size=60))
def test_no_value_leaves_as_anything_but_one_argument_of_one_line(value: str) -> None:
    channel, sent = open_channel(OK)
    try:
        channel.set("NAME", value)
    except MalformedRequestError:
        assert sent.getvalue() == ""
    else:
        line, end, rest = sent.getvalue().partition("\n")
        assert (end, rest) == ("\n", "")
        assert asterisk_reads(line) == ["SET", "VARIABLE", "NAME", value]


@pytest.mark.rule("B.12")
@pytest.mark.parametrize(
    "value",
    ["a\nHANGUP", "a\rHANGUP", "a\0b", "\n", "a" * 2048, "é" * 1024, "half a character \ud800"],
)
def test_what_cannot_be_escaped_is_refused(value: str) -> None:
    """Asterisk reads a line in pieces of its buffer: what is too long would be a second command."""
    channel, sent = open_channel(OK)
    with pytest.raises(MalformedRequestError):
        channel.set("NAME", value)
    assert sent.getvalue() == ""


def test_a_prompt_path_and_its_keys_are_quoted_too() -> None:
    channel, sent = open_channel(OK)
    channel.play('/sounds/a "b" c', "0123456789*#")
    assert asterisk_reads(sent.getvalue().rstrip("\n")) == [
        "STREAM",
        "FILE",
        '/sounds/a "b" c',
        "0123456789*#",
    ]


USAGE = "520-Invalid command syntax.  Proper usage follows:\n{}520 End of proper usage.\n"


@pytest.mark.parametrize(
    "refusal",
    [
        "510 Invalid or unknown command\n",
        USAGE.format("Usage: SET VARIABLE <variablename> <value>\n200 result=1 is what it says.\n"),
        USAGE.format(""),
        USAGE.format("x\n" * 20),
        "520 Invalid command syntax.  Proper usage not available.\n",
        "200 something else\n",
        "200\n",
    ],
)
def test_a_refused_command_is_an_error_and_its_explanation_no_reply(refusal: str) -> None:
    channel, _ = open_channel(f"{refusal}200 result=7\n")
    with pytest.raises(MalformedRequestError):
        channel.set("NAME", "value")
    assert channel.command("CHANNEL STATUS").result == 7


@pytest.mark.parametrize(
    "noise", ["noise\n" * 10_000, USAGE.replace("520 End", "") + "x\n" * 10_000]
)
def test_a_peer_that_never_comes_to_a_reply_is_left(noise: str) -> None:
    channel, _ = open_channel(noise)
    with pytest.raises(MalformedRequestError):
        channel.wait_key(1000)


@pytest.mark.parametrize(
    "reply",
    [
        "511 Command Not Permitted on a dead channel or intercept routine\n",
        "HANGUP\n511 Command Not Permitted on a dead channel or intercept routine\n",
        "HANGUP\n200 result=0\n",
        "\nHANGUP\n\n200 result=0\n",
        "200 result=-1\n",
    ],
)
def test_a_hang_up_shows_in_many_ways(reply: str) -> None:
    channel, _ = open_channel(reply)
    with pytest.raises(CallerGoneError) as caught:
        channel.wait_key(1000)
    assert not isinstance(caught.value, ConnectionLostError)


def test_a_closed_connection_is_not_yet_a_hang_up() -> None:
    """The caller may still be there: Asterisk asks once more, and tells of his hang-up apart."""
    channel, _ = open_channel("")
    with pytest.raises(ConnectionLostError):
        channel.wait_key(1000)


def test_variables_can_be_set_after_the_hang_up() -> None:
    channel, _ = open_channel("HANGUP\n200 result=1\n200 result=1\n")
    channel.set("A", "1")
    channel.set("B", "2")
    with pytest.raises(CallerGoneError):
        channel.play("/sounds/a")


@pytest.mark.rule("B.13")
@pytest.mark.parametrize("key", "0123456789*#ABCD")
def test_every_key_of_a_telephone_is_read(key: str) -> None:
    channel, _ = open_channel(f"200 result={ord(key)}\n")
    assert channel.wait_key(1000) == key


@pytest.mark.parametrize("code", ["9999999999", "1114112", "55296", "233", "7"])
def test_what_is_no_key_is_none(code: str) -> None:
    channel, _ = open_channel(f"200 result={code}\n")
    assert channel.wait_key(1000) == ""


def test_a_value_that_brings_lines_of_its_own_cannot_replace_what_asterisk_said() -> None:
    environment = (
        f"{REQUEST}agi_callerid: anonymous\nagi_calleridname: Evil\nagi_callerid: +41440001001\n"
    )
    with pytest.raises(MalformedRequestError):
        open_channel(environment=environment)


HOSTILE = {
    "nothing": b"",
    "only an empty line": b"\n",
    "no colon": b"agi_request agi://x/support_line\n\n",
    "another protocol": b"GET /support_line HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    "binary": bytes(range(256)) * 8 + b"\n\n",
    "without a request": b"agi_uniqueid: 1.1\nagi_callerid: 0440001001\n\n",
    "endless lines": b"".join(b"agi_arg_%d: x\n" % number for number in range(100_000)),
    "endless line": REQUEST.encode() + b"agi_calleridname: " + b"x" * 2_000_000,
    "truncated in a name": REQUEST.encode() + b"agi_uni",
    "truncated in a value": REQUEST.encode() + b"agi_uniqueid: 17953",
    "unknown script": b"agi_request: agi://x/y\nagi_network_script: ../../etc/passwd\n\n",
    "no script": REQUEST.encode() + b"\n",
    "no unique id": REQUEST.encode() + b"agi_network_script: support_line\n\n",
    "odd unique id": REQUEST.encode()
    + b"agi_network_script: support_line\nagi_uniqueid: 1;2&3|4\n\n",
    "line break in the caller number": REQUEST.encode()
    + b"agi_network_script: support_line\nagi_uniqueid: 1.1\nagi_callerid: 044\n0001001\n\n",
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_malformed_environment_ends_the_conversation_and_nothing_else(
    app: Application, sent: bytes
) -> None:
    """Nothing is played or dialled; at most the dialplan is told to take its fallback."""
    with structlog.testing.capture_logs() as logs:
        assert converse(app, sent) in ("", 'SET VARIABLE PIKETT_NEXT "fallback"\n')
    assert {line["event"] for line in logs} <= {"agi_failed", "caller_gone"}
    with app.storage.reading() as uow:
        assert not uow.calls.list_open_since(app.clock.now().replace(year=2100))
    health = f"{REQUEST}agi_network_script: health\n\n{OK}"
    assert converse(app, health.encode()) == 'SET VARIABLE PIKETT_HEALTH "ok"\n'
