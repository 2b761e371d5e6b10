"""The folder that the dialplan records into while our servers are away.

A message is named `CALLID_CALLER_EPOCH.wav`: the unique id of the call, the number unless it was
withheld, and the Unix time. It is taken in once it has stopped growing; one that cannot be read is
set aside for a person to look at. A file `CALLID.ended` tells of a hang-up that we did not hear,
or heard of while the database was away: then we write it ourselves, for whatever channel.
Names and contents are what a PBX wrote, perhaps while it broke down: no file may stop the others.
"""

import hashlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Calls
from ivr.services.fallback import Fallback, FallbackMessage
from ivr.services.ports import Observer
from ivr.services.recordings import (
    FILE,
    RecordingUnavailableError,
    measure_seconds,
    mended,
    put_in_place,
)

CHANNEL, TWILIO = "asterisk", "twilio"
SETTLED_SECONDS = 3
MAX_BYTES = 32 * 1024 * 1024
"""More than three minutes in any quality a PBX records."""

_CALL = re.compile(r"[\w.\-]{1,64}", re.ASCII)
_NAME = re.compile(
    r"(?P<call>[\w.\-]{1,64})_(?P<caller>[+0-9]*)_(?P<epoch>[0-9]{9,11})\.wav", re.ASCII
)


def put_off_hang_up(folder: Path, provider_call_id: str, at: datetime) -> None:
    """The call ended at `at` and this cannot be stored now; the worker is told as the PBX would."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{provider_call_id}"
    partial.touch()
    os.utime(partial, (at.timestamp(), at.timestamp()))
    partial.replace(folder / f"{provider_call_id}.ended")


def put_off_message(folder: Path, provider_call_id: str, message: Path, at: datetime) -> None:
    """A message whose ticket cannot be opened now: it goes the way of what a fallback recorded."""
    folder.mkdir(parents=True, exist_ok=True)
    message.rename(folder / f"{provider_call_id}__{int(at.timestamp())}.wav")


class Spool:
    """Takes the folder's files in."""

    def __init__(
        self, calls: Calls, fallback: Fallback, observer: Observer, folder: Path, inbox: Path
    ) -> None:
        self._calls = calls
        self._fallback = fallback
        self._observer = observer
        self._folder = folder
        self._inbox = inbox

    def collect(self, now: datetime) -> int:
        """How many files were taken in. Raises OSError if ours cannot be written."""
        if not self._folder.is_dir():
            return 0
        ended = sum(self._hang_up(path, now) for path in sorted(self._folder.glob("*.ended")))
        return ended + sum(self._take_in(path, now) for path in sorted(self._folder.glob("*.wav")))

    def _hang_up(self, path: Path, now: datetime) -> bool:
        if not _is_file(path) or not _CALL.fullmatch(path.stem):
            return self._set_aside(path, "name")
        call_id = self._find(path.stem)
        if call_id is not None:
            ended_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
            self._calls.hang_up(call_id, min(ended_at, now))
        path.unlink()
        return True

    def _find(self, provider_call_id: str) -> str | None:
        """No two channels have ids of the same form."""
        found = (self._calls.find(channel, provider_call_id) for channel in (CHANNEL, TWILIO))
        return next(filter(None, found), None)

    def _take_in(self, path: Path, now: datetime) -> bool:
        found = _NAME.fullmatch(path.name)
        if found is None or not _is_file(path):
            return self._set_aside(path, "name")
        state = path.stat()
        if now.timestamp() - state.st_mtime < SETTLED_SECONDS:
            return False
        if state.st_size > MAX_BYTES:
            return self._set_aside(path, "size")
        try:
            sound = mended(path.read_bytes())
            seconds = measure_seconds(sound)
        except (OSError, RecordingUnavailableError):
            return self._set_aside(path, "sound")
        self._keep(found, sound, seconds, now)
        path.unlink()
        return True

    def _keep(self, found: re.Match[str], sound: bytes, seconds: float, now: datetime) -> None:
        """Copied to the inbox under a name that is always the same for the same file."""
        name = f"{hashlib.sha256(found[0].encode()).hexdigest()[:32]}.wav"
        source = f"{FILE}{name}"
        if self._fallback.has(source):
            return
        self._inbox.mkdir(parents=True, exist_ok=True)
        partial = self._inbox / f"{name}.part"
        partial.write_bytes(sound)
        put_in_place(partial, self._inbox / name)
        received_at = datetime.fromtimestamp(int(found["epoch"]), UTC)
        self._fallback.keep(
            FallbackMessage(
                channel=CHANNEL,
                provider_call_id=found["call"],
                caller=parse_caller_id(found["caller"]),
                received_at=min(received_at, now),
                source=source,
                seconds=seconds,
            )
        )

    def _set_aside(self, path: Path, reason: str) -> bool:
        path.rename(path.with_suffix(".unreadable"))
        self._observer.trouble("spool_unreadable", reason=reason)
        return False


def _is_file(path: Path) -> bool:
    """A link could lead to anything that we may read, and a ticket would play it."""
    return path.is_file() and not path.is_symlink()
