"""What the line itself rings and texts with; see `ivr/bootstrap.py`."""

from collections.abc import Sequence
from functools import cached_property

from ivr.bootstrap_base import Foundation
from ivr.services.outbound import Telephone
from ivr.services.parking import Parking, ParkingTelephone
from ivr.services.texting import Texting
from ivr.telephony.chat import Chat


class PhoneParts(Foundation):
    """Carriers are loaded when they are needed."""

    @cached_property
    def telephones(self) -> Sequence[Telephone]:
        """Where calls of our own are placed, the first that is there."""
        from ivr.telephony.carriers import open_telephones  # noqa: PLC0415 - 0.2 s for every command

        return open_telephones(self.settings)

    @property
    def can_park(self) -> bool:
        """Whether callers at Twilio can be parked, and technicians rung by calls of their own."""
        twilio = self.settings.twilio
        has_account = bool(twilio.account_sid and twilio.auth_token.get_secret_value())
        return has_account and "twilio" in self.settings.paging.telephones

    @cached_property
    def parking(self) -> Parking:
        """Parked callers."""
        limit = self.settings.hunt.bridge_limit_seconds
        return Parking(self.storage, self.observer, lambda: self._parking_telephone, limit)

    @cached_property
    def _parking_telephone(self) -> ParkingTelephone | None:
        from ivr.telephony.carriers import open_parking  # noqa: PLC0415 - 0.2 s for every command

        return open_parking(self.settings) if self.can_park else None

    @cached_property
    def texting(self) -> Texting:
        """Texts (SMS)."""
        from ivr.telephony.carriers import open_texts  # noqa: PLC0415 - 0.2 s for every command

        return Texting(self.storage, self.observer, open_texts(self.settings).send)

    @cached_property
    def chat(self) -> Chat:
        """Chats."""
        return Chat()
