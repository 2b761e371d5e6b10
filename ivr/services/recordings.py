"""Bringing messages into our own folder, wherever a channel left them.

A source is `file:NAME` in the inbox that Asterisk and the browser write to, or an address of the
carrier, fetched and then deleted there. The message is in our folder before it is removed there, so
a crash in between costs a second look, never the message. One that cannot be had is tried again for
hours, then an operator is told; the ticket exists in any case.
"""

import os
import re
import wave
from contextlib import closing
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Protocol

from ivr.errors import PikettError
from ivr.services.message_store import Doomed
from ivr.services.ports import Observer
from ivr.services.records import PendingRecording
from ivr.services.rehearsal import NO_RECORDING
from ivr.services.stores import Storage

MAX_ATTEMPTS = 20
BATCH = 20
FILE = "file:"
_NAME = re.compile(r"[a-z0-9]{1,40}\.wav")


class RecordingUnavailableError(PikettError):
    """The message is not there yet, or cannot be read."""


class CarrierRecordings(Protocol):
    """Messages that a carrier keeps for us."""

    def owns(self, source: str) -> bool:
        """True for an address of this carrier, and nothing else: it came from the network."""
        ...

    def fetch(self, source: str, target: Path) -> None:
        """Download; raises RecordingUnavailableError."""
        ...

    def delete(self, source: str) -> None:
        """Remove it there if it is still there; raises RecordingUnavailableError."""
        ...


class Recordings:
    """Collects pending messages; one worker at a time."""

    def __init__(
        self,
        storage: Storage,
        observer: Observer,
        inbox: Path,
        folder: Path,
        carrier: CarrierRecordings | None,
    ) -> None:
        self._storage = storage
        self._observer = observer
        self.inbox = inbox
        self._folder = folder
        self._carrier = carrier

    def collect(self, now: datetime) -> int:
        """Bring in what is due; returns how many messages were stored."""
        with self._storage.reading() as uow:
            pending = uow.tickets.list_pending_recordings(now, BATCH)
        return sum(self._collect_one(recording, now) for recording in pending)

    def collect_from(self, source: str, now: datetime) -> bool:
        """Bring in this one message now: a rehearsal lives in a time that is not the others'."""
        with self._storage.reading() as uow:
            pending = uow.tickets.find_pending_recording(source)
        return pending is not None and self._collect_one(pending, now)

    def _collect_one(self, recording: PendingRecording, now: datetime) -> bool:
        target = self._file(recording.id)
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            if not target.exists():
                self._bring(recording.source, target)
            seconds = measure_seconds(target)
            self._forget(recording.source)
        except (RecordingUnavailableError, OSError) as error:
            self._put_off(recording, now, error)
            return False
        with self._storage.writing() as uow:
            uow.tickets.recording_stored(recording.id, target.name, seconds)
        return True

    def remove(self, message: Doomed) -> None:
        """The sound of a deleted message, here and where the channel left it.

        Raises RecordingUnavailableError or OSError where it cannot be removed now.
        """
        target = self._file(message.id)
        target.unlink(missing_ok=True)
        _partial(target).unlink(missing_ok=True)
        if not message.fetched and message.source != NO_RECORDING:
            self._forget(message.source)

    def discard(self, source: str) -> None:
        """What a carrier recorded and no ticket has: nobody said anything."""
        with self._storage.reading() as uow:
            if uow.tickets.has_recording(source):
                return
        self._carrier_of(source).delete(source)

    def _file(self, recording_id: int) -> Path:
        return self._folder / f"{recording_id:08d}.wav"

    def _bring(self, source: str, target: Path) -> None:
        """Put the message at `target`, complete and playable or not at all."""
        partial = _partial(target)
        if source.startswith(FILE):
            partial.write_bytes(mended(self._inbox_file(source).read_bytes()))
        else:
            self._carrier_of(source).fetch(source, partial)
        measure_seconds(partial)
        put_in_place(partial, target)

    def _forget(self, source: str) -> None:
        """Remove it where the channel left it; again after a crash does no harm."""
        if source.startswith(FILE):
            self._inbox_file(source).unlink(missing_ok=True)
        else:
            self._carrier_of(source).delete(source)

    def _inbox_file(self, source: str) -> Path:
        return inbox_file(self.inbox, source.removeprefix(FILE))

    def _carrier_of(self, source: str) -> CarrierRecordings:
        if self._carrier is None or not self._carrier.owns(source):
            raise RecordingUnavailableError("nobody knows this source")
        return self._carrier

    def _put_off(self, recording: PendingRecording, now: datetime, error: Exception) -> None:
        attempts = recording.attempts + 1
        lost = attempts >= MAX_ATTEMPTS
        unspoken = recording.source == NO_RECORDING
        with self._storage.writing() as uow:
            if lost or unspoken:
                uow.tickets.recording_failed(recording.id, attempts)
            else:
                due = now + pause_after(attempts)
                uow.tickets.recording_delayed(recording.id, attempts, due)
        if lost:
            self._observer.trouble(
                "recording_lost", ticket=recording.ticket_number, error=type(error).__name__
            )


def pause_after(attempts: int) -> timedelta:
    """Longer and longer, up to an hour."""
    return timedelta(seconds=min(2**attempts, 3600))


def _partial(target: Path) -> Path:
    return target.with_suffix(".part")


def inbox_file(inbox: Path, name: str) -> Path:
    """Where a telephone left it; a name comes from outside."""
    if not _NAME.fullmatch(name):
        raise RecordingUnavailableError("this name is not one of ours")
    return inbox / name


def measure_seconds(sound: Path | bytes) -> float:
    """Length of a WAV file by its own header; raises RecordingUnavailableError.

    The standard library meets damaged files with one error or another.
    """
    source = BytesIO(sound) if isinstance(sound, bytes) else str(sound)
    try:
        with closing(wave.open(source, "rb")) as file:
            return file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError, RuntimeError) as error:
        raise RecordingUnavailableError(f"not a WAV file: {error}") from error


def mended(sound: bytes) -> bytes:
    """The same WAV file with the lengths that a recorder leaves out if it dies while it records.

    Where nothing is missing, or nothing can be mended, it comes back as it is.
    """
    at = _data_length_at(sound)
    present = len(sound) - at - 4
    told = int.from_bytes(sound[at : at + 4], "little")
    if at == 0 or 0 < told <= present:
        return sound
    whole, data = (length.to_bytes(4, "little") for length in (len(sound) - 8, present))
    return sound[:4] + whole + sound[8:at] + data + sound[at + 4 :]


def _data_length_at(sound: bytes) -> int:
    """Where the length of the samples is written, 0 if this is no WAV file with samples."""
    at = 12 if sound[:4] == b"RIFF" and sound[8:12] == b"WAVE" else len(sound)
    while at + 8 <= len(sound):
        if sound[at : at + 4] == b"data":
            return at + 4
        size = int.from_bytes(sound[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return 0


def put_in_place(partial: Path, target: Path) -> None:
    """Rename once it is on the disk: its source is about to be removed."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
