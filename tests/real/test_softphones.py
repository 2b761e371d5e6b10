"""The lab for people: a softphone logs in and calls as a demo customer."""

import socket

import pytest

from tests.lab.processes import Child, free_port
from tests.lab.softphones import SoftphoneAsterisk
from tests.lab.stage import Stage

pytestmark = pytest.mark.asterisk

_HEADERS = """{line}
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:customer@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:11003@[remote_ip]:[remote_port]>{to_tag}
Call-ID: [call_id]
CSeq: {sequence}
Contact: <sip:customer@[local_ip]:[local_port]>
Max-Forwards: 70
{more}
"""
_SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=lab 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
"""
_TO = "sip:11003@[remote_ip]:[remote_port] SIP/2.0"


def _send(
    line: str, sequence: str, *, tagged: bool = False, more: str = "Content-Length: 0\n"
) -> str:
    tag = "[peer_tag_param]" if tagged else ""
    text = _HEADERS.format(line=line, sequence=sequence, to_tag=tag, more=more)
    return f"<send><![CDATA[\n{text}]]></send>"


def _scenario(password: str, *, accepted: bool) -> str:
    login = f"[authentication username=customer password={password}]\n"
    return "\n".join(
        [
            '<?xml version="1.0"?>\n<scenario name="softphone">',
            _send(f"INVITE {_TO}", "1 INVITE", more=_SDP),
            '<recv response="401" auth="true"/>',
            _send(f"ACK {_TO}", "1 ACK", tagged=True),
            _send(f"INVITE {_TO}", "2 INVITE", more=login + _SDP),
            *(_TALK if accepted else _REFUSED),
            "</scenario>",
        ]
    )


_REFUSED = ('<recv response="401"/>', _send(f"ACK {_TO}", "2 ACK", tagged=True))
_TALK = (
    '<recv response="100" optional="true"/>',
    '<recv response="200"/>',
    _send(f"ACK {_TO}", "2 ACK", tagged=True),
    '<pause milliseconds="1500"/>',
    _send(f"BYE {_TO}", "3 BYE", tagged=True),
    '<recv response="200"/>',
)


def _call(stage: Stage, port_of_asterisk: int, scenario_text: str) -> int:
    scene = stage.scene()
    scenario = scene / "softphone.xml"
    scenario.write_text(scenario_text)
    port = free_port(socket.SOCK_DGRAM)
    command = ["sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-m", "1"]
    command += ["-nostdin", "-timeout", "10s", f"127.0.0.1:{port_of_asterisk}"]
    return Child(command, scene / "softphone.out", cwd=scene).wait(20)


def test_a_softphone_calls_as_a_customer(stage: Stage) -> None:
    stage.forget()
    folder = stage.scene() / "softphones"
    folder.mkdir()
    asterisk = SoftphoneAsterisk(
        folder,
        stage.data_dir,
        f"agi://127.0.0.1:{stage.fastagi.port}",
        rtp=(25000, 26000),
        callers={"11003": "+41440001003"},
    ).start()
    try:
        assert _call(stage, asterisk.sip_port, _scenario(asterisk.password, accepted=True)) == 0
        call_id = stage.wait_new_call()
        stage.wait_closed(call_id)
        with stage.app.storage.reading() as uow:
            assert uow.calls.get(call_id).caller_number == "+41440001003"
        assert _call(stage, asterisk.sip_port, _scenario("wrong", accepted=False)) == 0
    finally:
        asterisk.stop()
