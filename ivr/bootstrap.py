"""The one place that wires adapters to ports. Nothing else builds the application."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import structlog

from ivr import resources
from ivr.clock import RandomIds, SystemClock
from ivr.contracts.calendar import HolidayCalendar, parse_holidays
from ivr.contracts.offers import OfferRules, refuse_two_chargeable_offers
from ivr.contracts.plans import Plan, parse_plans
from ivr.contracts.tariffs import Tariffs, parse_tariffs
from ivr.identity.lockout import LockoutRules
from ivr.links import SignedLinks
from ivr.mail.senders import open_sender
from ivr.numbers.dial_guard import may_dial
from ivr.observers import LogObserver, MetricsObserver, Observers
from ivr.office_settings import DayTeamSettings
from ivr.roster.hunt import AcceptBy, HuntRules, Level, Outside, Target
from ivr.secret_store import SecretStore
from ivr.services.accounts import Accounts
from ivr.services.balances import Advances
from ivr.services.calls import Calls
from ivr.services.commitments import Commitments
from ivr.services.consents import Consents
from ivr.services.dispatch import Dispatch
from ivr.services.explain import Explain
from ivr.services.fallback import Fallback
from ivr.services.hunt_plans import DispatchRules, HuntPlans, OfficeRules
from ivr.services.identification import Identification
from ivr.services.lockout import Lockout
from ivr.services.mail_text import MailText, Recipient
from ivr.services.notes import Notes
from ivr.services.pins import PinHasher
from ivr.services.ports import Clock, Foresight, Ids, Observer
from ivr.services.posting import Posting
from ivr.services.recordings import Recordings
from ivr.services.spool import Spool
from ivr.services.statements import Statements
from ivr.services.tickets import TicketRules, Tickets
from ivr.services.upkeep import Upkeep
from ivr.settings import DeskSettings, Settings
from ivr.storage.database import open_engine
from ivr.storage.unit_of_work import SqlStorage
from ivr.telephony.twilio_recordings import TwilioRecordings
from ivr.voice.catalogue import Catalogue
from ivr.voice.sounds import SoundLibrary
from ivr.voice.speech import PicoSpeaker, SilentSpeaker, Speaker

_log = structlog.get_logger()


@dataclass
class Application:
    """Everything a server, a worker or a command needs, built when it is first asked for."""

    settings: Settings
    clock: Clock
    ids: Ids

    @cached_property
    def plans(self) -> Mapping[str, Plan]:
        """The plans of `config/plans.yaml`."""
        return parse_plans(resources.load_yaml(self._config / "plans.yaml"))

    @cached_property
    def calendar(self) -> HolidayCalendar:
        """The holidays of `config/holidays.yaml`."""
        return parse_holidays(resources.load_yaml(self._config / "holidays.yaml"))

    @cached_property
    def tariffs(self) -> Tariffs:
        """The prices of `config/tariffs.yaml`; refused where a call would make two paid offers."""
        tariffs = parse_tariffs(resources.load_yaml(self._config / self.settings.tariffs))
        refuse_two_chargeable_offers(tariffs)
        return tariffs

    @cached_property
    def advances(self) -> Advances:
        """Free service units and hour packages."""
        return Advances(self.tariffs)

    @cached_property
    def accounts(self) -> Accounts:
        """What tickets cost; each says by which tariffs."""
        digest = resources.digest(self._config / self.settings.tariffs)
        return Accounts(self.storage, self.tariffs, digest, self.calendar)

    @cached_property
    def offer_rules(self) -> OfferRules:
        """What is sold and when; its version names the plans and prices that a consent was given to."""
        plans, tariffs = self._config / "plans.yaml", self._config / self.settings.tariffs
        version = f"plans {resources.digest(plans)[:12]}, tariffs {resources.digest(tariffs)[:12]}"
        return OfferRules(self.tariffs, self.calendar, version)

    @cached_property
    def storage(self) -> SqlStorage:
        """The database; migrations are applied by `pikett demo` or `pikett migrate`."""
        return SqlStorage(open_engine(self.settings.database))

    @cached_property
    def catalogue(self) -> Catalogue:
        """The words of the line."""
        return Catalogue.load(resources.folder("prompts"))

    @cached_property
    def sounds(self) -> SoundLibrary:
        """The sounds of the line."""
        recordings = resources.folder("prompts") / "recordings"
        return SoundLibrary(self.catalogue, _speaker(), self.settings.path("sounds"), recordings)

    @cached_property
    def pins(self) -> PinHasher:
        """Checks support codes."""
        return PinHasher(self._secrets.peppers())

    @cached_property
    def links(self) -> SignedLinks:
        """Signed addresses of ticket pages."""
        return SignedLinks(self._secrets.link_key(), self.settings.public_url)

    @cached_property
    def observer(self) -> Observer:
        """Logs and metrics."""
        return Observers([LogObserver(), MetricsObserver()])

    @cached_property
    def identification(self) -> Identification:
        """Customers and windows."""
        lockout = Lockout(_lockout_rules(self.settings), self._mail_text, self.observer)
        rules, advances = self.offer_rules, self.advances
        return Identification(self.plans, rules, advances, self.pins, lockout, self.observer)

    @cached_property
    def explain(self) -> Explain:
        """What would happen, without a call."""
        rules, advances = self.offer_rules, self.advances
        return Explain(self.plans, rules, advances, self.identification, self._hunts)

    @cached_property
    def consents(self) -> Consents:
        """Consents and their chain."""
        return Consents(self.catalogue, self._secrets.consent_key())

    @cached_property
    def calls(self) -> Calls:
        """The loop every call goes through."""
        notes = Notes(self.observer)
        executors = (
            dict(self.identification.executors())
            | dict(self._dispatch.executors())
            | dict(self._tickets.executors())
            | dict(notes.executors())
            | dict(self.consents.executors())
        )
        return Calls(
            self.storage, self.ids, self.observer, self.identification, self._dispatch, executors
        )

    @cached_property
    def _hunts(self) -> HuntPlans:
        return HuntPlans(dispatch_rules(self.settings), self.calendar, self.observer)

    @cached_property
    def _dispatch(self) -> Dispatch:
        foresight: Foresight = self.sounds
        rules = dispatch_rules(self.settings)
        return Dispatch(rules, self._hunts, self.ids, self.observer, foresight)

    @cached_property
    def recordings(self) -> Recordings:
        """Messages, brought into our own folder."""
        path = self.settings.path
        twilio = self.settings.twilio
        token = twilio.auth_token.get_secret_value()
        carrier = TwilioRecordings(twilio.account_sid, token) if token else None
        return Recordings(self.storage, self.observer, path("inbox"), path("recordings"), carrier)

    @cached_property
    def upkeep(self) -> Upkeep:
        """The worker's work."""
        path = self.settings.path
        sender = open_sender(self.settings.mail, path("mailbox"), self.clock)
        return Upkeep(
            self.storage,
            self.calls,
            self.recordings,
            Spool(self.calls, self.fallback, self.observer, path("spool"), path("inbox")),
            Posting(self.storage, self.observer, sender.send),
            self.observer,
        )

    @cached_property
    def fallback(self) -> Fallback:
        """Messages that a static fallback recorded."""
        return Fallback(self.storage, self.calls, self._tickets, self.ids)

    @cached_property
    def _tickets(self) -> Tickets:
        rules = TicketRules(_desk_recipient(self.settings))
        texts = resources.load_yaml(resources.folder("prompts") / "statement.yaml")
        return Tickets(rules, self._mail_text, self.commitments, Statements(texts))

    @cached_property
    def commitments(self) -> Commitments:
        """What tickets promise."""
        return Commitments(self.plans, self.offer_rules, self.observer)

    @cached_property
    def _mail_text(self) -> MailText:
        labels = resources.load_yaml(resources.folder("prompts") / "mail.yaml")
        return MailText(labels, self.links)

    def warm_up(self) -> None:
        """Build what the first call would otherwise wait for."""
        self.sounds.tone()
        _ = self.calls
        for entry in self.tariffs.unset:
            _log.warning("price_unset", entry=entry, file=self.settings.tariffs)

    @property
    def _config(self) -> Path:
        return self.settings.config_dir or resources.folder("config")

    @cached_property
    def _secrets(self) -> SecretStore:
        return SecretStore(self.settings.path("secrets"))


