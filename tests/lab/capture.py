"""Listening to the loopback interface: which RTP packets reached a telephone, and what is in them."""

import math
import select
import socket
import struct
import threading
import wave
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ETH_P_ALL = 0x0003
SO_TIMESTAMPNS = 35
SAMPLES = 8000
ALAW = 8


@dataclass
class RtpStream:
    """Packets to one UDP port, by the time the kernel saw them."""

    times: list[float] = field(default_factory=list)
    payload: bytearray = field(default_factory=bytearray)

    def longest_gap(self) -> float:
        """Seconds between two packets that followed one another."""
        return max((b - a for a, b in zip(self.times, self.times[1:], strict=False)), default=0.0)

    def has_tone(self, hertz: int, seconds: float = 0.5) -> bool:
        """True if the tone sounds for at least this long in all."""
        samples = [alaw_to_linear(code) for code in self.payload]
        blocks = [samples[n : n + 160] for n in range(0, len(samples) - 159, 160)]
        return sum(_is_tone(block, hertz) for block in blocks) * 0.02 >= seconds

    def likeness(self, sound: Path) -> float:
        """How much this sound (8 kHz) was heard, wherever it began: 1 as it is, 0 not at all."""
        with wave.open(str(sound)) as file:
            wanted = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        heard = np.array([alaw_to_linear(code) for code in self.payload], float)
        if len(heard) < len(wanted):
            return 0.0
        size = len(heard) + len(wanted)
        spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size))
        alike = np.fft.irfft(spectrum, size)[: len(heard) - len(wanted) + 1]
        energy = np.cumsum(np.concatenate(([0.0], heard**2)))
        loud = np.sqrt(energy[len(wanted) :] - energy[: -len(wanted)])
        quiet = loud < 100 * math.sqrt(len(wanted))
        return float(
            np.where(quiet, 0.0, alike / np.maximum(loud, 1)).max() / np.linalg.norm(wanted)
        )


class Capture:
    """Records RTP to the given ports while it is open."""

    def __init__(self, ports: Iterable[int], keep_payload: bool = True) -> None:
        self._ports = frozenset(ports)
        self._keep_payload = keep_payload
        self._stop = threading.Event()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._socket.bind(("lo", 0))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.streams: dict[int, RtpStream] = defaultdict(RtpStream)

    def __enter__(self) -> "Capture":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        self._socket.close()

    def to(self, port: int) -> RtpStream:
        return self.streams[port]

    def _run(self) -> None:
        while not self._stop.is_set():
            if select.select([self._socket], [], [], 0.1)[0]:
                self._receive()

    def _receive(self) -> None:
        frame, ancillary, _, address = self._socket.recvmsg(2048, 64)
        # Loopback shows every packet twice; the one that arrives is enough.
        if address[2] == socket.PACKET_OUTGOING or len(frame) < 54 or frame[23] != 17:
            return
        port = struct.unpack_from("!H", frame, 36)[0]
        if port in self._ports and frame[42] & 0xC0 == 0x80:
            self._note(port, frame, ancillary)

    def _note(self, port: int, frame: bytes, ancillary: list[tuple[int, int, bytes]]) -> None:
        seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
        stream = self.streams[port]
        stream.times.append(seconds + nanoseconds / 1e9)
        if self._keep_payload and frame[43] & 0x7F == ALAW:
            stream.payload += frame[54:]


def alaw_to_linear(code: int) -> int:
    """ITU-T G.711 A-law to a 16-bit sample."""
    code ^= 0x55
    value, segment = (code & 0x0F) << 4, (code & 0x70) >> 4
    value += 8 if segment == 0 else 0x108
    value <<= max(0, segment - 1)
    return value if code & 0x80 else -value


def _is_tone(block: list[int], hertz: int) -> bool:
    """Goertzel: most of the block's energy lies at this frequency."""
    energy = sum(sample * sample for sample in block)
    if energy < len(block) * 300 * 300:
        return False
    factor = 2 * math.cos(2 * math.pi * hertz / SAMPLES)
    one = two = 0.0
    for sample in block:
        one, two = sample + factor * one - two, one
    power = one * one + two * two - factor * one * two
    return power / (energy * len(block) / 2) > 0.6
