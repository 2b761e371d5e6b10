"""One real Asterisk on loopback, with the project's own dialplan and a configuration of its own."""

import os
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.parts import asterisk_root
from tests.lab.processes import Child, free_port, wait_until

CONFIG = Path(__file__).resolve().parents[2] / "config" / "asterisk"
START_SECONDS = 40
LINES = ("9001", "9002", "9003", "9009")
"""The last digits of the demo technicians' and the desk's numbers, each a telephone here."""


@dataclass
class Asterisk:
    """A running Asterisk. `folder` holds its configuration and state, `data_dir` is Pikett's."""

    folder: Path
    data_dir: Path
    agi: str
    sip_port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    line_ports: dict[str, int] = field(
        default_factory=lambda: {line: free_port(socket.SOCK_DGRAM) for line in LINES}
    )
    manager_port: int = field(default_factory=free_port)
    manager_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    rtp: tuple[int, int] = (20000, 24000)
    environment: Mapping[str, str] | None = None
    child: Child | None = None

    def start(self) -> "Asterisk":
        """Write the configuration, start, wait until SIP is there."""
        self._write_configuration()
        root = asterisk_root()
        self._name_host(root)
        binds = " && ".join(
            f"mkdir -p {root}{path} && mount --bind {path} {root}{path}"
            for path in (self.folder, self.data_dir)
        )
        self.child = Child(
            [
                "unshare",
                "--mount",
                "sh",
                "-c",
                f"{binds} && exec chroot {root} asterisk -C {self.folder}/etc/asterisk.conf -f -n",
            ],
            self.folder / "asterisk.out",
            self.environment,
        )
        wait_until(self._is_ready, START_SECONDS, f"Asterisk ready; see {self.folder}")
        return self

    def stop(self) -> None:
        """By its own pid."""
        if self.child is not None:
            self.child.stop(5)

    def console(self, command: str) -> str:
        """What `asterisk -rx` answers."""
        done = subprocess.run(
            [
                "nsenter",
                "--target",
                str(self.pid),
                "--mount",
                "--root",
                "asterisk",
                "-C",
                f"{self.folder}/etc/asterisk.conf",
                "-rx",
                command,
            ],
            capture_output=True,
            text=True,
            timeout=15,
        )
        return done.stdout

    @property
    def pid(self) -> int:
        assert self.child is not None
        return self.child.pid

    @property
    def version(self) -> str:
        return self.console("core show version").split(" built")[0].strip()

    def cpu_seconds(self) -> float:
        """User and system time of the whole process."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def channels(self) -> int:
        """Channels that are up or ringing now."""
        found = re.search(r"(\d+) active channel", self.console("core show channels count"))
        return int(found[1]) if found else -1

    def situation(self) -> str:
        """What it does now, for whoever reads why a test failed."""
        assert self.child is not None
        shown = self.console("core show channels concise") + self.console("core show uptime")
        return f"ended {self.child.poll()}; {shown}; {self.child.output()[-500:]}; {self.log()[-4000:]}"

    def log(self) -> str:
        path = self.folder / "log" / "messages"
        return path.read_text(errors="replace") if path.exists() else ""

    def _is_ready(self) -> bool:
        assert self.child is not None
        if self.child.poll() is not None:
            raise AssertionError(f"Asterisk ended: {self.child.output()[-2000:]}")
        return "fully booted" in self.console("core waitfullybooted")

    @staticmethod
    def _name_host(root: Path) -> None:
        """Asterisk looks its own host name up on the first call."""
        hosts = root / "etc" / "hosts"
        name = socket.gethostname()
        text = hosts.read_text() if hosts.exists() else ""
        if name not in text:
            hosts.write_text(f"127.0.0.1 localhost\n127.0.0.1 {name}\n{text}")

    def _write_configuration(self) -> None:
        etc = self.folder / "etc"
        for name in ("etc", "log", "run", "spool", "lib/keys"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for path in CONFIG.glob("*.conf"):
            shutil.copy(path, etc)
        (etc / "asterisk.conf").write_text(self._asterisk_conf())
        (etc / "pjsip.conf").write_text(self._pjsip_conf())
        (etc / "rtp.conf").write_text(
            f"[general]\nrtpstart={self.rtp[0]}\nrtpend={self.rtp[1]}\nstrictrtp=no\n"
        )
        (etc / "globals_pikett.conf").write_text(self._globals())
        (etc / "manager.conf").write_text(self._manager_conf())
        (etc / "modules.conf").write_text(self._modules())
        (etc / "extensions.conf").write_text(self._extensions())
        (etc / "extensions_pikett.conf").write_text(self._pikett_extensions())

    def _asterisk_conf(self) -> str:
        text = (CONFIG / "asterisk.conf").read_text()
        places = {
            "astetcdir": "etc",
            "astvarlibdir": "lib",
            "astdbdir": "lib",
            "astkeydir": "lib",
            "astspooldir": "spool",
            "astrundir": "run",
            "astlogdir": "log",
        }
        for name, place in places.items():
            line = f"{name} => {self.folder}/{place}"
            if re.search(rf"^{name} ", text, re.MULTILINE):
                text = re.sub(rf"^{name} =>.*$", line, text, flags=re.MULTILINE)
            else:
                text = text.replace("[directories]\n", f"[directories]\n{line}\n")
        return text

    def _globals(self) -> str:
        text = (CONFIG / "globals_pikett.conf").read_text()
        values = {
            "PIKETT_AGI": self.agi,
            "PIKETT_SOUNDS": f"{self.data_dir}/sounds/fallback",
            "PIKETT_SPOOL": f"{self.data_dir}/spool",
        }
        for name, value in values.items():
            text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        return text

    def _manager_conf(self) -> str:
        """The project's own, with the secret that an installation puts there."""
        text = (CONFIG / "manager.conf").read_text()
        text = re.sub(r"^port = .*$", f"port = {self.manager_port}", text, flags=re.MULTILINE)
        return re.sub(
            r"^; secret =.*$", f"secret = {self.manager_secret}", text, flags=re.MULTILINE
        )

    def _extensions(self) -> str:
        """The project's stand-alone dialplan, with calls from the lab led to the support line.

        `%0A` in a name becomes a line break, as a lookup of names in a dialplan may give it.
        """
        return (CONFIG / "extensions.conf").read_text() + (
            "\n[from-lab]\nexten => _[+0-9a-z].,1,Set(CALLERID(name)=${URIDECODE(${CALLERID(name)})})\n"
            " same => n,Goto(pikett-support,s,1)\n"
            "include => pikett-internal\n"
        )

    @staticmethod
    def _modules() -> str:
        """The project's modules, and what the lab's own dialplan needs."""
        return (CONFIG / "modules.conf").read_text() + "\nload = func_uri.so\n"

    def _pikett_extensions(self) -> str:
        """The project's contexts; only the way out leads to the telephones of the lab."""
        text = (CONFIG / "extensions_pikett.conf").read_text()
        ours = f"[pikett-outbound]\n{self._route()}\n\n"
        changed, count = re.subn(r"\[pikett-outbound\]\n(?:.+\n)+\n", ours, text)
        assert count == 1, "the context pikett-outbound is not where it was"
        return changed

    def _route(self) -> str:
        return "exten => route,1,Return(PJSIP/line${ARG1:-4})"

    def _pjsip_conf(self) -> str:
        lines = [
            "[transport-udp]",
            "type=transport",
            "protocol=udp",
            f"bind=127.0.0.1:{self.sip_port}",
            "",
            "[global]",
            "type=global",
            "user_agent=pikett-lab",
            "",
        ]
        lines += _endpoint("lab", "from-lab")
        lines += ["[lab]", "type=identify", "endpoint=lab", "match=127.0.0.1", ""]
        for line, port in self.line_ports.items():
            contact = f"contact=sip:+4144000{line}@127.0.0.1:{port}"
            lines += [*_endpoint(f"line{line}", "nowhere"), f"aors=line{line}", ""]
            lines += [f"[line{line}]", "type=aor", contact, "qualify_frequency=0", ""]
        return "\n".join(lines)


def _endpoint(name: str, context: str) -> list[str]:
    return [
        f"[{name}]",
        "type=endpoint",
        f"context={context}",
        "disallow=all",
        "allow=alaw,ulaw",
        "direct_media=no",
        "dtmf_mode=rfc4733",
        "trust_id_inbound=yes",
        "rtp_symmetric=no",
    ]
