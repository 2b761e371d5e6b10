"""What admins have published, laid over the shipped catalogue without a restart and without waiting.

The database is asked at most every two seconds, with one small query, and read again only where
something was published or withdrawn. What was scheduled begins by the clock, so that it begins also
while the database is away; what was known before stays in use then.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from ivr.services.ports import Clock
from ivr.services.prompt_store import Mark
from ivr.services.stores import Storage
from ivr.wording.shelf import OnAir, Publication, Slot, Version, on_air, scheduled

REFRESH_SECONDS = 2.0
PATIENCE_SECONDS = 0.5
"""How long a turn waits for the database before it speaks with what was known."""
IDLE_SECONDS = 60.0
PATIENCE_AFTER_IDLENESS = 2.0
"""Of a process that has not asked for so long, or never: what it knows may be old, and its first
question takes longest. One turn waits so; while the database is away the next ones do not."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read; everything published, and what of it is in use until `on_air.until`."""

    mark: Mark
    publications: Sequence[Publication]
    versions: Mapping[int, Version]
    on_air: OnAir
    since: datetime | None
    """None: nothing was read yet."""


class LiveShelf:
    """Reads publications in the background; `fits` says whether a text can still be filled in."""

    def __init__(
        self,
        storage: Callable[[], Storage],
        clock: Clock,
        price_version: Callable[[], str],
        fits: Callable[[Version], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._price_version = price_version
        self._fits = fits
        self._monotonic = monotonic
        self._known = _Known(Mark(0, 0), (), {}, OnAir(), None)
        self._asked: float | None = None
        self._asking = threading.Lock()
        self._placing = threading.Lock()
        self._away = False

    def text(self, slot: Slot) -> str | None:
        """The text in use instead of the shipped one."""
        return self.on_air().texts.get(slot)

    def recording(self, slot: Slot) -> str | None:
        """The digest of the recording in use of exactly these words."""
        return self.on_air().recordings.get(slot)

    def texts_to_build(self, slot: Slot) -> tuple[str, ...]:
        """The text in use, and those that are scheduled."""
        self.on_air()
        known = self._known
        ahead = scheduled(known.publications, self._clock.now())
        coming = [each.version_id for each in ahead if each.slot == slot and each.version_id]
        found = [known.versions[each] for each in coming if each in known.versions]
        words = [each.words for each in found if self._fits(each)]
        current = known.on_air.texts.get(slot)
        return (*((current,) if current else ()), *words)

    def on_air(self) -> OnAir:
        """Everything in use at this instant."""
        self._ask_again()
        known, now = self._known, self._clock.now()
        if known.since is not None and not _covers(known, now):
            known = self._later(known, now)
        return known.on_air

    def _later(self, known: _Known, now: datetime) -> _Known:
        """The same at another instant; kept, unless something newer was read meanwhile."""
        found = self._arranged(known.mark, known.publications, known.versions, now)
        with self._placing:
            if self._known is known:
                self._known = found
        return found

    def _ask_again(self) -> None:
        """One thread asks; whoever started it waits a little for it, all others do not."""
        now = self._monotonic()
        if self._asked is not None and now - self._asked < REFRESH_SECONDS:
            return
        if not self._asking.acquire(blocking=False):
            return
        idle = self._asked is None or now - self._asked > IDLE_SECONDS
        self._asked = now
        done = threading.Event()
        threading.Thread(target=self._ask, args=(done,), daemon=True).start()
        done.wait(PATIENCE_AFTER_IDLENESS if idle else PATIENCE_SECONDS)

    def _ask(self, done: threading.Event) -> None:
        """Whatever goes wrong, the line speaks with what it knew."""
        try:
            self._read()
            self._away = False
        except Exception as error:  # noqa: BLE001 - a database can fail in any way
            if not self._away:
                _log.warning("prompts_unread", error=type(error).__name__)
            self._away = True
        finally:
            self._asking.release()
            done.set()

    def _read(self) -> None:
        with self._storage().reading() as uow:
            mark = uow.prompts.mark()
            if self._known.since is not None and mark == self._known.mark:
                return
            publications, versions = uow.prompts.published()
        found = self._arranged(mark, publications, versions, self._clock.now())
        with self._placing:
            self._known = found

    def _arranged(
        self,
        mark: Mark,
        publications: Sequence[Publication],
        versions: Mapping[int, Version],
        now: datetime,
    ) -> _Known:
        found = on_air(publications, versions, now, self._price_version(), self._fits)
        return _Known(mark, publications, versions, found, now)


def _covers(known: _Known, now: datetime) -> bool:
    """Until the next change, and not before the instant it was arranged for: clocks are set back."""
    until = known.on_air.until
    return known.since is not None and known.since <= now and (until is None or now < until)
