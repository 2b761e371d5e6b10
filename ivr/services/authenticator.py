"""The second factor: codes of an authenticator app (TOTP, RFC 6238).

The secret is not stored: it is made of a key outside the database and a salt of the person, so that
a copy of the database gives nobody a code.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
_DRIFT_STEPS = 1
"""A telephone's clock may be half a minute off."""


def new_salt() -> str:
    """Another secret."""
    return secrets.token_hex(16)


class Authenticator:
    """Makes secrets and reads codes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def secret(self, person_id: int, salt: str) -> str:
        """In base 32, as it is typed into an app that cannot read the picture."""
        message = f"totp:{person_id}:{salt}".encode()
        digest = hmac.new(self._key, message, hashlib.sha256).digest()
        return base64.b32encode(digest[:20]).decode()

    def address(self, person_id: int, salt: str, login: str) -> str:
        """What the picture says (otpauth://...)."""
        totp = pyotp.TOTP(self.secret(person_id, salt))
        return totp.provisioning_uri(name=login, issuer_name="Pikett")

    def step(self, person_id: int, salt: str, code: str, at: datetime) -> int | None:
        """The time step that this code belongs to, None for a wrong one."""
        totp = pyotp.TOTP(self.secret(person_id, salt))
        given = "".join(code.split()).encode()
        now = int(at.timestamp()) // STEP_SECONDS
        fitting = [
            step
            for step in range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1)
            if hmac.compare_digest(totp.generate_otp(step).encode(), given)
        ]
        return fitting[0] if fitting else None
