"""Sending texts (SMS) over Twilio, or into a folder where there is no Twilio."""

from pathlib import Path

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from ivr.services.text_store import WaitingText
from ivr.services.texting import TextRefusedError

MAX_LENGTH = 1600
"""What Twilio takes as one text."""
NEVER = frozenset({21211, 21217, 21408, 21610, 21612, 21614})
"""Twilio's codes: no number, no mobile, a country that is not allowed, or he has asked for none."""


class TwilioTexts:
    """Hands texts to Twilio, which tells later what became of them."""

    def __init__(self, client: Client, sender: str, public_url: str) -> None:
        self._client = client
        self._sender = sender
        self._base = f"{public_url.rstrip('/')}/twilio/text-status"

    def send(self, text: WaitingText) -> str:
        """The message's SID; raises OSError for later and TextRefusedError for never."""
        try:
            message = self._client.messages.create(
                to=text.number,
                from_=self._sender,
                body=text.body[:MAX_LENGTH],
                status_callback=f"{self._base}/{text.id}",
            )
        except TwilioRestException as error:
            said = f"Twilio answered {error.status}, code {error.code or 'none'}"
            if error.code in NEVER:
                raise TextRefusedError(said) from None
            raise ConnectionError(said) from None
        except (TwilioException, requests.RequestException, ValueError, TypeError) as error:
            raise ConnectionError(type(error).__name__) from None
        return str(message.sid)


class FolderTexts:
    """Writes texts as files, one each, for demonstrations and tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, text: WaitingText) -> str:
        """A second sending of the same text replaces the first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / f"sms-{text.id:06d}.txt"
        partial = target.with_suffix(".part")
        partial.write_text(f"To: {text.number}\n\n{text.body}\n", encoding="utf-8")
        partial.replace(target)
        return target.name
