"""Ringing for a caller who is parked at Twilio, and clearing his place away."""

import re

from ivr.services.outbound import OutboundError
from ivr.telephony.twilio_calls import TwilioTelephone, translated

_QUEUE = re.compile(r"QU[0-9a-f]{32}")


class TwilioParking(TwilioTelephone):
    """Calls of the line's own, and the queue that a parked caller is alone in."""

    def clear(self, place: str) -> None:
        """Twilio keeps a queue for ever; one with somebody in it is refused and stays."""
        if _QUEUE.fullmatch(place):
            try:
                with translated():
                    self._client.queues(place).delete()
            except OutboundError:
                return  # it costs nothing, and only makes a list of Twilio's longer
