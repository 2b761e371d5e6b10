"""An Asterisk for people's softphones: one account for the customer, one for the technicians, one
for the desk. Dial a demo customer's number (11001) to call as that customer.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.lab.asterisk import Asterisk

ACCOUNTS = ("customer", "technician", "desk")
STRANGER = "100"


@dataclass
class SoftphoneAsterisk(Asterisk):
    """`callers` are demo customers by number; `host` is where softphones reach this machine."""

    callers: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    password: str = field(default_factory=lambda: secrets.token_hex(4))

    def _extensions(self) -> str:
        """Each customer's number is an extension that calls the line as that customer."""
        lines = [super()._extensions(), "[from-softphone]"]
        for extension, caller in {STRANGER: "anonymous", **self.callers}.items():
            lines.append(f"exten => {extension},1,Set(CALLERID(num)={caller})")
            lines.append(" same => n,Goto(pikett-support,s,1)")
        return "\n".join(lines) + "\n"

    def _route(self) -> str:
        """The desk's number leads to the desk's softphone, every other one to the technician's."""
        return (
            'exten => route,1,Return(PJSIP/${IF($["${ARG1}" = "${PIKETT_DESK}"]?desk:technician)})'
        )

    def _pjsip_conf(self) -> str:
        lines = ["[transport-udp]", "type=transport", "protocol=udp"]
        lines += [f"bind={self.host}:{self.sip_port}", ""]
        lines += ["[global]", "type=global", "endpoint_identifier_order=username", ""]
        for name in ACCOUNTS:
            lines += self._account(name)
        return "\n".join(lines)

    def _account(self, name: str) -> list[str]:
        return [
            f"[{name}]",
            "type=endpoint",
            f"context={'from-softphone' if name == 'customer' else 'nowhere'}",
            "disallow=all",
            "allow=alaw,ulaw,g722",
            "direct_media=no",
            "dtmf_mode=rfc4733",
            "rewrite_contact=yes",
            "rtp_symmetric=yes",
            "force_rport=yes",
            f"auth={name}",
            f"aors={name}",
            "",
            f"[{name}]",
            "type=auth",
            "auth_type=digest",
            f"username={name}",
            f"password={self.password}",
            "",
            f"[{name}]",
            "type=aor",
            "max_contacts=1",
            "remove_existing=yes",
            "",
        ]
