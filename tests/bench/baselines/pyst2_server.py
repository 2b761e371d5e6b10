"""A bare pyst2 server: one thread per connection, says the recorded AGI lines and knows nothing.

Usage: python -m tests.bench.baselines.pyst2_server PORT LINES.json
"""

import json
import os
import socketserver
import sys
from pathlib import Path
from typing import TextIO

from asterisk.agi import AGI


class SocketAgi(AGI):
    """pyst2's AGI made to work on a socket: its constructor installs a signal handler."""

    def __init__(self, reader: TextIO, writer: TextIO, stderr: TextIO) -> None:
        self.stdin, self.stdout, self.stderr = reader, writer, stderr
        self._got_sighup = False
        self.env: dict[str, str] = {}
        self._get_agi_env()


class Handler(socketserver.BaseRequestHandler):
    """One conversation; which one, the script's name and its first argument tell."""

    def handle(self) -> None:
        with (
            self.request.makefile("r", encoding="utf-8", newline="\n") as reader,
            self.request.makefile("w", encoding="utf-8", newline="\n") as writer,
        ):
            agi = SocketAgi(reader, writer, nowhere)
            again = "again" if agi.env["agi_network_script"] == "support_line" else "first"
            name = f"{agi.env['agi_network_script']} {again if 'agi_arg_1' in agi.env else 'first'}"
            for line in lines[name]:
                agi.execute(line)


class Server(socketserver.ThreadingTCPServer):
    """Loopback only."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512


if __name__ == "__main__":
    lines: dict[str, list[str]] = json.loads(Path(sys.argv[2]).read_text())
    # pyst2 writes every line to its standard error.
    with (
        Path(os.devnull).open("w") as nowhere,
        Server(("127.0.0.1", int(sys.argv[1])), Handler) as server,
    ):
        server.serve_forever()
