"""The one place that wires adapters to ports. Nothing else builds the application."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog

from ivr import resources
from ivr.bootstrap_prompts import PUBLISHED, VoiceParts
from ivr.clock import RandomIds, SystemClock
from ivr.contracts.calendar import HolidayCalendar, parse_holidays
from ivr.contracts.offers import OfferRules, refuse_two_chargeable_offers
from ivr.contracts.plans import Plan, parse_plans
from ivr.contracts.tariffs import Tariffs, parse_tariffs
from ivr.mail.senders import open_sender
from ivr.services.accounts import Accounts
from ivr.services.balances import Advances
from ivr.services.calls import Calls
from ivr.services.commitments import Commitments
from ivr.services.consents import Consents
from ivr.services.dispatch import Dispatch
from ivr.services.explain import Explain
from ivr.services.fallback import Fallback
from ivr.services.follow_up import FollowUp
from ivr.services.hunt_plans import HuntPlans
from ivr.services.identification import Identification
from ivr.services.lockout import Lockout
from ivr.services.mail_text import MailText
from ivr.services.message_deletion import MessageDeletions
from ivr.services.notes import Notes
from ivr.services.pins import PinHasher
from ivr.services.ports import Clock, Foresight, Ids
from ivr.services.posting import Posting
from ivr.services.reconnection import Reconnection
from ivr.services.recordings import Recordings
from ivr.services.spool import Spool
from ivr.services.statements import Statements
from ivr.services.tickets import TicketRules, Tickets
from ivr.services.upkeep import Upkeep
from ivr.services.waiting import WaitingCallers
from ivr.setting_rules import desk_recipient, dispatch_rules, lockout_rules
from ivr.settings import Settings
from ivr.telephony.twilio_recordings import TwilioRecordings
from ivr.voice.catalogue import Catalogue
from ivr.voice.engines import open_engines
from ivr.voice.normalise import Habits
from ivr.voice.sounds import SoundLibrary

_log = structlog.get_logger()


@dataclass
class Application(VoiceParts):
    """Everything a server, a worker or a command needs, built when it is first asked for."""

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
    def shipped_words(self) -> Catalogue:
        """The words that come with the release, whatever has become of the database."""
        habits = Habits(self.settings.voice.french_eighty)
        return Catalogue.load(resources.folder("prompts"), habits)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The words of the line, as admins have published them."""
        return self._live(self.shipped_words)

    @cached_property
    def sounds(self) -> SoundLibrary:
        """The sounds of the line."""
        recordings = resources.folder("prompts") / "recordings"
        engines = open_engines(self.settings.voice, self.observer.trouble)
        path = self.settings.path
        return SoundLibrary(self.catalogue, engines, path("sounds"), recordings, path(PUBLISHED))

    @cached_property
    def pins(self) -> PinHasher:
        """Checks support codes."""
        return PinHasher(self._secrets.peppers())

    @cached_property
    def identification(self) -> Identification:
        """Customers and windows."""
        lockout = Lockout(lockout_rules(self.settings), self.mail_text, self.observer)
        rules, advances = self.offer_rules, self.advances
        return Identification(
            self.plans,
            rules,
            advances,
            self.pins,
            lockout,
            self.observer,
            self.repeats,
            lambda: self.sounds,
        )

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
            | dict(Reconnection(self._dispatch).executors())
            | dict(self._waiting_callers.executors())
            | dict(FollowUp(self.faults, self.escalations, _texts("follow_up")).executors())
            | dict(self._page_legs.executors())
            | dict(self._callback_legs.executors())
            | dict(self.readiness.executors())
            | dict(self._disturbance_calls.executors())
            | dict(self._tickets.executors())
            | dict(notes.executors())
            | dict(self.repeats.executors(self._dispatch.accept))
            | dict(self.consents.executors())
        )
        return Calls(
            self.storage,
            self.ids,
            self.observer,
            self.identification,
            self._dispatch,
            executors,
            self._callback_legs,
            self.catalogue,
        )

    @cached_property
    def _hunts(self) -> HuntPlans:
        return HuntPlans(dispatch_rules(self.settings), self.calendar, self.observer)

    @cached_property
    def _dispatch(self) -> Dispatch:
        foresight: Foresight = self.sounds
        rules = dispatch_rules(self.settings)
        return Dispatch(
            rules,
            self._hunts,
            self.ids,
            self.observer,
            foresight,
            self.desk_cards,
            self.turn_order,
            self.freed,
        )

    @cached_property
    def _waiting_callers(self) -> WaitingCallers:
        return WaitingCallers(self._dispatch, self.turn_order, self.freed)

    @cached_property
    def recordings(self) -> Recordings:
        """Messages, brought into our own folder."""
        path = self.settings.path
        twilio = self.settings.twilio
        token = twilio.auth_token.get_secret_value()
        carrier = TwilioRecordings(twilio.account_sid, token) if token else None
        return Recordings(self.storage, self.observer, path("inbox"), path("recordings"), carrier)

    @cached_property
    def message_deletions(self) -> MessageDeletions:
        """Deletes messages, and what nobody needs any more."""
        spool, days = self.settings.path("spool"), self.settings.messages.keep_days
        return MessageDeletions(self.storage, self.observer, self.recordings, spool, days)

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
            self.desk_cards,
            self.audit,
            self.texting,
            self.roster_watch,
            self.heartbeats,
            self.alerts,
            self.disturbance_ends,
            self.price_watch,
            self.fallback_sounds,
            self.message_deletions,
        )

    @cached_property
    def fallback(self) -> Fallback:
        """Messages that a static fallback recorded."""
        return Fallback(self.storage, self.calls, self._tickets, self.ids)

    @cached_property
    def _tickets(self) -> Tickets:
        rules = TicketRules(desk_recipient(self.settings))
        texts = _texts("statement")
        return Tickets(rules, self.mail_text, self.commitments, Statements(texts), self.case_clock)

    @cached_property
    def commitments(self) -> Commitments:
        """What tickets promise."""
        return Commitments(self.plans, self.offer_rules, self.observer)

    @cached_property
    def mail_text(self) -> MailText:
        """The words of mails."""
        labels = _texts("mail")
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


def build(settings: Settings, clock: Clock | None = None, ids: Ids | None = None) -> Application:
    """The application for these settings; clock and ids are replaced by tests."""
    return Application(settings, clock or SystemClock(), ids or RandomIds())


def _texts(name: str) -> Any:
    """Words that are not spoken, by language."""
    return resources.load_yaml(resources.folder("prompts") / f"{name}.yaml")
