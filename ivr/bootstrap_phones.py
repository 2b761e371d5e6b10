"""What the line itself rings and texts with; see `ivr/bootstrap.py`."""

from collections.abc import Sequence
from functools import cached_property

from ivr.bootstrap_base import Foundation
from ivr.services.outbound import Telephone
from ivr.services.texting import Texting
from ivr.telephony.chat import Chat


class PhoneParts(Foundation):
    """Carriers are loaded when they are needed."""

    @cached_property
    def telephones(self) -> Sequence[Telephone]:
        """Where calls of our own are placed, the first that is there."""
        from ivr.telephony.carriers import open_telephones  # noqa: PLC0415 - 0.2 s for every command

        return open_telephones(self.settings)

    @cached_property
    def texting(self) -> Texting:
        """Texts (SMS)."""
        from ivr.telephony.carriers import open_texts  # noqa: PLC0415 - 0.2 s for every command

        return Texting(self.storage, self.observer, open_texts(self.settings).send)

    @cached_property
    def chat(self) -> Chat:
        """Chats."""
        return Chat()
