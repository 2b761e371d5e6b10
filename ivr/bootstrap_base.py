"""What all parts of the wiring stand on; see `ivr/bootstrap.py`."""

from dataclasses import dataclass
from functools import cached_property

from ivr.links import SignedLinks, SoundLinks
from ivr.observers import LogObserver, MetricsObserver, Observers
from ivr.secret_store import SecretStore
from ivr.services.ports import Clock, Ids, Observer
from ivr.settings import Settings
from ivr.storage.database import is_missing, open_engine
from ivr.storage.doorbell import DatagramBell, NotifyBell
from ivr.storage.unit_of_work import SqlStorage

DOORBELL = "worker.sock"


@dataclass
class Foundation:
    """Settings, time, database, keys and logs."""

    settings: Settings
    clock: Clock
    ids: Ids

    @cached_property
    def storage(self) -> SqlStorage:
        """The database; migrations are applied by `pikett demo` or `pikett migrate`."""
        engine = open_engine(self.settings.database)
        if engine.dialect.name == "postgresql":
            return SqlStorage(engine, NotifyBell())
        return SqlStorage(engine, DatagramBell(self.settings.path(DOORBELL)))

    def is_database_missing(self) -> bool:
        """The file of a SQLite database is gone; connections that are open do not notice."""
        return is_missing(self.storage.engine)

    @cached_property
    def links(self) -> SignedLinks:
        """Signed addresses of ticket pages."""
        hours = self.settings.web.technician_link_hours
        return SignedLinks(self._secrets.link_key(), self.settings.public_url, hours * 3600)

    @cached_property
    def sound_links(self) -> SoundLinks:
        """Signed addresses of sounds."""
        seconds = self.settings.sounds.link_hours * 3600
        key, url = self._secrets.link_key(), self.settings.public_url
        return SoundLinks(key, url, seconds, self.clock.now)

    @cached_property
    def observer(self) -> Observer:
        """Logs and metrics."""
        return Observers([LogObserver(), MetricsObserver()])

    @cached_property
    def _secrets(self) -> SecretStore:
        return SecretStore(self.settings.path("secrets"))
