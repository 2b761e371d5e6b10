"""Placing calls over Twilio's REST interface.

Twilio does not know our id: a call whose answer never came back cannot be asked for, and is placed
again; twice is better than never. Whoever answers is asked for a key by the page's own address; the
machine detection of Twilio is not used, because it is right only most of the time and never for a
voicemail that sounds like a person.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from ivr.services.outbound import OutboundCall, OutboundError
from ivr.telephony.pace import Pace

MAX_RING_SECONDS = 600
UP = frozenset({"queued", "initiated", "ringing", "in-progress"})
IS_OVER = frozenset({20404, 21220})
"""Twilio's codes: there is no such call; it is not in progress."""
NEVER = frozenset({13224, 21211, 21214, 21217})
"""Twilio's codes: this is no number that can be rung."""

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_ID = re.compile(r"[a-z0-9]{1,32}")
_SID = re.compile(r"CA[0-9a-f]{32}")
PATHS = {"alert_call": "page", "selftest": "selftest", "technician_leg": "leg"}
"""Where the answered leg of a script is led to."""


class TwilioTelephone:
    """Rings numbers from the line's own; an extension of a PBX is none."""

    name = "twilio"

    def __init__(self, client: Client, line_number: str, public_url: str, pace: Pace) -> None:
        self._client = client
        self._line_number = line_number
        self._base = f"{public_url.rstrip('/')}/twilio"
        self._pace = pace

    def place(self, call: OutboundCall) -> str:
        """Start to ring; the call's SID."""
        if not _NUMBER.fullmatch(call.number) or not _ID.fullmatch(call.id):
            raise OutboundError("Twilio rings numbers only", retry=True)
        path = f"{self._base}/{PATHS[call.script]}"
        self._pace.wait()
        with translated():
            placed = self._client.calls.create(
                to=call.number,
                from_=call.caller or self._line_number,
                url=f"{path}/{call.id}",
                method="POST",
                fallback_url=f"{path}/{call.id}/again",
                fallback_method="POST",
                status_callback=f"{path}-status/{call.id}",
                status_callback_event=["completed"],
                status_callback_method="POST",
                timeout=min(call.ring_seconds, MAX_RING_SECONDS),
                time_limit=call.limit_seconds,
            )
            return _sid(placed.sid)

    def is_up(self, call_id: str, provider_id: str | None) -> bool | None:
        """Nobody can tell without the SID."""
        if provider_id is None or not _SID.fullmatch(provider_id):
            return None
        try:
            with translated():
                return self._client.calls(provider_id).fetch().status in UP
        except OutboundError as error:
            return False if _is_over(error) else None

    def hang_up(self, call_id: str, provider_id: str | None) -> None:
        """`completed` ends a call that rings too; one without a SID ends by its ringing time."""
        if provider_id is None or not _SID.fullmatch(provider_id):
            return
        try:
            with translated():
                self._client.calls(provider_id).update(status="completed")
        except OutboundError as error:
            if not _is_over(error):
                raise


@contextmanager
def translated() -> Iterator[None]:
    """Whatever goes wrong, as one error without a number in it."""
    try:
        yield
    except TwilioRestException as error:
        said = f"Twilio answered {error.status}, code {error.code or 'none'}"
        raise OutboundError(said, retry=error.code not in NEVER) from error
    except (TwilioException, requests.RequestException, ValueError, TypeError) as error:
        raise OutboundError(f"Twilio: {type(error).__name__}", retry=True) from None


def _is_over(error: OutboundError) -> bool:
    cause = error.__cause__
    return isinstance(cause, TwilioRestException) and (cause.code in IS_OVER or cause.status == 404)


def _sid(text: object) -> str:
    """The SID, if Twilio gave one."""
    if not isinstance(text, str) or not _SID.fullmatch(text):
        raise ValueError("no SID")
    return text
