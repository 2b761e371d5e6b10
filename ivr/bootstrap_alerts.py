"""The part of the wiring for monitoring alerts and known disturbances; see `ivr/bootstrap.py`."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property

from ivr import resources
from ivr.alerts.judging import AlertRules
from ivr.bootstrap_work import WorkParts
from ivr.contracts.faults import FaultClass
from ivr.services.alert_cases import AlertCases
from ivr.services.alert_mails import AlertMails
from ivr.services.alert_sources import AlertSources
from ivr.services.alerts import Alerts
from ivr.services.disturbance_calls import DisturbanceCalls
from ivr.services.disturbance_ends import DisturbanceEnds
from ivr.services.disturbances import Disturbances
from ivr.services.heartbeats import Heartbeats
from ivr.setting_rules import desk_recipient


class AlertParts(WorkParts):
    """What comes in from monitoring, and what callers are told of it."""

    @cached_property
    def alert_sources(self) -> AlertSources:
        """Who may send alerts."""
        return AlertSources(self.storage)

    @cached_property
    def alerts(self) -> Alerts:
        """Takes alerts in."""
        return Alerts(self.storage, self._alert_cases, self.observer)

    @cached_property
    def heartbeats(self) -> Heartbeats:
        """Looks for sources that fell silent."""
        return Heartbeats(self.storage, self._alert_cases)

    @cached_property
    def disturbances(self) -> Disturbances:
        """Declares and ends disturbances."""
        return Disturbances(self.storage, self.plans)

    @cached_property
    def disturbance_ends(self) -> DisturbanceEnds:
        """Tells callers that a disturbance is over."""
        return DisturbanceEnds(self.storage, _texts("disturbance"))

    @cached_property
    def _disturbance_calls(self) -> DisturbanceCalls:
        """Without a carrier texts are only shown, as mails are without a mail server."""
        settings = self.settings
        carried = bool(settings.twilio.auth_token.get_secret_value())
        return DisturbanceCalls(by_sms=carried or not settings.mail.host)

    @cached_property
    def _alert_cases(self) -> AlertCases:
        given = self.settings.alerts
        rules = AlertRules(
            storm_limit=given.storm_alerts,
            storm_window=timedelta(minutes=given.storm_minutes),
            rings=FaultClass(given.rings),
        )
        mails = AlertMails(_texts("alert"), desk_recipient(self.settings))
        return AlertCases(rules, self.cases, self.escalations, self.disturbances, mails)


def _texts(name: str) -> Mapping[str, Mapping[str, str]]:
    """Words that are not spoken, by language."""
    found: Mapping[str, Mapping[str, str]] = resources.load_yaml(
        resources.folder("prompts") / f"{name}.yaml"
    )
    return found
