"""The part of the wiring that the pages need; see `ivr/bootstrap.py`."""

from datetime import timedelta
from functools import cached_property

from ivr.bootstrap_roster import RosterParts
from ivr.services.authenticator import Authenticator
from ivr.services.customer_facts import CustomerFactsReader
from ivr.services.passwords import Passwords
from ivr.services.people import People
from ivr.services.people_audit import Audit
from ivr.services.people_drafts import Drafts
from ivr.services.people_login import Login
from ivr.services.people_sessions import WebSessions


class ConsoleParts(RosterParts):
    """People, sessions and the audit log."""

    @cached_property
    def people(self) -> People:
        """Adds and changes people."""
        return People(self.storage, self._passwords, self._authenticator)

    @cached_property
    def login(self) -> Login:
        """Lets people in."""
        return Login(self.storage, self._passwords, self._authenticator, self.observer)

    @cached_property
    def web_sessions(self) -> WebSessions:
        """Logins that are going on."""
        return WebSessions(self.storage, timedelta(minutes=self.settings.web.session_minutes))

    @cached_property
    def audit(self) -> Audit:
        """Who looked at and changed what."""
        return Audit(self.storage, self.settings.web.audit_days)

    @cached_property
    def drafts(self) -> Drafts:
        """Forms that were sent too late."""
        return Drafts(self.storage)

    @cached_property
    def customer_facts(self) -> CustomerFactsReader:
        """What a page tells of a customer."""
        return CustomerFactsReader(self.storage)

    @cached_property
    def form_key(self) -> bytes:
        """Signs the token that guards forms."""
        return self._secrets.form_key()

    @cached_property
    def _passwords(self) -> Passwords:
        return Passwords()

    @cached_property
    def _authenticator(self) -> Authenticator:
        return Authenticator(self._secrets.authenticator_key())
