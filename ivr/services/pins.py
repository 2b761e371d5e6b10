"""PINs: argon2id over an HMAC with a pepper that is not in the database (B.7).

The hash alone does not protect six digits: all of them can be tried in half a day. The pepper does,
so it lives in the secret store and carries a version for rotation: new PINs are hashed with the
newest pepper, old ones are checked with theirs and hashed anew when their owner next enters them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ivr.identity.pins import PIN_DIGITS, is_guessable
from ivr.services.records import Credentials

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's minimum for argon2id: 19 MiB, two passes, one lane."""

NOBODY = Credentials(customer_id=0, pin_hash=None, pepper_version=0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Was the PIN right for what is `held`? `renewed` is to be stored where the pepper is old."""

    held: Credentials | None
    right: bool
    renewed: Credentials | None = None


def new_pin(customer_number: str) -> str:
    """Assigned, never chosen: random, and none of those that people guess first."""
    while True:
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        if not is_guessable(pin, customer_number):
            return pin


class PinHasher:
    """Hashes and checks PINs with the peppers by version; the highest version hashes new ones."""

    def __init__(self, peppers: Mapping[int, bytes]) -> None:
        self._peppers = peppers
        self.current_version = max(peppers)
        self._made_up = self.hash(NOBODY.customer_id, "no such pin")

    def hash(self, customer_id: int, pin: str) -> str:
        """The text to store, made with the current pepper."""
        return _HASHER.hash(self._peppered(customer_id, pin, self.current_version))

    def fits(self, known: Credentials | None, pin: str) -> bool:
        """True if the PIN is the stored one. Takes the same time for nobody and for a wrong PIN."""
        held = known or NOBODY
        version = held.pepper_version
        if version not in self._peppers:
            version = self.current_version
        digest = self._peppered(held.customer_id, pin, version)
        try:
            _HASHER.verify(held.pin_hash or self._made_up, digest)
        except (Argon2Error, InvalidHashError):
            return False
        return held.pin_hash is not None

    def judge(self, known: Credentials | None, pin: str) -> Verdict:
        """One slow verification; a second hash only for a right PIN under an old pepper."""
        if not self.fits(known, pin) or known is None:
            return Verdict(known, right=False)
        old = known.pepper_version != self.current_version
        return Verdict(known, True, self.credentials(known.customer_id, pin) if old else None)

    def credentials(self, customer_id: int, pin: str) -> Credentials:
        """What is stored of a PIN."""
        return Credentials(customer_id, self.hash(customer_id, pin), self.current_version)

    def _peppered(self, customer_id: int, pin: str, version: int) -> bytes:
        message = f"{customer_id}:{pin}".encode()
        return hmac.new(self._peppers[version], message, hashlib.sha256).digest()
