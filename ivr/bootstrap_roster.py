"""The part of the wiring for technicians and the roster; see `ivr/bootstrap.py`."""

from datetime import timedelta
from functools import cached_property

from ivr import resources
from ivr.bootstrap_base import Foundation
from ivr.services.roster_absences import Absences
from ivr.services.roster_feeds import Feeds
from ivr.services.roster_people import Technicians
from ivr.services.roster_plans import RosterRules, Rosters
from ivr.services.roster_swaps import Swaps
from ivr.services.roster_watch import RosterWatch, WatchRules
from ivr.setting_rules import desk_recipient


class RosterParts(Foundation):
    """Who has duty when."""

    @cached_property
    def rosters(self) -> Rosters:
        """The roster's rules, and what is published of them."""
        given = self.settings.roster
        rules = RosterRules(
            required=given.required,
            horizon=timedelta(days=given.horizon_days),
            warn=timedelta(days=given.warn_days),
            staff_short=given.staff_short,
        )
        return Rosters(self.storage, rules)

    @cached_property
    def absences(self) -> Absences:
        """Absences out of calendars."""
        return Absences(self.storage)

    @cached_property
    def swaps(self) -> Swaps:
        """Swaps between technicians."""
        return Swaps(self.storage, self.rosters)

    @cached_property
    def technicians(self) -> Technicians:
        """Who can be rung, and how."""
        extensions = frozenset(self.settings.hunt.extensions)
        return Technicians(self.storage, self.rosters, extensions)

    @cached_property
    def feeds(self) -> Feeds:
        """Private calendar addresses."""
        key = self._secrets.link_key()
        return Feeds(self.storage, self.rosters, key, self.settings.public_url)

    @cached_property
    def roster_watch(self) -> RosterWatch:
        """Publishes every day, and tells of gaps days ahead."""
        given = self.settings.roster
        words = resources.load_yaml(resources.folder("prompts") / "roster.yaml")
        rules = WatchRules(
            alarm_to=given.alarm_to,
            desk=desk_recipient(self.settings),
            language=self.settings.desk.language,
            day_begins=given.alarm_time,
            page=f"{self.settings.public_url.rstrip('/')}/console/roster",
        )
        return RosterWatch(self.storage, self.rosters, self.observer, words, rules)
