"""What a sound file is by its first bytes, and whether its end is missing. Names mean nothing here."""

import os
from typing import IO

TELLS_ITS_LENGTH = ("flac", "matroska", "mov", "wav")
"""Formats whose header says how long they are."""

ENDLESS = 0x7FFF_0000
"""A length that means: not known yet when this was written."""

MISSING_BYTES = 1000
LONGEST_PAGE = 65_307
LAST_PAGE = 4
_BY_FIRST_FOUR = {b"fLaC": "flac", b"OggS": "ogg", b"\x1aE\xdf\xa3": "matroska"}
_LAYER_3 = 1
_KILOBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Of layer 3, of MPEG 1 and of its successors."""

_HERTZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def form_of(upload: "IO[bytes]") -> str | None:
    """The one format that these first bytes can be, as FFmpeg calls it; None: not one of ours."""
    head = _at(upload, 0, 12)
    if head[:3] == b"ID3":
        return "flac" if _at(upload, _after_tag(upload), 4) == b"fLaC" else "mp3"
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "mov"
    return _BY_FIRST_FOUR.get(head[:4]) or ("mp3" if _is_frame(head) else None)


def tells_its_length(form: str, upload: "IO[bytes]") -> bool:
    """Whether the length it gives is a promise and not a guess."""
    if form != "mp3":
        return form in TELLS_ITS_LENGTH
    first = _at(upload, _after_tag(upload), 200)
    return any(mark in first for mark in (b"Xing", b"Info", b"VBRI"))


def is_shorter_than_told(upload: "IO[bytes]") -> bool:
    """Of a WAV whose first bytes give the number of all the others."""
    head = _at(upload, 0, 8)
    told = int.from_bytes(head[4:8], "little")
    there = upload.seek(0, os.SEEK_END)
    return head[:4] == b"RIFF" and told < ENDLESS and there + MISSING_BYTES < told


def has_no_end(upload: "IO[bytes]") -> bool:
    """Of an OGG, whose last page says that it is the last."""
    pages = _at(upload, max(0, upload.seek(0, os.SEEK_END) - LONGEST_PAGE), LONGEST_PAGE)
    last = pages.rfind(b"OggS")
    return not any(flags & LAST_PAGE for flags in pages[last + 5 : last + 6])


def is_half_a_frame(frame: bytes) -> bool:
    """Of an MP3: what ends before its own head says."""
    if not _is_frame(frame) or frame[1] >> 1 & 3 != _LAYER_3:
        return False
    version = frame[1] >> 3 & 3
    bits = _KILOBITS[version == 3][frame[2] >> 4] * 1000
    samples = 144 if version == 3 else 72
    padding = frame[2] >> 1 & 1
    return len(frame) < samples * bits // _HERTZ[version][frame[2] >> 2 & 3] + padding


def _is_frame(head: bytes) -> bool:
    """A frame of layer 1 to 3 with a bit rate and a sample rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    return version != 1 and layer != 0 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3


def _after_tag(upload: "IO[bytes]") -> int:
    """Where the sound begins after an ID3 tag; its size has seven bits in each byte."""
    head = _at(upload, 0, 10)
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _at(upload: "IO[bytes]", place: int, size: int) -> bytes:
    upload.seek(place)
    return upload.read(size)
