"""The part of the wiring behind the calls: timers, escalations, pages; see `ivr/bootstrap.py`."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from ivr import resources
from ivr.bootstrap_phones import PhoneParts
from ivr.bootstrap_tickets import TicketParts
from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.plans import Plan
from ivr.escalation.policy import OWN_PHONE, THIRD_LEVEL_POLICIES, Policy, parse_policies
from ivr.services.alert_facts import AlertFactsReader
from ivr.services.callback_legs import CallbackLegs
from ivr.services.callback_notices import CallbackNotices
from ivr.services.callbacks import CALLBACK, CallbackRules, Callbacks
from ivr.services.case_clock import REACTION, UNCLAIMED, CaseClock
from ivr.services.cases import Cases
from ivr.services.escalations import ESCALATE, STOP, Escalations
from ivr.services.freed import FREED, Freed
from ivr.services.page_choice import PageChoice
from ivr.services.page_legs import PageLegs
from ivr.services.page_notices import REMIND, PageNotices
from ivr.services.page_placing import PagePlacing
from ivr.services.page_texts import NOTICE, PageTexts
from ivr.services.paging import SWEEP, Paging
from ivr.services.repeats import CLIMB, RepeatRules, Repeats
from ivr.services.tickets import Tickets
from ivr.services.timers import Job, Timekeeper
from ivr.services.turn_order import TurnOrder
from ivr.setting_rules import notice_rules, paging_rules
from ivr.voice.sounds import SoundLibrary


class WorkParts(PhoneParts, TicketParts):
    """What happens after a call; the rest of the wiring gives what it stands on."""

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The plans."""
        raise NotImplementedError

    @property
    def calendar(self) -> HolidayCalendar:
        """The holidays."""
        raise NotImplementedError

    @property
    def sounds(self) -> SoundLibrary:
        """The sounds of the line."""
        raise NotImplementedError

    @property
    def _tickets(self) -> Tickets:
        raise NotImplementedError

    @property
    def _config(self) -> Path:
        raise NotImplementedError

    @cached_property
    def policies(self) -> Mapping[str, Policy]:
        """Who is paged, from `config/escalation.yaml`."""
        return parse_policies(resources.load_yaml(self._config / "escalation.yaml"))

    @cached_property
    def escalations(self) -> Escalations:
        """Begins and ends the search for somebody."""
        built_in = (OWN_PHONE, *THIRD_LEVEL_POLICIES.values())
        own = {policy.name: policy for policy in built_in}
        return Escalations({**self.policies, **own}, self.faults)

    @cached_property
    def turn_order(self) -> TurnOrder:
        """Who is served before whom."""
        return TurnOrder(self.plans)

    @cached_property
    def freed(self) -> Freed:
        """Wakes what waits for a technician who is free again."""
        return Freed(self.storage, self.escalations, self.turn_order)

    @cached_property
    def repeats(self) -> Repeats:
        """Knows callers again."""
        own = self.settings.repeat
        words = resources.load_yaml(resources.folder("prompts") / "repeat.yaml")
        rules = RepeatRules(
            timedelta(hours=own.hours),
            timedelta(minutes=own.code_minutes),
            words[self.settings.desk.language],
        )
        return Repeats(rules, self.storage, self.faults, self.escalations)

    @cached_property
    def cases(self) -> Cases:
        """Opens cases that no call has opened."""
        return Cases(self.ids, self._tickets, self.faults, self.escalations)

    @cached_property
    def _page_notices(self) -> PageNotices:
        return PageNotices(
            notice_rules(self.settings),
            self.storage,
            self.observer,
            self.mail_text,
            self.commitments,
            self.faults,
        )

    @cached_property
    def _page_texts(self) -> PageTexts:
        return PageTexts(
            self.storage,
            self.clock,
            self.ids,
            self.mail_text,
            self.commitments,
            self.chat.notify,
        )

    @cached_property
    def paging(self) -> Paging:
        """Rings people for cases."""
        choice = PageChoice(paging_rules(self.settings), self.ids, self.observer, self.turn_order)
        placing = PagePlacing(
            self.storage,
            self.clock,
            self.observer,
            lambda: self.telephones,
            self.settings.hunt.bridge_limit_seconds + self.settings.callbacks.ring_seconds,
            self._alert_facts,
            lambda: self.sounds,
        )
        return Paging(
            self.storage,
            self.observer,
            self.faults,
            choice,
            self._page_notices,
            self._page_texts,
            placing,
            self.freed,
        )

    @cached_property
    def _page_legs(self) -> PageLegs:
        return PageLegs(self.escalations, self.paging, self._alert_facts)

    @cached_property
    def _alert_facts(self) -> AlertFactsReader:
        return AlertFactsReader(self.plans)

    @cached_property
    def _callback_rules(self) -> CallbackRules:
        own, limit = self.settings.callbacks, self.settings.hunt.bridge_limit_seconds
        pause = timedelta(minutes=own.pause_minutes)
        return CallbackRules(own.attempts, pause, own.ring_seconds, limit)

    @cached_property
    def _callback_notices(self) -> CallbackNotices:
        words = resources.load_yaml(resources.folder("prompts") / "callback.yaml")
        return CallbackNotices(words, self.links, self.settings.line.number)

    @cached_property
    def callbacks(self) -> Callbacks:
        """Calls customers back."""
        return Callbacks(
            self.storage,
            self._callback_rules,
            self.faults,
            self.escalations,
            self._tickets,
            self._callback_notices,
            self.observer,
        )

    @cached_property
    def _callback_legs(self) -> CallbackLegs:
        return CallbackLegs(
            self._callback_rules,
            self.ids,
            self.callbacks,
            self._callback_notices,
            self.faults,
            self.escalations,
            resources.load_yaml(resources.folder("prompts") / "follow_up.yaml"),
            self.observer,
        )

    @cached_property
    def case_clock(self) -> CaseClock:
        """What runs from the moment a ticket is opened."""
        return CaseClock(
            self.storage,
            self.plans,
            self.calendar,
            self.escalations,
            self.faults,
            self._page_notices,
            self.observer,
        )

    @cached_property
    def jobs(self) -> Mapping[str, Job]:
        """What timers do, by the names that are stored with them: never rename one."""
        return {
            ESCALATE: self.paging.escalate,
            STOP: self.paging.stop,
            SWEEP: self.paging.sweep,
            NOTICE: self._page_texts.send,
            REMIND: self._page_notices.remind,
            UNCLAIMED: self.case_clock.unclaimed,
            REACTION: self.case_clock.reaction,
            FREED: self.freed.look_again,
            CLIMB: self.repeats.climb,
            CALLBACK: self.callbacks.work,
        }

    @cached_property
    def timekeeper(self) -> Timekeeper:
        """Works off what is due."""
        return Timekeeper(self.storage, self.clock, self.observer, self.jobs)
