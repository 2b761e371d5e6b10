"""The part of the wiring that calls customers back, and the emergency form; see `ivr/bootstrap.py`."""

from functools import cached_property

from ivr.bootstrap_alerts import AlertParts
from ivr.bootstrap_desk import DeskParts
from ivr.contracts.offers import OfferRules
from ivr.services.callback_orders import EmergencyForms, FormLimits
from ivr.services.callback_sales import FormSales
from ivr.services.callback_terms import EmergencyTermsReader
from ivr.services.callback_wishes import CallbackWishes
from ivr.services.consents import Consents
from ivr.services.identification import Identification
from ivr.services.lockout import Lockout
from ivr.services.third_level import ThirdLevel
from ivr.setting_rules import lockout_rules
from ivr.voice.catalogue import Catalogue


class CallbackParts(AlertParts, DeskParts):
    """Forms and buttons; the rest of the wiring gives what they stand on."""

    @property
    def identification(self) -> Identification:
        """Customers and windows."""
        raise NotImplementedError

    @property
    def offer_rules(self) -> OfferRules:
        """What is sold and when."""
        raise NotImplementedError

    @property
    def catalogue(self) -> Catalogue:
        """The words of the line."""
        raise NotImplementedError

    @property
    def consents(self) -> Consents:
        """Consents and their chain."""
        raise NotImplementedError

    @cached_property
    def emergency_forms(self) -> EmergencyForms:
        """The emergency product on the web."""
        own = self.settings.callbacks
        limits = FormLimits(own.orders_per_hour, own.orders_per_day, own.forms_per_hour)
        lockout = Lockout(lockout_rules(self.settings), self.mail_text, self.observer)
        terms = EmergencyTermsReader(self.offer_rules, self.catalogue)
        sales = FormSales(
            self.cases, self.callbacks, self.consents, self.desk_cards, self.mail_text
        )
        return EmergencyForms(
            self.storage, self.ids, limits, self.identification, lockout, terms, sales
        )

    @cached_property
    def third_level(self) -> ThirdLevel:
        """Calls of the third level by a person."""
        return ThirdLevel(self.storage, self.faults, self.escalations)

    @cached_property
    def callback_wishes(self) -> CallbackWishes:
        """Calls back that customers and technicians ask for."""
        return CallbackWishes(
            self.storage,
            self.plans,
            self.calendar,
            self.faults,
            self.escalations,
            self.callbacks,
        )
