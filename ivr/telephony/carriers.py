"""Which carriers an installation has, by its settings. Only imported by who rings or texts."""

from typing import Protocol

from twilio.rest import Client

from ivr.services.outbound import Telephone
from ivr.services.text_store import WaitingText
from ivr.settings import Settings
from ivr.telephony.asterisk_ami import AsteriskTelephone
from ivr.telephony.pace import Pace
from ivr.telephony.twilio_calls import TwilioTelephone
from ivr.telephony.twilio_http import TIMEOUT_SECONDS, open_client
from ivr.telephony.twilio_parking import TwilioParking
from ivr.telephony.twilio_texts import FolderTexts, TwilioTexts

PARKED_REST_SECONDS = 3.0
PARKED_PACE_SECONDS = 0.5
"""A caller hears nothing while Twilio is asked to ring somebody for him."""


class Texts(Protocol):
    """Takes a text for good."""

    def send(self, text: WaitingText) -> str:
        """The carrier's id; raises OSError for later and TextRefusedError for never."""
        ...


def open_telephones(settings: Settings) -> tuple[Telephone, ...]:
    """In the order in which they are tried; one without its secret is left out."""
    openers = {"asterisk": _asterisk, "twilio": _twilio}
    found = (openers[name](settings) for name in settings.paging.telephones)
    return tuple(telephone for telephone in found if telephone is not None)


def open_parking(settings: Settings) -> TwilioParking | None:
    """What rings for callers who are parked at Twilio; with a pace of its own."""
    client = _client(settings, PARKED_REST_SECONDS)
    if client is None:
        return None
    pace = Pace(settings.paging.twilio_calls_per_second, PARKED_PACE_SECONDS)
    return TwilioParking(client, settings.line.number, settings.public_url, pace)


def open_texts(settings: Settings) -> Texts:
    """Twilio where there is an account, else the folder of mails."""
    client = _client(settings)
    if client is None:
        return FolderTexts(settings.path("mailbox"))
    sender = settings.paging.text_sender or settings.line.number
    return TwilioTexts(client, sender, settings.public_url)


def _asterisk(settings: Settings) -> Telephone | None:
    ami = settings.paging.asterisk
    return AsteriskTelephone(ami) if ami.secret.get_secret_value() else None


def _twilio(settings: Settings) -> Telephone | None:
    client = _client(settings)
    if client is None:
        return None
    pace = Pace(settings.paging.twilio_calls_per_second)
    return TwilioTelephone(client, settings.line.number, settings.public_url, pace)


def _client(settings: Settings, seconds: float = TIMEOUT_SECONDS) -> Client | None:
    twilio = settings.twilio
    token = twilio.auth_token.get_secret_value()
    if not (token and twilio.account_sid):
        return None
    return open_client(twilio.account_sid, token, settings.paging.twilio_api, seconds)