def _lockout_rules(settings: Settings) -> LockoutRules:
    codes = settings.codes
    return LockoutRules(
        tries=codes.tries,
        first_lock=timedelta(minutes=codes.first_lock_minutes),
        longest_lock=timedelta(hours=codes.longest_lock_hours),
        per_number=codes.per_number_and_hour,
        per_channel=codes.per_channel_and_hour,
        alarm_failures=codes.alarm_failures,
        alarm_span=timedelta(minutes=codes.alarm_minutes),
    )


def build(settings: Settings, clock: Clock | None = None, ids: Ids | None = None) -> Application:
    """The application for these settings; clock and ids are replaced by tests."""
    return Application(settings, clock or SystemClock(), ids or RandomIds())


def dispatch_rules(settings: Settings) -> DispatchRules:
    """The hunt as the settings want it."""
    hunt, office = settings.hunt, settings.office
    extensions = frozenset(hunt.extensions)
    return DispatchRules(
        hunt=HuntRules(
            technician_budget_seconds=hunt.technician_budget_seconds,
            night_starts=hunt.night_starts,
            night_ends=hunt.night_ends,
            second_ring_at_night=hunt.second_ring_at_night,
            simultaneous=hunt.simultaneous,
            bridge_limit_seconds=hunt.bridge_limit_seconds,
        ),
        desk=_staffed(settings.desk, Level.SERVICE_DESK, extensions),
        ring_seconds=hunt.ring_seconds,
        extensions=extensions,
        office=OfficeRules(
            hours=office.hours.opening,
            day_team=_staffed(office.day_team, Level.DAY_TEAM, extensions),
            outside=Outside(office.outside_office_hours),
        ),
    )


def _staffed(
    place: DeskSettings | DayTeamSettings, level: Level, extensions: frozenset[str]
) -> Target | None:
    """A number that people sit at; in the one spelling by which two are known to be the same."""
    if not place.number:
        return None
    return Target(
        name=place.name,
        level=level,
        number=may_dial(place.number, extensions).address or place.number,
        language=place.language,
        ring_seconds=place.ring_seconds,
        accept=AcceptBy(place.accept),
    )


def _desk_recipient(settings: Settings) -> Recipient | None:
    desk = settings.desk
    return Recipient(desk.email, desk.language) if desk.email else None


def _speaker() -> Speaker:
    """The engine that is installed; without one, only built sounds can be heard."""
    return PicoSpeaker() if find_spec("py_nanotts") and find_spec("soxr") else SilentSpeaker()
