"""Telephones of the lab: SIPp as the caller and as whoever is rung.

Everything a telephone does is fixed before it starts, as a SIPp scenario: pauses, keys, hang-up.
"""

import math
import struct
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from tests.lab.processes import Child

KEY_SOUNDS = Path("/usr/share/sip-tester")
KEY_FILES = {"*": "star", "#": "pound"}
CALLER_EVENTS, CALLED_EVENTS = 96, 101
SAMPLES = 8000
KEY_MS = 500
"""SIPp takes almost half a second for one key of the calling side."""

ENDS_WITHIN_MS = 120_000


@dataclass(frozen=True)
class Pause:
    milliseconds: int


@dataclass(frozen=True)
class Press:
    """Keys, as RFC 4733 events."""

    keys: str


@dataclass(frozen=True)
class Sing:
    """A tone, sent as audio in the background."""

    hertz: int
    seconds: float


@dataclass(frozen=True)
class HangUp:
    pass


@dataclass(frozen=True)
class AwaitHangUp:
    pass


telephones: list[Child] = []

Step = Pause | Press | Sing | HangUp | AwaitHangUp


@dataclass
class Caller:
    """Somebody who phones the support number, or what else he `dials`."""

    folder: Path
    server_port: int
    number: str
    steps: tuple[Step, ...]
    port: int
    media_port: int
    display_name: str = "Lab"
    dials: str = "support"
    child: Child | None = field(default=None, init=False)

    def start(self) -> "Caller":
        scenario = self.folder / "caller.xml"
        scenario.write_text(caller_scenario(self))
        self.child = _sipp(
            self.folder,
            "caller",
            scenario,
            self.port,
            self.media_port,
            f"127.0.0.1:{self.server_port}",
        )
        return self

    def wait(self, seconds: float = 120) -> None:
        assert self.child is not None
        code = self.child.wait(seconds)
        assert code == 0, f"the caller's SIPp ended with {code}; see {self.folder}"


@dataclass
class Line:
    """A telephone that is rung: what it does after its bell, so many `calls` in a row."""

    folder: Path
    name: str
    port: int
    media_port: int
    answers: bool = True
    refuses_with: str = ""
    ring_ms: int = 300
    steps: tuple[Step, ...] = ()
    calls: int = 1
    child: Child | None = field(default=None, init=False)

    def start(self) -> "Line":
        scenario = self.folder / f"{self.name}.xml"
        scenario.write_text(line_scenario(self))
        self.child = _sipp(
            self.folder, self.name, scenario, self.port, self.media_port, None, self.calls
        )
        return self

    def wait(self, seconds: float = 120) -> None:
        assert self.child is not None
        code = self.child.wait(seconds)
        assert code == 0, f"SIPp of {self.name} ended with {code}; see {self.folder}"


def _sipp(
    folder: Path,
    name: str,
    scenario: Path,
    port: int,
    media_port: int,
    remote: str | None,
    calls: int = 1,
) -> Child:
    command = [
        "sipp",
        "-sf",
        str(scenario),
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-m",
        str(calls),
        "-nostdin",
        "-mp",
        str(media_port),
        "-trace_err",
        "-error_file",
        str(folder / f"{name}.errors"),
        "-trace_msg",
        "-message_file",
        str(folder / f"{name}.messages"),
        "-timeout",
        "150s",
        "-timeout_error",
    ]
    child = Child([*command, *([remote] if remote else [])], folder / f"{name}.out", cwd=folder)
    telephones.append(child)
    return child


def hang_up_all() -> None:
    """End what a test has left: its telephones must not answer the next test's calls."""
    for child in telephones:
        child.kill_all()
    telephones.clear()


def _steps(folder: Path, steps: tuple[Step, ...], bye: str, *, calling: bool) -> str:
    parts: list[str] = []
    pressed = 0
    for step in steps:
        match step:
            case Pause(milliseconds):
                parts.append(f'<pause milliseconds="{max(1, milliseconds)}"/>')
            case Press(keys) if calling:
                parts.append(f'<nop><action><exec play_dtmf="{keys}"/></action></nop>')
                parts.append(f'<pause milliseconds="{KEY_MS * len(keys)}"/>')
            case Press(keys):
                for key in keys:
                    parts.append(_press_by_file(folder, key, pressed))
                    pressed += 1
            case Sing(hertz, seconds):
                file = folder / f"tone{hertz}.pcap"
                write_tone_pcap(file, hertz, seconds)
                parts.append(f'<nop><action><exec play_pcap_audio="{file}"/></action></nop>')
            case HangUp():
                parts.append(bye)
            case AwaitHangUp():
                parts.append(_AWAIT_BYE)
    return "\n".join(parts)


def _press_by_file(folder: Path, key: str, pressed: int) -> str:
    """Each further key comes later in the stream of RTP, or it would be taken for the first again."""
    name = KEY_FILES.get(key, key)
    file = folder / f"key{pressed}_{name}.pcap"
    file.write_bytes(_later((KEY_SOUNDS / f"dtmf_2833_{name}.pcap").read_bytes(), pressed))
    return (
        f'<nop><action><exec play_pcap_audio="{file}"/></action></nop><pause milliseconds="400"/>'
    )


