"""The folder that the dialplan records into while our servers are away.

A message is named `CALLID_CALLER_EPOCH.wav`: the unique id of the call, the number unless it was
withheld, and the Unix time. It is taken in once it has stopped growing; one that cannot be read is
set aside for a person to look at. A file `CALLID.ended` tells of a hang-up that we did not hear.
"""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Calls
from ivr.services.fallback import Fallback, FallbackMessage
from ivr.services.ports import Observer
from ivr.services.recordings import FILE, RecordingUnavailableError, measure_seconds

CHANNEL = "asterisk"
SETTLED_SECONDS = 3

_NAME = re.compile(
    r"(?P<call>[\w.\-]{1,64})_(?P<caller>\+?[0-9]{0,20})_(?P<epoch>[0-9]{9,11})\.wav"
)


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
        """How many messages were taken in."""
        if not self._folder.is_dir():
            return 0
        ended = sum(self._hang_up(path) for path in sorted(self._folder.glob("*.ended")))
        return ended + sum(self._take_in(path, now) for path in sorted(self._folder.glob("*.wav")))

    def _hang_up(self, path: Path) -> bool:
        call_id = self._calls.find(CHANNEL, path.stem)
        if call_id is not None:
            ended_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
            self._calls.hang_up(call_id, ended_at)
        path.unlink()
        return True

    def _take_in(self, path: Path, now: datetime) -> bool:
        if now.timestamp() - path.stat().st_mtime < SETTLED_SECONDS:
            return False
        found = _NAME.fullmatch(path.name)
        if found is None:
            return self._set_aside(path, "name")
        try:
            seconds = measure_seconds(path)
        except RecordingUnavailableError:
            return self._set_aside(path, "sound")
        self._fallback.keep(self._message(path, found, seconds))
        path.unlink()
        return True

    def _message(self, path: Path, found: re.Match[str], seconds: float) -> FallbackMessage:
        """Copied to the inbox under a name that is always the same for the same file."""
        name = f"{hashlib.sha256(path.name.encode()).hexdigest()[:32]}.wav"
        self._inbox.mkdir(parents=True, exist_ok=True)
        (self._inbox / name).write_bytes(path.read_bytes())
        return FallbackMessage(
            channel=CHANNEL,
            provider_call_id=found["call"],
            caller=parse_caller_id(found["caller"]),
            received_at=datetime.fromtimestamp(int(found["epoch"]), UTC),
            source=f"{FILE}{name}",
            seconds=seconds,
        )

    def _set_aside(self, path: Path, reason: str) -> bool:
        path.rename(path.with_suffix(".unreadable"))
        self._observer.trouble("spool_unreadable", reason=reason)
        return False
