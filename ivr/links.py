"""Signed addresses of our own pages and sounds; they expire, and each kind opens its own thing only.

A desk's link names a ticket and lets whoever has it read. A technician's names the ticket and him: he
acts by it without a password, so it ends sooner. A customer's names the ticket and opens another page.
A sound's is for a carrier, whose logs keep it, and outlasts the call it was made for, not more.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, Signer, URLSafeTimedSerializer

TICKET_LINK_SECONDS = 30 * 24 * 3600
TECHNICIAN_LINK_SECONDS = 48 * 3600
CUSTOMER_LINK_SECONDS = 60 * 24 * 3600
SOUNDS = "/sounds"
SOUND_STEP_SECONDS = 3600
"""Within so long a sound keeps its address, so that whoever fetched it need not fetch it again."""


class LinkExpiredError(Exception):
    """It was one of ours, and its time is over."""


@dataclass(frozen=True, slots=True)
class TechnicianLink:
    """The ticket it opens and in whose name."""

    ticket: int
    technician_id: int


class SignedLinks:
    """Makes and reads links under the public address of this installation."""

    def __init__(
        self, key: bytes, public_url: str, technician_seconds: int = TECHNICIAN_LINK_SECONDS
    ) -> None:
        self._key = key
        self._technician_seconds = technician_seconds
        self._serializer = URLSafeTimedSerializer(key, salt="ticket")
        self._technicians = URLSafeTimedSerializer(key, salt="ticket-of-technician")
        self._customers = URLSafeTimedSerializer(key, salt="ticket-of-customer")
        self._public_url = public_url.rstrip("/")

    def ticket(self, number: int) -> str:
        """Whoever has this address sees this ticket until it expires."""
        return f"{self._public_url}/tickets/{self._serializer.dumps(number)}"

    def read_ticket(self, token: str) -> int | None:
        """The ticket number of a valid token, None for a guessed, changed or expired one."""
        try:
            number = self._serializer.loads(token, max_age=TICKET_LINK_SECONDS)
        except BadSignature:
            return None
        return number if isinstance(number, int) else None

    def technician(self, number: int, technician_id: int) -> str:
        """With this address he takes this ticket, reacts and passes it on, without a password."""
        token = self._technicians.dumps([number, technician_id])
        return f"{self._public_url}/t/{token}"

    def read_technician(self, token: str) -> TechnicianLink | None:
        """None for a guessed or changed token; raises LinkExpiredError."""
        match _opened(self._technicians, token, self._technician_seconds):
            case [int(number), int(technician_id)]:
                return TechnicianLink(number, technician_id)
        return None

    def customer(self, number: int) -> str:
        """With this address a customer follows his ticket and adds to it."""
        return f"{self._public_url}/c/{self._customers.dumps(number)}"

    def read_customer(self, token: str) -> int | None:
        """None for a guessed or changed token; raises LinkExpiredError."""
        number = _opened(self._customers, token, CUSTOMER_LINK_SECONDS)
        return number if isinstance(number, int) else None

    def form_key(self, token: str, browser: str) -> str:
        """What a form of this link's page sends back; only for the browser that was shown it."""
        spoken = f"form:{token}:{browser}".encode()
        return hmac.new(self._key, spoken, hashlib.sha256).hexdigest()


class SoundLinks:
    """Addresses of sounds, below this host and in full; `seconds` is how long each opens at least."""

    def __init__(
        self, key: bytes, public_url: str, seconds: int, now: Callable[[], datetime]
    ) -> None:
        self._signer = Signer(key, salt="sound", digest_method=hashlib.sha256)
        self._public_url = public_url.rstrip("/")
        self._seconds = seconds
        self._now = now

    def path(self, name: str) -> str:
        """For a page of ours."""
        least = int(self._now().timestamp()) + self._seconds
        expires = -(-least // SOUND_STEP_SECONDS) * SOUND_STEP_SECONDS
        signature = self._signer.get_signature(f"{expires}/{name}").decode()
        return f"{SOUNDS}/{expires}/{signature}/{name}.wav"

    def address(self, name: str) -> str:
        """For a carrier."""
        return f"{self._public_url}{self.path(name)}"

    def seconds_left(self, name: str, expires: int, signature: str) -> int:
        """How long this address still opens this sound; 0: it is not ours, or its time is over."""
        if not self._signer.verify_signature(f"{expires}/{name}", signature):
            return 0
        return max(0, expires - int(self._now().timestamp()))


def _opened(serializer: URLSafeTimedSerializer, token: str, seconds: int) -> Any:
    try:
        return serializer.loads(token, max_age=seconds)
    except SignatureExpired as error:
        raise LinkExpiredError from error
    except BadSignature:
        return None
