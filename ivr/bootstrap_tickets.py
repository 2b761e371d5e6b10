"""The part of the wiring that the pages of tickets need; see `ivr/bootstrap.py`."""

from functools import cached_property

from ivr.bootstrap_console import ConsoleParts
from ivr.services.accounts import Accounts
from ivr.services.audit_story import Stories
from ivr.services.commitments import Commitments
from ivr.services.corrections import Corrections
from ivr.services.customer_page import CustomerPages
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults
from ivr.services.handover import Handovers
from ivr.services.mail_text import MailText, Recipient
from ivr.services.reactions import Reactions
from ivr.services.work import TicketWork
from ivr.services.work_pages import WorkPages


class TicketParts(ConsoleParts):
    """What technicians and customers see and do; the rest of the wiring gives what it stands on."""

    @property
    def accounts(self) -> Accounts:
        """What tickets cost."""
        raise NotImplementedError

    @property
    def commitments(self) -> Commitments:
        """What tickets promise."""
        raise NotImplementedError

    @property
    def mail_text(self) -> MailText:
        """The words of mails."""
        raise NotImplementedError

    @property
    def escalations(self) -> Escalations:
        """Begins and ends the search for somebody."""
        raise NotImplementedError

    @cached_property
    def faults(self) -> Faults:
        """What is said about tickets."""
        return Faults(self.storage)

    @cached_property
    def stories(self) -> Stories:
        """Tickets as the audit log tells them."""
        return Stories(self.storage, self.faults)

    @cached_property
    def reactions(self) -> Reactions:
        """What was kept and missed."""
        return Reactions(self.storage)

    @cached_property
    def work_pages(self) -> WorkPages:
        """What technicians see."""
        return WorkPages(self.storage, self.faults)

    @cached_property
    def ticket_work(self) -> TicketWork:
        """What technicians do."""
        return TicketWork(
            self.storage,
            self.faults,
            self.accounts,
            self.commitments,
            self.mail_text,
            self.escalations,
        )

    @cached_property
    def corrections(self) -> Corrections:
        """What is said otherwise of closed tickets."""
        return Corrections(self.storage, self.faults, self.accounts)

    @cached_property
    def customer_pages(self) -> CustomerPages:
        """What customers see by their links."""
        place = self.settings.desk
        desk = Recipient(place.email, place.language) if place.email else None
        return CustomerPages(self.storage, self.faults, self.mail_text, desk)

    @cached_property
    def handovers(self) -> Handovers:
        """Hand-over documents of locations."""
        return Handovers(self.storage)
