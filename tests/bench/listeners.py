"""Ears on many ports: when did each RTP packet arrive, by the kernel's clock?

A process of its own, so that nothing else holds it up. Usage:
python -m tests.bench.listeners FIRST_PORT COUNT RESULT.json; ends at SIGTERM and writes what it heard.
"""

import json
import selectors
import signal
import socket
import struct
import sys
from pathlib import Path

from tests.lab.capture import SO_TIMESTAMPNS

STEP = 2
BUFFER_BYTES = 1 << 20


class Ears:
    """One socket per telephone; for each port the arrivals and the packets that were lost."""

    def __init__(self, ports: range) -> None:
        self._selector = selectors.DefaultSelector()
        self.arrivals: dict[int, list[float]] = {port: [] for port in ports}
        self.numbers: dict[int, list[int]] = {port: [] for port in ports}
        self.listening = True
        for port in ports:
            ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            ear.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            ear.bind(("127.0.0.1", port))
            self._selector.register(ear, selectors.EVENT_READ, port)

    def listen(self) -> None:
        """Until told to stop."""
        while self.listening:
            for key, _ in self._selector.select(0.2):
                self._hear(key.fileobj, key.data)  # type: ignore[arg-type]

    def _hear(self, ear: socket.socket, port: int) -> None:
        packet, ancillary, _, _ = ear.recvmsg(2048, 64)
        seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
        self.arrivals[port].append(seconds + nanoseconds / 1e9)
        self.numbers[port].append(struct.unpack_from("!H", packet, 2)[0])

    def stop(self, *_: object) -> None:
        self.listening = False


if __name__ == "__main__":
    first, count = int(sys.argv[1]), int(sys.argv[2])
    ears = Ears(range(first, first + count * STEP, STEP))
    signal.signal(signal.SIGTERM, ears.stop)
    Path(sys.argv[3]).write_text("")
    ears.listen()
    Path(sys.argv[3]).write_text(json.dumps([ears.arrivals, ears.numbers]))
