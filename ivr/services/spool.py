"""What the dialplan recorded while our servers were away becomes calls and tickets.

The static fallback on Asterisk records into the spool under the name
`CALLID_CALLER_EPOCH.wav`. Each file becomes a closed call with a ticket and its mails, once: the
call's id at the carrier is the key, so importing a file again changes nothing.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from ivr.callflow.requests import CallResult, OpenTicket, TicketKind
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.context import Context
from ivr.services.ports import AlreadyStoredError, Ids, Observer, Storage
from ivr.services.recordings import FILE, RecordingUnavailableError, measure_seconds
from ivr.services.records import NewCall
from ivr.services.tickets import Tickets

CHANNEL = "asterisk_fallback"
SETTLED_SECONDS = 3
"""A file that was written to a moment ago may still be growing."""

_NAME = re.compile(r"(?P<call>[0-9.]{1,40})_(?P<caller>\+?[0-9]{0,20})_(?P<epoch>[0-9]{9,11})\.wav")


class Spool:
    """Imports the folder that the fallback records into."""

    def __init__(
        self,
        storage: Storage,
        tickets: Tickets,
        ids: Ids,
        observer: Observer,
        folder: Path,
        inbox: Path,
    ) -> None:
        self._storage = storage
        self._tickets = tickets
        self._ids = ids
        self._observer = observer
        self._folder = folder
        self._inbox = inbox

    def collect(self, now: datetime) -> int:
        """Import what is complete; returns how many tickets were opened."""
        if not self._folder.is_dir():
            return 0
        return sum(self._import(path, now) for path in sorted(self._folder.glob("*.wav")))

    def _import(self, path: Path, now: datetime) -> bool:
        if now.timestamp() - path.stat().st_mtime < SETTLED_SECONDS:
            return False
        found = _NAME.fullmatch(path.name)
        if found is None:
            return self._set_aside(path, "name")
        try:
            seconds = measure_seconds(path)
        except RecordingUnavailableError:
            return self._set_aside(path, "sound")
        return self._open_ticket(path, found, seconds)

    def _open_ticket(self, path: Path, found: re.Match[str], seconds: float) -> bool:
        name = f"{self._ids.new()}.wav"
        self._inbox.mkdir(parents=True, exist_ok=True)
        (self._inbox / name).write_bytes(path.read_bytes())
        call = _call(self._ids.new(), found)
        request = OpenTicket(TicketKind.MESSAGE, None, None, f"{FILE}{name}", seconds)
        try:
            with self._storage.writing() as uow:
                uow.calls.add(call)
                self._tickets.open(Context(uow, call.id, call.id, call.received_at), request)
                uow.calls.note(call.id, result=CallResult.MESSAGE, ended_at=call.received_at)
        except AlreadyStoredError:
            (self._inbox / name).unlink()
        path.unlink()
        return True

    def _set_aside(self, path: Path, reason: str) -> bool:
        """Kept for a person to look at, and out of the way."""
        path.rename(path.with_suffix(".unreadable"))
        self._observer.trouble("spool_unreadable", file=path.name, reason=reason)
        return False


def _call(call_id: str, found: re.Match[str]) -> NewCall:
    caller = parse_caller_id(found["caller"])
    return NewCall(
        id=call_id,
        channel=CHANNEL,
        provider_call_id=found["call"],
        rehearsal=False,
        clock_shift_seconds=0.0,
        received_at=datetime.fromtimestamp(int(found["epoch"]), UTC),
        caller_raw=found["caller"],
        caller_number=caller.number,
        no_number_reason=caller.reason,
    )