def _later(capture: bytes, steps: int) -> bytes:
    """The same packets with sequence and timestamp some seconds further on."""
    moved, at = bytearray(capture), PCAP_HEADER_BYTES
    while at < len(moved):
        (length,) = struct.unpack_from("<I", moved, at + 8)
        rtp = at + PACKET_HEADER_BYTES + BEFORE_RTP_BYTES
        sequence, timestamp = struct.unpack_from(">HI", moved, rtp + 2)
        later = (sequence + 500 * steps) % 2**16, (timestamp + 80_000 * steps) % 2**32
        struct.pack_into(">HI", moved, rtp + 2, *later)
        at += PACKET_HEADER_BYTES + length
    return bytes(moved)


PCAP_HEADER_BYTES, PACKET_HEADER_BYTES, BEFORE_RTP_BYTES = 24, 16, 14 + 20 + 8

_AWAIT_BYE = f"""<recv request="BYE" timeout="{ENDS_WITHIN_MS}"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<timewait milliseconds="200"/>"""

_SDP = """v=0
o=lab 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio [media_port] RTP/AVP 8 {events}
a=rtpmap:8 PCMA/8000
a=rtpmap:{events} telephone-event/8000
a=fmtp:{events} 0-15
a=ptime:20
"""

_CALLER_BYE = """<send retrans="500"><![CDATA[
BYE sip:{dials}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
{from_}
To: <sip:{dials}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>"""


def caller_scenario(caller: Caller) -> str:
    """What SIPp does as this caller."""
    name = caller.display_name.replace("\\", "\\\\").replace('"', '\\"')
    sender = f'From: "{name}" <sip:{caller.number}@[local_ip]:[local_port]>;tag=[call_number]'
    bye = _CALLER_BYE.format(from_=sender, dials=caller.dials)
    steps = _steps(caller.folder, caller.steps, bye, calling=True)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="caller">
<send retrans="500"><![CDATA[
INVITE sip:{caller.dials}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
{sender}
To: <sip:{caller.dials}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{_SDP.format(events=CALLER_EVENTS)}
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rtd="true"/>
<send><![CDATA[
ACK sip:{caller.dials}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
{sender}
To: <sip:{caller.dials}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
{steps}
</scenario>
"""


_RINGING = """<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>"""

_ANSWER = """<pause milliseconds="{ring_ms}"/>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{sdp}
]]></send>
<recv request="ACK"/>"""

_REFUSE = """<send retrans="500"><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<recv request="ACK"/>"""

_CANCELLED = f"""<recv request="CANCEL" timeout="{ENDS_WITHIN_MS}"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
CSeq: [cseq] CANCEL
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
SIP/2.0 487 Request Terminated
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
CSeq: [cseq] INVITE
Content-Length: 0

]]></send>
<recv request="ACK"/>"""

_LINE_BYE = """<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:lab@[local_ip]:[local_port]>;tag=[call_number]
To[$1]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>"""


def line_scenario(line: Line) -> str:
    """What SIPp does as this telephone."""
    remember = '<action><ereg regexp=".*" search_in="hdr" header="From" assign_to="1"/></action>'
    if line.refuses_with:
        does = _REFUSE.format(status=escape(line.refuses_with))
    elif not line.answers:
        does = _RINGING + "\n" + _CANCELLED
    else:
        answer = _ANSWER.format(ring_ms=line.ring_ms, sdp=_SDP.format(events=CALLED_EVENTS))
        steps = _steps(line.folder, line.steps, _LINE_BYE, calling=False)
        does = "\n".join([_RINGING, answer, steps])
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="{line.name}">
<recv request="INVITE" rrs="true">{remember}</recv>
{does}
<Reference variables="1"/>
</scenario>
"""


def write_tone_pcap(path: Path, hertz: int, seconds: float) -> None:
    """RTP packets of 20 ms of A-law, as SIPp plays them."""
    packets = int(seconds * 50)
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(packets):
            payload = bytes(
                linear_to_alaw(
                    int(12000 * math.sin(2 * math.pi * hertz * (number * 160 + n) / SAMPLES))
                )
                for n in range(160)
            )
            rtp = struct.pack("!BBHII", 0x80, 8, number & 0xFFFF, number * 160, 0x1234) + payload
            udp = struct.pack("!HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
            ip = struct.pack(
                "!BBHHHBBH4s4s",
                0x45,
                0,
                20 + len(udp),
                number & 0xFFFF,
                0,
                64,
                17,
                0,
                bytes([127, 0, 0, 1]),
                bytes([127, 0, 0, 1]),
            )
            frame = bytes(12) + struct.pack("!H", 0x0800) + ip + udp
            stamp = number * 20_000
            file.write(
                struct.pack("<IIII", stamp // 1_000_000, stamp % 1_000_000, len(frame), len(frame))
            )
            file.write(frame)


_SEGMENT_ENDS = (0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF)


def linear_to_alaw(sample: int) -> int:
    """ITU-T G.711 A-law of one 16-bit sample."""
    value, mask = (sample >> 3, 0xD5) if sample >= 0 else (-(sample >> 3) - 1, 0x55)
    for segment, end in enumerate(_SEGMENT_ENDS):
        if value <= end:
            return ((segment << 4) | ((value >> max(1, segment)) & 0x0F)) ^ mask
    return 0x7F ^ mask
